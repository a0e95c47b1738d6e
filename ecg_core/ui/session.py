"""Who is looking at the page. Asked of the database at every rerun, so a login that ended shows at once."""

from __future__ import annotations

import streamlit as st

from ecg_core.domain import User
from ecg_core.services import logins
from ecg_core.services.logins import SESSION_COOKIE, Visitor
from ecg_core.services.room import ReadingRoom, reading_room


def room() -> ReadingRoom:
    """The reading room that all pages and the API share."""
    return reading_room()


def current_visitor() -> Visitor | None:
    """Who is logged in, if anybody."""
    return logins.find_visitor(room(), _cookie())


def require_user() -> User:
    """The user who is logged in; for anybody else the page ends here."""
    visitor = current_visitor()
    if visitor is None or visitor.user is None:
        st.error("Log in with your access token to see this page.")
        st.stop()
    return visitor.user


def require_admin() -> None:
    """Go on only for the administrator."""
    visitor = current_visitor()
    if visitor is None or not visitor.is_admin:
        st.error("Log in with the administrator's token to see this page.")
        st.stop()


def acting_user() -> User | None:
    """The user whose click a callback answers: callbacks run before the page has asked who is there.

    What a click does is done in callbacks, since a rerun that comes in between (the browser tells the page's
    width) may end a page's run before it reaches the line after a button.
    """
    visitor = current_visitor()
    return visitor.user if visitor else None


def is_admin_acting() -> bool:
    """`acting_user` for the administrator."""
    visitor = current_visitor()
    return visitor is not None and visitor.is_admin


def log_out() -> None:
    """End the login in this and every other tab, and forget what this tab had loaded."""
    logins.log_out(room(), _cookie(), address=address())
    st.session_state.clear()


def _cookie() -> str | None:
    """The session cookie; Streamlit's own test harness has something else in its place."""
    cookie = st.context.cookies.get(SESSION_COOKIE)
    return cookie if isinstance(cookie, str) else None


def address() -> str:
    """Where the visitor is, for the audit table."""
    return st.context.ip_address or "localhost"

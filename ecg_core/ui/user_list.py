"""The administrator's list: each user with what can be done, and a new token shown once."""

from __future__ import annotations

import streamlit as st

from ecg_core.domain import User
from ecg_core.errors import EcgError
from ecg_core.services import users
from ecg_core.ui.session import address, require_admin, room
from ecg_core.ui.text import escape, moment

_SHOWN_ONCE, _PROBLEM = "new_token", "register_problem"


def registration() -> None:
    """A form for a new user, or a new token of a known one."""
    with (
        st.form("register", clear_on_submit=True),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        username = st.text_input("Username", max_chars=64, placeholder="e.g. dr.meier")
        submitted = st.form_submit_button("Register", type="primary", icon=":material/person_add:")
    if submitted:
        give_token(username.strip())


def give_token(username: str) -> None:
    """Register or renew, and keep the token for one showing."""
    try:
        token = users.register(room(), username, address=address())
    except EcgError as error:
        st.error(str(error))
        return
    st.session_state[_SHOWN_ONCE] = (username, token)


def show_new_token() -> None:
    """The token that was just made, this once: the next rerun no longer has it."""
    shown = st.session_state.pop(_SHOWN_ONCE, None)
    if shown is None:
        return
    username, token = shown
    with st.container(border=True):
        st.markdown(f"Token of **{escape(username)}**. Copy it now: it is not shown again.")
        st.code(token, language=None)


def user_row(user: User) -> None:
    """Name, state, and the two things that can be done."""
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"user-{user.id}"):
        with st.container(gap=None):
            st.markdown(f"**{escape(user.username)}**")
            state = "active" if user.is_active else "deactivated"
            st.caption(f"{state} · since {escape(moment(user.created_at))}")
        if st.button("New token", key=f"renew-{user.id}", icon=":material/key:"):
            _ask_to_renew(user)
        if user.is_active and st.button("Deactivate", key=f"deactivate-{user.id}", icon=":material/block:"):
            _ask_to_deactivate(user)


@st.dialog("Give a new token?")
def _ask_to_renew(user: User) -> None:
    require_admin()  # a dialog's own reruns pass by the router and the page
    st.text(user.username)
    st.write("The present token stops working and every login with it ends at once.")
    with st.container(horizontal=True):
        if st.button("Give a new token", type="primary", key="confirm-renew"):
            give_token(user.username)
            st.rerun()
        if st.button("Keep the present one", key="keep-token"):
            st.rerun()


@st.dialog("Deactivate this user?")
def _ask_to_deactivate(user: User) -> None:
    require_admin()
    st.text(user.username)
    st.write(
        "The token stops working and every login ends at once. The ECGs stay; a new token opens them again."
    )
    with st.container(horizontal=True):
        if st.button("Deactivate", type="primary", key="confirm-deactivate"):
            users.deactivate(room(), user.username, address=address())
            st.rerun()
        if st.button("Leave active", key="leave-active"):
            st.rerun()

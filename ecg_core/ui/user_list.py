"""The administrator's list: each user with what can be done, and a new token shown once."""

from __future__ import annotations

from unicodedata import normalize

import streamlit as st

from ecg_core.domain import User
from ecg_core.errors import EcgError
from ecg_core.services import users
from ecg_core.ui.session import address, is_admin_acting, require_admin, room
from ecg_core.ui.text import escape, moment

_TOKEN, _PROBLEM, _USERNAME = "new_token", "register_problem", "register_username"


def registration() -> None:
    """A form for a new user."""
    with st.form("register"), st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Username", max_chars=64, placeholder="e.g. dr.meier", key=_USERNAME)
        st.form_submit_button("Register", type="primary", icon=":material/person_add:", on_click=_register)
    problem = st.session_state.get(_PROBLEM)
    if problem:
        st.error(problem)


def _register() -> None:
    """A known user's token is renewed from the list, with a question, and never by a slip of the keyboard."""
    state = st.session_state
    username = normalize("NFC", state[_USERNAME].strip())
    if is_admin_acting() and any(user.username == username for user in users.list_users(room())):
        state[_PROBLEM] = f"{escape(username)} is registered already. A new token is given in the list below."
        return
    _give_token(username)
    if not state.get(_PROBLEM):
        state[_USERNAME] = ""


def _give_token(username: str) -> None:
    """Register or renew, and keep the token until the administrator has copied it."""
    state = st.session_state
    state.pop(_PROBLEM, None)
    if not is_admin_acting():
        return
    try:
        state[_TOKEN] = username, users.register(room(), username, address=address())
    except EcgError as error:
        state[_PROBLEM] = str(error)


def show_new_token() -> None:
    """The token that was just made, until it is put away; nothing can show it again."""
    if _TOKEN not in st.session_state:
        return
    username, token = st.session_state[_TOKEN]
    with st.container(border=True):
        st.markdown(f"Token of **{escape(username)}**. Copy it now: it is not shown again.")
        st.code(token, language=None, wrap_lines=True)
        st.button("I have copied it", on_click=lambda: st.session_state.pop(_TOKEN, None))


def user_row(user: User) -> None:
    """Name, state, and the two things that can be done."""
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"user-{user.id}"):
        with st.container(gap=None):
            st.markdown(f"**{escape(user.username)}**")
            state = "active" if user.is_active else "deactivated"
            st.caption(f"{state} · since {escape(moment(user.created_at))}")
        with st.container(horizontal=True, width="content"):
            if st.button("New token", key=f"renew-{user.id}", icon=":material/key:"):
                _ask_to_renew(user)
            key = f"deactivate-{user.id}"
            if user.is_active and st.button("Deactivate", key=key, icon=":material/block:"):
                _ask_to_deactivate(user)


@st.dialog("Give a new token?")
def _ask_to_renew(user: User) -> None:
    require_admin()  # a dialog's own reruns pass by the router and the page
    st.text(user.username)
    st.write("The present token stops working and every login with it ends at once.")
    with st.container(horizontal=True):
        if st.button("Give a new token", type="primary", key="confirm-renew", on_click=_give_token,
                     args=(user.username,)):  # fmt: skip
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
        if st.button("Deactivate", type="primary", key="confirm-deactivate", on_click=_deactivate,
                     args=(user.username,)):  # fmt: skip
            st.rerun()
        if st.button("Leave active", key="leave-active"):
            st.rerun()


def _deactivate(username: str) -> None:
    if is_admin_acting():
        users.deactivate(room(), username, address=address())

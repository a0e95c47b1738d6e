"""The login form: plain HTML, since only the server can set a cookie hidden from scripts."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode, urlsplit

import streamlit as st

from ecg_core.services.logins import WRONG_TOKEN

_STYLE = """
<style>
.login-form { display: flex; flex-direction: column; gap: .5rem; }
.login-form label { font-size: .875rem; }
.login-form input { font: inherit; padding: .6rem .75rem; border-radius: .5rem; color: inherit;
  background: color-mix(in srgb, currentColor 6%, transparent);
  border: 1px solid color-mix(in srgb, currentColor 35%, transparent); }
.login-form input:focus-visible { outline: 2px solid #3d8bd9; outline-offset: 1px; }
.login-form button { font: inherit; font-weight: 600; padding: .6rem 1rem; border: 0; border-radius: .5rem;
  background: #0b5cad; color: #fff; cursor: pointer; margin-top: .5rem; }
.login-form button:hover { background: #094b8e; }
</style>
"""


def login_form() -> None:
    """A form that posts the token and leads back to the page that was asked for."""
    st.html(
        f"""{_STYLE}<form class="login-form" method="post" action="/login">
        <label for="token">Access token</label>
        <input id="token" name="token" type="password" autocomplete="current-password" required>
        <input type="hidden" name="next" value="{escape(_wanted_page(), quote=True)}">
        <button type="submit">Log in</button></form>"""
    )


def problem_of_last_try() -> str | None:
    """Why the last try failed, in one sentence."""
    state = st.query_params.get("login")
    if state is None:
        return None
    if state.isdigit():
        return f"Too many wrong tokens. Wait {int(state[:4])} seconds, then try again."
    return WRONG_TOKEN


def _wanted_page() -> str:
    if "next" in st.query_params:
        return st.query_params["next"]
    url = st.context.url
    path = (urlsplit(url).path if isinstance(url, str) else "") or "/"
    query = urlencode({key: value for key, value in st.query_params.items() if key != "login"})
    return f"{path}?{query}" if query else path

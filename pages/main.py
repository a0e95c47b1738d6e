"""The router: who is looking decides which pages there are. This is the only list of pages."""

from __future__ import annotations

import streamlit as st

from ecg_core.ui.paper_width import watch_paper_width
from ecg_core.ui.session import current_visitor, log_out
from ecg_core.ui.style import page_style
from ecg_core.ui.text import escape

visitor = current_visitor()
st.set_page_config(page_title="ECG Reading Room", page_icon="🫀", layout="wide")
page_style()
if visitor is not None and not visitor.is_admin:
    watch_paper_width()

USER_PAGES = [
    st.Page("library.py", title="Library", icon=":material/folder_open:", url_path="home", default=True),
    st.Page("viewer.py", title="Viewer", icon=":material/ecg:", url_path="viewer"),
    st.Page(
        "compare.py", title="Compare", icon=":material/compare:", url_path="compare", visibility="hidden"
    ),
    st.Page("report.py", title="Reports", icon=":material/table:", url_path="report"),
    st.Page("guide.py", title="Guide", icon=":material/menu_book:", url_path="guide"),
]
ADMIN_PAGES = [st.Page("admin.py", title="Users", icon=":material/group:", url_path="home", default=True)]
LOGIN_PAGES = [st.Page("login.py", title="Log in", url_path="home", default=True)]
PATHS = ("library", "viewer", "compare", "report", "guide", "admin")


def with_all_paths(pages: list[st.Page], script: str) -> list[st.Page]:
    """Every path leads somewhere: a deep link to the form, another role's to one's own front page."""
    missing = [path for path in PATHS if path not in {page.url_path for page in pages}]
    return pages + [
        st.Page(script, title=pages[0].title, url_path=path, visibility="hidden") for path in missing
    ]


if visitor is None:
    st.navigation(with_all_paths(LOGIN_PAGES, "login.py"), position="hidden").run()
else:
    if visitor.is_admin:
        page = st.navigation(with_all_paths(ADMIN_PAGES, "admin.py"))
    else:
        page = st.navigation(with_all_paths(USER_PAGES, "library.py"))
    with st.sidebar:
        st.caption("Administrator" if visitor.is_admin else f"Logged in as **{escape(visitor.name)}**")
        st.button("Log out", icon=":material/logout:", width="stretch", on_click=log_out)
    page.run()

"""The router: who is looking decides which pages there are. This is the only list of pages."""

from __future__ import annotations

import streamlit as st

from ecg_core.ui.paper_width import watch_paper_width
from ecg_core.ui.session import current_visitor, log_out
from ecg_core.ui.text import escape

st.set_page_config(page_title="ECG Reading Room", page_icon="🫀", layout="wide")
visitor = current_visitor()
watch_paper_width()

USER_PAGES = [
    st.Page("library.py", title="Library", icon=":material/folder_open:", url_path="library", default=True),
    st.Page("viewer.py", title="Viewer", icon=":material/ecg:", url_path="viewer"),
    st.Page("report.py", title="Reports", icon=":material/table:", url_path="report"),
    st.Page("guide.py", title="Guide", icon=":material/menu_book:", url_path="guide"),
]
ADMIN_PAGES = [st.Page("admin.py", title="Users", icon=":material/group:", url_path="admin", default=True)]
# A deep link shows the form, and leads on to its page after it.
LOGIN_PAGES = [
    st.Page("login.py", title="Log in", url_path=path, default=path == "library")
    for path in ("library", "viewer", "report", "guide", "admin")
]

if visitor is None:
    st.navigation(LOGIN_PAGES, position="hidden").run()
else:
    page = st.navigation(ADMIN_PAGES if visitor.is_admin else USER_PAGES)
    with st.sidebar:
        st.caption("Administrator" if visitor.is_admin else f"Logged in as **{escape(visitor.name)}**")
        if st.button("Log out", icon=":material/logout:", width="stretch"):
            log_out()
            st.rerun()
    page.run()

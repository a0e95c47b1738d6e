"""The library: upload ECGs, find them, open them, delete them."""

from __future__ import annotations

import streamlit as st

from ecg_core.services import recordings
from ecg_core.ui.library_list import PAGE_SIZE, SORTINGS, current_offset, ecg_row, page_buttons
from ecg_core.ui.session import require_user, room
from ecg_core.ui.unread_list import unread_panel
from ecg_core.ui.upload import upload_panel

user = require_user()
st.title("Library")
upload_panel(user)
unread_panel(user)

with st.container(horizontal=True, vertical_alignment="bottom"):
    search = st.text_input(
        "Search", placeholder="File name, patient or note", icon=":material/search:"
    ).strip()
    sorting = st.selectbox("Sort", SORTINGS, width=260)
sort, descending = SORTINGS[sorting]
offset = current_offset((search, sorting))
ecgs, total = recordings.list_ecgs(
    room(), user, search=search, sort=sort, descending=descending, limit=PAGE_SIZE, offset=offset
)
if not total:
    st.info("No ECG matches." if search else "No ECG yet: drop files above.")
for ecg in ecgs:
    ecg_row(ecg)
page_buttons(offset, total)

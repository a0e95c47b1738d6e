"""The rows of the library, turning its pages, and asking before an ECG is deleted."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

import streamlit as st

from ecg_core.domain import RecordingSummary
from ecg_core.errors import EcgNotFoundError
from ecg_core.services import recordings
from ecg_core.services.recordings import SortKey
from ecg_core.ui.session import acting_user, address, require_user, room
from ecg_core.ui.text import ecg_line, escape, moment

PAGE_SIZE = 20
SORTINGS: dict[str, tuple[SortKey, bool]] = {
    "Newest upload first": ("uploaded_at", True),
    "Oldest upload first": ("uploaded_at", False),
    "Name A–Z": ("file_name", False),
    "Name Z–A": ("file_name", True),
    "Latest recording first": ("recorded_at", True),
    "Earliest recording first": ("recorded_at", False),
    "Longest first": ("duration_s", True),
    "Shortest first": ("duration_s", False),
}
_OFFSET, _ASKED = "library_offset", "library_asked"


def current_offset(asked: object) -> int:
    """Where the page of the list begins; another search or sorting begins anew."""
    if st.session_state.get(_ASKED) != asked:
        st.session_state[_ASKED], st.session_state[_OFFSET] = asked, 0
    return int(st.session_state[_OFFSET])


def ecg_row(ecg: RecordingSummary) -> None:
    """One ECG: a link to it, what is in it, and a button to delete it."""
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"row-{ecg.id}"):
        with st.container(gap=None):
            link = f"**{escape(ecg.display_name)}**"
            st.page_link("viewer.py", label=link, icon=":material/ecg:", query_params={"ecg": str(ecg.id)})
            st.caption(escape(f"{ecg_line(ecg)} · uploaded {moment(ecg.uploaded_at)}"))
        if st.button("Delete", icon=":material/delete:", key=f"delete-{ecg.id}", type="tertiary"):
            _ask_to_delete(ecg)


@st.dialog("Delete this ECG?")
def _ask_to_delete(ecg: RecordingSummary) -> None:
    require_user()  # a dialog's own reruns pass by the router and the page
    st.text(ecg.display_name)
    st.write("Its signals and results are deleted for good. Keep a copy if you may need it again.")
    with st.container(horizontal=True):
        if st.button("Delete", type="primary", key="confirm-delete", on_click=_delete, args=(ecg.id,)):
            st.rerun()
        if st.button("Keep", key="keep"):
            st.rerun()


def _delete(ecg_id: UUID) -> None:
    user = acting_user()
    if user is not None:
        with suppress(EcgNotFoundError):  # another tab was quicker
            recordings.delete_ecg(room(), user, ecg_id, address=address())


def page_buttons(offset: int, total: int) -> None:
    """Previous and next, and where this page is."""
    if total <= PAGE_SIZE and offset == 0:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("‹ Previous", disabled=offset == 0, on_click=_turn, args=(-1,))
        st.button("Next ›", disabled=offset + PAGE_SIZE >= total,
                  on_click=_turn, args=(1,))  # fmt: skip
        first = min(offset + 1, total)
        st.caption(f"{first:,}–{min(offset + PAGE_SIZE, total):,} of {total:,}")


def _turn(pages: int) -> None:
    st.session_state[_OFFSET] = max(0, st.session_state.get(_OFFSET, 0) + pages * PAGE_SIZE)

"""The files that could not be read: why, and what can be done with each."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

import streamlit as st

from ecg_core.domain import UnreadFile, User
from ecg_core.errors import EcgNotFoundError
from ecg_core.services import unread
from ecg_core.ui.downloads import download_links
from ecg_core.ui.session import acting_user, address, room
from ecg_core.ui.text import escape, moment

_MOST_SHOWN = 20


def unread_panel(user: User) -> None:
    """The user's files that could not be read, if there are any."""
    files = unread.list_unread(room(), user)
    if not files:
        return
    with st.expander(f"Could not be read ({len(files):,})", icon=":material/unknown_document:"):
        st.caption("Kept as they were sent: try again after an update, download or delete them.")
        for file in files[:_MOST_SHOWN]:
            _row(file)
        if len(files) > _MOST_SHOWN:
            st.caption(f"And {len(files) - _MOST_SHOWN:,} older ones, shown when these are dealt with.")


def _row(file: UnreadFile) -> None:
    with st.container(border=True, key=f"unread-{file.id}"):
        st.markdown(
            f"**{escape(file.name or str(file.id))}** · {file.size:,} bytes · {moment(file.uploaded_at)}"
        )
        st.caption(escape(file.reason))
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Read again", key=f"again-{file.id}", on_click=_read_again, args=(file.id,))
            st.button("Delete", key=f"drop-{file.id}", on_click=_delete, args=(file.id,))
            download_links([("Download", f"/ecgs/unread/{file.id}")])


def _read_again(unread_id: UUID) -> None:
    user = acting_user()
    if user is None:
        return
    with suppress(EcgNotFoundError):
        results = unread.read_again(room(), user, unread_id, address=address())
        found = sum(result.added is not None for result in results)
        st.toast(f"{found} of {len(results)} read." if found else "It still cannot be read.")


def _delete(unread_id: UUID) -> None:
    user = acting_user()
    if user is not None:
        with suppress(EcgNotFoundError):  # deleted in another tab
            unread.delete_unread(room(), user, unread_id, address=address())

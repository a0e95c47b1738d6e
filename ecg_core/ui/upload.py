"""Uploading: drop files, see what was understood of each, correct it, store them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from ecg_core.domain import LeadSummary, RecordingSummary, User
from ecg_core.errors import EcgError
from ecg_core.services import uploads
from ecg_core.services.uploads import Preview, ReadOptions
from ecg_core.ui.corrections import chosen_options, corrections
from ecg_core.ui.session import address, room
from ecg_core.ui.text import duration, ecg_line, escape, unit_name

_PREVIEWS, _QUEUE, _RESULTS, _ROUND = "upload_previews", "upload_queue", "upload_results", "upload_round"


#: Name of the file, the ECG if there is one now, and what happened.
_Result = tuple[str, RecordingSummary | None, str]


@dataclass(frozen=True)
class _Preview:
    """A dropped file: read, known already, or refused."""

    found: Preview | None = None
    known: RecordingSummary | None = None
    problem: str | None = None

    @property
    def can_be_stored(self) -> bool:
        return self.found is not None


def upload_panel(user: User) -> None:
    """The whole of uploading, from the drop to the links to what was stored."""
    state = st.session_state
    formats = ", ".join(title for title, _ in uploads.supported_formats())
    files = st.file_uploader(
        f"Drop or choose ECG files: {formats}",
        accept_multiple_files=True,
        key=f"uploader-{state.get(_ROUND, 0)}",
        help="Drop one or many. You see what was understood before anything is stored.",
    )
    if files:
        _show_previews(user, files)
    else:
        state.pop(_PREVIEWS, None)
        _show_results()


def _show_previews(user: User, files: list[UploadedFile]) -> None:
    options, previews = {}, {}
    for file in files:
        with st.container(border=True, key=f"preview-{file.file_id}"):
            options[file.file_id], previews[file.file_id] = _show_preview(user, file)
    ready = [file for file in files if previews[file.file_id].can_be_stored]
    with st.container(horizontal=True):
        label = f"Store {len(ready)} ECG{'s' * (len(ready) != 1)}"
        ids = [file.file_id for file in files]
        st.button(label, type="primary", icon=":material/save:", disabled=not ready,
                  on_click=_queue, args=(ids,))  # fmt: skip
        st.button("Clear", on_click=_begin_again)
    if st.session_state.get(_QUEUE):
        _store_queued(user, files, options, previews)


def _show_preview(user: User, file: UploadedFile) -> tuple[ReadOptions, _Preview]:
    st.markdown(f"**{escape(file.name)}**")
    preview = _preview(user, file, options := chosen_options(file.file_id))
    if preview.known is not None:
        st.info("You have this file already; it is not stored twice.", icon=":material/content_copy:")
        _link(preview.known)
        return options, preview
    if preview.problem is not None:
        st.error(escape(preview.problem), icon=":material/error:")
    if preview.found is not None:
        _show_understood(preview.found)
    ecg = preview.found.ecg if preview.found else None
    is_table = ecg is None or ecg.source_format == "csv"
    missing = _missing(ecg.leads) if ecg else ""
    if missing:
        said = f"The file does not state the {missing}: enter it here, or later in the viewer."
        st.warning(said, icon=":material/help:")
    if is_table or missing:
        corrections(file.file_id, is_table=is_table, missing=missing)
    return options, preview


def _missing(leads: Sequence[LeadSummary]) -> str:
    """What is not known of some lead, in words; empty if all is."""
    lacks_rate = any(lead.sampling_rate_hz is None for lead in leads)
    lacks_unit = any(lead.unit is None for lead in leads)
    return " and ".join(["sampling rate"] * lacks_rate + ["unit"] * lacks_unit)


def _show_understood(found: Preview) -> None:
    ecg = found.ecg
    st.success(escape(ecg_line(ecg)), icon=":material/check:")
    for remark in ecg.remarks:
        st.warning(escape(remark), icon=":material/info:")
    with st.expander("What was understood"):
        leads = [_lead_line(lead) for lead in ecg.leads]
        st.dataframe(leads, hide_index=True, height=_height(len(leads)))
        said = {**found.understood, **ecg.patient, **ecg.metadata}
        st.dataframe([{"what": what, "as found": text} for what, text in said.items()], hide_index=True,
                     height=_height(len(said)))  # fmt: skip


def _height(rows: int) -> int | Literal["auto", "content"]:
    """All rows at once, unless there are a great many."""
    return "content" if rows <= 30 else "auto"


def _lead_line(lead: LeadSummary) -> dict[str, str]:
    return {
        "lead": lead.name,
        "samples": f"{lead.number_of_samples:,}",
        "sampling rate": f"{lead.sampling_rate_hz:g} Hz" if lead.sampling_rate_hz else "unknown",
        "unit": unit_name(lead.unit),
        "duration": duration(lead.duration_s),
    }


def _preview(user: User, file: UploadedFile, options: ReadOptions) -> _Preview:
    """Read a file once for each set of corrections, not at every rerun."""
    kept = st.session_state.setdefault(_PREVIEWS, {})
    if (file.file_id, options) not in kept:
        kept[file.file_id, options] = _read(user, file, options)
    preview: _Preview = kept[file.file_id, options]
    return preview


def _read(user: User, file: UploadedFile, options: ReadOptions) -> _Preview:
    try:
        known = uploads.find_file(room(), user, file.getbuffer())
        if known is not None:
            return _Preview(known=known)
        found = uploads.preview(user, file.name, file.getbuffer(), options)
    except EcgError as error:
        return _Preview(problem=str(error))
    return _Preview(found=found)


def _queue(file_ids: list[str]) -> None:
    """Note what is to be stored. A run that is ended in the middle is followed by one that goes on."""
    st.session_state[_QUEUE], st.session_state[_RESULTS] = file_ids, []


def _store_queued(
    user: User, files: list[UploadedFile], options: dict[str, ReadOptions], previews: dict[str, _Preview]
) -> None:
    """Store file by file; one that fails stops no other."""
    state, by_id = st.session_state, {file.file_id: file for file in files}
    queue: list[str] = state[_QUEUE]
    bar = st.progress(0.0)
    while queue:
        file = by_id.get(queue[0])
        if file is not None:
            state[_RESULTS].append(_store_one(user, file, options[file.file_id], previews[file.file_id]))
        queue.pop(0)
        done = len(files) - len(queue)
        bar.progress(min(1.0, done / len(files)), text=f"{done} of {len(files)} files")
    results = state[_RESULTS]
    _begin_again()
    state[_RESULTS] = results
    st.rerun()


def _store_one(user: User, file: UploadedFile, options: ReadOptions, preview: _Preview) -> _Result:
    if preview.problem is not None:
        return file.name, None, f"not stored. {preview.problem}"
    try:
        added = uploads.add_file(
            room(), user, file.name, file.getbuffer(), options=options, address=address()
        )
    except EcgError as error:
        return file.name, None, f"not stored. {error}"
    return file.name, added.ecg, "stored" if added.is_new else "was here already"


def _begin_again() -> None:
    """An empty uploader."""
    state = st.session_state
    for key in (_QUEUE, _RESULTS, _PREVIEWS):
        state.pop(key, None)
    state[_ROUND] = state.get(_ROUND, 0) + 1


def _show_results() -> None:
    for name, ecg, said in st.session_state.get(_RESULTS, []):
        if ecg is None:
            st.error(escape(f"{name}: {said}"), icon=":material/error:")
        else:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.success(escape(f"{name}: {said}"), icon=":material/check:")
                _link(ecg)


def _link(ecg: RecordingSummary) -> None:
    st.page_link("viewer.py", label="Open it", icon=":material/ecg:", query_params={"ecg": str(ecg.id)})

"""Uploading: drop files, see what was understood of each, correct it, store them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from ecg_core.domain import LeadSummary, RecordingSummary, User
from ecg_core.errors import EcgError
from ecg_core.services import unread, uploads
from ecg_core.services.privacy import privacy_notice
from ecg_core.services.uploads import Bundle, Preview, ReadOptions, Source
from ecg_core.ui.corrections import chosen_options, corrections
from ecg_core.ui.session import address, room
from ecg_core.ui.text import duration, ecg_line, escape, unit_name

_BUNDLES, _PREVIEWS = "upload_bundles", "upload_previews"
_QUEUE, _RESULTS, _ROUND = "upload_queue", "upload_results", "upload_round"
_MOST_PREVIEWS = 20  # of a large archive only the first are read before they are stored


#: Name of the file, the ECG if there is one now, and what happened.
_Result = tuple[str, RecordingSummary | None, str]


@dataclass(frozen=True)
class _Preview:
    """A dropped file: read, known already, or refused."""

    found: Preview | None = None
    known: RecordingSummary | None = None
    problem: str | None = None
    is_table: bool = False

    @property
    def can_be_stored(self) -> bool:
        return self.found is not None


def upload_panel(user: User) -> None:
    """The whole of uploading, from the drop to the links to what was stored."""
    state = st.session_state
    formats = ", ".join(title for title, _ in uploads.supported_formats())
    files = st.file_uploader(
        "Drop or choose ECG files, or zip archives of them",
        accept_multiple_files=True,
        key=f"uploader-{state.get(_ROUND, 0)}",
        help=f"One or many of: {formats}. You see what was understood before anything is stored.",
    )
    st.caption(privacy_notice(room()))
    if files:
        _show_previews(user, _bundles(files))
    else:
        for key in (_BUNDLES, _PREVIEWS):  # they hold the files' content
            state.pop(key, None)
        _show_results()


def _bundles(files: list[UploadedFile]) -> dict[str, Bundle]:
    """The ECG files among those that were dropped, by an id that lasts from rerun to rerun."""
    dropped = tuple(file.file_id for file in files)
    kept: tuple[tuple[str, ...], dict[str, Bundle]] | None = st.session_state.get(_BUNDLES)
    if kept is None or kept[0] != dropped:
        sources = [Source.of(file.name, file.getbuffer()) for file in files]
        found = {_id(bundle.name): bundle for bundle in uploads.find_bundles(sources)}
        kept = st.session_state[_BUNDLES] = (dropped, found)
    return kept[1]


def _id(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:16]


def _show_previews(user: User, bundles: dict[str, Bundle]) -> None:
    options, previews = {}, {}
    shown = dict(list(bundles.items())[:_MOST_PREVIEWS])
    for key, bundle in shown.items():
        with st.container(border=True, key=f"preview-{key}"):
            options[key], previews[key] = _show_preview(user, key, bundle)
    unseen = len(bundles) - len(shown)
    if unseen:
        st.info(f"And {unseen:,} more files, read when they are stored.", icon=":material/more_horiz:")
    ready = unseen + sum(preview.can_be_stored for preview in previews.values())
    refused = sum(preview.problem is not None for preview in previews.values())
    with st.container(horizontal=True):
        label = f"Store {ready:,} ECG{'s' * (ready != 1)}" if ready else "Keep for later"
        st.button(label, type="primary", icon=":material/save:", disabled=not ready + refused,
                  on_click=_queue, args=(list(bundles),))  # fmt: skip
        st.button("Clear", on_click=_begin_again)
    if st.session_state.get(_QUEUE):
        _store_queued(user, bundles, options)


def _show_preview(user: User, key: str, bundle: Bundle) -> tuple[ReadOptions, _Preview]:
    st.markdown(f"**{escape(bundle.name)}**")
    if bundle.partners:
        st.caption(escape("with " + ", ".join(partner.file_name for partner in bundle.partners)))
    preview = _preview(user, key, bundle, options := chosen_options(key))
    if preview.known is not None:
        st.info("You have this file already; it is not stored twice.", icon=":material/content_copy:")
        _link(preview.known)
        return options, preview
    if preview.problem is not None:
        st.error(escape(preview.problem), icon=":material/error:")
    if preview.found is not None:
        _show_understood(preview.found)
    ecg = preview.found.ecg if preview.found else None
    is_table = ecg.source_format == "csv" if ecg else preview.is_table
    missing = _missing(ecg.leads) if ecg else ""
    if missing:
        said = f"The file does not state the {missing}: enter it here, or later in the viewer."
        st.warning(said, icon=":material/help:")
    if is_table or missing:
        corrections(key, is_table=is_table, missing=missing)
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
        said = {**found.understood, **ecg.patient, **ecg.metadata, **ecg.device}
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


def _preview(user: User, key: str, bundle: Bundle, options: ReadOptions) -> _Preview:
    """Read a file once for each set of corrections, not at every rerun."""
    kept = st.session_state.setdefault(_PREVIEWS, {})
    if (key, options) not in kept:
        kept[key, options] = _read(user, bundle, options)
    preview: _Preview = kept[key, options]
    return preview


def _read(user: User, bundle: Bundle, options: ReadOptions) -> _Preview:
    try:
        found = uploads.preview(room(), user, bundle, options)
    except EcgError as error:
        return _Preview(problem=str(error), is_table=uploads.is_table(bundle))
    return _Preview(known=found.ecg) if found.is_known else _Preview(found=found)


def _queue(keys: list[str]) -> None:
    """Note what is to be stored. A run that is ended in the middle is followed by one that goes on."""
    st.session_state[_QUEUE], st.session_state[_RESULTS] = keys, []


def _store_queued(user: User, bundles: dict[str, Bundle], options: dict[str, ReadOptions]) -> None:
    """Store file by file; one that fails stops no other."""
    state = st.session_state
    queue: list[str] = state[_QUEUE]
    bar = st.progress(0.0)
    while queue:
        key = queue[0]
        if key in bundles:
            state[_RESULTS].append(_store_one(user, bundles[key], options.get(key)))
        queue.pop(0)
        done = len(bundles) - len(queue)
        bar.progress(min(1.0, done / len(bundles)), text=f"{done:,} of {len(bundles):,} files")
    results = state[_RESULTS]
    _begin_again()
    state[_RESULTS] = results
    st.rerun()


def _store_one(user: User, bundle: Bundle, options: ReadOptions | None) -> _Result:
    try:
        result = unread.add_or_keep(room(), user, bundle, options=options, address=address())
    except EcgError as error:
        return bundle.name, None, f"not stored. {error}"
    if result.added is None:
        return bundle.name, None, f"not stored. {result.problem}"
    return bundle.name, result.added.ecg, "stored" if result.added.is_new else "was here already"


def _begin_again() -> None:
    """An empty uploader."""
    state = st.session_state
    for key in (_QUEUE, _RESULTS, _PREVIEWS, _BUNDLES):
        state.pop(key, None)
    state[_ROUND] = state.get(_ROUND, 0) + 1


def _show_results() -> None:
    results: list[_Result] = st.session_state.get(_RESULTS, [])
    if len(results) > _MOST_PREVIEWS:
        _show_many_results(results)
        return
    for name, ecg, said in results:
        if ecg is None:
            st.error(escape(f"{name}: {said}"), icon=":material/error:")
        else:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.success(escape(f"{name}: {said}"), icon=":material/check:")
                _link(ecg)


def _show_many_results(results: list[_Result]) -> None:
    stored = sum(said == "stored" for _, _, said in results)
    refused = sum(ecg is None for _, ecg, _ in results)
    known = len(results) - stored - refused
    said = f"{stored:,} stored, {known:,} were here already, {refused:,} not stored."
    st.success(said, icon=":material/check:")
    ordered = sorted(results, key=lambda result: result[1] is not None)  # what failed comes first
    st.dataframe([{"file": name, "result": said} for name, _, said in ordered], hide_index=True)


def _link(ecg: RecordingSummary) -> None:
    st.page_link("viewer.py", label="Open it", icon=":material/ecg:", query_params={"ecg": str(ecg.id)})

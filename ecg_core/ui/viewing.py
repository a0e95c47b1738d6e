"""What stands around the paper: which ECG, what it lacks, its counts and their definition."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from uuid import UUID

import streamlit as st

from ecg_core.domain import LeadSummary, RecordingSummary, User
from ecg_core.errors import NotDerivableError, NotFoundError
from ecg_core.figures.definitions import ZERO_CROSSING
from ecg_core.figures.second_count import second_count_texts
from ecg_core.services import derived, exports, recordings
from ecg_core.services.annotations import page_of_annotations
from ecg_core.services.display import ViewCount
from ecg_core.ui.downloads import download_links
from ecg_core.ui.session import acting_user, address, room
from ecg_core.ui.text import ecg_line, escape, unit_name

_CHOSEN = "viewer_ecg"
_MOST_LISTED = 1_000  # annotations in a table of the page
_ON_SCREEN = (
    "On the paper, rising points up in blue and falling points down in orange; beside a lead's name stands "
    "its count on the paper, and that of the whole recording."
)


def chosen_ecg(user: User) -> RecordingSummary:
    """The ECG of the address, or the last one looked at; the page ends here if there is none."""
    asked = st.query_params.get("ecg") or st.session_state.get(_CHOSEN)
    if asked is None:
        newest, _ = recordings.list_ecgs(room(), user, limit=1)
        if not newest:
            st.info("No ECG yet: upload one in the library.")
            st.stop()
        asked = str(newest[0].id)
    ecg = _existing(user, asked)
    st.session_state[_CHOSEN] = str(ecg.id)
    if st.query_params.get("ecg") != str(ecg.id):
        st.query_params["ecg"] = str(ecg.id)
    return ecg


def _existing(user: User, asked: str) -> RecordingSummary:
    try:
        return recordings.get_ecg(room(), user, UUID(asked))
    except (ValueError, NotFoundError):
        st.session_state.pop(_CHOSEN, None)
        st.error("You have no ECG with this address. It may have been deleted.")
        st.page_link("library.py", label="Go to the library", icon=":material/folder_open:")
        st.stop()


def show_heading(ecg: RecordingSummary) -> None:
    """Which ECG this is, whose, and what was doubtful when it was read."""
    st.header(escape(ecg.display_name))
    st.caption(escape(ecg_line(ecg)))
    patient = [f"{escape(what)}: **{escape(said[:100])}**" for what, said in ecg.patient.items()]
    if patient:
        st.markdown(" · ".join(patient))
    for remark in ecg.remarks:
        st.warning(escape(remark), icon=":material/info:")


def ask_for_other_channels(ecg: RecordingSummary) -> bool:
    """Whether to draw what is no ECG, such as pressure or respiration."""
    others = [lead.name for lead in ecg.leads if not lead.is_ecg]
    if not others:
        return False
    if len(others) == len(ecg.leads):
        return True
    return st.toggle(f"Other channels: {escape(', '.join(others))}", key="show_others")


def offer_derived_leads(ecg: RecordingSummary) -> None:
    """A button that adds the limb leads that can be computed."""
    names = derived.derivable_leads(ecg)
    if names:
        st.button(f"Add {', '.join(names)} derived from I and II", icon=":material/function:",
                  key=f"derive-{ecg.id}", on_click=_derive, args=(ecg.id,))  # fmt: skip


def _derive(ecg_id: UUID) -> None:
    user = acting_user()
    if user is not None:
        with suppress(NotDerivableError):  # done in another tab
            derived.add_derived_leads(room(), user, ecg_id, address=address())


def ask_for_missing(ecg: RecordingSummary) -> None:
    """Say what the file did not state and what that costs, and take it from the user."""
    lacks_rate = any(lead.sampling_rate_hz is None for lead in ecg.leads)
    lacks_unit = any(lead.unit is None for lead in ecg.leads if lead.is_ecg)
    entered = any(lead.rate_was_entered or lead.unit_was_entered for lead in ecg.leads)
    if lacks_rate:
        st.warning(
            "The sampling rate is unknown: drawn by sample number, without times.",
            icon=":material/timer_off:",
        )
    if lacks_unit:
        st.warning("The unit is unknown: drawn in counts, without millivolts.", icon=":material/straighten:")
    if lacks_rate or lacks_unit or entered:
        with st.expander(
            "Enter what the file does not state" if lacks_rate or lacks_unit else "Entered by you"
        ):
            _form(ecg)


def _form(ecg: RecordingSummary) -> None:
    rate_open = any(lead.sampling_rate_hz is None or lead.rate_was_entered for lead in ecg.leads)
    unit_open = any(lead.unit is None or lead.unit_was_entered for lead in ecg.leads)
    with st.form("missing"):
        if rate_open:
            known = next((lead.sampling_rate_hz for lead in ecg.leads if lead.rate_was_entered), None)
            st.number_input("Sampling rate in Hz", min_value=0.001, value=known, key=f"rate-{ecg.id}")
        if unit_open:
            st.selectbox("Unit of the samples", ["V", "mV", "uV", "nV"], index=None, format_func=unit_name,
                         key=f"unit-{ecg.id}")  # fmt: skip
        st.form_submit_button("Save", on_click=_enter, args=(ecg.id,))


def _enter(ecg_id: UUID) -> None:
    rate, unit = (st.session_state.get(f"{name}-{ecg_id}") for name in ("rate", "unit"))
    user = acting_user()
    if user is not None and (rate is not None or unit is not None):
        recordings.enter_missing(room(), user, ecg_id, sampling_rate_hz=rate, unit=unit, address=address())


def export_links(ecg: RecordingSummary) -> None:
    """The ECG as a file of each format that can be written."""
    with st.expander("Export the ECG"):
        st.caption(
            "Each file holds the stored samples exactly. A format that would change an ECG, or needs a "
            "sampling rate that is unknown, is refused with the reason."
        )
        download_links(
            [(writer.title, f"/ecgs/{ecg.id}/exports/{writer.name}") for writer in exports.WRITERS]
        )


def compare_link(ecg: RecordingSummary) -> None:
    """To this ECG beside another of the same patient."""
    st.page_link("compare.py", label="Compare with another ECG", icon=":material/compare:",
                 query_params={"ecg": str(ecg.id)})  # fmt: skip


def show_definition() -> None:
    definition = ZERO_CROSSING.replace("zero crossing", "**zero crossing**", 1)
    st.caption(f"{definition} {_ON_SCREEN}")


def show_second_count(in_view: Mapping[str, ViewCount]) -> None:
    """The view's own count of each lead beside the official one, or why there is none; for every reader."""
    for text in second_count_texts(in_view.values()):
        st.caption(escape(text))


def _lead_name(lead: LeadSummary) -> str:
    called = f' (in the file "{lead.original_name}")' if lead.original_name else ""
    return f"{lead.name}{called}{', derived' if lead.is_derived else ''}"


def _count_in_view(count: ViewCount | None) -> int | None:
    return count.in_view if count else None


def _own_count(count: ViewCount | None) -> int | None:
    return count.with_dead_band if count else None


def counts_table(ecg: RecordingSummary, in_view: Mapping[str, ViewCount]) -> None:
    """The counts of every lead, over the whole recording and in the page that is shown."""
    own = {count.definition for count in in_view.values() if count.with_dead_band is not None}
    st.dataframe(
        [
            {
                "lead": _lead_name(lead),
                "zero crossings": lead.number_of_zero_crossings,
                **({"in view": _count_in_view(in_view.get(lead.name))} if in_view else {}),
                **{f"in view {text}": _own_count(in_view.get(lead.name)) for text in own},
                "per second": lead.zero_crossings_per_second,
                "touches": lead.number_of_zero_touches,
                "minimum": lead.minimum,
                "maximum": lead.maximum,
                "mean": lead.mean,
                "SD": lead.standard_deviation,
                "unit": unit_name(lead.unit) if lead.unit else "counts",
                "missing samples": lead.missing_samples,
            }
            for lead in ecg.leads
        ],
        hide_index=True,
        height="content",
        placeholder="unknown",
        alt=f"Zero crossings of {ecg.display_name} by lead",
        column_config={name: st.column_config.NumberColumn(format="%.4g")
                       for name in ("per second", "minimum", "maximum", "mean", "SD")},
    )  # fmt: skip


def show_said(user: User, ecg: RecordingSummary) -> None:
    """What else the file says, in its own words; what the device measured is never ours."""
    if ecg.device:
        with st.expander("What the device measured and stated"):
            st.caption("By the device that recorded the ECG, as the file has it; not measured here.")
            _said(ecg.device)
    if ecg.metadata:
        with st.expander("What else the file says"):
            _said(ecg.metadata)
    if ecg.number_of_annotations:
        _show_annotations(user, ecg)


def _said(fields: Mapping[str, str]) -> None:
    st.dataframe([{"what": what, "as found": text} for what, text in fields.items()], hide_index=True)


def _show_annotations(user: User, ecg: RecordingSummary) -> None:
    label = f"Show the file's annotations ({ecg.number_of_annotations:,})"
    if st.toggle(label, key=f"annotations-{ecg.id}"):
        found = page_of_annotations(room(), user, ecg.id, limit=_MOST_LISTED)
        if found.total > _MOST_LISTED:
            st.caption(
                f"The first {_MOST_LISTED:,}; all are in the report “What the file and its readers say”."
            )
        rows = [
            {"at (s)": mark.start_s, "kind": mark.kind, "text": mark.text, "lasts (s)": mark.duration_s,
             "lead": mark.lead or "all"}
            for mark in found.items
        ]  # fmt: skip
        st.dataframe(rows, hide_index=True)

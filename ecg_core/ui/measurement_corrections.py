"""What a clinician corrects: fiducials of all leads, beats that are left out; what was corrected, to undo."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from ecg_core.domain import Correction, RecordingSummary
from ecg_core.errors import ConflictError, InvalidInputError, NotFoundError
from ecg_core.figures.fiducial_figure import FIDUCIALS, FiducialPlace
from ecg_core.figures.wave_marks import KIND_NAMES
from ecg_core.services import measurements as service
from ecg_core.services.measurements import MeasuredEcg
from ecg_core.ui.session import acting_user, address, room
from ecg_core.ui.text import escape, moment

_PROBLEM, _BEAT = "correction_problem", "correction_beat"
_MOST_BEATS, _MOST_SHOWN = 1_000, 200
_FARTHEST_MS = 1_500.0


def corrections_panel(
    ecg: RecordingSummary, measured: MeasuredEcg, places: tuple[FiducialPlace, ...], *, near_s: float
) -> None:
    """The form of the fiducials, the choice of a beat to leave out, and the list of corrections.

    Parameters
    ----------
    near_s : float
        Of a long list of beats, those from here on are offered.
    """
    if problem := st.session_state.pop(_PROBLEM, ""):
        st.error(escape(problem))
    if len(measured.analysis.beats):
        _fiducials_form(ecg, places)
        _beat_form(ecg, measured, near_s)
    else:
        st.caption("No beats were found: there is nothing to correct.")
    _list(ecg, measured, places)


def _fiducials_form(ecg: RecordingSummary, places: tuple[FiducialPlace, ...]) -> None:
    """Onsets and offsets of all leads, in ms from R."""
    keys = {place.name: f"fiducial-{ecg.id}-{place.name}-{place.now_ms}" for place in places}
    with st.form(f"fiducials-{ecg.id}"):
        st.markdown("**Onsets and offsets of all leads, on the median beat, in ms from R**")
        with st.container(horizontal=True, gap="small"):
            for place in places:
                found = "not found" if place.automatic_ms is None else f"{place.automatic_ms:.0f} ms"
                st.number_input(
                    FIDUCIALS[place.name], -_FARTHEST_MS, _FARTHEST_MS,
                    None if place.now_ms is None else round(place.now_ms, 1),
                    step=2.0, format="%.0f", key=keys[place.name], width=132, placeholder="absent",
                    help=f"Found automatically: {found}",
                )  # fmt: skip
        st.form_submit_button("Save", on_click=_save, args=(ecg.id, places, keys))


def _save(ecg_id: UUID, places: tuple[FiducialPlace, ...], keys: dict[str, str]) -> None:
    """What was changed, so ordered that no fiducial has to pass another; the first problem ends it."""
    user = acting_user()
    if user is None:
        return
    entered = {place.name: st.session_state.get(keys[place.name]) for place in places}
    try:
        for name, value in _in_order(places, entered):
            service.move_fiducial(room(), user, ecg_id, name, value, address=address())
    except (InvalidInputError, NotFoundError, ConflictError) as error:
        st.session_state[_PROBLEM] = str(error)


def _in_order(places: tuple[FiducialPlace, ...], entered: dict[str, float | None]) -> list[tuple[str, float]]:
    """The changed ones: those that move later from the last on, those that move earlier from the first on."""
    later: list[tuple[str, float]] = []
    earlier: list[tuple[str, float]] = []
    for place in places:
        value = entered[place.name]
        if value is None or (place.now_ms is not None and abs(value - place.now_ms) < 0.5):
            continue
        (later if place.now_ms is None or value > place.now_ms else earlier).append(
            (place.name, float(value))
        )
    return later[::-1] + earlier


def _beat_form(ecg: RecordingSummary, measured: MeasuredEcg, near_s: float) -> None:
    """A beat that is left out of the measurements, chosen by its time and kind."""
    analysis, rejected = measured.analysis, measured.rejected
    times = analysis.times_s
    first = int(times.searchsorted(near_s)) if len(times) > _MOST_BEATS else 0
    offered = [
        number
        for number in range(first, min(first + _MOST_BEATS, len(times)))
        if int(analysis.beats[number]) not in rejected
    ]
    if not offered:
        return
    if len(times) > _MOST_BEATS:
        st.caption(
            f"Of {len(times):,} beats those from this page on are in the list, {len(offered):,} at most."
        )
    with st.form(f"beat-{ecg.id}"):
        st.selectbox(
            "Beat", offered, key=f"{_BEAT}-{ecg.id}",
            format_func=lambda n: f"{times[n]:.3f} s · {KIND_NAMES[int(analysis.kinds[n])]}",
        )  # fmt: skip
        samples = {number: int(analysis.beats[number]) for number in offered}
        with st.container(horizontal=True, gap="small"):
            st.form_submit_button(
                "Leave out beat", on_click=_leave_out, args=(ecg.id, samples, True),
                help="A beat is there, but it is not used, nor the RR intervals on either side of it",
            )  # fmt: skip
            st.form_submit_button(
                "No beat there", on_click=_leave_out, args=(ecg.id, samples, False),
                help="Found by mistake: the RR interval goes from the beat before to the next",
            )  # fmt: skip


def _leave_out(ecg_id: UUID, samples: dict[int, int], is_beat: bool) -> None:
    user, chosen = acting_user(), st.session_state.get(f"{_BEAT}-{ecg_id}")
    if user is None or chosen not in samples:
        return
    try:
        service.reject_beat(room(), user, ecg_id, samples[chosen], is_beat=is_beat, address=address())
    except (InvalidInputError, NotFoundError, ConflictError) as error:
        st.session_state[_PROBLEM] = str(error)


def _list(ecg: RecordingSummary, measured: MeasuredEcg, places: tuple[FiducialPlace, ...]) -> None:
    """What was corrected, the newest first, with who and when; also what was taken back."""
    made = measured.corrections[::-1]
    if not made:
        st.caption("Nothing was corrected.")
        return
    st.markdown("**Corrections**")
    automatic = {place.name: place.automatic_ms for place in places}
    fs = measured.analysis.fs or 1.0
    for one in made[:_MOST_SHOWN]:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            undone = f" · taken back by {one.undone_by}, {moment(one.undone_at)}" if one.undone_at else ""
            said = f"{_what(one, automatic, fs)} · {one.author}, {moment(one.created_at)}{undone}"
            st.markdown(f"~~{escape(said)}~~" if one.undone_at else escape(said), width="content")
            if one.counts:
                st.button("Undo", key=f"undo-{one.id}", on_click=_undo, args=(ecg.id, one.id),
                          help=f"Take back: {_what(one, automatic, fs)}")  # fmt: skip
    if len(made) > _MOST_SHOWN:
        st.caption(f"The last {_MOST_SHOWN} of {len(made):,}.")


def _what(one: Correction, automatic: dict[str, float | None], fs: float) -> str:
    if one.kind != "fiducial":
        at = f"at {(one.beat_sample or 0) / fs:.3f} s"
        return f"Beat {at} left out" if one.kind == "beat" else f"No beat {at}"
    before = automatic.get(one.fiducial)
    found = "none" if before is None else f"{before:.0f} ms"
    return (
        f"{FIDUCIALS.get(one.fiducial, one.fiducial)} at {one.offset_ms or 0.0:.0f} ms (automatic: {found})"
    )


def _undo(ecg_id: UUID, correction_id: UUID) -> None:
    user = acting_user()
    if user is None:
        return
    try:
        service.undo_correction(room(), user, ecg_id, correction_id, address=address())
    except NotFoundError as error:  # undone in another tab
        st.session_state[_PROBLEM] = str(error)

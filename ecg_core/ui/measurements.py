"""The measurements under the paper: made after it is drawn, with the figure of the median beats."""

from __future__ import annotations

from html import escape
from uuid import UUID

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ecg_core.domain import RecordingSummary, User
from ecg_core.figures import PLOTLY_CONFIG, ReadyFigure
from ecg_core.figures.fiducial_figure import (
    FiducialPlace,
    fiducial_parts,
    fiducial_places,
    fiducial_text,
)
from ecg_core.figures.measurement_rows import measurement_groups, suspicions
from ecg_core.figures.view import View
from ecg_core.services.measurements import MeasuredEcg, read_measurements
from ecg_core.ui.drawn import FIGURES_KEPT, Drawn
from ecg_core.ui.measurement_corrections import corrections_panel
from ecg_core.ui.measurement_summary import fill_summary, summary_line
from ecg_core.ui.measurement_table import STYLE, measurement_tables
from ecg_core.ui.paper_width import paper_width
from ecg_core.ui.quality_strip import STRIP_STYLE, quality_strips
from ecg_core.ui.session import acting_user, room
from ecg_core.ui.text import escape as escape_markdown

_OPEN = "measurements_open"
_POLL_S = 2.0
_NOT_A_DIAGNOSIS = "Measurements, not diagnoses."


def ready_measurements(user: User, ecg: RecordingSummary) -> MeasuredEcg | None:
    """Those that were made already: what stands before the paper waits for none."""
    return read_measurements(room(), user, ecg.id, make=False)


def measurements_panel(
    user: User,
    ecg: RecordingSummary,
    view: View,
    ready: MeasuredEcg | None,
    summary: DeltaGenerator,
    *,
    start: float,
) -> None:
    """The summary's numbers over the paper, and under it all others, where the reader opens them.

    Call it when the paper is drawn: it measures an ECG that was not measured yet (``ready`` is None), and
    makes the page again where the paper waits for that.
    """
    measured = ready or read_measurements(room(), user, ecg.id)
    if measured is None:
        with summary:
            _wait(ecg.id)
        return
    if ready is None:
        if view.waves:
            st.rerun()
        fill_summary(summary, ecg, measured)
    if "all" in measured.analysis.notes:  # the line over the paper says why
        return
    for suspected in suspicions(measured.measurements):
        st.warning(escape_markdown(f"Electrodes: {suspected}"), icon=":material/swap_horiz:")
    panel = st.expander(
        "All measurements", icon=":material/straighten:", expanded=st.session_state.get(_OPEN, False),
        key="measurements", on_change="rerun",
    )  # fmt: skip
    st.session_state[_OPEN] = panel.open  # as it was left, also for the next ECG
    if panel.open:
        with panel:
            _show(ecg, measured, view, start)


@st.fragment(run_every=_POLL_S)
def _wait(ecg_id: UUID) -> None:
    """Say that it is being measured, and make the page again when it is."""
    user = acting_user()
    if user is not None and read_measurements(room(), user, ecg_id) is not None:
        st.rerun()
    st.html(summary_line("Being measured; the numbers come by themselves."))


def _show(ecg: RecordingSummary, measured: MeasuredEcg, view: View, start: float) -> None:
    key = f"{ecg.id} {[str(one.id) for one in measured.corrections if one.counts]}"
    st.html(_tables(key, ecg, measured))
    places = _places(measured)
    if measured.analysis.median_beats:
        dark = st.context.theme.type == "dark"
        drawn = _figure(f"{key} {places}", paper_width(), view.paper, dark, ecg, measured, places)
        st.plotly_chart(drawn.figure, width="content", theme=None, key="fiducials",
                        config=dict(PLOTLY_CONFIG), alt=drawn.words)  # fmt: skip
    form = st.expander(
        "Correct the measurements", icon=":material/edit:", key="corrections", on_change="rerun"
    )
    if form.open:
        with form:
            corrections_panel(ecg, measured, places, near_s=start)


def _places(measured: MeasuredEcg) -> tuple[FiducialPlace, ...]:
    moved = {
        one.fiducial: one.offset_ms
        for one in measured.corrections
        if one.counts and one.fiducial and one.offset_ms is not None
    }
    return fiducial_places(measured.analysis.fiducials.overall, moved)


@st.cache_resource(max_entries=FIGURES_KEPT, show_spinner=False)
def _tables(key: str, _ecg: RecordingSummary, _measured: MeasuredEcg) -> str:
    """The same HTML for the same measurements: nothing of it is drawn again."""
    groups = measurement_groups(
        _measured.measurements, automatic=_measured.analysis.measurements, device=_ecg.device
    )
    has_device = any(row.device for group in groups for row in group.rows)
    tables = measurement_tables(groups, has_device=has_device)
    strips = quality_strips(_measured.analysis.quality, _ecg.duration_s or 0.0)
    said = f"<p><strong>{_NOT_A_DIAGNOSIS}</strong> {escape(_explained(has_device))}</p>"
    return f'{STYLE}{STRIP_STYLE}<div class="measurements">{said}{tables}{strips}</div>'


def _explained(has_device: bool) -> str:
    device = " Beside them stands what the device measured by itself." if has_device else ""
    return f"± is the standard deviation over the beats. A name opens, and tells the method.{device}"


@st.cache_resource(max_entries=FIGURES_KEPT, show_spinner=False)
def _figure(
    key: str,
    width_px: int,
    paper: str,
    dark: bool,
    _ecg: RecordingSummary,
    _measured: MeasuredEcg,
    _places: tuple[FiducialPlace, ...],
) -> Drawn:
    in_mv = {lead.name for lead in _ecg.leads if lead.unit in ("V", "mV", "uV", "nV")}
    beats = _measured.analysis.median_beats
    calibrated = {lead: beat for lead, beat in beats.items() if lead in in_mv}
    shown, unit = (calibrated, "mV") if calibrated else (beats, "counts")
    parts = fiducial_parts(shown, _places, unit=unit, width_px=width_px, paper=paper, dark=dark)
    return Drawn(ReadyFigure(parts), fiducial_text(shown, _places), {})

"""Long recordings: the overview over the page, windows of minutes to days, and full disclosure."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import streamlit as st

from ecg_core.domain import Annotation, LeadSummary, RecordingSummary, User
from ecg_core.figures import PLOTLY_CONFIG, ReadyFigure
from ecg_core.figures.envelope_events import MOST_EVENTS, event_traces, kind_traces, line_event_traces
from ecg_core.figures.envelopes import envelope_facts, envelope_parts, envelope_text, lay_out_envelopes
from ecg_core.figures.full_disclosure import (
    LINE_S,
    LINES,
    full_disclosure_parts,
    line_facts,
    seconds_per_px,
)
from ecg_core.figures.overview import overview_parts
from ecg_core.figures.palette import palette_of
from ecg_core.figures.view import View
from ecg_core.figures.wave_marks import unusual_beats
from ecg_core.services.annotations import page_of_annotations
from ecg_core.services.envelopes import read_envelopes
from ecg_core.services.marks import MeasuredMark
from ecg_core.services.measurements import MeasuredEcg
from ecg_core.services.overview import Overview, read_overview
from ecg_core.ui.drawn import FIGURES_KEPT, Drawn
from ecg_core.ui.paging import Place, go_to
from ecg_core.ui.session import room
from ecg_core.ui.text import unit_name
from ecg_core.ui.view_state import ask_number

#: Recordings from this length on have an overview.
LONG_S = 60.0
HOUR_S = LINE_S * LINES
_LINE_COLUMNS = 500
_OVERVIEW = "overview"
_KINDS_EXPLAINED = (
    "Ticks at the top: beats that are not normal, as suggestions: S supraventricular, V ventricular, "
    "P paced, ? unclassified. Waves are shaded on shorter pages."
)


def is_long(ecg: RecordingSummary) -> bool:
    """Whether there is more than pages can show at a glance."""
    return (ecg.duration_s or 0.0) > LONG_S


@st.cache_resource(max_entries=FIGURES_KEPT, show_spinner=False)
def envelope(
    ecg_id: str,
    drawn_of: str,
    start: float,
    span: float,
    width_px: int,
    view: View,
    dark: bool,
    notes: tuple[MeasuredMark, ...],
    _user: User,
    _ecg: RecordingSummary,
    _leads: Sequence[LeadSummary],
    _measured: MeasuredEcg | None = None,
) -> Drawn:
    """A window of more than squares can show: the extremes of each column of pixels. Never filtered."""
    names = [lead.name for lead in _leads]
    found = read_envelopes(
        room(), _user, UUID(ecg_id), start=start, length=span, names=names, columns=width_px
    )
    by_name = {strip.lead_name: strip for strip in found}
    strips = [by_name[name] for name in names]
    is_marked = view.marks and bool(notes or _ecg.number_of_annotations)  # the same on every page
    sheet = lay_out_envelopes(
        strips, width_px=width_px, start=start, span=span, view=view, is_marked=is_marked
    )
    palette = palette_of(view.paper, dark=dark)
    marked, remark = _marked(UUID(ecg_id), start, start + span, view, _user)
    events = event_traces(marked, notes, sheet, palette)
    if _measured is not None:
        times_s, letters = unusual_beats(_measured.analysis)
        events += kind_traces(times_s, letters, sheet, palette)
        remark = " ".join(filter(None, [remark, _KINDS_EXPLAINED]))
    parts = envelope_parts(sheet, dark=dark, recorded_at=_ecg.recorded_at, extra=events)
    words = envelope_text(strips, start=start, span=span, recorded_at=_ecg.recorded_at)
    return Drawn(ReadyFigure(parts), words, envelope_facts(sheet), remark=remark)


def _marked(ecg_id: UUID, start: float, stop: float, view: View, user: User) -> tuple[list[Annotation], str]:
    """What the file says of rhythm and in notes, or that it is too much for a page.

    Its beats are for pages on which each can be seen.
    """
    if not view.marks:
        return [], ""
    found = page_of_annotations(
        room(), user, ecg_id, start_s=start, stop_s=stop, kinds=("rhythm", "note"), limit=MOST_EVENTS
    )
    if found.total <= MOST_EVENTS:
        return found.items, ""
    return [], f"The file's {found.total:,} rhythms and notes of this page are too many to be drawn on it."


@st.cache_resource(max_entries=FIGURES_KEPT, show_spinner=False)
def disclosure(
    ecg_id: str,
    drawn_of: str,
    start: float,
    width_px: int,
    view: View,
    dark: bool,
    notes: tuple[MeasuredMark, ...],
    _user: User,
    _ecg: RecordingSummary,
    _lead: LeadSummary,
) -> Drawn:
    """An hour of one lead, a minute a line."""
    (found,) = read_envelopes(
        room(), _user, UUID(ecg_id), start=start, length=HOUR_S, names=[_lead.name],
        columns=LINES * _LINE_COLUMNS,
    )  # fmt: skip
    rate = _lead.sampling_rate_hz or 1.0
    begin = found.first_sample / rate
    palette, x_per_px = palette_of(view.paper, dark=dark), seconds_per_px(width_px)
    marked, remark = _marked(UUID(ecg_id), begin, begin + HOUR_S, view, _user)
    events = line_event_traces(
        marked, notes, start_s=begin, lines=LINES, line_s=LINE_S, x_per_px=x_per_px, palette=palette
    )
    parts = full_disclosure_parts(
        found.lowest, found.highest, column_s=found.samples_per_column / rate, start_s=begin,
        lead=_lead.name, unit=unit_name(_lead.unit) if _lead.unit else "counts", width_px=width_px,
        palette=palette, recorded_at=_ecg.recorded_at, extra=events,
    )  # fmt: skip
    crossings = int(found.rising.sum() + found.falling.sum())
    words = f"Full disclosure of {_lead.name}, a minute a line; {crossings} zero crossings on this page."
    lines = line_facts(LINES, start_s=begin, lead=_lead.name, rate_hz=rate)
    facts = {
        "timed": True, "start": 0.0, "px_per_mm": 1.0, "is_band": True, "x_per_px": x_per_px, "lanes": lines,
    }  # fmt: skip
    return Drawn(ReadyFigure(parts), words, facts, remark=remark)


def show_overview(
    user: User, ecg: RecordingSummary, place: Place, view: View, *, width_px: int, events: Sequence[float]
) -> None:
    """The whole recording in one strip; a drag over it chooses what the page shows."""
    dark = st.context.theme.type == "dark"
    key = str(ecg.id)
    seen = _overview(key, repr(ecg.leads), width_px, user)
    figure = _overview_figure(
        key, repr(ecg.leads), place.start, place.stop, width_px, view.paper, dark, tuple(events), ecg, seen
    )
    st.plotly_chart(figure, width="content", theme=None, key=_OVERVIEW, config=dict(PLOTLY_CONFIG),
                    on_select=_choose, selection_mode=["box", "points"], alt=_words(seen))  # fmt: skip
    sources = {"file": "of the file's beats", "detected": "of beats that were detected", "": "no beats known"}
    missing = f" · {seen.missing_share:.1%} of the samples are missing" if seen.missing_share else ""
    st.caption(
        f"Heart rate: {sources[seen.beats_source]}{missing}. Drag over it to choose what the page shows."
    )


@st.cache_resource(max_entries=FIGURES_KEPT, show_spinner="Looking through the recording …")
def _overview(ecg_id: str, leads: str, columns: int, _user: User) -> Overview:
    return read_overview(room(), _user, UUID(ecg_id), columns=columns)


@st.cache_resource(max_entries=FIGURES_KEPT, show_spinner=False)
def _overview_figure(
    ecg_id: str,
    leads: str,
    start: float,
    stop: float,
    width_px: int,
    paper: str,
    dark: bool,
    events: tuple[float, ...],
    _ecg: RecordingSummary,
    _seen: Overview,
) -> ReadyFigure:
    parts = overview_parts(
        _seen.lowest, _seen.highest, _seen.crossings, _seen.rates_bpm,
        duration_s=_ecg.duration_s or 1.0, column_s=_seen.column_s or 1.0, gaps=_seen.gaps,
        window=(start, stop), events=events, lead=_seen.lead.name, width_px=width_px,
        palette=palette_of(paper, dark=dark), recorded_at=_ecg.recorded_at,
    )  # fmt: skip
    return ReadyFigure(parts)


def _words(seen: Overview) -> str:
    rates = seen.rates_bpm
    said = ""
    if rates is not None and (rates == rates).any():
        known = rates[rates == rates]
        said = f" Heart rate from {known.min():.0f} to {known.max():.0f} bpm."
    return (
        f"Overview of the whole recording, lead {seen.lead.name}: {int(seen.crossings.sum()):,} zero "
        f"crossings, {len(seen.gaps)} gaps.{said}"
    )


def _choose() -> None:
    """A drag chooses beginning and length; a click only the beginning."""
    state = st.session_state.get(_OVERVIEW)
    boxes = state.selection.box if state else []
    if boxes:
        low, high = sorted(float(x) for x in boxes[0]["x"][:2])
        go_to(low)
        if high - low > 1.0:
            ask_number("span", round(high - low, 3))

"""What the reader sees of an ECG: plan the sheet for this screen, read what it shows, draw it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import streamlit as st

from ecg_core.domain import LeadSummary, RecordingSummary, User
from ecg_core.figures import (
    PLOTLY_CONFIG,
    Page,
    ReadyFigure,
    figure_text,
    lay_out,
    plan_page,
    sheet_facts,
    sheet_parts,
    split_by_axis,
)
from ecg_core.figures.annotations import annotation_traces, mark_traces
from ecg_core.figures.filters import st_warning
from ecg_core.figures.median_beats import median_beat_parts, median_beat_text
from ecg_core.figures.overlay import overlay_parts
from ecg_core.figures.palette import palette_of
from ecg_core.figures.view import View
from ecg_core.figures.wave_marks import WAVES_EXPLAINED, wave_traces
from ecg_core.services import display
from ecg_core.services.annotations import list_annotations_between
from ecg_core.services.display import ViewCount
from ecg_core.services.marks import MeasuredMark
from ecg_core.services.measurements import MeasuredEcg
from ecg_core.services.median_beats import read_median_beats
from ecg_core.ui.drawn import FIGURES_KEPT, Drawn
from ecg_core.ui.hand import hand_on_paper
from ecg_core.ui.long_windows import HOUR_S, disclosure, envelope, is_long, show_overview
from ecg_core.ui.paging import Place, asked_span, current_place, paging_row, total_length
from ecg_core.ui.paper_width import paper_width
from ecg_core.ui.screen import wanted_px_per_mm
from ecg_core.ui.session import room
from ecg_core.ui.stepping import crossing_stepper
from ecg_core.ui.strips import read_strips

_LONGEST_COUNTED_S = 600.0
_LEAST_PX = 2.0  # of a millimetre; below, squares say less than the height of the lanes


def shown_leads(ecg: RecordingSummary, view: View, *, show_others: bool) -> list[LeadSummary]:
    """The chosen leads in their order; else the ECG leads, and the other channels if wanted."""
    by_name = {lead.name: lead for lead in ecg.leads}
    chosen = [by_name[name] for name in view.leads if name in by_name]
    return chosen or [lead for lead in ecg.leads if lead.is_ecg or show_others]


@dataclass(frozen=True, eq=False)
class Reading:
    """What is on the page: where it is in the recording, of which leads, and what was counted there."""

    place: Place
    leads: Sequence[LeadSummary]
    counts: Mapping[str, ViewCount]


def draw_ecg(
    user: User,
    ecg: RecordingSummary,
    view: View,
    marks: Sequence[MeasuredMark],
    measured: MeasuredEcg | None = None,
    *,
    show_others: bool = False,
) -> Reading:
    """The leads on paper, those with a sampling rate on a sheet of their own.

    Where measurements are given, with the waves that were found.
    """
    if warning := st_warning(view):
        st.warning(warning, icon=":material/filter_alt:")
    counts: dict[str, ViewCount] = {}
    places = []
    groups = split_by_axis(shown_leads(ecg, view, show_others=show_others))
    for group, leads in enumerate(groups):
        place = _draw_group(user, ecg, leads, view, marks, measured, group)
        if group == 0:
            crossing_stepper(user, ecg, place, leads)
        counts |= _counts(user, ecg, leads, place, view)
        places.append(place)
    return Reading(places[0], groups[0], counts)


def _counts(
    user: User, ecg: RecordingSummary, leads: Sequence[LeadSummary], place: Place, view: View
) -> dict[str, ViewCount]:
    """Of the leads in view; a long window is counted only where the reader asks for a count of their own."""
    if place.timed and place.span > _LONGEST_COUNTED_S and not (view.dead_band or view.detrend):
        return {}
    names = tuple(lead.name for lead in leads)
    counted = View(dead_band=view.dead_band, detrend=view.detrend)  # nothing else of a view changes a count
    return _counted(str(ecg.id), repr(leads), place.start, place.span, names, counted, user)


@st.cache_resource(max_entries=200, show_spinner="Counting …")
def _counted(
    ecg_id: str, leads: str, start: float, span: float, names: Sequence[str], view: View, _user: User
) -> dict[str, ViewCount]:
    counts = display.count_view_crossings(
        room(), _user, UUID(ecg_id), start=start, length=span, names=names, view=view
    )
    return {count.lead: count for count in counts}


def _draw_group(
    user: User,
    ecg: RecordingSummary,
    leads: Sequence[LeadSummary],
    view: View,
    marks: Sequence[MeasuredMark],
    measured: MeasuredEcg | None,
    group: int,
) -> Place:
    timed = leads[0].sampling_rate_hz is not None
    total = total_length(leads, timed=timed)
    width, dark = paper_width(), st.context.theme.type == "dark"
    sheet = replace(view, layout="12x1") if view.mode == "overlay" else view
    span = asked_span(total) if timed else None
    page = plan_page(leads, width, view=sheet, span=span, px_per_mm=wanted_px_per_mm())
    span = _span(view, page, total)
    place = current_place(span, total, timed=timed, group=group)
    if timed and group == 0 and is_long(ecg):
        events = [mark.start_s for mark in marks if mark.start_s is not None]
        show_overview(user, ecg, place, view, width_px=width, events=events)
    paging_row(ecg, place)
    key, of = str(ecg.id), repr((leads, page))
    notes = tuple(mark for mark in marks if mark.mark.kind == "note") if view.marks else ()
    if timed and view.mode == "disclosure":
        drawn = disclosure(key, repr(leads[0]), place.start, width, view, dark, notes, user, ecg, leads[0])
    elif timed and span > page.span:
        drawn = envelope(key, repr(leads) + _version(measured), place.start, span, width, view, dark, notes,
                         user, ecg, leads, measured)  # fmt: skip
    elif view.mode == "overlay":
        drawn = _overlay(key, of, place.start, dark, user, leads, page)
    else:
        is_marked = view.marks and bool(notes or ecg.number_of_annotations)  # the same on every page
        of += _version(measured)
        drawn = _sheet(key, of, place.start, dark, notes, is_marked, user, ecg, leads, page, measured)
    _show(drawn, group)
    if drawn.remark:
        st.caption(drawn.remark)
    hand_on_paper(ecg, drawn, place, view, marks, group)
    if view.beats and timed:
        px_per_mm = page.px_per_mm if page.px_per_mm >= _LEAST_PX else None
        beats = _beats(key, repr(leads), place.start, span, view, dark, width, px_per_mm, user, leads)
        _show(beats, f"beats-{group}")
    return place


def _version(measured: MeasuredEcg | None) -> str:
    """What of the measurements changes a figure."""
    return f" waves {sorted(measured.rejected)}" if measured else ""


def _span(view: View, page: Page, total: float) -> float:
    """What the page shows: more than the squares can, where the reader asks for it."""
    if page.timed and view.mode == "disclosure":
        return min(HOUR_S, total)
    asked = asked_span(total) if page.timed else None
    is_beyond = asked is not None and (page.span < asked - 0.01 or page.px_per_mm < _LEAST_PX)
    return asked if is_beyond and asked is not None and page.columns == 1 else page.span


def _show(drawn: Drawn, key: int | str) -> None:
    st.plotly_chart(drawn.figure, width="content", theme=None, key=f"paper-{key}", config=dict(PLOTLY_CONFIG),
                    alt=drawn.words)  # fmt: skip


@st.cache_resource(max_entries=FIGURES_KEPT, show_spinner=False)
def _sheet(
    ecg_id: str,
    drawn_of: str,
    start: float,
    dark: bool,
    notes: tuple[MeasuredMark, ...],
    is_marked: bool,
    _user: User,
    _ecg: RecordingSummary,
    _leads: Sequence[LeadSummary],
    _page: Page,
    _measured: MeasuredEcg | None,
) -> Drawn:
    """The sheet, made once: most reruns of a page change nothing of it.

    A stored signal never changes; all else that is drawn is in ``drawn_of``. Whose ECG it is was asked before
    this is called.
    """
    strips = read_strips(ecg_id, start, _user, _leads, _page)
    noted = {mark.mark.lead for mark in notes}
    has_waves = _measured is not None and _page.timed
    has_kinds = has_waves and _page.view.marks and _ecg.number_of_annotations > 0
    sheet = lay_out(strips, _page, start, is_marked=is_marked or has_waves, has_kinds=has_kinds, noted=noted)
    palette = palette_of(_page.view.paper, dark=dark)
    extra = mark_traces(notes, sheet, _page, palette)
    if _page.view.marks and _page.timed:
        found = list_annotations_between(room(), _user, UUID(ecg_id), start, start + _page.span)
        extra = annotation_traces(found, sheet, _page, palette) + extra
    if _measured is not None and has_waves:
        extra = wave_traces(_measured.analysis, sheet, _page, palette, rejected=_measured.rejected,
                            is_over_others=has_kinds) + extra  # fmt: skip
    figure = ReadyFigure(sheet_parts(sheet, _page, dark=dark, extra=extra))
    words, facts = figure_text(strips, _page), sheet_facts(sheet, _page)
    return Drawn(figure, words, facts, shows_samples=True, remark=WAVES_EXPLAINED if has_waves else "")


@st.cache_resource(max_entries=FIGURES_KEPT, show_spinner=False)
def _overlay(
    ecg_id: str,
    drawn_of: str,
    start: float,
    dark: bool,
    _user: User,
    _leads: Sequence[LeadSummary],
    _page: Page,
) -> Drawn:
    """All leads on one axis; as `_sheet`."""
    strips = read_strips(ecg_id, start, _user, _leads, _page)
    parts = overlay_parts(strips, _page, view=_page.view, dark=dark, start=start)
    facts = {"timed": _page.timed, "start": start, "px_per_mm": _page.px_per_mm, "lanes": []}
    return Drawn(ReadyFigure(parts), figure_text(strips, _page), facts)


@st.cache_resource(max_entries=FIGURES_KEPT, show_spinner=False)
def _beats(
    ecg_id: str,
    leads: str,
    start: float,
    span: float,
    view: View,
    dark: bool,
    width_px: int,
    px_per_mm: float | None,
    _user: User,
    _leads: Sequence[LeadSummary],
) -> Drawn:
    """The median beats of the leads in view, or of what is around it; as `_sheet`, and as large."""
    names = [lead.name for lead in _leads]
    beats = read_median_beats(room(), _user, UUID(ecg_id), start=start, length=span, names=names, view=view)
    parts = median_beat_parts(beats, view=view, width_px=width_px, dark=dark, px_per_mm=px_per_mm)
    return Drawn(ReadyFigure(parts), f"Median beats. {median_beat_text(beats)}", {})

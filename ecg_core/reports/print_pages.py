"""An ECG on paper, page by page: never scaled; what does not fit goes on to the next page."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from ecg_core.domain import Annotation, LeadSummary
from ecg_core.errors import InvalidInputError
from ecg_core.figures.annotations import annotation_traces
from ecg_core.figures.lanes import Sheet, lay_out
from ecg_core.figures.page import PULSE_MM, RIGHT_MM, Page, has_the_twelve, plan_page, split_by_axis
from ecg_core.figures.strips import Strip
from ecg_core.reports.beat_pages import beat_bodies
from ecg_core.reports.crossing_shapes import crossing_shapes
from ecg_core.reports.drawing import Drawing, Shape
from ecg_core.reports.envelope_pages import envelope_bodies
from ecg_core.reports.figure_shapes import FigureAxes, figure_shapes
from ecg_core.reports.mark_shapes import mark_shapes
from ecg_core.reports.overlay_pages import overlay_body
from ecg_core.reports.print_frame import Printout, mark_pages, stretch
from ecg_core.reports.print_source import Body, Source, page_of, room_mm
from ecg_core.reports.print_words import how_drawn, left_out, marked_text, sheet_counts
from ecg_core.reports.sheet_drawing import AXIS_MM, PX_PER_MM, PlacedSheet, print_palette, sheet_shapes
from ecg_core.reports.sheet_rows import close_up, split_rows

MOST_PAGES = 200
USUAL_S, USUAL_SAMPLES = 10.0, 5_000.0
_FOUR_COLUMNS_S, _TWO_COLUMNS_S = 8.0, 4.0  # two seconds a column
_SAMPLE_AXIS_MM = 3.0

Stretch = tuple[float, float | None]


def print_pages(
    printout: Printout, source: Source, stretches: Sequence[Stretch], *, is_envelope: bool = False
) -> list[Drawing]:
    """The pages of some stretches of an ECG.

    Parameters
    ----------
    stretches : sequence of (float, float or None)
        Start and length: in seconds, or in samples where no lead has a sampling rate. None is what fits
        on a page as it is usual, or as an envelope all that follows.
    is_envelope : bool
        A stretch is on one page however long it is: lowest and highest values in columns of time.

    Raises
    ------
    InvalidInputError
        There is no lead to print, or the stretches take more than `MOST_PAGES` pages.
    """
    if not printout.leads:
        raise InvalidInputError("There is no lead to print")
    bodies = [body for each in stretches for body in _bodies(printout, source, *each, is_envelope)]
    listed = mark_bodies(printout)
    total = len(bodies) + len(listed)
    return [page_of(printout, body, f"page {n} of {total}") for n, body in enumerate([*bodies, *listed], 1)]


def mark_bodies(printout: Printout) -> list[Body]:
    """The pages that list notes and calipers; none where the foot of each page has room for them."""
    return [
        Body("notes and calipers", (), (), lambda _, shapes=shapes: shapes)  # type: ignore[misc]
        for shapes in mark_pages(printout)
    ]


def _bodies(
    printout: Printout, source: Source, start: float, length: float | None, is_envelope: bool
) -> Iterator[Body]:
    """The pages of one stretch: the leads, and below them their median beats."""
    groups = split_by_axis(printout.leads)
    for leads in groups:
        timed = leads[0].sampling_rate_hz is not None
        is_meant = timed or len(groups) == 1  # a stretch in seconds says nothing of leads without a rate
        total = _total(leads, timed)
        first = min(max(start, 0.0), total) if is_meant else 0.0
        usual = total if is_envelope else USUAL_S if timed else USUAL_SAMPLES
        left = min((length if is_meant else None) or usual, max(total - first, 0.0))
        if is_envelope and left > 0:
            sample = min(1.0 / (lead.sampling_rate_hz or 1.0) for lead in leads)  # of less there is no figure
            yield from envelope_bodies(printout, source, leads, first, max(left, sample), total)
        else:
            page = plan_print(leads, printout, left)
            yield from _in_time(printout, source, leads, page, first, max(left, page.span / 1e6), total)
        if printout.view.beats and timed:
            yield from beat_bodies(printout, source, leads, first, left, total)


def _total(leads: Sequence[LeadSummary], timed: bool) -> float:
    lengths = ((lead.duration_s or 0.0) if timed else float(lead.number_of_samples) for lead in leads)
    return max(lengths, default=0.0)


def plan_print(leads: Sequence[LeadSummary], printout: Printout, length: float) -> Page:
    """What fits across the paper: at most ``length``, in whole seconds where it does not fit."""
    view, width_px = printout.view, int(printout.room * PX_PER_MM)
    if view.mode == "overlay":
        view = replace(view, layout="12x1")
    if leads[0].sampling_rate_hz is None:
        return plan_page(leads, width_px, view=view, span=max(length, 1.0), px_per_mm=PX_PER_MM)
    most = max(math.floor((printout.room - PULSE_MM - RIGHT_MM) / view.speed), 1)
    span = min(max(length, 5.0 / view.speed), most)
    if view.layout == "auto" and span < _FOUR_COLUMNS_S:
        layout = "6x2" if span >= _TWO_COLUMNS_S and has_the_twelve([lead.name for lead in leads]) else "12x1"
        view = replace(view, layout=layout)
    page = plan_page(leads, width_px, view=view, span=span, px_per_mm=PX_PER_MM)
    return replace(page, span=span)  # also where a column then ends within a large square


def _in_time(
    printout: Printout, source: Source, leads: Sequence[LeadSummary], page: Page,
    start: float, length: float, total: float,
) -> Iterator[Body]:  # fmt: skip
    """Pages one after the other in time, each in as many as its rows need."""
    pages = max(math.ceil(length / page.span - 1e-6), 1)
    if pages > MOST_PAGES:
        unit = "seconds" if page.timed else "samples"
        raise InvalidInputError(
            f"These {length:,.0f} {unit} take {pages:,} pages, more than the {MOST_PAGES} that "
            f"are printed at once: choose a shorter stretch, an envelope or full disclosure"
        )
    for number in range(pages):
        first = start + number * page.span
        strips = source.read(first, page.span, {lead.name for lead in leads})
        shown = stretch(printout.ecg, first, min(first + page.span, total), total, timed=page.timed)
        if printout.view.mode == "overlay":
            yield overlay_body(printout, source, strips, page, first, shown)
        else:
            yield from _sheet_bodies(printout, source, strips, page, first, shown)


def _sheet_bodies(
    printout: Printout, source: Source, strips: Sequence[Strip], page: Page, start: float, shown: str
) -> Iterator[Body]:
    """The leads of one stretch that fits across the paper, with what is marked there."""
    names = {strip.lead.name for strip in strips}
    is_marked = printout.view.marks and page.timed
    marked = list(source.annotations(start, start + page.span)) if is_marked else []
    noted = {each.mark.lead for each in printout.marks if each.mark.kind == "note"}
    sheet = lay_out(strips, page, start, is_marked=bool(marked), noted=noted)
    drawn = how_drawn(printout, page, names)
    said = [*marked_text(marked, start + page.span), *_left_out(printout, page)]
    counts = sheet_counts(printout, source, sheet)
    room = room_mm(printout, drawn, [*counts, *said]) - AXIS_MM - 1.0
    room -= 0.0 if page.timed else _SAMPLE_AXIS_MM
    if page.columns > 1:
        sheet = close_up(sheet, room)
    parts = split_rows(sheet, room)
    for number, rows in enumerate(parts, 1):
        of = f" · leads {number} of {len(parts)}" if len(parts) > 1 else ""
        here = sheet_counts(printout, source, rows) if len(parts) > 1 else counts
        shapes = partial(_sheet_shapes, printout, rows, page, start, marked)
        yield Body(shown + of, drawn, [*here, *said], shapes)


def _left_out(printout: Printout, page: Page) -> list[str]:
    """By sample number nothing is drawn that is by time."""
    parts = []
    if not page.timed and printout.view.marks and printout.ecg.number_of_annotations:
        parts.append("what the file marks, which is by time")
    if not page.timed and printout.view.beats:
        parts.append("median beats, which need a sampling rate")
    return left_out(printout, not_drawn=parts)


def _sheet_shapes(
    printout: Printout, sheet: Sheet, page: Page, start: float, marked: Sequence[Annotation], top: float
) -> Sequence[Shape]:
    left = (printout.paper.width - page.width_mm) / 2
    placed = PlacedSheet(sheet, page, start, left, top)
    palette = print_palette(printout.view)
    traces = annotation_traces(marked, sheet, page, palette)
    axes = FigureAxes(left + PULSE_MM, top, start, 0.0, page.mm_per_x, page.gain_mm_mv, PX_PER_MM)
    over = (*figure_shapes(traces, axes), *crossing_shapes(placed, palette))
    if printout.view.marks:
        over += mark_shapes(placed, printout.marks)
    return sheet_shapes(placed, palette, over)

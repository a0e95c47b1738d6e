"""An ECG on paper, page by page: never scaled; what does not fit goes on to the next page."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from ecg_core.domain import LeadSummary
from ecg_core.errors import InvalidInputError
from ecg_core.figures.crossings import crossings_in
from ecg_core.figures.filters import filter_caption, st_warning
from ecg_core.figures.lanes import Sheet, lay_out
from ecg_core.figures.page import PULSE_MM, RIGHT_MM, Page, has_the_twelve, plan_page, split_by_axis
from ecg_core.figures.strips import Strip
from ecg_core.figures.view import View
from ecg_core.reports.crossing_shapes import crossing_shapes
from ecg_core.reports.drawing import Drawing, Shape
from ecg_core.reports.mark_shapes import mark_shapes
from ecg_core.reports.print_frame import Printout, foot, head, mark_pages, stretch
from ecg_core.reports.sheet_drawing import AXIS_MM, PX_PER_MM, PlacedSheet, print_palette, sheet_shapes

#: ``read(start, length, names)``: the same stretch of some leads, in seconds or samples.
ReadStrips = Callable[[float, float, Collection[str]], list[Strip]]

MOST_PAGES = 200
USUAL_S, USUAL_SAMPLES = 10.0, 5_000.0
_FOUR_COLUMNS_S, _TWO_COLUMNS_S = 8.0, 4.0  # two seconds a column
_SAMPLE_AXIS_MM = 3.0
_NEAREST_MM = 20.0


@dataclass(frozen=True, eq=False)
class _Body:
    """One page's part of the ECG."""

    sheet: Sheet
    page: Page
    start: float
    shown: str


def print_pages(
    printout: Printout, read: ReadStrips, stretches: Sequence[tuple[float, float | None]]
) -> list[Drawing]:
    """The pages of some stretches of an ECG.

    Parameters
    ----------
    stretches : sequence of (float, float or None)
        Start and length: in seconds, or in samples where no lead has a sampling rate. None is what fits
        on a page as it is usual.

    Raises
    ------
    InvalidInputError
        There is no lead to print, or the stretches take more than `MOST_PAGES` pages.
    """
    if not printout.leads:
        raise InvalidInputError("There is no lead to print")
    bodies = [body for each in stretches for body in _bodies(printout, read, *each)]
    listed = mark_pages(printout)
    total = len(bodies) + len(listed)
    pages = [_drawn(printout, body, f"page {n} of {total}") for n, body in enumerate(bodies, 1)]
    for number, shapes in enumerate(listed, len(bodies) + 1):
        above, _ = head(printout, "notes and calipers", (), f"page {number} of {total}")
        below, _ = foot(printout, "")
        pages.append(_page(printout, [*above, *shapes, *below]))
    return pages


def _page(printout: Printout, shapes: Sequence[Shape]) -> Drawing:
    return Drawing(printout.paper.width, printout.paper.height, tuple(shapes))


def _bodies(printout: Printout, read: ReadStrips, start: float, length: float | None) -> Iterator[_Body]:
    """The pages of one stretch."""
    groups = split_by_axis(printout.leads)
    for leads in groups:
        timed = leads[0].sampling_rate_hz is not None
        is_meant = timed or len(groups) == 1  # a stretch in seconds says nothing of leads without a rate
        total = _total(leads, timed)
        first = min(max(start, 0.0), total) if is_meant else 0.0
        usual = USUAL_S if timed else USUAL_SAMPLES
        left = min((length if is_meant else None) or usual, max(total - first, 0.0))
        page = plan_print(leads, printout, left)
        yield from _in_time(printout, read, leads, page, first, max(left, page.span / 1e6), total)


def _total(leads: Sequence[LeadSummary], timed: bool) -> float:
    lengths = ((lead.duration_s or 0.0) if timed else float(lead.number_of_samples) for lead in leads)
    return max(lengths, default=0.0)


def plan_print(leads: Sequence[LeadSummary], printout: Printout, length: float) -> Page:
    """What fits across the paper: at most ``length``, in whole seconds where it does not fit."""
    view, width_px = printout.view, int(printout.room * PX_PER_MM)
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
    printout: Printout, read: ReadStrips, leads: Sequence[LeadSummary], page: Page,
    start: float, length: float, total: float,
) -> Iterator[_Body]:  # fmt: skip
    """Pages one after the other in time, each in as many as its rows need."""
    pages = max(math.ceil(length / page.span - 1e-6), 1)
    if pages > MOST_PAGES:
        unit = "seconds" if page.timed else "samples"
        raise InvalidInputError(
            f"These {length:,.0f} {unit} take {pages:,} pages, more than the {MOST_PAGES} that "
            f"are printed at once: choose a shorter stretch or full disclosure"
        )
    for number in range(pages):
        first = start + number * page.span
        strips = read(first, page.span, {lead.name for lead in leads})
        sheet = lay_out(strips, page, first)
        room = _room_mm(printout, sheet, page)
        if page.columns > 1:
            sheet = close_up(sheet, room)
        shown = stretch(printout.ecg, first, min(first + page.span, total), total, timed=page.timed)
        parts = split_rows(sheet, room)
        for part, rows in enumerate(parts, 1):
            of = f" · leads {part} of {len(parts)}" if len(parts) > 1 else ""
            yield _Body(rows, page, first, shown + of)


def _room_mm(printout: Printout, sheet: Sheet, page: Page) -> float:
    """Height that head and foot leave for a sheet."""
    body = _Body(sheet, page, 0.0, "0")
    _, top = head(printout, "0", how_drawn(printout, body), "")
    _, bottom = foot(printout, _counts(sheet))
    return bottom - top - AXIS_MM - 1.0 - (0.0 if page.timed else _SAMPLE_AXIS_MM)


def close_up(sheet: Sheet, room_mm: float) -> Sheet:
    """The columns' rows nearer to each other, if so all of them fit into ``room_mm``: traces may then cross.

    Rows move by whole large squares, the farthest apart first, and stay 20 mm apart.
    """
    levels = sorted({lane.level_mm for lane in sheet.lanes})
    apart = [below - above for above, below in pairwise(levels)]
    too_high = math.ceil((sheet.height_mm - room_mm) / 5.0 - 1e-6)
    if too_high <= 0 or too_high * 5.0 > sum(each - _NEAREST_MM for each in apart):
        return sheet
    below = list(sheet.below_mm)
    for _ in range(too_high):
        row = max(range(len(apart)), key=apart.__getitem__)
        apart[row] -= 5.0
        below[row] = max(below[row] - 5.0, 0.0)
    moved = dict(zip(levels, accumulate(apart, initial=levels[0]), strict=True))
    lanes = tuple(replace(lane, level_mm=moved[lane.level_mm]) for lane in sheet.lanes)
    height = sheet.height_mm - 5 * too_high
    return replace(sheet, lanes=lanes, below_mm=tuple(below), height_mm=height)


def split_rows(sheet: Sheet, room_mm: float) -> list[Sheet]:
    """The sheet as one or more of whole rows, each no higher than ``room_mm`` unless one row is."""
    if sheet.height_mm <= room_mm or not sheet.lanes:
        return [sheet]
    levels = {lane.row: lane.level_mm for lane in sheet.lanes}
    bottoms = {row: level + sheet.below_mm[row] + 2 * sheet.tick_mm for row, level in levels.items()}
    parts: list[list[int]] = []
    for row in sorted(levels):
        top = _top(bottoms, parts[-1][0]) if parts else 0.0
        if parts and _whole_mm(bottoms[row] - top) <= room_mm:
            parts[-1].append(row)
        else:
            parts.append([row])
    return [_rows(sheet, rows, _top(bottoms, rows[0]), bottoms[rows[-1]]) for rows in parts]


def _top(bottoms: dict[int, float], row: int) -> float:
    """A large square's line over a row: the zero lines stay on lines."""
    return 5.0 * math.floor(bottoms[row - 1] / 5.0) if row - 1 in bottoms else 0.0


def _whole_mm(height: float) -> int:
    """With room for the caption, in whole large squares."""
    return 5 * math.ceil((height + 4.0) / 5.0 - 1e-6)


def _rows(sheet: Sheet, rows: Sequence[int], top: float, bottom: float) -> Sheet:
    lanes = [replace(lane, level_mm=lane.level_mm - top) for lane in sheet.lanes if lane.row in rows]
    return replace(sheet, lanes=tuple(lanes), height_mm=_whole_mm(bottom - top))


def how_drawn(printout: Printout, body: _Body) -> list[str]:
    """Speed, gain, layout and filter, and what may not be measured; warnings begin with ``!``."""
    view, page = printout.view, body.page
    leads = [lane.strip.lead for lane in body.sheet.lanes]
    names = {lead.name for lead in leads}
    has_millivolts = any(lead.millivolts_per_unit is not None for lead in leads)
    parts = [
        f"{page.mm_per_x:g} mm/s" if page.timed else "no time scale",
        _gain(view) if has_millivolts else "no millivolt scale",
        _layout(page),
        _filter(printout, names),
    ]
    said = [" · ".join(parts)]
    if page.note:
        said.append(f"{page.note}.")
    if warning := st_warning(view):
        said.append(f"!{warning}")
    if not page.timed:
        said.append("!The sampling rate is unknown: drawn by sample number; no distance across is a time.")
    if any(lead.unit is None for lead in leads):
        said.append("!The unit is unknown: drawn in counts; no height is a voltage.")
    return said


def _gain(view: View) -> str:
    chest = f", chest leads {view.chest_gain:g} mm/mV" if view.chest_gain not in (0.0, view.gain) else ""
    return f"{view.gain:g} mm/mV{chest}"


def _layout(page: Page) -> str:
    if page.columns == 1:
        rows = "one lead a row"
    else:
        rows = f"{12 // page.columns} × {page.columns}"
        rows += f" and rhythm {', '.join(page.rhythm)}" if page.rhythm else ""
    return rows + (" in Cabrera's order" if page.view.order == "cabrera" else "")


def _filter(printout: Printout, names: Collection[str]) -> str:
    leads = [lead for lead in printout.leads if lead.name in names]
    caption = filter_caption(
        printout.view,
        sampling_rates_hz={lead.sampling_rate_hz for lead in leads if lead.is_ecg},
        has_other_channels=any(not lead.is_ecg for lead in leads),
    )
    return f"Filter: {caption}" if printout.view.is_filtered else caption


def _counts(sheet: Sheet) -> str:
    """Crossings on this page and in the whole recording."""
    counts = []
    for name in dict.fromkeys(lane.name for lane in sheet.lanes):
        lanes = [lane for lane in sheet.lanes if lane.name == name]
        here = max(len(crossings_in(lane).x) for lane in lanes)  # a rhythm strip has those of its column
        counts.append(f"{name} {here:,} of {lanes[0].strip.number_of_zero_crossings:,}")
    return "Zero crossings on this page, of those in the whole recording: " + " · ".join(counts)


def _drawn(printout: Printout, body: _Body, number: str) -> Drawing:
    above, top = head(printout, body.shown, how_drawn(printout, body), number)
    below, _ = foot(printout, _counts(body.sheet))
    left = (printout.paper.width - body.page.width_mm) / 2
    placed = PlacedSheet(body.sheet, body.page, body.start, left, top + 1.0)
    palette = print_palette(printout.view)
    over = crossing_shapes(placed, palette)
    if printout.view.marks:
        over += mark_shapes(placed, printout.marks)
    return _page(printout, [*above, *sheet_shapes(placed, palette, over), *below])

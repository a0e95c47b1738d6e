"""The sheet of ECG paper that the screen shows, as shapes in true millimetres."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ecg_core.figures.lanes import Lane, Sheet
from ecg_core.figures.page import PULSE_MM, Page
from ecg_core.figures.palette import Palette, palette_of
from ecg_core.figures.reduce import FULL_POINTS, find_shown_points
from ecg_core.figures.times import elapsed
from ecg_core.figures.view import View
from ecg_core.reports.drawing import Clipped, Lines, Polygons, Rectangle, Shape, Text, shapes, strokes
from ecg_core.reports.fonts import cut, text_width

#: Below the sheet: seconds or sample numbers.
AXIS_MM, AXIS_TEXT_MM = 4.0, 2.3
#: For the planning of a page, which thinks in pixels: at this many its labels have the size of print.
PX_PER_MM = 4.0

_TRACE_MM, _MINOR_MM, _MAJOR_MM, _THIN_MM = 0.25, 0.08, 0.18, 0.2
_DOT_ROOM_MM, _AXIS_ROOM_MM = 2.0, 12.0
_NAME_MM, _NOTE_MM = 3.4, 2.5
_GAP_MM = 1.2
_CLIPPED_MM = 2.0
_GAP_BAR_MM, _LEAST_GAP_MM = 2.4, 0.5


def print_palette(view: View) -> Palette:
    """Light paper unless dark, or black and white, was chosen."""
    return palette_of(view.paper, dark=False)


@dataclass(frozen=True, eq=False)
class PlacedSheet:
    """A sheet on a page of print.

    Attributes
    ----------
    sheet : Sheet
    page : Page
    start : float
        What its first column begins with, in seconds or samples.
    left, top : float
        Of its upper left corner on the printed page, in mm.
    """

    sheet: Sheet
    page: Page
    start: float
    left: float
    top: float

    def x(self, place: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """Seconds (or samples) to mm from the left of the printed page."""
        return self.left + PULSE_MM + (np.asarray(place) - self.start) * self.page.mm_per_x

    def zero(self, lane: Lane) -> float:
        """Where a lane's zero is, in mm from the top of the printed page."""
        return self.level(lane) + lane.anchor * lane.scale.mm_per_unit

    def level(self, lane: Lane) -> float:
        return self.top + lane.level_mm


def sheet_shapes(placed: PlacedSheet, palette: Palette, over: tuple[Shape, ...] = ()) -> tuple[Shape, ...]:
    """The paper, its grid, the traces, labels and pulses, and whatever lies ``over`` the traces."""
    sheet, page = placed.sheet, placed.page
    ground = palette.paper if page.timed else palette.neutral_paper
    inside = (
        Rectangle(placed.left, placed.top, page.width_mm, sheet.height_mm, ground),
        *(_squares(placed, palette) if page.timed else _neutral_grid(placed, palette)),
        _zero_lines(placed, palette),
        *_furniture(placed, palette),
        *(shape for lane in sheet.lanes for shape in _trace(placed, lane, palette)),
        *_clipping_marks(placed, palette),
        *_gaps(placed, palette),
        *over,
        *(text for lane in sheet.lanes for text in _label(placed, lane, palette)),
        Text(placed.left + 1.0, placed.top + sheet.height_mm - 1.2, sheet.caption, _NOTE_MM, palette.note),
    )
    clipped = Clipped(placed.left, placed.top, page.width_mm, sheet.height_mm, inside)
    return (clipped, *_axis(placed))


def _squares(placed: PlacedSheet, palette: Palette) -> list[Lines]:
    return grid_lines(placed.left, placed.top, placed.page.width_mm, placed.sheet.height_mm, palette)


def grid_lines(left: float, top: float, width: float, height: float, palette: Palette) -> list[Lines]:
    """Small squares of 1 mm and large ones of 5 mm from the upper left corner."""
    across, down = np.arange(np.floor(width) + 1), np.arange(np.floor(height) + 1)
    grids = []
    for large, colour, pen in ((False, palette.minor_grid, _MINOR_MM), (True, palette.major_grid, _MAJOR_MM)):
        columns, rows = across[(across % 5 == 0) == large], down[(down % 5 == 0) == large]
        vertical = [(left + mm, top, left + mm, top + height) for mm in columns]
        level = [(left, top + mm, left + width, top + mm) for mm in rows]
        grids.append(strokes([*vertical, *level], colour, pen))
    return grids


def _neutral_grid(placed: PlacedSheet, palette: Palette) -> list[Lines]:
    """No squares where samples have no time: lines at round sample numbers, and at half millivolts."""
    bottom, right = placed.top + placed.sheet.height_mm, placed.left + placed.page.width_mm
    vertical = [(x, placed.top, x, bottom) for x in (float(placed.x(place)) for place in axis_places(placed))]
    level: list[tuple[float, float, float, float]] = []
    if any(lane.strip.lead.millivolts_per_unit is not None for lane in placed.sheet.lanes):
        rows = np.arange(0.0, placed.sheet.height_mm + 1, 5.0) + placed.top
        level = [(placed.left, y, right, y) for y in rows]
    return [strokes([*vertical, *level], palette.neutral_grid, _MAJOR_MM)]


def axis_places(placed: PlacedSheet) -> list[float]:
    """Seconds, or sample numbers, at which the axis has a text."""
    return [place for place, _ in axis_ticks(placed.page, placed.start)]


def axis_ticks(page: Page, start: float) -> list[tuple[float, str]]:
    """Seconds, or sample numbers, and what stands there under the sheet."""
    least = _AXIS_ROOM_MM / page.mm_per_x
    step = next((s * 10**p for p in range(9) for s in (1, 2, 5) if s * 10**p >= least), 10**9)
    first = int(np.ceil((start - 1e-6) / step))
    last = int(np.floor((start + page.span + 1e-6) / step))
    places = [float(number * step) for number in range(first, last + 1)]
    longest = start + page.span
    return [(place, elapsed(place, longest) if page.timed else f"{place:,.0f}") for place in places]


def _axis(placed: PlacedSheet) -> list[Text]:
    y = placed.top + placed.sheet.height_mm + AXIS_TEXT_MM + 0.6
    drawn = [
        Text(float(placed.x(place)), y, text, AXIS_TEXT_MM, "#333333", anchor="middle")
        for place, text in axis_ticks(placed.page, placed.start)
    ]
    if not placed.page.timed:
        drawn.append(Text(placed.left, y + AXIS_TEXT_MM + 0.4, "sample number", AXIS_TEXT_MM, "#333333"))
    return drawn


def _zero_lines(placed: PlacedSheet, palette: Palette) -> Lines:
    lanes = [lane for lane in placed.sheet.lanes if lane.zero_is_on_strip]
    lines = [
        (float(placed.x(lane.x0)), placed.level(lane), float(placed.x(lane.x1)), placed.level(lane))
        for lane in lanes
    ]
    return strokes(lines, palette.zero_line, 0.12, (0.4, 0.8))


def _furniture(placed: PlacedSheet, palette: Palette) -> list[Lines]:
    """The calibration pulse of each row in millivolts, and the marks between columns."""
    marks: list[tuple[float, float, float, float]] = []
    pulses: list[Lines] = []
    for lane in placed.sheet.lanes:
        x, level = float(placed.x(lane.x0)), placed.level(lane)
        if lane.x0 > placed.start:
            marks.append((x, level - 5.0, x, level + 5.0))
        elif (millivolts := lane.strip.lead.millivolts_per_unit) is not None:
            pulses.append(_pulse(x, level, lane.scale.mm_per_unit / millivolts, palette))
    return [*pulses, strokes(marks, palette.note, _THIN_MM)]


def _pulse(x: float, level: float, mm_per_mv: float, palette: Palette) -> Lines:
    """1 mV high, 5 mm wide."""
    across = x + np.array([-9.5, -8.0, -8.0, -3.0, -3.0, -1.5])
    return Lines(across, level - np.array([0, 0, 1, 1, 0, 0]) * mm_per_mv, palette.trace, _TRACE_MM)


def _trace(placed: PlacedSheet, lane: Lane, palette: Palette) -> list[Lines]:
    """A line; where samples are far apart, each also a dot."""
    y = placed.level(lane) - lane.heights_mm
    samples = lane.cut.start + np.arange(len(y))
    if len(y) > FULL_POINTS:
        shown = find_shown_points(lane.values)
        y, samples = y[shown], samples[shown]
    x = placed.x(lane.strip.start + samples * lane.strip.dx)
    drawn = [Lines(x, y, palette.trace, _TRACE_MM)]
    if lane.strip.dx * placed.page.mm_per_x >= _DOT_ROOM_MM:
        dots = np.repeat(x, 3), np.repeat(y, 3)
        dots[1][2::3] = np.nan
        drawn.append(Lines(*dots, palette.trace, 1.0))
    return drawn


def _clipping_marks(placed: PlacedSheet, palette: Palette) -> list[Polygons]:
    """A triangle that points out of the lane where the trace was cut."""
    marks = []
    for lane in placed.sheet.lanes:
        heights = lane.heights_mm[lane.clipped]
        x = placed.x(lane.strip.start + (lane.cut.start + lane.clipped) * lane.strip.dx)
        tip, side = placed.level(lane) - heights, np.sign(heights)
        base, half = tip + side * _CLIPPED_MM, _CLIPPED_MM / 2
        marks.append(Polygons(shapes(x, x - half, x + half), shapes(tip, base, base), palette.falling))
    return marks


def _gaps(placed: PlacedSheet, palette: Palette) -> list[Lines]:
    """A grey bar on the level where samples are missing, as on the screen."""
    bars = [
        (float(placed.x(start)), placed.level(lane), float(placed.x(stop)), placed.level(lane))
        for lane in placed.sheet.lanes
        for start, stop in lane.gaps
    ]
    wide = [bar for bar in bars if bar[2] - bar[0] >= _LEAST_GAP_MM]
    return [replace(strokes(wide, palette.note, _GAP_BAR_MM), opacity=0.4)] if wide else []


def _label(placed: PlacedSheet, lane: Lane, palette: Palette) -> list[Text]:
    """The lead's name and, beside it, its count; cut where its column ends."""
    x = float(placed.x(lane.x0)) + 1.0
    y = placed.level(lane) - placed.sheet.label_mm[lane.row] + _NAME_MM * 0.36
    room = float(placed.x(lane.x1)) - x - 1.0
    name = cut(lane.name, room * 0.6, _NAME_MM, is_bold=True)
    after = text_width(name, _NAME_MM, is_bold=True) + _GAP_MM
    return [
        Text(x, y, name, _NAME_MM, palette.label, is_bold=True),
        Text(x + after, y, cut(lane.notes, room - after, _NOTE_MM), _NOTE_MM, palette.note),
    ]

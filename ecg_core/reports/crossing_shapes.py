"""Zero crossings on a printed sheet, in the forms that the screen has."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ecg_core.figures.crossings import LaneCrossings, choose_forms, crossings_in
from ecg_core.figures.palette import Palette
from ecg_core.reports.drawing import Polygons, Shape, shapes, strokes
from ecg_core.reports.sheet_drawing import PlacedSheet

_MARKER_MM, _TICK_MM, _BIN_MM = 2.0, 0.25, 2.0


def crossing_shapes(placed: PlacedSheet, palette: Palette) -> tuple[Shape, ...]:
    """The crossings in the form that the view wants: rising and falling told apart by shape and by colour."""
    if placed.page.view.crossings == "off":
        return ()
    found = [crossings_in(lane) for lane in placed.sheet.lanes]
    forms = choose_forms(found, placed.page)
    draw = {"markers": _markers, "ticks": _ticks, "density": _density}
    drawings: list[Shape] = []
    for its in sorted(set(forms)):
        drawn = [one for one, of in zip(found, forms, strict=True) if of == its]
        drawings += [draw[its](placed, drawn, rising, palette) for rising in (True, False)]
    return tuple(drawings)


def _colour(palette: Palette, rising: bool) -> str:
    return palette.rising if rising else palette.falling


def _markers(placed: PlacedSheet, found: Sequence[LaneCrossings], rising: bool, palette: Palette) -> Polygons:
    """Arrow heads with tips at the crossing: filled from below if rising, open from above if falling."""
    side = 1.0 if rising else -1.0
    xs, ys = [np.empty(0)], [np.empty(0)]
    for one in found:
        x = placed.x(one.x[one.rising == rising])
        zero = np.full(len(x), placed.zero(one.lane))
        half, back = _MARKER_MM / 2, zero + side * _MARKER_MM
        xs.append(shapes(x, x - half, x + half))
        ys.append(shapes(zero, back, back))
    return Polygons(np.concatenate(xs), np.concatenate(ys), _colour(palette, rising), rising)


def _ticks(placed: PlacedSheet, found: Sequence[LaneCrossings], rising: bool, palette: Palette) -> Shape:
    """Ticks up from the middle of the strip under the lane for rising, down from it for falling."""
    height = (placed.sheet.tick_mm - 0.2) * (-1 if rising else 1)
    lines = []
    for one in found:
        middle = placed.top + placed.sheet.ticks_mm(one.lane)
        across = placed.x(one.x[one.rising == rising]).tolist()
        lines += [(x, middle, x, middle + height) for x in across]
    return strokes(lines, _colour(palette, rising), _TICK_MM)


def _density(placed: PlacedSheet, found: Sequence[LaneCrossings], rising: bool, palette: Palette) -> Polygons:
    """Bars of crossings in each 2 mm; the highest of the sheet fills its half of the strip."""
    most = max(int(_bin(placed, one, of)[1].max()) for one in found for of in (True, False)) or 1
    xs, ys = [], []
    for one in found:
        edges, count = _bin(placed, one, rising)
        middle = placed.top + placed.sheet.ticks_mm(one.lane)
        bars = middle + np.repeat(count / most, 2) * placed.sheet.tick_mm * (-1 if rising else 1)
        xs.append(placed.x(np.r_[edges[0], np.repeat(edges, 2)[1:-1], edges[-1], np.nan]))
        ys.append(np.r_[middle, bars, middle, np.nan])
    return Polygons(np.concatenate(xs), np.concatenate(ys), _colour(palette, rising))


def _bin(
    placed: PlacedSheet, found: LaneCrossings, rising: bool
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    lane = found.lane
    bins = max(round((lane.x1 - lane.x0) * placed.page.mm_per_x / _BIN_MM), 1)
    count, edges = np.histogram(found.x[found.rising == rising], bins=bins, range=(lane.x0, lane.x1))
    return edges, count.astype(np.int64)

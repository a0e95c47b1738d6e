"""Beats in a grid of cells on calibrated paper: one beat of a lead in each, or several over one another."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Lead
from ecg_core.figures.frame import path, unit_text
from ecg_core.figures.grid import grid_layout, squares_mm, texts
from ecg_core.figures.page import (
    CABRERA_LEADS,
    PULSE_MM,
    TWELVE_LEADS,
    Page,
    has_the_twelve,
    is_chest_lead,
    standard_name,
)
from ecg_core.figures.palette import Palette
from ecg_core.figures.strips import Scale, Strip, find_extent, find_scales
from ecg_core.figures.text import escape, plain
from ecg_core.figures.view import View
from ecg_core.signal.median_beat import MedianBeat
from ecg_core.signal.zero_crossings import find_lead_zero_crossings

_NARROWEST_CELL_MM, _GAP_MM = 30.0, 2.0
_LARGEST_PX, _SMALLEST_PX = 6, 3
_LETTER_PX = 5.6  # of the caption
_MOST_COLUMNS = 6
_LABEL_PX, _HIGHEST_MM, _LOWEST_MM, _LEAST_MM = 16.0, 40.0, 30.0, 5.0
_OFF_MM = 25.0


@dataclass(frozen=True, eq=False)
class Curve:
    """One beat of a cell, and how it is drawn; ``of`` says whose it is when it is pointed at."""

    beat: MedianBeat
    unit: str | None
    color: str
    dash: str = "solid"
    width: float = 1.2
    of: str = ""


@dataclass(frozen=True, eq=False)
class Cell:
    """What stands in one cell: beats of one lead, aligned at R; ``note`` beside the name."""

    name: str
    curves: tuple[Curve, ...]
    note: str = ""


@dataclass(frozen=True)
class _Grid:
    """Columns and rows of cells, in millimetres. R lies ``r_mm`` from a cell's left edge, on a large line."""

    columns: int
    px_per_mm: float
    cell_mm: float
    r_mm: float
    speed_mm_s: float


@dataclass(frozen=True, eq=False)
class _Placed:
    """A cell in its place: its left edge and its level, in millimetres; ``anchors`` lie on the level."""

    cell: Cell
    column: int
    row: int
    scales: tuple[Scale, ...]
    anchors: tuple[float, ...]

    def extent_mm(self) -> tuple[float, float]:
        extents = [find_extent(curve.beat.values) for curve in self.cell.curves]
        low = [(e[0] - a) * s.mm_per_unit for e, a, s in zip(extents, self.anchors, self.scales, strict=True)]
        high = [
            (e[1] - a) * s.mm_per_unit for e, a, s in zip(extents, self.anchors, self.scales, strict=True)
        ]
        return min(low, default=0.0), max(high, default=0.0)


def cell_parts(
    cells: Sequence[Cell],
    *,
    view: View,
    width_px: int,
    palette: Palette,
    caption: str,
    px_per_mm: float | None = None,
) -> dict[str, Any]:
    """The figure's ``data`` and ``layout``.

    Parameters
    ----------
    cells : sequence of Cell
        The twelve standard leads stand as on a page, three or six in a column; others row by row.
    view : View
        Whose speed, gains and order are used.
    width_px : int
        The room; the figure is not wider, unless one cell is.
    palette : Palette
    caption : str
        Stands at the bottom, after speed and gain.
    px_per_mm : float, optional
        By default what fits.
    """
    grid = _plan(cells, view, width_px, px_per_mm)
    placed = _place(cells, grid, view)
    said = _caption(placed, view, caption)
    width_mm = _width_mm(grid, said, width_px)
    lines = textwrap.wrap(said, max(int(width_mm * grid.px_per_mm / _LETTER_PX) - 2, 10))
    levels, height_mm = _levels(placed, grid, view, len(lines))
    traces = [_zero_lines(placed, grid, levels, palette), _pulses(placed, grid, levels, view, palette)]
    for each in placed:
        traces += _curves(each, grid, levels[each.row])
    traces.append(_labels(placed, grid, levels, height_mm, lines, palette))
    layout = grid_layout(
        x_range=(0.0, width_mm),
        y_range_mm=(-height_mm, 0.0),
        mm_per_x=1.0,
        px_per_mm=grid.px_per_mm,
        palette=palette,
    )
    return {"data": traces, "layout": layout}


def _plan(cells: Sequence[Cell], view: View, width_px: int, px_per_mm: float | None) -> _Grid:
    curves = [curve for cell in cells for curve in cell.curves]
    before_s = max((curve.beat.r_index / curve.beat.fs for curve in curves), default=0.35)
    after_s = max(((len(c.beat.values) - c.beat.r_index) / c.beat.fs for c in curves), default=0.55)
    r_mm = squares_mm(before_s * view.speed)
    cell_mm = max(squares_mm(r_mm + after_s * view.speed + _GAP_MM), _NARROWEST_CELL_MM)
    possible = (4, 2, 1) if _is_page(cells) else range(min(len(cells), _MOST_COLUMNS) or 1, 0, -1)
    for columns in possible:
        px = width_px / (PULSE_MM + columns * cell_mm)
        if px_per_mm and (px >= px_per_mm or columns == 1):
            return _Grid(columns, px_per_mm, cell_mm, r_mm, view.speed)
        if not px_per_mm and (px >= _SMALLEST_PX + 1 or columns == 1):
            return _Grid(columns, float(min(max(int(px), 1), _LARGEST_PX)), cell_mm, r_mm, view.speed)
    raise AssertionError("one column always fits")


def _width_mm(grid: _Grid, caption: str, width_px: int) -> float:
    """Of the cells, or of the caption as far as there is room for it."""
    cells_mm = PULSE_MM + grid.columns * grid.cell_mm
    room_mm = 5.0 * (width_px / grid.px_per_mm // 5.0)
    return max(cells_mm, min(squares_mm((len(caption) + 3) * _LETTER_PX / grid.px_per_mm), room_mm))


def _place(cells: Sequence[Cell], grid: _Grid, view: View) -> list[_Placed]:
    rows = -(-len(cells) // grid.columns)
    if _is_page(cells):
        ordered = _in_order(cells, CABRERA_LEADS if view.order == "cabrera" else TWELVE_LEADS)
        places = [divmod(number, rows) for number in range(len(ordered))]
    else:
        ordered = list(cells)
        places = [divmod(number, grid.columns)[::-1] for number in range(len(ordered))]
    curves = [(cell, curve) for cell in ordered for curve in cell.curves]
    scales = iter(_scales(curves, view))
    placed = []
    for cell, (column, row) in zip(ordered, places, strict=True):
        own = tuple(next(scales) for _ in cell.curves)
        anchors = tuple(_anchor(c.beat.values, s) for c, s in zip(cell.curves, own, strict=True))
        placed.append(_Placed(cell, column, row, own, anchors))
    return placed


def _in_order(cells: Sequence[Cell], order: Sequence[str]) -> list[Cell]:
    """The twelve leads; one of "-aVR" is aVR turned over."""
    known = {standard_name(cell.name): cell for cell in cells}
    return [_turned(known[name[1:]]) if name.startswith("-") else known[name] for name in order]


def _turned(cell: Cell) -> Cell:
    curves = tuple(replace(each, beat=replace(each.beat, values=-each.beat.values)) for each in cell.curves)
    return replace(cell, name=f"−{cell.name}", curves=curves)


def _scales(curves: Sequence[tuple[Cell, Curve]], view: View) -> list[Scale]:
    """As on the page: the gain for voltages, that of the chest for V1 to V9; a fitted one for others."""
    page = Page(1, 1.0, True, 1.0, view.speed, view=view)
    return find_scales([_strip(cell.name, curve) for cell, curve in curves], page)


def _is_page(cells: Sequence[Cell]) -> bool:
    return len(cells) == 12 and has_the_twelve([cell.name for cell in cells])


def _strip(name: str, curve: Curve) -> Strip:
    lead = Lead(name, curve.beat.values, curve.beat.fs, curve.unit)
    return Strip(lead, find_lead_zero_crossings(lead), 0)


def _anchor(values: NDArray[np.float64], scale: Scale) -> float:
    """The value on the level: zero, or where the beat is far from it a whole millimetre near its middle."""
    middle = float(np.nanmedian(values)) if np.isfinite(values).any() else 0.0
    away_mm = middle * scale.mm_per_unit
    return 0.0 if abs(away_mm) <= _OFF_MM else round(away_mm) / scale.mm_per_unit


def _levels(
    placed: Sequence[_Placed], grid: _Grid, view: View, caption_lines: int
) -> tuple[list[float], float]:
    """Where the level of each row is, in millimetres upwards from the top (so negative), and the height."""
    label_mm = _LABEL_PX / grid.px_per_mm
    levels: list[float] = []
    bottom = 0.0
    for row in range(max((each.row for each in placed), default=-1) + 1):
        extents = [each.extent_mm() for each in placed if each.row == row]
        above = min(
            max(
                [_pulse_mm(each, view) for each in placed if each.row == row] + [high for _, high in extents]
            ),
            _HIGHEST_MM,
        )
        below = max(min(low for low, _ in extents), -_LOWEST_MM)
        levels.append(-squares_mm(bottom + max(above, _LEAST_MM) + label_mm + 1.0))
        bottom = -levels[-1] + max(-below, _LEAST_MM)
    return levels, squares_mm(bottom + label_mm * caption_lines + 1.0)


def _left_mm(each: _Placed, grid: _Grid) -> float:
    return PULSE_MM + each.column * grid.cell_mm


def _zero_lines(
    placed: Sequence[_Placed], grid: _Grid, levels: Sequence[float], palette: Palette
) -> dict[str, Any]:
    points: list[tuple[float, float]] = []
    for each in placed:
        if each.cell.curves and not any(each.anchors):
            left, y = _left_mm(each, grid), levels[each.row]
            points += [(left, y), (left + grid.cell_mm - _GAP_MM, y), (np.nan, np.nan)]
    return path(points, name="zero", line={"color": palette.zero_line, "width": 1, "dash": "2px,3px"})


def _pulses(
    placed: Sequence[_Placed], grid: _Grid, levels: Sequence[float], view: View, palette: Palette
) -> dict[str, Any]:
    """1 mV high at the gain of the row's first lead, 5 mm wide."""
    points: list[tuple[float, float]] = []
    for each in placed:
        high = _pulse_mm(each, view)
        if high:
            corners = [(1, 0), (2, 0), (2, high), (7, high), (7, 0), (8, 0)]
            points += [(x, y + levels[each.row]) for x, y in corners] + [(np.nan, np.nan)]
    return path(points, name="1 mV", line={"color": palette.trace, "width": 1.2})


def _pulse_mm(each: _Placed, view: View) -> float:
    """Height of the calibration pulse left of a cell; none where another cell is there, or no voltage."""
    if each.column or not any(_is_voltage(curve) for curve in each.cell.curves):
        return 0.0
    return view.chest_gain or view.gain if is_chest_lead(each.cell.name) else view.gain


def _is_voltage(curve: Curve) -> bool:
    return Lead("", curve.beat.values, unit=curve.unit).millivolts_per_unit is not None


def _curves(each: _Placed, grid: _Grid, level: float) -> list[dict[str, Any]]:
    return [
        _curve(each, grid, level, curve, scale, anchor)
        for curve, scale, anchor in zip(each.cell.curves, each.scales, each.anchors, strict=True)
    ]


def _curve(
    each: _Placed, grid: _Grid, level: float, curve: Curve, scale: Scale, anchor: float
) -> dict[str, Any]:
    beat = curve.beat
    step_mm = grid.speed_mm_s / beat.fs
    at_ms = (np.arange(len(beat.values)) - beat.r_index) / beat.fs * 1000.0
    y = np.clip((beat.values - anchor) * scale.mm_per_unit, -_LOWEST_MM, _HIGHEST_MM) + level
    unit = unit_text(curve.unit)
    whose = f" · {plain(curve.of)}".replace("%", "&#37;") if curve.of else ""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": plain(each.cell.name),
        "x0": _left_mm(each, grid) + grid.r_mm - beat.r_index * step_mm,
        "dx": step_mm,
        "y": y.astype(np.float32),
        "line": {"color": curve.color, "width": curve.width, "dash": curve.dash},
        "text": [
            f"{ms:.0f} ms from R · {value:.4g} {unit}" for ms, value in zip(at_ms, beat.values, strict=True)
        ],
        "hovertemplate": f"<b>%{{fullData.name}}</b>{whose}<br>%{{text}}<extra></extra>",
    }


def _labels(
    placed: Sequence[_Placed],
    grid: _Grid,
    levels: Sequence[float],
    height_mm: float,
    caption: Sequence[str],
    palette: Palette,
) -> dict[str, Any]:
    label_mm = _LABEL_PX / grid.px_per_mm
    places = []
    for each in placed:
        row = [other.extent_mm()[1] for other in placed if other.row == each.row]
        above = min(max(max(row), _LEAST_MM), _HIGHEST_MM)
        name = f'<b><span style="color:{palette.label};font-size:14px">{plain(each.cell.name)}</span></b>'
        off = "zero is off the cell" if any(each.anchors) else ""
        notes = " · ".join(note for note in (each.cell.note, off) if note)
        y = levels[each.row] + above + label_mm / 2
        places.append((_left_mm(each, grid) + 0.5, y, f"{name}  {escape(notes)}"))
    for number, line in enumerate(reversed(caption)):
        small = f'<span style="font-size:11px">{escape(line)}</span>'
        places.append((1.0, label_mm * (number + 0.5) - height_mm, small))
    return texts(places, color=palette.note, position="middle right")


def _caption(placed: Sequence[_Placed], view: View, caption: str) -> str:
    curves = [(each.cell.name, curve) for each in placed for curve in each.cell.curves]
    parts = [f"{view.speed:g} mm/s"]
    if any(_is_voltage(curve) for _, curve in curves):
        chest = view.chest_gain if any(is_chest_lead(name) for name, _ in curves) else 0.0
        apart = f" (chest {chest:g})" if chest and chest != view.gain else ""
        parts.append(f"{view.gain:g} mm/mV{apart}")
    notes = {
        scale.note
        for each in placed
        for curve, scale in zip(each.cell.curves, each.scales, strict=True)
        if scale.note and not _is_voltage(curve)
    }
    return " · ".join(part for part in (*parts, *sorted(notes), caption) if part)

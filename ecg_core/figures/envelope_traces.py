"""What is drawn in the figure of a long window: y is in millimetres, negative from the top down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ecg_core.figures.envelope_lanes import GUTTER_PX, EnvelopeLane, EnvelopeSheet
from ecg_core.figures.frame import path, value_text
from ecg_core.figures.palette import Palette, translucent
from ecg_core.figures.text import escape, plain

_HOVERED_LANES = 3  # the values of many lanes would be a third more to send
_BIN_PX, _GAP_PX, _MARK_PX = 2.0, 2.0, 12.0
_NARROW_PX = 600
_LIFT = (np.nan, np.nan)

Floats = NDArray[np.float64]


def band_trace(lane: EnvelopeLane, sheet: EnvelopeSheet, palette: Palette) -> dict[str, Any]:
    """An outline of each stretch without a gap: along its highest values, and back along the lowest."""
    x, values = _outline(lane)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": plain(lane.name),
        "x": _compact(x, sheet),
        "y": (lane.heights_mm(values) - lane.level_mm).astype(np.float32),
        "fill": "toself",
        "fillcolor": translucent(palette.trace, 0.5),
        "line": {"color": palette.trace, "width": 0.8, "simplify": False},
        **(_hover(lane, values, sheet) if len(sheet.lanes) <= _HOVERED_LANES else {"hoverinfo": "skip"}),
    }


def _outline(lane: EnvelopeLane) -> tuple[Floats, Floats]:
    """Each column's extremes at its middle; a stretch begins and ends at the edges of its columns."""
    strip, edges = lane.strip, lane.edges_x
    middles = (edges[:-1] + edges[1:]) / 2
    x, values = [np.empty(0)], [np.empty(0)]
    for first, stop in _runs(~np.isnan(strip.lowest)):
        along = np.r_[edges[first], middles[first:stop], edges[stop]]
        columns = np.r_[first, first:stop, stop - 1]
        x += [along, along[::-1], np.array([np.nan])]
        values += [strip.highest[columns], strip.lowest[columns[::-1]], np.array([np.nan])]
    return np.concatenate(x), np.concatenate(values)


def _runs(chosen: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and stop of each run of True."""
    changes = np.flatnonzero(np.diff(np.r_[False, chosen, False].astype(np.int8)))
    return list(zip(changes[::2].tolist(), changes[1::2].tolist(), strict=True))


def _compact(x: Floats, sheet: EnvelopeSheet) -> NDArray[Any]:
    """As float32 where that is exact to a twentieth of a pixel."""
    step = np.spacing(np.float32(max(sheet.start + sheet.span, 1.0)))
    return x.astype(np.float32) if step < sheet.x_per_px / 20 else x


def _hover(lane: EnvelopeLane, values: Floats, sheet: EnvelopeSheet) -> dict[str, Any]:
    """Time and value of an extreme."""
    x = "%{x:.1f} s" if sheet.timed else "sample %{x:.0f}"
    return {
        "customdata": (-values if lane.is_inverted else values).astype(np.float32),
        "hoveron": "points",
        "hovertemplate": f"<b>%{{fullData.name}}</b> · {x} · {value_text(lane.strip.unit)}<extra></extra>",
    }


def missing_trace(sheet: EnvelopeSheet, palette: Palette) -> dict[str, Any]:
    """Columns of which samples are missing, as high as the lane and never too thin to be seen."""
    points: list[tuple[float, float]] = []
    least = _GAP_PX * sheet.x_per_px
    for lane in sheet.lanes:
        top, bottom = lane.above_mm - lane.level_mm, -lane.below_mm - lane.level_mm
        for first, stop in _runs((lane.strip.missing > 0) | np.isnan(lane.strip.lowest)):
            left, right = lane.edges_x[first], lane.edges_x[stop]
            right = max(right, left + least)
            points += [(left, bottom), (left, top), (right, top), (right, bottom), (left, bottom), _LIFT]
    return path(points, name="missing", fill="toself", fillcolor=palette.major_grid, line={"width": 0})


def zero_lines_trace(sheet: EnvelopeSheet, palette: Palette) -> dict[str, Any]:
    points: list[tuple[float, float]] = []
    for lane in sheet.lanes:
        if lane.zero_is_on_strip:
            points += [(lane.x0, -lane.level_mm), (lane.x1, -lane.level_mm), _LIFT]
    return path(points, name="zero", line={"color": palette.zero_line, "width": 1, "dash": "2px,3px"})


def millivolt_bars_trace(sheet: EnvelopeSheet, palette: Palette) -> dict[str, Any]:
    """One millivolt, left of each lane in millivolts."""
    points: list[tuple[float, float]] = []
    left, middle, right = (sheet.start - px * sheet.x_per_px for px in (22.0, 17.0, 12.0))
    for lane in sheet.lanes:
        if lane.strip.mv_per_unit is not None:
            foot = -lane.level_mm
            head = foot + lane.scale.mm_per_unit / lane.strip.mv_per_unit
            points += [(left, foot), (right, foot), _LIFT, (middle, foot), (middle, head), _LIFT]
            points += [(left, head), (right, head), _LIFT]
    return path(points, name="1 mV", line={"color": palette.trace, "width": 1.2})


def clipping_marks_trace(sheet: EnvelopeSheet, palette: Palette) -> dict[str, Any]:
    """A triangle that points out of the lane where the band was cut; one where there are many."""
    x: list[Floats] = [np.empty(0)]
    y: list[Floats] = [np.empty(0)]
    symbols: list[str] = []
    for lane in sheet.lanes:
        middles = (lane.edges_x[:-1] + lane.edges_x[1:]) / 2
        for columns, height, symbol in (
            (lane.clipped_above, lane.above_mm, "triangle-up"),
            (lane.clipped_below, -lane.below_mm, "triangle-down"),
        ):
            slots = np.floor((middles[columns] - lane.x0) / (_MARK_PX * sheet.x_per_px))
            _, first = np.unique(slots, return_index=True)
            x.append(middles[columns[first]])
            y.append(np.full(len(first), height - lane.level_mm))
            symbols += [symbol] * len(first)
    return {
        "type": "scatter", "mode": "markers", "name": "clipped",
        "x": np.concatenate(x), "y": np.concatenate(y),
        "marker": {"symbol": symbols, "size": 7, "color": palette.falling,
                   "line": {"color": palette.label, "width": 1}},
        "hovertemplate": "clipped: the signal goes on beyond the lane<extra></extra>",
    }  # fmt: skip


def density_trace(sheet: EnvelopeSheet, rising: bool, palette: Palette) -> dict[str, Any]:
    """Crossings a second, up for rising and down for falling; a lane's most fill its strip."""
    xs: list[ArrayLike] = [np.empty(0)]
    ys: list[ArrayLike] = [np.empty(0)]
    for lane in sheet.lanes:
        edges, *densities = _binned(lane, sheet)
        middle = -sheet.density_level_mm(lane)
        of_most = np.minimum(densities[0 if rising else 1] / _most(densities), 1.0)
        height = middle + of_most * (sheet.density_mm / 2 - 0.3) * (1 if rising else -1)
        xs += [edges[:1], np.repeat(edges, 2)[1:-1], [edges[-1], edges[0], np.nan]]
        ys += [[middle], np.repeat(height, 2), [middle, middle, np.nan]]
    colour = palette.rising if rising else palette.falling
    return {
        "type": "scatter",
        "name": "rising, density" if rising else "falling, density",
        "x": _compact(np.concatenate(xs), sheet),
        "y": np.concatenate(ys).astype(np.float32),
        "mode": "lines",
        "fill": "toself",
        "fillcolor": colour,
        "line": {"width": 0.5, "color": colour},
        "hoverinfo": "skip",
    }


def _most(densities: Sequence[Floats]) -> float:
    """The density that fills the strip: the highest, but for a bin in a hundred."""
    both = np.concatenate(densities)
    return float(np.quantile(both, 0.99)) or float(both.max()) or 1.0 if len(both) else 1.0


def _binned(lane: EnvelopeLane, sheet: EnvelopeSheet) -> tuple[Floats, Floats, Floats]:
    """Edges of bins of at least two pixels, whole columns each; crossings up and down by the bin's length."""
    strip, edges = lane.strip, lane.edges_x
    together = max(round(_BIN_PX * sheet.x_per_px / strip.column_x), 1)
    starts = np.arange(0, len(strip.lowest), together)
    length = together * strip.column_x
    rising, falling = (
        np.add.reduceat(counts, starts) / length if len(starts) else np.zeros(0)
        for counts in (strip.rising, strip.falling)
    )
    return np.append(edges[starts], edges[-1]), rising, falling


def labels_trace(sheet: EnvelopeSheet, palette: Palette) -> dict[str, Any]:
    """Every text on the sheet in one trace: names with counts, and what the figure is."""
    half_label = sheet.label_mm / 2
    left = sheet.start - GUTTER_PX * sheet.x_per_px
    return {
        "type": "scatter",
        "mode": "text",
        "name": "labels",
        "x": [*(lane.x0 for lane in sheet.lanes), left + 4 * sheet.x_per_px],
        "y": [
            *(lane.above_mm + half_label - lane.level_mm for lane in sheet.lanes),
            max(2.0, 8.0 / sheet.px_per_mm) - sheet.height_mm,
        ],
        "text": [
            *(_label(lane, palette) for lane in sheet.lanes),
            f'<span style="font-size:11px">{escape(_caption(sheet))}</span>',
        ],
        "textposition": "middle right",
        "textfont": {"color": palette.note, "size": 12},
        "hoverinfo": "skip",
    }


def _label(lane: EnvelopeLane, palette: Palette) -> str:
    name = f'<b><span style="color:{palette.label};font-size:14px">{plain(lane.name)}</span></b>'
    return f"{name}  {escape(lane.notes)}"


def _caption(sheet: EnvelopeSheet) -> str:
    """What the figure is, in few words on a narrow screen."""
    view = sheet.view
    parts = [_length(sheet.span) if sheet.timed else f"{sheet.span:,.0f} samples".replace(",", "\u202f")]
    parts[0] += " across"
    if any(lane.strip.mv_per_unit is not None for lane in sheet.lanes):
        chest = f" · chest {view.chest_gain:g} mm/mV" if view.chest_gain not in (0.0, view.gain) else ""
        parts.append(f"{view.gain:g} mm/mV{chest}")
    what = "lowest to highest of the stored signal" if sheet.width_px >= _NARROW_PX else "extremes"
    parts.append(what + (", not filtered" if view.is_filtered else ""))
    if any(lane.strip.missing.any() for lane in sheet.lanes):
        parts.append("shaded: samples missing")
    return " · ".join(parts)


def _length(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.4g} s"
    return f"{seconds / 60:.4g} min" if seconds < 7200 else f"{seconds / 3600:.4g} h"

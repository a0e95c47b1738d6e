"""All leads on one time axis over one zero line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecg_core.figures.colours import Stroke, lead_stroke
from ecg_core.figures.frame import path, value_text
from ecg_core.figures.grid import grid_layout, squares_mm, texts
from ecg_core.figures.page import PULSE_MM, RIGHT_MM, Page, is_chest_lead
from ecg_core.figures.palette import Palette, palette_of
from ecg_core.figures.reduce import FULL_POINTS, find_shown_points
from ecg_core.figures.strips import Scale, Strip, find_extent, find_scales
from ecg_core.figures.text import escape, plain
from ecg_core.figures.view import View

_LABEL_PX, _CAPTION_PX, _AXIS_PX = 14.0, 18.0, 22
_FARTHEST_MM, _LEAST_MM = 60.0, 10.0
_BEGINNING = 0.02  # of the sheet: where a trace begins, for its label
_STEPS_S = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)


def overlay_parts(
    strips: Sequence[Strip], page: Page, *, view: View, dark: bool = False, start: float | None = None
) -> dict[str, Any]:
    """All strips over one another, told apart by colour, dash and a name at the beginning of each.

    Parameters
    ----------
    strips : sequence of Strip
        One group of ``split_by_axis``; what lies beyond ``page.span`` is not drawn.
    page : Page
        Its span, speed and size of a millimetre; its gain is that of the view.
    view : View
    dark : bool
        Of the page; the view's own paper goes before it.
    start : float, optional
        Where the sheet begins, in seconds or samples. By default at the earliest strip.

    Returns
    -------
    dict
        ``data`` and ``layout``, for `ReadyFigure`.
    """
    palette = palette_of(view.paper, dark=dark)
    start = min((strip.start for strip in strips), default=0.0) if start is None else start
    cuts = [strip.cut(start, start + page.span) for strip in strips]
    scales = find_scales(strips, replace(page, view=view))
    heights = [
        strip.values[cut] * scale.mm_per_unit for strip, cut, scale in zip(strips, cuts, scales, strict=True)
    ]
    strokes = [lead_stroke(number, palette) for number in range(len(strips))]
    below, above = _room_mm(heights, page)
    traces = [_zero_line(page, start, palette), _bar(strips, page, start, view, palette)]
    traces += [_trace(*each, page) for each in zip(strips, cuts, heights, strokes, strict=True)]
    traces += _names(strips, heights, strokes, page, start, (below, above))
    traces.append(_caption(strips, scales, page, start, view, below, palette))
    return {"data": traces, "layout": _layout(page, start, below, above, palette)}


def _room_mm(heights: Sequence[NDArray[np.float64]], page: Page) -> tuple[float, float]:
    """How far the sheet reaches below (negative) and above zero."""
    extents = [find_extent(height) for height in heights]
    lowest = min((low for low, _ in extents), default=0.0)
    highest = max((high for _, high in extents), default=0.0)
    names_mm = len(heights) * _LABEL_PX / page.px_per_mm / 2  # half of the names on each side, if need be
    above = squares_mm(min(max(highest, _LEAST_MM, names_mm), _FARTHEST_MM) + 2.0)
    below = squares_mm(min(max(-lowest, _LEAST_MM, names_mm), _FARTHEST_MM) + _CAPTION_PX / page.px_per_mm)
    return -below, above


def _zero_line(page: Page, start: float, palette: Palette) -> dict[str, Any]:
    ends = [(start, 0.0), (start + page.span, 0.0)]
    return path(ends, name="zero", line={"color": palette.zero_line, "width": 1, "dash": "2px,3px"})


def _bar(strips: Sequence[Strip], page: Page, start: float, view: View, palette: Palette) -> dict[str, Any]:
    """One millivolt, at the right edge."""
    x = start + page.span + RIGHT_MM / 2 / page.mm_per_x
    calibrated = any(strip.lead.millivolts_per_unit is not None for strip in strips)
    points = [(x, 0.0), (x, view.gain)] if calibrated else []
    return path(points, name="1 mV", line={"color": palette.trace, "width": 3})


def _trace(
    strip: Strip, cut: slice, height: NDArray[np.float64], stroke: Stroke, page: Page
) -> dict[str, Any]:
    first = strip.start + cut.start * strip.dx
    values = strip.values[cut]
    where: dict[str, Any] = {"x0": first, "dx": strip.dx}
    if len(height) > FULL_POINTS:
        shown = find_shown_points(height)
        height, values, where = height[shown], values[shown], {"x": first + shown * strip.dx}
    at = "%{x:.3f} s" if page.timed else "sample %{x:.0f}"
    return {
        "type": "scatter",
        "mode": "lines",
        "name": plain(strip.lead.name),
        **where,
        "y": np.clip(height, -_FARTHEST_MM, _FARTHEST_MM).astype(np.float32),
        "line": {"color": stroke.color, "dash": stroke.dash, "width": 1.3},
        "customdata": values.astype(np.float32),
        "hovertemplate": f"<b>%{{fullData.name}}</b> · {at} · {value_text(strip.lead.unit)}<extra></extra>",
    }


def _names(
    strips: Sequence[Strip],
    heights: Sequence[NDArray[np.float64]],
    strokes: Sequence[Stroke],
    page: Page,
    start: float,
    room_mm: tuple[float, float],
) -> list[dict[str, Any]]:
    """The names left of the traces, none over another; a stroke like the trace's leads to its beginning."""
    wanted = [_beginning(height) for height in heights]
    apart = _LABEL_PX / page.px_per_mm
    places = spread(wanted, apart, room_mm[0] + _CAPTION_PX / page.px_per_mm, room_mm[1] - apart / 2)
    mm = 1.0 / page.mm_per_x
    lines = [
        path(
            [(start - 3.0 * mm, place), (start - 1.0 * mm, place), (start, want)],
            name="name",
            line={"color": stroke.color, "dash": stroke.dash, "width": 1.3},
        )
        for place, want, stroke in zip(places, wanted, strokes, strict=True)
    ]
    labels = [
        (
            start - 3.5 * mm,
            place,
            f'<b><span style="color:{stroke.color}">{plain(strip.lead.name)}</span></b>',
        )
        for strip, place, stroke in zip(strips, places, strokes, strict=True)
    ]
    return [*lines, texts(labels, color=strokes[0].color if strokes else "#000", position="middle left")]


def _name(strip: Strip, stroke: Stroke) -> str:
    return f'<b><span style="color:{stroke.color}">{plain(strip.lead.name)}</span></b>'


def _beginning(height: NDArray[np.float64]) -> float:
    """Where the eye sees the trace begin."""
    first = height[: max(int(len(height) * _BEGINNING), 1)]
    finite = first[np.isfinite(first)]
    return float(np.clip(finite[0], -_FARTHEST_MM, _FARTHEST_MM)) if len(finite) else 0.0


def spread(wanted: Sequence[float], apart: float, lowest: float, highest: float) -> list[float]:
    """Places near those wanted, in their order, ``apart`` from each other, within the bounds if it goes."""
    order = np.argsort(wanted, kind="stable")
    places = np.array(wanted, dtype=np.float64)[order]
    if not len(places):
        return []
    pushed = _pushed_up(places, apart)
    pushed += min(float(np.mean(places) - np.mean(pushed)), 0.0)
    pushed[0] = max(pushed[0], lowest)
    pushed = _pushed_up(pushed, apart)
    pushed[-1] = min(pushed[-1], highest)
    places = -_pushed_up(-pushed[::-1], apart)[::-1]
    found = np.empty_like(places)
    found[order] = places
    return [float(place) for place in found]


def _pushed_up(places: NDArray[np.float64], apart: float) -> NDArray[np.float64]:
    """Each at least ``apart`` above the one before."""
    steps = apart * np.arange(len(places))
    return np.asarray(np.maximum.accumulate(places - steps) + steps)


def _caption(
    strips: Sequence[Strip],
    scales: Sequence[Scale],
    page: Page,
    start: float,
    view: View,
    below_mm: float,
    palette: Palette,
) -> dict[str, Any]:
    parts = [f"{page.mm_per_x:g} mm/s"] if page.timed else []
    names = [strip.lead.name for strip in strips if strip.lead.millivolts_per_unit is not None]
    if names:
        apart = view.chest_gain and view.chest_gain != view.gain and any(map(is_chest_lead, names))
        parts.append(f"{view.gain:g} mm/mV" + (f" (chest {view.chest_gain:g})" if apart else ""))
    other = [
        scale.note
        for strip, scale in zip(strips, scales, strict=True)
        if strip.lead.millivolts_per_unit is None
    ]
    notes = list(dict.fromkeys(other))
    text = f'<span style="font-size:11px">{escape(" · ".join([*parts, *notes]))}</span>'
    place = (start, below_mm + _CAPTION_PX / 2 / page.px_per_mm, text)
    return texts([place], color=palette.note, position="middle right") | {"name": "caption"}


def _layout(page: Page, start: float, below: float, above: float, palette: Palette) -> dict[str, Any]:
    x_range = (start - PULSE_MM / page.mm_per_x, start + page.span + RIGHT_MM / page.mm_per_x)
    layout = grid_layout(
        x_range=x_range,
        y_range_mm=(below, above),
        mm_per_x=page.mm_per_x,
        px_per_mm=page.px_per_mm,
        palette=palette,
        tick0=start,
        axis_px=_AXIS_PX,
    )
    if page.timed:
        second_px = page.mm_per_x * page.px_per_mm
        step = next((step for step in _STEPS_S if step * second_px >= 60.0), _STEPS_S[-1])
        squares = page.mm_per_x / (5.0 if page.px_per_mm >= 3 else 25.0)
        layout["xaxis"] |= {"ticklabelstep": max(round(step * squares), 1), "ticksuffix": " s"}
        return layout
    layout["plot_bgcolor"] = palette.neutral_paper  # no millimetres: samples have no time
    plain_axis = {"minor": {"showgrid": False}, "gridcolor": palette.neutral_grid}
    layout["xaxis"] |= plain_axis | {"dtick": None, "nticks": max(round(page.width_px / 90), 2),
                                     "tick0": None, "tickformat": ",d"}  # fmt: skip
    layout["yaxis"] |= plain_axis
    return layout

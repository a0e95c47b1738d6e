"""The overview: a whole recording in one strip, with the window that the page shows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecg_core.figures.envelope_strips import usual_extent
from ecg_core.figures.frame import frame
from ecg_core.figures.palette import Palette, translucent
from ecg_core.figures.text import plain
from ecg_core.figures.times import time_ticks

_RATE_PX, _SIGNAL_PX, _CROSSINGS_PX, _AXIS_PX, _LEFT_PX = 58, 48, 30, 22, 74
_SPARE, _LONGEST_NAME = 500, 9  # one column in so many may leave the lane
# More events than these are ticks from here to the top.
_FEW_EVENTS, _TICK_FOOT = 60, 0.9
_LEAST_WINDOW = 0.004  # of the width: it stays visible on a day


def overview_parts(
    lowest: NDArray[np.float64],
    highest: NDArray[np.float64],
    crossings: NDArray[np.int64],
    rates_bpm: NDArray[np.float64] | None,
    *,
    duration_s: float,
    column_s: float,
    gaps: Sequence[tuple[float, float]] = (),
    window: tuple[float, float],
    events: Sequence[float] = (),
    lead: str,
    width_px: int,
    palette: Palette,
    recorded_at: datetime | None = None,
) -> dict[str, Any]:
    """Heart rate, envelope of a lead and crossings a column over the whole recording.

    Parameters
    ----------
    lowest, highest : ndarray, shape (columns,)
        Extremes of the lead; NaN where no sample is.
    crossings : ndarray of int64, shape (columns,)
        Zero crossings of the stored signal.
    rates_bpm : ndarray, shape (columns,), optional
        Median heart rate; NaN where no beat is. None: no beats are known.
    column_s, duration_s : float
        Length of a column, and of it all.
    gaps : sequence of (float, float)
        From and to, in seconds.
    window : (float, float)
        What the page shows: from and to, in seconds.
    events : sequence of float
        Seconds of what readers noted.

    Returns
    -------
    dict
        ``data`` and ``layout``; a horizontal box selection on it chooses another window.
    """
    x: NDArray[np.float64] = (np.arange(len(lowest), dtype=np.float64) + 0.5) * column_s
    data = [_band(x, lowest, highest, palette), _bars(x, crossings, palette)]
    if rates_bpm is not None:
        data = [*_rates(x, rates_bpm, palette), *data]
    height = (_RATE_PX if rates_bpm is not None else 0) + _SIGNAL_PX + _CROSSINGS_PX
    places, texts = time_ticks(0.0, duration_s, width_px - _LEFT_PX, recorded_at=recorded_at)
    axes = _lanes(height, (lowest, highest), crossings, rates_bpm, palette)
    layout = {
        **frame(width_px, height + _AXIS_PX + 4, paper=palette.neutral_paper, palette=palette,
                left=_LEFT_PX, right=6, top=4, bottom=_AXIS_PX),
        "dragmode": "select",
        "selectdirection": "h",
        "xaxis": {
            "range": [0.0, duration_s], "tickvals": places, "ticktext": texts, "fixedrange": True,
            "gridcolor": palette.neutral_grid, "zeroline": False, "anchor": "y2",
        },
        **axes,
        "annotations": _names(axes, lead),
        "shapes": [*_gaps(gaps, palette), *_events(events, palette), _window(window, duration_s, palette)],
    }  # fmt: skip
    return {"data": data, "layout": layout}


def _rates(x: NDArray[np.float64], rates: NDArray[np.float64], palette: Palette) -> list[dict[str, Any]]:
    """A line, and a dot where a column stands alone between such without beats."""
    known = np.pad(np.isfinite(rates), 1)
    alone = known[1:-1] & ~known[:-2] & ~known[2:]
    common = {
        "type": "scatter", "name": "heart rate", "yaxis": "y3", "hovertemplate": "%{y:.0f} bpm<extra></extra>"
    }  # fmt: skip
    y = rates.astype(np.float32)
    line = {**common, "mode": "lines", "x": x, "y": y, "line": {"color": palette.rising, "width": 1.2}}
    if not alone.any():
        return [line]
    dots = {"mode": "markers", "x": x[alone], "y": y[alone], "marker": {"color": palette.rising, "size": 2.5}}
    return [line, {**common, **dots}]


def _band(
    x: NDArray[np.float64], lowest: NDArray[np.float64], highest: NDArray[np.float64], palette: Palette
) -> dict[str, Any]:
    low, high = usual_extent(lowest, highest, _SPARE)
    y = np.stack([np.clip(lowest, low, high), np.clip(highest, low, high)], axis=1).ravel()
    return {
        "type": "scatter", "mode": "lines", "name": "signal", "x": np.repeat(x, 2),
        "y": y.astype(np.float32), "line": {"color": palette.trace, "width": 0.8}, "hoverinfo": "skip",
    }  # fmt: skip


def _bars(x: NDArray[np.float64], crossings: NDArray[np.int64], palette: Palette) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "lines", "name": "zero crossings", "yaxis": "y2", "x": x,
        "y": crossings.astype(np.float32), "fill": "tozeroy", "fillcolor": palette.falling,
        "line": {"color": palette.falling, "width": 0.5, "shape": "hvh"},
        "hovertemplate": "%{y} zero crossings<extra></extra>",
    }  # fmt: skip


def _names(axes: dict[str, dict[str, Any]], lead: str) -> list[dict[str, Any]]:
    """What each lane is, upright beside it: turned by a quarter, II reads as an equals sign."""
    short = lead if len(lead) <= _LONGEST_NAME else lead[: _LONGEST_NAME - 1] + "…"
    texts = {"yaxis2": ("↕", 6), "yaxis": (plain(short), 6), "yaxis3": ("bpm", 34)}
    return [
        {
            "text": text, "x": 0.0, "y": sum(axes[axis]["domain"]) / 2, "xref": "paper", "yref": "paper",
            "xanchor": "right", "yanchor": "middle", "xshift": -away_px, "showarrow": False,
            "font": {"size": 12},
        }
        for axis, (text, away_px) in texts.items()
        if axis in axes
    ]  # fmt: skip


def _lanes(
    height: int,
    extremes: tuple[NDArray[np.float64], NDArray[np.float64]],
    crossings: NDArray[np.int64],
    rates: NDArray[np.float64] | None,
    palette: Palette,
) -> dict[str, dict[str, Any]]:
    """The lanes touch, so that a drag may begin at any height; the air between them is in their ranges."""
    common = {"fixedrange": True, "showgrid": False, "zeroline": False, "tickfont": {"size": 11}}
    first, second = _CROSSINGS_PX / height, (_CROSSINGS_PX + _SIGNAL_PX) / height
    axes = {
        "yaxis2": {
            **common, "domain": [0.0, first], "range": [0.0, 1.15 * max(int(crossings.max(initial=0)), 1)],
            "showticklabels": False,
        },
        "yaxis": {
            **common, "domain": [first, second], "range": list(_signal_range(*extremes)),
            "showticklabels": False,
        },
    }  # fmt: skip
    if rates is not None:
        axes["yaxis3"] = {
            **common, "domain": [second, 1.0], "range": list(_rate_range(rates)), "nticks": 4,
            "showgrid": True, "gridcolor": palette.neutral_grid,
        }  # fmt: skip
    return axes


def _signal_range(lowest: NDArray[np.float64], highest: NDArray[np.float64]) -> tuple[float, float]:
    low, high = usual_extent(lowest, highest, _SPARE)
    air = 0.1 * (high - low) or 1.0
    return low - air, high + air


def _rate_range(rates: NDArray[np.float64]) -> tuple[float, float]:
    finite = rates[np.isfinite(rates)]
    if not len(finite):
        return 40.0, 140.0
    return max(0.0, float(finite.min()) - 10.0), float(finite.max()) + 10.0


def _gaps(gaps: Sequence[tuple[float, float]], palette: Palette) -> list[dict[str, Any]]:
    """One shape for all: a browser takes a millisecond for each."""
    areas = "".join(f"M{start:.3f},0H{stop:.3f}V1H{start:.3f}Z" for start, stop in gaps)
    style = {"fillcolor": palette.note, "opacity": 0.25, "line": {"width": 0}}
    return [{"type": "path", "xref": "x", "yref": "paper", "path": areas, **style}] if gaps else []


def _events(events: Sequence[float], palette: Palette) -> list[dict[str, Any]]:
    """Lines over all of it; many are ticks at its top, or nothing else would be seen."""
    foot = 0 if len(events) <= _FEW_EVENTS else _TICK_FOOT
    lines = "".join(f"M{place:.3f},{foot}V1" for place in events)
    line = {"color": palette.label, "width": 1, "dash": "dot" if foot == 0 else "solid"}
    return [{"type": "path", "xref": "x", "yref": "paper", "path": lines, "line": line}] if events else []


def _window(window: tuple[float, float], duration_s: float, palette: Palette) -> dict[str, Any]:
    start, stop = window
    stop = max(stop, start + duration_s * _LEAST_WINDOW)
    return {
        "type": "rect", "xref": "x", "yref": "paper", "x0": start, "x1": stop, "y0": 0, "y1": 1,
        "fillcolor": translucent(palette.rising, 0.15), "line": {"color": palette.rising, "width": 2},
    }  # fmt: skip

"""Full disclosure: one lead over a long time, a minute a line, an hour a page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecg_core.figures.envelope_strips import usual_extent
from ecg_core.figures.frame import frame
from ecg_core.figures.palette import Palette
from ecg_core.figures.text import escape
from ecg_core.figures.times import time_texts

LINE_S = 60.0
LINES = 60
_LINE_PX, _TOP_PX, _AXIS_PX, _LEFT_PX, _RIGHT_PX = 20, 6, 40, 74, 4
_SPARE = 1000  # one column in so many may reach beyond its line


def full_disclosure_parts(
    lowest: NDArray[np.float64],
    highest: NDArray[np.float64],
    *,
    column_s: float,
    start_s: float,
    lead: str,
    unit: str,
    width_px: int,
    palette: Palette,
    recorded_at: datetime | None = None,
    extra: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """A page of lines of one minute each.

    Parameters
    ----------
    lowest, highest : ndarray, shape (columns,)
        Extremes of the lead in each column of time, in ``unit``; NaN where no sample is.
    column_s : float
        Length of a column.
    start_s : float
        Where the first column begins, from the first sample of the recording.
    lead, unit : str
        As shown.
    recorded_at : datetime, optional
        Time of day of the recording's first sample: lines are then named by the clock.
    extra : sequence of dict
        More traces over these: x in seconds of the line; y is 0 in the first line, −1 in the next.

    Returns
    -------
    dict
        ``data`` and ``layout``, for `ReadyFigure`. Lines are cut at their neighbours' middle.
    """
    line, x = _places(len(lowest), column_s)
    lines = int(line[-1]) + 1 if len(line) else 1
    middle, half = _scale(lowest, highest)
    low, high = (np.clip((side - middle) / half, -1.0, 1.0) / 2 for side in (lowest, highest))
    y = np.stack([low, high], axis=1) - line[:, None]
    return {
        "data": [_trace(x, y, line, palette), *extra],
        "layout": _layout(lines, start_s, width_px, palette, recorded_at, _caption(lead, unit, half)),
    }


def _places(columns: int, column_s: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The line of each column, and its time within the line."""
    times = np.arange(columns) * column_s
    line = np.floor(times / LINE_S + 1e-9).astype(np.int64)
    return line, times - line * LINE_S


def _scale(lowest: NDArray[np.float64], highest: NDArray[np.float64]) -> tuple[float, float]:
    """The middle of the lines and half of what is between them: all but a few extremes fit."""
    low, high = usual_extent(lowest, highest, _SPARE)
    return (low + high) / 2, (high - low) / 2 or 1.0


def _trace(
    x: NDArray[np.float64], y: NDArray[np.float64], line: NDArray[np.int64], palette: Palette
) -> dict[str, Any]:
    """One stroke, lifted between lines."""
    ends = np.flatnonzero(np.diff(line)) + 1
    xs = np.insert(np.repeat(x, 2), ends * 2, np.nan)
    ys = np.insert(y.ravel(), ends * 2, np.nan)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "signal",
        "x": xs.astype(np.float32),
        "y": ys.astype(np.float32),
        "line": {"color": palette.trace, "width": 0.8, "simplify": False},
        "hoverinfo": "skip",
    }


def _caption(lead: str, unit: str, half: float) -> str:
    return f"{lead} · a minute a line · from line to line {2 * half:.3g} {unit}, clipped beyond"


def _layout(
    lines: int, start_s: float, width_px: int, palette: Palette, recorded_at: datetime | None, caption: str
) -> dict[str, Any]:
    places = [start_s + number * LINE_S for number in range(lines)]
    texts = time_texts(places, max(places[-1], 3600.0), recorded_at=recorded_at)
    height_px = _TOP_PX + lines * _LINE_PX + _AXIS_PX
    return {
        **frame(width_px, height_px, paper=palette.neutral_paper, palette=palette,
                left=_LEFT_PX, right=_RIGHT_PX, top=_TOP_PX, bottom=_AXIS_PX),
        "xaxis": {
            "range": [0, LINE_S],
            "dtick": 10,
            "ticksuffix": " s",
            "gridcolor": palette.neutral_grid,
            "zeroline": False,
            "fixedrange": True,
        },
        "yaxis": {
            "range": [0.5 - lines, 0.5],
            "tickvals": [-number for number in range(lines)],
            "ticktext": texts,
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
        },
        "annotations": [
            {
                "text": escape(caption),
                "xref": "paper", "yref": "paper", "x": 0, "y": 0, "yshift": -_AXIS_PX,
                "xanchor": "left", "yanchor": "bottom", "showarrow": False, "font": {"size": 11},
            }
        ],
    }  # fmt: skip


def seconds_per_px(width_px: int) -> float:
    """What a pixel of a line is."""
    return LINE_S / max(width_px - _LEFT_PX - _RIGHT_PX, 1)


def line_facts(lines: int, *, start_s: float, lead: str, rate_hz: float) -> list[dict[str, Any]]:
    """Where each line is and which samples it shows, for the browser; as `sheet_facts` has lanes."""
    return [
        {
            "lead": lead, "label": lead, "trace": 0, "x0": 0.0, "x1": LINE_S,
            "top": 0.5 - number, "bottom": -0.5 - number, "level": float(-number),
            "y_per_unit": 0.0, "anchor": 0.0,
            "first_sample": round((start_s + number * LINE_S) * rate_hz), "first_x": 0.0,
            "dx": 1 / rate_hz, "rate": rate_hz,
            "unit": "", "mv_per_unit": None, "inverted": False,
        }
        for number in range(lines)
    ]  # fmt: skip

"""Plain calibrated paper: a sheet on which y, and where there is no time axis also x, is in millimetres."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ecg_core.figures.frame import frame
from ecg_core.figures.palette import Palette

_DENSE_PX = 3.0  # pixels a millimetre below which no line is drawn for each


def grid_layout(
    *,
    x_range: tuple[float, float],
    y_range_mm: tuple[float, float],
    mm_per_x: float,
    px_per_mm: float,
    palette: Palette,
    tick0: float = 0.0,
    axis_px: int = 0,
) -> dict[str, Any]:
    """The layout of a figure of exact size; ``axis_px`` is the room for labels under it.

    Parameters
    ----------
    x_range, y_range_mm : tuple of float
        What is shown; y in millimetres upwards.
    mm_per_x : float
        Millimetres of one unit of x.
    px_per_mm : float
        Pixels of a millimetre, the same across and down.
    palette : Palette
    tick0 : float
        A place on x where a line of 5 mm lies.
    """
    width_mm = (x_range[1] - x_range[0]) * mm_per_x
    x = _lines(mm_per_x, tick0, px_per_mm, palette) | {"range": list(x_range)}
    y = _lines(1.0, 0.0, px_per_mm, palette) | {"range": list(y_range_mm), "showticklabels": False}
    height_px = round((y_range_mm[1] - y_range_mm[0]) * px_per_mm) + axis_px
    return {
        **frame(round(width_mm * px_per_mm), height_px, paper=palette.paper, palette=palette, bottom=axis_px),
        "xaxis": x | {"showticklabels": axis_px > 0},
        "yaxis": y | {"scaleanchor": "x", "scaleratio": 1.0 / mm_per_x},
    }  # fmt: skip


def _lines(mm_per_unit: float, tick0: float, px_per_mm: float, palette: Palette) -> dict[str, Any]:
    """Large squares of 5 mm and small ones of 1 mm, as far as the screen can show them."""
    large_mm, small_mm = (5.0, 1.0) if px_per_mm >= _DENSE_PX else (25.0, 5.0)
    small = palette.faint_grid if _DENSE_PX <= px_per_mm < 4 else palette.minor_grid
    common = {"tick0": tick0, "gridwidth": 1, "showgrid": True}
    return {
        "constrain": "domain",
        "zeroline": False,
        "ticks": "",
        "showline": False,
        "automargin": False,
        **common,
        "dtick": large_mm / mm_per_unit,
        "gridcolor": palette.major_grid,
        "minor": {**common, "dtick": small_mm / mm_per_unit, "gridcolor": small},
    }


def texts(places: Sequence[tuple[float, float, str]], *, color: str, position: str) -> dict[str, Any]:
    """Texts at (x, mm), in one trace; they are HTML that Plotly reads: escape what comes from a file."""
    return {
        "type": "scatter",
        "mode": "text",
        "name": "labels",
        "x": [x for x, _, _ in places],
        "y": [y for _, y, _ in places],
        "text": [text for _, _, text in places],
        "textposition": position,
        "textfont": {"color": color, "size": 12},
        "hoverinfo": "skip",
    }


def squares_mm(length_mm: float) -> float:
    """Up to whole large squares."""
    return 5.0 * math.ceil(length_mm / 5.0 - 1e-6)

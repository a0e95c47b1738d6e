"""What every figure has in common: its frame, lines through points, values under the pointer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ecg_core.figures.palette import Palette
from ecg_core.figures.text import plain

FONT = '"Source Sans", "Source Sans Pro", sans-serif'


def frame(
    width_px: int, height_px: int, *, paper: str, palette: Palette, left: int = 0, right: int = 0,
    top: int = 0, bottom: int = 0,
) -> dict[str, Any]:  # fmt: skip
    """The layout of a figure of exact size, without its axes; margins in pixels are within it."""
    return {
        "template": {},
        "width": width_px,
        "height": height_px,
        "margin": {"l": left, "r": right, "t": top, "b": bottom, "pad": 0},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": paper,
        "font": {"family": FONT, "size": 12, "color": palette.note},
        "showlegend": False,
        "hovermode": "closest",
        "hoverlabel": {
            "bgcolor": palette.paper,
            "bordercolor": palette.note,
            "font": {"color": palette.label, "family": FONT, "size": 13},
        },
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": palette.note, "activecolor": palette.label},
        "dragmode": False,
    }


def path(points: Sequence[tuple[float, float]], **style: Any) -> dict[str, Any]:
    """One line through (x, y) points; NaN lifts the pen."""
    x, y = np.array(points, dtype=np.float64).reshape(-1, 2).T
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, "hoverinfo": "skip", **style}


def value_text(unit: str | None) -> str:
    """A value of ``customdata`` with its unit, for a hover template."""
    shape = {None: ".6~g", "mV": ".3f", "uV": ".1f"}.get(unit, ".5~g")
    return f"%{{customdata:{shape}}} {unit_text(unit)}"


def unit_text(unit: str | None) -> str:
    """As people write it; a percent sign would begin a format."""
    return {None: "counts", "uV": "µV"}.get(unit) or plain(str(unit)).replace("%", "&#37;")

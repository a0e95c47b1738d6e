"""A figure that was made for a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ecg_core.figures import ReadyFigure

FIGURES_KEPT = 100  # of each kind, some 0.4 MB each, of all visitors together


@dataclass(frozen=True, eq=False)
class Drawn:
    """A figure, the same in words, and where things are in it, for the browser.

    ``shows_samples`` is False where a trace is a band of extremes: times are measured on it, to a pixel.
    ``remark`` is what the reader must know of it, as what is left out.
    """

    figure: ReadyFigure
    words: str
    facts: dict[str, Any]
    shows_samples: bool = False
    remark: str = ""

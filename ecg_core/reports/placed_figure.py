"""A whole figure of the screen on calibrated paper, in true millimetres."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ecg_core.figures.palette import Palette
from ecg_core.reports.drawing import Clipped, Lines, Rectangle, Shape, Text, strokes
from ecg_core.reports.figure_shapes import FigureAxes, figure_shapes
from ecg_core.reports.print_frame import Printout
from ecg_core.reports.sheet_drawing import AXIS_TEXT_MM, PX_PER_MM, grid_lines, print_palette

_AXIS_INK = "#333333"


@dataclass(frozen=True, eq=False)
class PlacedFigure:
    """A figure whose y axis is in millimetres.

    Attributes
    ----------
    parts : mapping
        ``data`` and ``layout``, laid out for `PX_PER_MM`.
    mm_per_x : float
        Of one unit of its x axis.
    most_mm : float
        Its height on paper is cut there.
    ticks : sequence of (float, str)
        Places on the x axis, and what stands under them.
    is_squared : bool
        Whether it lies on squares of 1 and 5 mm; else lines are under the ticks.
    """

    parts: Mapping[str, Any]
    mm_per_x: float
    most_mm: float
    ticks: Sequence[tuple[float, str]] = ()
    is_squared: bool = True

    @property
    def width_mm(self) -> float:
        left, right = self.parts["layout"]["xaxis"]["range"]
        return float((right - left) * self.mm_per_x)

    @property
    def whole_mm(self) -> float:
        bottom, top = self.parts["layout"]["yaxis"]["range"]
        return float(top - bottom)

    @property
    def height_mm(self) -> float:
        return min(self.whole_mm, self.most_mm)

    @property
    def is_cut(self) -> bool:
        return self.whole_mm > self.most_mm + 1e-6

    def shapes(self, left: float, top: float, palette: Palette) -> list[Shape]:
        """With its upper left corner there, in mm."""
        across, down = (self.parts["layout"][axis]["range"] for axis in ("xaxis", "yaxis"))
        axes = FigureAxes(left, top, across[0], down[1], self.mm_per_x, 1.0, PX_PER_MM)
        width, height = self.width_mm, self.height_mm
        places = [float(axes.x(place)) for place, _ in self.ticks]
        ground = palette.paper if self.is_squared else palette.neutral_paper
        inside = (
            Rectangle(left, top, width, height, ground),
            *self._lines(left, top, places, palette),
            *figure_shapes(self.parts["data"], axes),
        )
        y = top + height + AXIS_TEXT_MM + 0.6
        texts = [
            Text(place, y, text, AXIS_TEXT_MM, _AXIS_INK, anchor="middle")
            for place, (_, text) in zip(places, self.ticks, strict=True)
        ]
        return [Clipped(left, top, width, height, inside), *texts]

    def _lines(self, left: float, top: float, places: Sequence[float], palette: Palette) -> list[Lines]:
        if self.is_squared:
            return grid_lines(left, top, self.width_mm, self.height_mm, palette)
        return [strokes([(x, top, x, top + self.height_mm) for x in places], palette.neutral_grid, 0.18)]


def centred(figure: PlacedFigure, printout: Printout, top: float) -> list[Shape]:
    """The figure in the middle of the paper, from a height down."""
    left = (printout.paper.width - figure.width_mm) / 2
    return figure.shapes(left, top, print_palette(printout.view))

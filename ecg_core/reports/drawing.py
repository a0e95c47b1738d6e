"""What a printed page is made of, in millimetres from its top left corner, whatever it is written as."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, eq=False)
class Lines:
    """A line through points; NaN lifts the pen.

    Attributes
    ----------
    x, y : ndarray of float64, shape (n,)
        In mm.
    width : float
        In mm.
    dash : tuple of float
        Lengths drawn and left out, in mm; empty is a whole line.
    opacity : float
        Below 1 what is under it is seen.
    is_round : bool
        Whether its ends are; else they are where the points are.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    colour: str
    width: float
    dash: tuple[float, ...] = ()
    opacity: float = 1.0
    is_round: bool = True


@dataclass(frozen=True, eq=False)
class Polygons:
    """Closed shapes, divided by NaN like `Lines`; open ones are drawn by their edge alone."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    colour: str
    is_filled: bool = True
    width: float = 0.2
    opacity: float = 1.0


@dataclass(frozen=True)
class Rectangle:
    """A filled area."""

    x: float
    y: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True)
class Text:
    """One line of text; ``y`` is its baseline and ``size`` its nominal height, in mm."""

    x: float
    y: float
    text: str
    size: float = 2.8
    colour: str = "#111111"
    is_bold: bool = False
    anchor: Anchor = "start"


@dataclass(frozen=True, eq=False)
class Clipped:
    """Shapes of which only what lies in a rectangle is drawn."""

    x: float
    y: float
    width: float
    height: float
    shapes: tuple[Shape, ...]


Shape = Lines | Polygons | Rectangle | Text | Clipped


@dataclass(frozen=True, eq=False)
class Drawing:
    """A page: its size in mm, and its shapes from the lowest to the highest."""

    width: float
    height: float
    shapes: tuple[Shape, ...]


def strokes(lines: Iterable[tuple[float, float, float, float]], colour: str, width: float,
            dash: tuple[float, ...] = ()) -> Lines:  # fmt: skip
    """Straight lines ``(x0, y0, x1, y1)`` as one shape."""
    ends = np.array(list(lines), dtype=np.float64).reshape(-1, 4)
    gap = np.full(len(ends), np.nan)
    x = np.stack([ends[:, 0], ends[:, 2], gap], axis=1).ravel()
    y = np.stack([ends[:, 1], ends[:, 3], gap], axis=1).ravel()
    return Lines(x, y, colour, width, dash)


def shapes(*corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """One coordinate of many shapes of as many corners, with a gap after each: for `Polygons`."""
    return np.stack([*corners, np.full(len(corners[0]), np.nan)], axis=1).ravel()


def runs(x: NDArray[np.float64], y: NDArray[np.float64]) -> list[tuple[NDArray[np.float64], ...]]:
    """The stretches between the gaps; a point that stands alone is made a dot by a line of no length."""
    is_point = ~(np.isnan(x) | np.isnan(y))
    edges = np.flatnonzero(np.diff(np.r_[False, is_point, False].astype(np.int8)))
    found: list[tuple[NDArray[np.float64], ...]] = []
    for first, last in edges.reshape(-1, 2):
        kept = slice(first, last) if last - first > 1 else [first, first]
        found.append((x[kept], y[kept]))
    return found

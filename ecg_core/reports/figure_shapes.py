"""The traces of a figure of the screen as shapes in millimetres: print and screen have one drawing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecg_core.reports.drawing import Anchor, Lines, Polygons, Shape, Text, shapes
from ecg_core.reports.fonts import text_width

Floats = NDArray[np.float64]
_TAG = re.compile(r"<(/?)(b|span)([^>]*)>")
_ANCHORS: Mapping[str, Anchor] = {"right": "start", "left": "end", "center": "middle"}
_BESIDE_PX = 4.0  # between a point and its text
_NARROWER = 0.85  # figures are laid out for the typeface of the screen, which is narrower than that of print
_MIDDLE = 0.36  # of the size of letters: half the height of a capital


@dataclass(frozen=True)
class FigureAxes:
    """Where a figure is on the page: the mm of the point (x0, y0), and of one unit of each axis.

    ``px_per_mm`` is what the figure was laid out for: its lines and letters are as wide and as high as then.
    """

    left: float
    top: float
    x0: float
    y0: float
    mm_per_x: float
    mm_per_y: float
    px_per_mm: float

    def x(self, places: Any) -> Floats:
        return self.left + (np.asarray(places, dtype=np.float64) - self.x0) * self.mm_per_x

    def y(self, places: Any) -> Floats:
        return self.top + (self.y0 - np.asarray(places, dtype=np.float64)) * self.mm_per_y

    def mm(self, px: float) -> float:
        return px / self.px_per_mm


def figure_shapes(traces: Iterable[Mapping[str, Any]], axes: FigureAxes) -> list[Shape]:
    """What the ``data`` of a figure of `ecg_core.figures` draws: lines, areas, marks and texts.

    Parameters
    ----------
    traces : iterable of mapping
        Scatter traces as plain dicts.
    axes : FigureAxes
    """
    return [shape for trace in traces for shape in _shapes(trace, axes)]


def _shapes(trace: Mapping[str, Any], axes: FigureAxes) -> Iterator[Shape]:
    x, y = axes.x(_places(trace)), axes.y(trace["y"])
    if not len(x):
        return
    mode = trace.get("mode", "lines")
    if "lines" in mode:
        yield from _lines(trace, x, y, axes)
    if "markers" in mode:
        yield from _markers(trace, x, y, axes)
    if "text" in mode:
        yield from _texts(trace, x, y, axes)


def _places(trace: Mapping[str, Any]) -> Any:
    if "x" in trace:
        return trace["x"]
    return trace["x0"] + np.arange(len(trace["y"])) * trace["dx"]


def _lines(trace: Mapping[str, Any], x: Floats, y: Floats, axes: FigureAxes) -> Iterator[Shape]:
    if trace.get("fill") == "toself":
        colour, opacity = _colour(trace["fillcolor"])
        yield Polygons(x, y, colour, opacity=opacity * trace.get("opacity", 1.0))
    line = trace["line"]
    if line.get("width", 1.0) > 0:
        colour, opacity = _colour(line["color"])
        dash = tuple(axes.mm(float(part)) for part in re.findall(r"([\d.]+)px", line.get("dash", "")))
        width = axes.mm(line.get("width", 1.0))
        seen = opacity * trace.get("opacity", 1.0)
        yield Lines(x, y, colour, width, dash, opacity=seen, is_round=False)


def _colour(colour: str) -> tuple[str, float]:
    """``#rrggbb`` or ``rgba(…)`` as a colour and its opacity."""
    if colour.startswith("#"):
        return colour, 1.0
    red, green, blue, opacity = re.findall(r"[\d.]+", colour)
    return f"#{int(red):02x}{int(green):02x}{int(blue):02x}", float(opacity)


def _markers(trace: Mapping[str, Any], x: Floats, y: Floats, axes: FigureAxes) -> Iterator[Polygons]:
    marker = trace["marker"]
    halves = np.broadcast_to(np.asarray(marker["size"], dtype=np.float64), x.shape) / axes.px_per_mm / 2
    symbol = marker["symbol"]
    symbols = np.array([symbol] * len(x) if isinstance(symbol, str) else symbol)
    for kind in dict.fromkeys(symbols.tolist()):
        at_x, at_y, half = x[symbols == kind], y[symbols == kind], halves[symbols == kind]
        if kind == "diamond":
            xs = shapes(at_x - half, at_x, at_x + half, at_x)
            ys = shapes(at_y, at_y - half, at_y, at_y + half)
        else:
            up = 1.0 if kind == "triangle-up" else -1.0
            xs = shapes(at_x - half, at_x, at_x + half)
            ys = shapes(at_y + up * half, at_y - up * half, at_y + up * half)
        yield Polygons(xs, ys, marker["color"])


def _texts(trace: Mapping[str, Any], x: Floats, y: Floats, axes: FigureAxes) -> Iterator[Text]:
    font = trace["textfont"]
    anchor = _ANCHORS[trace.get("textposition", "middle center").split()[1]]
    beside = {"start": 1.0, "end": -1.0, "middle": 0.0}[anchor] * axes.mm(_BESIDE_PX)
    for across, down, text in zip(x.tolist(), y.tolist(), trace["text"], strict=True):
        runs = _runs(text, font["color"], font["size"])
        sizes = [axes.mm(run.size) * _NARROWER for run in runs]
        widths = [
            text_width(run.text, size, is_bold=run.is_bold) for run, size in zip(runs, sizes, strict=True)
        ]
        at = across + beside - {"start": 0.0, "end": 1.0, "middle": 0.5}[anchor] * sum(widths)
        for run, size, width in zip(runs, sizes, widths, strict=True):
            yield Text(at, down + size * _MIDDLE, run.text, size, run.colour, run.is_bold)
            at += width


@dataclass(frozen=True)
class _Run:
    """Letters of one kind; ``size`` in pixels."""

    text: str
    colour: str
    size: float
    is_bold: bool


def _runs(text: str, colour: str, size: float) -> list[_Run]:
    """A text with the few tags that figures use, divided at them."""
    found: list[_Run] = []
    styles: list[tuple[str, float]] = [(colour, size)]
    bold, at = 0, 0
    for tag in _TAG.finditer(text):
        found.append(_Run(unescape(text[at : tag.start()]), *styles[-1], bold > 0))
        at = tag.end()
        closes, name, style = tag.groups()
        if name == "b":
            bold += -1 if closes else 1
        elif closes:
            styles.pop()
        else:
            styles.append(_styled(style, *styles[-1]))
    found.append(_Run(unescape(text[at:]), *styles[-1], bold > 0))
    return [run for run in found if run.text]


def _styled(style: str, colour: str, size: float) -> tuple[str, float]:
    colours, sizes = re.search(r"color:(#\w+)", style), re.search(r"font-size:([\d.]+)px", style)
    return (colours[1] if colours else colour), (float(sizes[1]) if sizes else size)

"""Drawings as a PDF: vectors in true millimetres, letters embedded, the same bytes for the same drawings."""

from __future__ import annotations

import io
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from reportlab import rl_config
from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas

from ecg_core.reports.drawing import Clipped, Drawing, Lines, Polygons, Rectangle, Shape, Text, runs
from ecg_core.reports.fonts import font_names, shown_text

_POINTS = 72.0 / 25.4  # of a millimetre

rl_config.useA85 = 0  # bytes as they are: no letter for each in Python, which takes longer than to draw


def write_pdf(drawings: Iterable[Drawing], *, title: str, printed_at: datetime) -> bytes:
    """Each drawing as a page of its size; pages are taken one by one and kept compressed.

    Parameters
    ----------
    printed_at : datetime
        With a zone; the only thing in the file that is not of the drawings.
    """
    file = io.BytesIO()
    canvas = Canvas(file, pageCompression=1, invariant=1)
    canvas.setTitle(shown_text(title))
    canvas.setCreator("ECG Reading Room")
    canvas._doc._timeStamp = _Moment(printed_at)
    for drawing in drawings:
        canvas.setPageSize((drawing.width * _POINTS, drawing.height * _POINTS))
        canvas.setLineJoin(1)
        for shape in drawing.shapes:
            _draw(canvas, shape, drawing.height)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


class _Moment:
    """The time that the file states, as reportlab wants it."""

    def __init__(self, moment: datetime) -> None:
        self.t = moment.timestamp()
        self.lt = time.gmtime(self.t)
        self.YMDhms = tuple(self.lt)[:6]
        self.dhh = self.dmm = 0
        self.tzname = "UTC"


def _draw(canvas: Any, shape: Shape, height: float) -> None:
    if isinstance(shape, Lines):
        _draw_lines(canvas, shape, height)
    elif isinstance(shape, Polygons):
        _draw_polygons(canvas, shape, height)
    elif isinstance(shape, Rectangle):
        canvas.setFillColor(HexColor(shape.colour))
        canvas.rect(*_box(shape, height), stroke=0, fill=1)
    elif isinstance(shape, Text):
        _draw_text(canvas, shape, height)
    else:
        _draw_clipped(canvas, shape, height)


def _box(shape: Rectangle | Clipped, height: float) -> tuple[float, float, float, float]:
    bottom = height - shape.y - shape.height
    return shape.x * _POINTS, bottom * _POINTS, shape.width * _POINTS, shape.height * _POINTS


def _draw_lines(canvas: Any, shape: Lines, height: float) -> None:
    canvas.setStrokeColor(HexColor(shape.colour))
    canvas.setLineWidth(shape.width * _POINTS)
    canvas.setDash([length * _POINTS for length in shape.dash])
    canvas.setLineCap(int(shape.is_round))
    with _seen_through(canvas, shape.opacity):
        _add_path(canvas, shape.x, shape.y, height, "", "S")


def _draw_polygons(canvas: Any, shape: Polygons, height: float) -> None:
    canvas.setStrokeColor(HexColor(shape.colour))
    canvas.setFillColor(HexColor(shape.colour))
    canvas.setLineWidth(shape.width * _POINTS)
    canvas.setDash([])
    with _seen_through(canvas, shape.opacity):
        _add_path(canvas, shape.x, shape.y, height, " h", "f" if shape.is_filled else "S")


@contextmanager
def _seen_through(canvas: Any, opacity: float) -> Iterator[None]:
    if opacity < 1.0:
        canvas.setStrokeAlpha(opacity)
        canvas.setFillAlpha(opacity)
    yield
    if opacity < 1.0:
        canvas.setStrokeAlpha(1.0)
        canvas.setFillAlpha(1.0)


def _add_path(
    canvas: Any, x: NDArray[np.float64], y: NDArray[np.float64], height: float, end: str, paint: str
) -> None:
    """The path in PDF's own words: a call for each point takes reportlab some twenty times as long."""
    code = []
    for across, down in runs(x, y):
        numbers = np.stack([across, height - down], axis=1).ravel() * _POINTS
        shape = "%.2f %.2f m" + " %.2f %.2f l" * (len(across) - 1)
        code.append(shape % tuple(numbers.tolist()) + end)
    if code:
        canvas._code.append("\n".join([*code, paint]))


def _draw_text(canvas: Any, shape: Text, height: float) -> None:
    canvas.setFillColor(HexColor(shape.colour))
    canvas.setFont(font_names()[shape.is_bold], shape.size * _POINTS)
    draw = {
        "start": canvas.drawString,
        "middle": canvas.drawCentredString,
        "end": canvas.drawRightString,
    }[shape.anchor]
    draw(shape.x * _POINTS, (height - shape.y) * _POINTS, shown_text(shape.text))


def _draw_clipped(canvas: Any, shape: Clipped, height: float) -> None:
    canvas.saveState()
    path = canvas.beginPath()
    path.rect(*_box(shape, height))
    canvas.clipPath(path, stroke=0, fill=0)
    for inner in shape.shapes:
        _draw(canvas, inner, height)
    canvas.restoreState()

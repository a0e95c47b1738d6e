"""What is on a printed page, measured: paths of a PDF or SVG in millimetres, and its text."""

from __future__ import annotations

import ctypes
import re
from datetime import UTC, datetime

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium

from ecg_core.domain import Lead, Recording
from ecg_core.services.prints import PrintRequest, print_recording

MM = 25.4 / 72


def recording(leads, *, rate=500.0, unit="mV", resolution=1.0, **fields) -> Recording:
    """Leads by name, as physical or raw numbers."""
    made = tuple(
        Lead(name, np.asarray(values), rate, unit, resolution=resolution) for name, values in leads.items()
    )
    return Recording(made, "test", **fields)


def pdf_of(of: Recording, request: PrintRequest | None = None, *, file_name="test.ecg") -> bytes:
    return print_recording(of, request or PrintRequest(), "pdf", file_name=file_name)


def pdf_texts(data: bytes) -> list[str]:
    """The text of each page."""
    document = pypdfium2.PdfDocument(data)
    return [page.get_textpage().get_text_bounded() for page in document]


def page_sizes(data: bytes) -> list[tuple[float, float]]:
    return [
        (round(page.get_width() * MM, 1), round(page.get_height() * MM, 1))
        for page in pypdfium2.PdfDocument(data)
    ]


def pdf_paths(data: bytes, page: int = 0) -> list[tuple[str, np.ndarray]]:
    """Colour and points, in mm from the bottom left, of each path of a page; a move begins with NaN."""
    document = pypdfium2.PdfDocument(data)
    return [
        (_colour(item), _points(item))
        for item in document[page].get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH], max_depth=5)
    ]


def _colour(item) -> str:
    parts = [ctypes.c_uint() for _ in range(4)]
    pdfium.FPDFPageObj_GetStrokeColor(item, *parts)
    return "#" + "".join(f"{part.value:02x}" for part in parts[:3])


def _points(item) -> np.ndarray:
    points = []
    for number in range(pdfium.FPDFPath_CountSegments(item)):
        segment = pdfium.FPDFPath_GetPathSegment(item, number)
        x, y = ctypes.c_float(), ctypes.c_float()
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        if pdfium.FPDFPathSegment_GetType(segment) == pdfium.FPDF_SEGMENT_MOVETO:
            points.append((np.nan, np.nan))
        points.append((x.value * MM, y.value * MM))
    return np.array(points)


def svg_paths(data: bytes) -> list[tuple[str, np.ndarray]]:
    """Colour and points of each stroked path of an SVG, in its own units."""
    found = re.findall(r'<path d="([^"]*)" fill="none" stroke="(#\w+)"', data.decode())
    return [(colour, _svg_points(path)) for path, colour in found]


def _svg_points(path: str) -> np.ndarray:
    points = []
    for piece in path.split("M")[1:]:
        points.append((np.nan, np.nan))
        points += [tuple(map(float, pair.split())) for pair in piece.rstrip("Z").split("L")]
    return np.array(points)


def longest(paths, colour: str) -> np.ndarray:
    """The path of the most points of a colour: a trace."""
    return max((points for its, points in paths if its == colour), key=len)


NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)

"""A drawing as PNG: its PDF, rendered."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from threading import Lock

import pypdfium2

from ecg_core.reports.drawing import Drawing
from ecg_core.reports.pdf import write_pdf

DPI = 200
_one_at_a_time = Lock()  # PDFium keeps state of its own: two threads in it crash the process


def write_png(drawing: Drawing, *, title: str, dpi: int = DPI) -> bytes:
    """The drawing at ``dpi`` pixels an inch, which the file states."""
    pdf = write_pdf([drawing], title=title, printed_at=datetime.fromtimestamp(0, UTC))
    with _one_at_a_time:
        document = pypdfium2.PdfDocument(pdf)
        image = document[0].render(scale=dpi / 72).to_pil()
        document.close()
    file = io.BytesIO()
    image.save(file, "PNG", dpi=(dpi, dpi), compress_level=4)
    return file.getvalue()

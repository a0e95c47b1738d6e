"""Cells, rows and whole files of CSV that Excel, pandas and Python's csv module read alike.

Comma-separated, quoted and ended by CRLF as RFC 4180 has it, UTF-8. Numbers are the shortest text that
gives back the same number, in no locale. A byte order mark comes first only where some text is not ASCII:
Excel garbles such a file without it, pandas reads both, and a plain ASCII file stays free of it for programs
that would take it for part of the first column's name.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from datetime import datetime

Cell = str | int | float | datetime | None

#: A file is held back up to this size while it is not known whether it needs a byte order mark.
HELD_BACK_BYTES = 4 << 20

# A spreadsheet takes a cell for a formula by its first character (the full-width forms in Japanese Excel). A
# cell can also begin after a semicolon, a tab or a line break, since Excel splits there where
# the semicolon separates lists.
_FORMULA = re.compile(r"(^|[;\t\r\n])(?=[\s\0\ufeff]*[=+\-@＝＋－＠])|^(?=[\t\r\n\0])")


def text_cell(text: str) -> str:
    """Disarm text that a spreadsheet would run as a formula, by an apostrophe before it.

    Parameters
    ----------
    text : str
        From a file or a person: never a number of ours, whose minus sign is a minus sign.

    References
    ----------
    OWASP, "CSV Injection"; CWE-1236.
    """
    return _FORMULA.sub(r"\1'", text)


def rows_of_csv(rows: Iterable[Iterable[Cell]]) -> bytes:
    """Encode rows; None is an empty cell, text is disarmed by `text_cell`."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerows([_as_text(cell) for cell in row] for row in rows)
    # a path that is not UTF-8 holds lone surrogates
    return buffer.getvalue().encode("utf-8", "backslashreplace")


class MarkIfNeeded:
    """Puts a byte order mark before the chunks of a file if there is text beyond ASCII in its first 4 MiB.

    Chunks are held back until that is known, so at most 4 MiB and one chunk are in memory.
    """

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self._is_known = False

    def add(self, chunk: bytes) -> list[bytes]:
        """What can be written once this chunk is there."""
        if self._is_known:
            return [chunk]
        self._held.append(chunk)
        if not chunk.isascii():
            return [codecs.BOM_UTF8, *self.end()]
        return self.end() if sum(map(len, self._held)) > HELD_BACK_BYTES else []

    def end(self) -> list[bytes]:
        """What is left to be written."""
        held, self._held, self._is_known = self._held, [], True
        return held


def with_mark_if_needed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks of a file, through `MarkIfNeeded`."""
    marked = MarkIfNeeded()
    for chunk in chunks:
        yield from marked.add(chunk)
    yield from marked.end()


def _as_text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return text_cell(cell)
    if isinstance(cell, datetime):
        return cell.isoformat()
    return str(cell) if isinstance(cell, int) else repr(float(cell))

"""Rows that hold nothing but numbers, in the one form that is parsed fast: commas and decimal points."""

from __future__ import annotations

import numpy as np

from ecg_core.readers.cells import unquoted
from ecg_core.readers.layout import Layout

_NUMERIC = b"0123456789+-eE\n"
_MISSING_LETTERS = b"NaAnulULo/"


def without_quotes(text: bytes, layout: Layout) -> bytes | None:
    """The rows without quotes around cells; None where a quote does anything else."""
    quotes = [q for q in (b'"', b"'") if q in text]
    if not quotes:
        return text
    delimiter = layout.dialect.delimiter.encode()
    if len(quotes) > 1 or not delimiter or layout.dialect.delimiter == layout.dialect.decimal:
        return None
    quote = quotes[0]
    text = text.removeprefix(quote)
    for mark in (delimiter, b"\n"):
        text = text.replace(quote + mark, mark).replace(mark + quote, mark)
    return None if quote in text else text


def take_column(text: bytes, column: int, layout: Layout) -> tuple[bytes, list[str]] | None:
    """The rows without one column, and its cells."""
    delimiter = layout.dialect.delimiter
    mark = None if delimiter == " " else delimiter.encode()
    joint = mark or b" "
    if mark == b"":
        return None
    cells: list[bytes] = []
    rest: list[bytes] = []
    for line in text.split(b"\n")[:-1]:
        parts = line.split(mark, column + 1)
        if len(parts) <= column:
            return None
        cells.append(parts.pop(column))
        rest.append(joint.join(parts))
    rest.append(b"")
    return b"\n".join(rest), [unquoted(cell.decode("utf-8", "replace")) for cell in cells]


def comma_separated(text: bytes, layout: Layout, width: int) -> bytes | None:
    """The rows with commas and decimal points; None unless they hold nothing else, all of one width."""
    delimiter, decimal = layout.dialect.delimiter.encode(), layout.dialect.decimal.encode()
    letters = text.translate(None, _NUMERIC + delimiter + decimal + b" \t")
    if letters and letters.translate(None, _MISSING_LETTERS):
        return None
    if delimiter == decimal:
        return None
    if delimiter == b" ":
        text = b"\n".join(b";".join(line.split()) for line in text.split(b"\n"))
        delimiter = b";"
    if delimiter:
        text = text.translate(bytes.maketrans(delimiter + decimal, b",."))
    else:
        text = text.translate(bytes.maketrans(decimal, b"."))
    if layout.trailing:
        text = text.replace(b",\n", b"\n")
    return text if _is_regular(text, width) else None


def _is_regular(text: bytes, width: int) -> bool:
    content = np.frombuffer(text, np.uint8)
    is_end = content == ord("\n")
    marks = content[(content == ord(",")) | is_end]
    if len(marks) % width:
        return False
    ends = marks.reshape(-1, width) == ord("\n")
    regular = bool(ends[:, -1].all()) and int(np.count_nonzero(ends)) == len(ends)
    blank = width == 1 and (text.startswith(b"\n") or b"\n\n" in text)
    return regular and not (blank and b" " in text)

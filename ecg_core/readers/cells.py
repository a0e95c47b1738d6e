"""What one cell of a text table may hold, and splitting a line into cells."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

#: Cells, in lower case, that stand for a missing sample.
MISSING_WORDS = frozenset(("", "na", "n/a", "nan", "null", "none", "-"))

_NUMBER = {
    ".": re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII),
    ",": re.compile(r"[+-]?(\d+(,\d+)?|,\d+)([eE][+-]?\d+)?", re.ASCII),
}
_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_CLOCK = re.compile(
    r"(\d{4}-\d{2}-\d{2}[T ])?\d{1,3}:\d{2}(:\d{2})?([.,]\d{1,9})?( ?(Z|[+-]\d{2}:?\d{2}))?"
    r"|\d{1,2}[./]\d{1,2}[./]\d{4}(,? \d{1,2}:\d{2}(:\d{2})?([.,]\d{1,9})?)?|\d{4}[-/]\d{2}[-/]\d{2}",
    re.ASCII,
)
_WORD = re.compile(r'"[^"]*"|\'[^\']*\'|\S+')


@dataclass(frozen=True)
class Dialect:
    """How a line is cut into cells.

    Attributes
    ----------
    delimiter : str
        One character; a space stands for runs of spaces and tabs; empty for a single column.
    decimal : str
        ``.`` or ``,``.
    quote : str
        ``"`` or ``'``.
    """

    delimiter: str
    decimal: str = "."
    quote: str = '"'

    def split(self, line: str) -> list[str]:
        """The cells of one line, without quotes and surrounding spaces."""
        if not self.delimiter:
            return [unquoted(line)]
        if self.delimiter == " ":
            return [unquoted(word) for word in _WORD.findall(line)]
        if self.quote not in line:
            return [cell.strip() for cell in line.split(self.delimiter)]
        try:
            rows = csv.reader([line], delimiter=self.delimiter, quotechar=self.quote, skipinitialspace=True)
            return [unquoted(cell) for cell in next(rows, [""])]
        except csv.Error:
            return [cell.strip() for cell in line.split(self.delimiter)]


def unquoted(text: str) -> str:
    """Without surrounding spaces, and one pair of quotes around the whole."""
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1].strip()
    return text


def is_number(cell: str, decimal: str) -> bool:
    return _NUMBER[decimal].fullmatch(cell) is not None


def is_integer(cell: str) -> bool:
    return _INTEGER.fullmatch(cell) is not None


def is_missing(cell: str) -> bool:
    return cell.lower() in MISSING_WORDS


def is_row(cells: Sequence[str], decimal: str) -> bool:
    """Whether the cells are numbers, missing ones and times, with at least one number."""
    numbers = sum(is_number(cell, decimal) for cell in cells)
    if not numbers:
        return False
    return numbers == len(cells) or all(
        is_number(cell, decimal) or is_missing(cell) or is_clock(cell) for cell in cells
    )


def is_clock(cell: str) -> bool:
    """Whether the cell is a time of day, an elapsed time like ``0:01.004``, a date, or both."""
    return _CLOCK.fullmatch(cell) is not None

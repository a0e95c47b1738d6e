"""Deciding from the first lines of a text how its table is laid out.

Every way of cutting the lines into cells is tried; the one that gives the most rows of numbers of one
width wins. What is left open then is settled by what the lines themselves show, and said in a remark.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from ecg_core.errors import UnreadableFileError
from ecg_core.readers.cells import Dialect, is_clock, is_integer, is_missing, is_number, is_row
from ecg_core.readers.decimal_comma import Candidate, settle_decimal_comma
from ecg_core.readers.excerpt import excerpt
from ecg_core.readers.header_rows import with_header
from ecg_core.readers.layout import Layout, row_cells
from ecg_core.readers.long_layout import find_long_layout
from ecg_core.readers.options import ReadOptions
from ecg_core.readers.preamble import is_comment, key_and_value

_DELIMITERS = ("\t", ";", ",", "|", " ", "")
_SAMPLED_ROWS = 200


def find_layout(lines: Sequence[str], options: ReadOptions) -> Layout:
    """The layout of the table in the first lines of a file.

    Raises
    ------
    UnreadableFileError
        Where there is no table of numbers, with the row and column that show it.
    """
    layout = None if options.layout == "wide" else find_long_layout(lines, _dialects(lines, options))
    if layout is None and options.layout == "long":
        raise UnreadableFileError('The long form needs a header with a column named "lead"')
    if layout is None:
        layout = _find_wide(lines, options)
        layout = with_header(layout, lines, options)
    _check_prose(layout, lines)
    return _with_samples(layout, lines)


def _dialects(lines: Sequence[str], options: ReadOptions) -> list[Dialect]:
    text = "\n".join(lines)
    quote = "'" if re.search(r"(^|[,;\t]) ?'", text) and text.count("'") > text.count('"') else '"'
    delimiters = [d for d in _DELIMITERS if not d or d in text]
    if options.delimiter is not None:
        delimiters = [options.delimiter]
    decimals = (".", ",") if options.decimal is None else (options.decimal,)
    pairs = [(delimiter, decimal) for delimiter in delimiters for decimal in decimals]
    return [Dialect(a, b, quote) for a, b in pairs if a != b or quote in text or options.decimal]


def _find_wide(lines: Sequence[str], options: ReadOptions) -> Layout:
    best: list[Candidate] = []
    for dialect in _dialects(lines, options):
        found = _rows_of_numbers(lines, dialect)
        if found:
            width, first, rows = found
            best.append(Candidate(rows, Layout(dialect, width, first)))
    if not best:
        raise _no_table(lines, _dialects(lines, options)[0])
    winner = max(best, key=_preference)
    return _without_trailing(settle_decimal_comma(winner.layout, best, lines), lines)


def _preference(candidate: Candidate) -> tuple[int, bool, bool]:
    """More rows first, then a delimiter that separates something, then none."""
    layout = candidate.layout
    return candidate.rows, layout.width > 1, layout.dialect.delimiter == ""


def _rows_of_numbers(lines: Sequence[str], dialect: Dialect) -> tuple[int, int, int] | None:
    """Width, first line and number of the rows that hold nothing but numbers."""
    widths: dict[int, int] = {}
    for index, line in enumerate(lines):
        if line.strip() and is_row(cells := dialect.split(line), dialect.decimal):
            widths[index] = len(cells)
    if not widths:
        return None
    count = Counter(widths.values())
    width = max(count, key=lambda w: (count[w], w))
    first = next(index for index, w in widths.items() if w == width)
    return width, _with_missing_rows(lines, dialect, width, first), count[width]


def _with_missing_rows(lines: Sequence[str], dialect: Dialect, width: int, first: int) -> int:
    """The first row, counting rows above in which every sample is missing."""
    while width > 1 and first > 0 and lines[first - 1].strip(" \r"):
        cells = dialect.split(lines[first - 1])
        if len(cells) != width or not all(map(is_missing, cells)):
            break
        first -= 1
    return first


def _without_trailing(layout: Layout, lines: Sequence[str]) -> Layout:
    """The layout without a last column that is empty in every row, and nameless."""
    if layout.width < 2 or layout.dialect.delimiter in ("", " "):
        return layout
    rows = (layout.dialect.split(line) for line in lines[layout.first_row :] if line.strip())
    if any(len(row) == layout.width and row[-1] for row in rows):
        return layout
    above = next((x for x in reversed(lines[: layout.first_row]) if x.strip()), "")
    header = layout.dialect.split(above)
    if len(header) == layout.width and header[-1]:
        return layout
    return replace(layout, width=layout.width - 1, trailing=True)


def _with_samples(layout: Layout, lines: Sequence[str]) -> Layout:
    rows = [
        row_cells(layout, x)
        for x in lines[layout.first_row :]
        if x.strip() and not is_comment(x, layout.dialect.delimiter)
    ]
    rows = [row for row in rows if len(row) == layout.width][:_SAMPLED_ROWS]
    columns = list(zip(*rows, strict=True)) if rows else [()] * layout.width
    clocks = tuple(i for i, column in enumerate(columns) if column and any(map(is_clock, column)))
    text = tuple(sorted(set(layout.text_columns) | set(clocks)))
    whole = tuple(bool(column) and all(map(is_integer, column)) for column in columns)
    return replace(layout, text_columns=text, is_whole=whole, sampled=tuple(map(tuple, rows)))


def _check_prose(layout: Layout, lines: Sequence[str]) -> None:
    above = [i for i in range(layout.first_row) if lines[i].strip() and i != layout.header_row]
    strange = [i for i in above if not is_comment(lines[i]) and not key_and_value(lines[i])]
    rows = sum(1 for line in lines[layout.first_row :] if line.strip())
    if len(strange) > 5 and len(strange) > rows:
        raise _not_a_number(strange[0], 1, lines[strange[0]].strip())


def _no_table(lines: Sequence[str], dialect: Dialect) -> UnreadableFileError:
    for index, line in enumerate(lines):
        cells = dialect.split(line)
        if any(is_number(cell, dialect.decimal) for cell in cells):
            wrong = next(
                (i for i, c in enumerate(cells) if not is_number(c, dialect.decimal) and not is_missing(c)), 0
            )
            return _not_a_number(index, wrong + 1, cells[wrong])
    index = next((i for i, line in enumerate(lines) if line.strip()), 0)
    text = lines[index].strip() if lines else ""
    return _not_a_number(index, 1, text)


def _not_a_number(index: int, column: int, text: str) -> UnreadableFileError:
    return UnreadableFileError(
        f"Row {index + 1}, column {column}: {excerpt(text)} is not a number; a table of numbers would be read"
    )

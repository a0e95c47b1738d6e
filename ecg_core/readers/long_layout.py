"""Recognizing a table of the long form, one sample a row, by its header."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ecg_core.readers.cells import Dialect, is_row
from ecg_core.readers.layout import Layout
from ecg_core.readers.preamble import is_comment, without_mark

#: Header cells, in lower case, that make a table one of the long form.
LEAD_COLUMNS = frozenset(("lead", "leads", "channel", "ableitung", "lead_name", "lead name", "derivation"))
_VALUE_COLUMNS = ("value", "amplitude", "voltage", "signal", "ecg", "ekg", "wert", "mv", "uv")


def find_long_layout(lines: Sequence[str], dialects: Iterable[Dialect]) -> Layout | None:
    """The layout of a table with a column of lead names, None where there is none."""
    for dialect in dialects:
        if not dialect.delimiter:
            continue
        for index, line in enumerate(lines[:-1]):
            cells = dialect.split(without_mark(line) if is_comment(line, dialect.delimiter) else line)
            column = _lead_column(cells)
            layout = None if column is None else _long_layout(lines, dialect, index, cells, column)
            if layout is not None:
                return layout
    return None


def _lead_column(cells: Sequence[str]) -> int | None:
    columns = [i for i, cell in enumerate(cells) if cell.lower() in LEAD_COLUMNS]
    if len(columns) != 1 or not 2 <= len(cells) <= 6:
        return None
    if len(cells) == 2 and not any(cell.lower().startswith(_VALUE_COLUMNS) for cell in cells):
        return None
    return columns[0]


def _long_layout(
    lines: Sequence[str], dialect: Dialect, header_row: int, cells: list[str], column: int
) -> Layout | None:
    below = [i for i in range(header_row + 1, len(lines)) if lines[i].strip()][:50]
    rows = [dialect.split(lines[i]) for i in below]
    good = 0
    for row in rows:
        others = [cell for i, cell in enumerate(row) if i != column]
        good += len(row) == len(cells) and is_row(others, dialect.decimal)
    if not below or good * 2 <= len(rows):
        return None
    return Layout(
        dialect, len(cells), below[0], header_row, tuple(cells), lead_column=column, text_columns=(column,)
    )

"""The rows above a table that name its columns and their units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ecg_core.readers.cells import is_integer, is_number
from ecg_core.readers.header import is_unit
from ecg_core.readers.layout import Layout, row_cells
from ecg_core.readers.options import ReadOptions
from ecg_core.readers.preamble import is_comment, is_property, key_and_value, without_mark


def with_header(layout: Layout, lines: Sequence[str], options: ReadOptions) -> Layout:
    """The layout with the names above its columns, and the row of units that may stand below them.

    A row of numbers with a fault in it is no header; the table then begins with that row.
    """
    if options.header is False:
        return layout
    above = _named_lines(layout, lines)
    header = _header_cells(layout, lines, above)
    if header is not None:
        if _is_bad_row(layout, lines, above, header):
            return with_header(replace(layout, first_row=above[-1]), lines, options)
        return _named(layout, lines, above, header)
    return _numbers_as_header(layout, lines, asked=bool(options.header))


def _named_lines(layout: Layout, lines: Sequence[str]) -> list[int]:
    """Lines above the table that are not empty, without remarks between header and table."""
    above = [i for i in range(layout.first_row) if lines[i].strip()]
    delimiter = layout.dialect.delimiter
    while len(above) > 1 and is_comment(lines[above[-1]], delimiter):
        if len(row_cells(layout, without_mark(lines[above[-1]]))) == layout.width > 1:
            break
        above.pop()
    return above


def _header_cells(layout: Layout, lines: Sequence[str], above: list[int]) -> list[str] | None:
    if not above:
        return None
    line, delimiter = lines[above[-1]], layout.dialect.delimiter
    if commented := is_comment(line, delimiter):
        line = without_mark(line)
    cells = row_cells(layout, line)
    if len(cells) != layout.width or not any(cells) or is_property(cells):
        return None
    if layout.width == 1 and (key_and_value(line) or len(line.strip()) > 64 or commented):
        return None
    return cells


def _is_bad_row(layout: Layout, lines: Sequence[str], above: list[int], cells: list[str]) -> bool:
    """Decimals, whole numbers from the first column on that do not count up, or numbers below names."""
    decimal = layout.dialect.decimal
    numbers = [cell for cell in cells if is_number(cell, decimal)]
    if not numbers:
        return False
    if not all(map(is_integer, numbers)) or (is_number(cells[0], decimal) and not _counts_columns(numbers)):
        return True
    upper = _header_cells(layout, lines, above[:-1]) if above[-2:-1] == [above[-1] - 1] else None
    return upper is not None and not any(is_number(cell, decimal) for cell in upper)


def _counts_columns(cells: Sequence[str]) -> bool:
    numbers = [int(cell) for cell in cells if is_integer(cell) and len(cell) < 6]
    return len(numbers) == len(cells) and numbers in (
        list(range(len(numbers))),
        list(range(1, len(numbers) + 1)),
    )


def _named(layout: Layout, lines: Sequence[str], above: list[int], header: list[str]) -> Layout:
    units = [cell.strip("()[] ") for cell in header]
    if len(above) > 1 and all(not unit or is_unit(unit) for unit in units):
        upper = _header_cells(layout, lines, above[:-1])
        if upper is not None:
            return replace(layout, header_row=above[-2], header=tuple(upper), units=tuple(units))
    return replace(layout, header_row=above[-1], header=tuple(header))


def _numbers_as_header(layout: Layout, lines: Sequence[str], *, asked: bool) -> Layout:
    """A first row ``0,1,2,…`` above decimals names the columns; any first row does where a person says so."""
    cells = row_cells(layout, lines[layout.first_row])
    numbers = cells if cells[0] else cells[1:]
    below = [row_cells(layout, line) for line in lines[layout.first_row + 1 :] if line.strip()][:20]
    decimals = below and all(any(c and not is_integer(c) for c in row) for row in below)
    if not asked and not (len(numbers) > 1 and decimals and _counts_columns(numbers)):
        return layout
    remark = () if asked else ("The first row of the table was taken for a header that numbers the columns.",)
    return replace(
        layout,
        header_row=layout.first_row,
        header=tuple(cells),
        first_row=layout.first_row + 1,
        remarks=layout.remarks + remark,
    )

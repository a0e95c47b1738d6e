"""Where a table is in a text and how it is cut into cells."""

from __future__ import annotations

from dataclasses import dataclass, field

from ecg_core.readers.cells import Dialect


@dataclass(frozen=True)
class Layout:
    """Where the table is and how it is cut.

    Attributes
    ----------
    width : int
        Number of columns, without the empty one after a delimiter at the end of each row.
    first_row : int
        Index of the first line with numbers, counted from 0.
    header_row : int or None
    header, units : tuple of str
        One cell a column; empty where there is none.
    lead_column : int
        The column of lead names of the long form; -1 for one column a lead.
    text_columns : tuple of int
        Columns of clock times, or of lead names in the long form.
    is_whole : tuple of bool
        Columns that hold nothing but whole numbers in the first rows.
    sampled : tuple of tuple of str
        Cells of the first rows.
    """

    dialect: Dialect
    width: int
    first_row: int
    header_row: int | None = None
    header: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    trailing: bool = False
    lead_column: int = -1
    text_columns: tuple[int, ...] = ()
    is_whole: tuple[bool, ...] = ()
    sampled: tuple[tuple[str, ...], ...] = ()
    remarks: tuple[str, ...] = field(default=())

    @property
    def long_form(self) -> bool:
        """Whether each row is one sample of one lead."""
        return self.lead_column >= 0


def row_cells(layout: Layout, line: str) -> list[str]:
    """The cells of a row, without the empty one after a delimiter at its end."""
    cells = layout.dialect.split(line)
    if layout.trailing and len(cells) == layout.width + 1 and not cells[-1]:
        cells.pop()
    return cells

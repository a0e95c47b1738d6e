"""From the rows of a text table to one array a column, a block of rows at a time.

A block that is regular (digits, signs and delimiters only, every row of the same width) goes to pandas'
parser, which is exact. Any other block is read cell by cell, which is slow and knows the place of each fault.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecg_core.errors import UnreadableFileError
from ecg_core.readers.cells import is_missing
from ecg_core.readers.excerpt import excerpt
from ecg_core.readers.layout import Layout, row_cells
from ecg_core.readers.number_cells import exact_array, read_number
from ecg_core.readers.regular_rows import comma_separated, take_column, without_quotes
from ecg_core.readers.sample_buffer import EXACT_LIMIT, SampleBuffer

_BLOCK = 1 << 22

#: Turns the cells of a text column into numbers; gets the row (from 1) of the first and the column's name.
TextParser = Callable[[list[str], int, str], NDArray[np.int64]]


@dataclass
class Block:
    """Whole rows, and the number, counted from 1, of the first in the file."""

    text: bytes
    first_row: int


class TableRows:
    """The columns of a table, filled block by block.

    Parameters
    ----------
    layout : Layout
    names : sequence of str
        How messages call the columns.
    parsers : mapping
        For each text column, what makes numbers of its cells.
    """

    def __init__(
        self, layout: Layout, names: list[str], parsers: dict[int, TextParser], capacity: int
    ) -> None:
        self._layout = layout
        self._names = names
        self._parsers = parsers
        self._is_whole = list(layout.is_whole)
        self._rows: list[tuple[int, int]] = []  # sample index and row where a block begins
        self.columns = [SampleBuffer(capacity, self._place(i)) for i in range(layout.width)]
        self._comments = 0

    def row_of(self, index: int) -> int:
        """The row of the file, counted from 1, that a sample came from (skipped rows aside)."""
        first, row = max((x for x in self._rows if x[0] <= index), default=(0, self._layout.first_row + 1))
        return row + index - first

    def add(self, block: Block) -> None:
        self._rows.append((len(self.columns[0]), block.first_row))
        values = self._fast(block)
        for buffer, column in zip(self.columns, self._slow(block) if values is None else values, strict=True):
            buffer.append(column)

    def jump_in(self, counters: Sequence[int]) -> str | None:
        """A remark on the first place where a column of sample numbers does not count up by one."""
        for column in counters:
            jumps = np.flatnonzero(np.diff(self.columns[column].samples().astype(np.float64)) != 1)
            if len(jumps):
                return f"The sample numbers do not count up by one after row {self.row_of(int(jumps[0]))}."
        return None

    @property
    def comments_remark(self) -> str | None:
        """A remark on comment lines between the rows."""
        return (
            f"Comment lines inside the table were passed over: {self._comments}." if self._comments else None
        )

    def _place(self, column: int) -> Callable[[int], str]:
        return lambda index: f"Row {self.row_of(index)}, column {excerpt(self._names[column])}"

    # --- the fast way -------------------------------------------------------------------------------

    def _fast(self, block: Block) -> list[NDArray[np.generic]] | None:
        layout = self._layout
        text = without_quotes(block.text, layout)
        if text is None:
            return None
        texts: dict[int, list[str]] = {}
        for column in reversed(layout.text_columns):
            taken = take_column(text, column, layout)
            if taken is None:
                return None
            text, texts[column] = taken
        width = layout.width - len(texts)
        plain = comma_separated(text, layout, width) if width else text
        if plain is None:
            return None
        numbers = self._parse(plain, [i for i in range(layout.width) if i not in texts])
        if numbers is None:
            return None
        for column, cells in texts.items():
            numbers[column] = self._parsers[column](cells, block.first_row, self._names[column])
        return [numbers[i] for i in range(layout.width)]

    def _parse(self, text: bytes, columns: list[int]) -> dict[int, NDArray[np.generic]] | None:
        if not columns:
            return {}
        try:
            return self._parse_as(text, columns)
        except (ValueError, OverflowError):
            wanted = [i for i in columns if self._is_whole[i]]
        try:
            self._is_whole = [False] * len(self._is_whole)
            found = self._parse_as(text, columns)
        except (ValueError, OverflowError):
            return None
        if found is not None:
            self._keep_whole(found, wanted)
        return found

    def _parse_as(self, text: bytes, columns: list[int]) -> dict[int, NDArray[np.generic]] | None:
        types = {i: np.int64 if self._is_whole[i] else np.float64 for i in columns}
        with np.errstate(
            invalid="ignore"
        ):  # a huge number in a whole column; it raises, or is doubtful below
            table = pd.read_csv(
                io.BytesIO(text),
                header=None,
                names=columns,
                dtype=types,
                skip_blank_lines=False,
                index_col=False,
            )
        found: dict[int, NDArray[np.generic]] = {i: table[i].to_numpy() for i in columns}
        # pandas takes a whole column with a "1e3" in it through floats, which round large numbers
        may_be_rounded = any(mark in text for mark in (b".", b"e", b"E"))
        doubtful = [i for i, x in found.items() if x.dtype.kind == "f" or may_be_rounded]
        large = [i for i in doubtful if _is_large(found[i])]
        if any(found[i].dtype.kind == "f" for i in large):
            return None
        return found if _has_only_digits(text, columns, large) else None

    def _keep_whole(self, found: dict[int, NDArray[np.generic]], wanted: list[int]) -> None:
        """Columns of whole numbers stay so when it was another column that asked for decimals."""
        whole = [i for i in wanted if np.all(found[i] == np.floor(found[i]))]
        if len(whole) == len(wanted):
            return
        for i in whole:
            self._is_whole[i] = True
            found[i] = found[i].astype(np.int64)

    # --- the slow way -------------------------------------------------------------------------------

    def _slow(self, block: Block) -> list[NDArray[np.generic]]:
        rows: list[list[str]] = []
        numbers: list[int] = []
        for row, line in enumerate(block.text.decode("utf-8", "replace").split("\n")[:-1], block.first_row):
            cells = self._cells(line, row)
            if cells is not None:
                rows.append(cells)
                numbers.append(row)
        return [self._read_column(i, [row[i] for row in rows], numbers) for i in range(self._layout.width)]

    def _cells(self, line: str, row: int) -> list[str] | None:
        width = self._layout.width
        blank = " \r" if self._layout.dialect.delimiter == "\t" else None
        if width > 1 and not line.strip(blank):
            return None
        if line.lstrip().startswith(("#", "%", "//")):
            self._comments += 1
            return None
        cells = row_cells(self._layout, line)
        if len(cells) != width:
            self._refuse_width(cells, row)
        return cells

    def _refuse_width(self, cells: list[str], row: int) -> None:
        width = self._layout.width
        kinds = [i for i, cell in enumerate(cells[:width]) if i not in self._layout.text_columns]
        for i in kinds:
            if not is_missing(cells[i]):
                read_number(
                    cells[i], self._layout.dialect.decimal, f"Row {row}, column {excerpt(self._names[i])}"
                )
        few = "column" if len(cells) == 1 else "columns"
        raise UnreadableFileError(f"Row {row} has {len(cells)} {few}; the table has {width}")

    def _read_column(self, column: int, cells: list[str], rows: list[int]) -> NDArray[np.generic]:
        name = self._names[column]
        if column in self._parsers:
            return self._parse_text(column, cells, rows)
        decimal = self._layout.dialect.decimal
        place = f"column {excerpt(name)}"
        values = [read_number(c, decimal, f"Row {r}, {place}") for c, r in zip(cells, rows, strict=True)]
        return exact_array(values, lambda index: f"Row {rows[index]}, {place}")

    def _parse_text(self, column: int, cells: list[str], rows: list[int]) -> NDArray[np.int64]:
        """All cells at once; one by one where that fails, for the row of the fault."""
        parse, name = self._parsers[column], self._names[column]
        if not cells:
            return np.empty(0, np.int64)
        try:
            return parse(cells, rows[0], name)
        except UnreadableFileError:
            return np.concatenate([parse([cell], row, name) for cell, row in zip(cells, rows, strict=True)])


def blocks(content: memoryview, first_row: int, start: int) -> Iterator[Block]:
    """Blocks of whole lines; rows are counted from 1.

    Raises
    ------
    UnreadableFileError
        At a row longer than a block.
    """
    row, at = first_row, start
    while at < len(content):
        text = bytes(content[at : at + _BLOCK])
        if at + _BLOCK < len(content):
            cut = text.rfind(b"\n") + 1
            if not cut:
                raise UnreadableFileError(f"Row {row} is longer than {_BLOCK:,} characters")
            text = text[:cut]
        at += len(text)
        text = text.replace(b"\r\n", b"\n")
        text = text if text.endswith(b"\n") else text.removesuffix(b"\r") + b"\n"
        yield Block(text, row)
        row += text.count(b"\n")


def _has_only_digits(text: bytes, columns: list[int], wanted: list[int]) -> bool:
    """Whether no cell of these columns is like "1e3" or "1.0"."""
    if not wanted:
        return True
    names = [str(column) for column in columns]
    cells = pd.read_csv(
        io.BytesIO(text),
        header=None,
        names=names,
        usecols=[str(column) for column in wanted],
        dtype=str,
        index_col=False,
        na_filter=False,
    )
    return not any(cells[name].str.contains("[.eE]").any() for name in cells)


def _is_large(values: NDArray[np.generic]) -> bool:
    numbers = values.astype(np.float64, copy=False)
    return bool(np.any(np.abs(numbers) >= EXACT_LIMIT))

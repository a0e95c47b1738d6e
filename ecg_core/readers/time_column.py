"""Which column of a table counts time or samples, and in which unit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ecg_core.errors import UnreadableFileError
from ecg_core.readers.cells import is_clock, is_integer, is_number
from ecg_core.readers.excerpt import excerpt
from ecg_core.readers.header import TIME_UNIT_WORDS
from ecg_core.readers.layout import Layout
from ecg_core.readers.options import ReadOptions

SECONDS_PER_UNIT = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "clock": 1e-9}

_UNIT_TITLES = (("s", "seconds"), ("ms", "milliseconds"), ("us", "microseconds"), ("ns", "nanoseconds"))
_TIME_NAME = re.compile(
    r"((elapsed|phone|sensor|device|system|unix|local|utc)[ _]?)?time([ _]?stamps?)?"
    r"|t|timestamps?|zeit|temps|tiempo|date[ _]?time|clock([ _]?time)?"
    r"|uhrzeit|zeitstempel|sec|secs|seconds|milliseconds|msec|ms|microseconds|nanoseconds",
    re.IGNORECASE,
)
_SAMPLE_NAME = re.compile(
    r"(sample|index|idx|frame)s?([ _]?(number|no\.?|nr\.?|index|#|id))?|#|n|no\.?|nr\.?|nseq|row|unnamed: 0",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class TimeColumns:
    """Columns that are no leads.

    Attributes
    ----------
    time : int or None
        The column that the rate is taken from.
    unit : str or None
        ``s``, ``ms``, ``us``, ``ns`` or ``clock``; None is unknown.
    counters : tuple of int
        Columns of sample numbers.
    remark : str or None
    others : tuple of TimeColumns
        What the further columns of times would be; one serves where the first shows no rate.
    """

    time: int | None = None
    unit: str | None = None
    counters: tuple[int, ...] = ()
    remark: str | None = None
    others: tuple[TimeColumns, ...] = ()

    @property
    def columns(self) -> set[int]:
        """All columns that are no leads."""
        own = {*self.counters} if self.time is None else {self.time, *self.counters}
        return own.union(*(other.columns for other in self.others))


def find_time_columns(
    layout: Layout, names: Sequence[str], units: Sequence[str | None], options: ReadOptions
) -> TimeColumns:
    """The time column that was asked for, or the one that shows itself by name, unit and values."""
    if layout.long_form:
        layout = _first_lead_only(layout)
    if options.time_column == "":
        return TimeColumns()
    if options.time_column is not None:
        return _asked(layout, names, units, options)
    counters = tuple(i for i in range(layout.width) if _is_counter(layout, i, names[i]))
    times = [i for i in range(layout.width) if i not in counters and _is_time(layout, i, names[i], units[i])]
    if times:
        times.sort(key=lambda column: column not in layout.text_columns)
        first, *others = (
            _with_unit(layout, i, names[i], units[i], options.time_unit, counters) for i in times
        )
        return replace(first, others=tuple(others))
    return TimeColumns(counters=counters) if layout.long_form else _unnamed(layout, options, counters)


def _first_lead_only(layout: Layout) -> Layout:
    """A long table as one with a single lead, so that its numbers and times rise."""
    column = layout.lead_column
    own = [row for row in layout.sampled if row[column] == layout.sampled[0][column]]
    clocks = tuple(i for i in layout.text_columns if i != column)
    return replace(layout, sampled=tuple(own), text_columns=clocks)


def decimals(cells: Sequence[str], decimal: str) -> int:
    """The most digits after the decimal sign; exponents and clocks included."""
    return max((_decimals(cell, decimal) for cell in cells), default=0)


def _asked(
    layout: Layout, names: Sequence[str], units: Sequence[str | None], options: ReadOptions
) -> TimeColumns:
    asked = (options.time_column or "").strip()
    column = next(
        (i for i, x in enumerate(names) if asked.casefold() in (x.casefold(), layout_name(layout, i))), None
    )
    if column is None and asked.isdigit() and 1 <= int(asked) <= layout.width:
        column = int(asked) - 1
    if column is None:
        known = ", ".join(excerpt(name) for name in names[:20])
        raise UnreadableFileError(
            f"There is no column {excerpt(asked)} to take the time from; there are {known}"
        )
    counters = tuple(i for i in range(layout.width) if i != column and _is_counter(layout, i, names[i]))
    clocks = tuple(TimeColumns(i) for i in layout.text_columns if i != column)
    if options.time_unit == "sample" or (
        options.time_unit is None and _is_counter(layout, column, names[column])
    ):
        return TimeColumns(counters=(*counters, column), others=clocks)
    found = _with_unit(layout, column, names[column], units[column], options.time_unit, counters)
    return replace(found, others=clocks)


def layout_name(layout: Layout, column: int) -> str:
    """The header cell as it stands, folded for comparison."""
    return layout.header[column].casefold() if column < len(layout.header) else "\x00"


def _is_counter(layout: Layout, column: int, name: str) -> bool:
    cells = [row[column] for row in layout.sampled]
    if not cells or not layout.is_whole[column]:
        return False
    is_named = bool(_SAMPLE_NAME.fullmatch(name)) or (column == 0 and not name and bool(layout.header))
    return is_named and _counts_up([int(cell) for cell in cells])


def _counts_up(numbers: Sequence[int]) -> bool:
    return all(b - a == 1 for a, b in pairwise(numbers))


def _is_time(layout: Layout, column: int, name: str, unit: str | None) -> bool:
    if column in layout.text_columns:
        return True
    is_named = bool(_TIME_NAME.fullmatch(name)) or (column == 0 and unit in TIME_UNIT_WORDS)
    return is_named and _rises(layout, column)


def _rises(layout: Layout, column: int) -> bool:
    decimal = layout.dialect.decimal
    cells = [row[column] for row in layout.sampled]
    values = [float(c.replace(",", ".")) for c in cells if is_number(c, decimal) and len(c) < 100]
    return bool(values) and all(a <= b for a, b in pairwise(values))


def _with_unit(
    layout: Layout, column: int, name: str, unit: str | None, asked: str | None, counters: tuple[int, ...]
) -> TimeColumns:
    if column in layout.text_columns:
        return TimeColumns(column, "clock", counters)
    if asked in SECONDS_PER_UNIT and asked != "clock":
        return TimeColumns(column, asked, counters)
    stated = TIME_UNIT_WORDS.get((unit or name).lower())
    if stated in ("s", "ms", "us", "ns"):
        return TimeColumns(column, stated, counters)
    return _plausible_unit(layout, column, counters)


def _plausible_unit(layout: Layout, column: int, counters: tuple[int, ...]) -> TimeColumns:
    """The one unit that makes a rate of 50 Hz to 20 kHz; these four ranges of steps do not overlap."""
    step = _step(layout, column)
    if step is None:
        return TimeColumns(
            column, None, counters, "The time column has no unit, so the sampling rate is left unknown."
        )
    if step == 1 and layout.is_whole[column]:
        return TimeColumns(
            None,
            None,
            (*counters, column),
            "The time column counts 1, 2, 3 …: samples or milliseconds. The sampling rate is left unknown.",
        )
    for unit, title in _UNIT_TITLES:
        seconds = step * SECONDS_PER_UNIT[unit]
        if seconds > 1 / 20_000 and seconds <= 1.0000001 / 50:
            remark = f"The time column has no unit; it was read as {title}."
            return TimeColumns(column, unit, counters, remark)
    return TimeColumns(
        column,
        None,
        counters,
        f"The time column has no unit and a step of {step:g}; the sampling rate is left unknown.",
    )


def _step(layout: Layout, column: int) -> float | None:
    decimal = layout.dialect.decimal
    cells = [
        row[column] for row in layout.sampled if is_number(row[column], decimal) and len(row[column]) < 100
    ]
    if len(cells) < 2:
        return None
    values = [float(cell.replace(",", ".")) for cell in cells]
    step = (values[-1] - values[0]) / (len(values) - 1)
    return round(step, 12) if 0 < step < float("inf") else None


def _unnamed(layout: Layout, options: ReadOptions, counters: tuple[int, ...]) -> TimeColumns:
    """Without a header, a first column that rises evenly is no lead."""
    if layout.header or layout.width < 2 or counters or len(layout.sampled) < 3:
        return TimeColumns(counters=counters)
    cells = [row[0] for row in layout.sampled]
    if layout.is_whole[0]:
        numbers = [int(cell) for cell in cells]
        if _counts_up(numbers) and numbers[0] in (0, 1) and options.time_unit in (None, "sample"):
            remark = "The first column counts the rows; it was taken for sample numbers."
            return TimeColumns(counters=(0,), remark=remark)
    if not all(is_number(cell, layout.dialect.decimal) for cell in cells) or not _is_uniform(layout, cells):
        return TimeColumns()
    found = _with_unit(layout, 0, "", None, options.time_unit, ())
    if found.unit is None:
        return TimeColumns()
    return TimeColumns(
        0,
        found.unit,
        (),
        f"The first column rises evenly; it was taken for the time. {found.remark or ''}".strip(),
    )


def _is_uniform(layout: Layout, cells: Sequence[str]) -> bool:
    if any(len(cell) > 100 for cell in cells):
        return False
    values = [float(cell.replace(",", ".")) for cell in cells]
    steps = [b - a for a, b in pairwise(values)]
    printed = 10.0 ** -decimals(cells, layout.dialect.decimal)
    return min(steps) > 0 and max(steps) - min(steps) <= 2.001 * printed and len(cells) >= 5


def _decimals(cell: str, decimal: str) -> int:
    if is_integer(cell):
        return 0
    mark = max(
        cell.rfind(decimal),
        cell.rfind(".") if is_clock(cell) else -1,
        cell.rfind(",") if is_clock(cell) else -1,
    )
    found = re.match(r"\d*", cell[mark + 1 :]) if mark >= 0 else None
    digits = len(found.group()) if found else 0
    exponent = re.search(r"[eE]([+-]?\d{1,4})$", cell)
    return max(min(digits - (int(exponent.group(1)) if exponent else 0), 300), 0)

"""Clock times and dates in a column, as nanoseconds."""

from __future__ import annotations

import re
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecg_core.errors import UnreadableFileError
from ecg_core.readers.cells import is_clock
from ecg_core.readers.excerpt import excerpt
from ecg_core.readers.preamble import read_date

_DAY_NS = 86_400_000_000_000
_MOST_DAYS = 100_000  # before and after 1970
_UNIFORM = re.compile(r"(?P<h>\d{1,3}):(?P<m>\d{2}):(?P<s>\d{2})([.,](?P<f>\d{1,9}))?", re.ASCII)
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def parse_clock(cells: list[str], row: int, name: str) -> NDArray[np.int64]:
    """Nanoseconds since midnight, or since 1970 (or an arbitrary start) where there are dates.

    Raises
    ------
    UnreadableFileError
        At a cell that is no time, with its row.
    """
    if cells and _ISO_DATE.match(cells[0]):
        dates = _parse_dates(cells)
        if dates is not None:
            return dates
    uniform = _parse_uniform(cells) if len(cells) > 1 else None
    if uniform is not None:
        return uniform
    return np.array([_nanoseconds(cell, row + i, name) for i, cell in enumerate(cells)], np.int64)


def _parse_uniform(cells: list[str]) -> NDArray[np.int64] | None:
    """All cells at once where they are written alike, as ``12:34:56.789`` is; None where they are not."""
    found = _UNIFORM.fullmatch(cells[0])
    width = len(cells[0])
    text = "".join(cells)
    if not found or not text.isascii() or len(text) != width * len(cells) or set(map(len, cells)) != {width}:
        return None
    digits = np.frombuffer(text.encode(), np.uint8).reshape(-1, width)
    is_digit = np.array([character.isdigit() for character in cells[0]])
    if np.any(digits[:, ~is_digit] != digits[0, ~is_digit]) or np.any(digits[:, is_digit] - ord("0") > 9):
        return None
    hours, minutes, seconds = (_number(digits, found.span(group)) for group in ("h", "m", "s"))
    fraction = _number(digits, found.span("f")) * 10 ** (9 - len(found.group("f") or ""))
    times: NDArray[np.int64] = ((hours * 60 + minutes) * 60 + seconds) * 1_000_000_000 + fraction
    return times


def _number(digits: NDArray[np.uint8], span: tuple[int, int]) -> NDArray[np.int64]:
    value = np.zeros(len(digits), np.int64)
    for column in range(*span):
        value = value * 10 + (digits[:, column].astype(np.int64) - ord("0"))
    return value


def unwrapped(times: NDArray[np.int64]) -> NDArray[np.int64]:
    """Clock times that go on rising past midnight."""
    if len(times) < 2 or times.max() >= _DAY_NS:
        return times
    midnights = np.cumsum(np.diff(times, prepend=times[:1]) < -_DAY_NS // 2)
    return times + midnights * _DAY_NS


def clock_start(cell: str) -> datetime | None:
    """The date and time in a cell, None for a time without a date."""
    return read_date(cell) if re.search(r"\d{4}", cell) and len(cell) > 14 else None


def _parse_dates(cells: list[str]) -> NDArray[np.int64] | None:
    try:
        stamps = pd.to_datetime(pd.Series(cells, dtype=object), format="ISO8601", utc=True)
        times: NDArray[np.int64] = stamps.astype("datetime64[ns, UTC]").astype(np.int64).to_numpy()
        return times
    except (ValueError, OverflowError, TypeError):
        return None


def _nanoseconds(cell: str, row: int, name: str) -> int:
    try:
        if not is_clock(cell):
            raise ValueError("not a clock time")
        has_date = re.search(r"\d{4}", cell.partition(":")[0])
        if has_date:
            return _date_nanoseconds(cell if ":" in cell else f"{cell} 0:00")
        return _clock_nanoseconds(cell)
    except ValueError:
        place = f"Row {row}, column {excerpt(name)}"
        raise UnreadableFileError(f"{place}: {excerpt(cell)} is not a time like 12:34:56.789") from None


def _clock_nanoseconds(cell: str) -> int:
    parts = re.sub(r" ?(Z|[+-]\d{2}:?\d{2})$", "", cell).replace(",", ".").split(":")
    whole, _, fraction = parts[-1].partition(".")
    if len(parts) == 3:
        seconds = (int(parts[0]) * 60 + int(parts[1])) * 60 + int(whole)
    elif fraction:
        seconds = int(parts[0]) * 60 + int(whole)
    else:
        seconds = (int(parts[0]) * 60 + int(whole)) * 60
    return seconds * 1_000_000_000 + int(fraction.ljust(9, "0") or 0)


def _date_nanoseconds(cell: str) -> int:
    day, clock = re.fullmatch(r"(\S+?)[,T ]\s*(\d+:.*)", cell).groups()  # type: ignore[union-attr]
    year_first = bool(re.match(r"\d{4}", day))
    numbers = [int(n) for n in re.split(r"[-./]", day)]
    year, month, date = numbers if year_first else (numbers[2], numbers[1], numbers[0])
    if month > 12:
        month, date = date, month
    days = (datetime(year, month, date) - datetime(1970, 1, 1)).days
    if abs(days) > _MOST_DAYS:
        raise ValueError("beyond what nanoseconds in 64 bits can say")
    return days * _DAY_NS + _clock_nanoseconds(clock)

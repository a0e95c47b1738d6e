"""Reading single cells as numbers, exactly, with the place and reason of a fault."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ecg_core.errors import UnreadableFileError
from ecg_core.readers.cells import is_integer, is_missing, is_number
from ecg_core.readers.excerpt import excerpt
from ecg_core.readers.sample_buffer import EXACT_LIMIT, inexact

_INT64 = np.iinfo(np.int64)
_LONGEST_NUMBER = 1000


def read_number(cell: str, decimal: str, place: str) -> int | float:
    """The number in a cell, NaN where it is missing.

    Raises
    ------
    UnreadableFileError
        Beginning with ``place``.
    """
    if is_missing(cell):
        return math.nan
    if not is_number(cell, decimal):
        raise UnreadableFileError(f"{place}: {excerpt(cell)} is not a number")
    if len(cell) > _LONGEST_NUMBER:
        raise UnreadableFileError(f"{place}: the number has {len(cell):,} characters")
    if is_integer(cell):
        return int(cell)
    value = float(cell.replace(",", "."))
    if math.isinf(value):
        raise UnreadableFileError(f"{place}: {excerpt(cell)} is beyond the range of a 64-bit float")
    return value


def exact_array(values: Sequence[int | float], place: Callable[[int], str]) -> NDArray[np.generic]:
    """int64 where all are whole numbers of 64 bits, else float64.

    Raises
    ------
    UnreadableFileError
        At a whole number that float64 cannot hold exactly; ``place(index)`` begins the message.
    """
    if all(isinstance(value, int) and _INT64.min <= value <= _INT64.max for value in values):
        return np.array(values, np.int64)
    for index, value in enumerate(values):
        if isinstance(value, int) and abs(value) > EXACT_LIMIT and not _is_exact(value):
            raise UnreadableFileError(f"{place(index)}: {inexact(value)}")
    return np.array([float(value) for value in values], np.float64)


def _is_exact(value: int) -> bool:
    try:
        return int(float(value)) == value
    except OverflowError:
        return False

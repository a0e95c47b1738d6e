"""Collecting a lead's samples piece by piece in the narrowest type that holds them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ecg_core.errors import UnreadableFileError

#: float64 holds every whole number up to here.
EXACT_LIMIT = 2**53

_INTEGERS = tuple(
    (np.dtype(kind), int(np.iinfo(kind).min), int(np.iinfo(kind).max))
    for kind in (np.int8, np.int16, np.int32, np.int64)
)


def narrowest_integers(values: NDArray[np.int64]) -> NDArray[np.generic]:
    """The same whole numbers in the narrowest of int8, int16, int32 and int64."""
    return values.astype(_narrowest_type(values), copy=False)


class SampleBuffer:
    """An array of known greatest length that widens its type only when a value asks for it.

    Parameters
    ----------
    capacity : int
        The most samples that will come.
    where : callable
        Names the place of the sample with this index, for the message of an error.
    """

    def __init__(self, capacity: int, where: Callable[[int], str]) -> None:
        self._capacity = capacity
        self._where = where
        self._length = 0
        self._data: NDArray[np.generic] = np.empty(capacity, np.int8)

    def __len__(self) -> int:
        return self._length

    def append(self, values: NDArray[np.generic]) -> None:
        """Add int64 or float64 values; NaN is a missing sample."""
        wanted = np.promote_types(self._data.dtype, _narrowest_type(values))
        if wanted.kind == "f":
            wanted = np.dtype(np.float64)
            self._check_exact(values, self._length)
        if wanted != self._data.dtype:
            self._widen(wanted)
        self._data[self._length : self._length + len(values)] = values
        self._length += len(values)

    def samples(self) -> NDArray[np.generic]:
        """What was added, in one array."""
        if self._length < self._capacity:
            return self._data[: self._length].copy()
        return self._data

    def _widen(self, dtype: np.dtype[np.generic]) -> None:
        kept = self._data[: self._length]
        if dtype.kind == "f":
            self._check_exact(kept, 0)
        wider: NDArray[np.generic] = np.empty(self._capacity, dtype)
        wider[: self._length] = kept
        self._data = wider

    def _check_exact(self, values: NDArray[np.generic], first: int) -> None:
        if values.dtype != np.int64 or not len(values):
            return
        whole = values.astype(np.int64, copy=False)
        for index in np.flatnonzero((whole > EXACT_LIMIT) | (whole < -EXACT_LIMIT)):
            number = int(whole[index])
            if int(float(number)) != number:
                raise UnreadableFileError(f"{self._where(first + int(index))}: {inexact(number)}")


def inexact(number: int) -> str:
    """The reason for refusing a whole number that float64 cannot hold."""
    shown = str(number) if abs(number) < 10**25 else f"a whole number of {len(str(abs(number)))} digits"
    return f"{shown} cannot be kept exactly beside decimals or missing samples (the limit is 2^53)"


def _narrowest_type(values: NDArray[np.generic]) -> np.dtype[np.generic]:
    if values.dtype.kind == "f":
        return np.dtype(np.float64)
    if not len(values):
        return np.dtype(np.int8)
    lowest, highest = int(values.min()), int(values.max())
    for dtype, least, most in _INTEGERS:
        if least <= lowest and highest <= most:
            return dtype
    raise OverflowError("beyond 64 bits")

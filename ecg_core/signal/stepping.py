"""Zero crossings of a signal that is read piece by piece: count them, or step from one to the next.

`read(start, stop)` gives the samples ``start <= index < stop``; never more than `LONGEST_PIECE` of them are
asked for at once, so memory does not grow with the signal. What passes from one piece to the next is one
sample: the last that is not zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecg_core.signal.zero_crossings import count_zero_crossings, find_zero_crossings

LONGEST_PIECE = 262_144
_SHORTEST_PIECE = 4_096  # most signals cross zero soon

ReadSamples = Callable[[int, int], NDArray[Any]]


def count_crossings_within(read: ReadSamples, start: int, stop: int, *, zero_level: float = 0.0) -> int:
    """The number of zero crossings at ``start <= index < stop``; counts of neighbouring spans add up.

    Parameters
    ----------
    read : callable
        ``(start, stop) -> ndarray`` of samples.
    start, stop : int
        Within the signal.
    zero_level : float
        As in `zero_crossings`.
    """
    carried, count = None, 0
    for first, last in _forwards(start, stop):
        samples = read(first, last)
        carried = _sample_before(read, start, zero_level, samples[:0]) if carried is None else carried
        joined = np.concatenate([carried, samples])
        count += count_zero_crossings(joined, zero_level=zero_level).crossings
        carried = _carry(joined, zero_level)
    return count


def first_crossing(read: ReadSamples, start: int, stop: int, *, zero_level: float = 0.0) -> int | None:
    """The first zero crossing at ``start <= index < stop``; None where there is none."""
    carried = None
    for first, last in _forwards(start, stop):
        samples = read(first, last)
        carried = _sample_before(read, start, zero_level, samples[:0]) if carried is None else carried
        joined = np.concatenate([carried, samples])
        found = find_zero_crossings(joined, zero_level=zero_level).indices
        if len(found):
            return first - len(carried) + int(found[0])
        carried = _carry(joined, zero_level)
    return None


def last_crossing(read: ReadSamples, stop: int, *, zero_level: float = 0.0) -> int | None:
    """The last zero crossing at ``index < stop``; None where there is none."""
    after, after_at = None, 0  # the first sample with a sign of what was read so far
    for first, last in _backwards(stop):
        samples = read(first, last)
        joined = samples if after is None else np.concatenate([samples, after])
        found = find_zero_crossings(joined, zero_level=zero_level).indices
        if len(found):
            at = int(found[-1])
            return first + at if at < len(samples) else after_at
        signed = _signed(samples, zero_level)
        if len(signed):
            after, after_at = samples[signed[0] :][:1], first + int(signed[0])
    return None


def _sample_before(read: ReadSamples, start: int, zero_level: float, nothing: NDArray[Any]) -> NDArray[Any]:
    """The last sample before ``start`` that is not zero (it may be missing); ``nothing`` where all are."""
    for first, last in _backwards(start):
        carried = _carry(read(first, last), zero_level)
        if len(carried):
            return carried
    return nothing


def _carry(samples: NDArray[Any], zero_level: float) -> NDArray[Any]:
    """The last sample that is not zero: one that is missing carries the gap on."""
    if len(samples) and samples[-1] != np.float64(zero_level):  # nearly always
        return samples[-1:]
    signed = _signed(samples, zero_level)
    return samples[signed[-1] :][:1] if len(signed) else samples[:0]


def _signed(samples: NDArray[Any], zero_level: float) -> NDArray[np.int64]:
    return np.flatnonzero(samples != np.float64(zero_level))


def _forwards(start: int, stop: int) -> Iterator[tuple[int, int]]:
    size = _SHORTEST_PIECE
    while start < stop:
        end = min(start + size, stop)
        yield start, end
        start, size = end, min(4 * size, LONGEST_PIECE)


def _backwards(stop: int) -> Iterator[tuple[int, int]]:
    size = _SHORTEST_PIECE
    while stop > 0:
        begin = max(0, stop - size)
        yield begin, stop
        stop, size = begin, min(4 * size, LONGEST_PIECE)

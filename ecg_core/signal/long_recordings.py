"""What an overview of a long lead needs: the rate of the heart in columns, and the gaps."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_LONGEST_RR_S = 5.0  # beyond it a beat was missed, or the lead was off


def find_gaps(samples: NDArray[Any]) -> NDArray[np.int64]:
    """Runs of missing samples: the first of each, and the one after its last, shape (n, 2)."""
    if samples.dtype.kind != "f":
        return np.empty((0, 2), np.int64)
    missing = np.zeros(len(samples) + 2, np.int8)
    missing[1:-1] = np.isnan(samples)
    return np.flatnonzero(np.diff(missing)).reshape(-1, 2).astype(np.int64)


def rates_per_column(
    beats: NDArray[np.int64], fs: float, samples_per_column: int, columns: int, gaps: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The median heart rate of each column, from the RR intervals that end in it.

    Parameters
    ----------
    beats : ndarray of int64
        Sample indices, increasing.
    fs : float
        Sampling frequency in Hz.
    gaps : ndarray of int64, shape (n, 2)
        As `find_gaps` gives them; an interval over one is no RR interval, nor is one of more than 5 s.

    Returns
    -------
    ndarray, shape (columns,)
        In beats per minute; NaN where no interval ends.
    """
    rates = np.full(columns, np.nan)
    intervals, ends = np.diff(beats), beats[1:]
    before = np.searchsorted(gaps[:, 0], beats)
    usable = (intervals > 0) & (intervals <= _LONGEST_RR_S * fs) & (before[1:] == before[:-1])
    bound = int(_LONGEST_RR_S * fs) + 1  # of the lengths: a number holds both, and numbers are sorted quickly
    both = ends[usable] // samples_per_column * bound + intervals[usable]
    both.sort(kind="stable")  # quick where much is in order
    column, lengths = np.divmod(both, bound)
    starts = np.flatnonzero(np.r_[len(column) > 0, column[1:] != column[:-1]][: len(column)])
    present, counts = column[starts], np.diff(starts, append=len(column))
    middle = (lengths[starts + (counts - 1) // 2] + lengths[starts + counts // 2]) / 2
    inside = present < columns
    rates[present[inside]] = 60.0 * fs / middle[inside]
    return rates

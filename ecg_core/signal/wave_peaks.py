"""The peaks within P, QRS and T, and their amplitudes, on the signal as it was recorded."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Q, R, S, R_PRIME = range(4)
_LEVEL_S = 0.01  # over which the level at an onset is taken
_LEAST_SHARE = 0.05  # of the height of the QRS complex: smaller deflections are no Q, R, S or R'
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def levels(values: Floats, at: Ints, fs: float) -> Floats:
    """Mean of the 10 ms that end at each index, shape of ``at`` (leads, beats); NaN where that is -1."""
    back = np.arange(max(round(_LEVEL_S * fs), 1))
    where = np.clip(at[..., None] - back, 0, values.shape[-1] - 1)
    taken = np.take_along_axis(values, where.reshape(len(values), -1), axis=1).reshape(where.shape)
    return np.where(at >= 0, taken.mean(axis=-1), np.nan)


def peaks_from_chord(values: Floats, onset: Ints, offset: Ints) -> Ints:
    """Index of the largest deviation from the line between onset and offset; -1 where there is no wave.

    ``values`` (leads, n), ``onset`` and ``offset`` (leads, beats).
    """
    part, inside = _cut(values, onset, offset)
    first = part[..., 0]
    last = np.take_along_axis(part, np.maximum(offset - onset, 0)[..., None], axis=-1)[..., 0]
    along = np.arange(part.shape[-1]) / np.maximum(offset - onset, 1)[..., None]
    deviation = np.abs(part - first[..., None] - (last - first)[..., None] * along)
    return _found(np.where(inside, np.nan_to_num(deviation), -1.0).argmax(-1), onset)


def qrs_peaks(values: Floats, onset: Ints, offset: Ints, level: Floats) -> tuple[Ints, Ints]:
    """Peaks of the QRS complexes.

    Deflections from the level at the onset of at least 5 % of the height of the complex count. R is the first
    upward one, Q the downward one before it, S the one after it, R' an upward one after S; a complex that
    only goes down (QS) has its peak as Q.

    Parameters
    ----------
    values : ndarray, shape (leads, n)
    onset, offset : ndarray of int64, shape (leads, beats)
        Indices; -1 where there is no QRS complex.
    level : ndarray, shape (leads, beats)
        The level at the onset.

    Returns
    -------
    peak : ndarray of int64, shape (leads, beats)
        Index of the largest deflection, -1 where there is none.
    named : ndarray of int64, shape (leads, beats, 4)
        Indices of Q, R, S and R', -1 where there is none.
    """
    part, inside = _cut(values, onset, offset)
    d = np.where(inside, np.nan_to_num(part - level[..., None]), 0.0)
    least = _LEAST_SHARE * np.ptp(d, axis=-1, keepdims=True)
    width = d.shape[-1]
    at = np.arange(width)
    up, down = (d > least) & inside, (d < -least) & inside
    r_from = _first(up, width)
    s_from = _first(down & (at > r_from), width)
    again = _first(up & (at > s_from), width)
    end = _first(down & (at > again), width)
    ranges: list[tuple[Ints | int, Ints, Floats]] = [
        (-1, r_from, -d),
        (r_from, s_from, d),
        (s_from, again, -d),
        (again, end, d),
    ]
    named = np.full((*onset.shape, 4), -1, np.int64)
    for name, (begin, stop, deflection) in enumerate(ranges):
        within = (at >= begin) & (at < stop) & (deflection > least) & inside
        where = np.where(within, deflection, -np.inf).argmax(-1)
        named[..., name] = np.where(within.any(-1), _found(where, onset), -1)
    return _found(np.abs(d).argmax(-1), onset), named


def values_at(values: Floats, at: Ints) -> Floats:
    """The signal at the indices (leads, ...); NaN where they are -1."""
    where = np.clip(at, 0, values.shape[-1] - 1).reshape(len(values), -1)
    taken = np.take_along_axis(values, where, axis=1).reshape(at.shape)
    return np.where(at >= 0, taken, np.nan)


def _cut(values: Floats, onset: Ints, offset: Ints) -> tuple[Floats, NDArray[np.bool_]]:
    """The samples from onset to offset, (leads, beats, longest), and which of them belong to the wave."""
    longest = int((offset - onset).max(initial=0)) + 1
    at = onset[..., None] + np.arange(longest)
    inside = (at <= offset[..., None]) & (onset >= 0)[..., None]
    where = np.clip(at, 0, values.shape[-1] - 1).reshape(len(values), -1)
    return np.take_along_axis(values, where, axis=1).reshape(at.shape), inside


def _first(mask: NDArray[np.bool_], otherwise: int) -> Ints:
    return np.where(mask.any(-1), mask.argmax(-1), otherwise)[..., None]


def _found(within: Ints, onset: Ints) -> Ints:
    return np.where(onset >= 0, onset + within, -1)

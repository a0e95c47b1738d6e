"""Rhythm in plain numbers, from the beats and their kinds: runs, pairs, bigeminy, pauses, the longest RR."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_RUN_BEATS = 3
_BIGEMINY_PAIRS = 3
_PAUSE_S = 2.0
Span = tuple[int, int]


@dataclass(frozen=True)
class RhythmEvents:
    """What the sequence of beats shows; every span is the first and the last beat, as indices into the beats.

    Attributes
    ----------
    runs : tuple of (int, int)
        Three or more ventricular beats in a row.
    pairs : tuple of (int, int)
        Exactly two in a row.
    bigeminy : tuple of (int, int)
        Every second beat ventricular, for at least three pairs.
    pauses : tuple of (int, int)
        The beats on both sides of an RR interval of 2 s or more.
    longest_rr_s : float or None
        None without two beats, or where a gap lies in every interval.
    longest_rr : (int, int) or None
    """

    runs: tuple[Span, ...]
    pairs: tuple[Span, ...]
    bigeminy: tuple[Span, ...]
    pauses: tuple[Span, ...]
    longest_rr_s: float | None
    longest_rr: Span | None


def find_rhythm_events(
    times_s: NDArray[np.float64],
    is_ventricular: NDArray[np.bool_],
    *,
    gaps_s: Sequence[tuple[float, float]] = (),
    pause_s: float = _PAUSE_S,
) -> RhythmEvents:
    """Find runs, pairs, bigeminy and pauses.

    Parameters
    ----------
    times_s : ndarray, shape (n,)
        Of the beats, increasing.
    is_ventricular : ndarray of bool, shape (n,)
    gaps_s : sequence of (float, float)
        Where no lead shows anything: no RR interval and no row of beats goes over one.
    pause_s : float
        The shortest RR interval that is a pause.
    """
    rr_s = np.diff(times_s)
    whole = np.ones(len(rr_s), np.bool_)
    for first, last in gaps_s:
        whole &= ~((times_s[:-1] < last) & (times_s[1:] > first))
    rows = _rows(is_ventricular, whole)
    longest = int(np.argmax(np.where(whole, rr_s, -1.0))) if whole.any() else None
    return RhythmEvents(
        tuple(row for row in rows if row[1] - row[0] >= _RUN_BEATS - 1),
        tuple(row for row in rows if row[1] - row[0] == 1),
        _bigeminy(is_ventricular, whole),
        tuple((int(i), int(i) + 1) for i in np.flatnonzero(whole & (rr_s >= pause_s))),
        float(rr_s[longest]) if longest is not None else None,
        (longest, longest + 1) if longest is not None else None,
    )


def _rows(chosen: NDArray[np.bool_], joined: NDArray[np.bool_]) -> list[Span]:
    """First and last of the chosen beats that follow each other without a gap."""
    at = np.flatnonzero(chosen)
    if not len(at):
        return []
    breaks = np.flatnonzero((np.diff(at) > 1) | ~joined[np.minimum(at[:-1], max(len(joined) - 1, 0))])
    firsts, lasts = at[np.r_[0, breaks + 1]], at[np.r_[breaks, len(at) - 1]]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def _bigeminy(ventricular: NDArray[np.bool_], joined: NDArray[np.bool_]) -> tuple[Span, ...]:
    """Stretches in which the kind changes with every beat, from the first to the last of the pairs."""
    changes = (ventricular[1:] != ventricular[:-1]) & joined
    found = []
    for first, last in _rows(changes, np.ones(max(len(changes) - 1, 0), np.bool_)):
        begin = first + int(ventricular[first])  # a pair is a normal beat and the ventricular one after it
        pairs = (last + 2 - begin) // 2
        if pairs >= _BIGEMINY_PAIRS:
            found.append((begin, begin + 2 * pairs - 1))
    return tuple(found)

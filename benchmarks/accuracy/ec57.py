"""Beats against experts' beats, counted as ANSI/AAMI EC57 counts them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: The labels of WFDB that are beats: no ventricular flutter wave (``!``), no blocked P wave (``x``).
BEAT_LABELS = frozenset("NLRBAaJSVrFejnE/fQ?")
TOLERANCE_S = 0.15
Times = NDArray[np.float64]
Span = tuple[float, float]


@dataclass(frozen=True)
class Tally:
    """Beats of both, of the experts only (missed) and of the detector only (false)."""

    true: int = 0
    missed: int = 0
    false: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.true + other.true, self.missed + other.missed, self.false + other.false)

    @property
    def sensitivity(self) -> float:
        """True over all of the experts' beats, in percent; NaN without any."""
        return 100.0 * self.true / known if (known := self.true + self.missed) else float("nan")

    @property
    def predictivity(self) -> float:
        """True over all found, in percent; NaN without any."""
        return 100.0 * self.true / found if (found := self.true + self.false) else float("nan")


def total(tallies: Iterable[Tally]) -> Tally:
    """Gross: all beats of all records together."""
    return sum(tallies, Tally())


def match_beats(known: Times, found: Times, tolerance_s: float = TOLERANCE_S) -> list[tuple[int, int]]:
    """Pair beats one to one within the tolerance: as many as can be, in order of time.

    Of pairings with equally many the walk prefers the nearer partner: a beat found is left over if the next
    one lies nearer to the same known beat and to no other one.

    Parameters
    ----------
    known, found : ndarray, shape (n,)
        In seconds, increasing.

    Returns
    -------
    list of (int, int)
        Indices into ``known`` and into ``found``.
    """
    pairs, i, j = [], 0, 0
    while i < len(known) and j < len(found):
        apart = found[j] - known[i]
        if apart < -tolerance_s:
            j += 1
        elif apart > tolerance_s:
            i += 1
        elif _next_is_nearer(known, found, i, j):
            j += 1
        else:
            pairs.append((i, j))
            i, j = i + 1, j + 1
    return pairs


def _next_is_nearer(known: Times, found: Times, i: int, j: int) -> bool:
    if j + 1 >= len(found) or abs(found[j + 1] - known[i]) >= abs(found[j] - known[i]):
        return False
    return i + 1 >= len(known) or found[j + 1] < known[i + 1] - TOLERANCE_S


def tally_beats(known: Times, found: Times, left_out: Sequence[Span] = ()) -> Tally:
    """Count the pairs, and what is left over outside the spans that do not count.

    All are paired first: a beat at the edge of a span keeps its partner on the other side. A pair counts
    where its known beat does, and a false beat where it lies itself.
    """
    pairs = match_beats(known, found)
    counted, inside = ~_within(known, left_out), ~_within(found, left_out)
    paired, taken = np.zeros(len(known), bool), np.zeros(len(found), bool)
    for i, j in pairs:
        paired[i] = taken[j] = True
    true = int(np.sum(paired & counted))
    return Tally(true, int(np.sum(~paired & counted)), int(np.sum(~taken & inside)))


def _within(times: Times, spans: Sequence[Span]) -> NDArray[np.bool_]:
    inside = np.zeros(len(times), np.bool_)
    for first, last in spans:
        inside |= (times >= first) & (times <= last)
    return inside

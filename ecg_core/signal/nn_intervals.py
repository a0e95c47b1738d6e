"""NN intervals: those RR intervals between normal beats that heart-rate variability is measured from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

RULE = (
    "NN intervals (Task Force 1996): both beats normal, no gap between, 0.3 to 2 s, "
    "within 30 % of the median of the eleven around; others left out, none invented"
)
_SHORTEST_MS, _LONGEST_MS = 300.0, 2000.0
_AROUND, _TOLERANCE = 11, 0.3


@dataclass(frozen=True, eq=False)
class NnIntervals:
    """The intervals that count, in their order.

    Attributes
    ----------
    ms : ndarray, shape (n,)
        Each from the beat before to its own.
    end_s : ndarray, shape (n,)
        Time of the beat that ends each.
    follows : ndarray of bool, shape (n,)
        Whether the interval before it in the recording counts too, so that their difference does.
    rr_count : int
        Of all RR intervals without a gap, counted ones and others.
    """

    ms: NDArray[np.float64]
    end_s: NDArray[np.float64]
    follows: NDArray[np.bool_]
    rr_count: int

    @property
    def differences_ms(self) -> NDArray[np.float64]:
        """Successive differences."""
        return np.asarray(np.diff(self.ms)[self.follows[1:]])

    @property
    def duration_s(self) -> float:
        """The time that they fill."""
        return float(self.ms.sum()) / 1000.0

    @property
    def share(self) -> float:
        """Of the RR intervals, in %."""
        return 100.0 * len(self.ms) / self.rr_count if self.rr_count else 0.0

    def between(self, start_s: float, stop_s: float) -> NnIntervals:
        """Those that end in a part; its ``rr_count`` is in proportion to the time."""
        kept = (self.end_s >= start_s) & (self.end_s < stop_s)
        missing_s = max(stop_s - start_s - float(self.ms[kept].sum()) / 1000.0, 0.0)
        usual_s = float(np.median(self.ms[kept])) / 1000.0 if kept.any() else 1.0
        follows = self.follows[kept].copy()
        follows[:1] = False
        return NnIntervals(
            self.ms[kept], self.end_s[kept], follows, int(kept.sum() + round(missing_s / usual_s))
        )


def nn_intervals(
    beats_s: NDArray[np.float64],
    *,
    normal: NDArray[np.bool_] | None = None,
    unbroken: NDArray[np.bool_] | None = None,
) -> NnIntervals:
    """Choose the NN intervals.

    Parameters
    ----------
    beats_s : ndarray, shape (beats,)
        In s, increasing.
    normal : ndarray of bool, optional
        False for every beat that is no normal one; without it all beats are taken for normal, and the rule of
        30 % alone finds ectopic, missed and false ones.
    unbroken : ndarray of bool, shape (beats - 1,), optional
        False for intervals over a gap or a lead-off spell.
    """
    rr_ms = np.diff(beats_s) * 1000.0
    present = np.ones(len(rr_ms), bool) if unbroken is None else unbroken
    counts = present & (rr_ms >= _SHORTEST_MS) & (rr_ms <= _LONGEST_MS)
    if normal is not None:
        counts &= normal[1:] & normal[:-1]
    counts[counts] = _near_median(rr_ms[counts])
    follows = np.r_[False, counts[:-1]] if len(counts) else counts
    return NnIntervals(rr_ms[counts], beats_s[1:][counts], follows[counts], int(present.sum()))


def _near_median(ms: NDArray[np.float64]) -> NDArray[np.bool_]:
    if not len(ms):
        return np.empty(0, bool)
    middle = median_filter(ms, size=min(_AROUND, len(ms)), mode="nearest")
    return np.asarray(np.abs(ms - middle) <= _TOLERANCE * middle)

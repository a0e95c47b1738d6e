"""Heart-rate variability without a scale of its own: detrended fluctuations and sample entropy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

#: Peng et al., Chaos 1995;5:82.
SHORT_SCALES = tuple(range(4, 17))
LONG_SCALES = tuple(range(16, 65))
SEGMENT_BEATS = 500
_DELAYED = 2


def fluctuations(values: NDArray[np.float64], scales: Sequence[int]) -> NDArray[np.float64]:
    """Root mean square deviation of the summed series from a line, in windows that overlap by half.

    Parameters
    ----------
    values : ndarray, shape (n,)
    scales : sequence of int
        Lengths of the windows, below n.
    """
    profile = np.cumsum(values - values.mean())
    return np.array([_fluctuation(profile, scale) for scale in scales])


def dfa_exponent(values: NDArray[np.float64], scales: Sequence[int]) -> float:
    """Slope of log fluctuation over log scale: 0.5 for white noise, 1 for 1/f, 1.5 for a random walk."""
    found = fluctuations(values, scales)
    if not (found > 0).all():
        return float("nan")
    return float(np.polyfit(np.log(scales), np.log(found), 1)[0])


def sample_entropy(values: NDArray[np.float64], *, r_sd: float = 0.2) -> float:
    """Sample entropy with m = 2 and r = 0.2 SD (Richman and Moorman, Am J Physiol 2000;278:H2039).

    Series of more than 500 are cut into segments of 500, each with an SD of its own, and the mean is given,
    so that a day costs as much as its length and slow changes of the level do not widen r.

    Returns
    -------
    float
        NaN where no three-beat pattern repeats.
    """
    cuts = max(len(values) // SEGMENT_BEATS, 1)
    parts = np.array_split(values, cuts) if len(values) > SEGMENT_BEATS else [values]
    found = np.array([_entropy(part, r_sd) for part in parts])
    return float(found[np.isfinite(found)].mean()) if np.isfinite(found).any() else float("nan")


def _fluctuation(profile: NDArray[np.float64], scale: int) -> float:
    starts = np.arange(0, len(profile) - scale, scale // 2)
    rows = np.lib.stride_tricks.sliding_window_view(profile, scale)[starts]
    ramp = np.arange(scale) - (scale - 1) / 2
    level = rows - rows.mean(axis=1, keepdims=True)
    unexplained = np.einsum("ij,ij->i", level, level) - (level @ ramp) ** 2 / (ramp @ ramp)
    return float(np.sqrt(np.maximum(unexplained, 0).mean() / scale))


def _entropy(values: NDArray[np.float64], r_sd: float) -> float:
    count = len(values) - _DELAYED
    if count < 2 or np.ptp(values) == 0:
        return float("nan")
    r = r_sd * values.std(ddof=1)
    values = values.astype(np.float64)
    near = np.abs(values[:, None] - values[None, :]) <= r
    two = near[:count, :count] & near[1 : count + 1, 1 : count + 1]
    pairs_of_two = np.count_nonzero(two) - count
    pairs_of_three = np.count_nonzero(two & near[2:, 2:]) - count
    if not pairs_of_three:
        return float("nan")
    return float(np.log(pairs_of_two / pairs_of_three))

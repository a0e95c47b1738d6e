"""Fewer points for the eye, with every peak kept."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from tsdownsample import MinMaxDownsampler

#: A lane of more points than this is reduced to about ``REDUCED_POINTS``.
FULL_POINTS, REDUCED_POINTS = 6_000, 4_000

_DOWNSAMPLER = MinMaxDownsampler()  # type: ignore[no-untyped-call]


def find_shown_points(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """The indices to draw: minimum and maximum of every stretch of samples, and the edges of gaps.

    Parameters
    ----------
    values : ndarray, shape (n,)
        NaN where a sample is missing.

    Returns
    -------
    ndarray of int64
        Increasing. At least one NaN of every gap stays, so that the gap stays open.
    """
    missing = np.isnan(values)
    if not missing.any():
        return _extremes(values)
    gap_starts = np.flatnonzero(missing & ~np.r_[False, missing[:-1]])
    if missing.all():
        return gap_starts.astype(np.int64)
    lowest, highest = np.nanmin(values), np.nanmax(values)
    minima = _extremes(np.where(missing, highest, values))
    maxima = _extremes(np.where(missing, lowest, values))
    return np.unique(np.concatenate([minima, maxima, gap_starts])).astype(np.int64)


def _extremes(values: NDArray[np.float64]) -> NDArray[np.int64]:
    found = _DOWNSAMPLER.downsample(np.ascontiguousarray(values), n_out=REDUCED_POINTS)
    last = len(values) - 1  # which the rounding of the stretches leaves out at some lengths, as 16,099
    return np.asarray(found if found[-1] == last else np.r_[found, last], dtype=np.int64)

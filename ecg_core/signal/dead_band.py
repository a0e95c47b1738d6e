"""Zero crossings with a dead band (hysteresis): noise that never leaves the band around zero is no crossing.

A crossing counts where the signal goes from at least +band to at most −band, or back. Samples within the
band carry no sign, as zeros carry none in `zero_crossings`; so this *is* that definition, on a signal whose
samples within the band are zero. With a band of zero both counts are one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecg_core.signal.zero_crossings import BLOCK_SAMPLES, find_zero_crossings

_ROUNDING = 1e-9  # 0.1 × 3 is not 0.3: a sample at the edge of the band is outside it


@dataclass(frozen=True, eq=False)
class DeadBandCrossings:
    """The crossings of one signal, in order.

    Attributes
    ----------
    indices : ndarray of int64, shape (n,)
        The first sample at or beyond the other edge of the band.
    rising : ndarray of bool, shape (n,)
        True from below zero to above.
    """

    indices: NDArray[np.int64]
    rising: NDArray[np.bool_]


def zero_dead_band(values: NDArray[Any], *, band: float) -> NDArray[np.float64]:
    """A copy of a signal in which the samples within the band are zero.

    Parameters
    ----------
    values : ndarray, shape (n,)
        NaN is a missing sample, and stays.
    band : float
        In the unit of the values, not negative.

    Raises
    ------
    ValueError
        The band is negative or not a number.
    """
    if not band >= 0:
        raise ValueError(f"A dead band is not negative: {band}")
    edge = band * (1 - _ROUNDING)
    held = np.empty(len(values))
    for start in range(0, len(values), BLOCK_SAMPLES):  # what is compared stays in the processor's cache
        block = values[start : start + BLOCK_SAMPLES].astype(np.float64, copy=False)
        np.multiply(block, ~(np.abs(block) < edge), out=held[start : start + BLOCK_SAMPLES])
    return held


def find_dead_band_crossings(values: NDArray[Any], *, band: float) -> DeadBandCrossings:
    """Find every crossing from one edge of the band to the other.

    Parameters
    ----------
    values, band
        As in `zero_dead_band`.

    Returns
    -------
    DeadBandCrossings

    Raises
    ------
    ValueError
        As `zero_dead_band`.
    """
    found = find_zero_crossings(zero_dead_band(values, band=band))
    return DeadBandCrossings(found.indices, found.rising)

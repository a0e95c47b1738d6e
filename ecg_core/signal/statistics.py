"""The numbers of the lead report: crossings, extremes, mean and spread of one lead."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Lead, LeadSummary
from ecg_core.signal import ANALYSIS_VERSION
from ecg_core.signal.zero_crossings import count_lead_zero_crossings

#: Samples turned to floats at a time: integers of any length are summed without a float copy of the whole.
BLOCK_SAMPLES = 1 << 16

#: Beyond this a square could overflow; such samples are scaled down by a power of two, which is exact.
_LARGE = 1e150
_DOWN = 2.0**-600


@dataclass(frozen=True)
class Statistics:
    """Of the samples that are not missing; the four numbers are NaN where there is no such sample.

    Attributes
    ----------
    minimum, maximum, mean : float
    standard_deviation : float
        Of the population (divided by the number of samples, ``ddof=0``).
    missing_samples : int
        Samples that are NaN.
    """

    minimum: float
    maximum: float
    mean: float
    standard_deviation: float
    missing_samples: int


def sample_statistics(samples: NDArray[Any]) -> Statistics:
    """Extremes, mean and spread of a signal in its own numbers.

    The corrected two-pass algorithm (Chan, Golub and LeVeque, *Algorithms for computing the sample variance*,
    The American Statistician 1983;37:242): a large offset costs no digits.

    Parameters
    ----------
    samples : ndarray, shape (n,)
        Integers of any width, or floats where NaN is a missing sample.

    Returns
    -------
    Statistics
    """
    if samples.size == 0:
        return Statistics(math.nan, math.nan, math.nan, math.nan, 0)
    minimum, maximum = float(np.fmin.reduce(samples)), float(np.fmax.reduce(samples))
    scale = _DOWN if max(abs(minimum), abs(maximum)) > _LARGE else 1.0
    with np.errstate(invalid="ignore"):  # an infinite sample leaves mean or deviation undefined
        count, mean = _mean(samples, scale)
        mean = min(max(mean, minimum * scale), maximum * scale)  # a flat line has exactly its own mean
        squares = _sum_of_squares(samples, scale, mean)
    deviation = math.sqrt(max(squares, 0.0) / count) if count else math.nan
    return Statistics(minimum, maximum, mean / scale, deviation / scale, samples.size - count)


def summarize_lead(lead: Lead) -> LeadSummary:
    """One row of the lead report, from the stored samples.

    Parameters
    ----------
    lead : Lead

    Returns
    -------
    LeadSummary
        Amplitudes in the lead's unit (in counts where it is unknown); the standard deviation is that of
        the population. What is no finite number is None.
    """
    crossings, touches = count_lead_zero_crossings(lead)
    statistics = sample_statistics(lead.samples)
    extremes = (statistics.minimum, statistics.maximum)
    lowest, highest = extremes if lead.resolution > 0 else extremes[::-1]
    return LeadSummary(
        name=lead.name,
        number_of_samples=len(lead.samples),
        sampling_rate_hz=lead.sampling_rate_hz,
        unit=lead.unit,
        resolution=lead.resolution,
        offset=lead.offset,
        number_of_zero_crossings=crossings,
        number_of_zero_touches=touches,
        minimum=_finite(lowest * lead.resolution + lead.offset),
        maximum=_finite(highest * lead.resolution + lead.offset),
        mean=_finite(statistics.mean * lead.resolution + lead.offset),
        standard_deviation=_finite(statistics.standard_deviation * abs(lead.resolution)),
        missing_samples=statistics.missing_samples,
        analysis_version=ANALYSIS_VERSION,
        original_name=lead.original_name,
        is_ecg=lead.is_ecg,
        is_derived=lead.is_derived,
    )


def _mean(samples: NDArray[Any], scale: float) -> tuple[int, float]:
    """Number of samples that are not missing, and their mean."""
    count, total = 0, 0.0  # exact for integers up to a sum of 2**53
    for values in _present(samples, scale):
        count += values.size
        total += float(values.sum())
    return count, total / count if count else math.nan


def _sum_of_squares(samples: NDArray[Any], scale: float, mean: float) -> float:
    """Of the deviations from the mean, less what the rounding of the mean itself adds."""
    count, total, squares = 0, 0.0, 0.0
    for values in _present(samples, scale):
        values -= mean
        count += values.size
        total += float(values.sum())
        squares += float(np.square(values, out=values).sum())
    return squares - total * total / count if count else math.nan


def _present(samples: NDArray[Any], scale: float) -> Iterator[NDArray[np.float64]]:
    """The samples that are not missing, times ``scale``, as floats, block by block."""
    for start in range(0, samples.size, BLOCK_SAMPLES):
        values = samples[start : start + BLOCK_SAMPLES].astype(np.float64)
        if scale != 1.0:
            values *= scale
        missing = np.isnan(values) if samples.dtype.kind == "f" else None
        yield values if missing is None or not missing.any() else values[~missing]


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None

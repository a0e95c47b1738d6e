"""A lead as whole numbers, for formats that keep counts with a scale.

A lead of decimals (a text table in millivolts) becomes whole numbers of its last decimal place: 0.145 mV is
145 counts of 0.001 mV. The reader's product ``145 × 0.001`` may differ from 0.145 in the last binary digit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import cast

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Lead
from ecg_core.errors import UnwritableError

_MOST_DECIMALS = 12
_EXACT_LIMIT = 2**53
_FINEST = 1000


@dataclass(frozen=True, eq=False)
class Counts:
    """Whole numbers of a lead: ``physical = values × resolution + offset``.

    Attributes
    ----------
    values : ndarray of integers, shape (n,)
        Of any width; zero where missing.
    missing : ndarray of bool or None
        None where no sample is missing.
    resolution, offset : float
        In the lead's unit.
    """

    values: NDArray[np.integer]
    missing: NDArray[np.bool_] | None
    resolution: float
    offset: float

    @property
    def extremes(self) -> tuple[int, int]:
        """The least and the greatest value; zeros where there is none."""
        if not len(self.values):
            return 0, 0
        return int(self.values.min()), int(self.values.max())


def quoted(name: str) -> str:
    """A lead's name in a message."""
    return f"'{name[:40]}'"


def rate_of(lead: Lead, title: str) -> float:
    """The lead's sampling rate in Hz.

    Raises
    ------
    UnwritableError
        It is not known, and is not made up.
    """
    if lead.sampling_rate_hz is None:
        raise UnwritableError(
            f"{title} needs a sampling rate, and that of lead {quoted(lead.name)} is not known; enter it, "
            "or take CSV or JSON"
        )
    return lead.sampling_rate_hz


def counts_of(lead: Lead, title: str) -> Counts:
    """The lead's whole numbers: its own, or its decimals counted in their last place.

    Raises
    ------
    UnwritableError
        The decimals are too many for whole numbers.
    """
    samples = lead.samples
    if samples.dtype.kind != "f":
        return Counts(cast("NDArray[np.integer]", samples), None, lead.resolution, lead.offset)
    floats = samples.astype(np.float64)
    missing = np.isnan(floats)
    floats[missing] = 0.0
    for decimals in range(_MOST_DECIMALS + 1):
        scaled = np.rint(floats * 10.0**decimals)
        if np.abs(scaled).max(initial=0.0) > _EXACT_LIMIT:
            break
        if np.array_equal(scaled / 10.0**decimals, floats):
            gaps = missing if missing.any() else None
            step = float(Fraction(lead.resolution) / 10**decimals) if decimals else lead.resolution
            return Counts(scaled.astype(np.int64), gaps, step, lead.offset)
    raise UnwritableError(
        f"{title} keeps whole numbers with a scale, and the samples of lead {quoted(lead.name)} have too "
        "many digits for that; CSV and JSON keep them"
    )


def with_whole_zero(counts: Counts, lead: Lead, title: str) -> tuple[Counts, int]:
    """Counts for which physical zero is a whole number, and that number.

    Where zero lies between two counts, as it often does in EDF, finer counts are used: twice as many, each
    half as large.

    Raises
    ------
    UnwritableError
        No scale up to a thousand times finer does it.
    """
    level = -counts.offset / counts.resolution
    finer = Fraction(level).limit_denominator(_FINEST) if abs(level) < _EXACT_LIMIT else Fraction(0)
    if abs(float(finer) - level) > 1e-9 * max(1.0, abs(level)):
        raise UnwritableError(
            f"{title} needs physical zero at a whole count; in lead {quoted(lead.name)} it lies at "
            f"{level:.9g}; CSV and JSON keep it"
        )
    factor = finer.denominator
    if factor == 1:
        return counts, finer.numerator
    changed = replace(
        counts, values=counts.values.astype(np.int64) * factor, resolution=counts.resolution / factor
    )
    return changed, finer.numerator


def simplest_fraction(number: float) -> Fraction:
    """The fraction with the smallest denominator, by powers of ten, that rounds to ``number``."""
    exact = Fraction(number)
    for digits in range(17):
        found = exact.limit_denominator(10**digits)
        if float(found) == number:
            return found
    return exact

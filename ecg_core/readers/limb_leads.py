"""The four limb leads that follow from I and II, exactly and in whole numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Lead
from ecg_core.readers.sample_buffer import EXACT_LIMIT, narrowest_integers

#: Lead, factor of I, factor of II, divisor (Einthoven 1912, Goldberger 1942).
_DERIVED = (("III", -1, 1, 1), ("aVR", -1, -1, 2), ("aVL", 2, -1, 2), ("aVF", -1, 2, 2))


def with_limb_leads(leads: Sequence[Lead]) -> tuple[Lead, ...]:
    """The leads, and after I and II those of III, aVR, aVL and aVF that are not among them.

    The halves of aVR, aVL and aVF go into the resolution, so that samples stay whole numbers. Nothing
    is derived where I and II differ in length, rate, unit or resolution.
    """
    named = {lead.name: lead for lead in leads}
    first, second = named.get("I"), named.get("II")
    if first is None or second is None or not _alike(first, second):
        return tuple(leads)
    derived = [_derive(first, second, *row) for row in _DERIVED if row[0] not in named]
    at = max(leads.index(first), leads.index(second)) + 1
    return (*leads[:at], *derived, *leads[at:])


def _alike(first: Lead, second: Lead) -> bool:
    return (
        len(first.samples) == len(second.samples)
        and first.sampling_rate_hz == second.sampling_rate_hz
        and first.unit == second.unit
        and first.resolution == second.resolution
        and all(_small(lead.samples) for lead in (first, second))
    )


def _small(samples: NDArray[np.generic]) -> bool:
    """Whether three times a sample is still exact."""
    if samples.dtype.itemsize < 8 or not len(samples):
        return True
    return not np.any(np.abs(samples.astype(np.float64)) >= EXACT_LIMIT / 4)


def _derive(first: Lead, second: Lead, name: str, of_first: int, of_second: int, divisor: int) -> Lead:
    return Lead(
        name=name,
        samples=_combined(first.samples, second.samples, of_first, of_second),
        sampling_rate_hz=first.sampling_rate_hz,
        unit=first.unit,
        resolution=first.resolution / divisor,
        offset=(of_first * first.offset + of_second * second.offset) / divisor,
        is_derived=True,
    )


def _combined(
    first: NDArray[np.generic], second: NDArray[np.generic], of_first: int, of_second: int
) -> NDArray[np.generic]:
    if "f" in (first.dtype.kind, second.dtype.kind):
        floats: NDArray[np.generic] = of_first * first.astype(np.float64) + of_second * second.astype(
            np.float64
        )
        return floats
    return narrowest_integers(of_first * first.astype(np.int64) + of_second * second.astype(np.int64))

"""Leads of one recording that do not begin together, as where a cart records three at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ecg_core.domain import Lead

#: Missing samples for each that is there, beyond which leads are no longer one recording.
_MOST_MISSING_FOR_EACH = 10
_SURELY_FEW = 1_000_000


def from_a_common_start(leads: Sequence[Lead], starts_s: Sequence[float]) -> tuple[Lead, ...] | None:
    """The leads with missing samples before those that begin later.

    Parameters
    ----------
    leads : sequence of Lead
    starts_s : sequence of float
        When each begins, in seconds from any moment.

    Returns
    -------
    tuple of Lead or None
        None where so much would be missing that the starts cannot be right.
    """
    earliest = min(starts_s)
    late = [
        round((start - earliest) * (lead.sampling_rate_hz or 0.0))
        for lead, start in zip(leads, starts_s, strict=True)
    ]
    if sum(late) > _MOST_MISSING_FOR_EACH * sum(len(lead.samples) for lead in leads) + _SURELY_FEW:
        return None
    return tuple(_begun_late(lead, missing) for lead, missing in zip(leads, late, strict=True))


def _begun_late(lead: Lead, missing: int) -> Lead:
    if not missing:
        return lead
    samples = np.concatenate((np.full(missing, np.nan), lead.samples.astype(np.float64)))
    return replace(lead, samples=samples)


def apart(starts_s: Sequence[float]) -> str:
    """The remark where leads are shown together that do not begin together."""
    seconds = max(starts_s) - min(starts_s)
    return f"The leads begin up to {seconds:g} s apart; they are shown from a common start."

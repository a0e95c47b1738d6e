"""The pulse of one millivolt that some carts put at the end of every lead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ecg_core.domain import Annotation, Lead

_FEWEST_LEADS = 3
_NEAR_MV = 0.02
_LONGEST_S = 5.0  # of what follows the heart


def calibration_pulse(leads: Sequence[Lead]) -> Annotation | None:
    """The pulse, where all leads end in the same rectangle of 1 mV; None where they do not.

    No heart does that: II is the sum of I and III. A file that went through another format may have it with
    the rounding of that.
    """
    found, rate = _find(leads), leads[0].sampling_rate_hz
    if found is None or not rate:
        return None
    _, first, length = found
    return Annotation(first / rate, "calibration pulse of 1 mV", duration_s=length / rate)


def without_pulse(leads: Sequence[Lead]) -> list[Lead]:
    """The leads up to where they are all the same: neither the pulse nor what is around it is the heart."""
    found = _find(leads)
    return [replace(lead, samples=lead.samples[: found[0]]) for lead in leads] if found else list(leads)


def _find(leads: Sequence[Lead]) -> tuple[int, int, int] | None:
    """From which sample on all leads are the same, the first sample of the pulse, and its length."""
    rate, millivolts = leads[0].sampling_rate_hz, leads[0].millivolts_per_unit
    alike = {(len(lead.samples), lead.sampling_rate_hz, lead.unit) for lead in leads}
    if len(leads) < _FEWEST_LEADS or len(alike) > 1 or not rate or not millivolts:
        return None
    from_here = max(len(leads[0].samples) - round(_LONGEST_S * rate), 0)
    ends = [replace(lead, samples=lead.samples[from_here:]) for lead in leads]
    values = np.stack([lead.physical() for lead in ends]) * millivolts
    differs = ~(np.ptp(values, axis=0) <= _NEAR_MV)
    begins = int(np.flatnonzero(differs)[-1]) + 1 if differs.any() else 0
    tail = values[:, begins:]
    high = np.flatnonzero(tail[0] > 0.5)
    if not len(high) or len(high) != high[-1] - high[0] + 1:
        return None
    rectangle = np.zeros(tail.shape[1])
    rectangle[high] = 1.0
    if np.abs(tail - rectangle).max() > _NEAR_MV:
        return None
    return from_here + begins, from_here + begins + int(high[0]), len(high)

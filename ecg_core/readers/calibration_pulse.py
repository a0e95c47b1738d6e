"""The pulse of one millivolt that some carts put at the end of every lead."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ecg_core.domain import Annotation, Lead

_FEWEST_LEADS = 3


def calibration_pulse(leads: Sequence[Lead]) -> Annotation | None:
    """The pulse, where all leads end in the same rectangle of 1 mV; None where they do not.

    No heart does that: II is the sum of I and III.
    """
    first = leads[0]
    rate, millivolts = first.sampling_rate_hz, first.millivolts_per_unit
    alike = {(len(lead.samples), lead.sampling_rate_hz, lead.unit, lead.resolution) for lead in leads}
    if len(leads) < _FEWEST_LEADS or len(alike) > 1 or not rate or not millivolts:
        return None
    differs = np.zeros(len(first.samples), bool)
    for lead in leads[1:]:
        differs |= lead.samples != first.samples
    begins = int(np.flatnonzero(differs)[-1]) + 1 if differs.any() else 0
    tail = first.samples[begins:].astype(np.float64) * first.resolution * millivolts
    high = np.flatnonzero(tail)
    if not len(high) or len(high) != high[-1] - high[0] + 1 or not np.allclose(tail[high], 1.0, rtol=0.01):
        return None
    return Annotation(
        (begins + int(high[0])) / rate, "calibration pulse of 1 mV", duration_s=len(high) / rate
    )

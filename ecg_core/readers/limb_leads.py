"""The limb leads that a file leaves to the reader, among the leads that it holds."""

from __future__ import annotations

from collections.abc import Sequence

from ecg_core.domain import Lead
from ecg_core.signal.derived_leads import derive_limb_leads


def with_limb_leads(leads: Sequence[Lead]) -> tuple[Lead, ...]:
    """The leads, and after I and II those of III, aVR, aVL and aVF that are absent and follow from them."""
    derived = derive_limb_leads(leads)
    if not derived:
        return tuple(leads)
    at = 1 + max(number for number, lead in enumerate(leads) if lead.name in ("I", "II"))
    return (*leads[:at], *derived, *leads[at:])

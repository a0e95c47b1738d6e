"""Limb leads that a file does not hold, computed from leads I and II and stored as derived."""

from __future__ import annotations

from uuid import UUID

from ecg_core.domain import RecordingSummary, User
from ecg_core.errors import NotDerivableError
from ecg_core.services.audits import audit_action
from ecg_core.services.pyramids import encode_lead
from ecg_core.services.recordings import get_ecg, iterate_leads
from ecg_core.services.room import ReadingRoom
from ecg_core.signal.derived_leads import derive_limb_leads
from ecg_core.signal.statistics import summarize_lead
from ecg_core.storage import recordings as store

_DERIVED = ("III", "aVR", "aVL", "aVF")
_ALIKE = ("sampling_rate_hz", "unit", "resolution", "offset", "number_of_samples")


def derivable_leads(ecg: RecordingSummary) -> tuple[str, ...]:
    """Which of III, aVR, aVL and aVF are absent and can be computed."""
    leads = {lead.name: lead for lead in ecg.leads if lead.is_ecg}
    if not {"I", "II"} <= leads.keys():
        return ()
    if any(getattr(leads["I"], name) != getattr(leads["II"], name) for name in _ALIKE):
        return ()
    taken = {lead.name for lead in ecg.leads}
    return tuple(name for name in _DERIVED if name not in taken)


def add_derived_leads(room: ReadingRoom, user: User, ecg_id: UUID, *, address: str = "") -> RecordingSummary:
    """Store the limb leads that can be computed from I and II beside the recorded ones, marked as derived.

    Raises
    ------
    EcgNotFoundError
    NotDerivableError
        Nothing can be derived: I or II is absent or they differ, or all limb leads are there.
    """
    if not derivable_leads(get_ecg(room, user, ecg_id)):
        raise NotDerivableError(
            "No lead can be derived: leads I and II of one rate, unit, scale and length are needed, "
            "and one of III, aVR, aVL and aVF must be absent"
        )
    wanted = ("I", "II", *_DERIVED)
    leads = [lead for lead, _ in iterate_leads(room, user, ecg_id) if lead.name in wanted]
    derived = derive_limb_leads(leads)
    encoded = [(summarize_lead(lead), encode_lead(lead)) for lead in derived]
    with room.database.writing() as connection:
        store.append_leads(connection, user.id, ecg_id, encoded)
        audit_action(connection, user, "derive", ecg_id, address)
    return get_ecg(room, user, ecg_id)

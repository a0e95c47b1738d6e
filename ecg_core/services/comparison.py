"""Serial comparison: two ECGs of one patient, the older one first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from ecg_core.domain import LeadSummary, RecordingSummary, User
from ecg_core.errors import InvalidInputError
from ecg_core.figures.page import standard_name
from ecg_core.figures.view import View
from ecg_core.services.median_beats import SHORTEST_S, read_median_beats
from ecg_core.services.patients import PatientMatch, identifying_texts, match_patients
from ecg_core.services.recordings import get_ecg, list_ecgs
from ecg_core.services.room import ReadingRoom
from ecg_core.signal.median_beats import LeadMedianBeat, MedianBeats

_MOST_LISTED = 100
_WIDEST_ZONES = timedelta(hours=26)


@dataclass(frozen=True)
class Candidate:
    """An ECG to compare with."""

    ecg: RecordingSummary
    match: PatientMatch


@dataclass(frozen=True)
class CommonLead:
    """A lead that both ECGs have, by the name that both share, and as each calls it."""

    name: str
    older: LeadSummary
    newer: LeadSummary


@dataclass(frozen=True)
class Comparison:
    """Two ECGs side by side.

    Attributes
    ----------
    older, newer : RecordingSummary
        In the order of recording, or as they were asked for where that is not known.
    order_is_known : bool
    match : PatientMatch
    leads : tuple of CommonLead
        The ECG leads of both, in the newer one's order.
    """

    older: RecordingSummary
    newer: RecordingSummary
    order_is_known: bool
    match: PatientMatch
    leads: tuple[CommonLead, ...]


@dataclass(frozen=True, eq=False)
class ComparedBeats:
    """The median beats of the common leads of both, in the comparison's order of leads."""

    older: MedianBeats
    newer: MedianBeats
    pairs: tuple[tuple[LeadMedianBeat, LeadMedianBeat], ...]


def list_comparable(room: ReadingRoom, user: User, ecg: RecordingSummary) -> list[Candidate]:
    """The user's other ECGs: first those of the same patient, then the newest of all others."""
    found: dict[UUID, RecordingSummary] = {}
    for search in (*identifying_texts(ecg.patient), ""):
        for each in list_ecgs(room, user, search=search, limit=_MOST_LISTED)[0]:
            found.setdefault(each.id, each)
    found.pop(ecg.id, None)
    candidates = [Candidate(each, match_patients(ecg.patient, each.patient)) for each in found.values()]
    return sorted(candidates, key=lambda candidate: candidate.match.kind != "same")


def compare_ecgs(room: ReadingRoom, user: User, first_id: UUID, second_id: UUID) -> Comparison:
    """Put two ECGs beside each other.

    Raises
    ------
    EcgNotFoundError
        One of them is not there, or is somebody else's.
    InvalidInputError
        It is twice the same.
    """
    if first_id == second_id:
        raise InvalidInputError("An ECG is compared with another one, not with itself")
    first, second = (get_ecg(room, user, ecg_id) for ecg_id in (first_id, second_id))
    order = _order(first.recorded_at, second.recorded_at)
    older, newer = (second, first) if order > 0 else (first, second)
    match = match_patients(older.patient, newer.patient)
    return Comparison(older, newer, order != 0, match, _common_leads(older, newer))


def read_compared_beats(room: ReadingRoom, user: User, pair: Comparison, *, view: View) -> ComparedBeats:
    """The median beats of both over their first ten seconds, through the view's filter.

    Raises
    ------
    EcgNotFoundError
    """
    older, newer = (
        read_median_beats(room, user, ecg.id, start=0.0, length=SHORTEST_S, view=view)
        for ecg in (pair.older, pair.newer)
    )
    first, second = ({lead.name: lead for lead in beats.leads} for beats in (older, newer))
    pairs = tuple((first[lead.older.name], second[lead.newer.name]) for lead in pair.leads)
    return ComparedBeats(older, newer, pairs)


def _order(first: datetime | None, second: datetime | None) -> int:
    """-1: the first is older; 1: the second; 0: not known, as where a zone that is unknown decides."""
    if first is None or second is None:
        return 0
    doubt = timedelta()
    if (first.tzinfo is None) != (second.tzinfo is None):
        first, second, doubt = first.replace(tzinfo=None), second.replace(tzinfo=None), _WIDEST_ZONES
    apart = second - first
    return 0 if abs(apart) <= doubt else (-1 if apart > timedelta() else 1)


def _common_leads(older: RecordingSummary, newer: RecordingSummary) -> tuple[CommonLead, ...]:
    """By their usual names, so that ``avr`` of one is ``aVR`` of the other."""
    theirs = {_shared_name(lead): lead for lead in older.leads if lead.is_ecg}
    return tuple(
        CommonLead(name, theirs[name], lead)
        for lead in newer.leads
        if lead.is_ecg and (name := _shared_name(lead)) in theirs
    )


def _shared_name(lead: LeadSummary) -> str:
    return standard_name(lead.name) or lead.name.strip()

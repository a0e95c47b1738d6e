"""The median beats of an ECG: of what is in view, or of some seconds around it where that is too short."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from uuid import UUID

from ecg_core.domain import Lead, RecordingSummary, User
from ecg_core.figures.view import View
from ecg_core.services.display import read_display
from ecg_core.services.recordings import get_ecg
from ecg_core.services.room import ReadingRoom
from ecg_core.signal.median_beats import LeadMedianBeat, MedianBeats, find_median_beats

__all__ = [
    "LONGEST_S",
    "SHORTEST_S",
    "LeadMedianBeat",
    "MedianBeats",
    "find_beats_within",
    "read_median_beats",
]

ReadLeads = Callable[[float, float, Collection[str]], Sequence[tuple[Lead, int]]]

SHORTEST_S, LONGEST_S = 10.0, 60.0
_MOST_SAMPLES = 1_000_000  # of one lead


def read_median_beats(
    room: ReadingRoom,
    user: User,
    ecg_id: UUID,
    *,
    start: float = 0.0,
    length: float = SHORTEST_S,
    names: Collection[str] | None = None,
    view: View | None = None,
) -> MedianBeats:
    """The median beat of each of some leads.

    Parameters
    ----------
    start, length : float
        The stretch in s. A shorter one than ten seconds is widened, of a longer one than a minute the
        first minute is taken; which it was is in the result.
    names : collection of str, optional
        Of the leads; the ECG leads if absent. The beats are looked for on all ECG leads.
    view : View, optional
        Whose filter applies.

    Raises
    ------
    EcgNotFoundError
    """

    def read(first: float, seconds: float, wanted: Collection[str]) -> list[tuple[Lead, int]]:
        windows = read_display(
            room, user, ecg_id, start=first, length=seconds, names=wanted, view=view or View()
        )
        return [(window.lead, window.first_sample) for window in windows]

    return find_beats_within(get_ecg(room, user, ecg_id), read, start=start, length=length, names=names)


def find_beats_within(
    ecg: RecordingSummary,
    read: ReadLeads,
    *,
    start: float,
    length: float,
    names: Collection[str] | None = None,
) -> MedianBeats:
    """As `read_median_beats`, of leads that ``read(start, length, names)`` gives with their first samples."""
    start_s, length_s = _stretch(ecg, start, length)
    ecg_leads = {lead.name for lead in ecg.leads if lead.is_ecg}
    found = read(start_s, length_s, ecg_leads | set(names or ()))
    beats = find_median_beats(
        [replace(lead, is_ecg=lead.name in ecg_leads) for lead, _ in found],
        [first for _, first in found],
        start_s=start_s,
        length_s=length_s,
    )
    return beats if names is None else beats.only(names)


def _stretch(ecg: RecordingSummary, start: float, length: float) -> tuple[float, float]:
    """Beginning and length in s of what is looked at."""
    fastest = max((lead.sampling_rate_hz or 1.0 for lead in ecg.leads), default=1.0)
    total = ecg.duration_s or 0.0
    length_s = min(max(length, SHORTEST_S), LONGEST_S, _MOST_SAMPLES / fastest, total)
    return min(max(start, 0.0), total - length_s), length_s

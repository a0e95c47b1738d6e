"""The median beats of an ECG: of what is in view, or of some seconds around it where that is too short."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from ecg_core.domain import RecordingSummary, User
from ecg_core.figures.view import View
from ecg_core.services.display import read_display
from ecg_core.services.recordings import get_ecg
from ecg_core.services.room import ReadingRoom
from ecg_core.signal.median_beats import LeadMedianBeat, MedianBeats, find_median_beats

__all__ = ["LONGEST_S", "SHORTEST_S", "LeadMedianBeat", "MedianBeats", "read_median_beats"]

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
    ecg = get_ecg(room, user, ecg_id)
    start_s, length_s = _stretch(ecg, start, length)
    needed = {lead.name for lead in ecg.leads if lead.is_ecg} | set(names or ())
    windows = read_display(
        room, user, ecg_id, start=start_s, length=length_s, names=needed, view=view or View()
    )
    found = find_median_beats(
        [replace(window.lead, is_ecg=window.summary.is_ecg) for window in windows],
        [window.first_sample for window in windows],
        start_s=start_s,
        length_s=length_s,
    )
    return found if names is None else found.only(names)


def _stretch(ecg: RecordingSummary, start: float, length: float) -> tuple[float, float]:
    """Beginning and length in s of what is looked at."""
    fastest = max((lead.sampling_rate_hz or 1.0 for lead in ecg.leads), default=1.0)
    total = ecg.duration_s or 0.0
    length_s = min(max(length, SHORTEST_S), LONGEST_S, _MOST_SAMPLES / fastest, total)
    return min(max(start, 0.0), total - length_s), length_s

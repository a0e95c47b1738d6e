"""The median beat of every lead of a recording, over the same beats."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ecg_core.domain import Lead
from ecg_core.signal.beats import LOWEST_RATE_HZ, RecordingBeats, find_recording_beats
from ecg_core.signal.median_beat import (
    FEWEST_BEATS,
    MedianBeat,
    find_typical_beats,
    median_of_beats,
    median_rr_s,
    short_rr_s,
)


@dataclass(frozen=True, eq=False)
class LeadMedianBeat:
    """The median beat of one lead, or why there is none.

    Attributes
    ----------
    name : str
    unit : str or None
        Of the values; None is counts.
    beat : MedianBeat or None
    reason : str
        A clause, where there is no beat; else empty.
    """

    name: str
    unit: str | None
    beat: MedianBeat | None
    reason: str = ""


@dataclass(frozen=True, eq=False)
class MedianBeats:
    """The median beats of the leads of one stretch of a recording.

    Attributes
    ----------
    leads : tuple of LeadMedianBeat
        In the order of the recording.
    lead_of_beats : str
        The lead on which the beats were found; empty where none has any.
    number_of_beats : int
        That were found, of every shape.
    rr_s : float or None
        Median RR interval; None where there are fewer than three beats.
    start_s, length_s : float
        The stretch, from the first sample of the recording.
    """

    leads: tuple[LeadMedianBeat, ...]
    lead_of_beats: str
    number_of_beats: int
    rr_s: float | None
    start_s: float
    length_s: float

    @property
    def heart_rate_bpm(self) -> float | None:
        return 60.0 / self.rr_s if self.rr_s else None

    def only(self, names: Collection[str]) -> MedianBeats:
        """Those of some leads, over the same beats."""
        return replace(self, leads=tuple(lead for lead in self.leads if lead.name in names))


def find_median_beats(
    leads: Sequence[Lead], first_samples: Sequence[int], *, start_s: float, length_s: float
) -> MedianBeats:
    """Find the beats of a stretch on one lead, and take their median in each lead.

    The beats are aligned, and those of another shape left out, on the lead on which they were found: a lead
    with a small QRS complex would be aligned to its noise.

    Parameters
    ----------
    leads : sequence of Lead
        With the samples of the stretch only.
    first_samples : sequence of int
        The number of each one's first sample within the recording.
    start_s, length_s : float
        The stretch.
    """
    found = find_recording_beats(leads)
    rr_s = median_rr_s(found.samples, found.fs) if len(found.samples) >= FEWEST_BEATS else None
    typical, first_s = _typical(found, leads, first_samples)
    beats = [
        _lead_median_beat(lead, typical, first_s - first / (lead.sampling_rate_hz or 1.0), found)
        for lead, first in zip(leads, first_samples, strict=True)
    ]
    return MedianBeats(tuple(beats), found.lead, len(found.samples), rr_s, start_s, length_s)


def _typical(
    found: RecordingBeats, leads: Sequence[Lead], first_samples: Sequence[int]
) -> tuple[RecordingBeats, float]:
    """The beats of the usual shape, and the time of the first sample of their lead."""
    for lead, first in zip(leads, first_samples, strict=True):
        if lead.name == found.lead:
            typical = find_typical_beats(lead.physical(), found.samples, found.fs)
            return RecordingBeats(found.lead, typical, found.fs), first / found.fs
    return found, 0.0


def _lead_median_beat(
    lead: Lead, typical: RecordingBeats, later_s: float, found: RecordingBeats
) -> LeadMedianBeat:
    """``later_s``: how much later the lead of the beats begins."""
    reason = _why_not(lead, found)
    if reason:
        return LeadMedianBeat(lead.name, lead.unit, None, reason)
    fs = lead.sampling_rate_hz or 0.0
    values = lead.physical()
    values[~np.isfinite(values)] = np.nan
    beats = typical.at_rate(fs, later_s=later_s)
    short_s = short_rr_s(found.samples, found.fs)
    beat = median_of_beats(values, beats, fs, number_found=len(found.samples), short_rr_s=short_s)
    if not len(beat.values):
        of = f"{beat.number_of_beats} of {len(found.samples)} beats"
        return LeadMedianBeat(lead.name, lead.unit, None, f"only {of} are whole and of one shape")
    return LeadMedianBeat(lead.name, lead.unit, beat)


def _why_not(lead: Lead, found: RecordingBeats) -> str:
    if not lead.is_ecg:
        return "it is no ECG lead"
    if lead.sampling_rate_hz is None:
        return "its sampling rate is unknown"
    if lead.sampling_rate_hz < LOWEST_RATE_HZ:
        return f"its sampling rate of {lead.sampling_rate_hz:g} Hz is below {LOWEST_RATE_HZ:g} Hz"
    if len(found.samples) < FEWEST_BEATS:
        number = len(found.samples)
        return f"{number or 'no'} beat{'s' * (number != 1)} found here; {FEWEST_BEATS} are needed"
    return ""

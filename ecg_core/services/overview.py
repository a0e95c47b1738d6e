"""The whole of a recording at a glance: envelope, crossings, gaps and heart rate of one lead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Annotation, Lead, LeadSummary, Recording, User
from ecg_core.figures.envelope_strips import EnvelopeStrip
from ecg_core.services.envelopes import read_envelopes
from ecg_core.services.room import ReadingRoom
from ecg_core.signal.beats import find_recording_beats
from ecg_core.signal.long_recordings import find_gaps, rates_per_column
from ecg_core.storage import recordings as store
from ecg_core.storage.analyses import load_analyses, save_analyses
from ecg_core.storage.signals import Span, read_spans

#: Of what finds beats and gaps: results of another version are made again.
VERSION = 2
#: A longer recording's beats are found when it is stored, a shorter one's when they are wanted.
_LONG_S = 120.0
_FOUND, _OF_FILE, _GAPS = "beats", "beats of the file", "gaps"
_AnyLead = TypeVar("_AnyLead", Lead, LeadSummary)
Source = Literal["file", "detected", ""]


@dataclass(frozen=True, eq=False)
class Overview:
    """A whole recording in columns.

    Attributes
    ----------
    lead : LeadSummary
        Whose envelope, crossings, gaps and beats these are: II, else the first ECG lead.
    samples_per_column : int
    column_s, duration_s : float or None
        None where the sampling rate is unknown.
    lowest, highest : ndarray of float64, shape (columns,)
        Extremes in the lead's unit, NaN where all samples are missing.
    crossings : ndarray of int64, shape (columns,)
        Zero crossings of the stored signal.
    missing_share : float
        Of the lead's samples, from 0 to 1.
    gaps : tuple of (float, float)
        Missing stretches, from and to, in seconds; in samples where the rate is unknown.
    rates_bpm : ndarray of float64, shape (columns,), or None
        Median heart rate of each column, NaN where no beat is; None where no beats are known.
    beats_source : str
        ``file``: the beats that it marks; ``detected``: found by us; empty: there are none.
    """

    lead: LeadSummary
    samples_per_column: int
    column_s: float | None
    duration_s: float | None
    lowest: NDArray[np.float64]
    highest: NDArray[np.float64]
    crossings: NDArray[np.int64]
    missing_share: float
    gaps: tuple[tuple[float, float], ...]
    rates_bpm: NDArray[np.float64] | None
    beats_source: Source


def read_overview(room: ReadingRoom, user: User, ecg_id: UUID, *, columns: int = 1200) -> Overview:
    """The overview of an ECG in at least so many columns (fewer only where there are fewer samples).

    Raises
    ------
    EcgNotFoundError
    """
    with room.database.reading() as connection:
        leads = store.get_leads(connection, user.id, ecg_id)
        name = overview_lead([lead.summary for lead in leads]).name
        stored = next(lead for lead in leads if lead.summary.name == name)
        results = load_analyses(connection, stored.recording_number, VERSION, (_FOUND, _OF_FILE, _GAPS))
    if _GAPS not in results:
        results = _analyze(room, user, ecg_id, stored)
    (envelope,) = read_envelopes(
        room,
        user,
        ecg_id,
        start=0.0,
        length=float(stored.summary.number_of_samples),
        names=(name,),
        columns=columns,
    )
    return _overview(stored.summary, envelope, results)


def analyze_recording(recording: Recording) -> dict[str, NDArray[np.int64]]:
    """What is stored of a long recording for its overview: nothing for a short one."""
    lead = overview_lead(recording.leads)
    if (lead.duration_s or 0.0) <= _LONG_S:
        return {}
    return _results(lead, recording.leads, recording.annotations)


def overview_lead(leads: Sequence[_AnyLead]) -> _AnyLead:
    """Lead II, else the first ECG lead, else the first."""
    order = sorted(leads, key=lambda lead: (not lead.is_ecg, lead.name.strip().upper() != "II"))
    return order[0]


def _results(
    lead: Lead, leads: Sequence[Lead], annotations: Sequence[Annotation]
) -> dict[str, NDArray[np.int64]]:
    """The gaps of the lead, and the beats of all leads at its rate."""
    rate = lead.sampling_rate_hz or 0.0
    marked = [mark.start_s for mark in annotations if mark.kind == "beat"]
    gaps = {_GAPS: find_gaps(lead.samples).reshape(-1)}
    if marked and rate:
        return gaps | {_OF_FILE: np.unique(np.rint(np.array(marked) * rate).astype(np.int64))}
    if not (lead.is_ecg and rate):
        return gaps
    return gaps | {_FOUND: find_recording_beats(leads, peaks_of=lead.name).at_rate(rate)}


def _analyze(
    room: ReadingRoom, user: User, ecg_id: UUID, stored: store.StoredLead
) -> dict[str, NDArray[np.int64]]:
    """Make the results; those of a long recording are kept, which was stored before there were any."""
    of = stored.summary
    with room.database.reading() as connection:
        wanted = [each for each in store.get_leads(connection, user.id, ecg_id) if _is_searched(each, of)]
        spans = [Span(each.position, each.dtype, 0, each.summary.number_of_samples) for each in wanted]
        samples = read_spans(connection, stored.recording_number, spans)
        marks = store.get_annotations(connection, user.id, ecg_id)
    leads = [_lead(each.summary, values) for each, values in zip(wanted, samples, strict=True)]
    results = _results(next(lead for lead in leads if lead.name == of.name), leads, marks)
    if (of.duration_s or 0.0) > _LONG_S and not of.rate_was_entered:  # a rate may be corrected once more
        with room.database.writing() as connection:
            save_analyses(connection, stored.recording_number, VERSION, results)
    return results


def _is_searched(lead: store.StoredLead, of: LeadSummary) -> bool:
    """Whether beats are looked for in it: the lead of the overview, and every recorded ECG lead beside it."""
    return lead.summary.name == of.name or (lead.summary.is_ecg and not lead.summary.is_derived)


def _lead(of: LeadSummary, samples: NDArray[np.generic]) -> Lead:
    rate, scale = of.sampling_rate_hz, (of.resolution, of.offset)
    return Lead(of.name, samples, rate, of.unit, *scale, is_ecg=of.is_ecg, is_derived=of.is_derived)


def _overview(of: LeadSummary, envelope: EnvelopeStrip, results: dict[str, NDArray[np.int64]]) -> Overview:
    rate, number = of.sampling_rate_hz, len(envelope.lowest)
    gaps = results[_GAPS].reshape(-1, 2)
    source: Source = "file" if _OF_FILE in results else "detected"
    beats = results.get(_OF_FILE, results.get(_FOUND, np.empty(0, np.int64)))
    known = bool(rate) and len(beats) > 0
    return Overview(
        lead=of,
        samples_per_column=envelope.samples_per_column,
        column_s=envelope.samples_per_column / rate if rate else None,
        duration_s=of.duration_s,
        lowest=envelope.lowest,
        highest=envelope.highest,
        crossings=envelope.rising + envelope.falling,
        missing_share=float(envelope.missing.sum()) / max(1, of.number_of_samples),
        gaps=tuple((start / (rate or 1.0), stop / (rate or 1.0)) for start, stop in gaps.tolist()),
        rates_bpm=rates_per_column(beats, rate, envelope.samples_per_column, number, gaps)
        if rate and known
        else None,
        beats_source=source if known else "",
    )

"""Beats and waves of a measured ECG, a part of them at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np

from ecg_core.errors import LeadNotFoundError
from ecg_core.services.measurements import MeasuredEcg
from ecg_core.signal.analysis import BEAT_KINDS, WAVES, LeadWaves
from ecg_core.signal.corrected import counted_rr_ms


@dataclass(frozen=True)
class ListedBeat:
    """A beat; ``sample`` is its R peak, ``rr_ms`` as `counted_rr_ms` has it, None for NaN."""

    beat: int
    sample: int
    time_s: float
    rr_ms: float | None
    kind: str
    confidence: float
    is_in_median: bool
    is_left_out: bool
    is_no_beat: bool


@dataclass(frozen=True)
class BeatList:
    """Some beats of how many in all; ``lead`` is that in whose samples they count, ``fs`` its rate in Hz."""

    lead: str
    fs: float
    total: int
    items: tuple[ListedBeat, ...]


@dataclass(frozen=True)
class WaveOfLead:
    """A wave in samples of its lead, None if not found; ``amplitude`` in the lead's unit, NaN if absent."""

    lead: str
    beat: int
    wave: str
    onset: int | None
    peak: int | None
    offset: int | None
    amplitude: float


def list_beats(measured: MeasuredEcg, offset: int, limit: int) -> BeatList:
    """At most ``limit`` beats from number ``offset`` on."""
    of = measured.analysis
    rr_ms = counted_rr_ms(of.beats, of.fs, rejected=measured.rejected, no_beats=measured.no_beats)
    items = tuple(
        ListedBeat(
            beat=number,
            sample=int(of.beats[number]),
            time_s=float(of.beats[number] / of.fs),
            rr_ms=None if np.isnan(rr_ms[number]) else float(rr_ms[number]),
            kind=BEAT_KINDS[of.kinds[number]],
            confidence=float(of.confidences[number]),
            is_in_median=bool(of.used[number]),
            is_left_out=int(of.beats[number]) in measured.rejected,
            is_no_beat=int(of.beats[number]) in measured.no_beats,
        )
        for number in range(min(offset, len(of.beats)), min(offset + limit, len(of.beats)))
    )
    return BeatList(of.lead, of.fs, len(of.beats), items)


def list_waves(
    measured: MeasuredEcg, offset: int, limit: int, names: Collection[str] | None = None
) -> Iterator[WaveOfLead]:
    """The waves of at most ``limit`` beats from number ``offset`` on, of some leads or all, lead by lead.

    Raises
    ------
    LeadNotFoundError
        A lead is named that has no waves.
    """
    known = [lead.lead for lead in measured.analysis.waves]
    unknown = [name for name in names or () if name not in known]
    if unknown:
        has = f"those that have are {', '.join(known)}" if known else "none has"
        raise LeadNotFoundError(f"Lead {unknown[0]!r} has no waves; {has}")
    chosen = [lead for lead in measured.analysis.waves if not names or lead.lead in names]
    return (wave for lead in chosen for wave in _of_lead(lead, offset, limit))


def _of_lead(lead: LeadWaves, offset: int, limit: int) -> Iterator[WaveOfLead]:
    for beat in range(min(offset, len(lead.onset)), min(offset + limit, len(lead.onset))):
        for number, wave in enumerate(WAVES):
            places = [int(marks[beat, number]) for marks in (lead.onset, lead.peak, lead.offset)]
            if max(places) >= 0:
                onset, peak, end = (place if place >= 0 else None for place in places)
                yield WaveOfLead(lead.lead, beat, wave, onset, peak, end, float(lead.amplitude[beat, number]))

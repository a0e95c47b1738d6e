"""The waves of a whole recording: leads of one rate and length together, a long one a stretch at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Lead
from ecg_core.signal.analysis import LeadWaves
from ecg_core.signal.waves import LOWEST_RATE_HZ, Waves, delineate

# Read together: seconds times leads. More than that are delineated by their mean beats anyway.
_STRETCH_LEAD_S, _OVERLAP_S = 6000.0, 4.0
_ARRAYS = ("onset", "peak", "offset")
_OF_LEADS = (*_ARRAYS, "amplitude_mv", "qrs_peaks", "qrs_amplitudes_mv")
_OF_BEATS = ("beats", "heart_onset", "heart_offset", "p_share")

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RecordingWaves:
    """The waves of each lead, and of the heart.

    Attributes
    ----------
    leads : tuple of LeadWaves
        Of the leads that could be delineated, in their order.
    onset_s, offset_s : ndarray, shape (beats, 3)
        Of P, QRS and T in all leads together, from the first sample; NaN where there is no wave.
    p_withheld : str
        Why no P wave is reported; empty if one is.
    """

    leads: tuple[LeadWaves, ...]
    onset_s: Floats
    offset_s: Floats
    p_withheld: str


def find_recording_waves(leads: Sequence[Lead], times_s: Floats) -> RecordingWaves:
    """Delineate every beat in every lead.

    Parameters
    ----------
    leads : sequence of Lead
        ECG leads with a sampling rate, all beginning at the same moment; those below 100 Hz are passed over.
    times_s : ndarray, shape (beats,)
        R peaks, increasing.

    Returns
    -------
    RecordingWaves
        ``onset_s`` and ``offset_s`` are those of the largest group of leads of one rate and length.
    """
    usable = [lead for lead in leads if (lead.sampling_rate_hz or 0.0) >= LOWEST_RATE_HZ]
    groups: dict[tuple[float, int], list[Lead]] = {}
    for lead in usable:
        groups.setdefault((lead.sampling_rate_hz or 0.0, len(lead.samples)), []).append(lead)
    found = {key: _of_group(group, key[0], times_s) for key, group in groups.items()} if len(times_s) else {}
    if not found:
        none = np.full((len(times_s), 3), np.nan)
        return RecordingWaves((), none, none, "no lead of 100 Hz or more has beats")
    by_name = {
        lead.name: _of_lead(lead.name, found[key], number)
        for key, group in groups.items()
        for number, lead in enumerate(group)
    }
    largest = max(groups, key=lambda key: len(groups[key]))
    heart, fs = found[largest], largest[0]
    in_order = tuple(by_name[lead.name] for lead in usable)
    return RecordingWaves(in_order, heart.heart_onset / fs, heart.heart_offset / fs, heart.p_withheld)


def _of_lead(name: str, waves: Waves, number: int) -> LeadWaves:
    return LeadWaves(
        name,
        waves.fs,
        waves.onset[number],
        waves.peak[number],
        waves.offset[number],
        waves.amplitude_mv[number],
    )


def _of_group(leads: Sequence[Lead], fs: float, times_s: Floats) -> Waves:
    total = len(leads[0].samples)
    beats = np.clip(np.rint(times_s * fs).astype(np.int64), 0, max(total - 1, 0))
    length = round(_STRETCH_LEAD_S / len(leads) * fs)
    if total <= length:
        return delineate(np.stack([_values(lead) for lead in leads]), fs, beats)
    parts = []
    for start in range(0, total, length):
        stop = min(start + length, total)
        first, last = np.searchsorted(beats, [start, stop])
        begin, end = max(start - round(_OVERLAP_S * fs), 0), min(stop + round(_OVERLAP_S * fs), total)
        values = np.stack([_values(lead, begin, end) for lead in leads])
        parts.append(_later(delineate(values, fs, beats[first:last] - begin), begin))
    return _joined(parts)


def _values(lead: Lead, begin: int = 0, end: int | None = None) -> Floats:
    """In millivolts, or in the lead's own numbers where they are no voltage."""
    part = Lead(lead.name, lead.samples[begin:end], resolution=lead.resolution, offset=lead.offset)
    return part.physical() * (lead.millivolts_per_unit or 1.0)


def _later(waves: Waves, begin: int) -> Waves:
    """With samples that count from the beginning of the recording."""
    moved: dict[str, Any] = {
        name: np.where(getattr(waves, name) < 0, -1, getattr(waves, name) + begin) for name in _ARRAYS
    }
    return replace(
        waves, **moved, beats=waves.beats + begin, heart_onset=waves.heart_onset + begin,
        heart_offset=waves.heart_offset + begin,
    )  # fmt: skip


def _joined(parts: Sequence[Waves]) -> Waves:
    """One after the other; P is withheld where most of the parts withhold it."""
    along_beats: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts], axis=1) for name in _OF_LEADS
    }
    of_beats: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts]) for name in _OF_BEATS
    }
    reasons = [part.p_withheld for part in parts if part.p_withheld]
    return replace(
        parts[0], **along_beats, **of_beats, p_withheld=reasons[0] if 2 * len(reasons) > len(parts) else ""
    )

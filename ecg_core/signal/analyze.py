"""The analysis of a recording: beats, kinds, waves, quality, and every measurement from them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Lead, Measurement
from ecg_core.signal.af_indicator import AfWindows, af_measurements, af_windows
from ecg_core.signal.amplitudes import voltage_sums, wave_amplitudes
from ecg_core.signal.analysis import BEAT_KINDS, EcgAnalysis
from ecg_core.signal.atrial_segments import AtrialSegments, atrial_segments, preferred_leads
from ecg_core.signal.axes import wave_axes
from ecg_core.signal.beat_fiducials import moved, usual_fiducials
from ecg_core.signal.beat_kinds import classify_beats
from ecg_core.signal.beats import LOWEST_RATE_HZ, RecordingBeats, find_recording_beats
from ecg_core.signal.blocking import NO_SIGNAL, spells_of_all, withhold_blocked
from ecg_core.signal.calibration_pulse import without_pulse
from ecg_core.signal.cores import begun, one_core_for_matrices
from ecg_core.signal.fiducials import BeatFiducials, Fiducials
from ecg_core.signal.hrv import hrv_measurements
from ecg_core.signal.intervals import interval_measurements
from ecg_core.signal.lead_swaps import suspected_swaps
from ecg_core.signal.median_beat import MedianBeat, find_typical_beats, median_of_beats, short_rr_s
from ecg_core.signal.nn_intervals import nn_intervals
from ecg_core.signal.quality import LeadQuality, lead_quality
from ecg_core.signal.rates import rate_measurements, unbroken_intervals
from ecg_core.signal.recording_waves import RecordingWaves, find_recording_waves
from ecg_core.signal.st_level import recorded_filter, st_filter_clause, st_levels

_BEFORE_S, _AFTER_S = 0.4, 0.7
_MOST_MEDIAN_BEATS = 600
_FEWEST_BEATS = 3
_VARIES = 0.1  # of the median RR: standard deviation
_NORMAL, _SUPRAVENTRICULAR, _VENTRICULAR, _PACED = range(4)
_AF_ACCURACY = (
    "sensitivity and specificity per 10 beats, of records not learned from: 97 and 97 % (22 of MIT-BIH), "
    "95 and 87 % (9 of CPSC 2021)"
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class _Found:
    """What the measurements are made from; times in s from the first sample."""

    leads: Sequence[Lead]
    times_s: Floats
    kinds: NDArray[np.uint8]
    usable: NDArray[np.bool_]
    used: Ints
    aligned_s: Floats
    atrial: AtrialSegments | None
    waves: RecordingWaves
    medians: Mapping[str, MedianBeat]
    fiducials: BeatFiducials
    spreads_ms: Mapping[str, float]
    quality: tuple[LeadQuality, ...]
    metadata: Mapping[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(lead.name for lead in self.leads)


def analyze(
    leads: Sequence[Lead],
    *,
    metadata: Mapping[str, str] | None = None,
    rejected: Collection[int] = (),
    no_beats: Collection[int] = (),
    moved_s: Mapping[str, float] | None = None,
) -> EcgAnalysis:
    """Measure a recording.

    Parameters
    ----------
    leads : sequence of Lead
        Of one recording, all beginning at the same moment; channels that are no ECG are passed over.
    metadata : mapping of str to str, optional
        What the file says: the filter that the signal went through.
    rejected : collection of int
        R peaks, in samples of the first ECG lead, of beats that are not to be used: neither their waves nor
        the RR intervals that they begin or end.
    no_beats : collection of int
        Where a clinician says that there is no beat, in samples of the first ECG lead.
    moved_s : mapping of str to float, optional
        Fiducials of all leads (of `MOVABLE`) that a clinician moved, in s from the R peak.

    Returns
    -------
    EcgAnalysis
        Always: what cannot be measured is withheld with the reason.
    """
    ecg = [lead for lead in leads if lead.is_ecg]
    timed = [lead for lead in ecg if (lead.sampling_rate_hz or 0.0) >= LOWEST_RATE_HZ]
    if not timed or ecg[0].sampling_rate_hz is None:
        return _nothing(ecg, _why_nothing(ecg))
    with one_core_for_matrices(_size(timed)):
        return _analyzed(ecg, without_pulse(timed), metadata or {}, rejected, no_beats, moved_s or {})


def _size(leads: Sequence[Lead]) -> int:
    return sum(len(lead.samples) for lead in leads)


def _analyzed(
    ecg: Sequence[Lead],
    timed: Sequence[Lead],
    metadata: Mapping[str, str],
    rejected: Collection[int],
    no_beats: Collection[int],
    moved_s: Mapping[str, float],
) -> EcgAnalysis:
    """Of leads with a sampling rate, without what is no heart."""
    fs = ecg[0].sampling_rate_hz or 0.0
    beats = find_recording_beats(timed, with_shapes=True)
    beats = beats.kept(~_are(beats, no_beats, fs)) if no_beats else beats
    usable = ~_are(beats, rejected, fs)
    times_s = beats.samples / beats.fs if beats.fs else np.empty(0)
    waves_of = begun(partial(find_recording_waves, timed, times_s), _size(timed))
    found_kinds = classify_beats(timed, beats)
    kinds = found_kinds.kinds.astype(np.uint8)
    quality = tuple(lead_quality(lead) for lead in timed)
    atrial = _atrial_activity(timed, times_s)
    waves = waves_of()
    used, aligned_s = _typical(timed, beats, kinds, usable)
    fiducials, spreads_ms = usual_fiducials(waves, used, aligned_s)
    medians = {
        lead.name: _median(lead, of, aligned_s, times_s) for lead, of in zip(timed, quality, strict=True)
    }
    found = _Found(
        timed, times_s, kinds, usable, used, aligned_s, atrial, waves, medians, moved(fiducials, moved_s),
        spreads_ms, quality, metadata,
    )  # fmt: skip
    is_used = np.zeros(len(times_s), np.bool_)
    is_used[used] = True
    return EcgAnalysis(
        lead=ecg[0].name,
        fs=fs,
        beats=np.rint(times_s * fs).astype(np.int64),
        kinds=kinds,
        confidences=found_kinds.confidences,
        used=is_used,
        waves=waves.leads,
        median_beats={name: beat for name, beat in medians.items() if len(beat.values)},
        fiducials=found.fiducials,
        quality=quality,
        measurements=_measure(found),
        notes={"P": waves.p_withheld} if waves.p_withheld else {},
    )


def _are(beats: RecordingBeats, samples: Collection[int], fs: float) -> NDArray[np.bool_]:
    """Which of the beats have their R peak at one of these samples of the first ECG lead."""
    if not samples or not beats.fs:
        return np.zeros(len(beats.samples), np.bool_)
    return np.isin(np.rint(beats.samples / beats.fs * fs).astype(np.int64), list(samples))


def _typical(
    leads: Sequence[Lead], beats: RecordingBeats, kinds: NDArray[np.uint8], usable: NDArray[np.bool_]
) -> tuple[Ints, Floats]:
    """Indices of the usable beats of the usual kind and shape, and where they are aligned, in s."""
    shaped, paced = np.isin(kinds, (_NORMAL, _SUPRAVENTRICULAR)) & usable, (kinds == _PACED) & usable
    usual = np.flatnonzero(paced if paced.sum() > shaped.sum() else shaped)
    usual = usual if len(usual) else np.flatnonzero(usable)
    usual = usual[:: -(-len(usual) // _MOST_MEDIAN_BEATS) or 1]
    lead = next((each for each in leads if each.name == beats.lead), None)
    if lead is None or not len(usual):
        return np.empty(0, np.int64), np.empty(0)
    aligned = find_typical_beats(_values(lead), beats.samples[usual], beats.fs)
    if not len(aligned):
        return np.empty(0, np.int64), np.empty(0)
    near = np.abs(beats.samples[usual][None, :] - aligned[:, None]).argmin(axis=1)
    return usual[near], aligned / beats.fs


def _values(lead: Lead) -> Floats:
    """In millivolts; in the lead's own numbers where they are no voltage."""
    return lead.physical() * (lead.millivolts_per_unit or 1.0)


def _median(lead: Lead, quality: LeadQuality, aligned_s: Floats, times_s: Floats) -> MedianBeat:
    """Of the beats in which the lead has a signal."""
    fs, values = lead.sampling_rate_hz or 0.0, _values(lead)
    for span in quality.spans:
        if span.kind in NO_SIGNAL[:3]:
            values[round(span.start_s * fs) : round(span.stop_s * fs)] = np.nan
    samples = np.rint(aligned_s * fs).astype(np.int64)
    rr_s = short_rr_s(np.rint(times_s * fs).astype(np.int64), fs)
    return median_of_beats(
        values, samples, fs, number_found=len(times_s), short_rr_s=rr_s, before_s=_BEFORE_S, after_s=_AFTER_S
    )


def _measure(found: _Found) -> tuple[Measurement, ...]:
    """Everything, in the order in which it is shown."""
    unbroken = unbroken_intervals(found.times_s, spells_of_all(found.quality), usable=found.usable)
    rr_s = np.diff(found.times_s)[unbroken]
    kinds = [BEAT_KINDS[kind] for kind in found.kinds[found.usable].tolist()]
    af = _af(found, unbroken)
    is_af = any(one.name == "af_indicator" and one.value == 1.0 for one in af)
    reason = _few_beats(found)
    in_mv = {lead.name for lead in found.leads if lead.millivolts_per_unit}
    medians = {name: beat for name, beat in found.medians.items() if len(beat.values)}
    calibrated = {name: beat for name, beat in medians.items() if name in in_mv}
    clause = st_filter_clause(recorded_filter(found.metadata))
    amplitudes = wave_amplitudes(calibrated, found.fiducials)
    shaped = (
        *interval_measurements(
            found.fiducials,
            rr_s=float(np.median(rr_s)) if len(rr_s) else None,
            leads=tuple(lead.lead for lead in found.waves.leads),
            beats_used=len(found.used),
            spreads_ms=found.spreads_ms,
            missing=_missing(found, reason, is_af=is_af),
            varies=len(rr_s) > 1 and float(rr_s.std() / np.median(rr_s)) > _VARIES,
        ),
        *wave_axes(medians, found.fiducials),
        *st_levels(calibrated, found.fiducials, filter_clause=clause),
        *amplitudes,
        *voltage_sums(amplitudes),
        *suspected_swaps(calibrated, found.fiducials),
    )
    nn = nn_intervals(found.times_s, normal=(found.kinds == _NORMAL) & found.usable, unbroken=unbroken)
    not_sinus = "atrial fibrillation is indicated" if is_af else ""
    return (
        *rate_measurements(found.times_s, unbroken=unbroken, kinds=kinds, leads=found.names),
        *af,
        *withhold_blocked(shaped, found.quality, found.aligned_s),
        *hrv_measurements(nn, not_sinus=not_sinus),
        *(one for lead in found.quality for one in lead.measurements),
    )


def _few_beats(found: _Found) -> str:
    number = len(found.used)
    return (
        "" if number >= _FEWEST_BEATS else f"{number or 'no'} beats of one shape; {_FEWEST_BEATS} are needed"
    )


def _missing(found: _Found, few: str, *, is_af: bool) -> dict[str, str]:
    """By wave, why it is not there."""
    reasons = {}
    if found.waves.p_withheld:
        reasons["P"] = found.waves.p_withheld + ("; atrial fibrillation is indicated" if is_af else "")
    if few:
        reasons |= {"QRS": few, "T": few}
    return reasons


def _af(found: _Found, unbroken: NDArray[np.bool_]) -> tuple[Measurement, ...]:
    usual = np.isin(found.kinds, (_NORMAL, _SUPRAVENTRICULAR))
    windows: AfWindows = af_windows(found.times_s, segments=found.atrial, usual=usual, unbroken=unbroken)
    names = tuple(lead.name for lead in _atrial_leads(found.leads))
    return af_measurements(found.times_s, windows, leads=names, accuracy=_AF_ACCURACY)


def _atrial_activity(leads: Sequence[Lead], times_s: Floats) -> AtrialSegments | None:
    chosen = _atrial_leads(leads)
    return atrial_segments(map(_values, chosen), chosen[0].sampling_rate_hz or 0.0, times_s)


def _atrial_leads(leads: Sequence[Lead]) -> list[Lead]:
    chosen = [leads[i] for i in preferred_leads([lead.name for lead in leads])]
    return [lead for lead in chosen if _shape(lead) == _shape(chosen[0])]


def _shape(lead: Lead) -> tuple[float | None, int]:
    return lead.sampling_rate_hz, len(lead.samples)


def _why_nothing(ecg: Sequence[Lead]) -> str:
    if not ecg:
        return "no channel is an ECG lead"
    if any(lead.sampling_rate_hz is None for lead in ecg):
        return "the sampling rate is unknown: enter it, and the ECG is measured"
    return f"no lead is sampled at {LOWEST_RATE_HZ:g} Hz or more"


def _nothing(ecg: Sequence[Lead], reason: str) -> EcgAnalysis:
    """Every measurement withheld."""
    names = tuple(lead.name for lead in ecg)
    empty = np.empty(0)
    measurements = (
        *rate_measurements(empty, leads=names),
        *interval_measurements(BeatFiducials(Fiducials()), rr_s=None, leads=names, beats_used=0),
        *wave_axes({}, BeatFiducials(Fiducials())),
        *hrv_measurements(nn_intervals(empty)),
    )
    withheld = tuple(replace(one, status="withheld", reason=reason, beats_used=None) for one in measurements)
    return EcgAnalysis(
        lead=names[0] if names else "", fs=0.0, beats=np.empty(0, np.int64), kinds=np.empty(0, np.uint8),
        confidences=np.empty(0, np.float32), used=np.empty(0, np.bool_), waves=(), median_beats={},
        fiducials=BeatFiducials(Fiducials()), quality=(), measurements=withheld, notes={"all": reason},
    )  # fmt: skip

"""Heartbeats: one list for a recording, found in all its leads, each at the R peak of one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Lead
from ecg_core.signal.beat_shapes import BeatShapes, join_shapes, take_shapes
from ecg_core.signal.qrs import find_in_envelopes
from ecg_core.signal.qrs_envelope import find_envelopes

#: Below this sampling rate a QRS complex is a few samples, and no beat is looked for.
LOWEST_RATE_HZ = 50.0
_SHORTEST_S = 1.0
_STRETCH_S, _OVERLAP_S = 600.0, 12.0  # memory does not grow with the recording; levels look 10 s around
_REFINE_S, _AROUND_S = 0.05, 0.15
_OTHER_SIDE = 1.5  # a peak of the unusual polarity must stand out so much more


@dataclass(frozen=True, eq=False)
class RecordingBeats:
    """The beats of a recording, found in all its ECG leads, each at its peak in one of them.

    Attributes
    ----------
    lead : str
        Name of the lead of the peaks, empty where the recording has no beats.
    samples : ndarray of int64
        Indices of the R peaks in the samples of that lead, increasing.
    fs : float
        Its sampling frequency in Hz (0 where there are no beats).
    shapes : BeatShapes or None
        What the kinds of the beats are told from, where it was asked for.
    """

    lead: str
    samples: NDArray[np.int64]
    fs: float
    shapes: BeatShapes | None = None

    def kept(self, these: NDArray[np.bool_]) -> RecordingBeats:
        """Some of the beats only."""
        shapes = None if self.shapes is None else self.shapes.part(np.flatnonzero(these))
        return replace(self, samples=self.samples[these], shapes=shapes)

    def at_rate(self, fs: float, *, later_s: float = 0.0) -> NDArray[np.int64]:
        """The indices in a lead of another sampling rate; ``later_s``: by how much this one begins later."""
        if not self.fs:
            return self.samples
        return np.rint((self.samples / self.fs + later_s) * fs).astype(np.int64)


def find_beats(values_mv: NDArray[np.float64], fs: float) -> NDArray[np.int64]:
    """Find the R peaks of one lead.

    Parameters
    ----------
    values_mv : ndarray, shape (n,)
        NaN is a missing sample. Scale and polarity are of no importance.
    fs : float
        Sampling frequency in Hz.

    Returns
    -------
    ndarray of int64
        Sample indices, increasing; none where the rate is below 50 Hz or the signal shorter than 1 s or flat.
    """
    if not fs > 0:
        return np.empty(0, np.int64)
    found = find_recording_beats([Lead("", values_mv, fs)]).samples
    return found[np.isfinite(values_mv[found])]


def find_recording_beats(
    leads: Sequence[Lead], *, peaks_of: str = "", with_shapes: bool = False
) -> RecordingBeats:
    """Find the beats of a recording of any length in all its ECG leads together.

    See `ecg_core.signal.qrs.find_qrs`. Each beat is then moved to the extreme of one lead within 50 ms: of
    the usual polarity, unless the other is clearly larger. Where that lead is missing the beat stays where
    the other leads show it.

    Parameters
    ----------
    leads : sequence of Lead
        All begin at the same moment. Those without a sampling rate, of less than 50 Hz, and those that are no
        ECG are passed over; what was derived from other leads tells nothing new, and is used only alone.
    peaks_of : str
        The lead of the peaks; else it is lead II, or where that is absent or flat the one with the clearest
        QRS complexes.
    with_shapes : bool
        Whether to keep the shapes, for `ecg_core.signal.beat_kinds.classify_beats`: it is much quicker then.
    """
    usable = [each for each in leads if each.is_ecg and (each.sampling_rate_hz or 0.0) >= LOWEST_RATE_HZ]
    usable = [each for each in usable if (each.duration_s or 0.0) >= _SHORTEST_S]
    searched = [lead for lead in usable if not lead.is_derived] or usable
    times_s, shapes = _times(searched, with_shapes)
    if not len(times_s):
        return RecordingBeats("", np.empty(0, np.int64), 0.0)
    lead = _lead_of_peaks(usable, times_s, peaks_of)
    fs = lead.sampling_rate_hz or 0.0
    samples, these = np.unique(_peaks(lead, times_s), return_index=True)
    return RecordingBeats(lead.name, samples, fs, None if shapes is None else shapes.part(these))


def _times(leads: Sequence[Lead], with_shapes: bool) -> tuple[NDArray[np.float64], BeatShapes | None]:
    """The beats in seconds, a stretch at a time, and their shapes where they are wanted."""
    total_s = max((lead.duration_s or 0.0 for lead in leads), default=0.0)
    found, shapes = [np.empty(0)], []
    for start_s in np.arange(0.0, max(total_s, 0.0), _STRETCH_S):
        begin_s = max(start_s - _OVERLAP_S, 0.0)
        end_s = start_s + _STRETCH_S + _OVERLAP_S
        cut = [_cut(lead, begin_s, end_s) for lead in leads]
        envelopes = find_envelopes([(part.samples, part.sampling_rate_hz or 0.0) for part in cut])
        local_s = find_in_envelopes(envelopes).times_s
        local_s = local_s[(local_s >= start_s - begin_s) & (local_s < start_s - begin_s + _STRETCH_S)]
        found.append(begin_s + local_s)
        if with_shapes:
            shapes.append(take_shapes(envelopes, local_s, begin_s=begin_s))
    return np.concatenate(found), join_shapes(shapes) if shapes else None


def _cut(lead: Lead, begin_s: float, end_s: float) -> Lead:
    """The lead between two moments; both are whole seconds, so that leads of whole rates begin together."""
    fs = lead.sampling_rate_hz or 0.0
    samples = lead.samples[round(begin_s * fs) : round(end_s * fs)]
    return Lead(lead.name, samples, fs, lead.unit, lead.resolution, lead.offset)


def _lead_of_peaks(leads: Sequence[Lead], times_s: NDArray[np.float64], wanted: str) -> Lead:
    some_s = times_s[:100]
    rank = {lead.name: _prominence(lead, some_s) for lead in leads}
    for lead in leads:
        if wanted and lead.name == wanted:
            return lead
    for lead in leads:
        if lead.name.strip().upper() == "II" and rank[lead.name] > 0:
            return lead
    return max(leads, key=lambda lead: rank[lead.name])


def _prominence(lead: Lead, times_s: NDArray[np.float64]) -> float:
    """Usual height of a QRS complex over the usual deviation of the signal from its middle."""
    fs = lead.sampling_rate_hz or 0.0
    begin_s, end_s = float(np.floor(times_s[0])), float(times_s[-1] + 1.0)
    values = _cut(lead, begin_s, end_s).physical()
    present = np.isfinite(values)
    if not present.any():
        return 0.0
    deviation = float(np.median(np.abs(values[present] - np.median(values[present]))))
    at = np.rint((times_s - begin_s) * fs).astype(np.int64)
    around = _windows(values, at, _REFINE_S, fs)
    around = around[np.isfinite(around).all(axis=1)]
    height = float(np.median(np.ptp(around, axis=1))) if len(around) else 0.0
    return height / deviation if deviation > 0 else float(height > 0)


def _peaks(lead: Lead, times_s: NDArray[np.float64]) -> NDArray[np.int64]:
    """The samples of the extremes near the beats, a stretch at a time."""
    fs, total = lead.sampling_rate_hz or 0.0, len(lead.samples)
    near = np.clip(np.rint(times_s * fs - 0.5).astype(np.int64), 0, total - 1)
    moved = []
    stretch, margin = round(_STRETCH_S * fs), round(fs)
    for start in range(0, total, stretch):
        begin = max(start - margin, 0)
        values = Lead(
            "", lead.samples[begin : start + stretch + margin], fs, None, lead.resolution, lead.offset
        )
        here = near[(near >= start) & (near < start + stretch)] - begin
        moved.append(begin + _refined(values.physical(), here, fs))
    return np.concatenate(moved)


def _refined(values: NDArray[np.float64], beats: NDArray[np.int64], fs: float) -> NDArray[np.int64]:
    """Each beat at the extreme near it: of the usual polarity, unless the other is clearly larger."""
    if not len(beats):
        return beats
    reach = max(round(_REFINE_S * fs), 1)
    around = np.sort(_windows(values, beats, _AROUND_S, fs), axis=1)  # NaN last
    rows, number = np.arange(len(beats)), np.isfinite(around).sum(axis=1)
    levels = around[rows, np.maximum(number - 1, 0) // 2][:, None]
    deviations = np.nan_to_num(_windows(values, beats, _REFINE_S, fs) - levels)
    up, down = deviations.max(axis=1), -deviations.min(axis=1)
    mostly_up = np.median(up) >= np.median(down)
    upward = up * _OTHER_SIDE >= down if mostly_up else up > down * _OTHER_SIDE
    offsets = np.where(upward, deviations.argmax(axis=1), deviations.argmin(axis=1)) - reach
    offsets[(up <= 0) & (down <= 0)] = 0
    return np.asarray(np.clip(beats + offsets, 0, len(values) - 1), np.int64)


def _windows(
    values: NDArray[np.float64], beats: NDArray[np.int64], around_s: float, fs: float
) -> NDArray[np.float64]:
    """The samples around each beat, one beat a row; beyond the ends the last sample is repeated."""
    reach = max(round(around_s * fs), 1)
    at = beats[:, None] + np.arange(-reach, reach + 1)
    return np.asarray(values[np.clip(at, 0, len(values) - 1)])

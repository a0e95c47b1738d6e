"""Heartbeats: where the R peaks are, and on which lead of a recording they are looked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, resample_poly, sosfiltfilt
from sleepecg._heartbeat_detection import _squared_moving_integration, _thresholding

from ecg_core.domain import Lead

#: Below this sampling rate a QRS complex is a few samples, and no beat is looked for.
LOWEST_RATE_HZ = 50.0
_GOOD_RATE_HZ = 100.0  # what the detector asks for; its filter passes up to 30 Hz
_SHORTEST_S = 2.0  # from which the detector learns
_INTEGRATED_S, _REFRACTORY_S = 0.15, 0.2
_SHORT_GAP_S = 0.1
_REFINE_S, _AROUND_S = 0.05, 0.15
_OTHER_SIDE = 1.5  # a peak of the unusual polarity must stand out so much more


@dataclass(frozen=True, eq=False)
class RecordingBeats:
    """The beats of a recording, found on one of its leads.

    Attributes
    ----------
    lead : str
        Name of the lead, empty where no lead has beats.
    samples : ndarray of int64
        Indices of the R peaks in the samples of that lead, increasing.
    fs : float
        Its sampling frequency in Hz (0 where no lead has beats).
    """

    lead: str
    samples: NDArray[np.int64]
    fs: float

    def at_rate(self, fs: float, *, later_s: float = 0.0) -> NDArray[np.int64]:
        """The indices in a lead of another sampling rate; ``later_s``: by how much this one begins later."""
        if not self.fs:
            return self.samples
        return np.rint((self.samples / self.fs + later_s) * fs).astype(np.int64)


def find_beats(values_mv: NDArray[np.float64], fs: float) -> NDArray[np.int64]:
    """Find the R peaks.

    The detector is that of Pan and Tompkins (IEEE Trans Biomed Eng 1985;32:230) as modified in SleepECG
    (Brunner, Hofer, JOSS 2023;8:5411). Each beat is then moved to the extreme of the signal itself within
    50 ms. Stretches between gaps of more than 0.1 s are searched each on its own; a beat next to a missing
    sample is left out, since its peak may be what is missing.

    Parameters
    ----------
    values_mv : ndarray, shape (n,)
        One lead; NaN is a missing sample. The scale is of no importance.
    fs : float
        Sampling frequency in Hz.

    Returns
    -------
    ndarray of int64
        Sample indices, increasing; none where the rate is below 50 Hz or the signal shorter than 2 s or flat.
    """
    if not fs >= LOWEST_RATE_HZ:
        return np.empty(0, np.int64)
    found = [
        first + _refined(values_mv[first:last], _detect(values_mv[first:last], fs), fs)
        for first, last in _stretches(np.isfinite(values_mv), fs)
        if last - first >= _SHORTEST_S * fs
    ]
    return np.concatenate(found) if found else np.empty(0, np.int64)


def find_recording_beats(leads: Sequence[Lead]) -> RecordingBeats:
    """Find the beats on lead II, or where it is absent or shows none on the lead with the clearest QRS.

    Parameters
    ----------
    leads : sequence of Lead
        Those without a sampling rate and those that are no ECG are passed over.

    Returns
    -------
    RecordingBeats
        Of the lead named in it.
    """
    usable = [lead for lead in leads if lead.is_ecg and lead.sampling_rate_hz]
    for lead in usable:
        if lead.name.strip().upper() == "II" and len((of_two := _beats_of(lead)).samples) > 1:
            return of_two
    found = [(_prominence(lead, beats), beats) for lead in usable if len((beats := _beats_of(lead)).samples)]
    none = RecordingBeats("", np.empty(0, np.int64), 0.0)
    return max(found, key=lambda each: each[0], default=(0.0, none))[1]


def _beats_of(lead: Lead) -> RecordingBeats:
    fs = lead.sampling_rate_hz or 0.0
    return RecordingBeats(lead.name, find_beats(lead.physical(), fs), fs)


def _prominence(lead: Lead, beats: RecordingBeats) -> float:
    """Usual height of a QRS complex over the usual deviation of the signal from its middle."""
    values = lead.physical()
    deviation = float(np.nanmedian(np.abs(values - np.nanmedian(values))))
    height = float(np.median(np.ptp(_windows(values, beats.samples, _REFINE_S, beats.fs), axis=1)))
    return height / deviation if deviation > 0 else 0.0


def _stretches(present: NDArray[np.bool_], fs: float) -> list[tuple[int, int]]:
    """First sample and end of the stretches between long gaps."""
    where = np.flatnonzero(present)
    if not len(where):
        return []
    breaks = np.flatnonzero(np.diff(where) > _SHORT_GAP_S * fs + 1)
    firsts = where[np.r_[0, breaks + 1]]
    lasts = where[np.r_[breaks, len(where) - 1]] + 1
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def _detect(values: NDArray[np.float64], fs: float) -> NDArray[np.int64]:
    """What the detector finds; short gaps are bridged for its filter only."""
    present = np.isfinite(values)
    filled = np.interp(np.arange(len(values)), np.flatnonzero(present), values[present])
    changes = np.flatnonzero(filled != filled[0])
    begin = int(changes[0]) if len(changes) else len(filled)  # what is flat before would set the thresholds
    if len(filled) - begin < _SHORTEST_S * fs:
        return np.empty(0, np.int64)
    filled, factor = filled[begin:], int(np.ceil(_GOOD_RATE_HZ / fs))
    if factor > 1:
        filled = resample_poly(filled - filled.mean(), factor, 1)
    found = begin + _pan_tompkins(filled, fs * factor) // factor
    return found[found < len(values)]


def _pan_tompkins(values: NDArray[np.float64], fs: float) -> NDArray[np.int64]:
    """SleepECG's `detect_heartbeats`, whose thresholds are given some samples more.

    Its list of RR intervals has a place for each refractory period of the signal and is written up to two
    places beyond where nearly all hold a beat, at 300 a minute: that ends the process. In zeros after the
    signal no beat is found, and each of their refractory periods is another place in the list.
    """
    sos = butter(2, (5, 30), "bandpass", output="sos", fs=fs)
    filtered = np.ascontiguousarray(sosfiltfilt(sos, values))
    slopes = np.correlate(filtered, np.array([-1.0, -2.0, 0.0, 2.0, 1.0]), mode="same")
    integrated = _squared_moving_integration(slopes, int(_INTEGRATED_S * fs))
    after = np.zeros(4 * int(_REFRACTORY_S * fs) + 4)
    mask = _thresholding(np.r_[filtered, after], np.r_[integrated, after], fs)
    return np.flatnonzero(mask[: len(values)])


def _refined(values: NDArray[np.float64], beats: NDArray[np.int64], fs: float) -> NDArray[np.int64]:
    """Each beat at the extreme near it: of the usual polarity, unless the other is clearly larger."""
    if not len(beats):
        return beats
    reach = max(round(_REFINE_S * fs), 1)
    levels = np.nanmedian(_windows(values, beats, _AROUND_S, fs), axis=1, keepdims=True)
    deviations = np.nan_to_num(_windows(values, beats, _REFINE_S, fs) - levels)
    up, down = deviations.max(axis=1), -deviations.min(axis=1)
    mostly_up = np.median(up) >= np.median(down)
    upward = up * _OTHER_SIDE >= down if mostly_up else up > down * _OTHER_SIDE
    offsets = np.where(upward, deviations.argmax(axis=1), deviations.argmin(axis=1))
    moved = np.unique(np.clip(beats - reach + offsets, 0, len(values) - 1))
    near = _windows(values, moved, 1.0 / fs, fs)
    return moved[np.isfinite(near).all(axis=1)]


def _windows(
    values: NDArray[np.float64], beats: NDArray[np.int64], around_s: float, fs: float
) -> NDArray[np.float64]:
    """The samples around each beat, one beat a row; beyond the ends the last sample is repeated."""
    reach = max(round(around_s * fs), 1)
    at = beats[:, None] + np.arange(-reach, reach + 1)
    return np.asarray(values[np.clip(at, 0, len(values) - 1)])

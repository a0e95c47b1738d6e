"""P, QRS and T of every lead and beat: onset, peak, offset and amplitude; and the intervals of all leads."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ecg_core.signal.wave_carry import carried_spans
from ecg_core.signal.wave_network import NETWORK_HZ, Weights, prepare, wave_logits
from ecg_core.signal.wave_peaks import levels, peaks_from_chord, qrs_peaks, values_at
from ecg_core.signal.wave_spans import QRS, P, T, not_inside_leads, spans_of_beats

#: Below this sampling rate waves are not delineated.
LOWEST_RATE_HZ = 100.0
_WINDOW_S, _MARGIN_S = 10.0, 1.0
_SHORTEST_S = 1.0  # of a signal in which waves are looked for
_LONG_LEAD_S = 5400.0  # seconds times leads
_BEATS_AT_ONCE = 8192
_AT_ONCE = 16  # windows of 12 leads that the network reads together
_P_SHARE_OF_LEADS, _P_SHARE_OF_BEATS, _P_CERTAIN = 0.5, 0.5, 0.9
_PR_SPREAD_MS = 50.0  # from the 10th to the 90th percentile
#: Onset and offset of P, QRS and T of the heart, from where the experts of LUDB mark them towards where carts
#: do: QRS is 15 ms longer by those than by these, QT 12 ms; this is halfway or less (docs/measurements.md).
_TOWARDS_CARTS_MS = np.array([[0.0, 0.0], [3.0, -3.0], [0.0, -5.0]])

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Waves:
    """The waves of a recording. The last axis of length 3 is P, QRS, T.

    Attributes
    ----------
    fs : float
        Sampling frequency in Hz in which the samples count.
    beats : ndarray of int64, shape (beats,)
        The beats as given.
    onset, peak, offset : ndarray of int64, shape (leads, beats, 3)
        Sample indices; -1 where the lead does not show the wave.
    amplitude_mv : ndarray, shape (leads, beats, 3)
        Of the peak, in the unit of the signal: of P from its onset, of QRS and T from the QRS onset; or NaN.
    qrs_peaks : ndarray of int64, shape (leads, beats, 4)
        Q, R, S, R'; -1 where there is none.
    qrs_amplitudes_mv : ndarray, shape (leads, beats, 4)
        Of these from the QRS onset.
    heart_onset, heart_offset : ndarray, shape (beats, 3)
        First beginning and last end in any lead, robustly, between samples; NaN where there is no wave.
    p_share : ndarray, shape (beats,)
        Share of the leads in which a P wave was seen before the beat, whether it is reported or not.
    p_withheld : str
        Why no P wave is reported in any beat; empty if it is.
    """

    fs: float
    beats: Ints
    onset: Ints
    peak: Ints
    offset: Ints
    amplitude_mv: Floats
    qrs_peaks: Ints
    qrs_amplitudes_mv: Floats
    heart_onset: Floats
    heart_offset: Floats
    p_share: Floats
    p_withheld: str


def delineate(values_mv: Floats, fs: float, beats: Ints, *, weights: Weights | None = None) -> Waves:
    """Find P, QRS and T of each beat in each lead.

    A small network (`ecg_core.signal.wave_network`) gives at 250 Hz, for each lead and the heart as a whole,
    whether a wave is there; a wave begins and ends where that passes one half, between samples. Peaks and
    amplitudes are those of the signal itself. P waves are reported if at least half the beats show one in at
    least half the leads, with the same PR (four fifths within 50 ms) unless nine in ten beats do; else, as in
    atrial fibrillation, none is.

    Above 90 minutes of one lead (30 of three) the network reads mean beats of stretches of 64 beats, and
    P is withheld stretch by stretch: see `ecg_core.signal.wave_carry`; beats of unusual shapes get no waves.

    Parameters
    ----------
    values_mv : ndarray, shape (leads, n)
        ECG leads at one sampling rate; NaN is a missing sample.
    fs : float
        Sampling frequency in Hz, at least 100.
    beats : ndarray of int64, shape (k,)
        Sample indices of the QRS complexes, increasing.
    weights : dict, optional
        Other filters than those of the package.

    Returns
    -------
    Waves

    Raises
    ------
    ValueError
        Where the sampling frequency is below 100 Hz or the signal is not of the shape (leads, n).
    """
    if not fs >= LOWEST_RATE_HZ:
        raise ValueError(f"Waves are delineated from {LOWEST_RATE_HZ:g} Hz on, not at {fs:g} Hz")
    if values_mv.ndim != 2 or not len(values_mv):
        raise ValueError(f"Expected leads of the shape (leads, n), not {values_mv.shape}")
    beats = np.asarray(beats, np.int64)
    if values_mv.shape[1] < _SHORTEST_S * fs or not len(beats):
        nothing = np.full((len(values_mv), len(beats), 3, 2), np.nan)
        none_of_heart = np.full((len(beats), 3, 2), np.nan)
        return _without_doubtful_p(_measured(values_mv, fs, beats, nothing, none_of_heart))
    if values_mv.size > _LONG_LEAD_S * fs:
        spans, heart = carried_spans(values_mv, fs, beats, weights)
        heart = not_inside_leads(heart, spans)
        return _without_p_of_few_leads(_measured_in_parts(values_mv, fs, beats, spans, heart))
    of_leads, of_heart = logits_of_windows(values_mv, fs, weights)
    at_network = beats.astype(np.float64) * (NETWORK_HZ / fs)
    spans = spans_of_beats(of_leads, at_network) * (fs / NETWORK_HZ)
    heart = not_inside_leads(spans_of_beats(of_heart[None], at_network)[0] * (fs / NETWORK_HZ), spans)
    return _without_doubtful_p(_measured_in_parts(values_mv, fs, beats, spans, heart))


def logits_of_windows(
    values_mv: Floats, fs: float, weights: Weights | None = None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The network's logits (leads, 3, m) and (3, m) at 250 Hz; long signals in windows."""
    leads, n = values_mv.shape
    if n <= (_WINDOW_S + 2 * _MARGIN_S) * fs:
        of_leads, of_heart = wave_logits(prepare(values_mv, fs)[None], weights)
        return of_leads[0], of_heart[0]
    number = int(np.ceil(n / (_WINDOW_S * fs)))
    starts = np.rint((np.arange(number) * _WINDOW_S - _MARGIN_S) * fs).astype(np.int64)
    length = round((_WINDOW_S + 2 * _MARGIN_S) * fs)
    margin, kept = round(_MARGIN_S * NETWORK_HZ), round(_WINDOW_S * NETWORK_HZ)
    parts, hearts, size = [], [], max(_AT_ONCE * 12 // leads, 1)
    for first in range(0, number, size):
        cut = _windows(values_mv, starts[first : first + size], length)
        of_leads, of_heart = wave_logits(prepare(cut, fs), weights)
        parts.append(np.moveaxis(of_leads[..., margin : margin + kept], 0, 2).reshape(leads, 3, -1))
        hearts.append(np.moveaxis(of_heart[..., margin : margin + kept], 0, 1).reshape(3, -1))
    m = int(np.ceil(n * NETWORK_HZ / fs))
    return np.concatenate(parts, -1)[..., :m], np.concatenate(hearts, -1)[..., :m]


def _windows(values: Floats, starts: Ints, length: int) -> Floats:
    """(windows, leads, length); beyond the ends the last sample is repeated."""
    at = np.clip(starts[:, None] + np.arange(length), 0, values.shape[1] - 1)
    return np.moveaxis(values[:, at], 1, 0)


def _measured_in_parts(values: Floats, fs: float, beats: Ints, spans: Floats, heart: Floats) -> Waves:
    """As `_measured`, some thousand beats at a time, which bounds the memory."""
    heart = heart + _TOWARDS_CARTS_MS * (fs / 1000)
    cuts = [slice(i, i + _BEATS_AT_ONCE) for i in range(0, max(len(beats), 1), _BEATS_AT_ONCE)]
    parts = [_measured(values, fs, beats[cut], spans[:, cut], heart[cut]) for cut in cuts]
    if len(parts) == 1:
        return parts[0]
    return Waves(
        fs=fs,
        beats=beats,
        onset=np.concatenate([part.onset for part in parts], axis=1),
        peak=np.concatenate([part.peak for part in parts], axis=1),
        offset=np.concatenate([part.offset for part in parts], axis=1),
        amplitude_mv=np.concatenate([part.amplitude_mv for part in parts], axis=1),
        qrs_peaks=np.concatenate([part.qrs_peaks for part in parts], axis=1),
        qrs_amplitudes_mv=np.concatenate([part.qrs_amplitudes_mv for part in parts], axis=1),
        heart_onset=np.concatenate([part.heart_onset for part in parts]),
        heart_offset=np.concatenate([part.heart_offset for part in parts]),
        p_share=np.concatenate([part.p_share for part in parts]),
        p_withheld="",
    )


def _measured(values: Floats, fs: float, beats: Ints, spans: Floats, heart: Floats) -> Waves:
    n = values.shape[1]
    marks = np.where(np.isfinite(spans), np.clip(np.rint(spans), 0, n - 1), -1).astype(np.int64)
    onset, offset = marks[..., 0], np.maximum(marks[..., 1], marks[..., 0])
    real = _shown(values, onset, offset)
    onset, offset = np.where(real, onset, -1), np.where(real, offset, -1)
    heart = np.where(np.asarray(real.any(axis=0))[..., None], heart, np.nan)
    base = levels(values, onset[..., QRS], fs)
    qrs_peak, named = qrs_peaks(values, onset[..., QRS], offset[..., QRS], base)
    p_peak = peaks_from_chord(values, onset[..., P], offset[..., P])
    t_peak = peaks_from_chord(values, onset[..., T], offset[..., T])
    peak = np.stack([p_peak, qrs_peak, t_peak], -1)
    p_base = levels(values, onset[..., P], fs)
    amplitude = values_at(values, peak) - np.stack([p_base, base, base], -1)
    return Waves(
        fs=fs,
        beats=beats,
        onset=onset,
        peak=peak,
        offset=offset,
        amplitude_mv=amplitude,
        qrs_peaks=named,
        qrs_amplitudes_mv=values_at(values, named) - base[..., None],
        heart_onset=heart[..., 0],
        heart_offset=heart[..., 1],
        p_share=(onset[..., P] >= 0).mean(0),
        p_withheld="",
    )


def _shown(values: Floats, onset: Ints, offset: Ints) -> NDArray[np.bool_]:
    """Whether there is a signal in the wave at all: a flat or missing lead shows none."""
    quarters = np.linspace(0, 1, 5)
    at = onset[..., None] + np.rint((offset - onset)[..., None] * quarters).astype(np.int64)
    there = values_at(values, np.where((onset >= 0)[..., None], at, -1))
    return np.asarray(np.isfinite(there).all(-1) & (np.ptp(np.nan_to_num(there), axis=-1) > 0), np.bool_)


def _without_doubtful_p(waves: Waves) -> Waves:
    """No P waves at all where most beats show none, or many show none and PR is different in each."""
    share = float((waves.p_share >= _P_SHARE_OF_LEADS).mean()) if len(waves.beats) else 0.0
    pr_ms = (waves.heart_onset[:, QRS] - waves.heart_onset[:, P]) * 1000 / waves.fs
    pr_ms = pr_ms[np.isfinite(pr_ms) & (waves.p_share >= _P_SHARE_OF_LEADS)]
    spread_ms = float(np.subtract(*np.percentile(pr_ms, [90, 10]))) if len(pr_ms) else 0.0
    if share < _P_SHARE_OF_BEATS:
        reason = f"P waves are seen in at least half the leads in {100 * share:.0f} % of the beats only"
    elif share < _P_CERTAIN and spread_ms > _PR_SPREAD_MS:
        reason = f"what looks like P waves, in {100 * share:.0f} % of the beats, keeps no distance to QRS"
    else:
        return waves
    return without_p(waves, np.ones(len(waves.beats), np.bool_), reason)


def _without_p_of_few_leads(waves: Waves) -> Waves:
    """No P wave in the beats where few leads show one."""
    few = waves.p_share < _P_SHARE_OF_LEADS
    reason = "P waves are seen in at least half the leads in no stretch" if few.all() else ""
    return without_p(waves, few, reason)


def without_p(waves: Waves, beats: NDArray[np.bool_], reason: str = "") -> Waves:
    """The waves without the P waves of the chosen beats."""
    gone = np.zeros((len(beats), 3), np.bool_)
    gone[beats, P] = True
    return replace(
        waves,
        onset=np.where(gone, -1, waves.onset),
        peak=np.where(gone, -1, waves.peak),
        offset=np.where(gone, -1, waves.offset),
        amplitude_mv=np.where(gone, np.nan, waves.amplitude_mv),
        heart_onset=np.where(gone, np.nan, waves.heart_onset),
        heart_offset=np.where(gone, np.nan, waves.heart_offset),
        p_withheld=reason,
    )

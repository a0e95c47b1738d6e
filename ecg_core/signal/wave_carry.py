"""The waves of a long recording: read on mean beats of short stretches, and carried to their beats."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecg_core.signal.wave_network import NETWORK_HZ, Weights, prepare, wave_logits
from ecg_core.signal.wave_spans import spans_of_beats

_BEATS_OF_STRETCH, _BEATS_OF_MEAN, _BEATS_OF_TEMPLATE = 64, 24, 9
_BEFORE_S, _AFTER_S, _QRS_S = 0.45, 0.75, 0.08
_PADDED = 40  # samples at 250 Hz that the ends of a mean beat are repeated for
_LEAST_CORRELATION = 0.9
_STRETCHES_AT_ONCE = 64
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def carried_spans(
    values_mv: Floats, fs: float, beats: Ints, weights: Weights | None = None
) -> tuple[Floats, Floats]:
    """Onset and offset of the waves of the beats that look like most of their stretch of 64 beats.

    The beats of a stretch whose QRS correlates by at least 0.9, over all leads, with the median of some of
    them are averaged; the network reads the mean beat; its marks hold, at the same distance, for each such
    beat. Beats of other shapes get none.

    Parameters
    ----------
    values_mv : ndarray, shape (leads, n)
    fs : float
        Sampling frequency in Hz.
    beats : ndarray of int64, shape (k,)
        Sample indices, at the same place of each QRS complex.

    Returns
    -------
    spans : ndarray, shape (leads, k, 3, 2)
        In samples, between samples; NaN where there is none.
    of_heart : ndarray, shape (k, 3, 2)
    """
    stretch = np.arange(len(beats)) // _BEATS_OF_STRETCH
    firsts = np.flatnonzero(np.diff(stretch, prepend=-1))
    sizes = np.diff(np.r_[firsts, len(beats)])
    chosen = firsts[:, None] + (np.arange(_BEATS_OF_MEAN) * sizes[:, None]) // _BEATS_OF_MEAN
    qrs = _qrs(values_mv, beats, fs)
    template = np.median(qrs[chosen[:, :: _BEATS_OF_MEAN // _BEATS_OF_TEMPLATE]], axis=1)
    typical = _correlation(qrs, template[stretch]) >= _LEAST_CORRELATION
    means = _mean_beats(values_mv, beats, chosen, typical[chosen], fs)
    spans, of_heart = _spans_of_means(means, fs, weights)
    for each in (spans, of_heart):
        each *= fs / NETWORK_HZ
    at = np.where(typical, beats.astype(float), np.nan)[:, None, None]
    return spans[:, stretch] + at, of_heart[stretch] + at


def _qrs(values: Floats, beats: Ints, fs: float) -> NDArray[np.float32]:
    """The QRS complexes of all leads in a row, each lead from its mean: (beats, samples)."""
    reach = max(round(_QRS_S * fs), 2)
    at = np.clip(beats[:, None] + np.arange(-reach, reach + 1), 0, values.shape[1] - 1)
    leads = [np.nan_to_num(lead[at]).astype(np.float32) for lead in values]
    return np.concatenate([part - part.mean(axis=1, keepdims=True) for part in leads], axis=1)


def _correlation(a: NDArray[np.float32], b: NDArray[np.float32]) -> Floats:
    norm = np.sqrt(np.einsum("ij,ij->i", a, a) * np.einsum("ij,ij->i", b, b))
    return np.asarray(np.einsum("ij,ij->i", a, b) / np.maximum(norm, 1e-12), np.float64)


def _mean_beats(values: Floats, beats: Ints, chosen: Ints, used: NDArray[np.bool_], fs: float) -> Floats:
    """The mean of the used beats of each stretch, shape (stretches, leads, samples)."""
    offsets = np.arange(-round(_BEFORE_S * fs), round(_AFTER_S * fs) + 1)
    share = used / np.maximum(used.sum(axis=1, keepdims=True), 1)
    out = np.empty((len(chosen), len(values), len(offsets)))
    for first in range(0, len(chosen), _STRETCHES_AT_ONCE):
        part = slice(first, first + _STRETCHES_AT_ONCE)
        at = np.clip(beats[chosen[part]][..., None] + offsets, 0, values.shape[1] - 1)
        for i, lead in enumerate(values):
            out[part, i] = (share[part][:, None] @ np.nan_to_num(lead[at]))[:, 0]
    return out


def _spans_of_means(means: Floats, fs: float, weights: Weights | None) -> tuple[Floats, Floats]:
    """Onset and offset from the beat, at 250 Hz: (leads, stretches, 3, 2) and (stretches, 3, 2)."""
    leads = means.shape[1]
    center = np.array([_PADDED + round(_BEFORE_S * fs) * NETWORK_HZ / fs])
    spans, hearts = [], []
    for first in range(0, len(means), _STRETCHES_AT_ONCE):
        read = prepare(means[first : first + _STRETCHES_AT_ONCE], fs, high_pass=False)
        read = np.pad(read, ((0, 0), (0, 0), (_PADDED, _PADDED)), mode="edge")
        of_leads, of_heart = wave_logits(read, weights)
        found = spans_of_beats(of_leads.reshape(-1, *of_leads.shape[2:]), center)
        spans.append(found.reshape(-1, leads, 3, 2))
        hearts.append(spans_of_beats(of_heart, center)[:, 0])
    return np.moveaxis(np.concatenate(spans), 1, 0) - center, np.concatenate(hearts) - center

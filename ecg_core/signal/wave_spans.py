"""From the network's logits to the span of each wave of each beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecg_core.signal.wave_network import NETWORK_HZ

P, QRS, T = range(3)
_GAP_S = {P: 0.03, QRS: 0.06, T: 0.03}  # a shorter gap within a wave is bridged, as after a pacing spike
_NEAR_BEAT_S = 0.12
_LONGEST_PR_S = 0.42
_LEAST_MASS_S = {P: 0.03, QRS: 0.02, T: 0.04}
_OUTWARD = np.array([1.0, -1.0])
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Runs:
    """Stretches above the threshold: row, begin and end in samples (between samples), and their weight."""

    row: NDArray[np.int64]
    begin: Floats
    end: Floats
    mass: Floats


def spans_of_beats(logits: NDArray[np.float32], beats: Floats) -> Floats:
    """The waves of each beat.

    Parameters
    ----------
    logits : ndarray, shape (rows, 3, m)
        Of P, QRS and T at 250 Hz.
    beats : ndarray, shape (k,)
        The beats in samples at 250 Hz, increasing.

    Returns
    -------
    ndarray, shape (rows, k, 3, 2)
        Onset and offset in samples at 250 Hz, between samples; NaN where there is no wave. QRS is the
        weightiest span at the beat, T the weightiest between it and the next, P the weightiest before it.
    """
    out = np.full((len(logits), len(beats), 3, 2), np.nan)
    if not len(beats):
        return out
    for wave in (QRS, T, P):
        found = _runs(logits[:, wave], _LEAST_MASS_S[wave] * NETWORK_HZ, _GAP_S[wave] * NETWORK_HZ)
        beat, ok = _beat_of(wave, found, beats, out)
        order = np.argsort(found.mass[ok], kind="stable")  # the weightiest is written last
        row, beat = found.row[ok][order], beat[ok][order]
        out[row, beat, wave] = np.stack([found.begin[ok], found.end[ok]], -1)[order]
    return out


def not_inside_leads(of_heart: Floats, spans: Floats) -> Floats:
    """Widen the spans of the heart to the median lead's; where there is none, take the leads'.

    Where the network gives no span of the heart, but at least half the leads show the wave, it is the
    second-earliest onset and second-latest offset of these (of one lead, its own).

    Parameters
    ----------
    of_heart : ndarray, shape (k, 3, 2)
        Onset and offset, NaN where absent.
    spans : ndarray, shape (leads, k, 3, 2)

    Returns
    -------
    ndarray, shape (k, 3, 2)
    """
    number = np.isfinite(spans[..., 0]).sum(axis=0)
    enough = (number >= max(len(spans) / 2, 1))[..., None]
    ordered = np.sort(spans * _OUTWARD, axis=0)  # earliest onsets and latest offsets first, NaN last
    middle = np.take_along_axis(ordered, np.maximum(number - 1, 0)[None, ..., None] // 2, axis=0)[0]
    second = np.where(number[..., None] > 1, ordered[min(1, len(spans) - 1)], ordered[0])
    outward = of_heart * _OUTWARD
    widened = np.where(enough, np.minimum(outward, middle), outward)
    return np.asarray(np.where(np.isnan(of_heart) & enough, second, widened) * _OUTWARD, np.float64)


def _beat_of(
    wave: int, runs: _Runs, beats: Floats, found: Floats
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """To which beat each run may belong, and whether it may belong to any."""
    middle = (runs.begin + runs.end) / 2
    following = np.searchsorted(beats, middle)
    before, after = np.clip(following - 1, 0, None), np.clip(following, None, len(beats) - 1)
    if wave == QRS:
        nearest = np.where(np.abs(beats[before] - middle) <= np.abs(beats[after] - middle), before, after)
        distance = np.maximum(runs.begin - beats[nearest], beats[nearest] - runs.end)
        return nearest, distance <= _NEAR_BEAT_S * NETWORK_HZ
    if wave == T:
        end_of_qrs = np.nan_to_num(found[runs.row, before, QRS, 1], nan=0.0)
        return before, (following > 0) & (middle > end_of_qrs)
    start_of_qrs = found[runs.row, after, QRS, 0]
    start_of_qrs = np.where(np.isfinite(start_of_qrs), start_of_qrs, beats[after])
    # P of a beat that lies after the start of its QRS is none; one far before belongs to no beat
    ok = (following < len(beats)) & (middle < start_of_qrs)
    return after, ok & (runs.begin > start_of_qrs - _LONGEST_PR_S * NETWORK_HZ)


def _runs(logits: NDArray[np.float32], least_mass: float, gap: float) -> _Runs:
    rows, m = logits.shape
    above = np.zeros((rows, m + 2), np.int8)
    above[:, 1:-1] = logits > 0
    steps = np.diff(above, axis=1)
    row, first = np.nonzero(steps == 1)
    last = np.nonzero(steps == -1)[1] - 1
    begin, end = _crossing(logits, row, first, -1), _crossing(logits, row, last, 1)
    total = np.cumsum(np.pad(_sigmoid(logits), ((0, 0), (1, 0))), axis=1)
    if len(row):
        apart = (row[1:] != row[:-1]) | (begin[1:] - end[:-1] > gap)
        opens, closes = np.r_[True, apart], np.r_[apart, True]
        row, first, begin = row[opens], first[opens], begin[opens]
        last, end = last[closes], end[closes]
    mass = total[row, last + 1] - total[row, first]
    kept = (mass >= least_mass) & (first > 0) & (last < m - 1)  # a wave that the record cuts has no boundary
    return _Runs(row[kept], begin[kept], end[kept], mass[kept])


def _crossing(
    logits: NDArray[np.float32], row: NDArray[np.int64], inside: NDArray[np.int64], step: int
) -> Floats:
    """Where the logit is zero between the last sample inside and its neighbour outside."""
    outside = np.clip(inside + step, 0, logits.shape[1] - 1)
    a, b = logits[row, inside].astype(float), logits[row, outside].astype(float)
    part = np.where(inside == outside, 0.0, a / np.where(a > b, a - b, 1.0))
    return np.asarray(inside + step * part, np.float64)


def _sigmoid(z: NDArray[np.float32]) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(z.astype(float), -30, 30))))

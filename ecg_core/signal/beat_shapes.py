"""What tells the kinds of beats apart: shape, width, timing and company of each beat, over all leads."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecg_core.signal.qrs_envelope import RATE_HZ, Envelopes, Floats

_BEFORE, _AFTER = 35, 58  # samples at 125 Hz of a beat's segment
_QRS = slice(_BEFORE - 13, _BEFORE + 16)
_P = slice(4, _BEFORE - 10)
_T = slice(_BEFORE + 18, _BEFORE + 54)
_SHAPE = slice(_BEFORE - 15, _BEFORE + 28)
_SHIFT = 4  # samples by which a beat may be moved to fit
_LOCAL_BEATS = 40
_RR_AROUND = 10
_CLUSTERS, _ROUNDS = 12, 8
_ALIKE, _NARROWNESS = 0.9, 5.0
_FEWEST = 3


def beat_features(values: Floats, envelopes: Envelopes, beats: NDArray[np.int64]) -> Floats:
    """Describe each beat beside the usual beat of the recording, of its neighbourhood and of its like.

    Parameters
    ----------
    values : ndarray of float32, shape (leads, n)
        At 125 Hz, 0 where missing.
    envelopes : Envelopes
        Of the same leads.
    beats : ndarray of int64, shape (k,)
        Samples at 125 Hz, at least three.

    Returns
    -------
    ndarray of float32, shape (k, features)
    """
    segments = _segments(values, beats)  # leads, beats, samples
    weights = _lead_weights(segments)
    group = _clusters(segments, weights)
    width = _widths(envelopes, beats)
    usual = _usual(segments, group, width[:, 0], weights)
    segments = _aligned(values, beats, usual)
    timing = _timing(beats)
    form = _against(segments, np.broadcast_to(usual[:, None], segments.shape), weights)
    local = _against(segments, _local_usual(segments), weights)
    alone = np.concatenate([timing, form, local[:, :4], width, _discordance(segments, weights)], axis=1)
    return np.concatenate([alone, _of_group(alone, group)], axis=1, dtype=np.float32)


def _segments(values: Floats, beats: NDArray[np.int64]) -> Floats:
    padded = np.pad(values, ((0, 0), (_BEFORE + _SHIFT, _AFTER + _SHIFT)), mode="edge")
    at = beats[:, None] + _SHIFT + np.arange(_BEFORE + _AFTER)
    found = padded[:, at]
    return found - np.median(found[..., ::3], axis=-1, keepdims=True)


def _lead_weights(segments: Floats) -> Floats:
    """How alike the beats of each lead are: a noisy lead has little to say. Their sum is 1."""
    usual = np.median(segments[..., _QRS], axis=1, keepdims=True)
    alike = np.median(_correlation(segments[..., _QRS], usual), axis=1).clip(0.05) ** 2
    return np.asarray(alike / alike.sum(), np.float32)


def _correlation(one: Floats, other: Floats) -> Floats:
    one, other = one - one.mean(axis=-1, keepdims=True), other - other.mean(axis=-1, keepdims=True)
    scale = np.sqrt((one**2).sum(axis=-1) * (other**2).sum(axis=-1))
    return np.asarray((one * other).sum(axis=-1) / np.maximum(scale, 1e-12), np.float32)


def _clusters(segments: Floats, weights: Floats) -> NDArray[np.int64]:
    """The group of each beat: k-means of the shapes of all leads, the farthest beats first."""
    shapes = segments[..., _SHAPE]
    scale = np.median(np.linalg.norm(shapes, axis=-1), axis=1)[:, None, None]
    shapes = shapes / np.maximum(scale, 1e-12) * np.sqrt(weights)[:, None, None]
    points = shapes.transpose(1, 0, 2).reshape(shapes.shape[1], -1)
    points = points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-12)
    centres = points.mean(axis=0)[None] / max(float(np.linalg.norm(points.mean(axis=0))), 1e-12)
    some = points[:: max(len(points) // 3000, 1)]
    while len(centres) < min(_CLUSTERS, len(points)):
        centres = np.concatenate([centres, some[np.argmin((some @ centres.T).max(axis=1))][None]])
    for _ in range(_ROUNDS):
        group = np.argmax(points @ centres.T, axis=1)
        sums = np.stack([points[group == each].sum(axis=0) for each in range(len(centres))])
        centres = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)
    return np.asarray(np.argmax(points @ centres.T, axis=1), np.int64)


def _usual(segments: Floats, group: NDArray[np.int64], ratio: Floats, weights: Floats) -> Floats:
    """The median beat of the groups that look alike and are many and narrow: the conducted beats.

    Where ventricular beats are as many as conducted ones, these are the narrower.
    """
    groups = np.flatnonzero(np.bincount(group))
    middles = np.stack([np.median(segments[:, group == each], axis=1) for each in groups])
    shapes = middles[..., _SHAPE]
    alike = np.stack([_correlation(shapes, one[None]) @ weights > _ALIKE for one in shapes])
    number = np.bincount(group)[groups]
    width = np.array([np.median(ratio[group == each]) for each in groups])
    together = np.maximum(alike @ number, 1e-9)  # a flat beat is not even like itself
    rank = np.log(together) - _NARROWNESS * (alike @ (number * width)) / together
    rank[together < 0.1 * len(group)] = -np.inf
    best = alike[int(np.argmax(rank + 1e-3 * np.log(number)))]
    return np.asarray(np.median(segments[:, np.isin(group, groups[best])], axis=1), np.float32)


def _aligned(values: Floats, beats: NDArray[np.int64], usual: Floats) -> Floats:
    """The segments, each moved by up to 32 ms to where it fits the usual beat best."""
    shifts = np.arange(-_SHIFT, _SHIFT + 1, 2)
    tried = [
        np.abs((_segments(values, beats + shift)[..., _QRS] * usual[:, None, _QRS]).sum(axis=(0, 2)))
        for shift in shifts
    ]
    return _segments(values, beats + shifts[np.argmax(tried, axis=0)])


def _local_usual(segments: Floats) -> Floats:
    number = segments.shape[1]
    usual = np.empty_like(segments)
    for start in range(0, number, _LOCAL_BEATS):
        around = slice(max(start - _LOCAL_BEATS // 2, 0), start + 3 * _LOCAL_BEATS // 2)
        usual[:, start : start + _LOCAL_BEATS] = np.median(segments[:, around], axis=1)[:, None]
    return usual


def _timing(beats: NDArray[np.int64]) -> Floats:
    """RR intervals before and after, beside each other and beside the usual one nearby (logarithms)."""
    rr = np.log(np.maximum(np.diff(beats), 1).astype(np.float64))
    around = np.lib.stride_tricks.sliding_window_view(
        np.pad(rr, _RR_AROUND, mode="reflect" if len(rr) > _RR_AROUND else "edge"), 2 * _RR_AROUND + 1
    )
    usual = np.median(around, axis=1)
    uneven = np.median(np.abs(around - usual[:, None]), axis=1)
    usual, uneven = np.r_[usual[:1], usual], np.r_[uneven[:1], uneven]
    before = np.r_[usual[0], rr]
    after = np.r_[rr, usual[-1]]
    earlier = np.r_[before[0], before[:-1]]
    both = np.logaddexp(before, after) - np.log(2.0)
    columns = (before - usual, after - usual, before - earlier, after - before, both - usual, usual, uneven)
    return np.column_stack(columns).clip(-6, 8).astype(np.float32)


def _against(segments: Floats, usual: Floats, weights: Floats) -> Floats:
    """Likeness of QRS complex, whole beat, P and T wave to the usual one, height, and distance."""
    mine, theirs = segments[..., _QRS], usual[..., _QRS]
    qrs = _correlation(mine, theirs)
    length = np.linalg.norm(theirs, axis=-1) + 1e-6
    height = np.log(np.linalg.norm(mine, axis=-1) / length + 0.05)
    distance = np.linalg.norm(mine - theirs, axis=-1) / length
    mean = [
        weights @ each
        for each in (
            qrs,
            np.minimum(distance, 4.0),
            height,
            _correlation(segments, usual),
            _correlation(segments[..., _P], usual[..., _P]),
            np.log(_spread(segments[..., _P]) / (_spread(usual[..., _P]) + 1e-6) + 0.1).clip(-3, 3),
            _correlation(segments[..., _T], usual[..., _T]),
            np.log(_spread(segments[..., _T]) / (_spread(usual[..., _T]) + 1e-6) + 0.1).clip(-3, 3),
        )
    ]
    strong = weights > 0.5 * weights.max()
    return np.column_stack([*mean, qrs[strong].min(axis=0), height[strong].max(axis=0)]).astype(np.float32)


def _spread(segments: Floats) -> Floats:
    return np.asarray(segments.std(axis=-1), np.float32)


def _widths(envelopes: Envelopes, beats: NDArray[np.int64]) -> Floats:
    """Width and strength of the QRS complex, and each beside the usual one."""
    last = len(envelopes.narrow) - 1
    around = np.clip(beats[:, None] + np.arange(-26, 27), 0, last)
    narrow, wide = envelopes.narrow[around], envelopes.wide[around]
    ratio = np.log((wide.max(axis=1) + 0.02) / (narrow.max(axis=1) + 0.02))
    both = narrow + wide
    highest = both.max(axis=1, keepdims=True) + 1e-6
    long = np.log((both > 0.3 * highest).sum(axis=1) + 1.0)
    centre = np.log((wide > 0.5 * wide.max(axis=1, keepdims=True)).sum(axis=1) + 1.0)
    strength = np.log(highest[:, 0] + 0.05)
    agreed = np.log((envelopes.agreed[around].max(axis=1) + 0.02) / (0.5 * highest[:, 0] + 0.02))
    found = np.column_stack([ratio, long, centre, strength, agreed])
    return np.concatenate([found[:, :3], found - np.median(found, axis=0)], axis=1, dtype=np.float32)


def _discordance(segments: Floats, weights: Floats) -> Floats:
    """Whether the T wave points away from the QRS complex, and how one-sided that is."""
    qrs, wave = segments[..., _QRS], segments[..., _T]
    one_sided = qrs.mean(axis=-1) / (np.sqrt((qrs**2).mean(axis=-1)) + 1e-6)
    after = wave.mean(axis=-1) / (np.sqrt((qrs**2).mean(axis=-1)) + 1e-6)
    return np.column_stack([weights @ (one_sided * after.clip(-2, 2)), weights @ np.abs(one_sided)])


def _of_group(alone: Floats, group: NDArray[np.int64]) -> Floats:
    """The median of each feature over the beats of the same group, and the share of the group."""
    medians = np.stack([
        np.median(alone[group == each], axis=0) if np.any(group == each) else np.zeros(alone.shape[1])
        for each in range(int(group.max()) + 1)
    ])  # fmt: skip
    share = np.bincount(group) / len(group)
    return np.column_stack([medians[group], np.log(share[group] + 0.003)]).astype(np.float32)


#: How far before a beat its segment begins, in seconds.
BEFORE_S = _BEFORE / RATE_HZ

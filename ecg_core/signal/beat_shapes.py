"""What tells the kinds of beats apart: shape, width, timing and company of each beat, over all leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecg_core.signal.qrs_envelope import RATE_HZ, Envelopes, Floats

_BEFORE, _AFTER = 35, 58  # samples at 125 Hz of a beat's segment
_LENGTH = _BEFORE + _AFTER
_QRS = slice(_BEFORE - 13, _BEFORE + 16)
_P = slice(4, _BEFORE - 10)
_T = slice(_BEFORE + 18, _BEFORE + 54)
_SHAPE = slice(_BEFORE - 15, _BEFORE + 28)
_COMPARED = slice(_BEFORE - 15, _BEFORE + 50, 2)
_SHIFT = 4  # samples by which a beat may be moved to fit
_RR_AROUND = 10
_CLUSTERS, _ROUNDS = 12, 8
_ALIKE, _NARROWNESS = 0.9, 5.0
_MEDIAN_OF = 300  # beats of a group, at most about twice as many
_SPIKE_BEFORE_S, _SPIKE_AFTER_S = 0.12, 0.03


@dataclass(frozen=True, eq=False)
class BeatShapes:
    """What each beat looks like, at 125 Hz.

    Attributes
    ----------
    segments : ndarray of float16, shape (leads, k, samples)
        From 0.31 s before the beat to 0.5 s after it, from the middle level; the largest is about 1.
    heights : ndarray of float32, shape (leads, k)
        What the segments are to be multiplied with; in the unit of the lead.
    widths : ndarray of float32, shape (k, 3)
        Of the QRS complex in the envelopes: wide over narrow, and two widths (logarithms).
    times_s : ndarray of float64, shape (k,)
        Where the envelopes are highest, from the beginning of the recording.
    spiked : ndarray of float32, shape (k,)
        Share of the leads in which a pacemaker's spike comes before the beat.
    """

    segments: NDArray[np.float16]
    heights: Floats
    widths: Floats
    times_s: NDArray[np.float64]
    spiked: Floats

    def part(self, these: NDArray[np.int64]) -> BeatShapes:
        return BeatShapes(
            self.segments[:, these], self.heights[:, these], self.widths[these], self.times_s[these],
            self.spiked[these],
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class DescribedBeats:
    """The features of each beat, and its shape.

    Attributes
    ----------
    features : ndarray of float32, shape (k, 30)
        Of the beat, and their medians over the beats of its own shape.
    points : ndarray of float32, shape (k, n)
        The segments of all leads in a row, each lead as high as it is telling.
    """

    features: Floats
    points: Floats


def take_shapes(envelopes: Envelopes, times_s: NDArray[np.float64], *, begin_s: float = 0.0) -> BeatShapes:
    """The shapes of the beats at these times, where the detector sees them within 64 ms.

    ``begin_s`` is the time of the first sample of the envelopes, and is added to the times that are kept.
    """
    last = len(envelopes.narrow) - 1
    at = np.clip((times_s * RATE_HZ).astype(np.int64), 0, max(last, 0))
    around = np.clip(at[:, None] + np.arange(-8, 9), 0, max(last, 0))
    if len(at):
        at = around[np.arange(len(at)), envelopes.whole[around].argmax(axis=1)]
    padded = np.pad(envelopes.leads, ((0, 0), (_BEFORE + _SHIFT, _AFTER + _SHIFT)), mode="edge")
    segments = padded[:, at[:, None] + np.arange(_LENGTH + 2 * _SHIFT)]
    segments -= np.median(segments[..., _SHIFT:-_SHIFT:3], axis=-1, keepdims=True)
    heights = np.abs(segments[..., ::2]).max(axis=-1)
    segments /= np.maximum(heights, np.float32(1e-30))[..., None]
    votes = [_after_spikes(spikes_s, times_s) for spikes_s in envelopes.spikes_s]
    spiked = np.asarray(np.mean(votes, axis=0), np.float32)
    found_s = begin_s + (at + 0.5).astype(np.float64) / RATE_HZ
    return BeatShapes(segments.astype(np.float16), heights, _widths(envelopes, at), found_s, spiked)


def join_shapes(parts: Sequence[BeatShapes]) -> BeatShapes:
    """Those of stretches that follow each other."""
    return BeatShapes(
        np.concatenate([part.segments for part in parts], axis=1),
        np.concatenate([part.heights for part in parts], axis=1),
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("widths", "times_s", "spiked")
        ),
    )


def _after_spikes(spikes_s: NDArray[np.float64], times_s: NDArray[np.float64]) -> NDArray[np.bool_]:
    first = np.searchsorted(spikes_s, times_s - _SPIKE_BEFORE_S)
    return np.asarray(np.searchsorted(spikes_s, times_s + _SPIKE_AFTER_S) > first)


def describe_shapes(shapes: BeatShapes) -> DescribedBeats:
    """Describe each beat beside the usual conducted beat of the recording, and by the beats of its like.

    Parameters
    ----------
    shapes : BeatShapes
        Of at least three beats of one recording.
    """
    highest = np.maximum(shapes.heights.max(axis=1), 1e-30)[:, None]  # a lead with artefacts counts for less
    wide = shapes.segments.astype(np.float32)
    wide *= (shapes.heights / highest)[..., None]
    segments = wide[..., _SHIFT:-_SHIFT]
    weights = _lead_weights(segments)
    group = _clusters(segments, weights)
    width = shapes.widths - np.median(shapes.widths, axis=0)
    usual = _usual(segments, group, shapes.widths[:, 0], weights)
    segments = _aligned(wide, usual)
    form = _against(segments, usual[:, None], weights)
    alone = np.concatenate([_timing(shapes.times_s), form, width], axis=1)
    features = np.concatenate([alone, _of_group(alone, group)], axis=1, dtype=np.float32)
    return DescribedBeats(features, _points(segments[..., _COMPARED], weights))


def _points(segments: Floats, weights: Floats) -> Floats:
    scale = np.median(np.linalg.norm(segments, axis=-1), axis=1)[:, None, None]
    points = segments * (np.sqrt(weights)[:, None, None] / np.maximum(scale, 1e-12))
    return np.asarray(points.transpose(1, 0, 2).reshape(segments.shape[1], -1), np.float32)


def _lead_weights(segments: Floats) -> Floats:
    """How alike the beats of each lead are: a noisy lead has little to say. Their sum is 1."""
    usual = np.median(segments[..., _QRS], axis=1, keepdims=True)
    alike = np.median(_correlation(segments[..., _QRS], usual), axis=1).clip(0.05) ** 2
    return np.asarray(alike / alike.sum(), np.float32)


def _correlation(one: Floats, other: Floats) -> Floats:
    one, other = one - one.mean(axis=-1, keepdims=True), other - other.mean(axis=-1, keepdims=True)
    scale = np.sqrt(_products(one, one) * _products(other, other))
    return np.asarray(_products(one, other) / np.maximum(scale, 1e-12), np.float32)


def _products(one: Floats, other: Floats) -> Floats:
    """The sums of the products over the samples."""
    return np.asarray(np.einsum("...i,...i->...", one, other), np.float32)


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
        sums = (group == np.arange(len(centres))[:, None]).astype(np.float32) @ points
        centres = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)
    return np.asarray(np.argmax(points @ centres.T, axis=1), np.int64)


def _usual(segments: Floats, group: NDArray[np.int64], ratio: Floats, weights: Floats) -> Floats:
    """The median beat of the groups that look alike and are many and narrow: the conducted beats.

    Where ventricular beats are as many as conducted ones, these are the narrower.
    """
    groups = np.flatnonzero(np.bincount(group))
    middles = np.stack([_median_beat(segments, group == each) for each in groups])
    shapes = middles[..., _SHAPE]
    alike = np.stack([_correlation(shapes, one[None]) @ weights > _ALIKE for one in shapes])
    number = np.bincount(group)[groups]
    width = np.array([np.median(ratio[group == each]) for each in groups])
    together = np.maximum(alike @ number, 1e-9)  # a flat beat is not even like itself
    rank = np.log(together) - _NARROWNESS * (alike @ (number * width)) / together
    rank[together < 0.1 * len(group)] = -np.inf
    best = alike[int(np.argmax(rank + 1e-3 * np.log(number)))]
    return _median_beat(segments, np.isin(group, groups[best]))


def _median_beat(segments: Floats, chosen: NDArray[np.bool_]) -> Floats:
    these = np.flatnonzero(chosen)
    return np.asarray(np.median(segments[:, these[:: max(len(these) // _MEDIAN_OF, 1)]], axis=1), np.float32)


def _aligned(wide: Floats, usual: Floats) -> Floats:
    """The segments, each moved by up to 32 ms to where it fits the usual beat best."""
    shifts = np.arange(0, 2 * _SHIFT + 1, 2)
    cut, pattern = wide[..., _QRS.start : _QRS.stop + 2 * _SHIFT], usual[:, None, _QRS]
    size = pattern.shape[-1]
    tried = [np.abs((cut[..., shift : shift + size] * pattern).sum(axis=(0, 2))) for shift in shifts]
    best = np.argmax(tried, axis=0)
    aligned = np.empty((*wide.shape[:2], _LENGTH), np.float32)
    for place, shift in enumerate(shifts):
        these = best == place
        aligned[:, these] = wide[:, these, shift : shift + _LENGTH]
    return aligned


def _timing(times_s: NDArray[np.float64]) -> Floats:
    """The RR interval before beside the usual one nearby, that after beside it, both beside two (log)."""
    rr = np.log(np.maximum(np.diff(times_s), 1.0 / RATE_HZ))
    around = np.lib.stride_tricks.sliding_window_view(
        np.pad(rr, _RR_AROUND, mode="reflect" if len(rr) > _RR_AROUND else "edge"), 2 * _RR_AROUND + 1
    )
    usual = np.median(around, axis=1)
    usual = np.r_[usual[:1], usual]
    before = np.r_[usual[0], rr]
    after = np.r_[rr, usual[-1]]
    both = np.logaddexp(before, after) - np.log(2.0)
    columns = (before - usual, after - before, both - usual)
    return np.column_stack(columns).clip(-6, 8).astype(np.float32)


def _against(segments: Floats, usual: Floats, weights: Floats) -> Floats:
    """Likeness of QRS complex, whole beat, P and T wave to the usual one, height, and distance."""
    mine, theirs = segments[..., _QRS], usual[..., _QRS]
    qrs = _correlation(mine, theirs)
    length = np.sqrt(_products(theirs, theirs)) + 1e-6
    height = np.log(np.sqrt(_products(mine, mine)) / length + 0.05)
    apart = mine - theirs
    distance = np.sqrt(_products(apart, apart)) / length
    mean = [
        weights @ each
        for each in (
            qrs,
            np.minimum(distance, 4.0),
            height,
            _correlation(segments, usual),
            _correlation(segments[..., _P], usual[..., _P]),
            _correlation(segments[..., _T], usual[..., _T]),
            np.log(_spread(segments[..., _T]) / (_spread(usual[..., _T]) + 1e-6) + 0.1).clip(-3, 3),
        )
    ]
    strong = weights > 0.5 * weights.max()
    return np.column_stack([*mean, qrs[strong].min(axis=0), height[strong].max(axis=0)]).astype(np.float32)


def _spread(segments: Floats) -> Floats:
    return np.asarray(segments.std(axis=-1), np.float32)


def _widths(envelopes: Envelopes, beats: NDArray[np.int64]) -> Floats:
    """Width of the QRS complex in three ways."""
    last = max(len(envelopes.narrow) - 1, 0)
    if not len(beats):
        return np.empty((0, 3), np.float32)
    around = np.clip(beats[:, None] + np.arange(-26, 27), 0, last)
    narrow, wide = envelopes.narrow[around], envelopes.wide[around]
    ratio = np.log((wide.max(axis=1) + 0.02) / (narrow.max(axis=1) + 0.02))
    both = narrow + wide
    highest = both.max(axis=1, keepdims=True) + 1e-6
    long = np.log((both > 0.3 * highest).sum(axis=1) + 1.0)
    centre = np.log((wide > 0.5 * wide.max(axis=1, keepdims=True)).sum(axis=1) + 1.0)
    return np.column_stack([ratio, long, centre]).astype(np.float32)


def _of_group(alone: Floats, group: NDArray[np.int64]) -> Floats:
    """The median of each feature over the beats of the same group."""
    medians = np.stack([
        np.median(alone[group == each], axis=0) if np.any(group == each) else np.zeros(alone.shape[1])
        for each in range(int(group.max()) + 1)
    ])  # fmt: skip
    return np.asarray(medians[group], np.float32)

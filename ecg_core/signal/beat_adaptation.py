"""Ventricular beats within one recording: what a general network is sure of teaches what it is not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecg_core.signal.beat_shapes import DescribedBeats
from ecg_core.signal.qrs_envelope import Floats

#: Of the features: timing, likeness to the usual beat, height, widths.
_OWN = (0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14)
_SHAPES = 20  # principal components
_SHAPES_OF = 1500  # beats, at most about twice as many
_FEWEST = 6.0  # beats of either kind, by their probabilities
_ROUNDS, _SHARE, _RIDGE, _STEEPNESS = 8, 0.8, 0.25, 10.0
_DOUBT = 0.7  # taken from the logarithm of the odds at last: a beat is rarely ventricular
_SUREST = 5.0

Reals = NDArray[np.float64]


def adapt_to_recording(chances: Floats, beats: DescribedBeats) -> Floats:
    """Judge again which beats are ventricular, by what sets the two kinds apart in this recording.

    Ventricular beats of one person look alike, those of two do not: a ridge regression within the recording
    (shapes as principal components, timing, likeness, widths) learns from the beats of which the network is
    sure, in proportion to that, both kinds with the same weight; its answer and the network's make the new
    probabilities, from which it learns again (self-training, as Llamedo and Martinez, IEEE Trans Biomed Eng
    2012;59:2312, adapt a classifier to a recording).

    Parameters
    ----------
    chances : ndarray, shape (k,)
        The network's probability that a beat is ventricular.
    beats : DescribedBeats

    Returns
    -------
    ndarray of float32, shape (k,)
        The new probability; the old one where fewer than six beats are of either kind.
    """
    if min(chances.sum(), (1.0 - chances).sum()) < _FEWEST:
        return chances
    first = np.log(chances.astype(np.float64).clip(1e-4, 1 - 1e-4))
    first = (first - np.log1p(-np.exp(first))).clip(-_SUREST, _SUREST)
    signal = _signal(beats)
    logits, chance = first, _probability(first)
    for _ in range(_ROUNDS):
        if min(chance.sum(), (1.0 - chance).sum()) < _FEWEST:
            return chances
        answer = _ridge(signal, chance, _weights(chance))
        logits = (1.0 - _SHARE) * first + _SHARE * _STEEPNESS * (answer - 0.5)
        chance = _probability(logits)
    return _probability(logits - _DOUBT).astype(np.float32)


def _probability(logits: Reals) -> Reals:
    return np.asarray(1.0 / (1.0 + np.exp(-logits)))


def _weights(chance: Reals) -> Reals:
    """How sure each is; both kinds weigh the same together."""
    is_ventricular = chance > 0.5
    number = max(float(chance[is_ventricular].sum()), 1.0)
    others = max(float((1.0 - chance)[~is_ventricular].sum()), 1.0)
    return np.asarray(np.abs(2.0 * chance - 1.0) * np.where(is_ventricular, 1.0 / number, 1.0 / others))


def _ridge(signal: Reals, wanted: Reals, weights: Reals) -> Reals:
    """The fitted values of a weighted linear regression whose coefficients are kept small."""
    total = weights.sum()
    centred = signal - weights @ signal / total
    middle = weights @ wanted / total
    weighted = centred * weights[:, None]
    square = weighted.T @ centred + _RIDGE * total * np.eye(signal.shape[1])
    return np.asarray(centred @ np.linalg.solve(square, weighted.T @ (wanted - middle)) + middle)


def _signal(beats: DescribedBeats) -> Reals:
    """Components of the shapes, the largest with a deviation of 3, and the features beside the usual ones."""
    some = slice(None, None, max(len(beats.points) // _SHAPES_OF, 1))
    points = beats.points.clip(-1.5, 1.5)
    points = points - np.median(points[some], axis=0)
    size, vectors = np.linalg.eigh(points[some].T @ points[some])
    shapes = points @ vectors[:, np.argsort(size)[::-1][:_SHAPES]]
    own = beats.features[:, _OWN]
    own = ((own - np.median(own, axis=0)) / (own.std(axis=0) + 0.05)).clip(-4, 4)
    return np.concatenate([shapes * (3.0 / (shapes[:, 0].std() + 1e-6)), own], axis=1, dtype=np.float64)

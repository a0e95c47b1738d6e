"""The QRS complexes of a recording, from all its leads together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ecg_core.signal.qrs_envelope import RATE_HZ, Envelopes, Floats, Samples, find_envelopes

_WEIGHTS = Path(__file__).with_name("qrs_weights.npz")
_LOWEST = 0.2  # of the usual height: what is lower is no candidate
_CLOSEST_S = 0.18  # two beats are never closer
_FINE = np.arange(-36, 37, 2)  # samples at 125 Hz around a candidate
_COARSE = np.concatenate([np.arange(-160, -36, 4), np.arange(40, 164, 4)])
_HIGHEST = 4.0
_MARGIN = int(max(-_COARSE[0], _COARSE[-1])) + 1
Network = tuple[tuple[Floats, Floats], ...]


@dataclass(frozen=True, eq=False)
class QrsComplexes:
    """The QRS complexes of a recording.

    Attributes
    ----------
    times_s : ndarray of float64, shape (n,)
        The middle of each, in seconds from the first sample, increasing.
    chances : ndarray of float32, shape (n,)
        The probability that it is one, from one half to 1.
    """

    times_s: NDArray[np.float64]
    chances: Floats


def find_qrs(leads: Sequence[tuple[Samples, float]], *, network: Network | None = None) -> QrsComplexes:
    """Find the QRS complexes from all leads together.

    Every peak of the common envelope of the leads is a candidate. A small neural network judges each by the
    envelopes up to 1.3 s before and after it (what is larger, what follows too closely, what is where a beat
    is due). Nothing is learned from earlier beats, so the first and the last one are judged as any.

    Parameters
    ----------
    leads : sequence of (ndarray of shape (n,), float)
        Values, NaN where missing, in any unit, and sampling frequency in Hz. All begin at the same moment.
    network : Network, optional
        Other weights than those of the package.
    """
    return find_in_envelopes(find_envelopes(leads), network=network)


def find_in_envelopes(envelopes: Envelopes, *, network: Network | None = None) -> QrsComplexes:
    """Find the QRS complexes where the envelopes of the leads are known; see `find_qrs`."""
    candidates = find_candidates(envelopes)
    chances = judge(candidate_features(envelopes, candidates), network or load_network())
    chosen = select(candidates, chances)
    times_s = (candidates[chosen] + 0.5).astype(np.float64) / RATE_HZ
    return QrsComplexes(times_s, chances[chosen])


def find_candidates(envelopes: Envelopes) -> NDArray[np.int64]:
    """The local maxima of the envelope above a fifth of the usual height."""
    both = np.pad(envelopes.whole, 1)
    inner = both[1:-1]
    peaks = (inner >= both[:-2]) & (inner > both[2:]) & (inner > _LOWEST)
    return np.flatnonzero(peaks)


def candidate_features(envelopes: Envelopes, candidates: NDArray[np.int64]) -> Floats:
    """What the network is told of each candidate, shape (candidates, features)."""
    narrow, wide, agreed, whole = (
        np.pad(np.sqrt(np.minimum(each, _HIGHEST)), _MARGIN)
        for each in (envelopes.narrow, envelopes.wide, envelopes.agreed, envelopes.whole)
    )
    at = (candidates + _MARGIN)[:, None]
    noise = np.sqrt(envelopes.noise[candidates])[:, None]
    parts = [narrow[at + _FINE], wide[at + _FINE], agreed[at + _FINE], whole[at + _COARSE], noise]
    return np.concatenate(parts, axis=1, dtype=np.float32)


def judge(features: Floats, network: Network) -> Floats:
    """The probability that each candidate is a beat."""
    signal = features
    for weights, bias in network[:-1]:
        signal = np.maximum(signal @ weights + bias, 0.0)
    weights, bias = network[-1]
    return np.asarray(1.0 / (1.0 + np.exp(-(signal @ weights + bias)[:, 0])), np.float32)


def select(candidates: NDArray[np.int64], chances: Floats, threshold: float = 0.5) -> NDArray[np.int64]:
    """The likely ones; of those that are too close to each other, the likeliest."""
    chosen = np.flatnonzero(chances > threshold)
    closest = _CLOSEST_S * RATE_HZ
    while len(close := np.flatnonzero(np.diff(candidates[chosen]) < closest)):
        left, right = chances[chosen[close]], chances[chosen[close + 1]]
        worse = np.where(left < right, close, close + 1)
        apart = np.diff(worse, prepend=-2) > 1  # of a chain only the first at a time
        chosen = np.delete(chosen, worse[apart])
    return chosen


@cache
def load_network() -> Network:
    """The weights that ``training/train_qrs.py`` made from MIT-BIH, LUDB and CPSC 2021 (cited there)."""
    return read_network(_WEIGHTS)


def read_network(path: Path) -> Network:
    """The layers of a network: weights and biases."""
    with np.load(path) as stored:
        layers = range(len(stored.files) // 2)
        return tuple((stored[f"w{i}"].astype(np.float32), stored[f"b{i}"].astype(np.float32)) for i in layers)

"""The kinds of beats, as suggestions: normal-shaped, supraventricular early, ventricular, paced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Lead
from ecg_core.signal.beat_shapes import beat_features
from ecg_core.signal.beats import LOWEST_RATE_HZ, RecordingBeats
from ecg_core.signal.qrs_envelope import RATE_HZ, Floats, at_rate, find_envelopes, find_spikes

#: Of the network's answers, in their order, and of what it is not asked.
KINDS = ("normal", "supraventricular", "ventricular", "paced", "unclassified")
FEWEST_BEATS = 5
_WEIGHTS = Path(__file__).with_name("beat_kinds_weights.npz")
_SURE = 0.5  # below this no kind is suggested
_SPIKE_BEFORE_S, _SPIKE_AFTER_S = 0.12, 0.03
_FURTHEST = 6.0
_STRETCH_BEATS = 4000  # memory does not grow with the recording; of this many the usual beat is made


@dataclass(frozen=True, eq=False)
class BeatKinds:
    """The suggested kind of each beat.

    Attributes
    ----------
    kinds : ndarray of int8, shape (n,)
        Indices into `KINDS`.
    confidences : ndarray of float32, shape (n,)
        The probability of the kind, from 0 to 1; of an unclassified beat that of the likeliest.
    """

    kinds: NDArray[np.int8]
    confidences: Floats

    def named(self) -> list[str]:
        return [KINDS[kind] for kind in self.kinds]


@dataclass(frozen=True, eq=False)
class KindNetwork:
    """Which features are used, how they are scaled, and the layers."""

    columns: NDArray[np.int64]
    mean: Floats
    spread: Floats
    layers: tuple[tuple[Floats, Floats], ...]


def classify_beats(
    leads: Sequence[Lead], beats: RecordingBeats, *, networks: Sequence[KindNetwork] | None = None
) -> BeatKinds:
    """Suggest the kind of each beat, from its shape in all leads, its width and its timing.

    Each beat is compared with the usual conducted beat of the recording (the median of the most common and
    narrow shapes), with its neighbours and with the beats of its own shape (k-means); a small neural network
    weighs these. A beat is paced where a pacemaker's spike precedes it, which can be seen from 400 Hz on.
    Neither aberrant conduction nor fusion can be told from a ventricular beat for sure.

    Parameters
    ----------
    leads : sequence of Lead
        As given to `ecg_core.signal.beats.find_recording_beats`.
    beats : RecordingBeats
        Found in them. With fewer than five, all are unclassified.
    """
    number = len(beats.samples)
    kinds, confidences = np.full(number, KINDS.index("unclassified"), np.int8), np.zeros(number, np.float32)
    fast = [each for each in leads if each.is_ecg and (each.sampling_rate_hz or 0.0) >= LOWEST_RATE_HZ]
    usable = [each for each in fast if not each.is_derived] or fast
    if number < FEWEST_BEATS or not usable:
        return BeatKinds(kinds, confidences)
    times_s = beats.samples / beats.fs
    for part in np.array_split(np.arange(number), int(np.ceil(number / _STRETCH_BEATS))):
        kinds[part], confidences[part] = _classify(usable, times_s[part], networks or load_networks())
    return BeatKinds(kinds, confidences)


def _classify(
    leads: Sequence[Lead], times_s: NDArray[np.float64], networks: Sequence[KindNetwork]
) -> tuple[NDArray[np.int8], Floats]:
    begin_s = max(np.floor(times_s[0] - 2.0), 0.0)
    values = [_cut(lead, begin_s, float(times_s[-1] + 2.0)) for lead in leads]
    local_s = times_s - begin_s
    chances = judge_kinds(describe_beats(values, local_s), networks)
    kinds, confidences = chances.argmax(axis=1).astype(np.int8), chances.max(axis=1)
    kinds[confidences < _SURE] = KINDS.index("unclassified")
    paced = _after_spikes(values, local_s)
    kinds[paced], confidences[paced] = KINDS.index("paced"), 1.0
    return kinds, confidences


def describe_beats(
    leads: Sequence[tuple[NDArray[np.float64], float]], times_s: NDArray[np.float64]
) -> Floats:
    """The features of each beat, shape (beats, features); see `ecg_core.signal.beat_shapes`."""
    envelopes = find_envelopes(leads)
    total = len(envelopes.narrow)
    values = np.stack([at_rate(lead, fs, total)[0] for lead, fs in leads])
    at = np.clip((times_s * RATE_HZ).astype(np.int64), 0, total - 1)
    humps = envelopes.whole  # where the detector saw the beat, whichever lead its peak was then moved to
    around = np.clip(at[:, None] + np.arange(-8, 9), 0, total - 1)
    return beat_features(values, envelopes, around[np.arange(len(at)), humps[around].argmax(axis=1)])


def judge_kinds(features: Floats, networks: Sequence[KindNetwork]) -> Floats:
    """The mean over the networks of the probabilities of normal, supraventricular and ventricular."""
    return np.asarray(np.mean([_judge(features, network) for network in networks], axis=0), np.float32)


def _judge(features: Floats, network: KindNetwork) -> Floats:
    signal = (features[:, network.columns] - network.mean) / network.spread
    signal = signal.clip(-_FURTHEST, _FURTHEST)
    for weights, bias in network.layers[:-1]:
        signal = np.maximum(signal @ weights + bias, 0.0)
    weights, bias = network.layers[-1]
    scores = signal @ weights + bias
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)


def _cut(lead: Lead, begin_s: float, end_s: float) -> tuple[NDArray[np.float64], float]:
    fs = lead.sampling_rate_hz or 0.0
    samples = lead.samples[round(begin_s * fs) : round(end_s * fs)]
    return Lead(lead.name, samples, fs, None, lead.resolution, lead.offset).physical(), fs


def _after_spikes(
    leads: Sequence[tuple[NDArray[np.float64], float]], times_s: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Whether a spike comes within 0.12 s before a beat, in most of the leads that can show one."""
    votes = []
    for values, fs in leads:
        known = np.isfinite(values)
        if known.any() and len(spikes := find_spikes(np.where(known, values, values[known].mean()), fs)):
            first = np.searchsorted(spikes, (times_s - _SPIKE_BEFORE_S) * fs)
            votes.append(np.searchsorted(spikes, (times_s + _SPIKE_AFTER_S) * fs) > first)
        else:
            votes.append(np.zeros(len(times_s), np.bool_))
    return np.asarray(np.mean(votes, axis=0) >= 0.5)


@cache
def load_networks() -> tuple[KindNetwork, ...]:
    """The weights that ``training/train_beat_kinds.py`` made from MIT-BIH (cited there)."""
    return read_kind_networks(_WEIGHTS)


def read_kind_networks(path: Path) -> tuple[KindNetwork, ...]:
    with np.load(path) as stored:
        names = sorted({name.split("/")[0] for name in stored.files})
        return tuple(_network({k.split("/")[1]: stored[k] for k in stored.files if k.startswith(f"{name}/")})
                     for name in names)  # fmt: skip


def _network(stored: dict[str, NDArray[np.generic]]) -> KindNetwork:
    part = {name: np.asarray(values, np.float32) for name, values in stored.items()}
    layers = tuple((part[f"w{i}"], part[f"b{i}"]) for i in range(sum(name[0] == "w" for name in part)))
    return KindNetwork(part["columns"].astype(np.int64), part["mean"], part["spread"], layers)

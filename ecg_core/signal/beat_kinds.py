"""The kinds of beats, as suggestions: normal-shaped, supraventricular early, ventricular, paced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Lead
from ecg_core.signal.beat_adaptation import adapt_to_recording
from ecg_core.signal.beat_shapes import BeatShapes, describe_shapes, join_shapes, take_shapes
from ecg_core.signal.beats import LOWEST_RATE_HZ, RecordingBeats
from ecg_core.signal.qrs_envelope import Floats, Samples, find_envelopes

#: Of the network's answers, in their order, and of what it is not asked.
KINDS = ("normal", "supraventricular", "ventricular", "paced", "unclassified")
FEWEST_BEATS = 5
_WEIGHTS = Path(__file__).with_name("beat_kinds_weights.npz")
_SURE = 0.5  # below this no kind is suggested
_SPIKED = 0.5  # share of the leads
_VENTRICULAR = KINDS.index("ventricular")
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
    weighs these, and what it is sure of teaches what else is ventricular in this recording
    (`ecg_core.signal.beat_adaptation`). A beat is paced where a pacemaker's spike precedes it, which can be
    seen from 400 Hz on.
    Neither aberrant conduction nor fusion can be told from a ventricular beat for sure.

    Parameters
    ----------
    leads : sequence of Lead
        As given to `ecg_core.signal.beats.find_recording_beats`.
    beats : RecordingBeats
        Found in them, quicker with their shapes. With fewer than five, all are unclassified.
    """
    number = len(beats.samples)
    kinds, confidences = np.full(number, KINDS.index("unclassified"), np.int8), np.zeros(number, np.float32)
    if number < FEWEST_BEATS or not beats.fs:
        return BeatKinds(kinds, confidences)
    shapes = beats.shapes if beats.shapes is not None else _shapes_of(leads, beats.samples / beats.fs)
    if shapes is None:
        return BeatKinds(kinds, confidences)
    for part in np.array_split(np.arange(number), int(np.ceil(number / _STRETCH_BEATS))):
        kinds[part], confidences[part] = _classify(shapes.part(part), networks or load_networks())
    return BeatKinds(kinds, confidences)


def _classify(shapes: BeatShapes, networks: Sequence[KindNetwork]) -> tuple[NDArray[np.int8], Floats]:
    beats = describe_shapes(shapes)
    chances = judge_kinds(beats.features, networks)
    ventricular = adapt_to_recording(chances[:, _VENTRICULAR], beats)
    others = (1.0 - ventricular) / np.maximum(1.0 - chances[:, _VENTRICULAR], 1e-6)
    chances *= others[:, None]
    chances[:, _VENTRICULAR] = ventricular
    kinds, confidences = chances.argmax(axis=1).astype(np.int8), chances.max(axis=1).clip(0.0, 1.0)
    kinds[confidences < _SURE] = KINDS.index("unclassified")
    paced = shapes.spiked >= _SPIKED
    kinds[paced], confidences[paced] = KINDS.index("paced"), 1.0
    return kinds, confidences


def _shapes_of(leads: Sequence[Lead], times_s: NDArray[np.float64]) -> BeatShapes | None:
    """The shapes of beats that were found without them, a stretch at a time."""
    fast = [each for each in leads if each.is_ecg and (each.sampling_rate_hz or 0.0) >= LOWEST_RATE_HZ]
    usable = [each for each in fast if not each.is_derived] or fast
    if not usable:
        return None
    found = []
    for part in np.array_split(times_s, int(np.ceil(len(times_s) / _STRETCH_BEATS))):
        begin_s = max(float(np.floor(part[0] - 2.0)), 0.0)
        envelopes = find_envelopes([_cut(lead, begin_s, float(part[-1] + 2.0)) for lead in usable])
        found.append(take_shapes(envelopes, part - begin_s, begin_s=begin_s))
    return join_shapes(found)


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


def _cut(lead: Lead, begin_s: float, end_s: float) -> tuple[Samples, float]:
    fs = lead.sampling_rate_hz or 0.0
    return lead.samples[round(begin_s * fs) : round(end_s * fs)], fs


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

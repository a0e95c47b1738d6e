"""Make ``ecg_core/signal/beat_kinds_weights.npz``: ``python -m training.train_beat_kinds DATA``.

DATA holds the folders ``mitdb`` and ``cpsc2021``: MIT-BIH Arrhythmia Database (Moody, Mark, IEEE Eng Med Biol
2001;20(3):45; PhysioNet, doi:10.13026/C2F305), ODC-By 1.0; CPSC 2021 (Wang et al., PhysioNet), CC-BY 4.0.

The beats are those that the detector finds. Fusion beats, unclassifiable ones and flutter teach nothing. Each
kind of beat of each record has about the same weight, however many there are: there are few records.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.accuracy.noise import KINDS, qrs_height, shaped_noise
from benchmarks.accuracy.records import Record, read_records
from ecg_core.signal.beat_kinds import KindNetwork, describe_beats
from ecg_core.signal.qrs import find_qrs, load_network, read_network

CLASSES = {**dict.fromkeys("NLReBjn", 0), **dict.fromkeys("AaJS", 1), **dict.fromkeys("VE", 2)}
#: Of `beat_shapes`: timing, likeness to the usual beat, heights, widths; and those of its group.
ALONE = (0, 3, 4, 7, 8, 10, 11, 13, 14, 15, 16, 24, 25, 26)
NUMBER_ALONE, PENALTY = 31, 3e-4
HIDDEN, EPOCHS, BATCH, RATE, NETWORKS, COPIES = 8, 10, 512, 3e-3, 4, 4
_WITHIN_S, _HEAVIEST, _LEFT_OUT, _JITTER = 0.15, 8.0, 0.2, 0.15
_HALVES = Path("benchmarks/accuracy/halves")
Examples = tuple[np.ndarray, np.ndarray, np.ndarray]


def label(record: Record, times_s: np.ndarray) -> np.ndarray:
    """The class of each beat found; -1 where the experts' label teaches nothing, 0 where there is no beat."""
    known = np.zeros(len(times_s), int)
    right = np.searchsorted(record.beats_s, times_s).clip(0, len(record.beats_s) - 1)
    left = (right - 1).clip(0)
    nearer = np.abs(record.beats_s[left] - times_s) < np.abs(record.beats_s[right] - times_s)
    nearest = np.where(nearer, left, right)
    paired = np.abs(record.beats_s[nearest] - times_s) < _WITHIN_S
    classes = np.array([CLASSES.get(each, -1) for each in record.labels])
    known[paired] = classes[nearest[paired]]
    for first, last in record.unmarked:
        known[(times_s >= first) & (times_s <= last)] = -1
    return known


def weigh(known: np.ndarray) -> np.ndarray:
    weight = np.ones(len(known), np.float32)
    for each in range(3):
        chosen = known == each
        weight[chosen] = max(int(chosen.sum()), 1) ** -0.8
    return weight


def examples(data: Path, half: str | None) -> Iterator[Examples]:
    rng = np.random.default_rng(3)
    network = read_network(_HALVES / f"qrs_{half}.npz") if half else load_network()
    for name in ("mitdb", "cpsc2021"):
        for place, record in enumerate(read_records(data / name)):
            number = int(record.name) if record.name.isdigit() else place
            if half is not None and number % 2 != (half == "odd"):
                continue
            for copy in range(COPIES):
                values, stretch = _varied(record, copy, rng)
                leads = [(lead, record.fs * stretch) for lead in values]
                times_s = find_qrs(leads, network=network).times_s
                known = label(record, times_s * stretch)
                yield describe_beats(leads, times_s), known, weigh(known)


def _varied(record: Record, copy: int, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    values = record.values_mv.copy()
    if copy == 1:
        kind = KINDS[rng.integers(3)]
        for lead in values:
            rms = (
                qrs_height(lead, record.fs, record.beats_s) / np.sqrt(8.0) * 10 ** (-rng.uniform(8, 20) / 20)
            )
            lead += rms * shaped_noise(rng, len(lead), record.fs, kind, varied=True)
    if copy == 2:
        values = values[[rng.integers(len(values))]]
    return values, float(np.exp(rng.uniform(-0.25, 0.25))) if copy else 1.0


def train(parts: Examples, seed: int) -> KindNetwork:
    rng = np.random.default_rng(seed)
    told = parts[1] >= 0
    columns = np.array([*ALONE, *(NUMBER_ALONE + column for column in ALONE)])
    features, known, weight = parts[0][told][:, columns], parts[1][told], parts[2][told]
    weight = np.minimum(weight / weight.mean(), _HEAVIEST)
    mean, spread = features.mean(axis=0), features.std(axis=0) + np.float32(0.02)
    signal, wanted = ((features - mean) / spread).clip(-6, 6), np.eye(3, dtype=np.float32)[known]
    sizes = (len(columns), HIDDEN, 3)
    layers = [
        part
        for a, b in pairwise(sizes)
        for part in (rng.normal(0, np.sqrt(1.5 / a), (a, b)).astype(np.float32), np.zeros(b, np.float32))
    ]
    first, second = [np.zeros_like(p) for p in layers], [np.zeros_like(p) for p in layers]
    step, steps = 0, EPOCHS * (len(known) // BATCH)
    for _ in range(EPOCHS):
        order = rng.permutation(len(known))
        for start in range(0, len(known) - BATCH + 1, BATCH):
            chosen, step = order[start : start + BATCH], step + 1
            batch = signal[chosen] * (rng.random((BATCH, len(columns)), np.float32) > _LEFT_OUT)
            batch += _JITTER * rng.standard_normal(batch.shape, np.float32)
            slopes = _slopes(batch, wanted[chosen], weight[chosen], layers)
            rate = RATE * 0.5 * (1 + np.cos(np.pi * step / (steps + 1)))
            for p, g, m, v in zip(layers, slopes, first, second, strict=True):
                m += 0.1 * (g + PENALTY * p - m)
                v += 0.001 * ((g + PENALTY * p) ** 2 - v)
                p -= rate * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
    return KindNetwork(columns, mean, spread, tuple(zip(layers[::2], layers[1::2], strict=True)))


def _slopes(
    batch: np.ndarray, wanted: np.ndarray, weight: np.ndarray, layers: list[np.ndarray]
) -> list[np.ndarray]:
    hidden = np.maximum(batch @ layers[0] + layers[1], 0.0)
    scores = hidden @ layers[2] + layers[3]
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    wrong = (powers / powers.sum(axis=1, keepdims=True) - wanted) * weight[:, None] / len(batch)
    back = (wrong @ layers[2].T) * (hidden > 0)
    return [batch.T @ back, back.sum(axis=0), hidden.T @ wrong, wrong.sum(axis=0)]


def main() -> None:
    parser = argparse.ArgumentParser(
        "python -m training.train_beat_kinds", description=__doc__.splitlines()[0]
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--half", choices=("odd", "even"))
    parser.add_argument("--out", type=Path, default=Path("ecg_core/signal/beat_kinds_weights.npz"))
    chosen = parser.parse_args()
    gathered = [np.concatenate(each) for each in zip(*examples(chosen.data, chosen.half), strict=True)]
    stored = {}
    for seed in range(NETWORKS):
        network = train((gathered[0], gathered[1], gathered[2]), seed)
        stored |= {
            f"{seed}/columns": network.columns,
            f"{seed}/mean": network.mean,
            f"{seed}/spread": network.spread,
        }
        for i, (weights, bias) in enumerate(network.layers):
            stored |= {f"{seed}/w{i}": weights, f"{seed}/b{i}": bias}
    np.savez_compressed(chosen.out, **stored)


if __name__ == "__main__":
    main()

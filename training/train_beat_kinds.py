"""Make ``ecg_core/signal/beat_kinds_weights.npz``: ``python -m training.train_beat_kinds DATA``.

DATA holds the folders ``mitdb``, ``cpsc2021`` and ``ludb``:

- MIT-BIH Arrhythmia Database (Moody, Mark, IEEE Eng Med Biol 2001;20(3):45; PhysioNet, doi:10.13026/C2F305),
  ODC-By 1.0;
- CPSC 2021, paroxysmal atrial fibrillation events (Wang et al., PhysioNet), CC-BY 4.0;
- Lobachevsky University Database (Kalyakulina et al., IEEE Access 2020;8:186181; PhysioNet,
  doi:10.13026/eegm-h675), ODC-By 1.0: two leads at a time of the records without ventricular and paced beats
  teach what conducted beats look like, with bundle-branch block too.

The beats are those that the detector finds. Fusion beats, unclassifiable ones and flutter teach nothing. Each
kind of beat of each record has about the same weight, however many there are: there are few records. Every
record is used again with noise, with one lead, and faster or slower; each network learns from a quarter of
these copies, so that their mean depends little on chance.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.accuracy.noise import KINDS, qrs_height, shaped_noise
from benchmarks.accuracy.records import Record, read_records
from ecg_core.signal.beat_kinds import KindNetwork
from ecg_core.signal.beat_shapes import describe_shapes, take_shapes
from ecg_core.signal.qrs import find_in_envelopes, load_network, read_network
from ecg_core.signal.qrs_envelope import find_envelopes

CLASSES = {**dict.fromkeys("NLReBjn", 0), **dict.fromkeys("AaJS", 1), **dict.fromkeys("VE", 2)}
#: Of `beat_shapes`: all but the height beside the usual one, of the beat and of its group.
COLUMNS = tuple(column for column in range(30) if column % 15 != 5)
PENALTY = 3e-4
HIDDEN, EPOCHS, BATCH, RATE, NETWORKS, BAGS = 16, 6, 512, 3e-3, 12, 4
COPIES = {"mitdb": 28, "cpsc2021": 28, "ludb": 4}
_WITHIN_S, _HEAVIEST, _LEFT_OUT, _JITTER = 0.15, 8.0, 0.3, 0.3
_NOT_CONDUCTED = frozenset({8, 34, 38, 45, 72, 74, 83, 90, 93, 95})  # of LUDB, by its list of diagnoses
_FEWEST = 5
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


def examples(data: Path, half: str | None) -> Iterator[tuple[int, Examples]]:
    """Of each copy of each record, with the number of the copy."""
    rng = np.random.default_rng(3)
    network = read_network(_HALVES / f"qrs_{half}.npz") if half else load_network()
    for name, copies in COPIES.items():
        for place, record in enumerate(read_records(data / name)):
            number = int(record.name) if record.name.isdigit() else place
            if half is not None and number % 2 != (half == "odd"):
                continue
            if name == "ludb" and number in _NOT_CONDUCTED:
                continue
            for copy in range(copies):
                values, stretch = _varied(record, copy, rng)
                envelopes = find_envelopes([(lead, record.fs * stretch) for lead in values])
                times_s = find_in_envelopes(envelopes, network=network).times_s
                if len(times_s) >= _FEWEST:
                    known = label(record, times_s * stretch)
                    known = np.zeros_like(known) if name == "ludb" else known
                    features = describe_shapes(take_shapes(envelopes, times_s)).features
                    yield copy, (features, known, weigh(known))


def _varied(record: Record, copy: int, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """The signal, and how much faster it is: the copy 0 is the record itself (two leads of twelve)."""
    values = record.values_mv.copy()
    if len(values) > 3:
        values = values[rng.choice(len(values), 2, replace=False)]
    how = copy if copy < 3 else int(rng.integers(1, 4))
    if how == 1:
        kind = KINDS[rng.integers(3)]
        for lead in values:
            height = qrs_height(lead, record.fs, record.beats_s)
            rms = height / np.sqrt(8.0) * 10 ** (-rng.uniform(8, 20) / 20)
            lead += rms * shaped_noise(rng, len(lead), record.fs, kind, varied=True)
    if how == 2:
        values = values[[rng.integers(len(values))]]
    return values, float(np.exp(rng.uniform(-0.25, 0.25))) if copy else 1.0


def train(parts: Examples, seed: int) -> KindNetwork:
    rng = np.random.default_rng(seed)
    told = parts[1] >= 0
    columns = np.array(COLUMNS)
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
    copies = list(examples(chosen.data, chosen.half))
    stored: dict[str, np.ndarray] = {}
    for seed in range(NETWORKS):
        bag = [parts for copy, parts in copies if copy % BAGS == seed % BAGS]
        gathered = [np.concatenate(each) for each in zip(*bag, strict=True)]
        network = train((gathered[0], gathered[1], gathered[2]), seed)
        stored |= {
            f"{seed:02d}/columns": network.columns,
            f"{seed:02d}/mean": network.mean,
            f"{seed:02d}/spread": network.spread,
        }
        for i, (weights, bias) in enumerate(network.layers):
            stored |= {f"{seed:02d}/w{i}": weights, f"{seed:02d}/b{i}": bias}
    np.savez_compressed(chosen.out, **stored)


if __name__ == "__main__":
    main()

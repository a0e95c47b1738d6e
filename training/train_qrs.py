"""Make ``ecg_core/signal/qrs_weights.npz``: ``python -m training.train_qrs DATA [--half odd]``.

DATA holds the folders ``mitdb``, ``cpsc2021`` and ``ludb``:

- MIT-BIH Arrhythmia Database (Moody, Mark, IEEE Eng Med Biol 2001;20(3):45; PhysioNet, doi:10.13026/C2F305),
  ODC-By 1.0;
- Lobachevsky University Database (Kalyakulina et al., IEEE Access 2020;8:186181; PhysioNet,
  doi:10.13026/eegm-h675), ODC-By 1.0;
- CPSC 2021, paroxysmal atrial fibrillation events (Wang et al., PhysioNet), CC-BY 4.0.

A candidate is a beat where it is the nearest to an expert's mark, no beat where no mark is within 0.15 s, and
untold in between. Every record is used as it is and again with noise, with leads lost, with fewer leads, and
faster or slower, so that the network depends on none of these. ``--half`` trains on records of odd or even
number only (of CPSC on every second one), for an honest figure on the others.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.accuracy.noise import KINDS, qrs_height, shaped_noise
from benchmarks.accuracy.records import Record, read_records
from ecg_core.signal.qrs import Network, candidate_features, find_candidates
from ecg_core.signal.qrs_envelope import RATE_HZ, find_envelopes

HIDDEN, EPOCHS, BATCH, RATE, DECAY = (48, 24), 10, 1024, 2e-3, 1e-5
COPIES = {"mitdb": 5, "cpsc2021": 4, "ludb": 6}
CUTS = {"mitdb": 40, "cpsc2021": 20, "ludb": 4}
_SAME_S, _NEAR_S = 0.12, 0.15
Examples = tuple[np.ndarray, np.ndarray, np.ndarray]


def label(record: Record, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whether each candidate is a beat, and its weight in training (0 where that cannot be said)."""
    beats = record.beats_s
    known, weight = np.zeros(len(times), np.float32), np.ones(len(times), np.float32)
    if len(beats) and len(times):
        weight[np.abs(times - _nearest(beats, times)[1]) < _NEAR_S] = 0.0
        nearest, time = _nearest(times, beats)
        own = nearest[np.abs(time - beats) < _SAME_S]
        known[own] = weight[own] = 1.0
    for first, last in record.unmarked:
        weight[(times >= first) & (times <= last)] = 0.0
    return known, weight


def _nearest(these: np.ndarray, to: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    right = np.searchsorted(these, to).clip(0, len(these) - 1)
    left = (right - 1).clip(0)
    index = np.where(np.abs(these[left] - to) <= np.abs(these[right] - to), left, right)
    return index, these[index]


def examples_of(record: Record, values: np.ndarray, stretch: float = 1.0) -> Examples:
    """Features, whether a beat, and weight of the candidates of a record, whose signal was changed."""
    fs = record.fs * stretch
    envelopes = find_envelopes([(lead, fs) for lead in values])
    candidates = find_candidates(envelopes)
    known, weight = label(record, (candidates + 0.5) * (stretch / RATE_HZ))
    return candidate_features(envelopes, candidates), known, weight


def varied(record: Record, copy: int, rng: np.random.Generator) -> Examples:
    """The copy 0 is the record itself; the more, the further from it."""
    values, stretch, weight = record.values_mv.copy(), 1.0, 1.0
    if copy > 0:
        values = _noisy(record, values, rng)
        values = _with_lost_leads(values, record.fs, rng)
        stretch = float(np.exp(rng.uniform(-0.4, 0.45)))
    if copy > 2:
        values = values[rng.choice(len(values), rng.integers(1, min(3, len(values)) + 1), replace=False)]
        weight = 0.4 if len(record.values_mv) < 3 else 1.0
    features, known, weights = examples_of(record, values, stretch)
    return features, known, weights * weight * (2.0 if len(record.values_mv) > 3 else 1.0)


def cut(record: Record, rng: np.random.Generator) -> Examples:
    """A piece of some seconds that begins close to a beat, before or after it: a T wave alone is no beat."""
    beat = record.beats_s[rng.integers(max(len(record.beats_s) - 4, 1))]
    begin = max(int((beat + rng.uniform(-0.3, 0.35)) * record.fs), 0)
    end = begin + int(rng.uniform(4.0, 14.0) * record.fs)
    shift = begin / record.fs
    kept = (record.beats_s >= shift) & (record.beats_s < end / record.fs)
    piece = replace(
        record,
        values_mv=record.values_mv[:, begin:end],
        beats_s=record.beats_s[kept] - shift,
        unmarked=tuple((first - shift, last - shift) for first, last in record.unmarked),
    )
    features, known, weight = examples_of(piece, piece.values_mv)
    return features, known, weight * 2.0


def _noisy(record: Record, values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    kinds = ((), *((kind,) for kind in KINDS), KINDS, ("motion",), ("muscle",))[rng.integers(7)]
    snr_db = rng.uniform(3.0, 15.0)
    for lead in values:
        height = qrs_height(lead, record.fs, record.beats_s)
        for kind in kinds:
            noise = shaped_noise(rng, len(lead), record.fs, kind, varied=True)
            lead += noise * height / np.sqrt(8.0) * 10 ** (-snr_db / 20)
    return values


def _with_lost_leads(values: np.ndarray, fs: float, rng: np.random.Generator) -> np.ndarray:
    for lead in values:
        for _ in range(10 if rng.random() < 0.25 and len(lead) > 60 * fs else 0):
            first, length = rng.integers(len(lead)), rng.integers(int(30 * fs))
            lead[first : first + length] = np.nan if rng.random() < 0.5 else rng.choice([-5.0, 0.0, 5.0])
    return values


def gather(data: Path, half: str | None, rng: np.random.Generator) -> Examples:
    return tuple(np.concatenate(parts) for parts in zip(*_all(data, half, rng), strict=True))  # type: ignore[return-value]


def _all(data: Path, half: str | None, rng: np.random.Generator) -> Iterator[Examples]:
    for name, copies in COPIES.items():
        for place, record in enumerate(read_records(data / name)):
            number = int(record.name) if record.name.isdigit() else place
            if half is None or number % 2 == (half == "odd"):
                yield from (varied(record, copy, rng) for copy in range(copies))
                yield from (cut(record, rng) for _ in range(CUTS[name]))


def train(examples: Examples, seed: int = 0) -> Network:
    """Minimise the weighted cross-entropy by Adam, with features scaled and left out at random."""
    rng = np.random.default_rng(seed)
    told = examples[2] > 0
    features, known, weight = (part[told] for part in examples)
    mean, spread = features.mean(axis=0), features.std(axis=0) + np.float32(0.05)
    sizes = (features.shape[1], *HIDDEN, 1)
    parts = [
        part
        for a, b in pairwise(sizes)
        for part in (rng.normal(0, np.sqrt(2 / a), (a, b)).astype(np.float32), np.zeros(b, np.float32))
    ]
    first, second = [np.zeros_like(p) for p in parts], [np.zeros_like(p) for p in parts]
    steps, step = EPOCHS * (len(known) // BATCH), 0
    for epoch in range(EPOCHS):
        order, loss = rng.permutation(len(known)), 0.0
        for start in range(0, len(known) - BATCH + 1, BATCH):
            chosen, step = order[start : start + BATCH], step + 1
            batch = _disturbed(features[chosen], rng)
            more, slopes = _gradient((batch - mean) / spread, known[chosen], weight[chosen], parts)
            loss += more
            rate = RATE * 0.5 * (1 + np.cos(np.pi * step / (steps + 1)))
            for p, g, m, v in zip(parts, slopes, first, second, strict=True):
                m += 0.1 * (g + DECAY * p - m)
                v += 0.001 * (g**2 - v)
                p -= rate * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
        print(f"epoch {epoch + 1}: loss {loss / len(known):.5f}", flush=True)
    parts[1] -= (mean / spread) @ parts[0]
    parts[0] /= spread[:, None]
    return tuple(zip(parts[::2], parts[1::2], strict=True))


def _disturbed(batch: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    gain = np.exp(0.15 * rng.standard_normal((len(batch), 1), np.float32))
    kept = rng.random(batch.shape, np.float32) > 0.03
    return batch * gain * kept


def _gradient(
    batch: np.ndarray, known: np.ndarray, weight: np.ndarray, parts: list[np.ndarray]
) -> tuple[float, list[np.ndarray]]:
    """The summed loss, and its mean slope along each of the parts."""
    signals = [batch]
    for w, b in zip(parts[:-2:2], parts[1:-2:2], strict=True):
        signals.append(np.maximum(signals[-1] @ w + b, 0.0))
    logit = (signals[-1] @ parts[-2] + parts[-1])[:, 0]
    chance = 1 / (1 + np.exp(-logit))
    loss = float(np.sum(weight * (np.logaddexp(0, logit) - known * logit)))
    slope = ((chance - known) * weight / len(known))[:, None].astype(np.float32)
    slopes: list[np.ndarray] = []
    for layer in range(len(signals) - 1, -1, -1):
        slopes[:0] = [signals[layer].T @ slope, slope.sum(axis=0)]
        slope = (slope @ parts[2 * layer].T) * (signals[layer] > 0)
    return loss, slopes


def main() -> None:
    parser = argparse.ArgumentParser("python -m training.train_qrs", description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--half", choices=("odd", "even"))
    parser.add_argument("--out", type=Path, default=Path("ecg_core/signal/qrs_weights.npz"))
    chosen = parser.parse_args()
    network = train(gather(chosen.data, chosen.half, np.random.default_rng(1)))
    stored = {f"{name}{i}": part.astype(np.float16) if name == "w" else part
              for i, layer in enumerate(network) for name, part in zip("wb", layer, strict=True)}  # fmt: skip
    np.savez_compressed(chosen.out, **stored)


if __name__ == "__main__":
    main()

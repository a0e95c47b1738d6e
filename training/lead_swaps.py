"""Find the numbers of `ecg_core.signal.swap_scores`, and how well it does on records that they are not from.

    python -m training.lead_swaps LUDB_FOLDER CHALLENGE_2021_FOLDER

Fitted on odd records, tested on even ones; what ships is fitted on all. The thresholds were set with
both halves in sight. Swaps are made of the median beats:
limb electrodes leave Wilson's terminal alone; one on the right leg is taken to see what LL sees, but for 3 %.

Data: A. Kalyakulina et al., Lobachevsky University Electrocardiography Database 1.0.1, PhysioNet 2020
(doi:10.13026/eegm-h675, ODC-By 1.0), and M. Reyna et al., PhysioNet/CinC Challenge 2021 (CC-BY 4.0).
"""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import wfdb
from numpy.typing import NDArray
from scipy.optimize import minimize

from ecg_core.signal.beats import find_beats
from ecg_core.signal.fiducials import BeatFiducials, Fiducials
from ecg_core.signal.lead_swaps import CHEST_THRESHOLD, THRESHOLD, THRESHOLDS, suspected_swaps
from ecg_core.signal.median_beat import MedianBeat, find_typical_beats, median_of_beats, short_rr_s
from ecg_core.signal.swap_scores import (
    CHEST,
    LIMB_SWAPS,
    SwapWaves,
    chest_scores,
    limb_features,
    limb_scores,
    rearranged,
    swap_waves,
)

L2, RIDGE = 0.003, 0.03
_OUT = Path(__file__).parents[1] / "ecg_core" / "signal" / "lead_swaps.json"
_NAMES = {n.lower(): n for n in ("I", "II", "III", "aVR", "aVL", "aVF", *CHEST)}
_PAIRS = (*itertools.pairwise(CHEST), ("V1", "V3"), ("V4", "V6"), ("V1", "V6"))
_NO_P = ("164889003", "164890007")  # atrial fibrillation and flutter, SNOMED CT


def read_records(
    ludb: Path, challenge: Path
) -> Iterator[tuple[str, bool, dict[str, MedianBeat], BeatFiducials]]:
    """Name, whether it is of the fitted half, median beats and fiducials of each usable record."""
    for path in [*sorted(ludb.glob("*.hea"), key=lambda p: int(p.stem)), *sorted(challenge.glob("*.hea"))]:
        record = wfdb.rdrecord(str(path.with_suffix("")))
        values, fs = np.nan_to_num(record.p_signal.T), float(record.fs)
        names = [_NAMES[name.lower()] for name in record.sig_name]
        found = find_beats(values[names.index("II")], fs)
        typical = find_typical_beats(values[names.index("II")], found, fs)
        if len(typical) < 3:
            continue
        beats = {
            name: median_of_beats(row, typical, fs, number_found=len(found), short_rr_s=short_rr_s(found, fs),
                                  before_s=0.4, after_s=0.6)
            for name, row in zip(names, values, strict=True)
        }  # fmt: skip
        if path.parent == ludb:
            yield path.stem, int(path.stem) % 2 == 1, beats, expert_fiducials(path, typical, fs)
        else:
            no_p = any(code in " ".join(record.comments) for code in _NO_P)
            yield path.stem, int(path.stem[-2:]) // 2 % 2 == 1, beats, simple_fiducials(beats, no_p=no_p)


def expert_fiducials(path: Path, typical: NDArray[np.int64], fs: float) -> BeatFiducials:
    """Second-earliest onsets and second-latest offsets of the experts' marks over the leads."""
    marks: dict[str, list[float]] = {}
    for lead in _NAMES:
        annotation = wfdb.rdann(str(path.with_suffix("")), lead)
        symbols, samples = list(annotation.symbol), annotation.sample
        for wave, symbol, low, high in (
            ("p", "p", -0.35, -0.05),
            ("qrs", "N", -0.1, 0.1),
            ("t", "t", 0.1, 0.55),
        ):
            for side, step in (("onset", -1), ("offset", 1)):
                times = [
                    (samples[i + step] - beat) / fs
                    for i, found in enumerate(symbols)
                    if found == symbol and 0 <= i + step < len(symbols) and symbols[i + step] in "()"
                    for beat in typical
                    if low < (samples[i] - beat) / fs < high
                ]
                if times:
                    marks.setdefault(f"{wave}_{side}_s", []).append(float(np.median(times)))
    told = {n: sorted(v)[1 if "onset" in n else -2] for n, v in marks.items() if len(v) >= 6}
    return BeatFiducials(Fiducials(**told))


def simple_fiducials(beats: dict[str, MedianBeat], *, no_p: bool) -> BeatFiducials:
    """Where the spatial velocity is above a tenth of its largest, and usual places of P and T."""
    rows, r, fs = np.array([b.values for b in beats.values()]), beats["I"].r_index, beats["I"].fs
    speed = np.sqrt((np.gradient(rows, axis=1) ** 2).sum(axis=0))
    width = round(0.012 * fs)
    speed = np.convolve(speed, np.ones(width) / width, "same")
    first, last = r - round(0.12 * fs), r + round(0.16 * fs)
    fast = np.flatnonzero(speed[first:last] > 0.1 * speed[first:last].max()) + first - r
    on, off = fast[0] / fs, fast[-1] / fs
    p = (None, None) if no_p else (max(on - 0.17, -0.39), on - 0.03)
    t_off = min(off + 0.3, 0.9 * (rows.shape[1] - r) / fs)
    return BeatFiducials(Fiducials(p[0], None, p[1], on, off, off + 0.06, None, t_off))


def fit(records: Sequence[SwapWaves]) -> dict[str, Any]:
    """The transforms by ridge regression, the weights by a conditional logit with each record left out
    once."""
    features = [
        _arrangements(record, fit_frontal([other for other in records if other is not record]))
        for record in records
    ]
    return {
        "frontal_from_chest": fit_frontal(records),
        "weights": fit_weights(np.array(features)),
        "chest_from_others": fit_chest(records),
    }


def _rows(record: SwapWaves) -> NDArray[np.float64]:
    """QRS and T of x, y and V1 to V6, of the same energy for every record."""
    parts = [np.vstack([record.frontal[w], record.chest[w]]) for w in ("qrs", "t") if w in record.frontal]
    rows = np.hstack(parts)
    return np.asarray(rows / np.linalg.norm(rows))


def _ridge(told: NDArray[np.float64], by: NDArray[np.float64]) -> NDArray[np.float64]:
    square = by @ by.T
    return np.asarray(
        told @ by.T @ np.linalg.inv(square + RIDGE * np.eye(len(by)) * np.trace(square) / len(by))
    )


def fit_frontal(records: Sequence[SwapWaves]) -> NDArray[np.float64]:
    rows = np.hstack([_rows(record) for record in records])
    return _ridge(rows[:2], rows[2:])


def fit_chest(records: Sequence[SwapWaves]) -> NDArray[np.float64]:
    rows = np.hstack([_rows(record) for record in records])
    found = np.zeros((6, 8))
    for k in range(6):
        others = [i for i in range(8) if i != 2 + k]
        found[k, others] = _ridge(rows[2 + k : 3 + k], rows[others])
    return found


def _arrangements(record: SwapWaves, transform: NDArray[np.float64]) -> NDArray[np.float64]:
    swapped = [swap_limb(record, swap) for swap in LIMB_SWAPS]
    return np.array([limb_features(each, transform) for each in (record, *swapped)])


def fit_weights(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of the arrangements (second axis) the first is the true one."""

    def cost(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = features @ weights
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances = odds / odds.sum(axis=1, keepdims=True)
        slope = (chances[..., None] * features).sum(axis=1) - features[:, 0]
        return (
            float(-np.log(chances[:, 0]).mean() + L2 * weights @ weights),
            slope.mean(axis=0) + 2 * L2 * weights,
        )

    return np.asarray(minimize(cost, np.zeros(features.shape[2]), jac=True, method="L-BFGS-B").x)


def swap_limb(record: SwapWaves, swap: str) -> SwapWaves:
    return SwapWaves({wave: rearranged(v, swap) for wave, v in record.frontal.items()}, record.chest)


def swap_chest(record: SwapWaves, order: Sequence[int]) -> SwapWaves:
    return SwapWaves(record.frontal, {wave: v[list(order)] for wave, v in record.chest.items()})


def test(records: Sequence[SwapWaves], parameters: dict[str, Any], on: str) -> dict[str, dict[str, Any]]:
    """Sensitivity (the swap that was made comes first) and specificity (it is not suspected)."""
    found: dict[str, dict[str, Any]] = {}
    plain = [_first(limb_scores(record, parameters)) for record in records]
    for swap in LIMB_SWAPS:
        hits = [_first(limb_scores(swap_limb(record, swap), parameters)) == swap for record in records]
        found[swap] = _row(hits, [first == swap for first in plain], on)
    plain_chest = [_first_chest(chest_scores(record, parameters)) for record in records]
    for first, second in _PAIRS:
        order = list(range(6))
        a, b = CHEST.index(first), CHEST.index(second)
        order[a], order[b] = b, a
        name = f"{first}/{second}"
        hits = [_first_chest(chest_scores(swap_chest(r, order), parameters)) == name for r in records]
        found[name] = _row(hits, [each == name for each in plain_chest], on)
    name = "V1 to V6 reversed"
    hits = [_first_chest(chest_scores(swap_chest(r, range(5, -1, -1)), parameters)) == name for r in records]
    found[name] = _row(hits, [each == name for each in plain_chest], on)
    found["any limb"] = _row([], [first != "" for first in plain], on)
    found["any chest"] = _row([], [first != "" for first in plain_chest], on)
    return found


def test_right_leg(
    records: Sequence[tuple[dict[str, MedianBeat], BeatFiducials]],
) -> dict[str, dict[str, Any]]:
    """The flat lead needs no fitting: tested on all records."""
    found = {}
    on = f"{len(records)} records of LUDB and Challenge 2021, simulated"
    plain = [_leg(beats, fiducials) for beats, fiducials in records]
    for swap, make in (
        ("RA/RL", ("II", "III")),
        ("LA/RL", ("III", "II")),
        ("both arms with both legs", ("I", "II")),
    ):
        flat, kept = make
        hits = []
        for beats, fiducials in records:
            made = {lead: _scaled(beats[lead], 1.0) for lead in beats}
            made[flat] = _scaled(beats[flat], 0.03)
            third = ({"I", "II", "III"} - {flat, kept}).pop()
            made[third] = _scaled(beats[kept], -1.0 if flat == "II" else 1.0)
            hits.append(swap in _leg(made, fiducials))
        found[swap] = _row(hits, [swap in each for each in plain], on)
    return found


def _leg(beats: dict[str, MedianBeat], fiducials: BeatFiducials) -> str:
    return next(m.reason for m in suspected_swaps(beats, fiducials) if m.name == "right_leg_swap")


def _scaled(beat: MedianBeat, factor: float) -> MedianBeat:
    return MedianBeat(beat.values * factor, beat.fs, beat.number_of_beats, beat.number_left_out, beat.r_index)


def _first(scores: dict[str, float]) -> str:
    above = {swap: score - THRESHOLDS.get(swap, THRESHOLD) for swap, score in scores.items()}
    swap = max(above, key=lambda name: above[name])
    return swap if above[swap] > 0 else ""


def _first_chest(scores: dict[str, float]) -> str:
    swap = max(scores, key=lambda name: scores[name])
    return swap if scores[swap] > CHEST_THRESHOLD else ""


def _row(hits: list[bool], false_alarms: list[bool], on: str) -> dict[str, Any]:
    row: dict[str, Any] = {"specificity": round(100 * (1 - float(np.mean(false_alarms))), 1), "on": on}
    return {"sensitivity": round(100 * float(np.mean(hits)), 1), **row} if hits else row


def main(ludb: Path, challenge: Path) -> None:
    fitted, tested, everything = [], [], []
    for name, is_fitted, beats, fiducials in read_records(ludb, challenge):
        everything.append((beats, fiducials))
        waves = swap_waves(beats, fiducials.overall)
        if isinstance(waves, str):
            print(name, "left out:", waves)
        else:
            (fitted if is_fitted else tested).append(waves)
    on = f"{len(tested)} even records of LUDB and Challenge 2021, simulated, fitted on the odd ones"
    parameters = fit([*fitted, *tested])
    content = {name: np.round(values, 5).tolist() for name, values in parameters.items()}
    content["tested"] = test(tested, fit(fitted), on)
    _OUT.write_text(json.dumps(content, indent=1))
    content["tested"] |= test_right_leg(everything)
    _OUT.write_text(json.dumps(content, indent=1) + "\n")
    for name, row in content["tested"].items():
        print(f"{name:26} Se {row.get('sensitivity', '-'):>5} Sp {row['specificity']:>5}  {row['on']}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

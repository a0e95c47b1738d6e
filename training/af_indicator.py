"""Fit the weights of ``ecg_core/signal/af_indicator.json`` (and of its two halves, for the benchmark).

    python -m training.af_indicator FOLDER

FOLDER holds ``mitdb``, ``cpsc2021`` and ``ludb``: MIT-BIH Arrhythmia Database (Moody and Mark 2001,
doi:10.13026/C2F305, ODC-By 1.0), CPSC 2021 (Wang et al. 2021, doi:10.13026/ksya-qw89, CC-BY 4.0), Lobachevsky
University Database (Kalyakulina et al. 2020, doi:10.13026/eegm-h675, ODC-By 1.0). Windows with flutter are
not used. Ridge-penalised logistic regression; both classes weigh the same, a record by the square root of
its windows.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import wfdb

from benchmarks.accuracy.af import HALVES, AfRecord, beat_labels, read_records, window_truth
from ecg_core.signal import af_indicator
from ecg_core.signal.af_features import FEATURES, RR_FEATURES
from ecg_core.signal.atrial_segments import atrial_segments, preferred_leads

SHIPPED = Path(af_indicator.__file__).with_name("af_indicator.json")
_PENALTY = 1.0
_WINDOWS = 400.0  # as many independent ones as the weights of all windows are worth


def read_ludb(folder: Path) -> Iterator[AfRecord]:
    """Ten seconds in one rhythm each; the beats are the QRS marks of lead II."""
    with (folder / "ludb.csv").open(newline="", encoding="utf-8") as file:
        rhythms = {row["ID"].strip(): row["Rhythms"].lower() for row in csv.DictReader(file)}
    for header in sorted(folder.glob("*.hea")):
        record, marks = (
            wfdb.rdrecord(str(header.with_suffix(""))),
            wfdb.rdann(str(header.with_suffix("")), "ii"),
        )
        beats_s = np.asarray(marks.sample)[np.asarray(marks.symbol) == "N"] / record.fs
        rhythm = rhythms[header.stem]
        label = "(AFIB" if "fibril" in rhythm else "(AFL" if "flutter" in rhythm else "(N"
        yield AfRecord(
            "ludb", header.stem, float(record.fs), tuple(record.sig_name), record.p_signal.T,
            beats_s, np.ones(len(beats_s), bool), [(0.0, 11.0, label)],
        )  # fmt: skip


def examples(record: AfRecord) -> tuple[np.ndarray, np.ndarray]:
    """Features and truth of the windows, with the kinds of beats known and not known."""
    width = min(af_indicator.WINDOW_BEATS, len(record.beats_s))
    first = np.arange(0, len(record.beats_s) - width + 1, max(width // 2, 1))
    index = first[:, None] + np.arange(width)
    truth = window_truth(beat_labels(record.beats_s, record.rhythm)[index])
    segments = atrial_segments(record.values[preferred_leads(record.leads)], record.fs, record.beats_s)
    kinds = (record.usual, np.ones_like(record.usual))
    each = [af_indicator.window_features(index, record.beats_s, usual, segments) for usual in kinds]
    return np.concatenate(each), np.tile(truth, 2)


def fit(records: list[tuple[np.ndarray, np.ndarray]], columns: int) -> dict[str, object]:
    """Newton's method on the penalised likelihood."""
    parts = [
        (features[truth == kind, :columns], float(kind))
        for features, truth in records
        for kind in (0, 1)
        if (truth == kind).any()
    ]
    x = np.concatenate([features for features, _ in parts])
    y = np.concatenate([np.full(len(features), kind) for features, kind in parts])
    weight = np.concatenate([np.full(len(features), len(features) ** -0.5) for features, _ in parts])
    for kind in (0, 1):
        weight[y == kind] *= 0.5 * _WINDOWS / weight[y == kind].sum()
    mean = np.average(x, axis=0, weights=weight)
    sd = np.sqrt(np.average((x - mean) ** 2, axis=0, weights=weight)) + 1e-9
    z = np.c_[np.ones(len(x)), np.clip((x - mean) / sd, -4, 4)]
    penalty = _PENALTY * np.r_[0.0, np.ones(columns)]
    b = np.zeros(columns + 1)
    for _ in range(50):
        p = 1 / (1 + np.exp(-z @ b))
        hessian = (z * (weight * p * (1 - p))[:, None]).T @ z + np.diag(penalty)
        b -= np.linalg.solve(hessian, z.T @ (weight * (p - y)) + penalty * b)
    return {
        "features": list(FEATURES[:columns]),
        "mean": np.round(mean, 5).tolist(),
        "sd": np.round(sd, 5).tolist(),
        "intercept": round(float(b[0]), 4),
        "weights": np.round(b[1:], 4).tolist(),
    }


def fit_both(records: list[tuple[np.ndarray, np.ndarray]]) -> dict[str, dict[str, object]]:
    return {"rr": fit(records, len(RR_FEATURES)), "rr_and_p": fit(records, len(FEATURES))}


def main(folder: Path) -> None:
    records = [
        *read_records(folder / "mitdb"),
        *read_records(folder / "cpsc2021"),
        *read_ludb(folder / "ludb"),
    ]
    made = [
        (record.is_odd, examples(record))
        for record in records
        if len(record.beats_s) >= af_indicator.LEAST_BEATS
    ]
    about = " ".join((__doc__ or "").split("\n\n")[2].split())
    shipped = {"about": about, "models": fit_both([each for _, each in made])}
    halves = {"about": "Fitted to one half of the records each. " + about, "models": {}}
    for half, odd in (("odd", True), ("even", False)):
        of_half = fit_both([each for is_odd, each in made if is_odd == odd])
        halves["models"] |= {f"{half}:{name}": model for name, model in of_half.items()}
    for path, content in ((SHIPPED, shipped), (HALVES, halves)):
        path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

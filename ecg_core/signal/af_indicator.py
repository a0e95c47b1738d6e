"""An indicator of atrial fibrillation over windows of ten beats and more: RR irregularity and absent P.

It says what the intervals and the stretches before the QRS look like; it is no diagnosis. Flutter and other
rhythms with irregular conduction and no P wave look the same to it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Measurement
from ecg_core.signal.af_features import p_features, rr_features
from ecg_core.signal.atrial_segments import AtrialSegments

Models = dict[str, dict[str, NDArray[np.float64]]]

WINDOW_BEATS = 10
LEAST_BEATS = 6
_SHIPPED = Path(__file__).with_name("af_indicator.json")
_BURDEN_FROM_S = 60.0
_CHUNK = 2048  # windows at a time: bounds the memory of a day
_P_WEIGHT = 4.0  # logits between P before every beat and before none: chosen, not fitted
METHOD = (
    "logistic regression on RR irregularity (ectopic beats bridged) and on how alike the stretch 280-60 ms "
    "before the QRS is from beat to beat, windows of 10 beats, evidence averaged over longer spans"
)


@dataclass(frozen=True, eq=False)
class AfWindows:
    """Evidence for atrial fibrillation, window by window.

    Attributes
    ----------
    first : ndarray of int64, shape (windows,)
        Index of the first beat of each.
    beats : int
        In each window.
    logit : ndarray, shape (windows,)
        Logarithm of the odds; above 0 is "as in atrial fibrillation".
    with_p : bool
        Whether the stretches before the QRS were looked at, or RR alone.
    """

    first: NDArray[np.int64]
    beats: int
    logit: NDArray[np.float64]
    with_p: bool

    def beat_logits(self, count: int) -> NDArray[np.float64]:
        """For each of the ``count`` beats the mean over the windows that hold it; NaN in none."""
        ends = np.zeros((2, count + 1))
        for row, weights in enumerate((self.logit, np.ones(len(self.logit)))):
            np.add.at(ends[row], self.first, weights)
            np.subtract.at(ends[row], np.minimum(self.first + self.beats, count), weights)
        total, windows = np.cumsum(ends, axis=1)[:, :count]
        return np.where(windows > 0.5, total / np.maximum(windows, 1), np.nan)


def af_windows(
    beats_s: NDArray[np.float64],
    *,
    segments: AtrialSegments | None = None,
    usual: NDArray[np.bool_] | None = None,
    p_present: NDArray[np.float64] | None = None,
    unbroken: NDArray[np.bool_] | None = None,
    step: int = WINDOW_BEATS // 2,
    models: Models | None = None,
) -> AfWindows:
    """Weigh each window of ten beats.

    Parameters
    ----------
    beats_s : ndarray, shape (beats,)
        R peaks in s, increasing.
    segments : AtrialSegments, optional
        Of the same beats; without it RR alone decides, which is worse (``benchmarks/accuracy/af.py``).
    usual : ndarray of bool, optional
        False for ventricular, fusion and paced beats. RR is bridged over them.
    p_present : ndarray, optional
        Evidence of a P wave before each beat from the delineation, 0 to 1, NaN for unknown.
    unbroken : ndarray of bool, shape (beats - 1,), optional
        False for an RR interval over a gap or a lead-off spell: no window holds one.
    step : int
        Beats from window to window.
    models : optional
        Others than the shipped weights: those of one half of the records, for an honest benchmark.

    Returns
    -------
    AfWindows
        Of all the beats at once where there are 6 to 9; of none below 6.
    """
    count = len(beats_s)
    width = min(WINDOW_BEATS, count)
    if width < LEAST_BEATS:
        return AfWindows(np.empty(0, np.int64), WINDOW_BEATS, np.empty(0), segments is not None)
    first = _firsts(count, width, step)
    if unbroken is not None:
        broken = np.r_[0, np.cumsum(~unbroken)]
        first = first[broken[first + width - 1] == broken[first]]
    kept = np.ones(count, bool) if usual is None else usual
    chunks = [first[at : at + _CHUNK, None] + np.arange(width) for at in range(0, len(first), _CHUNK)]
    model = (models or read_models())["rr" if segments is None else "rr_and_p"]
    logits = [_logits(index, beats_s, kept, segments, model) + _p_shift(index, p_present) for index in chunks]
    return AfWindows(first, width, np.concatenate(logits) if logits else np.empty(0), segments is not None)


def af_measurements(
    beats_s: NDArray[np.float64], windows: AfWindows, *, leads: tuple[str, ...] = (), accuracy: str = ""
) -> tuple[Measurement, ...]:
    """`af_indicator` (1 as in atrial fibrillation, 0 not) and `af_burden`: the share of time in %.

    Below a minute the indicator is 1 where at least half of the time is as in fibrillation, and the burden
    is withheld; from a minute on, where at least one stretch of 30 s is. ``accuracy`` is printed with it,
    e.g. its sensitivity and specificity.
    """
    if not len(windows.first):
        reason = f"fewer than {LEAST_BEATS} beats in a row without a gap"
        return tuple(
            Measurement(name, None, unit, "withheld", reason, METHOD, leads, len(beats_s))
            for name, unit in (("af_indicator", "1"), ("af_burden", "%"))
        )
    told = "; ".join(filter(None, [*_caveats(windows), accuracy]))
    burden, covered_s = _burden(beats_s, windows.beat_logits(len(beats_s)))
    long = covered_s >= _BURDEN_FROM_S
    indicated = bool(af_episodes(beats_s, windows)) if long else burden >= 50.0
    of_burden = (burden, "measured", told) if long else (None, "withheld", "shorter than 1 min")
    return tuple(
        Measurement(name, value, unit, status, reason, METHOD, leads, len(beats_s))
        for name, unit, (value, status, reason) in (
            ("af_indicator", "1", (float(indicated), "measured", told)),
            ("af_burden", "%", of_burden),
        )
    )


def _caveats(windows: AfWindows) -> list[str]:
    told = [] if windows.with_p else ["RR alone: no lead could be looked at for P"]
    if windows.beats < WINDOW_BEATS:
        told.append(f"{windows.beats} beats: its accuracy is known from {WINDOW_BEATS} beats on")
    return told


def af_episodes(
    beats_s: NDArray[np.float64], windows: AfWindows, *, least_s: float = 30.0
) -> list[tuple[float, float]]:
    """Begin and end in s of stretches as in fibrillation of 30 s or more (ESC, Eur Heart J 2021;42:373)."""
    above = np.nan_to_num(windows.beat_logits(len(beats_s)), nan=-1.0) > 0
    edges = np.diff(np.r_[0, above.astype(np.int8), 0])
    begins, ends = beats_s[np.flatnonzero(edges == 1)], beats_s[np.flatnonzero(edges == -1) - 1]
    return [(float(a), float(b)) for a, b in zip(begins, ends, strict=True) if b - a >= least_s]


def _firsts(count: int, width: int, step: int) -> NDArray[np.int64]:
    """A last window that ends with the last beat is added."""
    return np.unique(np.r_[np.arange(0, count - width + 1, step), count - width]).astype(np.int64)


def _burden(beats_s: NDArray[np.float64], logits: NDArray[np.float64]) -> tuple[float, float]:
    """Share of time in % in which a beat and the next are above 0, and the time that was weighed."""
    seconds = np.diff(beats_s)
    both = (logits[1:] + logits[:-1]) / 2
    known = np.isfinite(both)
    total = float(seconds[known].sum())
    return (100.0 * float(seconds[known & (both > 0)].sum()) / total if total else 0.0), total


def _logits(
    index: NDArray[np.int64],
    beats_s: NDArray[np.float64],
    usual: NDArray[np.bool_],
    segments: AtrialSegments | None,
    model: dict[str, NDArray[np.float64]],
) -> NDArray[np.float64]:
    features = window_features(index, beats_s, usual, segments)
    scaled = np.clip((features - model["mean"]) / model["sd"], -4, 4)
    return np.asarray(model["intercept"] + scaled @ model["weights"])


def window_features(
    index: NDArray[np.int64],
    beats_s: NDArray[np.float64],
    usual: NDArray[np.bool_],
    segments: AtrialSegments | None,
) -> NDArray[np.float64]:
    """The columns of the model for windows given as beat indices, shape (windows, beats)."""
    of_rr = rr_features(beats_s[index], usual[index])
    if segments is None:
        return of_rr
    before = np.moveaxis(segments.before[:, index], 0, 1).astype(np.float64)
    qrs = np.moveaxis(segments.qrs[:, index], 0, 1).astype(np.float64)
    return np.concatenate([of_rr, p_features(before, qrs, usual[index])], axis=1)


def _p_shift(index: NDArray[np.int64], p_present: NDArray[np.float64] | None) -> NDArray[np.float64] | float:
    if p_present is None:
        return 0.0
    evidence = p_present[index]
    known = np.isfinite(evidence)
    share = np.where(known, evidence, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return np.asarray(np.where(known.sum(axis=1) >= index.shape[1] / 2, _P_WEIGHT * (0.5 - share), 0.0))


@lru_cache(maxsize=8)
def read_models(path: Path = _SHIPPED) -> Models:
    """Weights as ``training/af_indicator.py`` fitted them; the file names the databases."""
    return {
        str(name): {key: np.asarray(value, np.float64) for key, value in model.items() if key != "features"}
        for name, model in json.loads(path.read_text(encoding="utf-8"))["models"].items()
    }

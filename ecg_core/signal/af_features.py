"""What tells atrial fibrillation in a window of beats: RR without a pattern, and no P before the QRS."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from ecg_core.signal.atrial_segments import AtrialSegments

Array = NDArray[np.float64]

RR_FEATURES = ("rr_step", "rr_pattern", "rr_deviation", "rr_spread", "rr_spacing")
P_FEATURES = ("p_alike", "p_alike_least", "p_height", "p_wave", "p_steady", "p_steady_least")
FEATURES = RR_FEATURES + P_FEATURES

_LEAST_USUAL = 5  # with fewer beats of the usual shape in a window, all beats count
_P_SD_S = 0.022  # of the bell that stands for a P wave


def rr_features(beats_s: Array, usual: NDArray[np.bool_]) -> Array:
    """Irregularity of RR in logarithms, robust to ectopic beats.

    Beats of unusual shape are taken out, and the interval that bridges them is divided by the number of
    intervals in it: with a full compensatory pause it is again the sinus interval. ``rr_pattern`` compares
    each interval with the one 1, 2, 3 and 4 before and takes the lag that explains most, so that bigeminy,
    trigeminy and blocks with a fixed pattern count as regular.

    Parameters
    ----------
    beats_s : ndarray, shape (windows, beats)
    usual : ndarray of bool, same shape

    Returns
    -------
    ndarray, shape (windows, 5)
        In the order of `RR_FEATURES`.
    """
    intervals = _log_intervals(beats_s, usual)
    steps = [_quantile(np.abs(intervals[:, lag:] - intervals[:, :-lag]), 0.5) for lag in (1, 2, 3, 4)]
    from_middle = np.abs(intervals - _nan_median(intervals, axis=1)[:, None])
    spacing = _quantile(np.diff(np.sort(intervals, axis=1), axis=1), 0.5)
    parts = [
        steps[0],
        np.min(steps, axis=0),
        _quantile(from_middle, 0.5),
        _quantile(from_middle, 0.8),
        spacing,
    ]
    return np.log(np.stack(parts, axis=1) + 0.005)


def p_features(before: Array, qrs: Array, usual: NDArray[np.bool_]) -> Array:
    """Whether the stretch before the QRS repeats from beat to beat and looks like a P wave.

    Parameters
    ----------
    before : ndarray, shape (windows, leads, beats, samples)
        As in `AtrialSegments`.
    qrs : ndarray, shape (windows, leads, beats)
    usual : ndarray of bool, shape (windows, beats)

    Returns
    -------
    ndarray, shape (windows, 6)
        In the order of `P_FEATURES`; of the leads the best, and where named so the least.
    """
    height = np.median(qrs, axis=-1)
    alike = np.sort(_likeness(before), axis=-1)[..., before.shape[2] // 3 :].mean(axis=-1)
    middle, noise = _middle(before, usual)
    height_to_noise = np.log(np.ptp(middle, axis=-1) / (noise + 1e-6 * height + 1e-12) + 0.01)
    bells = _bells(before.shape[-1])
    shape = np.abs(_unit(middle) @ bells.T).max(axis=-1)
    steady = np.log(_steadiness(before @ bells.T, height) + 0.1)
    parts = [alike.max(1), alike.min(1), height_to_noise.max(1), shape.max(1), steady.max(1), steady.min(1)]
    return np.stack(parts, axis=1)


def _log_intervals(beats_s: Array, usual: NDArray[np.bool_]) -> Array:
    """Logarithms of the intervals between usual beats, packed to the left; NaN beyond the last."""
    usual = usual | (usual.sum(axis=1) < _LEAST_USUAL)[:, None]
    order = np.argsort(~usual, axis=1, kind="stable")
    seconds = np.diff(np.take_along_axis(beats_s, order, axis=1), axis=1)
    count = np.diff(order, axis=1)
    beyond = np.arange(seconds.shape[1])[None] >= usual.sum(axis=1)[:, None] - 1
    seconds = np.where(beyond, np.nan, np.maximum(seconds, 1e-3))
    return np.asarray(np.log(seconds / np.where(beyond, 1, count)))


def _likeness(before: Array) -> Array:
    """Median correlation of each beat's stretch with the others', shape (windows, leads, beats)."""
    unit = _unit(before)
    correlations = unit @ np.swapaxes(unit, -1, -2)
    beats = before.shape[2]
    others = ~np.eye(beats, dtype=bool)
    off = correlations[..., others].reshape(*correlations.shape[:-1], beats - 1)
    return np.asarray(np.median(off, axis=-1))


def _middle(before: Array, usual: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Median stretch of the usual beats, and the median deviation from it."""
    usual = usual | ~usual.any(axis=1, keepdims=True)
    kept = np.where(usual[:, None, :, None], before, np.nan)
    middle = _nan_median(kept, axis=2)
    return middle, _nan_median(np.abs(kept - middle[:, :, None]), axis=(2, 3))


def _steadiness(projected: Array, height: Array) -> Array:
    """Median height of the bell at its best place over its spread over beats, shape (windows, leads)."""
    middle = np.median(projected, axis=2)
    spread = 1.4826 * np.median(np.abs(projected - middle[:, :, None]), axis=2)
    return np.asarray((np.abs(middle) / (spread + 0.01 * height[..., None] + 1e-12)).max(axis=-1))


def _bells(samples: int) -> Array:
    """Bells of a P wave's width every 10 ms, without mean and slope, of length 1."""
    at = np.arange(samples) * AtrialSegments.step_s()
    centres = np.arange(0.04, at[-1] - 0.03, 0.01)
    bells = np.exp(-0.5 * ((at - centres[:, None]) / _P_SD_S) ** 2)
    slope = np.linspace(-1, 1, samples)
    level = bells - bells.mean(axis=1, keepdims=True)
    return _unit(level - (level @ slope)[:, None] * slope / (slope @ slope))


def _unit(rows: Array) -> Array:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9))


def _quantile(values: Array, share: float) -> Array:
    """Along the second axis without NaN (0 for none): sorted once, then interpolated."""
    ordered = np.sort(values, axis=1)
    count = np.isfinite(values).sum(axis=1)
    at = np.maximum(count - 1, 0) * share
    low = np.floor(at).astype(np.int64)
    high = np.minimum(low + 1, np.maximum(count - 1, 0))
    rows = np.arange(len(values))
    return np.asarray(
        np.nan_to_num(ordered[rows, low] + (at - low) * (ordered[rows, high] - ordered[rows, low]))
    )


def _nan_median(values: Array, axis: int | tuple[int, ...]) -> Array:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a window without values gives NaN
        return np.asarray(np.nanmedian(values, axis=axis))

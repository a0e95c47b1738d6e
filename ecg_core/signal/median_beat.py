"""The median beat: what the beats of a lead have in common, with less noise than any one of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BEFORE_S, AFTER_S = 0.35, 0.55
#: Fewer beats of one shape than this have no median worth the name.
FEWEST_BEATS = 3
SAME_SHAPE = 0.9
_QRS_S, _SHIFT_S, _STEP_S = 0.12, 0.03, 0.001
_SHARE_OF_RR = 0.9
_MOST_COMPARED = 400


@dataclass(frozen=True, eq=False)
class MedianBeat:
    """The pointwise median of the beats of one lead.

    Attributes
    ----------
    values : ndarray of float64, shape (n,)
        In the unit of the signal, on the level that the beats have in the middle; NaN where most of the
        beats have no sample. Empty where fewer than three beats could be used.
    fs : float
        Sampling frequency in Hz.
    number_of_beats, number_left_out : int
        Beats in the median, and those not: of another shape, cut by an edge of the signal or by a gap.
    r_index : int
        Index in ``values`` at which the beats are aligned (their R peaks).
    """

    values: NDArray[np.float64]
    fs: float
    number_of_beats: int
    number_left_out: int
    r_index: int


def median_beat(
    values: NDArray[np.float64],
    beats: NDArray[np.int64],
    fs: float,
    *,
    before_s: float = BEFORE_S,
    after_s: float = AFTER_S,
) -> MedianBeat:
    """Align the beats of a lead, leave out those of another shape, and take the median at each sample.

    This is the representative complex of the AHA/ACCF/HRS recommendations (Kligfield et al., Circulation
    2007;115:1306, "Signal processing": template formation): beats of the dominant shape, aligned by
    cross-correlation, then the median.

    Parameters
    ----------
    values : ndarray, shape (n,)
        One lead; NaN is a missing sample.
    beats : ndarray of int64
        R peaks as sample indices, from `ecg_core.signal.beats.find_beats`.
    fs : float
        Sampling frequency in Hz.
    before_s, after_s : float
        How far the median reaches before and after R; each at most 0.9 of the RR interval that three in
        four exceed, so that no neighbouring R peak is in it.

    Returns
    -------
    MedianBeat
    """
    typical = find_typical_beats(values, beats, fs)
    return median_of_beats(values, typical, fs, number_found=len(beats), short_rr_s=short_rr_s(beats, fs),
                           before_s=before_s, after_s=after_s)  # fmt: skip


def median_rr_s(beats: NDArray[np.int64], fs: float) -> float | None:
    """Median RR interval in s; None where there are fewer than two beats."""
    return float(np.median(np.diff(beats))) / fs if len(beats) > 1 else None


def short_rr_s(beats: NDArray[np.int64], fs: float) -> float | None:
    """The RR interval, in s, that three in four exceed; None where there are fewer than two beats."""
    return float(np.percentile(np.diff(beats), 25)) / fs if len(beats) > 1 else None


def find_typical_beats(values: NDArray[np.float64], beats: NDArray[np.int64], fs: float) -> NDArray[np.int64]:
    """The beats of the most frequent shape of QRS, each moved by up to 30 ms to where it correlates best.

    The first template is the median of the beats that look like the one that most others look like, so that
    in bigeminy it is not a mixture. A beat that correlates with it by less than 0.9 is left out.

    Parameters
    ----------
    values : ndarray, shape (n,)
    beats : ndarray of int64
        R peaks as sample indices.
    fs : float
        Sampling frequency in Hz.

    Returns
    -------
    ndarray of int64
        Sample indices, not more than ``beats``.
    """
    reach, shift = max(round(_QRS_S * fs), 2), max(round(_SHIFT_S * fs), 1)
    around = reach + shift
    inside = beats[(beats >= around) & (beats < len(values) - around)]
    whole = _cut(values, inside, around, around)
    present = np.isfinite(whole).all(axis=1)
    inside, whole = inside[present], whole[present]
    if not len(inside):
        return inside
    template = _first_template(whole[:, shift : shift + 2 * reach + 1])
    shifts, correlations = _best_shifts(whole, template, shift, max(round(_STEP_S * fs), 1))
    return np.asarray((inside + shifts)[correlations >= SAME_SHAPE], np.int64)


def median_of_beats(
    values: NDArray[np.float64],
    typical: NDArray[np.int64],
    fs: float,
    *,
    number_found: int,
    short_rr_s: float | None = None,
    before_s: float = BEFORE_S,
    after_s: float = AFTER_S,
) -> MedianBeat:
    """The median of beats that are aligned already, perhaps on another lead; parameters as `median_beat`.

    Each beat is first moved to the level of the others, so that the wandering of the baseline does not
    mix them.
    """
    before, after = (max(round(_reach_s(s, short_rr_s) * fs), 1) for s in (before_s, after_s))
    inside = typical[(typical >= before) & (typical < len(values) - after)]
    cut = _cut(values, inside, before, after)
    cut = cut[np.isfinite(cut).mean(axis=1) > 0.5]
    if len(cut) < FEWEST_BEATS:
        return MedianBeat(np.empty(0), fs, len(cut), number_found - len(cut), before)
    median = np.median if np.isfinite(cut).all() else np.nanmedian  # several times as slow
    levels = median(cut, axis=1, keepdims=True)
    middle = _median_where_most_are(cut - levels + np.median(levels))
    return MedianBeat(middle, fs, len(cut), number_found - len(cut), before)


def _reach_s(wanted_s: float, rr_s: float | None) -> float:
    return wanted_s if rr_s is None else min(wanted_s, _SHARE_OF_RR * rr_s)


def _cut(
    values: NDArray[np.float64], beats: NDArray[np.int64], before: int, after: int
) -> NDArray[np.float64]:
    """One beat a row."""
    return np.asarray(values[beats[:, None] + np.arange(-before, after + 1)])


def _median_where_most_are(cut: NDArray[np.float64]) -> NDArray[np.float64]:
    present = np.isfinite(cut)
    if present.all():
        return np.asarray(np.median(cut, axis=0))
    enough = present.mean(axis=0) > 0.5
    middle = np.full(cut.shape[1], np.nan)
    middle[enough] = np.nanmedian(cut[:, enough], axis=0)
    return middle


def _normalized(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows of mean zero and length one, whose products are correlations; a flat row has none."""
    centred = rows - rows.mean(axis=-1, keepdims=True)
    length = np.linalg.norm(centred, axis=-1, keepdims=True)
    return np.asarray(np.divide(centred, length, out=np.zeros_like(centred), where=length > 0))


def _first_template(qrs: NDArray[np.float64]) -> NDArray[np.float64]:
    """The median of the beats that are like the one that most are like."""
    some = qrs[:: -(-len(qrs) // _MOST_COMPARED)]
    unit = _normalized(some)
    alike = unit @ unit.T >= SAME_SHAPE
    return np.asarray(np.median(some[alike[alike.sum(axis=1).argmax()]], axis=0)) if alike.any() else some[0]


def _best_shifts(
    whole: NDArray[np.float64], template: NDArray[np.float64], shift: int, step: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """For each beat the shift, in samples, at which it correlates best with the template, and how well."""
    shifts = np.arange(-(shift // step) * step, shift + 1, step)
    unit = _normalized(template)
    found = np.stack([_normalized(whole[:, shift + s : shift + s + len(template)]) @ unit for s in shifts])
    best = found.argmax(axis=0)
    return shifts[best], found[best, np.arange(len(whole))]

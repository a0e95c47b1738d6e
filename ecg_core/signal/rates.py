"""Rate and rhythm in numbers: mean, lowest and highest rate, regularity of RR, pauses, ectopic beats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from ecg_core.domain import Measurement

#: Kinds that are ectopic or not the heart's own, as `ecg_core` names them.
ECTOPIC_KINDS = ("supraventricular", "ventricular")
PAUSE_MS = 2000.0
#: Of the mean rate; beyond it is withheld.
RANGE_BPM = (20.0, 300.0)
_WINDOW_BEATS = 4
_REGULAR_PERCENT, _IRREGULAR_PERCENT = 5.0, 10.0
_MEAN = "60 over the mean RR interval, gaps left out"
_EXTREME = f"over {_WINDOW_BEATS} successive RR intervals without a gap"


def rate_measurements(
    beats_s: NDArray[np.float64],
    *,
    unbroken: NDArray[np.bool_] | None = None,
    kinds: Sequence[str] | None = None,
    leads: tuple[str, ...] = (),
) -> tuple[Measurement, ...]:
    """Rates and regularity.

    Parameters
    ----------
    beats_s : ndarray, shape (beats,)
        In s, increasing.
    unbroken : ndarray of bool, shape (beats - 1,), optional
        False for intervals over a gap or a lead-off spell, or at a beat left out: they never count.
    kinds : sequence of str, optional
        Kind of each beat that counts, for the share of ectopic ones.
    leads : tuple of str
        That the beats come from.

    Returns
    -------
    tuple of Measurement
        ``heart_rate``, ``heart_rate_min``, ``heart_rate_max`` (bpm), ``rr_mean``, ``rr_longest`` (ms),
        ``rr_pauses`` (count above 2 s), ``rr_variability`` (%), ``ectopic_share`` (%).
    """
    whole = np.diff(beats_s) * 1000.0
    present = np.ones(len(whole), bool) if unbroken is None else unbroken
    rr_ms = whole[present]
    if not len(rr_ms):
        reason = "no RR interval without a gap: fewer than two beats in a row"
        none = [
            Measurement(name, None, unit, "withheld", reason, method, leads, len(beats_s))
            for name, unit, method in _NAMES
        ]
        return (*none, _ectopic(kinds, leads))
    count, mean_ms = int(np.count_nonzero(np.r_[present, False] | np.r_[False, present])), float(rr_ms.mean())
    rates = 60000.0 / rr_ms
    spread = _sd(rates)
    heart_rate = Measurement(
        "heart_rate", 60000.0 / mean_ms, "bpm", "measured", "", _MEAN, leads, count, spread
    )
    return (
        _within_range(heart_rate),
        *_extremes(whole, present, leads),
        Measurement("rr_mean", mean_ms, "ms", "measured", "", "mean", leads, count, _sd(rr_ms)),
        Measurement("rr_longest", float(rr_ms.max()), "ms", "measured", "", "gaps left out", leads, count),
        _pauses(rr_ms, count, leads),
        _variability(whole, present, leads),
        _ectopic(kinds, leads),
    )


def _within_range(rate: Measurement) -> Measurement:
    """Withheld where so few or so many beats are rather beats that were missed or false."""
    if rate.value is None or RANGE_BPM[0] <= rate.value <= RANGE_BPM[1]:
        return rate
    low, high = RANGE_BPM
    reason = f"{rate.value:.0f} bpm is beyond the {low:g} to {high:g} bpm in which beats are found"
    return replace(rate, value=None, spread=None, status="withheld", reason=reason)


def unbroken_intervals(
    beats_s: NDArray[np.float64],
    spells_s: Sequence[tuple[float, float]],
    *,
    usable: NDArray[np.bool_] | None = None,
) -> NDArray[np.bool_]:
    """Which RR intervals count.

    Parameters
    ----------
    beats_s : ndarray, shape (beats,)
        In s, increasing.
    spells_s : sequence of (float, float)
        Begin and end in s of what may hide a beat: no interval that holds a part of it counts.
    usable : ndarray of bool, shape (beats,), optional
        False for a beat left out: neither interval beside it counts.

    Returns
    -------
    ndarray of bool, shape (beats - 1,)
    """
    kept = np.ones(max(len(beats_s) - 1, 0), bool) if usable is None else usable[:-1] & usable[1:]
    for begin, end in spells_s:
        kept[(beats_s[:-1] < end) & (beats_s[1:] > begin)] = False
    return kept


def regularity(variability_percent: float) -> str:
    """In words: ``regular`` up to 5 %, ``slightly irregular`` up to 10 %, else ``irregular``."""
    if variability_percent <= _REGULAR_PERCENT:
        return "regular"
    return "slightly irregular" if variability_percent <= _IRREGULAR_PERCENT else "irregular"


_NAMES = (
    ("heart_rate", "bpm", _MEAN),
    ("heart_rate_min", "bpm", _EXTREME),
    ("heart_rate_max", "bpm", _EXTREME),
    ("rr_mean", "ms", "mean"),
    ("rr_longest", "ms", "gaps left out"),
    ("rr_pauses", "1", "RR intervals above 2 s"),
    ("rr_variability", "%", "root mean square of successive RR differences over mean RR"),
)


def _extremes(
    whole: NDArray[np.float64], present: NDArray[np.bool_], leads: tuple[str, ...]
) -> tuple[Measurement, ...]:
    """Of the moving mean over four intervals, so that one early beat is not the highest rate of a day."""
    names = ("heart_rate_min", "heart_rate_max")
    if len(whole) < _WINDOW_BEATS:
        reason = f"fewer than {_WINDOW_BEATS} RR intervals in a row"
        return tuple(Measurement(n, None, "bpm", "withheld", reason, _EXTREME, leads) for n in names)
    inside = slice(_WINDOW_BEATS // 2, len(whole) - (_WINDOW_BEATS - 1) // 2)
    means = uniform_filter1d(whole, _WINDOW_BEATS)[inside]
    runs = np.convolve(present.astype(np.int64), np.ones(_WINDOW_BEATS, np.int64), "valid") == _WINDOW_BEATS
    if not runs.any():
        return tuple(
            Measurement(
                n, None, "bpm", "withheld", "no four RR intervals in a row without a gap", _EXTREME, leads
            )
            for n in names
        )
    values = (60000.0 / float(means[runs].max()), 60000.0 / float(means[runs].min()))
    return tuple(
        Measurement(name, value, "bpm", "measured", "", _EXTREME, leads, _WINDOW_BEATS + 1)
        for name, value in zip(names, values, strict=True)
    )


def _pauses(rr_ms: NDArray[np.float64], count: int, leads: tuple[str, ...]) -> Measurement:
    above = float(np.count_nonzero(rr_ms > PAUSE_MS))
    return Measurement("rr_pauses", above, "1", "measured", "", "RR intervals above 2 s", leads, count)


def _variability(
    whole: NDArray[np.float64], present: NDArray[np.bool_], leads: tuple[str, ...]
) -> Measurement:
    method = _NAMES[-1][2]
    pairs = present[1:] & present[:-1]
    steps = np.diff(whole)[pairs]
    if not len(steps):
        reason = "fewer than two RR intervals in a row"
        return Measurement("rr_variability", None, "%", "withheld", reason, method, leads)
    value = 100.0 * float(np.sqrt(np.mean(steps**2)) / whole[present].mean())
    return Measurement(
        "rr_variability", value, "%", "measured", regularity(value), method, leads, len(steps) + 2
    )


def _ectopic(kinds: Sequence[str] | None, leads: tuple[str, ...]) -> Measurement:
    method = "early supraventricular and ventricular beats of all beats"
    if not kinds:
        return Measurement(
            "ectopic_share", None, "%", "withheld", "the kinds of the beats are not known", method, leads
        )
    share = 100.0 * sum(kind in ECTOPIC_KINDS for kind in kinds) / len(kinds)
    return Measurement("ectopic_share", share, "%", "measured", "", method, leads, len(kinds))


def _sd(values: NDArray[np.float64]) -> float | None:
    return float(values.std(ddof=1)) if len(values) > 1 else None

"""Heart-rate variability of NN intervals, each number with the least duration that it needs.

Definitions: Task Force of ESC and NASPE, Circulation 1996;93:1043.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Measurement
from ecg_core.signal.hrv_scaling import LONG_SCALES, SHORT_SCALES, dfa_exponent, sample_entropy
from ecg_core.signal.hrv_spectrum import BANDS_HZ, Spectrum, band_power, lomb_spectrum, welch_spectrum
from ecg_core.signal.nn_intervals import RULE, NnIntervals

_BIN_MS = 1000.0 / 128  # of the histogram: the Task Force's
_LEAST_SHARE = 80.0  # % of RR intervals that must be NN
HOUR_S = 3600.0


@dataclass(frozen=True)
class _Definition:
    name: str
    unit: str
    value: Callable[[NnIntervals], float]
    method: str
    least_s: float = 0.0
    least_beats: int = 2


def rmssd(nn: NnIntervals) -> float:
    """Root mean square of successive differences, in ms."""
    differences = nn.differences_ms
    return float(np.sqrt(np.mean(differences**2))) if len(differences) else float("nan")


def pnn(nn: NnIntervals, more_than_ms: float) -> float:
    """Successive differences above a limit, in % of the NN intervals."""
    return float(100.0 * np.count_nonzero(np.abs(nn.differences_ms) > more_than_ms) / len(nn.ms))


def triangular_index(nn: NnIntervals) -> float:
    """NN intervals over those in the highest bin of 1/128 s."""
    return float(len(nn.ms) / _histogram(nn)[1].max())


def tinn(nn: NnIntervals) -> float:
    """Base in ms of the triangle with the histogram's own peak that fits it best (least squares)."""
    edges, counts = _histogram(nn)
    peak = int(counts.argmax())
    left = _best_foot(counts[: peak + 1][::-1])
    right = _best_foot(counts[peak:])
    return float((left + right) * (edges[1] - edges[0]))


def poincare(nn: NnIntervals) -> tuple[float, float]:
    """SD1 and SD2 in ms: spread across and along the diagonal of each interval over the one before."""
    earlier, later = nn.ms[:-1][nn.follows[1:]], nn.ms[1:][nn.follows[1:]]
    return _sd((earlier - later) / np.sqrt(2)), _sd((earlier + later) / np.sqrt(2))


_TASK_FORCE = "Task Force 1996"
_TIME = (
    _Definition("hrv_mean_nn", "ms", lambda nn: float(nn.ms.mean()), f"mean of NN ({_TASK_FORCE})", 10.0, 5),
    _Definition("hrv_sdnn", "ms", lambda nn: _sd(nn.ms), f"standard deviation of NN ({_TASK_FORCE})", 300.0),
    _Definition(
        "hrv_rmssd", "ms", rmssd, f"root mean square of successive differences ({_TASK_FORCE})", 60.0
    ),
    _Definition(
        "hrv_sdsd",
        "ms",
        lambda nn: _sd(nn.differences_ms),
        f"SD of successive differences ({_TASK_FORCE})",
        60.0,
    ),
    _Definition(
        "hrv_pnn50", "%", lambda nn: pnn(nn, 50.0), f"successive differences > 50 ms ({_TASK_FORCE})", 60.0
    ),
    _Definition(
        "hrv_pnn20", "%", lambda nn: pnn(nn, 20.0), "successive differences > 20 ms (Mietus 2002)", 60.0
    ),
    _Definition("hrv_triangular_index", "1", triangular_index, f"bins of 1/128 s ({_TASK_FORCE})", 1200.0),
    _Definition("hrv_tinn", "ms", tinn, f"triangle fitted to bins of 1/128 s ({_TASK_FORCE})", 1200.0),
    _Definition("hrv_sd1", "ms", lambda nn: poincare(nn)[0], "Poincaré plot (Brennan 2001)", 60.0),
    _Definition("hrv_sd2", "ms", lambda nn: poincare(nn)[1], "Poincaré plot (Brennan 2001)", 300.0),
    _Definition("hrv_sd1_sd2", "1", lambda nn: _ratio(*poincare(nn)), "Poincaré plot (Brennan 2001)", 300.0),
    _Definition(
        "hrv_dfa_alpha1",
        "1",
        lambda nn: dfa_exponent(nn.ms, SHORT_SCALES),
        "DFA, 4-16 beats (Peng 1995)",
        0.0,
        128,
    ),
    _Definition(
        "hrv_dfa_alpha2",
        "1",
        lambda nn: dfa_exponent(nn.ms, LONG_SCALES),
        "DFA, 16-64 beats (Peng 1995)",
        0.0,
        256,
    ),
    _Definition(
        "hrv_sample_entropy",
        "1",
        lambda nn: sample_entropy(nn.ms),
        "m 2, r 0.2 SD (Richman and Moorman 2000), mean of segments of 500 beats where there are more",
        0.0,
        200,
    ),
)
#: Ten periods of the lowest frequency (Task Force): 1 min for HF, 2 min for LF; 5 min for the rest.
_LEAST_S = {"vlf": 300.0, "lf": 120.0, "hf": 60.0, "lf_hf": 120.0, "total": 300.0}
_SPECTRA: dict[str, tuple[Callable[[NnIntervals], Spectrum | None], str]] = {
    "": (welch_spectrum, "Welch, 4 Hz cubic spline, windows of 5 min, Hann"),
    "_lomb": (lomb_spectrum, "Lomb-Scargle, windows of 5 min"),
}


def hrv_measurements(nn: NnIntervals, *, not_sinus: str = "") -> tuple[Measurement, ...]:
    """All of them, measured or withheld with the reason.

    Parameters
    ----------
    nn : NnIntervals
    not_sinus : str
        Why the rhythm is not the sinus node's, e.g. ``"atrial fibrillation is indicated"``; all are then
        not applicable.
    """
    if not_sinus:
        return tuple(_none(name, unit, method, "not applicable", not_sinus) for name, unit, method in _all())
    if nn.share < _LEAST_SHARE:
        reason = (
            f"only {nn.share:.0f} % of the RR intervals are NN intervals; {_LEAST_SHARE:.0f} % are needed"
        )
        return tuple(_none(name, unit, method, "withheld", reason) for name, unit, method in _all())
    in_time = [_measure(definition, nn) for definition in _TIME]
    return (*in_time, *(part for suffix in _SPECTRA for part in _of_spectrum(suffix, nn)))


def hourly_hrv(
    nn: NnIntervals, duration_s: float, *, hour_s: float = HOUR_S, not_sinus: str = ""
) -> tuple[tuple[float, tuple[Measurement, ...]], ...]:
    """Begin in s and measurements of each full or begun hour of a recording of ``duration_s``.

    ``not_sinus`` is as of `hrv_measurements`.
    """
    begins = np.arange(0.0, max(duration_s, 1e-9), hour_s)
    return tuple(
        (
            float(begin),
            hrv_measurements(nn.between(begin, min(begin + hour_s, duration_s)), not_sinus=not_sinus),
        )
        for begin in begins
    )


def _measure(definition: _Definition, nn: NnIntervals) -> Measurement:
    name, unit, method = definition.name, definition.unit, f"{definition.method}; {RULE}"
    if reason := _too_short(nn, definition.least_s, definition.least_beats):
        return _none(name, unit, method, "withheld", reason)
    value = definition.value(nn)
    if not np.isfinite(value):
        return _none(name, unit, method, "withheld", "the intervals do not vary enough for it")
    spread = _sd(nn.ms) if name == "hrv_mean_nn" else None
    return Measurement(name, value, unit, method=method, beats_used=len(nn.ms), spread=spread)


def _of_spectrum(suffix: str, nn: NnIntervals) -> list[Measurement]:
    make, method = _SPECTRA[suffix]
    method = f"{method} ({_TASK_FORCE}); {RULE}"
    spectrum = None if _too_short(nn, _LEAST_S["hf"], 2) else make(nn)
    powers = {band: band_power(spectrum, edges) for band, edges in BANDS_HZ.items()} if spectrum else {}
    if powers:
        powers["lf_hf"] = _ratio(powers["lf"], powers["hf"])
    found = []
    for band, least_s in _LEAST_S.items():
        name, unit = f"hrv_{band}{suffix}", "1" if band == "lf_hf" else "ms²"
        reason = _too_short(nn, least_s, 2)
        if not reason and not np.isfinite(powers.get(band, float("nan"))):
            reason = "no window of it has NN intervals over nine tenths of its time"
        if reason:
            found.append(_none(name, unit, method, "withheld", reason))
        else:
            found.append(Measurement(name, powers[band], unit, method=method, beats_used=len(nn.ms)))
    return found


def _all() -> list[tuple[str, str, str]]:
    in_time = [(each.name, each.unit, f"{each.method}; {RULE}") for each in _TIME]
    spectral = [
        (f"hrv_{band}{suffix}", "1" if band == "lf_hf" else "ms²", f"{method} ({_TASK_FORCE}); {RULE}")
        for suffix, (_, method) in _SPECTRA.items()
        for band in _LEAST_S
    ]
    return in_time + spectral


def _none(name: str, unit: str, method: str, status: str, reason: str) -> Measurement:
    return Measurement(name, None, unit, status, reason, method)


def _too_short(nn: NnIntervals, least_s: float, least_beats: int) -> str:
    if len(nn.ms) < least_beats:
        return f"{len(nn.ms)} NN intervals; {least_beats} are needed"
    if _span_s(nn) < least_s or nn.duration_s < least_s * _LEAST_SHARE / 100.0:
        return f"NN intervals of {nn.duration_s:.0f} s; {least_s:.0f} s are needed"
    return ""


def _span_s(nn: NnIntervals) -> float:
    """From the first beat to the last, and a beat at each end, which is cut there."""
    return float(nn.end_s[-1] - nn.end_s[0]) + 3.0 * float(np.median(nn.ms)) / 1000.0


def _histogram(nn: NnIntervals) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    edges = np.arange(0.0, nn.ms.max() + 2 * _BIN_MS, _BIN_MS)
    return edges, np.histogram(nn.ms, bins=edges)[0]


def _best_foot(counts: NDArray[np.int64]) -> int:
    """Bins from the peak (the first) to where a line down to zero fits best."""
    at = np.arange(len(counts))
    feet = np.arange(1, len(counts) + 1)
    lines = counts[0] * np.maximum(1 - at / feet[:, None], 0)
    return int(feet[((lines - counts) ** 2).sum(axis=1).argmin()])


def _sd(values: NDArray[np.float64]) -> float:
    return float(values.std(ddof=1)) if len(values) > 1 else float("nan")


def _ratio(a: float, b: float) -> float:
    return a / b if b > 0 else float("nan")

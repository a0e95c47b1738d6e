"""The sampling rate that a column of times shows.

Printed times are rounded: at 360 Hz and three decimals the steps are 3, 3 and 2 ms. So the rate is fitted
over the whole column and every time is checked against the line within what printing explains.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecg_core.readers.options import HIGHEST_SAMPLING_RATE_HZ

#: Rates that devices use; preferred where the printed times leave a choice.
COMMON_RATES_HZ = (
    50, 60, 64, 100, 120, 125, 128, 130, 150, 180, 200, 240, 250, 256, 257, 300, 320, 360, 400, 480, 500, 512,
    600, 720, 750, 800, 900, 960, 1000, 1024, 1200, 1250, 1500, 1600, 2000, 2048, 2400, 2500, 4000, 4096,
    5000, 8000, 8192, 10000,
)  # fmt: skip

#: Wider than this (relative) and holding no single answer, the printed times do not determine the rate.
_WIDEST = 0.05
#: How far from the line, in steps, a time may be that no rounding explains.
_JITTER = 0.01


@dataclass(frozen=True)
class TimeFit:
    """A rate, or the index of the sample before the worst step and the two steps in seconds."""

    sampling_rate_hz: float | None
    problem: str | None = None
    uneven_at: int | None = None
    step_s: float = 0.0
    usual_step_s: float = 0.0
    uneven_steps: int = 0


def fit_sampling_rate(times_s: NDArray[np.float64], resolution_s: float) -> TimeFit:
    """The rate of evenly spaced times.

    Parameters
    ----------
    times_s : ndarray
        In seconds, as printed.
    resolution_s : float
        The value of the last printed digit.

    Returns
    -------
    TimeFit
        Without a rate where a time is missing, runs backward, is uneven, or is printed too coarsely.
    """
    count = len(times_s)
    if count < 2:
        return TimeFit(None, "a single row shows no step")
    if not np.all(np.isfinite(times_s)):
        return TimeFit(None, f"a time is missing at sample {int(np.argmin(np.isfinite(times_s)))}")
    span = float(times_s[-1] - times_s[0])
    if span <= 0:
        return TimeFit(None, "the times do not rise")
    if (count - 1) / span > HIGHEST_SAMPLING_RATE_HZ:
        return TimeFit(None, f"its steps would make {(count - 1) / span:.3g} Hz")
    slack = resolution_s + 4 * float(np.spacing(np.max(np.abs(times_s))))
    lowest = (count - 1) / (span + slack)
    highest = (count - 1) / (span - slack) if span > slack else np.inf
    is_constant = bool(np.ptp(np.diff(times_s)) < 0.5 * slack)
    for rate in _candidates((count - 1) / span, lowest, highest, is_constant=is_constant):
        if _is_even(times_s, rate, slack):
            return TimeFit(rate)
    if highest / lowest > 1 + _WIDEST and _is_even(times_s, (count - 1) / span, slack):
        return TimeFit(None, f"the printed times allow any rate {_range(lowest, highest)}")
    return _worst_step(times_s)


def _range(lowest: float, highest: float) -> str:
    return f"above {lowest:.4g} Hz" if np.isinf(highest) else f"from {lowest:.4g} to {highest:.4g} Hz"


def _candidates(middle: float, lowest: float, highest: float, *, is_constant: bool) -> list[float]:
    """Rates to try, best first; none where the times leave a wide choice and their steps differ."""
    exact = round(middle, 6)
    whole = [exact] if is_constant and exact == round(exact) > 0 else []
    common = [float(rate) for rate in COMMON_RATES_HZ if lowest <= rate <= highest]
    if highest / lowest > 1 + _WIDEST and not whole:
        return []
    common.sort(key=lambda rate: abs(rate - middle))
    rounded = [round(middle, digits) for digits in range(10)]
    return whole + common + [rate for rate in rounded if lowest <= rate <= highest and rate > 0]


def _is_even(times_s: NDArray[np.float64], rate: float, slack: float) -> bool:
    residual = times_s - times_s[0]
    residual -= np.arange(len(times_s)) / rate
    allowed = max(slack * 1.001, _JITTER / rate)
    return bool(residual.max() - residual.min() <= allowed)


def _worst_step(times_s: NDArray[np.float64]) -> TimeFit:
    steps = np.diff(times_s)
    usual = float(np.median(steps))
    deviation = np.abs(steps - usual)
    worst = int(np.argmax(deviation))
    many = int(np.count_nonzero(deviation > max(0.5 * abs(usual), 1e-12)))
    return TimeFit(None, "the step is uneven", worst, float(steps[worst]), usual, max(many, 1))

"""The sampling rate of a table from its time column, and what to say where there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecg_core.readers.clock import unwrapped
from ecg_core.readers.layout import Layout
from ecg_core.readers.time_axis import TimeFit, fit_sampling_rate
from ecg_core.readers.time_column import SECONDS_PER_UNIT, TimeColumns, decimals


@dataclass(frozen=True)
class TableRate:
    """The rate, or None; the step in words; and what a person should know.

    ``is_refuted`` tells that the times are uneven, so that no stated rate can hold either.
    """

    sampling_rate_hz: float | None
    step: str = ""
    remark: str | None = None
    is_refuted: bool = False


def times_in_seconds(column: NDArray[np.generic], time: TimeColumns) -> NDArray[np.float64]:
    """The time column's values, from its first where it is a clock."""
    if time.unit == "clock":
        whole = unwrapped(column.astype(np.int64))
        return (whole - whole[:1]) / 1e9
    return column.astype(np.float64) * SECONDS_PER_UNIT[time.unit or "s"]


def rate_of(
    times_s: NDArray[np.float64], time: TimeColumns, layout: Layout, place: Callable[[int], str]
) -> TableRate:
    """The rate that the times show; ``place(index)`` names where an uneven step begins."""
    if time.time is None or time.unit is None:
        return TableRate(None)
    scale = 1.0 if time.unit == "clock" else SECONDS_PER_UNIT[time.unit]
    printed = decimals([row[time.time] for row in layout.sampled], layout.dialect.decimal)
    fit = fit_sampling_rate(times_s, scale * 10.0**-printed)
    if fit.sampling_rate_hz is not None:
        return TableRate(fit.sampling_rate_hz, f"{1000 / fit.sampling_rate_hz:.6g} ms step")
    return TableRate(None, "no even step", _why(fit, place), fit.uneven_at is not None)


def _why(fit: TimeFit, place: Callable[[int], str]) -> str:
    if fit.uneven_at is None:
        return f"The time column shows no sampling rate, because {fit.problem}."
    more = f" (and {fit.uneven_steps - 1:,} more uneven steps)" if fit.uneven_steps > 1 else ""
    return (
        f"The time column is uneven: after {place(fit.uneven_at)} it steps {fit.step_s * 1000:.6g} ms "
        f"instead of {fit.usual_step_s * 1000:.6g} ms{more}. The sampling rate is left unknown."
    )

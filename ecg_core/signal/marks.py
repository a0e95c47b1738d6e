"""What a reader's note or caliper measures on the stored signal."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ecg_core.domain import MILLIVOLTS_PER_UNIT, LeadSummary, Mark


@dataclass(frozen=True)
class MeasuredMark:
    """A mark and what it measures; None is unknown, and never assumed.

    Attributes
    ----------
    start_s, stop_s : float or None
        Seconds from the first sample; None where the sampling rate is unknown.
    interval_ms : float or None
        From end to end; None for a note at a point, and where the sampling rate is unknown.
    rate_bpm : float or None
        Of a caliper: 60,000 / ``interval_ms``.
    start_mv, stop_mv : float or None
        The stored signal at the two ends; None where the unit is no voltage, or the sample is missing.
    difference_mv : float or None
        Of a caliper: the signal at its end less that at its start.
    difference : float or None
        The same in ``unit``.
    unit : str or None
        The lead's; None is unknown: the difference is then in counts.
    """

    mark: Mark
    start_s: float | None
    stop_s: float | None
    interval_ms: float | None
    rate_bpm: float | None
    start_mv: float | None
    stop_mv: float | None
    difference_mv: float | None
    difference: float | None
    unit: str | None


def measure_mark(mark: Mark, lead: LeadSummary, start_value: float, stop_value: float) -> MeasuredMark:
    """Measure a mark on its lead.

    Parameters
    ----------
    mark : Mark
    lead : LeadSummary
        The lead that the mark names.
    start_value, stop_value : float
        The stored signal at the two ends, in ``lead.unit`` (counts where unknown); NaN where missing.

    Returns
    -------
    MeasuredMark
    """
    is_caliper, rate = mark.kind == "caliper", lead.sampling_rate_hz
    factor = MILLIVOLTS_PER_UNIT.get(lead.unit) if lead.unit else None
    samples = mark.stop_sample - mark.start_sample
    interval_ms = samples * 1000.0 / rate if rate and samples else None
    difference = _known(stop_value - start_value) if is_caliper else None
    return MeasuredMark(
        mark,
        start_s=mark.start_sample / rate if rate else None,
        stop_s=mark.stop_sample / rate if rate else None,
        interval_ms=interval_ms,
        rate_bpm=60_000.0 / interval_ms if interval_ms and is_caliper else None,
        start_mv=_in_millivolts(start_value, factor),
        stop_mv=_in_millivolts(stop_value, factor),
        difference_mv=None if difference is None else _in_millivolts(difference, factor),
        difference=difference,
        unit=lead.unit,
    )


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _in_millivolts(value: float, factor: float | None) -> float | None:
    return None if factor is None else _known(value * factor)

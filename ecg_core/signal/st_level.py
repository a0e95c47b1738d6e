"""The level of the ST segment at J, J+60 and J+80 ms, its slope, and which filters make it worthless.

AHA/ACCF/HRS 2009, part VI (Wagner et al., Circulation 2009;119:e262): ST is measured against the PR segment.
AHA/ACC/HRS 2007, part I (Kligfield et al., Circulation 2007;115:1306): a high-pass above 0.05 Hz distorts it,
unless it is zero-phase (linear phase), up to 0.67 Hz; a low-pass below 150 Hz rounds the J point.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from ecg_core.domain import Measurement
from ecg_core.signal.fiducials import BeatFiducials, index_at, isoelectric_level
from ecg_core.signal.filters import Part
from ecg_core.signal.median_beat import MedianBeat

#: Names of the measurements and how long after J, in s.
ST_POINTS_S: Mapping[str, float] = {"st_j": 0.0, "st_j60": 0.06, "st_j80": 0.08}
HIGHEST_CAUSAL_HZ, HIGHEST_ZERO_PHASE_HZ, LOWEST_LOW_PASS_HZ = 0.05, 0.67, 150.0
_HALF_S = 0.004  # each level is a mean over 8 ms
_METHOD = "mean of 8 ms of the median beat against the PR segment (AHA/ACCF/HRS 2009)"
_SLOPE_METHOD = "straight line through J to J+80 ms of the median beat, least squares"
_HERTZ = re.compile(r"(\d+(?:[.,]\d+)?)\s*(m?)hz", re.IGNORECASE)


@dataclass(frozen=True)
class RecordedFilter:
    """What the file says of the filter that its signal went through; None is not said."""

    high_pass_hz: float | None = None
    low_pass_hz: float | None = None
    is_zero_phase: bool | None = None


def recorded_filter(metadata: Mapping[str, str]) -> RecordedFilter:
    """Read it from a recording's metadata (``high-pass filter``: ``0.05 Hz``)."""
    high, low = metadata.get("high-pass filter", ""), metadata.get("low-pass filter", "")
    phase = True if re.search(r"(zero|linear)[ -]?phase", high, re.IGNORECASE) else None
    highs, lows = _frequencies(high), _frequencies(low)
    return RecordedFilter(max(highs, default=None), min(lows, default=None), phase)


def _frequencies(text: str) -> list[float]:
    return [float(n.replace(",", ".")) / (1000 if milli else 1) for n, milli in _HERTZ.findall(text)]


def st_filter_clause(recorded: RecordedFilter, displayed: Iterable[Part] = ()) -> str:
    """Why ST is not to be judged after these filters, or that the filter is unknown; empty where it stands.

    Parameters
    ----------
    recorded : RecordedFilter
    displayed : iterable of Part
        Of `ecg_core.signal.filters.filter_parts`, if the beats are of the filtered signal: zero-phase.
    """
    clauses = [_about_recorded(recorded)]
    if recorded.low_pass_hz is not None and recorded.low_pass_hz < LOWEST_LOW_PASS_HZ:
        clauses.append(f"recorded through a {recorded.low_pass_hz:g} Hz low-pass, which rounds the J point")
    for part in displayed:
        if part.kind == "high-pass" and part.frequency_hz >= HIGHEST_ZERO_PHASE_HZ:
            clauses.append(f"the chosen {part.frequency_hz:g} Hz high-pass moves the ST segment")
        if part.kind == "low-pass" and part.frequency_hz < LOWEST_LOW_PASS_HZ:
            clauses.append(f"the chosen {part.frequency_hz:g} Hz low-pass rounds the J point")
    return "; ".join(filter(None, clauses))


def _about_recorded(recorded: RecordedFilter) -> str:
    high = recorded.high_pass_hz
    if high is None:
        return "the filter of the recording is unknown"
    if high <= HIGHEST_CAUSAL_HZ or (recorded.is_zero_phase and high <= HIGHEST_ZERO_PHASE_HZ):
        return ""
    phase = "" if recorded.is_zero_phase else ", not known to be zero-phase"
    return f"recorded through a {high:g} Hz high-pass{phase}, which moves the ST segment"


def st_levels(
    beats: Mapping[str, MedianBeat], fiducials: BeatFiducials, *, filter_clause: str = ""
) -> tuple[Measurement, ...]:
    """Measure `st_j`, `st_j60`, `st_j80` (mV) and `st_slope` (mV/s) of each lead.

    Parameters
    ----------
    beats : mapping of str to MedianBeat
        In mV, by lead name.
    fiducials : BeatFiducials
        J is the latest of all leads (the overall one), the level that before the earliest QRS onset, so that
        all leads are measured at one moment.
    filter_clause : str
        From `st_filter_clause`; it stands in the reason of every measured value.

    Returns
    -------
    tuple of Measurement
        Four a lead, named ``st_j60:V2``.
    """
    found: list[Measurement] = []
    for lead, beat in beats.items():
        found += _of_lead(lead, beat, fiducials, filter_clause)
    return tuple(found)


def _of_lead(lead: str, beat: MedianBeat, fiducials: BeatFiducials, clause: str) -> list[Measurement]:
    onset_s, j_s = fiducials.overall.qrs_onset_s, fiducials.overall.qrs_offset_s
    level = isoelectric_level(beat, onset_s)
    reason = "the end of the QRS complex (J) is unknown" if j_s is None else ""
    if level is None and not reason:
        reason = "the level before the QRS complex is unknown"
    values = {
        name: None if reason or j_s is None or level is None else _level(beat, j_s + after_s, level)
        for name, after_s in ST_POINTS_S.items()
    }
    found = [_measured(f"{n}:{lead}", v, "mV", reason, clause, _METHOD, beat) for n, v in values.items()]
    slope = None if reason or j_s is None else _slope(beat, j_s)
    return [*found, _measured(f"st_slope:{lead}", slope, "mV/s", reason, clause, _SLOPE_METHOD, beat)]


def _measured(
    name: str, value: float | None, unit: str, reason: str, clause: str, method: str, beat: MedianBeat
) -> Measurement:
    lead = (name.partition(":")[2],)
    if value is None:
        why = reason or "the median beat ends before it"
        return Measurement(name, None, unit, "withheld", why, method, lead)
    return Measurement(name, round(value, 4), unit, "measured", clause, method, lead, beat.number_of_beats)


def _level(beat: MedianBeat, time_s: float, level: float) -> float | None:
    at, reach = index_at(beat, time_s), round(_HALF_S * beat.fs)
    if at is None:
        return None
    part = beat.values[max(0, at - reach) : at + reach + 1]
    return float(part.mean()) - level if np.isfinite(part).all() else None


def _slope(beat: MedianBeat, j_s: float) -> float | None:
    first, last = index_at(beat, j_s), index_at(beat, j_s + 0.08)
    if first is None or last is None or last - first < 2:
        return None
    part = beat.values[first : last + 1]
    if not np.isfinite(part).all():
        return None
    times = np.arange(len(part)) / beat.fs
    times -= times.mean()
    return float(times @ part / (times @ times))

"""Texts of ECGs for people. What comes from a file is never Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from ecg_core.domain import LeadSummary, RecordingSummary
from ecg_core.figures.times import elapsed

_LINKS = re.compile(r":(?=//)|www(?=\.)|@", re.IGNORECASE)
_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:=&^\"'/@])")


def escape(text: str) -> str:
    """User text for a place that reads Markdown: every mark of it is shown as it is, and nothing is a link.

    Addresses are linked even where their marks are escaped; an invisible word joiner in them prevents it.
    """
    text = _LINKS.sub("\\g<0>\u2060", " ".join(text.split()))
    return _MARKS.sub(r"\\\1", text)


def duration(seconds: float | None) -> str:
    """``10 s``, ``5 min 0 s`` or ``24 h 0 min``."""
    if seconds is None:
        return "duration unknown"
    if seconds < 120:
        return f"{seconds:.4g} s"
    whole = round(seconds)
    if whole < 7200:
        return f"{whole // 60} min {whole % 60} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min"


def place(start: float, stop: float, total: float, *, timed: bool) -> str:
    """Where a page of a recording is: in seconds, on a clock beyond two minutes, or in samples."""
    if not timed:
        return f"samples {start:,.0f}–{stop:,.0f} of {total:,.0f}"
    if total < 120:
        return f"{start:.4g}–{stop:.4g} of {total:.4g} s"
    return f"{elapsed(start, total)}–{elapsed(stop, total)} of {elapsed(total, total)}"


def moment(time: datetime | None) -> str:
    """To the minute, with the zone if it is known."""
    if time is None:
        return "time unknown"
    return f"{time:%Y-%m-%d %H:%M}" + (f" {time:%Z}" if time.tzinfo else "")


def leads_line(leads: Sequence[LeadSummary]) -> str:
    """``12 leads``, or the names of a few."""
    names = [lead.name for lead in leads]
    return ", ".join(names) if len(names) <= 3 else f"{len(names)} leads"


def samples_line(leads: Sequence[LeadSummary]) -> str:
    """How long it is where no time is known."""
    most = max((lead.number_of_samples for lead in leads), default=0)
    return f"{most:,} sample{'s' * (most != 1)}"


def rates_line(leads: Sequence[LeadSummary]) -> str:
    """The sampling rate, or several, or that it is unknown."""
    rates = sorted({lead.sampling_rate_hz for lead in leads if lead.sampling_rate_hz is not None})
    if not rates:
        return "sampling rate unknown"
    text = " / ".join(f"{rate:g}" for rate in rates) + " Hz"
    return text if all(lead.sampling_rate_hz for lead in leads) else f"{text}, some unknown"


def unit_name(unit: str | None) -> str:
    """As people write it."""
    return "unknown" if unit is None else "µV" if unit == "uV" else unit


def units_line(leads: Sequence[LeadSummary]) -> str:
    """The unit, or several, or that it is unknown."""
    units = sorted({lead.unit for lead in leads if lead.unit is not None})
    if not units:
        return "unit unknown"
    text = " / ".join(unit_name(unit) for unit in units)
    return text if all(lead.unit for lead in leads) else f"{text}, some unknown"


def ecg_line(ecg: RecordingSummary) -> str:
    """One line on what is in an ECG."""
    length = duration(ecg.duration_s) if ecg.duration_s is not None else samples_line(ecg.leads)
    parts = [leads_line(ecg.leads), length, rates_line(ecg.leads), units_line(ecg.leads)]
    if ecg.recorded_at:
        parts.append(f"recorded {moment(ecg.recorded_at)}")
    return " · ".join(parts)

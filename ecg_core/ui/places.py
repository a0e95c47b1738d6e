"""Where in a recording: what a reader types, and what stands on the page."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from ecg_core.errors import InvalidInputError

WINDOWS_S = (5.0, 10.0, 30.0, 60.0, 300.0, 600.0, 1800.0, 3600.0, 21600.0, 43200.0, 86400.0)
_TIME = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2}(?:[.,]\d+)?)")


def window_text(seconds: float) -> str:
    """``10 s``, ``5 min`` or ``24 h``."""
    if seconds < 60:
        return f"{round(seconds, 1):g} s"
    return f"{seconds / 60:.3g} min" if seconds < 3600 else f"{seconds / 3600:.3g} h"


def parse_place(text: str, total_s: float, recorded_at: datetime | None = None) -> float:
    """Seconds from the first sample of what a person typed.

    ``83`` and ``83 s`` are seconds, ``1:23`` minutes and seconds, ``0:01:23`` hours, minutes and seconds.
    Where the time of the recording is known, three parts are a time of day: the first after its beginning.

    Raises
    ------
    InvalidInputError
        It is none of these, or outside the recording.
    """
    bare = text.strip().lower().removesuffix("s").strip().replace(",", ".")
    seconds = _seconds(bare, recorded_at)
    if seconds is None:
        raise InvalidInputError(f"{text[:40]!r} is no time: give seconds, m:ss or h:mm:ss")
    if not 0 <= seconds <= total_s:
        raise InvalidInputError(f"{text[:40]!r} is not within the recording of {total_s:g} s")
    return seconds


def _seconds(bare: str, recorded_at: datetime | None) -> float | None:
    match = _TIME.fullmatch(bare)
    if match is None:
        return float(bare) if re.fullmatch(r"\d{1,9}(\.\d+)?", bare) else None
    hours, minutes, seconds = match.groups()
    asked = int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds)
    if hours is None or recorded_at is None:
        return asked
    midnight = recorded_at.replace(hour=0, minute=0, second=0, microsecond=0)
    return ((midnight + timedelta(seconds=asked)) - recorded_at).total_seconds() % 86400

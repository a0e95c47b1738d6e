"""Axis texts of times: seconds, minutes, hours, or the time of day where it is known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
_LABEL_ROOM_PX = 70.0


def time_ticks(
    start_s: float, stop_s: float, width_px: float, *, recorded_at: datetime | None = None
) -> tuple[list[float], list[str]]:
    """Places of tick marks in seconds, and their texts.

    Parameters
    ----------
    start_s, stop_s : float
        What the axis shows, from the first sample of the recording.
    width_px : float
        Its length.
    recorded_at : datetime, optional
        The time of day of the first sample: the texts are then clock times.
    """
    length = max(stop_s - start_s, 1e-9)
    most = max(width_px / _LABEL_ROOM_PX, 1.0)
    step = next((step for step in _STEPS_S if length / step <= most), _STEPS_S[-1])
    shift = _seconds_of_day(recorded_at) if recorded_at else 0.0
    first = -(-(start_s + shift) // step)
    places = []
    while (place := first * step - shift) <= stop_s:
        places.append(place)
        first += 1
    return places, time_texts(places, stop_s, recorded_at=recorded_at)


def time_texts(places: Sequence[float], longest_s: float, *, recorded_at: datetime | None) -> list[str]:
    """``12 s``, ``3:05``, ``1:03:05`` by the length of it all, or ``09:41:05`` on the clock."""
    if recorded_at is not None:
        return [f"{recorded_at + timedelta(seconds=round(place, 3)):%H:%M:%S}" for place in places]
    return [elapsed(place, longest_s) for place in places]


def elapsed(seconds: float, longest_s: float) -> str:
    """A time from the beginning, with as many parts as the longest needs."""
    whole = round(seconds)
    if longest_s < 120:
        return f"{seconds:g} s"
    if longest_s < 3600:
        return f"{whole // 60}:{whole % 60:02}"
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def _seconds_of_day(time: datetime) -> float:
    return time.hour * 3600 + time.minute * 60 + time.second + time.microsecond / 1e6

"""What fits on the screen: the grouping of leads, the layout, the millimetre in pixels, the time in view."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from ecg_core.domain import Lead, LeadSummary

AnyLead = Lead | LeadSummary
L = TypeVar("L", Lead, LeadSummary)

PAPER_SPEED_MM_S = 25.0
GAIN_MM_MV = 10.0

#: The twelve standard leads in the order in which the columns of a page take them.
TWELVE_LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
RHYTHM_LEAD = "II"

#: Left of the signal: the calibration pulse; right of it: air.
PULSE_MM, RIGHT_MM = 10, 2

_USUAL_SECONDS = 10.0
_USUAL_SAMPLES_PER_MM, _WIDEST_SAMPLE_MM = 20.0, 35.0
_SHORTEST_COLUMNS_S, _SHORTEST_S = 4.0, 2.0
_READABLE_PX, _NARROW_PX, _SMALLEST_PX, _LARGEST_PX = 3, 4, 1, 10


@dataclass(frozen=True)
class Page:
    """A sheet of paper: how much of the signal it shows, and where.

    Attributes
    ----------
    columns : int
        4 (3×4 and a rhythm strip), 2 (6×2 and a rhythm strip) or 1 (stacked lanes).
    span : float
        What the page shows: seconds, or samples where the sampling rate is unknown. Read this much.
    timed : bool
        Whether x is time in seconds; else it is the sample number.
    px_per_mm : float
        Pixels of one millimetre, the same across and down; whole from 3 px on.
    mm_per_x : float
        Millimetres of one second (the paper speed), or of one sample.
    gain_mm_mv : float
        Millimetres of one millivolt.
    """

    columns: int
    span: float
    timed: bool
    px_per_mm: float
    mm_per_x: float
    gain_mm_mv: float = GAIN_MM_MV

    @property
    def width_mm(self) -> int:
        """Of the whole sheet."""
        return math.ceil(PULSE_MM + self.span * self.mm_per_x + RIGHT_MM - 1e-6)

    @property
    def width_px(self) -> int:
        return round(self.width_mm * self.px_per_mm)


def split_by_axis(leads: Sequence[L]) -> list[list[L]]:
    """The leads in groups that can share an x axis: those with a sampling rate, and those without.

    Rates may differ within the first group. The groups come in the order of their first lead; draw
    one figure for each.
    """
    groups: dict[bool, list[L]] = {}
    for lead in leads:
        groups.setdefault(lead.sampling_rate_hz is not None, []).append(lead)
    return list(groups.values())


def standard_name(name: str) -> str | None:
    """The usual spelling of one of the twelve standard leads (``avr`` → ``aVR``), None for another."""
    bare = name.strip().upper().removeprefix("MDC_ECG_").removeprefix("LEAD").strip(" _")
    return next((standard for standard in TWELVE_LEADS if standard.upper() == bare), None)


def are_the_twelve(names: Sequence[str]) -> bool:
    """Whether these are the twelve standard leads, each once, in any order and spelling."""
    return len(names) == 12 and {standard_name(name) for name in names} == set(TWELVE_LEADS)


def plan_page(
    leads: Sequence[AnyLead],
    width_px: int,
    *,
    span: float | None = None,
    speed_mm_s: float = PAPER_SPEED_MM_S,
    gain_mm_mv: float = GAIN_MM_MV,
) -> Page:
    """The sheet for one group of ``split_by_axis``.

    Parameters
    ----------
    leads : sequence of Lead or LeadSummary
        All of them with a sampling rate, or none. Only names, rates and lengths are used.
    width_px : int
        The room on screen. The sheet is never wider, and mostly a little narrower: its millimetre is a
        whole number of pixels.
    span : float, optional
        Seconds (or samples) asked for. By default ten seconds, or what fits on a narrow screen at a
        readable 4 px/mm. Given, it is kept down to 1 px/mm. A recording that is shorter gets a shorter sheet.
    speed_mm_s, gain_mm_mv : float
        Paper speed and gain.

    Returns
    -------
    Page
    """
    timed = all(lead.sampling_rate_hz is not None for lead in leads)
    columns, seconds, px = _layout(leads, width_px, span if timed else None, speed_mm_s)
    if timed:
        return Page(columns, seconds, True, px, speed_mm_s, gain_mm_mv)
    body_mm = seconds * speed_mm_s
    shown = span or min(_longest(leads), _USUAL_SAMPLES_PER_MM * body_mm)
    mm_per_sample = min(body_mm / max(shown, 1.0), _WIDEST_SAMPLE_MM)
    return Page(columns, max(math.floor(shown), 1), False, px, mm_per_sample, gain_mm_mv)


def _layout(
    leads: Sequence[AnyLead], width_px: int, span: float | None, speed_mm_s: float
) -> tuple[int, float, float]:
    """Columns, seconds across, and pixels a millimetre."""
    seconds = span or _USUAL_SECONDS
    for columns in _possible_columns(leads):
        across = seconds * columns / 4
        px = _whole_pixels(width_px, across * speed_mm_s)
        if px >= (_READABLE_PX if columns == 4 else _NARROW_PX):
            return columns, _shortened(across, leads, columns), px
    px = _whole_pixels(width_px, seconds * speed_mm_s)
    if px < (_READABLE_PX if span is None else _SMALLEST_PX):
        px = _NARROW_PX if span is None else _SMALLEST_PX
        squares = math.floor((width_px / px - PULSE_MM - RIGHT_MM) / 5)
        seconds = max(squares, 1) * 5.0 / speed_mm_s
    return 1, _shortened(seconds, leads, 1), px


def _possible_columns(leads: Sequence[AnyLead]) -> tuple[int, ...]:
    """A recording too short for four columns one after the other is stacked."""
    duration = _duration_s(leads)
    enough = duration is None or duration >= _SHORTEST_COLUMNS_S
    return (4, 2) if are_the_twelve([lead.name for lead in leads]) and enough else ()


def _shortened(seconds: float, leads: Sequence[AnyLead], columns: int) -> float:
    """No more than there is, in whole large squares: a recording of 8 s has four columns of 2 s."""
    duration = _duration_s(leads)
    if duration is None or duration >= seconds:
        return seconds
    return min(seconds, max(0.2 * columns * math.ceil(duration / 0.2 / columns - 1e-6), _SHORTEST_S))


def _duration_s(leads: Sequence[AnyLead]) -> float | None:
    durations = [lead.duration_s for lead in leads if lead.duration_s is not None]
    return max(durations) if durations else None


def _longest(leads: Sequence[AnyLead]) -> float:
    return float(max((_number_of_samples(lead) for lead in leads), default=0))


def _whole_pixels(width_px: int, body_mm: float) -> float:
    """Pixels a millimetre: whole, or below 3 (where no 1 mm line is drawn) whole for 5 mm."""
    px = width_px / (PULSE_MM + body_mm + RIGHT_MM)
    return min(float(math.floor(px)), _LARGEST_PX) if px >= 3 else math.floor(px * 5) / 5


def _number_of_samples(lead: AnyLead) -> int:
    return lead.number_of_samples if isinstance(lead, LeadSummary) else len(lead.samples)

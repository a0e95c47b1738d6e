"""What fits on the screen: the grouping of leads, the layout, the millimetre in pixels, the time in view."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ecg_core.domain import Lead, LeadSummary
from ecg_core.figures.view import LAYOUTS, View

AnyLead = Lead | LeadSummary
L = TypeVar("L", Lead, LeadSummary)

USUAL = View()

#: The twelve standard leads in the order in which the columns of a page take them.
TWELVE_LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
#: The limb leads in the order of their axes; −aVR is aVR turned over.
CABRERA_LEADS = ("aVL", "I", "-aVR", "II", "aVF", "III", "V1", "V2", "V3", "V4", "V5", "V6")
RHYTHM_LEAD = "II"
_LAYOUTS: Mapping[str, tuple[int, tuple[str, ...]]] = {
    "3x4": (4, ()),
    "3x4+1": (4, (RHYTHM_LEAD,)),
    "3x4+3": (4, ("V1", RHYTHM_LEAD, "V5")),
    "6x2": (2, ()),
    "12x1": (1, ()),
}
_CHEST = re.compile(r"V[1-9]|V[3-6]R")

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
        4 or 2 (the twelve leads one after the other in time), or 1 (stacked lanes).
    rhythm : tuple of str
        The leads that stand below the columns over the whole width.
    span : float
        What the page shows: seconds, or samples where the sampling rate is unknown. Read this much.
    timed : bool
        Whether x is time in seconds; else it is the sample number.
    px_per_mm : float
        Pixels of one millimetre, the same across and down; whole from 3 px on unless it is the true size.
    mm_per_x : float
        Millimetres of one second (the paper speed), or of one sample.
    view : View
        What the reader chose.
    note : str
        What of it could not be had, and why.
    """

    columns: int
    span: float
    timed: bool
    px_per_mm: float
    mm_per_x: float
    rhythm: tuple[str, ...] = ()
    view: View = USUAL
    note: str = ""

    @property
    def gain_mm_mv(self) -> float:
        """Millimetres of one millivolt; chest leads may have a gain of their own."""
        return self.view.gain

    def lead_gain_mm_mv(self, name: str) -> float:
        """The gain of a lead."""
        return self.view.chest_gain if self.view.chest_gain and is_chest_lead(name) else self.view.gain

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


def is_chest_lead(name: str) -> bool:
    """V1 to V9, and V3R to V6R."""
    return _CHEST.fullmatch(name.strip().upper()) is not None


def has_the_twelve(names: Sequence[str]) -> bool:
    """Whether the twelve standard leads are among these, each once, in any order and spelling."""
    found = [standard for name in names if (standard := standard_name(name))]
    return len(found) == 12 and set(found) == set(TWELVE_LEADS)


def plan_page(
    leads: Sequence[AnyLead],
    width_px: int,
    *,
    view: View = USUAL,
    span: float | None = None,
    px_per_mm: float | None = None,
) -> Page:
    """The sheet for one group of ``split_by_axis``.

    Parameters
    ----------
    leads : sequence of Lead or LeadSummary
        All of them with a sampling rate, or none. Only names, rates and lengths are used.
    width_px : int
        The room on screen. The sheet is never wider, and mostly a little narrower: its millimetre is a
        whole number of pixels.
    view : View
        Speed, gains, layout and order.
    span : float, optional
        Seconds (or samples) asked for. By default ten seconds, or what fits on a narrow screen at a
        readable 4 px/mm. Given, it is kept down to 1 px/mm. A recording that is shorter gets a shorter sheet.
    px_per_mm : float, optional
        Of this screen: the sheet is then of true size, and shows as much as fits.

    Returns
    -------
    Page
    """
    timed = all(lead.sampling_rate_hz is not None for lead in leads)
    wanted, rhythm, note = _wanted_columns(leads, view)
    columns, seconds, px = _layout(leads, width_px, span if timed else None, view.speed, wanted, px_per_mm)
    if view.layout == "auto":
        rhythm = (RHYTHM_LEAD,) if columns > 1 else ()
    shared = {"rhythm": rhythm, "view": view, "note": note}
    if timed:
        return Page(columns, seconds, True, px, view.speed, **shared)  # type: ignore[arg-type]
    body_mm = seconds * view.speed
    shown = span or min(_longest(leads), _USUAL_SAMPLES_PER_MM * body_mm)
    mm_per_sample = min(body_mm / max(shown, 1.0), _WIDEST_SAMPLE_MM)
    return Page(columns, max(math.floor(shown), 1), False, px, mm_per_sample, **shared)  # type: ignore[arg-type]


def _wanted_columns(leads: Sequence[AnyLead], view: View) -> tuple[tuple[int, ...], tuple[str, ...], str]:
    """The numbers of columns that may be tried, the rhythm leads, and why the chosen layout cannot be had."""
    duration = _duration_s(leads)
    enough = duration is None or duration >= _SHORTEST_COLUMNS_S
    possible = has_the_twelve([lead.name for lead in leads]) and enough
    if view.layout == "auto":
        return ((4, 2) if possible else ()), (), ""
    columns, rhythm = _LAYOUTS[view.layout]
    if columns == 1 or possible:
        return (columns,), rhythm, ""
    why = "the twelve standard leads" if enough else f"at least {_SHORTEST_COLUMNS_S:g} s"
    return (1,), (), f"{LAYOUTS[view.layout]} needs {why}; the leads are stacked"


def _layout(
    leads: Sequence[AnyLead],
    width_px: int,
    span: float | None,
    speed: float,
    wanted: tuple[int, ...],
    true_px: float | None,
) -> tuple[int, float, float]:
    """Columns, seconds across, and pixels a millimetre."""
    seconds = span or _USUAL_SECONDS
    if true_px is not None:
        columns = wanted[0] if wanted else 1
        fitting = min(seconds, _seconds_in(width_px, true_px, speed, columns))
        return columns, _shortened(fitting, leads, columns), true_px
    if len(wanted) == 1:
        return _chosen_layout(leads, width_px, span, speed, wanted[0])
    for columns in wanted:
        across = seconds * columns / 4
        px = _whole_pixels(width_px, across * speed)
        if px >= (_READABLE_PX if columns == 4 else _NARROW_PX):
            return columns, _shortened(across, leads, columns), px
    return _chosen_layout(leads, width_px, span, speed, 1)


def _chosen_layout(
    leads: Sequence[AnyLead], width_px: int, span: float | None, speed: float, columns: int
) -> tuple[int, float, float]:
    """This layout; less time where its squares would be too small to be read."""
    seconds = span or _USUAL_SECONDS
    px = _whole_pixels(width_px, seconds * speed)
    if px < (_READABLE_PX if span is None else _SMALLEST_PX):
        px = (_NARROW_PX if columns == 1 else _READABLE_PX) if span is None else _SMALLEST_PX
        seconds = _seconds_in(width_px, px, speed, columns)
    return columns, _shortened(seconds, leads, columns), px


def _seconds_in(width_px: int, px: float, speed: float, columns: int) -> float:
    """What a width shows, in whole large squares for each column."""
    squares = math.floor((width_px / px - PULSE_MM - RIGHT_MM) / 5 / columns)
    return max(squares, 1) * columns * 5.0 / speed


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

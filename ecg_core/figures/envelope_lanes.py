"""Where the lane of each lead goes in the figure of a long window, and how high it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ecg_core.figures.envelope_strips import EnvelopeStrip, usual_extent
from ecg_core.figures.page import CABRERA_LEADS, TWELVE_LEADS, has_the_twelve, is_chest_lead, standard_name
from ecg_core.figures.strips import Scale, fitted_scale
from ecg_core.figures.view import View

#: Left of the signal: the calibration bar; right of it: air.
GUTTER_PX, RIGHT_PX = 34.0, 6.0
_SPARE = 500  # one column in so many may reach beyond its lane before the lane grows for it
_FEW_LANES = 3
_PX_PER_MM, _PX_PER_MM_OF_FEW = 3.0, 4.0
_MOST_ABOVE_MM, _MOST_BELOW_MM = 20.0, 20.0
_MOST_ABOVE_OF_FEW_MM, _MOST_BELOW_OF_FEW_MM = 25.0, 20.0
_LEAST_MM = 5.0
_FARTHEST_ZERO_MM = 20.0
_LABEL_MM, _LABEL_PX = 4.0, 17.0
_DENSITY_MM, _DENSITY_PX = 4.0, 14.0
_CAPTION_MM, _CAPTION_PX = 4.0, 18.0


@dataclass(frozen=True, eq=False)
class EnvelopeLane:
    """One strip in its place.

    Attributes
    ----------
    strip : EnvelopeStrip
        Of the window's columns; turned over where the lane is inverted.
    name : str
        As shown, unescaped.
    x0, x1 : float
        What the sheet shows, in seconds or samples.
    scale : Scale
    anchor : float
        The value, in the lead's unit, that lies at ``level_mm``: zero, unless zero is far from the signal.
    below_mm, above_mm : float
        The lane's room under and over the level; the band is cut there.
    level_mm : float
        Below the top of the sheet; a multiple of 5.
    """

    strip: EnvelopeStrip
    name: str
    x0: float
    x1: float
    scale: Scale
    anchor: float
    below_mm: float
    above_mm: float
    is_inverted: bool = False
    level_mm: float = 0.0

    @property
    def zero_is_on_strip(self) -> bool:
        return self.anchor == 0.0

    @cached_property
    def edges_x(self) -> NDArray[np.float64]:
        """The columns' edges; a column that sticks out of the window is cut off there."""
        return np.clip(self.strip.edges_x, self.x0, self.x1)

    def heights_mm(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Over the level, cut at the edges of the lane's room."""
        return np.clip((values - self.anchor) * self.scale.mm_per_unit, -self.below_mm, self.above_mm)

    @cached_property
    def clipped_above(self) -> NDArray[np.int64]:
        """The columns that reach over the lane's room."""
        highest = (self.strip.highest - self.anchor) * self.scale.mm_per_unit
        return np.flatnonzero(highest > self.above_mm + 0.01)

    @cached_property
    def clipped_below(self) -> NDArray[np.int64]:
        """The columns that reach under it."""
        lowest = (self.strip.lowest - self.anchor) * self.scale.mm_per_unit
        return np.flatnonzero(lowest < -self.below_mm - 0.01)

    @cached_property
    def crossings_here(self) -> int:
        """Of all columns that are shown, also of those that stick out of the window."""
        return int(self.strip.rising.sum() + self.strip.falling.sum())

    @cached_property
    def notes(self) -> str:
        """What stands beside the name: crossings here and in all, and what is not as usual."""
        parts = [_count(self), self.scale.note]
        if not self.zero_is_on_strip:
            parts.append("zero is off the strip")
        if len(self.clipped_above) or len(self.clipped_below):
            parts.append("clipped")
        if np.isnan(self.strip.lowest).all():
            parts.append("no samples here")
        return " · ".join(part for part in parts if part)


def _count(lane: EnvelopeLane) -> str:
    """Crossings in view and in total; ``about`` where a column sticks out of the window."""
    here, total, strip = lane.crossings_here, lane.strip.number_of_zero_crossings, lane.strip
    if here == total:
        return f"{total:,} ↕".replace(",", "\u202f")
    first, last = strip.edges_x[[0, -1]]
    about = "" if first >= lane.x0 - strip.dx / 2 and last <= lane.x1 + strip.dx / 2 else "about "
    return f"{about}{here:,} of {total:,} ↕".replace(",", "\u202f")


@dataclass(frozen=True, eq=False)
class EnvelopeSheet:
    """The lanes in their places; heights in millimetres from the top down.

    ``start`` and ``span`` are in seconds, or in samples where not ``timed``; ``label_mm`` is the room of a
    label over a lane, ``density_mm`` that of the crossings under it.
    """

    lanes: tuple[EnvelopeLane, ...]
    start: float
    span: float
    timed: bool
    width_px: int
    px_per_mm: float
    height_mm: int
    label_mm: float
    density_mm: float
    view: View

    @property
    def x_per_px(self) -> float:
        """Seconds or samples of a pixel."""
        return self.span / max(self.width_px - GUTTER_PX - RIGHT_PX, 1.0)

    def density_level_mm(self, lane: EnvelopeLane) -> float:
        """Below the top: the middle of the strip of crossings under a lane."""
        return lane.level_mm + lane.below_mm + self.density_mm / 2


def lay_out_envelopes(
    strips: Sequence[EnvelopeStrip],
    *,
    width_px: int,
    start: float,
    span: float,
    view: View,
    px_per_mm: float | None = None,
    is_marked: bool = False,
) -> EnvelopeSheet:
    """One lane a lead, from the top down; heights are calibrated by the reader's gain, time is not.

    Parameters
    ----------
    strips : sequence of EnvelopeStrip
        All with a sampling rate, or none.
    start, span : float
        Of the window, in seconds or samples.
    px_per_mm : float, optional
        Of this screen, for true heights; else 4, or 3 where there are many leads.
    is_marked : bool
        Whether there is room for a line of text over the caption: `event_traces`.
    """
    shown = [_for_pixels(strip.within(start, start + span), width_px) for strip in strips]
    named = _in_order(shown, view)
    scales = _find_scales([strip for strip, _, _ in named], view)
    few = len(named) <= _FEW_LANES
    px = px_per_mm or (_PX_PER_MM_OF_FEW if few else _PX_PER_MM)
    label_mm, density_mm = max(_LABEL_MM, _LABEL_PX / px), max(_DENSITY_MM, _DENSITY_PX / px)
    lanes, bottom = [], 0.0
    for (strip, name, is_inverted), scale in zip(named, scales, strict=True):
        lane = _lane(EnvelopeLane(strip, name, start, start + span, scale, 0.0, 0.0, 0.0, is_inverted), few)
        level = _to_square(bottom + label_mm + lane.above_mm)
        lanes.append(replace(lane, level_mm=level))
        bottom = level + lane.below_mm + density_mm
    height = int(_to_square(bottom + max(_CAPTION_MM, _CAPTION_PX / px) * (2 if is_marked else 1)))
    timed = all(strip.rate is not None for strip in strips)
    return EnvelopeSheet(tuple(lanes), start, span, timed, width_px, px, height, label_mm, density_mm, view)


def _for_pixels(strip: EnvelopeStrip, width_px: int) -> EnvelopeStrip:
    """Hardly more columns than pixels: more would not be seen, and take the browser their time."""
    return strip.coarser(math.ceil(len(strip.lowest) / (1.25 * width_px)))


def _in_order(strips: Sequence[EnvelopeStrip], view: View) -> list[tuple[EnvelopeStrip, str, bool]]:
    """The twelve leads in the reader's order if all are there, any others as they come."""
    as_they_come = [(strip, strip.lead_name, False) for strip in strips]
    if view.leads or not has_the_twelve([strip.lead_name for strip in strips]):
        return as_they_come
    known = {standard_name(strip.lead_name): strip for strip in strips}
    order = CABRERA_LEADS if view.order == "cabrera" else TWELVE_LEADS
    standard = [
        (known[name[1:]].turned_over(), f"−{name[1:]}", True)
        if name[0] == "-"
        else (known[name], name, False)
        for name in order
    ]
    return standard + [one for one in as_they_come if standard_name(one[1]) is None]


def _find_scales(strips: Sequence[EnvelopeStrip], view: View) -> list[Scale]:
    """As those of the paper: the gain for voltages, a fitted and named one for anything else."""
    spans = [0.0 if strip.mv_per_unit is not None else _usual_span(strip) for strip in strips]
    largest: dict[str | None, float] = {}
    for strip, span in zip(strips, spans, strict=True):
        largest[strip.unit] = max(largest.get(strip.unit, 0.0), span)
    return [
        fitted_scale(strip.unit, span, largest[strip.unit])
        if strip.mv_per_unit is None
        else _voltage_scale(strip.lead_name, strip.mv_per_unit, view)
        for strip, span in zip(strips, spans, strict=True)
    ]


def _usual_span(strip: EnvelopeStrip) -> float:
    low, high = usual_extent(strip.lowest, strip.highest, _SPARE)
    return high - low


def _voltage_scale(name: str, mv_per_unit: float, view: View) -> Scale:
    gain = view.chest_gain if view.chest_gain and is_chest_lead(name) else view.gain
    return Scale(mv_per_unit * gain, "" if gain == view.gain else f"{gain:g} mm/mV")


def _lane(lane: EnvelopeLane, few: bool) -> EnvelopeLane:
    """With its anchor and its room: as much as the signal takes, up to what a lane may have."""
    low, high = usual_extent(lane.strip.lowest, lane.strip.highest, _SPARE)
    scale = lane.scale.mm_per_unit
    middle = float(np.nanmedian((lane.strip.lowest + lane.strip.highest) / 2)) if high > low or high else 0.0
    anchor = 0.0 if abs(middle) * scale <= _FARTHEST_ZERO_MM else round(middle * scale) / scale
    most_above = _MOST_ABOVE_OF_FEW_MM if few else _MOST_ABOVE_MM
    most_below = _MOST_BELOW_OF_FEW_MM if few else _MOST_BELOW_MM
    lowest, highest = usual_extent(lane.strip.lowest, lane.strip.highest)
    above = _room((high - anchor) * scale, (highest - anchor) * scale, most_above)
    below = _room((anchor - low) * scale, (anchor - lowest) * scale, most_below)
    return replace(lane, anchor=anchor, above_mm=above, below_mm=below)


def _room(usual_mm: float, farthest_mm: float, most_mm: float) -> float:
    """As far as the signal reaches; where that is too far, as far as all but a few columns do."""
    reach = farthest_mm if farthest_mm <= most_mm else usual_mm
    return min(max(_to_square(reach), _LEAST_MM), most_mm)


def _to_square(value_mm: float) -> float:
    """Up to a whole large square."""
    return 5.0 * math.ceil(value_mm / 5.0 - 1e-6)

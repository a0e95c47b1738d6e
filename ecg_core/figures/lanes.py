"""Where each lead goes on the sheet: rows, columns, zero levels, in millimetres from the top down."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ecg_core.figures.page import RHYTHM_LEAD, TWELVE_LEADS, Page, are_the_twelve, standard_name
from ecg_core.figures.strips import Scale, Strip, find_extent, find_scales

_TICKS_MM, _TICKS_PX = 4.0, 9.0
_LABEL_MM, _LABEL_PX = 2.5, 9.0
_LETTER_PX = 6.5
_FEW_NOTES = 3
_LOWEST_ROW_MM, _TOP_MM, _CAPTION_MM = 20.0, 1.0, 4.0
_LEAST_ABOVE_MM, _LEAST_BELOW_MM = 10.0, 4.0
_FEW_ROWS, _TALLEST_MM, _TALLEST_OF_FEW_MM = 3, 30.0, 55.0


@dataclass(frozen=True, eq=False)
class Lane:
    """One strip in its place.

    Attributes
    ----------
    strip : Strip
    name : str
        As shown, unescaped.
    x0, x1 : float
        Its part of the x axis, in seconds or samples.
    scale : Scale
    anchor : float
        The value, in the lead's unit, that lies at ``level_mm``: zero, unless zero is off the strip.
    row : int
    level_mm : float
        Below the top of the sheet; a multiple of 5, so that zero lies on a line of the grid.
    """

    strip: Strip
    name: str
    x0: float
    x1: float
    scale: Scale
    anchor: float
    row: int
    level_mm: float = 0.0

    @property
    def zero_is_on_strip(self) -> bool:
        return self.anchor == 0.0

    @cached_property
    def cut(self) -> slice:
        return self.strip.cut(self.x0, self.x1)

    @cached_property
    def values(self) -> NDArray[np.float64]:
        return self.strip.values[self.cut]

    @cached_property
    def extent_mm(self) -> tuple[float, float]:
        """How far the trace reaches below (negative) and above ``level_mm``."""
        low, high = find_extent(self.values)
        return (low - self.anchor) * self.scale.mm_per_unit, (high - self.anchor) * self.scale.mm_per_unit

    @cached_property
    def notes(self) -> str:
        """What stands beside the name: the count of the whole recording, and what is not as usual."""
        parts = [f"{self.strip.number_of_zero_crossings:,} ↕".replace(",", "\u202f"), self.scale.note]
        if not self.zero_is_on_strip:
            parts.append("zero is off the strip")
        if np.isnan(self.values).all():
            parts.append("no samples here")
        return " · ".join(part for part in parts if part)

    def label_mm(self, page: Page) -> float:
        """Height of the label over the level: clear of the trace where the label is."""
        length_px = (len(self.name) + len(self.notes) + 4) * _LETTER_PX
        stop = math.ceil(length_px / page.px_per_mm / page.mm_per_x / self.strip.dx) + 1
        finite = self.values[:stop][~np.isnan(self.values[:stop])]
        highest = float(finite.max() - self.anchor) * self.scale.mm_per_unit if len(finite) else 0.0
        room_mm = max(_LABEL_MM, _LABEL_PX / page.px_per_mm)
        return _within(min(highest, self.extent_mm[1]), 5.5, _TALLEST_OF_FEW_MM) + room_mm


@dataclass(frozen=True, eq=False)
class Sheet:
    """The lanes in their places, and the height of it all.

    For each row: how far over its level the labels stand, and how far under it the traces reach.
    ``tick_mm`` is the height of one tick; ``caption`` is what the paper is.
    """

    lanes: tuple[Lane, ...]
    label_mm: tuple[float, ...]
    below_mm: tuple[float, ...]
    tick_mm: float
    height_mm: int
    caption: str

    def ticks_mm(self, lane: Lane) -> float:
        """Below the top: the middle of the strip of ticks under a lane."""
        return lane.level_mm + self.below_mm[lane.row] + self.tick_mm


def lay_out(strips: Sequence[Strip], page: Page, start: float) -> Sheet:
    """Place the strips on the sheet so that, in an ordinary ECG, no trace runs into another."""
    tallest = _TALLEST_OF_FEW_MM if page.columns == 1 and len(strips) <= _FEW_ROWS else _TALLEST_MM
    lanes = _columns(strips, page, start) if page.columns > 1 else _stack(strips, page, start)
    lanes, shared_note = _shared_note(lanes)
    rows = [[lane for lane in lanes if lane.row == row] for row in range(lanes[-1].row + 1 if lanes else 0)]
    labels = [max(lane.label_mm(page) for lane in row) for row in rows]
    above = [_above(row, label, page, tallest) for row, label in zip(rows, labels, strict=True)]
    below = [max(_within(-lane.extent_mm[0], _LEAST_BELOW_MM, tallest) for lane in row) for row in rows]
    ticks_mm = max(_TICKS_MM, _TICKS_PX / page.px_per_mm)
    levels = _levels(above, below, ticks_mm)
    bottom = (levels[-1] + below[-1] if levels else 0.0) + ticks_mm + max(_CAPTION_MM, 12.0 / page.px_per_mm)
    placed = tuple(replace(lane, level_mm=levels[lane.row]) for lane in lanes)
    caption = _caption(lanes, page, shared_note)
    return Sheet(placed, tuple(labels), tuple(below), ticks_mm / 2, int(_to_square(bottom)), caption)


def _levels(above: Sequence[float], below: Sequence[float], ticks_mm: float) -> list[float]:
    """The level of each row, below the top."""
    levels: list[float] = []
    for row, room in enumerate(above):
        if row == 0:
            levels.append(_to_square(room + _TOP_MM))
        else:
            apart = below[row - 1] + ticks_mm + room
            levels.append(levels[-1] + _to_square(max(apart, _LOWEST_ROW_MM)))
    return levels


def _above(row: Sequence[Lane], label_mm: float, page: Page, tallest: float) -> float:
    """Room over a row's level for its traces, its labels and its calibration pulse."""
    highest = max(lane.extent_mm[1] for lane in row)
    return max(_within(highest + 0.5, _LEAST_ABOVE_MM, tallest), label_mm + max(2.0, 8.0 / page.px_per_mm))


def _shared_note(lanes: list[Lane]) -> tuple[list[Lane], str]:
    """What every one of many lanes would say of its scale is said once, below."""
    notes = {lane.scale.note for lane in lanes}
    if len(lanes) <= _FEW_NOTES or len(notes) != 1 or "" in notes:
        return lanes, ""
    (note,) = notes
    short = note.split(" — ")[0].split(",")[0]
    return [replace(lane, scale=replace(lane.scale, note=short)) for lane in lanes], note


def _caption(lanes: Sequence[Lane], page: Page, shared_note: str) -> str:
    parts = [f"{page.mm_per_x:g} mm/s"] if page.timed else []
    if any(lane.strip.lead.millivolts_per_unit is not None for lane in lanes):
        parts.append(f"{page.gain_mm_mv:g} mm/mV")
    return " · ".join([*parts, shared_note] if shared_note else parts)


def _columns(strips: Sequence[Strip], page: Page, start: float) -> list[Lane]:
    """The twelve leads in columns one after the other in time, and the rhythm strip below."""
    scales = find_scales(strips, page.gain_mm_mv)
    by_name = {
        standard_name(strip.lead.name): (strip, scale) for strip, scale in zip(strips, scales, strict=True)
    }
    rows, width = 12 // page.columns, page.span / page.columns
    lanes = []
    for number, name in sorted(enumerate(TWELVE_LEADS), key=lambda item: item[0] % rows):
        column, row = divmod(number, rows)
        x0 = start + column * width
        lanes.append(_lane(*by_name[name], name, x0, x0 + width, row))
    return [*lanes, _lane(*by_name[RHYTHM_LEAD], RHYTHM_LEAD, start, start + page.span, rows)]


def _stack(strips: Sequence[Strip], page: Page, start: float) -> list[Lane]:
    """One strip a row: the twelve leads in their usual order, any others as they come."""
    names = [strip.lead.name for strip in strips]
    if are_the_twelve(names):
        names = [standard_name(name) or name for name in names]
        strips = sorted(strips, key=lambda strip: TWELVE_LEADS.index(standard_name(strip.lead.name) or ""))
        names.sort(key=TWELVE_LEADS.index)
    scales = find_scales(strips, page.gain_mm_mv)
    return [
        _lane(strip, scale, name, start, start + page.span, row)
        for row, (strip, scale, name) in enumerate(zip(strips, scales, names, strict=True))
    ]


def _lane(strip: Strip, scale: Scale, name: str, x0: float, x1: float, row: int) -> Lane:
    """Zero stays in its place unless the trace would leave the strip for it."""
    lane = Lane(strip, name, x0, x1, scale, 0.0, row)
    low, high = lane.extent_mm
    middle = np.nanmedian(lane.values) if high > low or high != 0.0 else 0.0
    if abs(middle) * scale.mm_per_unit <= _TALLEST_MM - _LEAST_ABOVE_MM:
        return lane
    whole_mm = round(float(middle) * scale.mm_per_unit) / scale.mm_per_unit
    return replace(lane, anchor=whole_mm)


def _within(value: float, least: float, most: float) -> float:
    return min(max(value, least), most)


def _to_square(value_mm: float) -> float:
    """Up to a whole large square."""
    return 5.0 * math.ceil(value_mm / 5.0 - 1e-6)

"""Where each lead goes on the sheet: rows, columns, zero levels, in millimetres from the top down."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ecg_core.figures.filters import filter_caption
from ecg_core.figures.page import CABRERA_LEADS, TWELVE_LEADS, Page, has_the_twelve, standard_name
from ecg_core.figures.strips import Scale, Strip, find_extent, find_extent_of_waves, find_scales

_TICKS_MM, _TICKS_PX = 4.0, 9.0
_LABEL_MM, _LABEL_PX = 2.5, 9.0
_LETTER_PX, _CLIPPING_MARK_PX = 6.5, 6.0
_CLIPPED = "clipped"
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
    is_inverted : bool
        Drawn upside down, as −aVR in Cabrera's order.
    level_mm : float
        Below the top of the sheet; a multiple of 5, so that zero lies on a line of the grid.
    below_mm, above_mm : float
        The lane's room under and over the level; the trace is cut there.
    """

    strip: Strip
    name: str
    x0: float
    x1: float
    scale: Scale
    anchor: float
    row: int
    is_inverted: bool = False
    level_mm: float = 0.0
    below_mm: float = math.inf
    above_mm: float = math.inf

    @property
    def zero_is_on_strip(self) -> bool:
        return self.anchor == 0.0

    @cached_property
    def cut(self) -> slice:
        return self.strip.cut(self.x0, self.x1)

    @cached_property
    def values(self) -> NDArray[np.float64]:
        """In the lead's unit, as drawn: turned over where the lane is inverted."""
        values = self.strip.values[self.cut]
        return -values if self.is_inverted else values

    @cached_property
    def heights_mm(self) -> NDArray[np.float64]:
        """Over the level; what does not fit into the lane's room is cut at its edge."""
        return np.clip(self._full_heights_mm, -self.below_mm, self.above_mm)

    @cached_property
    def _full_heights_mm(self) -> NDArray[np.float64]:
        return (self.values - self.anchor) * self.scale.mm_per_unit

    @cached_property
    def clipped(self) -> NDArray[np.int64]:
        """Of each run of samples that was cut, the middle one; its height is the lane's edge."""
        heights = self._full_heights_mm
        cut = (heights > self.above_mm + 0.01) | (heights < -self.below_mm - 0.01)
        edges = np.flatnonzero(np.diff(np.r_[False, cut, False].astype(np.int8)))
        return ((edges[::2] + edges[1::2] - 1) // 2).astype(np.int64)

    @cached_property
    def gaps(self) -> list[tuple[float, float]]:
        """From and to, on the x axis, where samples are missing."""
        edges = np.flatnonzero(np.diff(np.r_[False, np.isnan(self.values), False].astype(np.int8)))
        x = self.strip.start + (self.cut.start + edges) * self.strip.dx
        return list(zip(x[::2].tolist(), x[1::2].tolist(), strict=True))

    @cached_property
    def extent_mm(self) -> tuple[float, float]:
        """How far the trace reaches below (negative) and above ``level_mm``; spikes are no measure of it."""
        rate = self.strip.lead.sampling_rate_hz
        low, high = find_extent_of_waves(self.values, rate) if rate else find_extent(self.values)
        return (low - self.anchor) * self.scale.mm_per_unit, (high - self.anchor) * self.scale.mm_per_unit

    @cached_property
    def notes(self) -> str:
        """What stands beside the name: crossings here and in all, and what is not as usual."""
        here, total = self.crossings_here, self.strip.number_of_zero_crossings
        count = f"{total:,} ↕" if here == total else f"{here:,} of {total:,} ↕"
        parts = [count.replace(",", "\u202f"), self.scale.note]
        if not self.zero_is_on_strip:
            parts.append("zero is off the strip")
        if len(self.clipped):
            parts.append(_CLIPPED)
        if np.isnan(self.values).all():
            parts.append("no samples here")
        return " · ".join(part for part in parts if part)

    @cached_property
    def crossings_here(self) -> int:
        """Zero crossings from ``x0`` to ``x1``."""
        x = self.strip.start + self.strip.crossings.positions * self.strip.dx
        return int(np.count_nonzero((x >= self.x0) & (x < self.x1)))

    def label_mm(self, page: Page, tallest: float = _TALLEST_OF_FEW_MM) -> float:
        """Height of the label over the level: clear of the trace under it, or of where that is cut."""
        highest = self._highest_at_label_mm(page)
        fitting = min(highest, self.extent_mm[1], tallest)
        mark_mm = _CLIPPING_MARK_PX / page.px_per_mm if highest > fitting else 0.0
        return max(fitting, 5.5) + _label_room_mm(page) + mark_mm

    def cut_at_label_mm(self, page: Page, label_mm: float) -> float:
        """Where the trace is cut so that a spike does not run through the label; infinite where none does."""
        under = label_mm - _label_room_mm(page)
        is_clear = self._highest_at_label_mm(page) <= under + 0.01
        return math.inf if is_clear else under - _CLIPPING_MARK_PX / page.px_per_mm

    def _highest_at_label_mm(self, page: Page) -> float:
        """Of the trace as far as the label reaches, also if it comes to say that the trace is clipped."""
        heights = self._full_heights_mm
        letters = len(self.name) + len(self.notes) + 4
        if _highest(heights) > self.extent_mm[1]:
            letters += len(f" · {_CLIPPED}")
        stop = math.ceil(letters * _LETTER_PX / page.px_per_mm / page.mm_per_x / self.strip.dx) + 1
        return _highest(heights[:stop])


@dataclass(frozen=True, eq=False)
class Sheet:
    """The lanes in their places, and the height of it all.

    For each row: how far over its level the labels stand, and how far under it the traces reach.
    ``tick_mm`` is the height of one tick; ``caption`` is what the paper is; ``start`` is where it begins.
    """

    lanes: tuple[Lane, ...]
    label_mm: tuple[float, ...]
    below_mm: tuple[float, ...]
    tick_mm: float
    height_mm: int
    caption: str
    start: float = 0.0

    def ticks_mm(self, lane: Lane) -> float:
        """Below the top: the middle of the strip of ticks under a lane."""
        return lane.level_mm + self.below_mm[lane.row] + self.tick_mm


def lay_out(
    strips: Sequence[Strip],
    page: Page,
    start: float,
    *,
    is_marked: bool = False,
    has_kinds: bool = False,
    noted: Collection[str] = (),
    beside: tuple[Sequence[Strip], float] | None = None,
) -> Sheet:
    """Place the strips on the sheet so that, in an ordinary ECG, no trace runs into another.

    A sheet that is marked has room for a line of text over the names of its first row, and each row over
    those of its leads that are noted; one on which beats have their kinds from the file and from here has
    two such lines (``has_kinds``). One that stands beside another of the same page, whose strips and
    beginning are given, has its rows at the same heights.
    """
    tallest = _TALLEST_OF_FEW_MM if page.columns == 1 and len(strips) <= _FEW_ROWS else _TALLEST_MM
    lanes, shared_note = _shared_note(_unplaced(strips, page, start))
    others = _shared_note(_unplaced(beside[0], page, beside[1]))[0] if beside else []
    both = [*lanes, *others]
    rows = [[lane for lane in both if lane.row == row] for row in sorted({lane.row for lane in both})]
    labels = [max(lane.label_mm(page, tallest) for lane in row) for row in rows]
    above = [_above(row, label, page, tallest) for row, label in zip(rows, labels, strict=True)]
    line_mm = max(2.5, 13.0 / page.px_per_mm) + 7.0 / page.px_per_mm
    for number, row in enumerate(rows):
        if is_marked if number == 0 else any(lane.strip.lead.name in noted for lane in row):
            lines_mm = line_mm * (2 if has_kinds and number == 0 else 1)
            above[number] = max(above[number], labels[number] + lines_mm - (_TOP_MM if number == 0 else 0.0))
    below = [max(_within(-lane.extent_mm[0], _LEAST_BELOW_MM, tallest) for lane in row) for row in rows]
    ticks_mm = max(_TICKS_MM, _TICKS_PX / page.px_per_mm)
    levels = _levels(above, below, ticks_mm)
    bottom = (levels[-1] + below[-1] if levels else 0.0) + ticks_mm + max(_CAPTION_MM, 12.0 / page.px_per_mm)
    placed = tuple(
        replace(
            lane,
            level_mm=levels[lane.row],
            below_mm=below[lane.row] + ticks_mm / 4,
            above_mm=min(above[lane.row], lane.cut_at_label_mm(page, labels[lane.row])),
        )
        for lane in lanes
    )
    caption = _caption(lanes, page, shared_note)
    return Sheet(placed, tuple(labels), tuple(below), ticks_mm / 2, int(_to_square(bottom)), caption, start)


def _unplaced(strips: Sequence[Strip], page: Page, start: float) -> list[Lane]:
    return _columns(strips, page, start) if page.columns > 1 else _stack(strips, page, start)


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
    view = page.view
    parts = [f"{page.mm_per_x:g} mm/s"] if page.timed else []
    if any(lane.strip.lead.millivolts_per_unit is not None for lane in lanes):
        chest = f" · chest {view.chest_gain:g} mm/mV" if view.chest_gain not in (0.0, view.gain) else ""
        parts.append(f"{page.gain_mm_mv:g} mm/mV{chest}")
    if view.is_filtered:
        rates = {lane.strip.lead.sampling_rate_hz for lane in lanes}
        parts.append(filter_caption(view, sampling_rates_hz=rates))
    return " · ".join([*parts, *(text for text in (shared_note, page.note) if text)])


def _columns(strips: Sequence[Strip], page: Page, start: float) -> list[Lane]:
    """The twelve leads in columns one after the other in time, others below them, rhythm leads last."""
    scales = find_scales(strips, page)
    known = {standard_name(s.lead.name): (s, scale) for s, scale in zip(strips, scales, strict=True)}
    others = [(s, scale) for s, scale in zip(strips, scales, strict=True) if not standard_name(s.lead.name)]
    rows, width = 12 // page.columns, page.span / page.columns
    lanes = []
    for number, name in sorted(enumerate(_order(page)), key=lambda item: item[0] % rows):
        column, row = divmod(number, rows)
        x0 = start + column * width
        lanes.append(_named_lane(known, name, x0, x0 + width, row))
    for number, (strip, scale) in enumerate(others):
        row, column = divmod(number, page.columns)
        x0 = start + column * width
        lanes.append(_lane(strip, scale, strip.lead.name, x0, x0 + width, rows + row))
    rows += math.ceil(len(others) / page.columns)
    for row, name in enumerate(page.rhythm, rows):
        lanes.append(_named_lane(known, name, start, start + page.span, row))
    return lanes


def _order(page: Page) -> tuple[str, ...]:
    return CABRERA_LEADS if page.view.order == "cabrera" else TWELVE_LEADS


def _named_lane(
    known: Mapping[str | None, tuple[Strip, Scale]], name: str, x0: float, x1: float, row: int
) -> Lane:
    """The lane of a standard lead; one of "-aVR" is aVR turned over."""
    strip, scale = known[name.removeprefix("-")]
    is_inverted = name.startswith("-")
    return _lane(strip, scale, name.replace("-", "−"), x0, x1, row, is_inverted=is_inverted)


def _stack(strips: Sequence[Strip], page: Page, start: float) -> list[Lane]:
    """One strip a row: standard leads that are all there in their order, any others as they come."""
    scales = find_scales(strips, page)
    end = start + page.span
    if page.view.leads or not has_the_twelve([strip.lead.name for strip in strips]):
        return [
            _lane(strip, scale, strip.lead.name, start, end, row)
            for row, (strip, scale) in enumerate(zip(strips, scales, strict=True))
        ]
    known = {standard_name(s.lead.name): (s, scale) for s, scale in zip(strips, scales, strict=True)}
    lanes = [_named_lane(known, name, start, end, row) for row, name in enumerate(_order(page))]
    others = [(s, scale) for s, scale in zip(strips, scales, strict=True) if not standard_name(s.lead.name)]
    return lanes + [
        _lane(strip, scale, strip.lead.name, start, end, row) for row, (strip, scale) in enumerate(others, 12)
    ]


def _lane(
    strip: Strip, scale: Scale, name: str, x0: float, x1: float, row: int, *, is_inverted: bool = False
) -> Lane:
    """Zero stays in its place unless the trace would leave the strip for it."""
    lane = Lane(strip, name, x0, x1, scale, 0.0, row, is_inverted)
    low, high = lane.extent_mm
    farthest = (_TALLEST_MM - _LEAST_ABOVE_MM) / scale.mm_per_unit
    if max(abs(low), abs(high)) <= farthest:
        return lane
    middle = np.nanmedian(lane.values)
    if abs(middle) <= farthest:
        return lane
    whole_mm = round(float(middle) * scale.mm_per_unit) / scale.mm_per_unit
    return replace(lane, anchor=whole_mm)


def _highest(heights_mm: NDArray[np.float64]) -> float:
    """The level itself where no sample is."""
    finite = heights_mm[~np.isnan(heights_mm)]
    return float(finite.max()) if len(finite) else 0.0


def _label_room_mm(page: Page) -> float:
    """From the trace to the middle of a label."""
    return max(_LABEL_MM, _LABEL_PX / page.px_per_mm)


def _within(value: float, least: float, most: float) -> float:
    return min(max(value, least), most)


def _to_square(value_mm: float) -> float:
    """Up to a whole large square."""
    return 5.0 * math.ceil(value_mm / 5.0 - 1e-6)

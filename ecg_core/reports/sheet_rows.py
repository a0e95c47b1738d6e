"""A sheet that is higher than the paper: its rows nearer to each other, or on several pages."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

from ecg_core.figures.lanes import Sheet

_NEAREST_MM = 20.0


def close_up(sheet: Sheet, room_mm: float) -> Sheet:
    """The columns' rows nearer to each other, if so all of them fit into ``room_mm``: traces may then cross.

    Rows move by whole large squares, the farthest apart first, and stay 20 mm apart.
    """
    levels = sorted({lane.level_mm for lane in sheet.lanes})
    apart = [below - above for above, below in pairwise(levels)]
    too_high = math.ceil((sheet.height_mm - room_mm) / 5.0 - 1e-6)
    if too_high <= 0 or too_high * 5.0 > sum(each - _NEAREST_MM for each in apart):
        return sheet
    below = list(sheet.below_mm)
    for _ in range(too_high):
        row = max(range(len(apart)), key=apart.__getitem__)
        apart[row] -= 5.0
        below[row] = max(below[row] - 5.0, 0.0)
    moved = dict(zip(levels, accumulate(apart, initial=levels[0]), strict=True))
    lanes = tuple(replace(lane, level_mm=moved[lane.level_mm]) for lane in sheet.lanes)
    height = sheet.height_mm - 5 * too_high
    return replace(sheet, lanes=lanes, below_mm=tuple(below), height_mm=height)


def split_rows(sheet: Sheet, room_mm: float) -> list[Sheet]:
    """The sheet as one or more of whole rows, each no higher than ``room_mm`` unless one row is."""
    if sheet.height_mm <= room_mm or not sheet.lanes:
        return [sheet]
    levels = {lane.row: lane.level_mm for lane in sheet.lanes}
    bottoms = {row: level + sheet.below_mm[row] + 2 * sheet.tick_mm for row, level in levels.items()}
    parts: list[list[int]] = []
    for row in sorted(levels):
        top = _top(bottoms, parts[-1][0]) if parts else 0.0
        if parts and _whole_mm(bottoms[row] - top) <= room_mm:
            parts[-1].append(row)
        else:
            parts.append([row])
    return [_rows(sheet, rows, _top(bottoms, rows[0]), bottoms[rows[-1]]) for rows in parts]


def _top(bottoms: dict[int, float], row: int) -> float:
    """A large square's line over a row: the zero lines stay on lines."""
    return 5.0 * math.floor(bottoms[row - 1] / 5.0) if row - 1 in bottoms else 0.0


def _whole_mm(height: float) -> int:
    """With room for the caption, in whole large squares."""
    return 5 * math.ceil((height + 4.0) / 5.0 - 1e-6)


def _rows(sheet: Sheet, rows: Sequence[int], top: float, bottom: float) -> Sheet:
    lanes = [replace(lane, level_mm=lane.level_mm - top) for lane in sheet.lanes if lane.row in rows]
    return replace(sheet, lanes=tuple(lanes), height_mm=_whole_mm(bottom - top))

"""From places on a sheet to the axes of its figure, for what is marked on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ecg_core.figures.lanes import Lane, Sheet
from ecg_core.figures.page import PULSE_MM, Page

_LABEL_LETTER_PX = 6.5
#: Lifts the pen between lines of one trace.
PEN_UP = (np.nan, np.nan)

Points = list[tuple[float, float]]
#: Texts that stand already: millimetres below the top, x of the middle, half the width in pixels.
Taken = list[tuple[float, float, float]]


@dataclass(frozen=True, eq=False)
class Ruler:
    """From places on the sheet to the axes of the figure."""

    sheet: Sheet
    page: Page

    @property
    def x0(self) -> float:
        return min(lane.x0 for lane in self.sheet.lanes)

    @property
    def x1(self) -> float:
        return max(lane.x1 for lane in self.sheet.lanes)

    @property
    def px_per_x(self) -> float:
        return self.page.mm_per_x * self.page.px_per_mm

    def y(self, mm: float) -> float:
        return -mm / self.page.gain_mm_mv

    def mm(self, px: float) -> float:
        return px / self.page.px_per_mm

    def over_mm(self, lane: Lane) -> float:
        """The line of text over the label of a lane."""
        label = lane.level_mm - self.sheet.label_mm[lane.row]
        return max(label - max(2.5, self.mm(13.0)), self.mm(7.0))

    def over_marks_mm(self, lane: Lane) -> float:
        """The line of text over that one."""
        return max(self.over_mm(lane) - max(2.5, self.mm(13.0)), self.mm(7.0))

    def foot_mm(self, x: float) -> float:
        """The line of text at the foot of the sheet, and the one over it where its caption stands."""
        foot = self.sheet.height_mm - max(2.0, self.mm(7.0))
        caption_px = len(self.sheet.caption) * _LABEL_LETTER_PX - PULSE_MM * self.page.px_per_mm
        return foot - self.mm(12.0) if (x - self.x0) * self.px_per_x < caption_px else foot

    def label_boxes(self) -> Taken:
        """Where labels stand so close to the top that the line of text over them runs through them."""
        boxes = []
        for lane in self.sheet.lanes:
            over, label = self.over_mm(lane), lane.level_mm - self.sheet.label_mm[lane.row]
            if label - over < self.mm(9.5):
                half = (len(lane.name) + len(lane.notes) + 4) * _LABEL_LETTER_PX / 2
                boxes.append((over, lane.x0 + half / self.px_per_x, half))
        return boxes

    def lanes_of(self, lead: str) -> list[Lane]:
        """Where a lead is drawn; an empty name is the whole sheet, which its first row stands for."""
        if not lead:
            first = min(lane.row for lane in self.sheet.lanes)
            return [lane for lane in self.sheet.lanes if lane.row == first]
        return [lane for lane in self.sheet.lanes if lane.strip.lead.name == lead]

"""All leads on one time axis, on paper."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ecg_core.figures.lanes import lay_out
from ecg_core.figures.overlay import overlay_parts
from ecg_core.figures.page import Page
from ecg_core.figures.strips import Strip
from ecg_core.reports.placed_figure import PlacedFigure, centred
from ecg_core.reports.print_frame import Printout
from ecg_core.reports.print_source import Body, Source, room_mm
from ecg_core.reports.print_words import how_drawn, left_out, sheet_counts
from ecg_core.reports.sheet_drawing import AXIS_MM, axis_ticks

_CUT = "!Cut at the lower edge: choose a smaller gain."


def overlay_body(
    printout: Printout, source: Source, strips: Sequence[Strip], page: Page, start: float, shown: str
) -> Body:
    """The page of a stretch that fits across the paper.

    Parameters
    ----------
    strips : sequence of Strip
        The stretch of each lead.
    page : Page
        One column.
    start : float
        In seconds or samples.
    shown : str
        The stretch in words.
    """
    drawn = how_drawn(printout, page, {strip.lead.name for strip in strips}, "all leads on one axis")
    counts = sheet_counts(printout, source, lay_out(strips, page, start))
    notes = [*counts, *_left_out(printout, timed=page.timed)]
    parts = overlay_parts(strips, page, view=printout.view, start=start)
    most = room_mm(printout, [*drawn, _CUT], notes) - AXIS_MM - 2.0
    figure = PlacedFigure(parts, page.mm_per_x, most, axis_ticks(page, start), is_squared=page.timed)
    return Body(shown, [*drawn, _CUT] if figure.is_cut else drawn, notes, partial(centred, figure, printout))


def _left_out(printout: Printout, *, timed: bool) -> list[str]:
    parts = ["the places of the zero crossings"] if printout.view.crossings != "off" else []
    if printout.view.marks and printout.ecg.number_of_annotations:
        parts.append("what the file marks")
    if printout.view.beats and not timed:
        parts.append("median beats, which need a sampling rate")
    if printout.marks:
        parts.append("the places of notes and calipers")
    return left_out(printout, not_drawn=parts)

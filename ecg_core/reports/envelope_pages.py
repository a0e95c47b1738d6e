"""A long window on one page: the lowest and the highest value of each column of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from ecg_core.domain import Annotation, LeadSummary
from ecg_core.figures.envelope_events import MOST_EVENTS, event_traces
from ecg_core.figures.envelope_lanes import EnvelopeSheet
from ecg_core.figures.envelope_strips import EnvelopeStrip
from ecg_core.figures.envelopes import envelope_parts, lay_out_envelopes
from ecg_core.figures.second_count import second_count_texts
from ecg_core.reports.placed_figure import PlacedFigure, centred
from ecg_core.reports.print_frame import Printout, stretch
from ecg_core.reports.print_source import Body, Source, room_mm
from ecg_core.reports.print_words import gain_text, has_millivolts, left_out, marked_text
from ecg_core.reports.sheet_drawing import AXIS_MM, PX_PER_MM, print_palette
from ecg_core.signal.marks import MeasuredMark


def envelope_bodies(
    printout: Printout, source: Source, leads: Sequence[LeadSummary],
    start: float, length: float, total: float,
) -> Iterator[Body]:  # fmt: skip
    """A stretch of any length on one page, or on more where the leads are too many."""
    timed = leads[0].sampling_rate_hz is not None
    names = [lead.name for lead in leads]
    width_px = int(printout.room * PX_PER_MM)
    by_name = {each.lead_name: each for each in source.envelopes(start, length, set(names), width_px)}
    strips = [by_name[name] for name in names]
    found = source.annotations(start, start + length) if printout.view.marks and timed else ()
    marked = [each for each in found if each.kind != "beat"]
    shown = stretch(printout.ecg, start, start + length, total, timed=timed)
    drawn = _how_drawn(printout, leads, length, timed)
    said = [*_counts(printout, source, leads, start, length), *_marked(printout, marked, start + length)]
    most = room_mm(printout, drawn, said) - AXIS_MM - 2.0
    pages = list(_fitting(printout, strips, start, length, marked, most))
    for number, figure in enumerate(pages, 1):
        of = f" · leads {number} of {len(pages)}" if len(pages) > 1 else ""
        yield Body(shown + of, drawn, said, partial(centred, figure, printout))


def _fitting(
    printout: Printout, strips: Sequence[EnvelopeStrip], start: float, span: float,
    marked: Sequence[Annotation], most_mm: float,
) -> Iterator[PlacedFigure]:  # fmt: skip
    """All leads on one page, or half of them on each, and so on."""
    notes = [mark for mark in printout.marks if mark.mark.kind == "note"] if printout.view.marks else []
    sheet = lay_out_envelopes(
        strips, width_px=int(printout.room * PX_PER_MM), start=start, span=span, view=printout.view,
        px_per_mm=PX_PER_MM, is_marked=bool(marked or notes),
    )  # fmt: skip
    figure = _figure(printout, sheet, marked, notes, most_mm)
    if figure.is_cut and len(strips) > 1:
        half = -(-len(strips) // 2)
        yield from _fitting(printout, strips[:half], start, span, marked, most_mm)
        yield from _fitting(printout, strips[half:], start, span, marked, most_mm)
    else:
        yield figure


def _figure(
    printout: Printout, sheet: EnvelopeSheet, marked: Sequence[Annotation], notes: Sequence[MeasuredMark],
    most_mm: float,
) -> PlacedFigure:  # fmt: skip
    shown = marked if len(marked) <= MOST_EVENTS else []
    events = event_traces(shown, notes, sheet, print_palette(printout.view))
    parts = envelope_parts(sheet, dark=False, recorded_at=printout.ecg.recorded_at, extra=events)
    axis = parts["layout"]["xaxis"]
    ticks = list(zip(axis.get("tickvals", ()), axis.get("ticktext", ()), strict=True))
    return PlacedFigure(parts, 1.0 / (sheet.x_per_px * PX_PER_MM), most_mm, ticks, is_squared=False)


def _how_drawn(printout: Printout, leads: Sequence[LeadSummary], length: float, timed: bool) -> list[str]:
    view = printout.view
    parts = ["Lowest to highest in columns of time; no distance across is calibrated"]
    if has_millivolts(leads):
        parts.append(gain_text(view))
    parts.append("no filter: the stored signal")
    said = [" · ".join(parts)]
    if not timed:
        said.append("!The sampling rate is unknown: drawn by sample number.")
    if any(lead.unit is None for lead in leads):
        said.append("!The unit is unknown: drawn in counts; no height is a voltage.")
    return said


def _counts(
    printout: Printout, source: Source, leads: Sequence[LeadSummary], start: float, length: float
) -> list[str]:
    totals = " · ".join(f"{lead.name} {lead.number_of_zero_crossings:,}" for lead in leads)
    said = [f"Zero crossings in the whole recording (those on this page beside the names): {totals}"]
    if printout.view.dead_band or printout.view.detrend:
        said += second_count_texts(source.count(start, length, {lead.name for lead in leads}))
    return said


def _marked(printout: Printout, marked: Sequence[Annotation], longest_s: float) -> list[str]:
    not_drawn = []
    if printout.view.marks and printout.ecg.number_of_annotations:
        not_drawn.append("the file's beats")
    if len(marked) > MOST_EVENTS:
        not_drawn.append(f"{len(marked):,} marks of the file, too many for one page")
    if any(mark.mark.kind == "caliper" for mark in printout.marks):
        not_drawn.append("the places of calipers")
    return [*marked_text(marked, longest_s), *left_out(printout, not_drawn=not_drawn)]

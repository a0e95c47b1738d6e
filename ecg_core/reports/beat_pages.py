"""The median beat of each lead, on paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from ecg_core.domain import LeadSummary
from ecg_core.figures.median_beats import median_beat_parts
from ecg_core.reports.placed_figure import PlacedFigure, centred
from ecg_core.reports.print_frame import Printout, stretch
from ecg_core.reports.print_source import Body, Source, room_mm
from ecg_core.reports.print_words import filter_text, gain_text, has_millivolts
from ecg_core.reports.sheet_drawing import PX_PER_MM
from ecg_core.signal.median_beats import MedianBeats


def beat_bodies(
    printout: Printout, source: Source, leads: Sequence[LeadSummary],
    start: float, length: float, total: float,
) -> Iterator[Body]:  # fmt: skip
    """The median beats of a stretch, or of some seconds around it, on as many pages as they need."""
    beats = source.beats(start, length, {lead.name for lead in leads})
    shown = stretch(printout.ecg, beats.start_s, beats.start_s + beats.length_s, total, timed=True)
    drawn = _how_drawn(printout, leads, beats)
    most = room_mm(printout, drawn, _without(beats)) - 2.0
    parts = list(_fitting(printout, beats, most))
    for number, (of_page, figure) in enumerate(parts, 1):
        of = f" · leads {number} of {len(parts)}" if len(parts) > 1 else ""
        yield Body(
            f"median beats of {shown}{of}", drawn, _without(of_page), partial(centred, figure, printout)
        )


def _fitting(
    printout: Printout, beats: MedianBeats, most_mm: float
) -> Iterator[tuple[MedianBeats, PlacedFigure]]:
    """All leads on one page, or half of them on each, and so on."""
    width_px = int(printout.room * PX_PER_MM)
    parts = median_beat_parts(beats, view=printout.view, width_px=width_px, px_per_mm=PX_PER_MM)
    figure = PlacedFigure(parts, 1.0, most_mm)
    names = [lead.name for lead in beats.leads]
    if figure.is_cut and len(names) > 1:
        half = -(-len(names) // 2)
        yield from _fitting(printout, beats.only(names[:half]), most_mm)
        yield from _fitting(printout, beats.only(names[half:]), most_mm)
    else:
        yield beats, figure


def _how_drawn(printout: Printout, leads: Sequence[LeadSummary], beats: MedianBeats) -> list[str]:
    view, names = printout.view, {lead.name for lead in leads}
    parts = [f"Median beats · {view.speed:g} mm/s"]
    if has_millivolts(leads):
        parts.append(gain_text(view))
    parts.append(filter_text(printout, names))
    if beats.lead_of_beats:
        parts.append(f"{beats.number_of_beats} beats found on lead {beats.lead_of_beats}")
    if beats.rr_s and beats.heart_rate_bpm:
        parts.append(f"median RR {beats.rr_s * 1000:.0f} ms ({beats.heart_rate_bpm:.0f} bpm)")
    return [" · ".join(parts)]


def _without(beats: MedianBeats) -> list[str]:
    """Leads that have no median beat, and why; the same reason is said once."""
    reasons: dict[str, list[str]] = {}
    for lead in beats.leads:
        if lead.beat is None:
            reasons.setdefault(lead.reason, []).append(lead.name)
    return [f"No median beat of {', '.join(names)}: {reason}" for reason, names in reasons.items()]

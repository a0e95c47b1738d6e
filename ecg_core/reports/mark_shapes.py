"""Readers' notes and calipers: on the traces, and as lines of text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from ecg_core.domain import Mark
from ecg_core.figures.lanes import Lane
from ecg_core.figures.times import elapsed
from ecg_core.reports.drawing import Rectangle, Shape, Text, strokes
from ecg_core.reports.fonts import text_width
from ecg_core.reports.sheet_drawing import PlacedSheet
from ecg_core.signal.marks import MeasuredMark

MARK_COLOUR = "#7a1fa2"
_LETTER_MM = 1.7  # of a lead's name and counts
_HALF_MM, _FLAG_MM, _TEXT_MM = 8.0, 12.0, 2.3  # a note's flag is over what a caliper says
_DASH = (0.8, 0.8)


def measured_text(measured: MeasuredMark) -> str:
    """``812 ms · 74 bpm · Δ +0.42 mV``, or samples where no time is known."""
    if measured.mark.kind != "caliper":
        return ""
    samples = measured.mark.stop_sample - measured.mark.start_sample
    parts = [f"{samples:,} samples" if measured.interval_ms is None else f"{measured.interval_ms:.0f} ms"]
    if measured.rate_bpm is not None:
        parts.append(f"{measured.rate_bpm:.0f} bpm")
    if measured.difference_mv is not None:
        parts.append(f"Δ {measured.difference_mv:+.2f} mV".replace("-", "−"))
    elif measured.difference is not None:
        parts.append(f"Δ {measured.difference:+.4g} {measured.unit or 'counts'}".replace("-", "−"))
    return " · ".join(parts)


def mark_labels(marks: Sequence[MeasuredMark]) -> list[str]:
    """What stands at each mark on the trace: the number of a note as on the screen, C1, C2 … of a caliper."""
    notes, calipers = count(1), count(1)
    return [f"C{next(calipers)}" if one.mark.kind == "caliper" else str(next(notes)) for one in marks]


def mark_line(label: str, measured: MeasuredMark) -> str:
    """A mark in words: its label on the trace, where it is, what it says, who made it and when."""
    mark = measured.mark
    where = "all leads" if mark.is_about_all_leads else f"lead {mark.lead}"
    said = " · ".join(part for part in (mark.text, measured_text(measured)) if part)
    kind = "Caliper" if mark.kind == "caliper" else "Note"
    return (
        f"{label}. {kind}, {where}, {_place(measured)}: {said} "
        f"({mark.author}, {mark.changed_at:%Y-%m-%d %H:%M})"
    )


def _place(measured: MeasuredMark) -> str:
    mark = measured.mark
    if measured.start_s is None or measured.stop_s is None:
        places = [f"{mark.start_sample:,}", f"{mark.stop_sample:,}"]
        word = "sample "
    else:
        longest = max(measured.stop_s, measured.start_s)
        places = [
            f"{time:.3f} s" if longest < 120 else elapsed(time, longest)
            for time in (measured.start_s, measured.stop_s)
        ]
        word = ""
    return word + (places[0] if mark.start_sample == mark.stop_sample else "–".join(places))


def mark_shapes(placed: PlacedSheet, marks: Sequence[MeasuredMark]) -> tuple[Shape, ...]:
    """Each mark in its lead, with its label in the list."""
    shapes: list[Shape] = []
    for label, measured in zip(mark_labels(marks), marks, strict=True):
        for lane in placed.sheet.lanes:
            if lane.strip.lead.name == measured.mark.lead:
                draw = _caliper if measured.mark.kind == "caliper" else _note
                shapes += draw(placed, lane, label, measured)
    return tuple(shapes)


def _x(placed: PlacedSheet, lane: Lane, sample: float) -> float | None:
    """Where a sample of the stored lead is on the page, if it is in this lane."""
    place = sample * lane.strip.dx
    return float(placed.x(place)) if lane.x0 - 1e-9 <= place <= lane.x1 + 1e-9 else None


def _note(placed: PlacedSheet, lane: Lane, label: str, measured: MeasuredMark) -> list[Shape]:
    """A flag at its place; a span is a line from its beginning to its end."""
    mark, level = measured.mark, placed.level(lane)
    x0, x1 = _x(placed, lane, mark.start_sample), _x(placed, lane, mark.stop_sample)
    if x0 is None and x1 is None and not _covers(lane, mark):
        return []
    left = float(placed.x(lane.x0)) if x0 is None else x0
    right = float(placed.x(lane.x1)) if x1 is None else x1
    lines = [(left, level - _FLAG_MM, right, level - _FLAG_MM)]
    reach = placed.sheet.height_mm if mark.is_about_all_leads else 0.0
    for x in {x0, x1} - {None}:
        assert x is not None
        if reach:
            lines.append((x, placed.top, x, placed.top + reach))
        else:
            lines.append((x, level - _FLAG_MM, x, level + 3.0))
    return [strokes(lines, MARK_COLOUR, 0.2, _DASH), *_flag(left, level - _FLAG_MM, label)]


def _covers(lane: Lane, mark: Mark) -> bool:
    dx = lane.strip.dx
    return mark.start_sample * dx < lane.x0 and mark.stop_sample * dx > lane.x1


def _flag(x: float, y: float, text: str) -> list[Shape]:
    width = text_width(text, _TEXT_MM, is_bold=True) + 1.0
    return [
        Rectangle(x, y - 2.6, width, 3.0, MARK_COLOUR),
        Text(x + 0.5, y - 0.4, text, _TEXT_MM, "#ffffff", is_bold=True),
    ]


def _caliper(placed: PlacedSheet, lane: Lane, label: str, measured: MeasuredMark) -> list[Shape]:
    """Two legs and what is between them; legs march on along the strip where that was asked for."""
    mark, level = measured.mark, placed.level(lane)
    x0, x1 = _x(placed, lane, mark.start_sample), _x(placed, lane, mark.stop_sample)
    shapes: list[Shape] = []
    if mark.marches and mark.stop_sample > mark.start_sample:
        marched = [x for x in _marched(placed, lane, mark) if x not in (x0, x1)]
        lines = [(x, level - _HALF_MM / 2, x, level + _HALF_MM / 2) for x in marched]
        shapes.append(strokes(lines, MARK_COLOUR, 0.15, _DASH))
    if x0 is None and x1 is None:
        return shapes
    left = float(placed.x(lane.x0)) if x0 is None else x0
    right = float(placed.x(lane.x1)) if x1 is None else x1
    legs = [(x, level - _HALF_MM, x, level + _HALF_MM) for x in (x0, x1) if x is not None]
    bar = level + (_HALF_MM if _is_beside_name(placed, lane, left) else -_HALF_MM)
    shapes.append(strokes([*legs, (left, bar, right, bar)], MARK_COLOUR, 0.25))
    flag = _flag(left, bar, label)
    beside = left + text_width(label, _TEXT_MM, is_bold=True) + 1.6
    said = Text(beside, bar - 0.5, measured_text(measured), _TEXT_MM, MARK_COLOUR, is_bold=True)
    return [*shapes, *flag, said]  # only the number has a ground: the trace is not hidden


def _is_beside_name(placed: PlacedSheet, lane: Lane, left: float) -> bool:
    """Whether what stands over a caliper would lie over the lead's name and counts."""
    name_mm = (len(lane.name) + len(lane.notes) + 4) * _LETTER_MM
    is_as_high = abs(placed.sheet.label_mm[lane.row] - _HALF_MM) < 2 * _TEXT_MM
    return is_as_high and left < float(placed.x(lane.x0)) + name_mm


def _marched(placed: PlacedSheet, lane: Lane, mark: Mark) -> list[float]:
    step, dx = mark.stop_sample - mark.start_sample, lane.strip.dx
    first = -int((mark.start_sample - lane.x0 / dx) // step)
    last = int((lane.x1 / dx - mark.start_sample) // step)
    if last - first > 2_000:  # a caliper of a sample or two: its march would be a grey area
        return []
    places = (_x(placed, lane, mark.start_sample + number * step) for number in range(first, last + 1))
    return [x for x in places if x is not None]

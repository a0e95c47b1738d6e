"""Full disclosure on paper: one lead, a minute a line, an hour a page."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import MILLIVOLTS_PER_UNIT, LeadSummary
from ecg_core.errors import InvalidInputError, UnwritableError
from ecg_core.figures.palette import Palette
from ecg_core.figures.second_count import second_count_texts
from ecg_core.figures.strips import Strip
from ecg_core.figures.times import time_texts
from ecg_core.reports.drawing import Clipped, Drawing, Lines, Rectangle, Shape, Text, strokes
from ecg_core.reports.print_frame import Printout, stretch
from ecg_core.reports.print_pages import MOST_PAGES, mark_bodies
from ecg_core.reports.print_source import Body, Source, page_of, room_mm
from ecg_core.reports.print_words import left_out
from ecg_core.reports.sheet_drawing import print_palette

LINE_S, LINES = 60.0, 60
HOUR_S = LINE_S * LINES
SPEED_MM_S = 4.0
_COLUMN_MM = 0.25
_READ_LINES = 10  # at a time: some megabytes at any rate
_TIMES_MM, _COUNTS_MM, _AXIS_MM, _TEXT_MM = 14.0, 8.0, 4.0, 2.0
_GAIN_PART = 4.0  # of the chosen gain: lines lie close
_REACH = 1.0  # lines beyond which a trace is cut


@dataclass(frozen=True, eq=False)
class _Line:
    """One minute: extremes of its columns about its own median, in mm, and its crossings."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    crossings: int


def disclosure_pages(
    printout: Printout,
    lead: LeadSummary,
    source: Source,
    stretches: Sequence[tuple[float, float | None]],
) -> Iterator[Drawing]:
    """The pages one by one; no more than ten minutes of the signal are in memory.

    Parameters
    ----------
    lead : LeadSummary
    source : Source
    stretches : sequence of (float, float or None)
        Start and length in seconds; without a length, to the end of the recording.

    Raises
    ------
    UnwritableError
        The lead's sampling rate is unknown.
    InvalidInputError
        There are too many pages.
    """
    total = lead.duration_s
    if total is None:
        raise UnwritableError(
            f"Full disclosure needs a sampling rate; that of lead {lead.name!r} is unknown: enter it first"
        )
    hours = [hour for start, length in stretches for hour in _hours(start, length, total)]
    if len(hours) > MOST_PAGES:
        raise InvalidInputError(
            f"{len(hours)} hours are more than the {MOST_PAGES} pages printed at once: choose a length"
        )
    return _pages(printout, lead, source, hours)


def _hours(start: float, length: float | None, total: float) -> list[tuple[float, float]]:
    """Begin and end of each page of a stretch."""
    first = min(max(start, 0.0), total)
    stop = total if length is None else min(first + length, total)
    number = max(math.ceil((stop - first) / HOUR_S - 1e-9), 1)
    return [
        (first + n * HOUR_S, min(first + (n + 1) * HOUR_S, stop)) for n in range(min(number, MOST_PAGES + 1))
    ]


def _pages(
    printout: Printout, lead: LeadSummary, source: Source, hours: Sequence[tuple[float, float]]
) -> Iterator[Drawing]:
    listed = mark_bodies(printout)
    pages = len(hours) + len(listed)
    for number, (begin, end) in enumerate(hours, 1):
        yield page_of(printout, _hour(printout, lead, source, begin, end), f"page {number} of {pages}")
    for number, body in enumerate(listed, len(hours) + 1):
        yield page_of(printout, body, f"page {number} of {pages}")


def _hour(printout: Printout, lead: LeadSummary, source: Source, begin: float, end: float) -> Body:
    mm_per_unit, scale = _scale(printout, lead)
    shown = stretch(printout.ecg, begin, end, lead.duration_s or 0.0, timed=True)
    drawn = [_how_drawn(printout, lead, scale)]
    notes = [*_counts(printout, lead, source, begin, end), *_left_out(printout, lead)]
    pitch = (room_mm(printout, drawn, notes) - _AXIS_MM - 2.0) / (LINES + _REACH)
    left = (printout.paper.width - LINE_S * SPEED_MM_S + _TIMES_MM - _COUNTS_MM) / 2
    palette = print_palette(printout.view)

    def shapes(top: float) -> list[Shape]:
        lines = list(_read_lines(source, lead, begin, end, mm_per_unit))
        times = _times(printout, begin, len(lines), lead, left, top, pitch)
        return [*_body(lines, left, top, pitch, palette), *times]

    return Body(shown, drawn, notes, shapes)


def _scale(printout: Printout, lead: LeadSummary) -> tuple[float, str]:
    """Millimetres of the lead's unit, and the same in words."""
    from_mv = MILLIVOLTS_PER_UNIT.get(lead.unit) if lead.unit else None
    if from_mv is not None:
        gain = printout.view.gain / _GAIN_PART
        return from_mv * gain, f"{gain:g} mm/mV"
    height = (lead.maximum - lead.minimum) if lead.maximum is not None and lead.minimum is not None else 0.0
    per_unit = 2.5 / height if height > 0 else 1.0
    return per_unit, f"2.5 mm = {1 / per_unit * 2.5:.4g} {lead.unit or 'counts: the unit is unknown'}"


def _how_drawn(printout: Printout, lead: LeadSummary, scale: str) -> str:
    return (
        f"Full disclosure of lead {lead.name} · a minute a line · {SPEED_MM_S:g} mm/s · {scale} · each "
        f"line about its own median, cut where it reaches the next but one · no filter: the stored signal"
    )


def _counts(printout: Printout, lead: LeadSummary, source: Source, begin: float, end: float) -> list[str]:
    said = [
        f"Zero crossings at the right, by the minute; of the whole recording: {lead.name} "
        f"{lead.number_of_zero_crossings:,}"
    ]
    if printout.view.dead_band or printout.view.detrend:
        said += second_count_texts(source.count(begin, end - begin, {lead.name}))
    return said


def _left_out(printout: Printout, lead: LeadSummary) -> list[str]:
    """Of all leads that were chosen one is drawn, and nothing on it."""
    parts = ["what the file marks"] if printout.view.marks and printout.ecg.number_of_annotations else []
    if printout.marks:
        parts.append("the places of notes and calipers")
    if printout.view.beats:
        parts.append("the median beats")
    return left_out(replace(printout, leads=(lead,)), not_drawn=parts)


def _read_lines(
    source: Source, lead: LeadSummary, begin: float, end: float, mm_per_unit: float
) -> Iterator[_Line]:
    lines = max(math.ceil((end - begin) / LINE_S - 1e-9), 1)
    for first in range(0, lines, _READ_LINES):
        start = begin + first * LINE_S
        (strip,) = source.read(start, min(_READ_LINES * LINE_S, end - start), {lead.name})
        for number in range(min(_READ_LINES, lines - first)):
            yield _line(strip, start + number * LINE_S, mm_per_unit)


def _line(strip: Strip, x0: float, mm_per_unit: float) -> _Line:
    kept = strip.cut(x0, x0 + LINE_S)
    values = strip.values[kept]
    samples = kept.start + np.arange(len(values))
    columns = round(LINE_S * SPEED_MM_S / _COLUMN_MM)
    x = strip.start + samples * strip.dx - x0
    column = np.clip((x * SPEED_MM_S / _COLUMN_MM + 1e-6).astype(np.int64), 0, columns - 1)
    low, high = np.full(columns, np.nan), np.full(columns, np.nan)
    if len(values):
        middle = np.nanmedian(values) if not np.isnan(values).all() else 0.0
        firsts = np.flatnonzero(np.r_[True, np.diff(column) > 0])
        heights = (values - middle) * mm_per_unit
        low[column[firsts]] = np.fmin.reduceat(heights, firsts)
        high[column[firsts]] = np.fmax.reduceat(heights, firsts)
    places = strip.start + strip.crossings.positions * strip.dx
    return _Line(low, high, int(np.count_nonzero((places >= x0) & (places < x0 + LINE_S))))


def _body(lines: list[_Line], left: float, top: float, pitch: float, palette: Palette) -> list[Shape]:
    """The paper, a line at each ten seconds, and each minute cut to its own place."""
    width = LINE_S * SPEED_MM_S
    height = pitch * (LINES + _REACH)
    tens = [(left + s * SPEED_MM_S, top, left + s * SPEED_MM_S, top + height) for s in range(0, 61, 10)]
    shapes: list[Shape] = [
        Rectangle(left, top, width, height, palette.neutral_paper),
        strokes(tens, palette.neutral_grid, 0.15),
    ]
    for number, line in enumerate(lines):
        level = top + (number + 0.5 + _REACH) * pitch
        reach = pitch * (0.5 + _REACH)
        high = max(level - reach, top)
        clip = Clipped(left, high, width, min(level + reach, top + height) - high,
                       (_stroke(line, left, level, palette),))  # fmt: skip
        count = Text(left + width + 1.0, level + _TEXT_MM * 0.36, f"{line.crossings:,}", _TEXT_MM)
        shapes += [clip, count]
    return shapes


def _stroke(line: _Line, left: float, level: float, palette: Palette) -> Lines:
    columns = len(line.low)
    x = left + (np.arange(columns) + 0.5) * _COLUMN_MM
    y = level - np.stack([line.low, line.high], axis=1).ravel()
    x = np.repeat(x, 2)
    is_known = ~np.isnan(y)
    near = is_known | np.r_[False, is_known[:-1]]  # one gap lifts the pen as well as many
    return Lines(x[near], y[near], palette.trace, 0.12)


def _times(
    printout: Printout, begin: float, lines: int, lead: LeadSummary, left: float, top: float, pitch: float
) -> list[Text]:
    """The time at which each line begins, and the seconds below."""
    places = [begin + number * LINE_S for number in range(lines)]
    texts = time_texts(places, max(lead.duration_s or 0.0, 3600.0), recorded_at=printout.ecg.recorded_at)
    times = [
        Text(
            left - 1.0, top + (number + 0.5 + _REACH) * pitch + _TEXT_MM * 0.36, text, _TEXT_MM, anchor="end"
        )
        for number, text in enumerate(texts)
    ]
    y = top + pitch * (LINES + _REACH) + _TEXT_MM + 0.6
    seconds = [Text(left + s * SPEED_MM_S, y, f"{s} s", _TEXT_MM, anchor="middle") for s in range(0, 61, 10)]
    return [*times, *seconds]

"""What stands around the ECG on a printed page: which it is, how it is drawn, what was counted, when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ecg_core import __version__
from ecg_core.domain import LeadSummary, RecordingSummary
from ecg_core.figures.definitions import ZERO_CROSSING
from ecg_core.figures.times import elapsed
from ecg_core.figures.view import View
from ecg_core.reports.drawing import Shape, Text, strokes
from ecg_core.reports.fonts import cut, font_remarks, text_width, wrapped
from ecg_core.reports.mark_shapes import mark_labels, mark_line
from ecg_core.signal.marks import MeasuredMark

MARGIN_MM = 8.0
CHECK_BAR_MM = 50.0
_TITLE_MM, _TEXT_MM, _SMALL_MM = 4.2, 2.6, 2.1
_LEADING = 1.35
_MOST_MARKS = 3  # on the page of the traces; more of them have pages of their own
_MOST_FIELDS, _LONGEST_FIELD = 12, 80
_INK, _PALE = "#111111", "#444444"


@dataclass(frozen=True)
class Paper:
    """A sheet of paper, turned on its side; in mm."""

    name: str
    width: float
    height: float


PAPERS: Mapping[str, Paper] = {
    "A4": Paper("A4", 297.0, 210.0),
    "Letter": Paper("Letter", 279.4, 215.9),
}


@dataclass(frozen=True, eq=False)
class Printout:
    """What is printed, and how.

    Attributes
    ----------
    ecg : RecordingSummary
    leads : tuple of LeadSummary
        The chosen ones.
    view : View
    paper : Paper
    printed_at : datetime
        With a zone.
    marks : sequence of MeasuredMark
        Notes and calipers, in the order of their numbers.
    measured : sequence of str
        What was measured here, or why it was not; a line each.
    """

    ecg: RecordingSummary
    leads: tuple[LeadSummary, ...]
    view: View
    paper: Paper
    printed_at: datetime
    marks: Sequence[MeasuredMark] = ()
    measured: Sequence[str] = ()

    @property
    def room(self) -> float:
        """Width between the margins, in mm."""
        return self.paper.width - 2 * MARGIN_MM

    @property
    def lists_marks_apart(self) -> bool:
        return len(self.marks) > _MOST_MARKS


@dataclass(frozen=True)
class _Line:
    text: str
    size: float = _TEXT_MM
    is_bold: bool = False
    colour: str = _INK

    @property
    def height(self) -> float:
        return self.size * _LEADING


def head(printout: Printout, shown: str, drawn: Sequence[str], number: str) -> tuple[list[Shape], float]:
    """The head of a page, and where it ends.

    Parameters
    ----------
    shown : str
        Which part of the recording this page has.
    drawn : sequence of str
        How it is drawn; what begins with ``!`` is a warning.
    number : str
        ``page 1 of 2``.
    """
    lines = [_Line(printout.ecg.display_name, _TITLE_MM, True), *_about(printout, shown)]
    for text in drawn:
        lines += _lines(text.removeprefix("!"), printout.room, is_bold=text.startswith("!"))
    shapes, bottom = _set(lines, MARGIN_MM, printout.room - text_width(number, _TEXT_MM) - 4.0)
    right = printout.paper.width - MARGIN_MM
    return [*shapes, Text(right, MARGIN_MM + _TITLE_MM, number, _TEXT_MM, _INK, anchor="end")], bottom


def _about(printout: Printout, shown: str) -> list[_Line]:
    ecg, room = printout.ecg, printout.room
    patient = _fields("Patient", ecg.patient) or "Patient: nothing found in the file"
    device = _fields("By the device, not measured here", ecg.device)
    when = f"Recorded {moment(ecg.recorded_at)}" if ecg.recorded_at else "Recorded: time unknown"
    remarks = font_remarks([ecg.display_name, patient, device, *(lead.name for lead in ecg.leads)])
    said = [patient, " ".join(remarks)]
    lines = [line for text in said if text for line in _lines(text, room, most=2)]
    lines += _lines(f"{when} · {rates(printout.leads)} · {units(printout.leads)} · {shown}", room)
    for number, text in enumerate(printout.measured):
        lines += _lines(text, room, most=2, is_bold=number == 0)
    return lines + (_lines(device, room, most=2, colour=_PALE) if device else [])


def _fields(what: str, fields: Mapping[str, str]) -> str:
    """Fields as found, in one line; how many there is no room for is said."""
    if not fields:
        return ""
    shown = [f"{name}: {_short(text)}" for name, text in list(fields.items())[:_MOST_FIELDS]]
    more = f" · and {len(fields) - _MOST_FIELDS} more" if len(fields) > _MOST_FIELDS else ""
    return f"{what} — {' · '.join(shown)}{more}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_FIELD else line[: _LONGEST_FIELD - 1] + "…"


def _lines(
    text: str, room: float, *, most: int = 2, is_bold: bool = False, colour: str = _INK
) -> list[_Line]:
    size = _TEXT_MM
    return [_Line(line, size, is_bold, colour) for line in wrapped(text, room * 0.98, size, most=most)]


def _set(lines: Sequence[_Line], top: float, first_room: float | None = None) -> tuple[list[Shape], float]:
    """The lines one under the other, and where they end."""
    shapes: list[Shape] = []
    for number, line in enumerate(lines):
        text = line.text
        if number == 0 and first_room is not None:
            text = cut(text, first_room, line.size, is_bold=line.is_bold)
        shapes.append(Text(MARGIN_MM, top + line.size, text, line.size, line.colour, line.is_bold))
        top += line.height
    return shapes, top


def foot(printout: Printout, notes: Sequence[str]) -> tuple[list[Shape], float]:
    """The foot of a page, and where it begins: marks, counts with their definition, check bar, print time.

    Parameters
    ----------
    notes : sequence of str
        What was counted, what is marked, what is left out.
    """
    lines = [] if printout.lists_marks_apart else mark_lines(printout)
    if printout.lists_marks_apart:
        lines.append(_Line(f"{len(printout.marks)} notes and calipers: listed on the last page"))
    for text in notes:
        lines += _lines(text, printout.room, most=2)
    for text in wrapped(ZERO_CROSSING, printout.room, _SMALL_MM, most=3):
        lines.append(_Line(text, _SMALL_MM, colour=_PALE))
    bottom = printout.paper.height - MARGIN_MM
    top = bottom - 5.0 - sum(line.height for line in lines)
    shapes, _ = _set(lines, top)
    return [*shapes, *_check_bar(printout, bottom)], top


def mark_lines(printout: Printout) -> list[_Line]:
    """Notes and calipers in words."""
    lines = [mark_line(*each) for each in zip(mark_labels(printout.marks), printout.marks, strict=True)]
    return [each for line in lines for each in _lines(line, printout.room, most=4)]


def _check_bar(printout: Printout, bottom: float) -> list[Shape]:
    """A bar of 50 mm: whoever measures it knows whether the printer kept the size."""
    right = printout.paper.width - MARGIN_MM
    left, y = right - CHECK_BAR_MM, bottom - 0.6
    program = f"ECG Reading Room {__version__} · printed {moment(printout.printed_at)}"
    return [
        strokes([(left, y, right, y), (left, y - 1.5, left, y + 0.5), (right, y - 1.5, right, y + 0.5)],
                _INK, 0.25),
        Text((left + right) / 2, y - 1.0, "50 mm in print at 100 %", _SMALL_MM, _INK, anchor="middle"),
        Text(MARGIN_MM, bottom, program, _SMALL_MM, _PALE),
    ]  # fmt: skip


def mark_pages(printout: Printout) -> list[list[Shape]]:
    """Pages of nothing but notes and calipers, without head and foot; none where the foot holds them."""
    if not printout.lists_marks_apart:
        return []
    most = printout.paper.height - 90.0
    pages: list[list[_Line]] = [[]]
    for line in mark_lines(printout):
        if sum(each.height for each in pages[-1]) + line.height > most:
            pages.append([])
        pages[-1].append(line)
    return [_set([_Line("Notes and calipers", _TEXT_MM, True), *lines], 55.0)[0] for lines in pages]


def moment(time: datetime) -> str:
    """To the second where there are seconds, with the zone if it is known."""
    shape = "%Y-%m-%d %H:%M:%S" if time.second else "%Y-%m-%d %H:%M"
    return f"{time:{shape}}" + (f" {time:%Z}" if time.tzinfo else " (zone unknown)")


def rates(leads: Sequence[LeadSummary]) -> str:
    """The sampling rates, or that they are unknown."""
    known = sorted({lead.sampling_rate_hz for lead in leads if lead.sampling_rate_hz is not None})
    if not known:
        return "sampling rate unknown"
    entered = " (entered, not in the file)" if any(lead.rate_was_entered for lead in leads) else ""
    text = " / ".join(f"{rate:g}" for rate in known) + f" Hz{entered}"
    return text if all(lead.sampling_rate_hz for lead in leads) else f"{text}, some unknown"


def units(leads: Sequence[LeadSummary]) -> str:
    """The units, or that they are unknown."""
    known = sorted({lead.unit for lead in leads if lead.unit is not None})
    if not known:
        return "unit unknown"
    entered = " (entered, not in the file)" if any(lead.unit_was_entered for lead in leads) else ""
    text = " / ".join("µV" if unit == "uV" else unit[:12] for unit in known) + entered
    return text if all(lead.unit for lead in leads) else f"{text}, some unknown"


def stretch(ecg: RecordingSummary, start: float, stop: float, total: float, *, timed: bool) -> str:
    """Which part of the recording: seconds or samples, and the time of day where it is known."""
    if not timed:
        return f"samples {start:,.0f}–{stop:,.0f} of {total:,.0f}"
    if total < 120:
        text = f"{start:.4g}–{stop:.4g} s of {total:.4g} s"
    else:
        text = f"{elapsed(start, total)}–{elapsed(stop, total)} of {elapsed(total, total)}"
    if ecg.recorded_at is None or start == 0:
        return text
    begun = ecg.recorded_at + timedelta(seconds=start)
    return f"{text}, from {begun:%H:%M:%S} o'clock"

"""What is marked in a long window or a full disclosure: a line, and its text where there is room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Annotation
from ecg_core.figures.annotations import hover_text
from ecg_core.figures.envelope_lanes import EnvelopeSheet
from ecg_core.figures.frame import path
from ecg_core.figures.palette import Palette
from ecg_core.figures.text import escape, plain
from ecg_core.signal.marks import MeasuredMark

#: More marks than these are beats, or as dense: the caller leaves them out.
MOST_EVENTS = 400
_BY_READER, _RHYTHM, _NOTE = range(3)
_LETTER_PX, _FOOT_PX = 7.0, 26.0  # over the caption
_NOTE_PX = (16.0, 7.0)  # over the texts: a stroke for each note of the file; all else has a whole line
_KINDS_PX = (0.0, 5.0, 11.0)  # below the top: a tick from the first to the second, its letter at the third
_OVER_LINE = 0.3  # of a line of full disclosure: its texts stand so much over its middle


@dataclass(frozen=True)
class _Event:
    """Where, what is said beside the line, what under the pointer, and whose text goes before others'."""

    at: float
    text: str
    hover: str
    rank: int


def event_traces(
    annotations: Sequence[Annotation], notes: Sequence[MeasuredMark], sheet: EnvelopeSheet, palette: Palette
) -> list[dict[str, Any]]:
    """The traces of what is marked in the window, for ``extra`` of `envelope_parts`.

    Parameters
    ----------
    annotations : sequence of Annotation
        Of the file. Beats are too many for a long window.
    notes : sequence of MeasuredMark
        Of readers, all of the ECG: a note's number is its place among them.

    Returns
    -------
    list of dict
        Empty where nothing is marked in the window, or it has no time axis.
    """
    stop = sheet.start + sheet.span
    events = [event for event in _events(annotations, notes) if sheet.start <= event.at < stop]
    if not events or not sheet.timed:
        return []
    events.sort(key=lambda event: event.at)
    foot = _FOOT_PX / sheet.px_per_mm - sheet.height_mm
    lines: list[tuple[float, float]] = []
    for event in events:
        top, bottom = (foot + px / sheet.px_per_mm for px in _NOTE_PX) if event.rank == _NOTE else (0.0, foot)
        lines += [(event.at, top), (event.at, bottom), (np.nan, np.nan)]
    dotted = {"color": palette.label, "width": 1, "dash": "2px,3px"}
    return [path(lines, name="marked", line=dotted), _texts(events, foot, sheet, palette)]


def _events(annotations: Sequence[Annotation], notes: Sequence[MeasuredMark]) -> list[_Event]:
    by_file = [
        _Event(
            each.start_s,
            plain(each.text),
            f"{hover_text(each.text)}<br>{escape(each.kind)} of the file",
            _RHYTHM if each.kind == "rhythm" else _NOTE,
        )
        for each in annotations
    ]
    by_readers = [
        _Event(
            note.start_s,
            str(number),
            f"{hover_text(note.mark.text)}<br>note {number} · {escape(note.mark.author)}",
            _BY_READER,
        )
        for number, note in enumerate(notes, 1)
        if note.start_s is not None
    ]
    return by_file + by_readers


def _with_room(events: Sequence[_Event], x_per_px: float) -> set[int]:
    """The numbers of those whose text runs into no other: readers' notes first, then rhythms."""
    shown: dict[int, tuple[float, float]] = {}
    for number in sorted(range(len(events)), key=lambda number: events[number].rank):
        first = events[number].at
        last = first + (len(events[number].text) + 1) * _LETTER_PX * x_per_px
        if all(last <= begin or first >= end for begin, end in shown.values()):
            shown[number] = first, last
    return set(shown)


def _texts(events: Sequence[_Event], foot: float, sheet: EnvelopeSheet, palette: Palette) -> dict[str, Any]:
    """Over the caption; a text that would run into another is left to the pointer."""
    shown = _with_room(events, sheet.x_per_px)
    return _texts_trace(events, [event.at for event in events], [foot] * len(events), shown, palette)


def _texts_trace(
    events: Sequence[_Event], x: Sequence[float], y: Sequence[float], shown: set[int], palette: Palette
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "text+markers",
        "name": "marked texts",
        "x": np.array(x),
        "y": np.array(y),
        "text": [f" {event.text}" if number in shown else "" for number, event in enumerate(events)],
        "textposition": "middle right",
        "textfont": {"color": palette.label, "size": 11, "shadow": _halo(palette.neutral_paper)},
        "marker": {
            "color": palette.label,
            "size": [2 if event.rank == _NOTE else 5 for event in events],
            "symbol": "diamond",
        },
        "hovertext": [event.hover for event in events],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _halo(paper: str) -> str:
    """What is behind a text does not run through its letters."""
    return ", ".join(f"{x}px {y}px 1px {paper}" for x in (-1, 1) for y in (-1, 1))


def kind_traces(
    times_s: NDArray[np.float64], letters: Sequence[str], sheet: EnvelopeSheet, palette: Palette
) -> list[dict[str, Any]]:
    """A tick at the top for each beat that is not normal, and its letter where there is room.

    Parameters
    ----------
    times_s : ndarray, shape (n,)
        Of the beats that are not normal, increasing, of the whole recording or of the window.
    letters : sequence of str
        What each of them is.

    Returns
    -------
    list of dict
        At most a tick a pixel; more than `MOST_EVENTS` have no letters. Empty where there is none.
    """
    within = np.flatnonzero((times_s >= sheet.start) & (times_s < sheet.start + sheet.span))
    if not len(within) or not sheet.timed:
        return []
    pixels = ((times_s[within] - sheet.start) / sheet.x_per_px).astype(np.int64)
    shown = within[np.unique(pixels, return_index=True)[1]]
    px = 1.0 / sheet.px_per_mm
    ends = [(x, y) for x in times_s[shown].tolist() for y in (-_KINDS_PX[0] * px, -_KINDS_PX[1] * px)]
    x, y = np.array(ends).reshape(-1, 2, 2).transpose(2, 0, 1)
    gap = np.full((len(shown), 1), np.nan)
    ticks = {
        "type": "scatter", "mode": "lines", "name": "beats not normal", "hoverinfo": "skip",
        "x": np.hstack([x, gap]).ravel(), "y": np.hstack([y, gap]).ravel(),
        "line": {"color": palette.label, "width": 1},
    }  # fmt: skip
    if len(shown) > MOST_EVENTS:
        return [ticks]
    last, lettered = -np.inf, []
    for number in shown.tolist():
        if times_s[number] - last >= 1.5 * _LETTER_PX * sheet.x_per_px:
            lettered.append(number)
            last = times_s[number]
    texts = {
        "type": "scatter", "mode": "text", "name": "kinds of beats", "hoverinfo": "skip",
        "x": times_s[lettered], "y": np.full(len(lettered), -_KINDS_PX[2] * px),
        "text": [f"<b>{letters[number]}</b>" for number in lettered], "textposition": "middle center",
        "textfont": {"color": palette.label, "size": 11, "shadow": _halo(palette.neutral_paper)},
    }  # fmt: skip
    return [ticks, texts]


def line_event_traces(
    annotations: Sequence[Annotation],
    notes: Sequence[MeasuredMark],
    *,
    start_s: float,
    lines: int,
    line_s: float,
    x_per_px: float,
    palette: Palette,
) -> list[dict[str, Any]]:
    """The same over the lines of a full disclosure, for ``extra`` of `full_disclosure_parts`.

    Parameters
    ----------
    start_s, line_s : float
        Where the first line begins, and how long each is.
    """
    last = start_s + lines * line_s
    events = [event for event in _events(annotations, notes) if start_s <= event.at < last]
    if not events:
        return []
    events.sort(key=lambda event: event.at)
    places = [divmod(event.at - start_s, line_s) for event in events]
    strokes = [point for line, x in places for point in ((x, 0.5 - line), (x, -0.5 - line), (np.nan, np.nan))]
    style = {"color": palette.label, "width": 1, "dash": "2px,3px"}
    shown = _with_room(events, x_per_px)
    x, y = [x for _, x in places], [_OVER_LINE - line for line, _ in places]
    return [path(strokes, name="marked", line=style), _texts_trace(events, x, y, shown, palette)]

"""What is marked in a long window: a line where it is, and its text where there is room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ecg_core.domain import Annotation
from ecg_core.figures.annotations import hover_text
from ecg_core.figures.envelope_lanes import EnvelopeSheet
from ecg_core.figures.frame import path
from ecg_core.figures.palette import Palette
from ecg_core.figures.text import escape, plain
from ecg_core.signal.marks import MeasuredMark

#: More marks than these are beats, or as dense: the caller leaves them out.
MOST_EVENTS = 400
_LETTER_PX, _FOOT_PX = 7.0, 8.0

Event = tuple[float, str, str]


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
    events = [event for event in _events(annotations, notes) if sheet.start <= event[0] < stop]
    if not events or not sheet.timed:
        return []
    events.sort(key=lambda event: event[0])
    lines = [point for at, _, _ in events for point in ((at, 0.0), (at, -sheet.height_mm), (np.nan, np.nan))]
    dotted = {"color": palette.label, "width": 1, "dash": "2px,3px"}
    return [path(lines, name="marked", line=dotted), _texts(events, sheet, palette)]


def _events(annotations: Sequence[Annotation], notes: Sequence[MeasuredMark]) -> list[Event]:
    """Where, what is said beside the line, and what is said under the pointer."""
    by_file = [
        (each.start_s, plain(each.text), f"{hover_text(each.text)}<br>{escape(each.kind)} of the file")
        for each in annotations
    ]
    by_readers = [
        (
            note.start_s,
            str(number),
            f"{hover_text(note.mark.text)}<br>note {number} · {escape(note.mark.author)}",
        )
        for number, note in enumerate(notes, 1)
        if note.start_s is not None
    ]
    return by_file + by_readers


def _texts(events: Sequence[Event], sheet: EnvelopeSheet, palette: Palette) -> dict[str, Any]:
    """At the foot; a text that would run into the one before it is left to the pointer."""
    shown, free_from = [], -np.inf
    for at, text, _ in events:
        has_room = at >= free_from
        shown.append(f" {text}" if has_room else "")
        if has_room:
            free_from = at + (len(text) + 1) * _LETTER_PX * sheet.x_per_px
    return {
        "type": "scatter",
        "mode": "text+markers",
        "name": "marked texts",
        "x": np.array([at for at, _, _ in events]),
        "y": np.full(len(events), _FOOT_PX / sheet.px_per_mm - sheet.height_mm),
        "text": shown,
        "textposition": "middle right",
        "textfont": {"color": palette.label, "size": 11},
        "marker": {"color": palette.label, "size": 5, "symbol": "diamond"},
        "hovertext": [hover for _, _, hover in events],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }

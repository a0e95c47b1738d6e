"""What was found in an ECG, on its sheet: shaded waves, and over them what each beat is.

Told apart without colour too: the waves by their letters at the first beat of each row and by the stroke of
their borders, the beats by their letters, of which those that are not normal are bold; one that a clinician
left out is crossed out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecg_core.figures.frame import path
from ecg_core.figures.lanes import Lane, Sheet
from ecg_core.figures.page import Page
from ecg_core.figures.palette import BLACK_AND_WHITE, DARK, Palette, translucent
from ecg_core.figures.ruler import PEN_UP, Points, Ruler
from ecg_core.signal.analysis import BEAT_KINDS, WAVES, EcgAnalysis, LeadWaves

#: What stands over a beat of each of `BEAT_KINDS`.
KIND_LETTERS = ("N", "S", "V", "P", "?")
KIND_NAMES = BEAT_KINDS
WAVES_EXPLAINED = (
    "Shaded where it was found: P (dotted border), QRS (solid), T (dashed). Over the beats, as suggestions: "
    "N normal, S supraventricular, V ventricular, P paced, ? unclassified; × left out by a clinician."
)
_AROUND_MM = 0.6
_FILL, _BORDER = 0.16, 0.75
_LETTER_PX = 12.0
_MOST_BOXES = 6_000


@dataclass(frozen=True)
class _Form:
    light: str
    dark: str
    dash: str


_FORMS = (_Form("#00785a", "#3fcf9f", "1px,2px"), _Form("#5f5552", "#b9c3cc", "solid"),
          _Form("#8e3a9d", "#d58be6", "5px,3px"))  # fmt: skip


def wave_traces(
    analysis: EcgAnalysis,
    sheet: Sheet,
    page: Page,
    palette: Palette,
    *,
    rejected: Collection[int] = (),
    is_over_others: bool = False,
) -> list[dict[str, Any]]:
    """The traces of waves and beats, for ``extra`` of `sheet_parts`.

    Parameters
    ----------
    analysis : EcgAnalysis
        Of the whole recording.
    sheet, page : Sheet, Page
        From ``lay_out`` and ``plan_page``. A sheet without a time axis has none.
    rejected : collection of int
        Of the beats that a clinician left out: their samples.
    is_over_others : bool
        Whether the file's own kinds of beats stand in the line over the names, so that these need the next.

    Returns
    -------
    list of dict
        Three for the waves, one for their letters, and those of the beats; empty where nothing was found.
    """
    if not sheet.lanes or not page.timed:
        return []
    ruler, by_lead = Ruler(sheet, page), {waves.lead: waves for waves in analysis.waves}
    traces, letters = [], []
    for wave, name in enumerate(WAVES):
        boxes = [
            box
            for lane in sheet.lanes
            if lane.strip.lead.name in by_lead
            for box in _boxes(lane, by_lead[lane.strip.lead.name], wave)
        ]
        if boxes:
            traces.append(_shade(boxes[:_MOST_BOXES], wave, ruler, palette))
            letters += [(_first_of(boxes, row), name, wave) for row in {box.row for box in boxes}]
    if letters:
        traces.append(_names(letters, ruler, palette))
    return traces + _beat_traces(analysis, ruler, palette, frozenset(rejected), is_over_others)


def unusual_beats(analysis: EcgAnalysis) -> tuple[NDArray[np.float64], list[str]]:
    """Times in s and letters of the beats that are not normal."""
    unusual = np.flatnonzero(analysis.kinds != 0)
    return analysis.times_s[unusual], [KIND_LETTERS[kind] for kind in analysis.kinds[unusual].tolist()]


@dataclass(frozen=True)
class _Box:
    """Around one wave: times, and millimetres below the top of the sheet."""

    first: float
    last: float
    top_mm: float
    bottom_mm: float
    row: int


def _boxes(lane: Lane, waves: LeadWaves, wave: int) -> Iterator[_Box]:
    """Around each wave of the lane that begins and ends in it."""
    begin = lane.strip.first_sample + lane.cut.start
    onsets, offsets = waves.onset[:, wave], waves.offset[:, wave]
    shown = (onsets >= begin) & (offsets > onsets) & (offsets < begin + len(lane.heights_mm))
    if not shown.any():
        return
    onsets, offsets = onsets[shown] - begin, offsets[shown] - begin
    lowest, highest = _extremes(lane.heights_mm, onsets, offsets)
    times = (begin + np.stack([onsets, offsets])) * lane.strip.dx
    for first, last, low, high in zip(*times, lowest, highest, strict=True):
        if low <= high:  # not all is missing
            yield _Box(
                float(first),
                float(last),
                lane.level_mm - float(high) - _AROUND_MM,
                lane.level_mm - float(low) + _AROUND_MM,
                lane.row,
            )


def _extremes(
    heights: NDArray[np.float64], onsets: NDArray[np.int64], offsets: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lowest and highest of each stretch."""
    ends = np.stack([onsets, offsets], axis=1).ravel()  # the offset itself is left to what comes after it
    return np.fmin.reduceat(heights, ends)[::2], np.fmax.reduceat(heights, ends)[::2]


def _shade(boxes: list[_Box], wave: int, ruler: Ruler, palette: Palette) -> dict[str, Any]:
    outlines: Points = []
    for box in boxes:
        top, bottom = ruler.y(box.top_mm), ruler.y(box.bottom_mm)
        outlines += [(box.first, bottom), (box.first, top), (box.last, top), (box.last, bottom),
                     (box.first, bottom), PEN_UP]  # fmt: skip
    color = _color(wave, palette)
    line = {"color": translucent(color, _BORDER), "width": 1, "dash": _FORMS[wave].dash}
    shaded = path(outlines[:-1], name=f"{WAVES[wave]} waves", line=line)
    return {**shaded, "fill": "toself", "fillcolor": translucent(color, _FILL), "hoveron": "points"}


def _color(wave: int, palette: Palette) -> str:
    if palette is BLACK_AND_WHITE:
        return palette.note
    return _FORMS[wave].dark if palette is DARK else _FORMS[wave].light


def _first_of(boxes: list[_Box], row: int) -> _Box:
    return min((box for box in boxes if box.row == row), key=lambda box: box.first)


def _names(letters: list[tuple[_Box, str, int]], ruler: Ruler, palette: Palette) -> dict[str, Any]:
    """Under the first wave of each kind of a row, clear of the lead's name over it.

    Where the zero crossings stand under a deep wave, the name is beside its foot.
    """
    lanes = {lane.row: lane for lane in ruler.sheet.lanes}
    is_under = [
        box.bottom_mm + ruler.mm(11.0) <= ruler.sheet.ticks_mm(lanes[box.row]) - ruler.sheet.tick_mm
        for box, _, _ in letters
    ]
    gap = 3.0 / ruler.px_per_x
    return {
        "type": "scatter", "mode": "text", "name": "names of waves",
        "x": [
            (box.first + box.last) / 2 if under else box.last + gap
            for (box, _, _), under in zip(letters, is_under, strict=True)
        ],
        "y": [
            ruler.y(box.bottom_mm + ruler.mm(6.0 if under else -6.0))
            for (box, _, _), under in zip(letters, is_under, strict=True)
        ],
        "text": [f"<b>{name}</b>" for _, name, _ in letters],
        "textposition": ["middle center" if under else "middle right" for under in is_under],
        "textfont": {"color": [_color(wave, palette) for _, _, wave in letters], "size": 10},
        "hoverinfo": "skip",
    }  # fmt: skip


def _beat_traces(
    analysis: EcgAnalysis, ruler: Ruler, palette: Palette, rejected: frozenset[int], is_over_others: bool
) -> list[dict[str, Any]]:
    """A letter for each beat over the first row, and a cross over those left out."""
    times = analysis.times_s
    shown = np.flatnonzero((times >= ruler.x0) & (times < ruler.x1)).tolist()
    if not shown:
        return []
    places = {number: _place(float(times[number]), ruler, is_over_others) for number in shown}
    crossed = [number for number in shown if int(analysis.beats[number]) in rejected]
    lettered = _with_room(analysis, shown, frozenset(crossed), times, ruler)
    traces = [_letters(analysis, lettered, places, rejected, palette)]
    if crossed:
        marker = {"symbol": "x-thin", "size": 15, "line": {"width": 2, "color": palette.label}}
        x, y = zip(*(places[number] for number in crossed), strict=True)
        traces.append({"type": "scatter", "mode": "markers", "name": "beats left out", "x": list(x),
                       "y": list(y), "marker": marker, "hoverinfo": "skip"})  # fmt: skip
    return traces


def _place(time_s: float, ruler: Ruler, is_over_others: bool) -> tuple[float, float]:
    lane = next(lane for lane in reversed(ruler.lanes_of("")) if lane.x0 <= time_s or lane.x0 == ruler.x0)
    return time_s, ruler.y(ruler.over_marks_mm(lane) if is_over_others else ruler.over_mm(lane))


def _with_room(
    analysis: EcgAnalysis, shown: list[int], crossed: frozenset[int], times: NDArray[np.float64], ruler: Ruler
) -> list[int]:
    """In a crowd the letters of normal beats give way."""
    apart = _LETTER_PX / ruler.px_per_x
    taken: list[float] = []
    kept = []
    for number in sorted(shown, key=lambda n: (n not in crossed, analysis.kinds[n] == 0)):
        if all(abs(times[number] - other) >= apart for other in taken):
            taken.append(float(times[number]))
            kept.append(number)
    return sorted(kept)


def _letters(
    analysis: EcgAnalysis,
    numbers: list[int],
    places: dict[int, tuple[float, float]],
    rejected: frozenset[int],
    palette: Palette,
) -> dict[str, Any]:
    kinds = [int(analysis.kinds[number]) for number in numbers]
    texts = [KIND_LETTERS[kind] if kind == 0 else f"<b>{KIND_LETTERS[kind]}</b>" for kind in kinds]
    return {
        "type": "scatter", "mode": "text", "name": "kinds of beats",
        "x": [places[number][0] for number in numbers], "y": [places[number][1] for number in numbers],
        "text": texts, "textposition": "middle center",
        "textfont": {"color": palette.label, "size": 12},
        "hovertext": [_said(analysis, number, rejected) for number in numbers],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }  # fmt: skip


def _said(analysis: EcgAnalysis, number: int, rejected: frozenset[int]) -> str:
    kind = BEAT_KINDS[int(analysis.kinds[number])]
    out = ""
    if int(analysis.beats[number]) in rejected:
        out = "<br>left out by a clinician"
    elif not analysis.used[number]:
        out = "<br>not in the median beat"
    sure = f"{float(analysis.confidences[number]):.0%}".replace("%", "&#37;")
    return f"beat {number + 1} · {analysis.times_s[number]:.3f} s<br>{kind}, confidence {sure}{out}"

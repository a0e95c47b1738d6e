"""What the file and the readers marked, on a sheet: beat codes, changes of rhythm, notes.

Everything that can be told apart by colour can be told apart by its form as well: beats are letters with a
tick, a rhythm is a dashed line over the sheet, the file's notes are bars, a reader's note is a numbered flag.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ecg_core.domain import Annotation
from ecg_core.figures.frame import path
from ecg_core.figures.lanes import Lane, Sheet
from ecg_core.figures.page import Page
from ecg_core.figures.palette import Palette
from ecg_core.figures.ruler import PEN_UP, Points, Ruler, Taken
from ecg_core.figures.text import escape, plain
from ecg_core.signal.marks import MeasuredMark

#: More than this in one window are ticks without text.
MOST_TEXTS = 400
_LETTER_PX, _GAP_PX = 7.0, 4.0
_LONGEST_HOVER, _HOVER_WIDTH = 300, 60


@dataclass(frozen=True)
class _Placed:
    """One mark in its place: x on the axis, millimetres below the top of the sheet."""

    x: float
    stop: float
    mm: float
    text: str
    hover: str


def annotation_traces(
    annotations: Sequence[Annotation], sheet: Sheet, page: Page, palette: Palette
) -> list[dict[str, Any]]:
    """The traces of what the file marks, for the ``data`` of the sheet's figure.

    Parameters
    ----------
    annotations : sequence of Annotation
        Of the window, as `list_annotations_between` gives them; others are left out. One that is about a
        lead is drawn where that lead is, or not at all.
    sheet, page : Sheet, Page
        From ``lay_out`` and ``plan_page``. A sheet without a time axis has none.

    Returns
    -------
    list of dict
        A trace for each form; empty where nothing is in the window.
    """
    if not sheet.lanes or not page.timed:
        return []
    ruler = Ruler(sheet, page)
    by_kind: dict[str, list[_Placed]] = {"beat": [], "rhythm": [], "note": []}
    for each in annotations:
        kind = each.kind if each.kind in by_kind else "note"
        by_kind[kind] += _places(each, ruler)
    few = sum(map(len, by_kind.values())) <= MOST_TEXTS
    return [
        *_beats(by_kind["beat"], ruler, palette, with_text=few),
        *_rhythms(by_kind["rhythm"], ruler, palette),
        *_bars(by_kind["note"], ruler, palette),
        *_words(by_kind["rhythm"] + by_kind["note"], ruler, palette),
    ]


def _places(each: Annotation, ruler: Ruler) -> list[_Placed]:
    """One place for each lane of its lead that shows its time.

    What is about all leads has one: a beat over the first row, all else at the foot.
    """
    stop = each.start_s + (each.duration_s or 0.0)
    about = f" · {each.lead}" if each.lead else ""
    lasts = f" · lasts {each.duration_s:g} s" if each.duration_s else ""
    hover = f"{hover_text(each.text)}<br>{escape(each.kind + about)} · {each.start_s:.3f} s{lasts}"
    found = []
    for lane in ruler.lanes_of(each.lead):
        first, last = max(each.start_s, lane.x0), min(max(stop, each.start_s), lane.x1)
        mm = ruler.over_mm(lane) if each.lead or each.kind == "beat" else ruler.foot_mm(first)
        if first < lane.x1 and last >= lane.x0 and (last > lane.x0 or each.start_s == lane.x0):
            found.append(_Placed(first, last, mm, plain(each.text), hover))
    return found


def _beats(
    beats: Sequence[_Placed], ruler: Ruler, palette: Palette, *, with_text: bool
) -> list[dict[str, Any]]:
    """A tick for each beat and, where there is room, its code; the rarer codes come first."""
    if not beats:
        return []
    texts = _rarest_first(beats, ruler) if with_text else []
    ticks = _apart(beats, ruler)
    half = ruler.mm(6.0) if texts else 0.0
    lines: Points = []
    for beat in ticks:
        top = beat.mm + half
        lines += [(beat.x, ruler.y(top)), (beat.x, ruler.y(top + ruler.mm(4.0))), PEN_UP]
    traces = [path(lines, name="beats", line={"color": palette.note, "width": 1})]
    if texts:
        common = _most_frequent(beats)
        shown = [beat.text if beat.text == common else f"<b>{beat.text}</b>" for beat in texts]
        traces.append(_texts(texts, shown, ruler, "beat codes", palette.label, "middle center"))
    return traces


def _most_frequent(beats: Sequence[_Placed]) -> str:
    return Counter(beat.text for beat in beats).most_common(1)[0][0]


def _rarest_first(beats: Sequence[_Placed], ruler: Ruler) -> list[_Placed]:
    """The beats whose codes can stand beside one another.

    In a crowd, and where a lead's name stands, the most frequent code gives way; its tick stays.
    """
    common = _most_frequent(beats)
    shown = _with_room([beat for beat in beats if beat.text != common], ruler)
    taken = [*ruler.label_boxes(), *((beat.mm, beat.x, _half_px(beat)) for beat in shown)]
    for beat in beats:
        if beat.text == common and _is_clear(beat, taken, ruler):
            shown.append(beat)
            taken.append((beat.mm, beat.x, _half_px(beat)))
    return sorted(shown, key=lambda beat: (beat.x, beat.mm))


def _half_px(placed: _Placed) -> float:
    return (len(placed.text) * _LETTER_PX + _GAP_PX) / 2


def _is_clear(beat: _Placed, taken: Taken, ruler: Ruler) -> bool:
    return all(
        mm != beat.mm or abs(x - beat.x) * ruler.px_per_x >= half + _half_px(beat) for mm, x, half in taken
    )


def _with_room(placed: Iterable[_Placed], ruler: Ruler) -> list[_Placed]:
    """Those whose text does not run into that of the one before it in the same line."""
    shown: list[_Placed] = []
    ends: dict[float, float] = {}
    for each in placed:
        if each.x * ruler.px_per_x >= ends.get(each.mm, -np.inf):
            shown.append(each)
            ends[each.mm] = each.x * ruler.px_per_x + 2 * _half_px(each)
    return shown


def _apart(placed: Iterable[_Placed], ruler: Ruler) -> list[_Placed]:
    """At most one a pixel: a day of beats is as many ticks as the sheet is wide."""
    by_pixel = {(round((each.x - ruler.x0) * ruler.px_per_x), each.mm): each for each in placed}
    return list(by_pixel.values())


def _rhythms(rhythms: Sequence[_Placed], ruler: Ruler, palette: Palette) -> list[dict[str, Any]]:
    """A dashed line from the top of the sheet down to its foot."""
    if not rhythms:
        return []
    lines: Points = []
    for each in _apart(rhythms, ruler):
        lines += [(each.x, 0.0), (each.x, ruler.y(ruler.sheet.height_mm)), PEN_UP]
    return [
        path(lines, name="rhythm changes", line={"color": palette.zero_line, "width": 1, "dash": "6px,4px"})
    ]


def _bars(notes: Sequence[_Placed], ruler: Ruler, palette: Palette) -> list[dict[str, Any]]:
    """A bar as long as what is noted lasts; a short one for a point."""
    if not notes:
        return []
    lines: Points = []
    for note in _apart(notes, ruler) if len(notes) > MOST_TEXTS else notes:
        stop = max(note.stop, note.x + 2.0 / ruler.px_per_x)
        lines += [(note.x, ruler.y(note.mm)), (stop, ruler.y(note.mm)), PEN_UP]
    line = {"color": palette.note, "width": 13}
    return [{**path(lines, name="noted by the file", line=line), "opacity": 0.35}]


def _words(placed: Sequence[_Placed], ruler: Ruler, palette: Palette) -> list[dict[str, Any]]:
    """The names of rhythms and the words of notes, beside their lines and over their bars."""
    in_order = sorted(placed, key=lambda each: each.x)[: 2 * MOST_TEXTS]
    shown = _with_room(in_order, ruler)[:MOST_TEXTS]
    words = [each.text for each in shown]
    return [_texts(shown, words, ruler, "rhythms and notes", palette.label, "middle right")] if shown else []


def mark_traces(
    marks: Sequence[MeasuredMark], sheet: Sheet, page: Page, palette: Palette
) -> list[dict[str, Any]]:
    """The traces of the readers' notes: a numbered flag over the lane, a light bar over a span.

    Parameters
    ----------
    marks : sequence of MeasuredMark
        All notes of the ECG, as `list_marks` gives them: a note's number is its place among the notes, so
        that a new caliper changes nothing of the figure. Calipers are left to whoever draws them.
    sheet, page : Sheet, Page
        From ``lay_out`` and ``plan_page``.

    Returns
    -------
    list of dict
        Empty where no note is in the window.
    """
    if not sheet.lanes:
        return []
    ruler = Ruler(sheet, page)
    notes = [measured for measured in marks if measured.mark.kind == "note"]
    flags: list[_Placed] = []
    outlines: Points = []
    for number, note in enumerate(notes, 1):
        for flag, lane in _flags(note, number, ruler):
            flags.append(flag)
            if flag.stop > flag.x:
                outlines += _box(flag, lane, ruler, is_whole=note.mark.is_about_all_leads)
    traces = []
    if outlines:
        filled = {"fill": "toself", "fillcolor": palette.zero_line, "opacity": 0.13}
        traces.append({**path(outlines, name="noted spans", line={"width": 0}), **filled})
    if flags:
        traces.append(_flag_trace(flags, ruler, palette))
    return traces


def _flags(note: MeasuredMark, number: int, ruler: Ruler) -> list[tuple[_Placed, Lane]]:
    mark = note.mark
    start, stop = note.start_s, note.stop_s
    if not ruler.page.timed:
        start, stop = (mark.start_sample, mark.stop_sample) if start is None else (None, None)
    if start is None or stop is None:
        return []  # its lead has another axis
    who = f"note {number} · {mark.author} · {mark.created_at:%Y-%m-%d %H:%M} UTC"
    hover = f"{hover_text(mark.text)}<br>{escape(who)}"
    found = []
    for lane in ruler.lanes_of("" if mark.is_about_all_leads else mark.lead):
        first, last = max(start, lane.x0), min(stop, lane.x1)
        if first <= last and first < lane.x1:
            found.append((_Placed(first, last, ruler.over_mm(lane), str(number), hover), lane))
    return found


def _box(flag: _Placed, lane: Lane, ruler: Ruler, *, is_whole: bool) -> Points:
    """The outline of a span over its lane, or over the whole sheet."""
    below = lane.level_mm + ruler.sheet.below_mm[lane.row]
    top, bottom = (0.0, float(ruler.sheet.height_mm)) if is_whole else (flag.mm, below)
    x = (flag.x, flag.x, flag.stop, flag.stop, flag.x)
    mm = (top, bottom, bottom, top, top)
    return [*((each, ruler.y(height)) for each, height in zip(x, mm, strict=True)), PEN_UP]


def _flag_trace(flags: Sequence[_Placed], ruler: Ruler, palette: Palette) -> dict[str, Any]:
    shown = flags if len(flags) <= MOST_TEXTS else _apart(flags, ruler)
    with_text = len(flags) <= MOST_TEXTS
    trace = _texts(
        shown, [f"<b>{flag.text}</b>" for flag in shown], ruler, "notes", palette.label, "middle right"
    )
    marker = {"symbol": "triangle-down", "size": 10, "color": palette.label}
    return {**trace, "mode": "markers+text" if with_text else "markers", "marker": marker}


def _texts(
    placed: Sequence[_Placed], texts: Sequence[str], ruler: Ruler, name: str, color: str, position: str
) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "text", "name": name,
        "x": [each.x for each in placed], "y": [ruler.y(each.mm) for each in placed], "text": list(texts),
        "textposition": position, "textfont": {"color": color, "size": 11},
        "hovertext": [each.hover for each in placed], "hovertemplate": "%{hovertext}<extra></extra>",
    }  # fmt: skip


def hover_text(text: str) -> str:
    """For a hover label: in lines, cut, and none of it HTML."""
    cut = text if len(text) <= _LONGEST_HOVER else text[: _LONGEST_HOVER - 1] + "…"
    lines = [line for part in cut.splitlines() for line in textwrap.wrap(part, _HOVER_WIDTH) or [""]]
    return "<br>".join(escape("".join(c if c.isprintable() else " " for c in line)) for line in lines)

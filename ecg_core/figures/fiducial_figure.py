"""The median beats of all leads over one another, and where their waves begin and end."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ecg_core.figures.colours import lead_stroke
from ecg_core.figures.frame import frame, path
from ecg_core.figures.overlay import spread
from ecg_core.figures.palette import Palette, palette_of
from ecg_core.figures.ruler import PEN_UP, Points
from ecg_core.figures.text import escape, plain
from ecg_core.signal.fiducials import Fiducials
from ecg_core.signal.median_beat import MedianBeat

#: What a clinician can move, as `move_fiducial` names it, and how it is written.
FIDUCIALS: Mapping[str, str] = {
    "p_onset": "P onset",
    "p_offset": "P offset",
    "qrs_onset": "QRS onset",
    "qrs_offset": "QRS offset",
    "t_offset": "T offset",
}
_HEIGHT_PX, _BOTTOM_PX, _RIGHT_PX, _LEFT_PX = 360, 44, 48, 52
_LABELS_PX = 40.0  # over the traces, within the axes: Plotly draws nothing beyond
_LABEL_PX, _NAME_PX, _LETTER_PX = 15.0, 13.0, 6.5
_LEAST_MV = 0.5


@dataclass(frozen=True)
class FiducialPlace:
    """Where an onset or offset is, in ms from R: now, and where it was found, if that is not the same.

    None where there is none.
    """

    name: str
    now_ms: float | None
    automatic_ms: float | None

    @property
    def is_moved(self) -> bool:
        return self.now_ms != self.automatic_ms


def fiducial_places(automatic: Fiducials, moved_ms: Mapping[str, float]) -> tuple[FiducialPlace, ...]:
    """The five of all leads: the automatic ones, and over them what clinicians moved (ms from R)."""
    found = []
    for name in FIDUCIALS:
        seconds = getattr(automatic, f"{name}_s")
        place = None if seconds is None else round(seconds * 1000.0, 1)
        found.append(FiducialPlace(name, moved_ms.get(name, place), place))
    return tuple(found)


def fiducial_parts(
    beats: Mapping[str, MedianBeat],
    places: Sequence[FiducialPlace],
    *,
    unit: str,
    width_px: int,
    paper: str = "auto",
    dark: bool = False,
) -> dict[str, Any]:
    """The figure: time from R in ms across, height of the beats up.

    Parameters
    ----------
    beats : mapping of str to MedianBeat
        By lead, all in ``unit``; those of an unknown unit are ``counts``.
    places : sequence of FiducialPlace
        From `fiducial_places`. One that was moved is a solid line, and a dashed one where it was found.
    width_px : int
    paper, dark : str, bool
        Of the view, and of the page.

    Returns
    -------
    dict
        ``data`` and ``layout``, for `ReadyFigure`.
    """
    palette = palette_of(paper, dark=dark)
    drawn = {lead: beat for lead, beat in beats.items() if np.isfinite(beat.values).any()}
    x0, x1 = _ends_ms(drawn)
    low, high = _heights(drawn)
    per_px = (x1 - x0) / max(width_px - _LEFT_PX - _RIGHT_PX, 50)
    y_per_px = (high - low) / (_HEIGHT_PX - _BOTTOM_PX - _LABELS_PX)
    traces = [_curve(lead, beat, number, unit, palette) for number, (lead, beat) in enumerate(drawn.items())]
    traces.append(_names(drawn, x1, low, high, palette))
    traces += _lines(places, low, high, palette)
    traces.append(_labels(places, per_px, high, y_per_px, palette))
    layout = _layout(x0, x1, low, high + _LABELS_PX * y_per_px, unit, width_px, palette)
    return {"data": traces, "layout": layout}


def fiducial_text(beats: Mapping[str, MedianBeat], places: Sequence[FiducialPlace]) -> str:
    """What the figure says to somebody who does not see it."""
    said = []
    for place in places:
        found = "not found" if place.automatic_ms is None else f"found at {place.automatic_ms:.0f} ms"
        if place.is_moved and place.now_ms is not None:
            said.append(f"{FIDUCIALS[place.name]} moved to {place.now_ms:.0f} ms ({found})")
        else:
            said.append(
                f"{FIDUCIALS[place.name]} {found.removeprefix('found ')}"
                if place.now_ms is not None
                else f"{FIDUCIALS[place.name]} {found}"
            )
    return f"Median beats of {len(beats)} leads over one another, in ms from R: {'; '.join(said)}."


def _ends_ms(beats: Mapping[str, MedianBeat]) -> tuple[float, float]:
    before = max((beat.r_index / beat.fs for beat in beats.values()), default=0.35)
    after = max(((len(beat.values) - 1 - beat.r_index) / beat.fs for beat in beats.values()), default=0.55)
    return -before * 1000.0, after * 1000.0


def _heights(beats: Mapping[str, MedianBeat]) -> tuple[float, float]:
    lowest = min((float(np.nanmin(beat.values)) for beat in beats.values()), default=0.0)
    highest = max((float(np.nanmax(beat.values)) for beat in beats.values()), default=0.0)
    room = 0.06 * max(highest - lowest, 1e-9)
    if highest - lowest < 1e-9:
        room = _LEAST_MV
    return lowest - room, highest + room


def _curve(lead: str, beat: MedianBeat, number: int, unit: str, palette: Palette) -> dict[str, Any]:
    stroke = lead_stroke(number, palette)
    step = 1000.0 / beat.fs
    return {
        "type": "scatter", "mode": "lines", "name": plain(lead),
        "x0": -beat.r_index * step, "dx": step, "y": beat.values.astype(np.float32),
        "line": {"color": stroke.color, "dash": stroke.dash, "width": 1.2},
        "hovertemplate": f"<b>%{{fullData.name}}</b> · %{{x:.0f}} ms · %{{y:.3f}} {unit}<extra></extra>",
    }  # fmt: skip


def _names(
    beats: Mapping[str, MedianBeat], x1: float, low: float, high: float, palette: Palette
) -> dict[str, Any]:
    """Right of the ends of the traces, none over another."""
    ends = [float(beat.values[np.isfinite(beat.values)][-1]) for beat in beats.values()]
    apart = _NAME_PX * (high - low) / (_HEIGHT_PX - _BOTTOM_PX - _LABELS_PX)
    strokes = [lead_stroke(number, palette) for number in range(len(beats))]
    names = [
        f'<b><span style="color:{stroke.color}">{plain(lead)}</span></b>'
        for lead, stroke in zip(beats, strokes, strict=True)
    ]
    return {
        "type": "scatter", "mode": "text", "name": "names of leads", "cliponaxis": False,
        "x": [x1] * len(ends), "y": spread(ends, apart, low + apart / 2, high - apart / 2),
        "text": names, "textposition": "middle right", "textfont": {"size": 11}, "hoverinfo": "skip",
    }  # fmt: skip


def _lines(
    places: Sequence[FiducialPlace], low: float, high: float, palette: Palette
) -> list[dict[str, Any]]:
    now: Points = []
    found: Points = []
    for place in places:
        if place.now_ms is not None:
            now += [(place.now_ms, low), (place.now_ms, high), PEN_UP]
        if place.is_moved and place.automatic_ms is not None:
            found += [(place.automatic_ms, low), (place.automatic_ms, high), PEN_UP]
    traces = [path(now, name="fiducials", line={"color": palette.label, "width": 1.5})]
    if found:
        line = {"color": palette.note, "width": 1.5, "dash": "5px,4px"}
        traces.append(path(found, name="automatic fiducials", line=line))
    return traces


def _labels(
    places: Sequence[FiducialPlace], per_px: float, high: float, y_per_px: float, palette: Palette
) -> dict[str, Any]:
    """Over the lines, in two lines of text where they would run into one another."""
    shown = [(place.now_ms, place) for place in places if place.now_ms is not None]
    last = [-math.inf, -math.inf]
    x, y, texts = [], [], []
    for at, place in sorted(shown, key=lambda one: one[0]):
        number = f"{at:.0f}".replace("-", "−")
        text = f"{FIDUCIALS[place.name]} {number}{' (moved)' if place.is_moved else ''}"
        half = len(text) * _LETTER_PX / 2 * per_px
        line = next((number for number in (0, 1) if at - half >= last[number]), 1)
        last[line] = at + half + _LETTER_PX * per_px
        x.append(at)
        y.append(high + (10.0 + line * _LABEL_PX) * y_per_px)
        texts.append(f"<b>{text}</b>" if place.is_moved else text)
    return {
        "type": "scatter", "mode": "text", "name": "names of fiducials", "x": x, "y": y, "text": texts,
        "textposition": "middle center", "textfont": {"color": palette.label, "size": 11},
        "hoverinfo": "skip",
    }  # fmt: skip


def _layout(
    x0: float, x1: float, low: float, high: float, unit: str, width_px: int, palette: Palette
) -> dict[str, Any]:
    axis = {
        "zeroline": False, "showline": False, "ticks": "", "gridcolor": palette.neutral_grid, "gridwidth": 1,
        "tickfont": {"color": palette.note, "size": 11}, "automargin": False,
    }  # fmt: skip
    step = 100 if (width_px - _LEFT_PX - _RIGHT_PX) / (x1 - x0) * 100 >= 45 else 200
    title = {"font": {"color": palette.note, "size": 12}, "standoff": 4}
    return {
        **frame(width_px, _HEIGHT_PX, paper=palette.neutral_paper, palette=palette, left=_LEFT_PX,
                right=_RIGHT_PX, bottom=_BOTTOM_PX),
        "xaxis": {**axis, "range": [x0, x1], "dtick": step, "tick0": 0, "ticksuffix": "",
                  "title": {**title, "text": "ms from R"}},
        "yaxis": {**axis, "range": [low, high], "nticks": 6, "title": {**title, "text": escape(unit)}},
    }  # fmt: skip

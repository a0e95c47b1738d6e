"""The figure: one pair of axes that is a sheet of calibrated ECG paper, and the leads on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from ecg_core.figures.axes import axes
from ecg_core.figures.crossings import draw_crossings
from ecg_core.figures.frame import frame, path, value_text
from ecg_core.figures.lanes import Lane, Sheet, lay_out
from ecg_core.figures.page import PULSE_MM, Page
from ecg_core.figures.palette import Palette, palette_of
from ecg_core.figures.reduce import FULL_POINTS, find_shown_points
from ecg_core.figures.strips import Strip
from ecg_core.figures.text import escape, plain

#: For ``st.plotly_chart(figure, width="content", theme=None, config=PLOTLY_CONFIG)``.
PLOTLY_CONFIG: Mapping[str, Any] = {
    "displaylogo": False,
    "responsive": False,
    "scrollZoom": False,
    "doubleClick": "reset",
    "modeBarButtonsToRemove": ["zoomIn2d", "zoomOut2d", "autoScale2d", "select2d", "lasso2d"],
    "toImageButtonOptions": {"format": "png", "scale": 2, "filename": "ecg"},
}

_NARROW_PX, _DOT_ROOM_PX = 600, 8.0
_GAP_PX, _LEAST_GAP_PX = 9, 2.0
_AXIS_PX, _AXIS_WITH_TITLE_PX = 22, 40
_FIRST_LEAD_TRACE = 3


def ecg_figure(
    strips: Sequence[Strip], page: Page, *, dark: bool = False, start: float | None = None
) -> go.Figure:
    """Draw the windows of the leads on a sheet of paper; parameters as `ecg_parts`.

    Returns
    -------
    go.Figure
        Of exact size in pixels: ``page.px_per_mm`` pixels a millimetre across and down.
    """
    parts = ecg_parts(strips, page, dark=dark, start=start)
    # The parts are made here and checked by the tests: validating each property again costs 8 ms a page.
    return go.Figure(parts, _validate=False)


def ecg_parts(
    strips: Sequence[Strip], page: Page, *, dark: bool = False, start: float | None = None
) -> dict[str, Any]:
    """What the figure of a sheet of paper is made of.

    Parameters
    ----------
    strips : sequence of Strip
        One group of ``split_by_axis``, each cut to ``page.span``; longer ones are cut here.
    page : Page
        From ``plan_page`` for the same leads.
    dark : bool
        Whether the page around it is dark; the paper follows it unless the reader chose one.
    start : float, optional
        Where the sheet begins, in seconds or samples. By default at the earliest strip.

    Returns
    -------
    dict
        ``data`` and ``layout``, for `ReadyFigure`.
    """
    if start is None:
        start = min((strip.start for strip in strips), default=0.0)
    return sheet_parts(lay_out(strips, page, start), page, dark=dark)


def sheet_parts(
    sheet: Sheet, page: Page, *, dark: bool = False, extra: Sequence[dict[str, Any]] = ()
) -> dict[str, Any]:
    """`ecg_parts` of a sheet that is laid out, with more traces over its own."""
    palette, start = palette_of(page.view.paper, dark=dark), sheet.start
    traces = [_zero_lines(sheet, page, palette), *_furniture(sheet, page, start, palette)]
    traces += [_lead_trace(lane, page, palette) for lane in sheet.lanes]
    traces += [_clipping_marks(sheet, page, palette), *_gaps(sheet, page, palette)]
    shapes: list[dict[str, Any]] = []
    if page.view.crossings != "off":
        crossings, shapes = draw_crossings(sheet, page, palette)
        traces += crossings
    traces += extra
    traces.append(_labels(sheet, page, start, palette))
    layout = {**_layout(sheet, page, start, palette), "shapes": shapes}
    return {"data": traces, "layout": layout}


def sheet_facts(sheet: Sheet, page: Page) -> dict[str, Any]:
    """Where everything is in the figure, for what happens in the browser.

    Heights are in the units of its y axis: millivolts at the page's gain, negative from the top down.
    """
    return {
        "timed": page.timed,
        "start": sheet.start,
        "px_per_mm": page.px_per_mm,
        "lanes": [_lane_facts(lane, number, page) for number, lane in enumerate(sheet.lanes)],
    }


def _lane_facts(lane: Lane, number: int, page: Page) -> dict[str, Any]:
    lead, gain = lane.strip.lead, page.gain_mm_mv
    return {
        "lead": lead.name,
        "label": lane.name,
        "trace": _FIRST_LEAD_TRACE + number,
        "x0": lane.x0,
        "x1": lane.x1,
        "top": (lane.above_mm - lane.level_mm) / gain,
        "bottom": (-lane.below_mm - lane.level_mm) / gain,
        "level": -lane.level_mm / gain,
        "y_per_unit": lane.scale.mm_per_unit / gain * (-1 if lane.is_inverted else 1),
        "anchor": -lane.anchor if lane.is_inverted else lane.anchor,
        "first_sample": lane.strip.first_sample + lane.cut.start,
        "dx": lane.strip.dx,
        "rate": lead.sampling_rate_hz,
        "unit": lead.unit or "",
        "mv_per_unit": lead.millivolts_per_unit,
        "inverted": lane.is_inverted,
        "filtered": page.view.is_filtered,
    }


def figure_text(strips: Sequence[Strip], page: Page) -> str:
    """What the figure says to somebody who does not see it; for ``st.plotly_chart(alt=…)``."""
    unit = "seconds" if page.timed else "samples"
    counts = "; ".join(f"{strip.lead.name}: {strip.number_of_zero_crossings}" for strip in strips)
    return (
        f"ECG of {len(strips)} leads, {page.span:g} {unit}. Zero crossings of the whole recording: {counts}."
    )


def _layout(sheet: Sheet, page: Page, start: float, palette: Palette) -> dict[str, Any]:
    bottom_px = _AXIS_PX if page.timed else _AXIS_WITH_TITLE_PX
    height_px = round(sheet.height_mm * page.px_per_mm) + bottom_px
    paper = palette.paper if page.timed else palette.neutral_paper
    return {
        **frame(page.width_px, height_px, paper=paper, palette=palette, bottom=bottom_px),
        "dragmode": "zoom" if page.width_px >= _NARROW_PX else False,  # a finger scrolls the page
        **axes(sheet, page, start, palette),
    }


def _lead_trace(lane: Lane, page: Page, palette: Palette) -> dict[str, Any]:
    values = lane.values
    y = (lane.heights_mm - lane.level_mm) / page.gain_mm_mv
    if lane.is_inverted:
        values = -values
    first = lane.strip.start + lane.cut.start * lane.strip.dx
    where: dict[str, Any] = {"x0": first, "dx": lane.strip.dx}
    if len(values) > FULL_POINTS:
        shown = find_shown_points(lane.values)
        values, y = values[shown], y[shown]
        where = {"x": first + shown * lane.strip.dx}
    return {
        "type": "scatter",
        **_stroke(lane, page, palette),
        "name": plain(lane.name),
        **where,
        "y": y.astype(np.float32),
        "customdata": values.astype(np.float32),
        "hovertemplate": _hover(lane, page),
    }


def _stroke(lane: Lane, page: Page, palette: Palette) -> dict[str, Any]:
    """A line; where samples are far apart, or stand alone between gaps, each also a dot."""
    line = {"color": palette.trace, "width": 1.2 if page.px_per_mm >= 3 else 1.0}
    if lane.strip.dx * page.mm_per_x * page.px_per_mm < _DOT_ROOM_PX:
        return {"mode": "lines", "line": line}
    return {"mode": "lines+markers", "line": line, "marker": {"color": palette.trace, "size": 4}}


def _hover(lane: Lane, page: Page) -> str:
    x = "%{x:.3f} s" if page.timed else "sample %{x:.0f}"
    return f"<b>%{{fullData.name}}</b> · {x} · {value_text(lane.strip.lead.unit)}<extra></extra>"


def _clipping_marks(sheet: Sheet, page: Page, palette: Palette) -> dict[str, Any]:
    """A triangle that points out of the lane where the trace was cut."""
    x: list[float] = []
    y: list[float] = []
    symbols: list[str] = []
    for lane in sheet.lanes:
        heights = lane.heights_mm[lane.clipped]
        x += (lane.strip.start + (lane.cut.start + lane.clipped) * lane.strip.dx).tolist()
        y += ((heights - lane.level_mm) / page.gain_mm_mv).tolist()
        symbols += ["triangle-up" if height > 0 else "triangle-down" for height in heights]
    return {
        "type": "scatter", "mode": "markers", "name": "clipped",
        "x": np.array(x), "y": np.array(y),
        "marker": {"symbol": symbols, "size": 9, "color": palette.falling,
                   "line": {"color": palette.label, "width": 1}},
        "hovertemplate": "clipped: the trace goes on beyond the lane<extra></extra>",
    }  # fmt: skip


def _gaps(sheet: Sheet, page: Page, palette: Palette) -> list[dict[str, Any]]:
    """A grey bar on the level where samples are missing: no line of a heart that stands still."""
    least = _LEAST_GAP_PX / page.mm_per_x / page.px_per_mm
    points: list[tuple[float, float]] = []
    for lane in sheet.lanes:
        y = -lane.level_mm / page.gain_mm_mv
        for start, stop in lane.gaps:
            if stop - start >= least:
                points += [(start, y), (stop, y), (np.nan, np.nan)]
    if not points:
        return []
    line = {"color": palette.note, "width": _GAP_PX}
    return [{**path(points, name="missing samples", line=line), "opacity": 0.4}]


def _zero_lines(sheet: Sheet, page: Page, palette: Palette) -> dict[str, Any]:
    points: list[tuple[float, float]] = []
    for lane in sheet.lanes:
        if lane.zero_is_on_strip:
            y = -lane.level_mm / page.gain_mm_mv
            points += [(lane.x0, y), (lane.x1, y), (np.nan, np.nan)]
    return path(points, name="zero", line={"color": palette.zero_line, "width": 1, "dash": "2px,3px"})


def _furniture(sheet: Sheet, page: Page, start: float, palette: Palette) -> list[dict[str, Any]]:
    """The calibration pulse of each row in millivolts, and the marks between columns."""
    pulses: list[tuple[float, float]] = []
    marks: list[tuple[float, float]] = []
    for lane in sheet.lanes:
        if lane.x0 > start:
            marks += [(lane.x0, (mm - lane.level_mm) / page.gain_mm_mv) for mm in (5.0, -5.0)]
            marks.append((np.nan, np.nan))
        elif lane.strip.lead.millivolts_per_unit is not None:
            pulses += [*_pulse(lane, page, start), (np.nan, np.nan)]
    line = {"color": palette.trace, "width": 1.2}
    return [
        path(pulses, name="1 mV", line=line),
        path(marks, name="columns", line={"color": palette.note, "width": 1}),
    ]


def _pulse(lane: Lane, page: Page, start: float) -> list[tuple[float, float]]:
    """1 mV high, 5 mm wide."""
    high = page.lead_gain_mm_mv(lane.strip.lead.name)
    corners = [(-9.5, 0.0), (-8.0, 0.0), (-8.0, high), (-3.0, high), (-3.0, 0.0), (-1.5, 0.0)]
    return [(start + x / page.mm_per_x, (y - lane.level_mm) / page.gain_mm_mv) for x, y in corners]


def _labels(sheet: Sheet, page: Page, start: float, palette: Palette) -> dict[str, Any]:
    """Every text on the sheet in one trace: names with counts, and what the paper is."""
    x = [lane.x0 + 1.0 / page.mm_per_x for lane in sheet.lanes]
    y = [(sheet.label_mm[lane.row] - lane.level_mm) / page.gain_mm_mv for lane in sheet.lanes]
    text = [_label(lane, palette) for lane in sheet.lanes]
    return {
        "type": "scatter",
        "mode": "text",
        "name": "labels",
        "x": [*x, start - (PULSE_MM - 1.0) / page.mm_per_x],
        "y": [*y, (max(2.0, 7.0 / page.px_per_mm) - sheet.height_mm) / page.gain_mm_mv],
        "text": [*text, f'<span style="font-size:11px">{escape(sheet.caption)}</span>'],
        "textposition": "middle right",
        "textfont": {"color": palette.note, "size": 12},
        "hoverinfo": "skip",
    }


def _label(lane: Lane, palette: Palette) -> str:
    name = f'<b><span style="color:{palette.label};font-size:14px">{plain(lane.name)}</span></b>'
    return f"{name}  {escape(lane.notes)}"

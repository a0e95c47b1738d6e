"""The figure of a long window: a band from lowest to highest, and the density of crossings under it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ecg_core.figures.envelope_lanes import (
    GUTTER_PX,
    RIGHT_PX,
    EnvelopeLane,
    EnvelopeSheet,
    lay_out_envelopes,
)
from ecg_core.figures.envelope_strips import EnvelopeStrip
from ecg_core.figures.envelope_traces import (
    band_trace,
    clipping_marks_trace,
    density_trace,
    labels_trace,
    millivolt_bars_trace,
    missing_trace,
    zero_lines_trace,
)
from ecg_core.figures.frame import frame
from ecg_core.figures.palette import Palette, palette_of
from ecg_core.figures.times import time_texts, time_ticks

__all__ = ["EnvelopeStrip", "envelope_facts", "envelope_parts", "envelope_text", "lay_out_envelopes"]

_NARROW_PX, _AXIS_PX, _AXIS_WITH_TITLE_PX = 600, 22, 40
_FIRST_LEAD_TRACE = 3


def envelope_parts(
    sheet: EnvelopeSheet,
    *,
    dark: bool,
    recorded_at: datetime | None = None,
    extra: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """What the figure of a long window is made of. The signal is the stored one, never filtered.

    Parameters
    ----------
    sheet : EnvelopeSheet
        From `lay_out_envelopes`.
    dark : bool
        Whether the page around it is dark; the paper follows it unless the reader chose one.
    recorded_at : datetime, optional
        Time of day of the first sample: the axis then shows the clock.
    extra : sequence of dict
        More traces over these; y is in millimetres, negative from the top down (`envelope_facts`).

    Returns
    -------
    dict
        ``data`` and ``layout``, for `ReadyFigure`.
    """
    palette = palette_of(sheet.view.paper, dark=dark)
    traces = [
        missing_trace(sheet, palette),
        zero_lines_trace(sheet, palette),
        millivolt_bars_trace(sheet, palette),
    ]
    traces += [band_trace(lane, sheet, palette) for lane in sheet.lanes]
    traces.append(clipping_marks_trace(sheet, palette))
    if sheet.view.crossings != "off":
        traces += [density_trace(sheet, rising, palette) for rising in (True, False)]
    traces += [*extra, labels_trace(sheet, palette)]
    return {"data": traces, "layout": _layout(sheet, palette, recorded_at)}


def envelope_facts(sheet: EnvelopeSheet) -> dict[str, Any]:
    """Where everything is in the figure, as `sheet_facts`, but heights are in millimetres.

    They are negative, from the top down. The trace of a lane is a band and not one sample after another
    (``is_band``): ``samples_per_column`` says of how many samples a column is. ``x_per_px`` is what a pixel
    is, in seconds or samples.
    """
    return {
        "timed": sheet.timed,
        "start": sheet.start,
        "px_per_mm": sheet.px_per_mm,
        "is_band": True,
        "x_per_px": sheet.x_per_px,
        "lanes": [_lane_facts(lane, _FIRST_LEAD_TRACE + number) for number, lane in enumerate(sheet.lanes)],
    }


def _lane_facts(lane: EnvelopeLane, trace: int) -> dict[str, Any]:
    strip = lane.strip
    return {
        "lead": strip.lead_name,
        "label": lane.name,
        "trace": trace,
        "x0": lane.x0,
        "x1": lane.x1,
        "top": lane.above_mm - lane.level_mm,
        "bottom": -lane.below_mm - lane.level_mm,
        "level": -lane.level_mm,
        "y_per_unit": lane.scale.mm_per_unit * (-1 if lane.is_inverted else 1),
        "anchor": -lane.anchor if lane.is_inverted else lane.anchor,
        "first_sample": strip.first_sample,
        "first_x": strip.first_sample * strip.dx,
        "dx": strip.dx,
        "rate": strip.rate,
        "unit": strip.unit or "",
        "mv_per_unit": strip.mv_per_unit,
        "inverted": lane.is_inverted,
        "samples_per_column": strip.samples_per_column,
    }


def envelope_text(
    strips: Sequence[EnvelopeStrip], *, start: float, span: float, recorded_at: datetime | None = None
) -> str:
    """What the figure says to somebody who does not see it; for ``st.plotly_chart(alt=…)``."""
    timed = all(strip.rate is not None for strip in strips)
    places = [start, start + span]
    if timed:
        first, last = time_texts(places, places[1], recorded_at=recorded_at)
    else:
        first, last = (f"sample {place:.0f}" for place in places)
    counts = "; ".join(f"{strip.lead_name}: {strip.number_of_zero_crossings}" for strip in strips)
    return (
        f"Lowest and highest values of {len(strips)} leads from {first} to {last}. "
        f"Zero crossings of the whole recording: {counts}."
    )


def _layout(sheet: EnvelopeSheet, palette: Palette, recorded_at: datetime | None) -> dict[str, Any]:
    bottom_px = _AXIS_PX if sheet.timed else _AXIS_WITH_TITLE_PX
    height_px = round(sheet.height_mm * sheet.px_per_mm) + bottom_px
    return {
        **frame(sheet.width_px, height_px, paper=palette.neutral_paper, palette=palette, bottom=bottom_px),
        "dragmode": "zoom" if sheet.width_px >= _NARROW_PX else False,  # a finger scrolls the page
        "xaxis": _x_axis(sheet, palette, recorded_at),
        "yaxis": {
            **_common(palette),
            "range": [-sheet.height_mm, 0.0],
            "tick0": 0.0,
            "dtick": 5.0,
            "showticklabels": False,
        },
    }


def _common(palette: Palette) -> dict[str, Any]:
    return {"zeroline": False, "ticks": "", "showline": False, "automargin": False,
            "showgrid": True, "gridcolor": palette.neutral_grid, "gridwidth": 1}  # fmt: skip


def _x_axis(sheet: EnvelopeSheet, palette: Palette, recorded_at: datetime | None) -> dict[str, Any]:
    """Of the clock, or from the beginning of the recording, or in samples where the rate is unknown."""
    stop = sheet.start + sheet.span
    axis = {
        **_common(palette),
        "range": [sheet.start - GUTTER_PX * sheet.x_per_px, stop + RIGHT_PX * sheet.x_per_px],
    }
    if sheet.timed:
        places, texts = time_ticks(
            sheet.start, stop, sheet.width_px - GUTTER_PX - RIGHT_PX, recorded_at=recorded_at
        )
        return {**axis, "tickmode": "array", "tickvals": places, "ticktext": texts}
    title = {"text": "sample number", "standoff": 4, "font": {"size": 12}}
    return {**axis, "title": title, "nticks": max(round(sheet.width_px / 90), 2), "tickformat": ",d"}

"""The axes of the sheet: their grid is the paper's."""

from __future__ import annotations

from typing import Any

from ecg_core.figures.lanes import Sheet
from ecg_core.figures.page import PULSE_MM, Page
from ecg_core.figures.palette import Palette

_LABEL_ROOM_PX = 60.0
_STEPS_S = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)


def axes(sheet: Sheet, page: Page, start: float, palette: Palette) -> dict[str, Any]:
    """``xaxis`` and ``yaxis`` of the layout; their ranges make a millimetre ``page.px_per_mm`` pixels."""
    left = start - PULSE_MM / page.mm_per_x
    x = {"range": [left, left + page.width_mm / page.mm_per_x], **_common()}
    y = {"range": [-sheet.height_mm / page.gain_mm_mv, 0.0], "showticklabels": False, **_common()}
    if page.timed:
        square = {"scaleanchor": "x", "scaleratio": page.gain_mm_mv / page.mm_per_x}
        x |= _millimetres(page, page.mm_per_x, start, palette) | _seconds(page)
        y |= _millimetres(page, page.gain_mm_mv, 0.0, palette) | square
    else:
        x |= _sample_numbers(page, palette)
        y |= _neutral_levels(sheet, page, palette)
    return {"xaxis": x, "yaxis": y}


def _common() -> dict[str, Any]:
    return {"constrain": "domain", "zeroline": False, "ticks": "", "showline": False, "automargin": False}


def _millimetres(page: Page, mm_per_unit: float, tick0: float, palette: Palette) -> dict[str, Any]:
    """Large squares of 5 mm and small ones of 1 mm, as far as the screen can show them."""
    large_mm, small_mm = (5.0, 1.0) if page.px_per_mm >= 3 else (25.0, 5.0)
    return {
        "tick0": tick0,
        "dtick": large_mm / mm_per_unit,
        "gridcolor": palette.major_grid,
        "gridwidth": 1,
        "showgrid": True,
        "minor": {
            "tick0": tick0,
            "dtick": small_mm / mm_per_unit,
            "gridcolor": palette.faint_grid if 3 <= page.px_per_mm < 4 else palette.minor_grid,
            "gridwidth": 1,
            "showgrid": True,
        },
    }


def _seconds(page: Page) -> dict[str, Any]:
    """The grid begins with the signal; a label at each so many whole seconds from there."""
    second_px = page.mm_per_x * page.px_per_mm
    step = next((step for step in _STEPS_S if step * second_px >= _LABEL_ROOM_PX), _STEPS_S[-1])
    squares = page.mm_per_x / (5.0 if page.px_per_mm >= 3 else 25.0)
    return {"ticklabelstep": max(round(step * squares), 1), "ticksuffix": " s", "exponentformat": "none"}


def _sample_numbers(page: Page, palette: Palette) -> dict[str, Any]:
    """No millimetres: samples have no time. A few round numbers across."""
    return {
        "title": {"text": "sample number", "standoff": 4, "font": {"size": 12}},
        **_sample_ticks(page),
        "tickformat": ",d",
        "showgrid": True,
        "gridcolor": palette.neutral_grid,
    }


def _sample_ticks(page: Page) -> dict[str, Any]:
    """Each sample where there are few, else round numbers some 90 px apart."""
    if page.mm_per_x * page.px_per_mm >= _LABEL_ROOM_PX / 2:
        return {"tick0": 0, "dtick": 1}
    return {"nticks": max(round(page.width_px / 90), 2)}


def _neutral_levels(sheet: Sheet, page: Page, palette: Palette) -> dict[str, Any]:
    """Lines each half millivolt where there are millivolts, else none but the zero lines."""
    calibrated = any(lane.strip.lead.millivolts_per_unit is not None for lane in sheet.lanes)
    return {
        "tick0": 0.0,
        "dtick": 5.0 / page.gain_mm_mv,
        "showgrid": calibrated,
        "gridcolor": palette.neutral_grid,
    }

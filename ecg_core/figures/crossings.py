"""Zero crossings on the paper: markers on the trace, ticks under it, or their density."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ecg_core.figures.lanes import Lane, Sheet
from ecg_core.figures.page import Page
from ecg_core.figures.palette import Palette
from ecg_core.figures.text import plain

Form = Literal["markers", "ticks", "density"]

_FEW_LANES, _MOST_MARKERS, _MOST_TICKS = 3, 400, 3_000
_MARKER_PX, _TICK_ROOM_PX = 8.0, 2.5
_BIN_MM = 2.0


@dataclass(frozen=True, eq=False)
class LaneCrossings:
    """The crossings of one lane, with their place on the x axis and their number in the recording."""

    lane: Lane
    x: NDArray[np.float64]
    samples: NDArray[np.int64]
    rising: NDArray[np.bool_]


def crossings_in(lane: Lane) -> LaneCrossings:
    """The crossings between ``lane.x0`` and ``lane.x1``."""
    strip = lane.strip
    x = strip.start + strip.crossings.positions * strip.dx
    here = (x >= lane.x0) & (x < lane.x1)
    samples = strip.crossings.indices[here] + strip.first_sample
    return LaneCrossings(lane, x[here], samples, strip.crossings.rising[here])


def choose_form(found: Sequence[LaneCrossings], page: Page) -> Form:
    """What can be read: markers hide a trace of many, ticks run together where they are dense."""
    total = sum(len(one.x) for one in found)
    room_px = min((_room_px(one, page) for one in found if len(one.x)), default=np.inf)
    few = len(found) <= _FEW_LANES and total <= _MOST_MARKERS
    if few and all(one.lane.zero_is_on_strip and not _is_crowded(one, page) for one in found):
        return "markers"
    return "ticks" if total <= _MOST_TICKS and room_px >= _TICK_ROOM_PX else "density"


def _is_crowded(found: LaneCrossings, page: Page) -> bool:
    """Whether most crossings have their neighbour within a marker's width."""
    apart_px = np.diff(found.x) * page.mm_per_x * page.px_per_mm
    return bool(np.mean(apart_px < _MARKER_PX) > 0.5) if len(apart_px) else False


def _room_px(found: LaneCrossings, page: Page) -> float:
    """Pixels from one crossing to the next, on average."""
    lane = found.lane
    return (lane.x1 - lane.x0) * page.mm_per_x * page.px_per_mm / len(found.x)


def crossing_traces(sheet: Sheet, page: Page, palette: Palette) -> list[dict[str, Any]]:
    """The traces of all crossings: rising and falling told apart by shape and by colour."""
    found = [crossings_in(lane) for lane in sheet.lanes]
    form = choose_form(found, page)
    if form == "density":
        return [_density_trace(found, sheet, page, palette)]
    draw = _marker_trace if form == "markers" else _tick_trace
    return [draw(found, rising, sheet, page, palette) for rising in (True, False)]


def _marker_trace(
    found: Sequence[LaneCrossings], rising: bool, sheet: Sheet, page: Page, palette: Palette
) -> dict[str, Any]:
    """Arrow heads whose tips are at the crossing: from below for rising, from above for falling."""
    points = [_Points.of(one, rising, -one.lane.level_mm / page.gain_mm_mv) for one in found]
    colour = palette.rising if rising else palette.falling
    marker = {
        "symbol": "triangle-up" if rising else "triangle-up-open",
        "angle": 0 if rising else 180,
        "standoff": _MARKER_PX / 2,
        "size": _MARKER_PX,
        "color": colour,
        "line": {"width": 1.5, "color": colour},
    }
    return {**_base(points, rising, page), "mode": "markers", "marker": marker}


def _tick_trace(
    found: Sequence[LaneCrossings], rising: bool, sheet: Sheet, page: Page, palette: Palette
) -> dict[str, Any]:
    """Ticks up from the middle of the strip for rising, down from it for falling."""
    points = [_Points.of(one, rising, -sheet.ticks_mm(one.lane) / page.gain_mm_mv) for one in found]
    base = _base(points, rising, page)
    tip = base["y"] + (sheet.tick_mm - 0.2) / page.gain_mm_mv * (1 if rising else -1)
    gap = np.full(len(tip), np.nan)
    line = {"width": 1.5, "color": palette.rising if rising else palette.falling}
    return {
        **base,
        "x": np.repeat(base["x"], 3),
        "y": np.stack([base["y"], tip, gap], axis=1).ravel(),
        "customdata": np.repeat(base["customdata"], 3),
        "text": [name for name in base["text"] for _ in range(3)],
        "mode": "lines",
        "line": line,
    }


@dataclass(frozen=True, eq=False)
class _Points:
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    samples: NDArray[np.int64]
    names: list[str]

    @classmethod
    def of(cls, found: LaneCrossings, rising: bool, y: float) -> _Points:
        chosen = found.rising == rising
        x = found.x[chosen]
        return cls(x, np.full(len(x), y), found.samples[chosen], [plain(found.lane.name)] * len(x))


def _base(points: Sequence[_Points], rising: bool, page: Page) -> dict[str, Any]:
    word = "rising ▲" if rising else "falling ▽"
    where = "%{x:.4f} s · " if page.timed else ""
    return {
        "type": "scatter",
        "name": word,
        "x": np.concatenate([one.x for one in points]) if points else np.empty(0),
        "y": np.concatenate([one.y for one in points]) if points else np.empty(0),
        "customdata": np.concatenate([one.samples for one in points]) if points else np.empty(0),
        "text": [name for one in points for name in one.names],
        "hovertemplate": f"<b>%{{text}}</b> · {word} · {where}sample %{{customdata}}<extra></extra>",
    }


def _density_trace(
    found: Sequence[LaneCrossings], sheet: Sheet, page: Page, palette: Palette
) -> dict[str, Any]:
    """Bars of crossings a bin in the strip under each lane; the highest of the page fills the strip."""
    counts = [_bin(one, page) for one in found]
    most = max((int(count.max()) for _, count in counts if len(count)), default=1) or 1
    xs, ys = [], []
    for one, (edges, count) in zip(found, counts, strict=True):
        floor = -(sheet.ticks_mm(one.lane) + sheet.tick_mm) / page.gain_mm_mv
        height = floor + count / most * 2 * sheet.tick_mm / page.gain_mm_mv
        xs.append(np.r_[edges[0], np.repeat(edges, 2)[1:-1], edges[-1], edges[0], np.nan])
        ys.append(np.r_[floor, np.repeat(height, 2), floor, floor, np.nan])
    return {
        "type": "scatter",
        "name": "crossings",
        "x": np.concatenate(xs),
        "y": np.concatenate(ys),
        "mode": "lines",
        "fill": "toself",
        "fillcolor": palette.density,
        "line": {"width": 0.5, "color": palette.density},
        "hoverinfo": "skip",
    }


def _bin(found: LaneCrossings, page: Page) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    lane = found.lane
    bins = max(round((lane.x1 - lane.x0) * page.mm_per_x / _BIN_MM), 1)
    count, edges = np.histogram(found.x, bins=bins, range=(lane.x0, lane.x1))
    return edges, count.astype(np.int64)

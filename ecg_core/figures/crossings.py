"""Zero crossings on the paper: markers on the trace, ticks under it, or their density."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

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
    return LaneCrossings(lane, x[here], samples, strip.crossings.rising[here] != lane.is_inverted)


def choose_forms(found: Sequence[LaneCrossings], page: Page) -> list[Form]:
    """The form that the reader chose, or what can be read in each lane.

    Markers hide many traces, ticks run together where they are dense; neither is drawn by the thousands.
    """
    total = sum(len(one.x) for one in found)
    chosen = page.view.crossings
    if chosen in ("markers", "ticks", "density"):
        too_many = total > _MOST_TICKS
        return ["density" if too_many else cast("Form", chosen)] * len(found)
    few = len(found) <= _FEW_LANES and total <= _MOST_MARKERS
    if few and all(one.lane.zero_is_on_strip and not _is_crowded(one, page) for one in found):
        return ["markers"] * len(found)
    if total > _MOST_TICKS:
        return ["density"] * len(found)
    return ["ticks" if _room_px(one, page) >= _TICK_ROOM_PX else "density" for one in found]


def _is_crowded(found: LaneCrossings, page: Page) -> bool:
    """Whether most crossings have their neighbour within a marker's width."""
    apart_px = np.diff(found.x) * page.mm_per_x * page.px_per_mm
    return bool(np.mean(apart_px < _MARKER_PX) > 0.5) if len(apart_px) else False


def _room_px(found: LaneCrossings, page: Page) -> float:
    """Pixels from one crossing to the next, on average."""
    lane = found.lane
    return (lane.x1 - lane.x0) * page.mm_per_x * page.px_per_mm / max(len(found.x), 1)


def draw_crossings(
    sheet: Sheet, page: Page, palette: Palette
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The traces and shapes of all crossings: rising and falling told apart by shape and by colour."""
    found = [crossings_in(lane) for lane in sheet.lanes]
    forms = choose_forms(found, page)
    draw = {"markers": _marker_trace, "ticks": _tick_trace, "density": _density_trace}
    traces, shapes = [], []
    for form in sorted(set(forms)):
        drawn = [one for one, its in zip(found, forms, strict=True) if its == form]
        traces += [draw[form](drawn, rising, sheet, page, palette) for rising in (True, False)]
        if form == "ticks":
            shapes = [_tick_shape(drawn, rising, sheet, page, palette) for rising in (True, False)]
    return traces, shapes


def _marker_trace(
    found: Sequence[LaneCrossings], rising: bool, sheet: Sheet, page: Page, palette: Palette
) -> dict[str, Any]:
    """Arrow heads whose tips are at the crossing: from below for rising, from above for falling."""
    points = [_Points.of(one, rising, _zero_y(one.lane, page)) for one in found]
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


def _zero_y(lane: Lane, page: Page) -> float:
    """Where zero is, or the edge of the lane's room on its side."""
    height = min(max(-lane.anchor * lane.scale.mm_per_unit, -lane.below_mm), lane.above_mm)
    return (height - lane.level_mm) / page.gain_mm_mv


def _tick_trace(
    found: Sequence[LaneCrossings], rising: bool, sheet: Sheet, page: Page, palette: Palette
) -> dict[str, Any]:
    """The middles of ticks: over the middle of the strip for rising, under it for falling.

    It answers the pointer; what is seen is `_tick_shape`.
    """
    points = [_Points.of(one, rising, sum(_tick_ends(one.lane, rising, sheet, page)) / 2) for one in found]
    return {**_base(points, rising, page), "mode": "none"}


def _tick_shape(
    found: Sequence[LaneCrossings], rising: bool, sheet: Sheet, page: Page, palette: Palette
) -> dict[str, Any]:
    """The ticks of all lanes in one path: as a trace every tick were an element of the page."""
    line = {"width": 1.5, "color": palette.rising if rising else palette.falling}
    path = "".join(_tick_path(one, rising, sheet, page) for one in found)
    return {"type": "path", "path": path, "line": line}


def _tick_path(found: LaneCrossings, rising: bool, sheet: Sheet, page: Page) -> str:
    """To a tenth of a millisecond: whole numbers are written several times as quickly."""
    foot, tip = _tick_ends(found.lane, rising, sheet, page)
    tenths = np.rint(found.x[found.rising == rising] * 1e4).astype(np.int64)
    return "".join(f"M{at}e-4,{foot:.4f}V{tip:.4f}" for at in tenths.tolist())


def _tick_ends(lane: Lane, rising: bool, sheet: Sheet, page: Page) -> tuple[float, float]:
    foot_mm = -sheet.ticks_mm(lane)
    tip_mm = foot_mm + (sheet.tick_mm - 0.2) * (1 if rising else -1)
    return foot_mm / page.gain_mm_mv, tip_mm / page.gain_mm_mv


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
    found: Sequence[LaneCrossings], rising: bool, sheet: Sheet, page: Page, palette: Palette
) -> dict[str, Any]:
    """Bars of crossings a bin, up from the middle of the strip for rising and down from it for falling.

    The highest bar of the page fills its half of the strip.
    """
    counts = [_bin(one, one.rising == rising, page) for one in found]
    most = max(int(_bin(one, of, page)[1].max()) for one in found for of in (one.rising, ~one.rising)) or 1
    xs, ys = [], []
    for one, (edges, count) in zip(found, counts, strict=True):
        middle = -sheet.ticks_mm(one.lane) / page.gain_mm_mv
        height = middle + count / most * sheet.tick_mm / page.gain_mm_mv * (1 if rising else -1)
        xs.append(np.r_[edges[0], np.repeat(edges, 2)[1:-1], edges[-1], edges[0], np.nan])
        ys.append(np.r_[middle, np.repeat(height, 2), middle, middle, np.nan])
    colour = palette.rising if rising else palette.falling
    return {
        "type": "scatter",
        "name": "rising, density" if rising else "falling, density",
        "x": np.concatenate(xs),
        "y": np.concatenate(ys),
        "mode": "lines",
        "fill": "toself",
        "fillcolor": colour,
        "line": {"width": 0.5, "color": colour},
        "hoverinfo": "skip",
    }


def _bin(
    found: LaneCrossings, chosen: NDArray[np.bool_], page: Page
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    lane = found.lane
    bins = max(round((lane.x1 - lane.x0) * page.mm_per_x / _BIN_MM), 1)
    count, edges = np.histogram(found.x[chosen], bins=bins, range=(lane.x0, lane.x1))
    return edges, count.astype(np.int64)

"""Traces of a figure as shapes in millimetres."""

from __future__ import annotations

import numpy as np
import pytest

from ecg_core.reports.drawing import Lines, Polygons, Text
from ecg_core.reports.figure_shapes import FigureAxes, figure_shapes
from ecg_core.reports.fonts import text_width

AXES = FigureAxes(left=20.0, top=30.0, x0=5.0, y0=1.0, mm_per_x=25.0, mm_per_y=10.0, px_per_mm=4.0)
FONT = {"color": "#222222", "size": 12}


def shapes_of(**trace):
    return figure_shapes([{"type": "scatter", **trace}], AXES)


def test_a_line_with_its_dash_and_its_gap():
    (line,) = shapes_of(
        mode="lines", x=[5.0, 6.0, np.nan, 7.0], y=[1.0, 0.0, np.nan, 1.0],
        line={"color": "#0072b2", "width": 2, "dash": "6px,3px"}, opacity=0.5,
    )  # fmt: skip
    assert isinstance(line, Lines) and line.width == 0.5 and line.dash == (1.5, 0.75)
    assert line.opacity == 0.5 and not line.is_round
    np.testing.assert_allclose(line.x, [20.0, 45.0, np.nan, 70.0])
    np.testing.assert_allclose(line.y, [30.0, 40.0, np.nan, 30.0])


def test_samples_at_equal_steps():
    (line,) = shapes_of(mode="lines", x0=5.0, dx=0.2, y=np.zeros(3), line={"color": "#111111"})
    np.testing.assert_allclose(line.x, [20.0, 25.0, 30.0])
    np.testing.assert_allclose(line.y, 40.0)


def test_an_area_without_an_edge():
    (area,) = shapes_of(
        mode="lines", x=[5, 6, 6], y=[0, 0, 1], fill="toself", fillcolor="rgba(17,34,255,0.5)",
        line={"width": 0},
    )  # fmt: skip
    assert isinstance(area, Polygons) and area.colour == "#1122ff" and area.opacity == 0.5


@pytest.mark.parametrize("symbol, corners, tip", [("triangle-up", 3, -1), ("triangle-down", 3, 1)])
def test_a_triangle_points_where_it_should(symbol, corners, tip):
    (mark,) = shapes_of(mode="markers", x=[5.0], y=[1.0],
                        marker={"symbol": symbol, "size": 8, "color": "#b8460e"})  # fmt: skip
    assert np.count_nonzero(~np.isnan(mark.x)) == corners
    ys = mark.y[~np.isnan(mark.y)]
    assert np.sum(np.sign(ys - 30.0) == tip) == 1 and np.ptp(ys) == pytest.approx(2.0)


def test_a_text_with_tags_is_several_one_beside_the_other():
    name = '<b><span style="color:#000000;font-size:14px">V1 &lt;b&gt;</span></b>  3 ↕'
    first, second = shapes_of(mode="text", x=[5.0], y=[1.0], text=[name], textposition="middle right",
                              textfont=FONT)  # fmt: skip
    assert isinstance(first, Text) and (first.text, first.is_bold, first.colour) == (
        "V1 <b>",
        True,
        "#000000",
    )
    assert (second.text, second.is_bold, second.colour) == ("  3 ↕", False, "#222222")
    assert first.size / second.size == pytest.approx(14 / 12)
    assert second.x == pytest.approx(first.x + text_width(first.text, first.size, is_bold=True))


@pytest.mark.parametrize("position, side", [("middle left", -1.0), ("middle center", -0.5)])
def test_a_text_stands_on_its_side_of_the_point(position, side):
    (text,) = shapes_of(mode="text", x=[5.0], y=[1.0], text=["aVF"], textposition=position, textfont=FONT)
    beside = 1.0 if position.endswith("left") else 0.0
    assert text.x == pytest.approx(20.0 + side * text_width("aVF", text.size) - beside)


def test_nothing_is_drawn_of_nothing():
    assert shapes_of(mode="lines", x=[], y=[], line={"color": "#111111"}) == []

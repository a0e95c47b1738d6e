"""Zero crossings on the paper: at the right place, rising and falling apart, readable however many."""

import re

import numpy as np
import pytest

from ecg_core.domain import Lead
from ecg_core.figures import Strip, ecg_figure, plan_page
from ecg_core.figures.page import TWELVE_LEADS
from ecg_core.signal.zero_crossings import find_lead_zero_crossings


def sine(hertz=1.0, name="II", **fields):
    time = np.arange(5000) / 500
    return Lead(name, np.sin(2 * np.pi * hertz * (time - 0.1001)), 500.0, **{"unit": "mV", **fields})


def draw(*leads, width_px=1400):
    strips = [Strip(lead, find_lead_zero_crossings(lead), 20) for lead in leads]
    return ecg_figure(strips, plan_page(leads, width_px))


def of(figure, name):
    return next((trace for trace in figure.data if trace.name == name), None)


def test_one_lead_has_markers_on_the_zero_line_at_the_interpolated_time():
    figure = draw(sine())
    rising, falling = of(figure, "rising ▲"), of(figure, "falling ▽")
    assert rising.x == pytest.approx(np.arange(10) + 0.1001, abs=2e-5)
    assert falling.x == pytest.approx(np.arange(10) + 0.6001, abs=2e-5)
    assert set(rising.y) == set(falling.y) == {of(figure, "zero").y[0]}
    assert list(rising.customdata[:2]) == [51, 551]


def test_rising_and_falling_differ_in_shape_and_in_colour():
    rising, falling = (of(draw(sine()), name).marker for name in ("rising ▲", "falling ▽"))
    assert (rising.symbol, rising.angle) != (falling.symbol, falling.angle)
    assert rising.color != falling.color


def test_many_leads_have_ticks_up_and_down_in_a_strip_below_the_trace():
    figure = draw(*(sine(name=name) for name in TWELVE_LEADS))
    rising, falling = of(figure, "rising ▲"), of(figure, "falling ▽")
    assert rising.mode == falling.mode == "none"
    assert rising.y[0] < of(figure, "I").y.min()
    assert len(rising.x) == 12 // 4 * 10 + 10
    up, down = figure.layout.shapes
    assert rising.text[0] == "I" and up.line.color != down.line.color
    assert up.path.count("M") == len(rising.x) and down.path.count("M") == len(falling.x)
    x, foot, tip = ends_of(up.path)[7]
    assert x == pytest.approx(rising.x[7], abs=1e-4) and foot < tip
    assert (foot + tip) / 2 == pytest.approx(rising.y[7], abs=1e-4)
    assert ends_of(down.path)[0][1] == ends_of(up.path)[0][1] > ends_of(down.path)[0][2]


def ends_of(path):
    """Of each tick: x, and y where it begins and ends."""
    return [[float(number) for number in re.split("[,V]", tick)] for tick in path[1:].split("M")]


def noise():
    return Lead("II", np.random.default_rng(3).normal(0, 0.3, 5000), 500.0, "mV")


def test_dense_crossings_are_bars_up_for_rising_and_down_for_falling():
    figure = draw(noise())
    rising, falling = of(figure, "rising, density"), of(figure, "falling, density")
    assert of(figure, "rising ▲") is None and rising.fill == falling.fill == "toself"
    assert len(rising.x) < 1_000
    assert np.nanmin(rising.y) == np.nanmax(falling.y)
    assert np.nanmax(rising.y) < np.percentile(of(figure, "II").y, 0.1)
    assert rising.fillcolor != falling.fillcolor


def test_every_crossing_is_counted_in_the_density():
    figure, crossings = draw(noise()), find_lead_zero_crossings(noise())
    rising, falling = of(figure, "rising, density"), of(figure, "falling, density")
    middle, tallest = np.nanmin(rising.y), max(np.ptp(rising.y[:-1]), np.ptp(falling.y[:-1]))
    total = sum(abs(one.y[1:-3:2] - middle).sum() for one in (rising, falling)) / tallest
    times, bins = crossings.positions / 500, len(rising.y[1:-3:2])
    counts = [np.histogram(times[crossings.rising == up], bins, (0, 10))[0] for up in (True, False)]
    assert total * np.max(counts) == pytest.approx(len(crossings.indices))


def test_one_dense_lead_leaves_the_others_their_ticks():
    figure = draw(*(sine(name=name) for name in TWELVE_LEADS[1:]), noise())
    assert len(of(figure, "rising ▲").x) > 0 and len(of(figure, "rising, density").x) > 0


def test_a_lead_without_crossings_or_samples_is_no_trouble():
    for lead in (Lead("II", np.zeros(100), 500.0, "mV"), Lead("II", np.zeros(0), 500.0, "mV")):
        assert len(of(draw(lead), "rising ▲").x) == 0


def test_a_lead_whose_zero_is_off_the_strip_has_ticks():
    figure = draw(sine(offset=0.0), sine(name="V1", offset=30.0))
    assert of(figure, "rising ▲").mode == "none"


def test_crossings_hover_with_direction_time_and_sample():
    assert of(draw(sine()), "rising ▲").hovertemplate == (
        "<b>%{text}</b> · rising ▲ · %{x:.4f} s · sample %{customdata}<extra></extra>"
    )

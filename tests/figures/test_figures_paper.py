"""The figure in numbers: what a ruler on the screen would find."""

from itertools import pairwise

import numpy as np
import plotly.graph_objects as go
import pytest

from ecg_core.domain import Lead
from ecg_core.figures import Strip, ecg_figure, figure_text, plan_page
from ecg_core.figures.page import TWELVE_LEADS
from ecg_core.figures.view import View
from ecg_core.signal.zero_crossings import find_lead_zero_crossings


def beats(fs=500.0, seconds=10.0, name="II", height=1.0, **lead_fields):
    """One pointed beat a second, upright, on a line at zero."""
    time = np.arange(round(fs * seconds)) / fs
    signal = height * np.exp(-(((time % 1.0 - 0.5) / 0.02) ** 2)) - 0.05 * height
    return Lead(name, signal, fs, **{"unit": "mV", **lead_fields})


def strip(lead, first_sample=0, count=7):
    return Strip(lead, find_lead_zero_crossings(lead), count, first_sample)


def draw(leads, width_px=1400, span=None, dark=False, start=None, **choices):
    page = plan_page(leads, width_px, span=span, view=View(**choices))
    return ecg_figure([strip(lead) for lead in leads], page, dark=dark, start=start), page


def trace(figure, name):
    return next(trace for trace in figure.data if trace.name == name)


def px_per_x(figure):
    low, high = figure.layout.xaxis.range
    return (figure.layout.width - figure.layout.margin.l - figure.layout.margin.r) / (high - low)


def px_per_y(figure):
    low, high = figure.layout.yaxis.range
    return (figure.layout.height - figure.layout.margin.t - figure.layout.margin.b) / (high - low)


@pytest.mark.parametrize("width_px", [320, 390, 700, 1000, 1312, 1400, 2400])
@pytest.mark.parametrize("names", [["II"], ["MLII", "V1"], TWELVE_LEADS, [f"lead {i}" for i in range(15)]])
def test_a_second_is_25_mm_and_a_millivolt_10_mm_at_every_width(width_px, names):
    figure, page = draw([beats(name=name) for name in names], width_px)
    assert px_per_x(figure) == pytest.approx(25 * page.px_per_mm, rel=1e-6)
    assert px_per_y(figure) == pytest.approx(10 * page.px_per_mm, rel=1e-6)
    assert page.px_per_mm >= 3 and page.px_per_mm == int(page.px_per_mm)
    assert figure.layout.width <= width_px
    assert figure.layout.yaxis.scaleratio == pytest.approx(10 / 25)


@pytest.mark.parametrize(("speed", "gain"), [(50.0, 10.0), (12.5, 20.0), (25.0, 5.0)])
def test_other_speeds_and_gains_are_square_too(speed, gain):
    lead = beats()
    page = plan_page([lead], 1400, view=View(speed=speed, gain=gain))
    figure = ecg_figure([strip(lead)], page)
    assert px_per_x(figure) / speed == pytest.approx(px_per_y(figure) / gain, rel=1e-6)
    drawn = trace(figure, "II").y
    assert np.nanmax(drawn) - np.nanmin(drawn) == pytest.approx(1.0, abs=0.01)


def test_the_grid_is_squares_of_5_mm_and_of_1_mm():
    figure, _ = draw([beats()])
    x, y = figure.layout.xaxis, figure.layout.yaxis
    assert (x.dtick, x.minor.dtick) == pytest.approx((0.2, 0.04))
    assert (y.dtick, y.minor.dtick) == pytest.approx((0.5, 0.1))


def test_below_3_px_per_mm_there_is_no_1_mm_line():
    figure, page = draw([beats(seconds=60.0)], 1400, span=30.0)
    assert page.px_per_mm < 3 and round(page.px_per_mm * 5, 6) == int(round(page.px_per_mm * 5, 6))
    assert figure.layout.xaxis.minor.dtick == pytest.approx(0.2)


def test_the_calibration_pulse_is_one_millivolt_high_and_5_mm_wide():
    figure, _ = draw([beats()])
    pulse = trace(figure, "1 mV")
    assert np.nanmax(pulse.y) - np.nanmin(pulse.y) == pytest.approx(1.0)
    top = pulse.x[pulse.y == np.nanmax(pulse.y)]
    assert top.max() - top.min() == pytest.approx(0.2)


@pytest.mark.parametrize("unit", ["mV", "uV", "V"])
def test_a_voltage_is_drawn_in_millivolts_whatever_its_unit(unit):
    factor = {"mV": 1.0, "uV": 1e3, "V": 1e-3}[unit]
    figure, _ = draw([beats(unit=unit, resolution=factor)])
    drawn = trace(figure, "II")
    assert np.ptp(drawn.y) == pytest.approx(1.0, abs=0.01)
    assert np.ptp(drawn.customdata) == pytest.approx(factor, rel=0.01)


def test_zero_lies_on_the_dotted_line_and_on_the_grid():
    figure, _ = draw([beats(height=0.0, resolution=1.0)])
    zero = trace(figure, "zero").y[0]
    assert trace(figure, "II").y == pytest.approx(zero)
    assert zero * 2 == pytest.approx(round(zero * 2))


def test_a_modest_offset_stays_visible_against_zero():
    figure, _ = draw([beats(offset=1.5)])
    assert np.median(trace(figure, "II").y) - trace(figure, "zero").y[0] == pytest.approx(1.45, abs=0.01)


def test_a_large_offset_moves_the_lane_and_says_so():
    figure, _ = draw([beats(offset=40.0)])
    assert "zero is off the strip" in trace(figure, "labels").text[0]
    assert len(trace(figure, "zero").y) == 0
    low, high = figure.layout.yaxis.range
    assert low < np.min(trace(figure, "II").y) and np.max(trace(figure, "II").y) < high
    assert np.median(trace(figure, "II").customdata) == pytest.approx(39.95, abs=0.01)


def test_traces_of_ordinary_leads_do_not_collide():
    leads = [beats(name=name, height=(-1) ** i * 1.8) for i, name in enumerate(TWELVE_LEADS[:8])]
    figure, _ = draw(leads)
    extents = [(trace(figure, lead.name).y.min(), trace(figure, lead.name).y.max()) for lead in leads]
    assert all(lower[1] < upper[0] for upper, lower in pairwise(extents))


def test_missing_samples_are_gaps():
    lead = beats()
    lead.samples[1000:1500] = np.nan
    lead.samples[2000] = np.inf
    drawn = trace(draw([lead])[0], "II")
    assert np.isnan(drawn.y[1000:1500]).all() and np.isnan(drawn.y[2000])
    assert np.isnan(drawn.y).sum() == 501
    assert not drawn.connectgaps


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(1), np.full(5000, np.nan), np.full(5000, 0.7)])
@pytest.mark.parametrize("rate", [500.0, None])
@pytest.mark.parametrize("unit", ["mV", None, "mmHg"])
def test_a_lead_with_nothing_in_it_is_drawn(samples, rate, unit):
    figure, _ = draw([Lead("II", samples, rate, unit)])
    assert np.isfinite([*figure.layout.xaxis.range, *figure.layout.yaxis.range]).all()
    assert ("no samples here" in trace(figure, "labels").text[0]) == (not np.isfinite(samples).any())


def test_no_strip_at_all_is_an_empty_sheet():
    figure, page = draw([])
    assert figure.layout.width == page.width_px


def test_an_unknown_unit_has_no_pulse_and_no_millivolts():
    figure, _ = draw([beats(unit=None, resolution=1000.0)])
    text = " ".join(trace(figure, "labels").text)
    assert len(trace(figure, "1 mV").y) == 0
    assert "counts — no millivolt scale, 10 mm = 500" in text and "mm/mV" not in text
    assert np.ptp(trace(figure, "II").y) * 500 == pytest.approx(1000, rel=0.01)
    assert "mV" not in trace(figure, "II").hovertemplate


def test_another_unit_has_its_own_scale_in_the_label():
    figure, _ = draw([beats(), beats(name="ABP", unit="mmHg", resolution=100.0)])
    label = trace(figure, "labels").text[1]
    assert "mmHg, 10 mm = 50" in label
    assert len(trace(figure, "1 mV").y) == 7


def test_an_unknown_rate_is_drawn_over_sample_numbers_without_millimetres_of_time():
    lead = Lead("II", np.array([1, 0, -1, 0, 1, 0, 0, 1]))
    figure, page = draw([lead])
    assert not page.timed and page.span == 8
    assert figure.layout.xaxis.title.text == "sample number"
    assert figure.layout.yaxis.scaleanchor is None and figure.layout.xaxis.minor.dtick is None
    assert "mm/s" not in " ".join(trace(figure, "labels").text)
    assert (trace(figure, "II").x0, trace(figure, "II").dx) == (0.0, 1.0)


def test_leads_of_different_rates_share_the_time_axis():
    figure, _ = draw([beats(500.0), beats(125.0, name="V1")])
    assert trace(figure, "II").dx == 1 / 500 and trace(figure, "V1").dx == 1 / 125
    peaks = [
        (trace(figure, n).x0 + np.argmax(trace(figure, n).y) * trace(figure, n).dx) % 1 for n in ("II", "V1")
    ]
    assert peaks == pytest.approx([0.5, 0.5], abs=0.005)


def test_a_later_window_keeps_its_time_and_its_sample_numbers():
    lead = beats(seconds=10.0)
    page = plan_page([lead], 1400)
    figure = ecg_figure([strip(lead, first_sample=60_000)], page)
    assert trace(figure, "II").x0 == 120.0
    assert figure.layout.xaxis.tick0 == 120.0
    rising = trace(figure, "rising ▲")
    assert rising.customdata[0] == 60_000 + find_lead_zero_crossings(lead).indices[0]
    assert rising.x[0] == pytest.approx(120.0 + find_lead_zero_crossings(lead).positions[0] / 500)


def test_a_long_window_is_reduced_and_keeps_its_extremes():
    rng = np.random.default_rng(7)
    samples = rng.normal(0, 0.1, 200_000)
    samples[[1_234, 15_001]] = 3.0, -2.0
    figure, _ = draw([Lead("II", samples, 500.0, "mV")], span=400.0)
    drawn = trace(figure, "II")
    assert len(drawn.y) < 6_000
    assert drawn.customdata.max() == 3.0 and drawn.customdata.min() == -2.0
    assert drawn.x[np.argmax(drawn.y)] == pytest.approx(1_234 / 500)


def test_ten_seconds_of_500_hz_are_drawn_sample_by_sample():
    assert len(trace(draw([beats()])[0], "II").y) == 5_000


HOSTILE = [
    "<b>x</b>",
    "<a href='javascript:alert(1)'>V1</a>",
    "%{x} %{customdata}",
    "a\nb\x00",
    "L" * 500,
    "$x$",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_lead_name_is_plain_text(name):
    figure, _ = draw([beats(name=name), beats(name="II", unit="<i>u</i>%{x}")])
    label, other = trace(figure, "labels").text[:2]
    shown = label.removeprefix('<b><span style="color:#111111;font-size:14px">').split("</span></b>")[0]
    assert "<" not in shown and len(shown) < 60 and "\n" not in shown
    assert "<i>" not in other and "<i>" not in trace(figure, "II").hovertemplate
    assert trace(figure, "II").hovertemplate.count("%{") == 3
    assert all("<a" not in one and "<b>x" not in one for one in (trace(figure, "rising ▲").text or ()))


def test_plotly_finds_every_property_valid():
    for leads in ([beats(name=name) for name in TWELVE_LEADS], [beats()], [Lead("I", np.arange(-5, 5))]):
        figure, _ = draw(leads, dark=True)
        go.Figure(figure.to_dict())


def test_light_and_dark_are_told_apart_and_crossings_can_be_hidden():
    light, dark = draw([beats()])[0], draw([beats()], dark=True)[0]
    assert light.layout.plot_bgcolor == "#fff7f5" and dark.layout.plot_bgcolor != light.layout.plot_bgcolor
    hidden = draw([beats()], crossings="off")[0]
    assert hidden.layout.height == light.layout.height and len(hidden.data) == len(light.data) - 2
    assert "7 ↕" in trace(hidden, "labels").text[0]


def test_the_figure_has_a_text_equivalent():
    lead = beats()
    assert "II: 7" in figure_text([strip(lead)], plan_page([lead], 1400))

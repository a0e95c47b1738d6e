"""Long windows: every column's extremes are drawn as they are, nothing is drawn over a neighbour."""

import json
import time
from datetime import datetime
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go
import pytest

from ecg_core.domain import Annotation
from ecg_core.figures import ReadyFigure
from ecg_core.figures.envelope_events import event_traces, line_event_traces
from ecg_core.figures.envelopes import (
    EnvelopeStrip,
    envelope_facts,
    envelope_parts,
    envelope_text,
    lay_out_envelopes,
)
from ecg_core.figures.full_disclosure import line_facts
from ecg_core.figures.page import TWELVE_LEADS
from ecg_core.figures.palette import LIGHT
from ecg_core.figures.view import View

COLUMNS, COLUMN = 1000, 900  # an hour of 250 Hz
HOUR = COLUMNS * COLUMN / 250


def strip(name="II", *, height=1.0, seed=0, gap=None, total=9_999, rate=250.0, unit="mV", mv=1.0, first=0):
    rng = np.random.default_rng(seed)
    highest = height * rng.uniform(0.8, 1.2, COLUMNS)
    lowest = -height * rng.uniform(0.2, 0.4, COLUMNS)
    missing = np.zeros(COLUMNS, np.int64)
    if gap:
        lowest[slice(*gap)] = highest[slice(*gap)] = np.nan
        missing[slice(*gap)] = COLUMN
    rising, falling = rng.integers(0, 5, (2, COLUMNS))
    return EnvelopeStrip(
        name, unit, mv, rate, first, COLUMN, lowest, highest, rising, falling, missing, total
    )


def draw(*strips, width_px=1200, start=0.0, span=HOUR, view=None, dark=False, **options):
    view = view or View()
    px_per_mm = options.pop("px_per_mm", None)
    sheet = lay_out_envelopes(
        strips, width_px=width_px, start=start, span=span, view=view, px_per_mm=px_per_mm
    )
    return go.Figure(envelope_parts(sheet, dark=dark, **options)), envelope_facts(sheet)


def of(figure, name):
    return next(trace for trace in figure.data if trace.name == name)


def drawn_extremes(figure, facts, number=0):
    """Lowest and highest drawn value at each column's middle, in the lead's unit, read off the y axis."""
    lane, trace = facts["lanes"][number], figure.data[facts["lanes"][number]["trace"]]
    values = (np.asarray(trace.y, float) - lane["level"]) / lane["y_per_unit"] + lane["anchor"]
    column = (np.asarray(trace.x, float) / lane["dx"] - lane["first_sample"]) / lane["samples_per_column"]
    is_middle = np.isclose(column % 1, 0.5, atol=0.01)
    lowest, highest = np.full(COLUMNS, np.inf), np.full(COLUMNS, -np.inf)
    at = np.floor(column[is_middle]).astype(int)
    np.minimum.at(lowest, at, values[is_middle])
    np.maximum.at(highest, at, values[is_middle])
    return lowest, highest


def test_the_drawn_extremes_are_those_of_the_columns():
    one = strip()
    lowest, highest = drawn_extremes(*draw(one))
    assert lowest == pytest.approx(one.lowest, abs=1e-5)
    assert highest == pytest.approx(one.highest, abs=1e-5)
    assert of(draw(one)[0], "II").line.simplify is False


def test_a_single_high_column_is_not_lost():
    one = strip()
    one.highest[417] = 2.0
    assert drawn_extremes(*draw(one))[1][417] == pytest.approx(2.0, abs=1e-5)


def test_more_columns_than_pixels_are_drawn_together_with_their_extremes():
    one = strip()
    figure, facts = draw(one, width_px=390)
    lane = facts["lanes"][0]
    trace = figure.data[lane["trace"]]
    assert lane["samples_per_column"] == 3 * COLUMN and len(trace.x) < 680
    x, y = np.asarray(trace.x, float), (np.asarray(trace.y, float) - lane["level"]) / lane["y_per_unit"]
    for number in (0, 100, 333):
        here = np.abs(x - (np.clip(number * 3 + 1.5, 0, COLUMNS - 0.5)) * COLUMN / 250) < 0.05
        columns = slice(number * 3, number * 3 + 3)
        assert y[here].max() == pytest.approx(one.highest[columns].max(), abs=1e-5)
        assert y[here].min() == pytest.approx(one.lowest[columns].min(), abs=1e-5)


def test_gaps_are_open_and_shaded():
    figure, facts = draw(strip(gap=(200, 300)))
    x, missing = np.asarray(of(figure, "II").x), of(figure, "missing")
    inside = (x > 200 * COLUMN / 250 + 0.01) & (x < 300 * COLUMN / 250 - 0.01)
    assert not inside.any() and np.isnan(x).sum() == 2
    assert (np.nanmin(missing.x), np.nanmax(missing.x)) == pytest.approx((720.0, 1080.0))
    assert np.nanmax(missing.y) == facts["lanes"][0]["top"]
    assert "shaded: samples missing" in of(figure, "labels").text[-1]


def test_one_missing_sample_of_a_long_window_is_still_seen():
    one = strip()
    one.missing[500] = 1
    missing = of(draw(one, width_px=400)[0], "missing")
    assert np.nanmax(missing.x) - np.nanmin(missing.x) >= 1.99 * HOUR / 360


@pytest.mark.parametrize("gain", [2.5, 5.0, 10.0, 20.0])
@pytest.mark.parametrize("px_per_mm", [None, 3.78])
def test_a_millivolt_is_as_high_as_the_gain_says(gain, px_per_mm):
    figure, facts = draw(strip(height=0.5), view=View(gain=gain), px_per_mm=px_per_mm)
    low, high = figure.layout.yaxis.range
    px_per_y = (figure.layout.height - figure.layout.margin.b) / (high - low)
    expected = px_per_mm or facts["px_per_mm"]
    assert px_per_y * np.ptp(of(figure, "1 mV").y[[3, 4]]) == pytest.approx(gain * expected, rel=0.01)
    assert facts["lanes"][0]["y_per_unit"] == gain
    assert f"1 h across · {gain:g} mm/mV" in of(figure, "labels").text[-1].replace("60 min", "1 h")


def test_chest_leads_have_a_gain_of_their_own_and_say_so():
    figure, facts = draw(strip("II"), strip("V1"), view=View(gain=10.0, chest_gain=5.0))
    assert [lane["y_per_unit"] for lane in facts["lanes"]] == [10.0, 5.0]
    labels = of(figure, "labels").text
    assert "5 mm/mV" in labels[1] and "5 mm/mV" not in labels[0] and "chest 5 mm/mV" in labels[2]


def test_the_signal_is_cut_at_its_lane_and_marked():
    leads = [strip(name, height=9.0, seed=i) for i, name in enumerate(TWELVE_LEADS)]
    figure, facts = draw(*leads)
    for lane in facts["lanes"]:
        y = np.asarray(figure.data[lane["trace"]].y)
        assert np.nanmax(y) <= lane["top"] + 1e-4 and np.nanmin(y) >= lane["bottom"] - 1e-4
    assert all(above["bottom"] > below["top"] for above, below in pairwise(facts["lanes"]))
    marks = of(figure, "clipped")
    assert set(marks.marker.symbol) == {"triangle-up", "triangle-down"}
    assert all("clipped" in text for text in of(figure, "labels").text[:12])
    assert len(marks.x) < 24 * 100  # one in 12 pixels


def test_an_ordinary_signal_is_not_cut():
    figure, _ = draw(strip())
    assert len(of(figure, "clipped").x) == 0 and "clipped" not in of(figure, "labels").text[0]


def test_a_few_artefacts_do_not_rule_the_lane():
    one, other = strip(), strip()
    other.highest[10] = 400.0
    assert draw(one)[1]["lanes"][0]["top"] == draw(other)[1]["lanes"][0]["top"]


def test_counts_are_in_view_and_in_total():
    one = strip(total=50_000)
    here = int(one.rising.sum() + one.falling.sum())
    assert f"{here:,} of 50,000 ↕".replace(",", "\u202f") in of(draw(one)[0], "labels").text[0]
    assert "9\u202f999 ↕" in of(draw(strip(total=9_999))[0], "labels").text[0]


def test_only_columns_in_the_window_are_drawn_and_a_count_at_its_edges_is_about():
    one = strip(total=50_000)
    start, span = 100.5 * COLUMN / 250, 200 * COLUMN / 250
    figure, _ = draw(one, start=start, span=span)
    x = np.asarray(of(figure, "II").x)
    here = int(one.rising[100:301].sum() + one.falling[100:301].sum())
    assert (np.nanmin(x), np.nanmax(x)) == pytest.approx((start, start + span), rel=1e-5)
    assert f"about {here} of 50\u202f000 ↕" in of(figure, "labels").text[0]


def test_every_crossing_is_in_the_density_up_for_rising_and_down_for_falling():
    one = strip()
    figure, _ = draw(one)
    rising, falling = of(figure, "rising, density"), of(figure, "falling, density")
    middle = rising.y[0]
    up, down = (np.abs(np.asarray(one.y, float)[1:-3:2] - middle) for one in (rising, falling))
    assert np.nanmin(rising.y) == np.nanmax(falling.y) == pytest.approx(middle)
    assert up.sum() / down.sum() == pytest.approx(one.rising.sum() / one.falling.sum(), rel=1e-3)
    assert rising.fillcolor != falling.fillcolor


def test_crossings_off_leaves_all_else_in_its_place():
    on, off = draw(strip())[0], draw(strip(), view=View(crossings="off"))[0]
    assert on.layout.height == off.layout.height and len(off.data) == len(on.data) - 2


def test_cabrera_turns_avr_over_and_keeps_its_count():
    leads = [strip(name, seed=i, total=100 + i) for i, name in enumerate(TWELVE_LEADS)]
    figure, facts = draw(*leads, view=View(order="cabrera"))
    assert [lane["label"] for lane in facts["lanes"]][:6] == ["aVL", "I", "−aVR", "II", "aVF", "III"]
    lane = facts["lanes"][2]
    lowest, highest = drawn_extremes(figure, facts, 2)
    assert (lane["lead"], lane["inverted"], lane["y_per_unit"]) == ("aVR", True, -10.0)
    assert np.minimum(lowest, highest) == pytest.approx(leads[3].lowest, abs=1e-5)
    trace = figure.data[lane["trace"]]
    assert np.nanmin(trace.y) - lane["level"] == pytest.approx(-10 * leads[3].highest.max(), abs=1e-4)


def test_a_far_offset_moves_the_lane_and_says_so():
    one = strip()
    one.lowest[:] += 40.0
    one.highest[:] += 40.0
    figure, facts = draw(one)
    assert facts["lanes"][0]["anchor"] == pytest.approx(40.3, abs=0.2)
    assert "zero is off the strip" in of(figure, "labels").text[0] and len(of(figure, "zero").y) == 0
    lowest, highest = drawn_extremes(figure, facts)
    assert lowest == pytest.approx(one.lowest, abs=1e-4) and highest == pytest.approx(one.highest, abs=1e-4)


def test_unknown_units_and_rates_stay_unknown():
    figure, facts = draw(strip(unit=None, mv=None, rate=None, height=500.0), span=float(COLUMNS * COLUMN))
    text = " ".join(of(figure, "labels").text)
    assert "counts — no millivolt scale, 10 mm = 500" in text and "mm/mV" not in text
    assert "900\u202f000 samples across" in text and not facts["timed"]
    assert len(of(figure, "1 mV").y) == 0
    assert figure.layout.xaxis.title.text == "sample number"


def test_the_axis_is_of_the_clock_where_it_is_known():
    elapsed = draw(strip())[0].layout.xaxis.ticktext
    clock = draw(strip(), recorded_at=datetime(2024, 3, 1, 23, 30))[0].layout.xaxis
    assert elapsed[:2] == ("0:00:00", "0:05:00")
    assert clock.ticktext[0] == "23:30:00" and "00:00:00" in clock.ticktext


def test_the_filter_does_nothing_here_and_that_is_said():
    assert "not filtered" in of(draw(strip(), view=View(filter="0.5-40"))[0], "labels").text[-1]


@pytest.mark.parametrize("paper", ["light", "dark", "bw"])
def test_plotly_finds_every_property_valid_and_facts_are_json(paper):
    figure, facts = draw(strip(gap=(0, 10)), strip("V1", height=8.0), view=View(paper=paper))
    assert json.loads(json.dumps(facts)) == facts
    assert [figure.data[lane["trace"]].name for lane in facts["lanes"]] == ["II", "V1"]
    if paper == "bw":
        assert (
            of(figure, "rising, density").fillcolor == of(figure, "falling, density").fillcolor == "#000000"
        )


@pytest.mark.parametrize("columns", [0, 1, COLUMNS])
def test_nothing_at_all_is_drawn(columns):
    empty = strip(gap=(0, COLUMNS)).within(0.0, columns * COLUMN / 250)
    figure, _ = draw(empty)
    assert "no samples here" in of(figure, "labels").text[0]
    assert draw()[1]["lanes"] == []


def test_a_hostile_name_is_plain_text():
    figure, _ = draw(strip("<b>x</b>"))
    assert (
        "<b>x" not in of(figure, "labels").text[0] and "<b>x" not in of(figure, "&lt;b&gt;x&lt;/b&gt;").name
    )


def test_the_figure_has_a_text_equivalent():
    assert envelope_text([strip(total=7)], start=0.0, span=HOUR) == (
        "Lowest and highest values of 1 leads from 0:00:00 to 1:00:00. "
        "Zero crossings of the whole recording: II: 7."
    )


def test_it_is_quick():
    leads = [strip(name, seed=i) for i, name in enumerate(("II", "V1", "V5"))]
    taken = []
    for _ in range(9):
        begin = time.perf_counter()
        sheet = lay_out_envelopes(leads, width_px=1200, start=0.0, span=HOUR, view=View())
        ReadyFigure(envelope_parts(sheet, dark=False))
        taken.append(time.perf_counter() - begin)
    assert np.median(taken) < 0.03  # 10 ms on an idle machine


def test_what_is_marked_stands_where_it_is_and_says_what_has_room():
    sheet = lay_out_envelopes([strip()], width_px=1200, start=0.0, span=HOUR, view=View())
    marked = [
        Annotation(at, text, "rhythm") for at, text in ((600.0, "(AFIB"), (601.0, "(N"), (3000.0, "<b>"))
    ]
    figure = go.Figure(envelope_parts(sheet, dark=False, extra=event_traces(marked, [], sheet, LIGHT)))
    lines, texts = of(figure, "marked"), of(figure, "marked texts")
    assert [x for x in lines.x if not np.isnan(x)] == [600.0, 600.0, 601.0, 601.0, 3000.0, 3000.0]
    assert list(texts.text) == [" (AFIB", "", " &lt;b&gt;"]
    assert "(N<br>rhythm of the file" in texts.hovertext[1]
    assert event_traces([Annotation(HOUR, "later")], [], sheet, LIGHT) == []


def test_the_line_of_what_is_marked_is_clear_of_caption_and_lanes():
    plain = lay_out_envelopes([strip()], width_px=1200, start=0.0, span=HOUR, view=View())
    sheet = lay_out_envelopes([strip()], width_px=1200, start=0.0, span=HOUR, view=View(), is_marked=True)
    extra = event_traces([Annotation(600.0, "(AFIB", "rhythm")], [], sheet, LIGHT)
    figure = go.Figure(envelope_parts(sheet, dark=False, extra=extra))
    marks, caption = of(figure, "marked texts").y[0], of(figure, "labels").y[-1]
    lane_foot = -sheet.lanes[-1].level_mm - sheet.lanes[-1].below_mm - sheet.density_mm
    px = sheet.px_per_mm
    assert (marks - caption) * px >= 13.0 and (lane_foot - marks) * px >= 7.0  # letters of 11 px
    assert 0 <= sheet.height_mm - plain.height_mm <= 5
    assert np.nanmin(of(figure, "marked").y) == pytest.approx(marks)


@pytest.mark.parametrize("start", [0.0, 1000.0])
def test_samples_of_a_band_stand_where_their_time_is(start):
    sheet = lay_out_envelopes([strip()], width_px=1200, start=start, span=HOUR / 4, view=View())
    facts = envelope_facts(sheet)
    (lane,) = facts["lanes"]
    assert facts["is_band"] and facts["x_per_px"] == pytest.approx(HOUR / 4 / (1200 - 40))
    assert lane["first_x"] == pytest.approx(lane["first_sample"] / lane["rate"])


def test_in_full_disclosure_each_mark_is_on_its_line():
    marked = [Annotation(at, text, "rhythm") for at, text in ((610.0, "(AFIB"), (610.5, "(N"), (725.5, "(N"))]
    first, *others = (Annotation(at, "x", "rhythm") for at in (599.9, 600.0 + 3600.0))
    traces = line_event_traces(
        [*marked, first, *others], [], start_s=600.0, lines=60, line_s=60.0, x_per_px=0.06, palette=LIGHT
    )
    lines, texts = traces
    assert (texts["x"].tolist(), texts["text"]) == ([10.0, 10.5, 5.5], [" (AFIB", "", " (N"])
    assert texts["y"].tolist() == pytest.approx([0.3, 0.3, -1.7])
    drawn = lines["y"][~np.isnan(lines["y"])].tolist()
    assert drawn == [0.5, -0.5, 0.5, -0.5, -1.5, -2.5]
    (lane,) = [
        one
        for one in line_facts(60, start_s=600.0, lead="II", rate_hz=250.0)
        if one["first_sample"] == 250 * 720
    ]
    assert (lane["first_x"], lane["top"], lane["bottom"]) == (0.0, -1.5, -2.5)  # where 720 s to 780 s are
    nothing = line_event_traces([], [], start_s=0.0, lines=60, line_s=60.0, x_per_px=0.06, palette=LIGHT)
    assert nothing == []


def test_many_notes_of_a_file_hide_neither_the_trace_nor_the_notes_of_readers():
    sheet = lay_out_envelopes([strip()], width_px=1200, start=0.0, span=HOUR, view=View(), is_marked=True)
    plain_height = lay_out_envelopes([strip()], width_px=1200, start=0.0, span=HOUR, view=View()).height_mm
    assert sheet.height_mm > plain_height
    marked = [Annotation(600.0 + number, "!", "note") for number in range(50)]
    marked.append(Annotation(620.0, "(VT", "rhythm"))
    lines, texts = event_traces(marked, [], sheet, LIGHT)
    heights = np.abs(np.diff(lines["y"].reshape(-1, 3)[:, :2], axis=1)).ravel()
    assert np.count_nonzero(heights > 0.8 * sheet.height_mm) == 1 and np.count_nonzero(heights < 6) == 50
    assert " (VT" in texts["text"] and texts["text"].count(" !") < 10

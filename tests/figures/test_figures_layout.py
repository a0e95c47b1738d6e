"""Which lead goes where, and how much of the signal a page shows."""

from dataclasses import replace

import numpy as np
import pytest

from ecg_core.domain import Lead
from ecg_core.figures import Strip, ecg_figure, lay_out, plan_page, sheet_facts, split_by_axis
from ecg_core.figures.page import TWELVE_LEADS, has_the_twelve, standard_name
from ecg_core.figures.view import View
from ecg_core.signal.zero_crossings import find_lead_zero_crossings

SHUFFLED = ("v6", "V5", "V4", "V3", "V2", "V1", "AVF", "avl", "aVR", "iii", "II", "i")


def leads(names, seconds=10.0, rate=500.0, unit="mV"):
    number = round(seconds * (rate or 500.0))
    return [Lead(name, np.sin(np.arange(number) / 40 + i), rate, unit) for i, name in enumerate(names)]


def draw(those, width_px=1400, span=None, px_per_mm=None, **choices):
    page = plan_page(those, width_px, view=View(**choices), span=span, px_per_mm=px_per_mm)
    strips = [Strip(lead, find_lead_zero_crossings(lead), 5) for lead in those]
    return ecg_figure(strips, page), page


def of(figure, name):
    return [trace for trace in figure.data if trace.name == name]


def test_twelve_leads_in_any_spelling_and_order_are_3_by_4_and_a_rhythm_strip():
    figure, page = draw(leads(SHUFFLED))
    assert page.columns == 4 and page.span == 10.0
    for number, name in enumerate(TWELVE_LEADS):
        short = of(figure, name)[0]
        assert short.x0 == pytest.approx(2.5 * (number // 3))
        assert len(short.y) == 1250
    rhythm = of(figure, "II")[1]
    assert rhythm.x0 == 0.0 and len(rhythm.y) == 5000


def test_columns_are_one_time_axis_not_the_same_seconds_again():
    those = leads(TWELVE_LEADS)
    figure, _ = draw(those)
    assert of(figure, "V4")[0].customdata == pytest.approx(those[9].samples[3750:5000], abs=1e-6)


def test_rows_hold_the_leads_that_belong_together():
    figure, _ = draw(leads(TWELVE_LEADS), crossings="off")
    levels = {name: np.median(of(figure, name)[0].y) for name in TWELVE_LEADS}
    for row in (("I", "aVR", "V1", "V4"), ("II", "aVL", "V2", "V5"), ("III", "aVF", "V3", "V6")):
        assert np.ptp([levels[name] for name in row]) < 1.5
    assert levels["I"] > levels["II"] > levels["III"]


@pytest.mark.parametrize(
    ("width_px", "columns"), [(1400, 4), (800, 4), (740, 2), (560, 2), (390, 1), (350, 1)]
)
def test_columns_follow_the_width(width_px, columns):
    page = plan_page(leads(TWELVE_LEADS), width_px)
    assert page.columns == columns
    assert page.px_per_mm >= (3 if columns == 4 else 4)
    assert page.width_px <= width_px


def test_a_phone_shows_what_fits_at_4_px_per_mm():
    page = plan_page(leads(TWELVE_LEADS), 352)
    assert (page.px_per_mm, page.columns, page.span) == (4, 1, pytest.approx(3.0))


def test_a_stacked_page_of_the_twelve_keeps_their_order_and_spelling():
    figure, _ = draw(leads(SHUFFLED), 360)
    names = [trace.name for trace in figure.data if trace.name in TWELVE_LEADS]
    assert tuple(names) == TWELVE_LEADS


@pytest.mark.parametrize(
    "names", [TWELVE_LEADS[:11], ("i", *TWELVE_LEADS), ("i", *TWELVE_LEADS[:11]), ("MLII",)]
)
def test_anything_else_is_stacked_as_it_comes(names):
    figure, page = draw(leads(names))
    assert page.columns == 1
    assert [trace.name for trace in figure.data if trace.name in names] == list(names)


@pytest.mark.parametrize(
    ("seconds", "columns", "span"), [(8.0, 4, 8.0), (3.0, 1, 3.0), (0.5, 1, 2.0), (60.0, 4, 10.0)]
)
def test_a_short_recording_gets_a_short_sheet(seconds, columns, span):
    page = plan_page(leads(TWELVE_LEADS, seconds), 1400)
    assert (page.columns, page.span, page.px_per_mm) == (columns, pytest.approx(span), 5)


def test_a_span_that_is_asked_for_is_kept():
    assert plan_page(leads(["II"], 60.0), 1400, span=30.0).span == 30.0
    assert plan_page(leads(["II"], 600.0), 360, span=300.0).px_per_mm == 1


def test_leads_without_a_rate_are_another_group():
    timed, untimed = leads(["I", "II"]), leads(["X", "Y"], rate=None)
    assert split_by_axis([untimed[0], *timed, untimed[1]]) == [untimed, timed]


def test_twelve_leads_without_rate_and_unit_are_3_by_4_in_samples():
    figure, page = draw(leads(TWELVE_LEADS, rate=None, unit=None))
    assert (page.columns, page.span, page.timed) == (4, 5000, False)
    assert of(figure, "aVR")[0].x0 == 1250


def test_a_shared_unknown_scale_is_said_once():
    figure, _ = draw(leads(TWELVE_LEADS, unit=None))
    text = of(figure, "labels")[0].text
    assert sum("no millivolt scale" in one for one in text) == 1
    assert all("counts" in one for one in text)


def test_labels_stand_clear_of_the_row_above():
    figure, _ = draw(leads([f"lead {i}" for i in range(5)]))
    labels = of(figure, "labels")[0].y
    lowest = [of(figure, f"lead {i}")[0].y.min() for i in range(5)]
    assert all(label < above for label, above in zip(labels[1:5], lowest, strict=False))


def test_standard_names():
    assert [standard_name(name) for name in ("avr", " V1 ", "MDC_ECG_LEAD_III", "Lead II", "V7", "MLII")] == [
        "aVR", "V1", "III", "II", None, None,
    ]  # fmt: skip
    assert has_the_twelve(SHUFFLED) and not has_the_twelve(["I"] * 12)


def test_the_choice_of_columns_is_kept_where_less_time_fits():
    page = plan_page(leads(TWELVE_LEADS), 390, view=View(layout="3x4+3"))
    assert (page.columns, page.px_per_mm) == (4, 3.0)
    assert page.span == pytest.approx(4 * 1.0) and page.width_px <= 390


def test_rhythm_strips_are_those_of_the_layout():
    strips = {"3x4": (), "3x4+1": ("II",), "3x4+3": ("V1", "II", "V5"), "6x2": (), "12x1": ()}
    for layout, rhythm in strips.items():
        figure, page = draw(leads(TWELVE_LEADS), 1400, layout=layout)
        assert page.rhythm == rhythm
        counts = {name: len(of(figure, name)) for name in TWELVE_LEADS}
        assert counts == {name: 1 + (name in rhythm) for name in TWELVE_LEADS}


def test_six_by_two_shows_five_seconds_of_each_lead():
    figure, page = draw(leads(TWELVE_LEADS), 1400, layout="6x2")
    assert (page.columns, page.span) == (2, 10.0)
    assert [of(figure, name)[0].x0 for name in ("I", "aVF", "V1", "V6")] == [0.0, 0.0, 5.0, 5.0]


def test_cabrera_turns_avr_over_and_its_crossings_with_it():
    figure, page = draw(leads(TWELVE_LEADS), 1400, layout="12x1", order="cabrera", crossings="markers")
    texts = [text.split("</span>")[0].split(">")[-1] for text in of(figure, "labels")[0].text[:12]]
    assert texts == ["aVL", "I", "−aVR", "II", "aVF", "III", "V1", "V2", "V3", "V4", "V5", "V6"]
    drawn, usual = of(figure, "−aVR")[0], of(draw(leads(TWELVE_LEADS), layout="12x1")[0], "aVR")[0]
    assert np.ptp(drawn.y + (usual.y - usual.y[0]) - drawn.y[0]) == pytest.approx(0.0, abs=1e-5)
    assert drawn.customdata == pytest.approx(usual.customdata)  # what is read off is aVR's own value
    facts = sheet_facts(lay_out(strips_of(leads(TWELVE_LEADS)), page, 0.0), page)
    avr = next(lane for lane in facts["lanes"] if lane["label"] == "−aVR")
    assert avr["lead"] == "aVR" and avr["inverted"] and avr["y_per_unit"] == -1.0


def test_fifteen_leads_are_the_twelve_and_a_row_of_the_others():
    figure, page = draw(leads((*TWELVE_LEADS, "V7", "V8", "V9")), 1400, layout="3x4+1")
    assert page.columns == 4
    assert [of(figure, name)[0].x0 for name in ("V7", "V8", "V9")] == [0.0, 2.5, 5.0]
    bottom = [np.median(of(figure, name)[0].y) for name in ("III", "V7")] + [np.median(of(figure, "II")[1].y)]
    assert bottom[0] > bottom[1] > bottom[2]


def test_a_layout_that_the_ecg_cannot_fill_is_stacked_and_says_why():
    page = plan_page(leads(("II", "V1", "V5")), 1400, view=View(layout="3x4+1"))
    assert page.columns == 1 and "needs the twelve standard leads" in page.note


def test_chest_leads_may_have_a_gain_of_their_own():
    figure, _page = draw(leads(TWELVE_LEADS), 1400, gain=10.0, chest_gain=5.0)
    assert np.ptp(of(figure, "I")[0].y) == pytest.approx(2.0, abs=0.01)
    assert np.ptp(of(figure, "V1")[0].y) == pytest.approx(1.0, abs=0.01)
    assert "chest 5 mm/mV" in of(figure, "labels")[0].text[-1]


def test_true_size_is_the_screens_own_millimetre():
    page = plan_page(leads(TWELVE_LEADS), 1400, px_per_mm=3.78)
    assert page.px_per_mm == 3.78 and page.width_px <= 1400 and page.span == 10.0
    assert plan_page(leads(TWELVE_LEADS), 390, px_per_mm=3.78).width_px <= 390


def strips_of(those):
    return [Strip(lead, find_lead_zero_crossings(lead), 5) for lead in those]


def test_a_trace_that_leaves_its_lane_is_cut_and_marked():
    those = leads(TWELVE_LEADS)
    spike = those[0].samples.copy()
    spike[300:304] = 40.0
    figure, page = draw([replace(those[0], samples=spike), *those[1:]], 1400)
    lane = lay_out(strips_of([replace(those[0], samples=spike), *those[1:]]), page, 0.0).lanes[0]
    assert np.nanmax(of(figure, "I")[0].y) == pytest.approx((lane.above_mm - lane.level_mm) / 10, abs=1e-5)
    mark = of(figure, "clipped")[0]
    assert len(mark.x) == 1 and mark.x[0] == pytest.approx(0.602, abs=0.002)
    assert "clipped" in of(figure, "labels")[0].text[0]
    assert of(figure, "I")[0].customdata.max() == 40.0  # read off is what was recorded


@pytest.mark.parametrize("form", ["markers", "ticks", "density"])
def test_the_form_of_crossings_can_be_chosen(form):
    figure, _ = draw(leads(TWELVE_LEADS), 1400, crossings=form)
    modes = {"markers": "markers", "ticks": "none", "density": "lines"}
    name = "rising, density" if form == "density" else "rising ▲"
    assert of(figure, name)[0].mode == modes[form]


def test_black_and_white_paper_has_no_colour():
    figure, _ = draw(leads(TWELVE_LEADS), 1400, paper="bw")
    colours = [
        figure.layout.plot_bgcolor,
        figure.layout.xaxis.gridcolor,
        *(shape.line.color for shape in figure.layout.shapes),
    ]
    assert len(colours) == 4 and all(len({c[1:3], c[3:5], c[5:7]}) == 1 for c in colours)

"""Which lead goes where, and how much of the signal a page shows."""

import numpy as np
import pytest

from ecg_core.domain import Lead
from ecg_core.figures import Strip, ecg_figure, plan_page, split_by_axis
from ecg_core.figures.page import TWELVE_LEADS, are_the_twelve, standard_name
from ecg_core.signal.zero_crossings import find_lead_zero_crossings

SHUFFLED = ("v6", "V5", "V4", "V3", "V2", "V1", "AVF", "avl", "aVR", "iii", "II", "i")


def leads(names, seconds=10.0, rate=500.0, unit="mV"):
    number = round(seconds * (rate or 500.0))
    return [Lead(name, np.sin(np.arange(number) / 40 + i), rate, unit) for i, name in enumerate(names)]


def draw(those, width_px=1400, **options):
    page = plan_page(those, width_px)
    strips = [Strip(lead, find_lead_zero_crossings(lead), 5) for lead in those]
    return ecg_figure(strips, page, **options), page


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
    figure, _ = draw(leads(TWELVE_LEADS), show_crossings=False)
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
    "names", [TWELVE_LEADS[:11], (*TWELVE_LEADS, "V7"), ("i", *TWELVE_LEADS[:11]), ("MLII",)]
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
    assert are_the_twelve(SHUFFLED) and not are_the_twelve(["I"] * 12)

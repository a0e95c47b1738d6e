"""What is marked stands where it is: in numbers of the figure's own axes."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import numpy as np
import pytest

from ecg_core.domain import Annotation, Lead, Mark
from ecg_core.figures import Strip, plan_page
from ecg_core.figures.annotations import MOST_TEXTS, annotation_traces, mark_traces
from ecg_core.figures.lanes import lay_out
from ecg_core.figures.page import TWELVE_LEADS
from ecg_core.figures.palette import LIGHT
from ecg_core.signal.marks import measure_mark
from ecg_core.signal.statistics import summarize_lead
from ecg_core.signal.zero_crossings import find_lead_zero_crossings


def sheet_of(*names, fs=100.0, seconds=10.0, width_px=1400, span=None, start=0.0):
    time = np.arange(round((fs or 100.0) * seconds)) / (fs or 100.0)
    signal = np.exp(-(((time % 1.0 - 0.5) / 0.02) ** 2)) - 0.05
    leads = [Lead(name, signal, fs, "mV") for name in names]
    page = plan_page(leads, width_px, span=span)
    strips = [Strip(lead, find_lead_zero_crossings(lead), 7, round(start * (fs or 1.0))) for lead in leads]
    return lay_out(strips, page, start), page


def named(traces, name):
    return next((trace for trace in traces if trace["name"] == name), None)


def starts(trace):
    """The x of each separate line of a path."""
    x = np.asarray(trace["x"])
    return x[np.r_[True, np.isnan(x[:-1])]].tolist()


def test_nothing_marked_is_nothing_drawn():
    sheet, page = sheet_of("II")
    assert annotation_traces([], sheet, page, LIGHT) == [] == mark_traces([], sheet, page, LIGHT)
    assert annotation_traces([Annotation(10.5, "N", "beat")], sheet, page, LIGHT) == []


def test_a_beat_has_its_code_over_a_tick_at_its_time():
    sheet, page = sheet_of("II", "V1")
    marks = [Annotation(2.5, "N", "beat"), Annotation(3.5, "V", "beat"), Annotation(4.5, "N", "beat")]
    traces = annotation_traces(marks, sheet, page, LIGHT)
    codes = named(traces, "beat codes")
    assert codes["x"] == [2.5, 3.5, 4.5] == starts(named(traces, "beats"))
    assert codes["text"] == ["N", "<b>V</b>", "N"]  # the rarer one is bold
    assert codes["hovertext"][1] == "V<br>beat · 3.500 s"
    level = -sheet.lanes[0].level_mm / page.gain_mm_mv
    assert all(level < y < 0 for y in codes["y"])  # over the trace of the first row, on the sheet


def test_a_mark_about_a_lead_is_where_the_lead_is():
    sheet, page = sheet_of("II", "V1")
    marks = [Annotation(1.0, "p", "beat", lead="V1"), Annotation(2.0, "x", "beat", lead="V6")]
    codes = named(annotation_traces(marks, sheet, page, LIGHT), "beat codes")
    assert codes["x"] == [1.0]  # V6 is not drawn
    upper, lower = (-lane.level_mm / page.gain_mm_mv for lane in sheet.lanes)
    assert lower < codes["y"][0] < upper


def test_on_a_page_of_columns_a_lead_has_its_own_quarter_of_the_time():
    sheet, page = sheet_of(*TWELVE_LEADS)
    assert page.columns == 4
    marks = [Annotation(second + 0.5, "N", "beat", lead="V2") for second in range(10)]
    drawn = [lane for lane in sheet.lanes if lane.strip.lead.name == "V2"]
    expected = [m.start_s for m in marks if any(lane.x0 <= m.start_s < lane.x1 for lane in drawn)]
    codes = named(annotation_traces(marks, sheet, page, LIGHT), "beat codes")
    assert sorted(codes["x"]) == expected
    everywhere = [Annotation(second + 0.5, "N", "beat") for second in range(10)]
    codes = named(annotation_traces(everywhere, sheet, page, LIGHT), "beat codes")
    seconds = [m.start_s for m in everywhere]
    # a code of the most frequent kind gives way to the name of a lead
    assert set(codes["x"]) <= set(seconds) and len(codes["x"]) >= 6 and len(set(codes["y"])) == 1
    assert starts(named(annotation_traces(everywhere, sheet, page, LIGHT), "beats")) == seconds


def test_a_rhythm_is_a_dashed_line_over_the_whole_sheet():
    sheet, page = sheet_of("II", "V1")
    traces = annotation_traces([Annotation(3.0, "(AFIB", "rhythm")], sheet, page, LIGHT)
    line = named(traces, "rhythm changes")
    assert line["x"][:2].tolist() == [3.0, 3.0] and line["line"]["dash"]
    assert line["y"][:2].tolist() == [0.0, -sheet.height_mm / page.gain_mm_mv]
    names = named(traces, "rhythms and notes")
    assert names["text"] == ["(AFIB"] and names["y"][0] < -sheet.lanes[-1].level_mm / page.gain_mm_mv


def test_what_lasts_is_a_bar_as_long_as_it_lasts_and_is_cut_at_the_sheet():
    sheet, page = sheet_of("II")
    marks = [Annotation(2.0, "noise", "note", 1.5), Annotation(9.0, "pacing", "note", 60.0)]
    bar = named(annotation_traces(marks, sheet, page, LIGHT), "noted by the file")
    assert bar["x"][[0, 1, 3, 4]].tolist() == [2.0, 3.5, 9.0, 10.0]


def test_a_crowd_keeps_every_tick_and_the_codes_that_are_rare():
    sheet, page = sheet_of("II")
    marks = [Annotation(n / 40, "V" if n % 100 == 50 else "N", "beat") for n in range(399)]
    traces = annotation_traces(marks, sheet, page, LIGHT)
    assert len(starts(named(traces, "beats"))) == 399
    codes = named(traces, "beat codes")
    assert codes["text"].count("<b>V</b>") == 4 and len(codes["text"]) < 120
    gaps = np.diff(codes["x"]) * page.mm_per_x * page.px_per_mm
    assert gaps.min() >= 11.0 - 1e-6  # one letter and air


def test_beyond_four_hundred_there_are_ticks_without_text_at_most_one_a_pixel():
    sheet, page = sheet_of("II")
    marks = [Annotation(n * 10 / 50_000, "N", "beat") for n in range(50_000)]
    traces = annotation_traces(marks, sheet, page, LIGHT)
    assert MOST_TEXTS == 400 and named(traces, "beat codes") is None
    assert len(starts(named(traces, "beats"))) <= page.width_px + 1


def test_without_a_time_axis_no_time_is_drawn():
    sheet, page = sheet_of("II", fs=None)
    assert not page.timed
    assert annotation_traces([Annotation(1.0, "N", "beat")], sheet, page, LIGHT) == []


def note(start, stop, text="AF", lead="II", fs=100.0, kind="note", **fields):
    made = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    mark = Mark(UUID(int=1), kind, "dr.meier", made, made, lead, start, stop, text, **fields)
    summary = summarize_lead(Lead(lead, np.zeros(1000), fs, "mV"))
    return measure_mark(mark, summary, 0.0, 0.0)


def test_a_note_is_a_flag_with_its_number_among_the_notes():
    sheet, page = sheet_of("II", "V1")
    marks = [note(50, 50), note(60, 90, kind="caliper"), note(200, 200, "<b>x</b>\nsee", lead="V1")]
    (flags,) = mark_traces(marks, sheet, page, LIGHT)
    without_calipers = [measured for measured in marks if measured.mark.kind == "note"]
    assert mark_traces(without_calipers, sheet, page, LIGHT) == [flags]
    assert flags["x"] == [0.5, 2.0] and flags["text"] == ["<b>1</b>", "<b>2</b>"]
    assert flags["hovertext"][1] == (
        "&lt;b&gt;x&lt;/b&gt;<br>see<br>note 2 · dr.meier · 2026-03-01 12:30 UTC"
    )
    upper, lower = (-lane.level_mm / page.gain_mm_mv for lane in sheet.lanes)
    assert upper < flags["y"][0] < 0 and lower < flags["y"][1] < upper


@pytest.mark.parametrize("is_about_all", [False, True])
def test_a_noted_span_is_a_light_bar_over_its_lane_or_the_whole_sheet(is_about_all):
    sheet, page = sheet_of("II", "V1")
    marks = [note(250, 5000, is_about_all_leads=is_about_all)]
    span, flag = mark_traces(marks, sheet, page, LIGHT)
    assert np.nanmin(span["x"]) == 2.5 and np.nanmax(span["x"]) == 10.0  # cut at the sheet
    whole = (-sheet.height_mm / page.gain_mm_mv, 0.0)
    assert ((np.nanmin(span["y"]), np.nanmax(span["y"])) == whole) is is_about_all
    assert span["fill"] == "toself" and span["opacity"] < 0.2 and flag["x"] == [2.5]


def test_a_note_outside_the_window_or_of_another_axis_is_not_drawn():
    sheet, page = sheet_of("II", seconds=5.0, span=5.0)
    assert mark_traces([note(600, 600)], sheet, page, LIGHT) == []
    assert mark_traces([note(5, 5, fs=None)], sheet, page, LIGHT) == []
    sheet, page = sheet_of("II", fs=None)
    (flags,) = mark_traces([note(5, 5, fs=None), note(5, 5)], sheet, page, LIGHT)
    assert flags["x"] == [5]


def test_a_rhythm_does_not_run_into_the_caption():
    sheet, page = sheet_of("II", "V1")
    marks = [Annotation(0.1, "(N", "rhythm"), Annotation(5.0, "(AFIB", "rhythm")]
    names = named(annotation_traces(marks, sheet, page, LIGHT), "rhythms and notes")
    assert names["y"][0] - names["y"][1] == pytest.approx(12 / page.px_per_mm / page.gain_mm_mv)

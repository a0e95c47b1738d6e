"""What is hard to draw: paced, noise, gaps, a flat line, 300 bpm, and marks over the first row."""

from itertools import pairwise

import numpy as np
import pytest

from ecg_core.domain import Annotation, Lead
from ecg_core.figures import Strip, lay_out, plan_page, sheet_parts
from ecg_core.figures.annotations import annotation_traces
from ecg_core.figures.envelope_traces import translucent
from ecg_core.figures.overview import overview_parts
from ecg_core.figures.palette import LIGHT
from ecg_core.figures.strips import find_extent, find_extent_of_waves
from ecg_core.reports.sheet_drawing import PlacedSheet, sheet_shapes
from ecg_core.signal.zero_crossings import find_lead_zero_crossings
from tests.browser.odd_recordings import FS, beats, odd_recordings

ODD = odd_recordings()


def strips_of(name):
    leads = [Lead(lead, values, FS, "mV") for lead, values in ODD[name].items()]
    found = [find_lead_zero_crossings(lead) for lead in leads]
    return [Strip(lead, each, len(each.indices)) for lead, each in zip(leads, found, strict=True)]


def sheet_of(name, width_px=1100, **options):
    strips = strips_of(name)
    page = plan_page([strip.lead for strip in strips], width_px)
    return lay_out(strips, page, 0.0, **options), page


def count_naively(values):
    """Changes of sign between samples that follow one another; zeros are passed over, gaps are not."""
    count, last = 0, 0.0
    for value in values:
        if np.isnan(value):
            last = 0.0
        elif value != 0.0:
            count += last * value < 0.0
            last = value
    return count


@pytest.mark.parametrize("name", ODD)
def test_the_count_beside_a_lead_is_the_naive_one(name):
    sheet, _ = sheet_of(name)
    assert len(sheet.lanes) == 13
    for lane in sheet.lanes:
        assert len(lane.strip.crossings.indices) == count_naively(ODD[name][lane.strip.lead.name])
    assert sheet.lanes[-1].crossings_here == count_naively(ODD[name]["II"])  # the rhythm strip, all of it


def test_spikes_of_a_pacemaker_do_not_make_the_sheet_tall():
    sheet, _ = sheet_of("paced")
    assert sheet.height_mm <= 160  # 220 before, and 60 mm between a lead and the next
    spiked = next(lane for lane in sheet.lanes if lane.name == "II")
    assert len(spiked.clipped) == 3 and "clipped" in spiked.notes  # of its 2.5 s


@pytest.mark.parametrize("width_px", [390, 768, 930, 2200])
def test_a_spike_is_cut_under_the_name_of_its_lead_and_no_wave_is(width_px):
    sheet, page = sheet_of("paced", width_px)
    crossed = 0
    for lane in sheet.lanes:
        label_px = (len(lane.name) + len(lane.notes) + 2) * 6.5
        x = np.arange(len(lane.values)) * lane.strip.dx * page.mm_per_x * page.px_per_mm
        under = lane.heights_mm[x < label_px].max()
        if len(lane.clipped) and under == lane.above_mm:
            crossed += 1
            below_text_px = (sheet.label_mm[lane.row] - under) * page.px_per_mm
            assert below_text_px >= 7 + 5  # half the text, and the mark of what is cut
        assert lane.above_mm >= lane.extent_mm[1] - 1e-9
        if "aVR" not in lane.name:  # its spikes point down
            spikes = np.arange(10) + 0.35
            there = np.count_nonzero((spikes >= lane.x0) & (spikes < lane.x1))
            assert np.count_nonzero(lane.heights_mm[lane.clipped] > 0) == there
    assert crossed >= (6 if page.columns == 4 else 1)


@pytest.mark.parametrize("width_px", range(390, 2400, 150))
def test_without_spikes_nothing_is_cut(width_px):
    for name in ("gaps", "fast", "flat", "noise"):
        assert not any(len(lane.clipped) for lane in sheet_of(name, width_px)[0].lanes)


@pytest.mark.parametrize("rate_hz", [250.0, 500.0, 1000.0])
@pytest.mark.parametrize("r_mv, s_mv", [(1.0, 0.2), (0.2, 2.5), (-2.0, 0.0)])
def test_waves_rule_the_paper_with_their_own_tips(rate_hz, r_mv, s_mv):
    values = beats(10.0 * rate_hz / FS, 300.0 * FS / rate_hz, r_mv, s_mv)
    assert find_extent_of_waves(values, rate_hz) == find_extent(values)


def test_noise_is_no_spike_and_slow_samples_cannot_tell_one():
    noise = ODD["noise"]["I"]
    assert find_extent_of_waves(noise, FS) == find_extent(noise)
    spiked = ODD["paced"]["II"]
    assert find_extent_of_waves(spiked, 128.0) == find_extent(spiked) and find_extent(spiked)[1] == 8.0
    assert find_extent_of_waves(spiked, FS)[1] < 1.0


@pytest.mark.parametrize("width_px", [390, 768, 1100, 2200])
@pytest.mark.parametrize("name", ["fast", "flat", "gaps"])
def test_marks_stand_clear_over_the_names_of_the_first_row(name, width_px):
    sheet, page = sheet_of(name, width_px, is_marked=True)
    marks = [Annotation(at / 2, "V" if at % 3 else "N", "beat") for at in range(1, 6)]
    codes = [t for t in annotation_traces(marks, sheet, page, LIGHT) if t["name"] == "beat codes"]
    (first,) = {lane.level_mm - sheet.label_mm[0] for lane in sheet.lanes if lane.row == 0}
    heights = {-y * page.gain_mm_mv for y in codes[0]["y"]}
    assert max((first - height) * page.px_per_mm for height in heights) >= 12.9
    assert min(heights) * page.px_per_mm >= 6.9


def overview(rates):
    column = np.zeros(10)
    return overview_parts(
        column - 1, column + 1, column.astype(np.int64), rates, duration_s=100.0, column_s=10.0,
        window=(0.0, 10.0), lead="a very long name <b>", width_px=800, palette=LIGHT,
    )  # fmt: skip


def test_missing_samples_are_a_bar_and_no_flat_line():
    sheet, page = sheet_of("gaps")
    bars = [each for each in sheet_parts(sheet, page)["data"] if each["name"] == "missing samples"]
    x = bars[0]["x"]
    assert sorted(zip(x[::3].tolist(), x[1::3].tolist(), strict=True)) == [(3.0, 4.4), (7.5, 10.0)]  # II, V5
    flat, page = sheet_of("flat")
    assert all(each["name"] != "missing samples" for each in sheet_parts(flat, page)["data"])


@pytest.mark.parametrize("width_px", [390, 768, 1100, 2200])
@pytest.mark.parametrize("name", ["fast", "flat", "gaps"])
def test_a_note_stands_between_the_name_of_its_lead_and_the_crossings_over_it(name, width_px):
    leads = set(ODD[name])
    sheet, page = sheet_of(name, width_px, is_marked=True, noted=leads)
    levels = {lane.row: lane.level_mm for lane in sheet.lanes}
    for row, (over, level) in enumerate(pairwise(levels.values()), 1):
        flag_mm = level - sheet.label_mm[row] - max(2.5, 13.0 / page.px_per_mm)
        ticks_end_mm = over + sheet.below_mm[row - 1] + 2 * sheet.tick_mm
        assert flag_mm - 7.0 / page.px_per_mm >= ticks_end_mm - 1e-9


@pytest.mark.parametrize("width_px", [390, 600, 1100])
def test_sheets_beside_each_other_have_their_rows_at_the_same_heights(width_px):
    alone, _ = sheet_of("flat", width_px)
    left, _ = sheet_of("flat", width_px, beside=(strips_of("paced"), 0.0))
    right, _ = sheet_of("paced", width_px, beside=(strips_of("flat"), 0.0))
    assert [lane.level_mm for lane in left.lanes] == [lane.level_mm for lane in right.lanes]
    assert left.height_mm == right.height_mm > alone.height_mm
    assert left.label_mm == right.label_mm and len(left.lanes) == len(alone.lanes)


@pytest.mark.parametrize("rates, names", [(None, 2), (np.full(10, 60.0), 3)])
def test_the_lanes_of_the_overview_are_named_upright(rates, names):
    layout = overview(rates)["layout"]
    texts = [note["text"] for note in layout["annotations"]]
    assert len(texts) == names and texts[0] == "↕" and texts[1] == "a very l…"
    assert not any("title" in layout[axis] for axis in layout if axis.startswith("yaxis"))
    assert all(0.0 < note["y"] < 1.0 and "textangle" not in note for note in layout["annotations"])


@pytest.mark.parametrize("rates", [None, np.full(10, 60.0)])
def test_a_drag_over_the_overview_may_begin_at_any_height(rates):
    layout = overview(rates)["layout"]
    domains = sorted(layout[axis]["domain"] for axis in layout if axis.startswith("yaxis"))
    assert domains[0][0] == 0.0 and domains[-1][1] == 1.0
    assert all(lower[1] == upper[0] for lower, upper in pairwise(domains))
    low, high = layout["yaxis"]["range"]
    assert low == pytest.approx(-1.2) and high == pytest.approx(1.2)  # the air between the lanes


def test_a_colour_lets_through_what_is_under_it():
    assert translucent("#0a141e", 0.5) == "rgba(10,20,30,0.5)"


def test_missing_samples_are_a_bar_in_print_too():
    sheet, page = sheet_of("gaps")
    placed = PlacedSheet(sheet, page, 0.0, left=10.0, top=20.0)
    (clipped, *_) = sheet_shapes(placed, LIGHT)
    (bars,) = [shape for shape in clipped.shapes if getattr(shape, "opacity", 1.0) == 0.4]
    lengths_mm = sorted((bars.x[1::3] - bars.x[::3]).round(6).tolist())
    assert lengths_mm == [35.0, 62.5]  # 1.4 s of II and 2.5 s of V5 at 25 mm/s

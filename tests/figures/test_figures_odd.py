"""What is hard to draw: paced, noise, gaps, a flat line, 300 bpm, and marks over the first row."""

import numpy as np
import pytest

from ecg_core.domain import Annotation, Lead
from ecg_core.figures import Strip, lay_out, plan_page
from ecg_core.figures.annotations import annotation_traces
from ecg_core.figures.envelope_traces import translucent
from ecg_core.figures.overview import overview_parts
from ecg_core.figures.palette import LIGHT
from ecg_core.figures.strips import find_extent, find_extent_of_waves
from ecg_core.signal.zero_crossings import find_lead_zero_crossings
from tests.browser.odd_recordings import FS, beats, odd_recordings

ODD = odd_recordings()


def sheet_of(name, width_px=1100, **options):
    leads = [Lead(lead, values, FS, "mV") for lead, values in ODD[name].items()]
    page = plan_page(leads, width_px)
    found = [find_lead_zero_crossings(lead) for lead in leads]
    strips = [Strip(lead, each, len(each.indices)) for lead, each in zip(leads, found, strict=True)]
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


@pytest.mark.parametrize("rates, names", [(None, 2), (np.full(10, 60.0), 3)])
def test_the_lanes_of_the_overview_are_named_upright(rates, names):
    layout = overview(rates)["layout"]
    texts = [note["text"] for note in layout["annotations"]]
    assert len(texts) == names and texts[0] == "↕" and texts[1] == "a very l…"
    assert not any("title" in layout[axis] for axis in layout if axis.startswith("yaxis"))
    assert all(0.0 < note["y"] < 1.0 and "textangle" not in note for note in layout["annotations"])


def test_a_colour_lets_through_what_is_under_it():
    assert translucent("#0a141e", 0.5) == "rgba(10,20,30,0.5)"

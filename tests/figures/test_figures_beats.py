"""Median beats and overlays: calibrated, aligned, and told apart without colour."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from ecg_core.domain import Lead
from ecg_core.figures import ReadyFigure, Strip
from ecg_core.figures.colours import lead_stroke
from ecg_core.figures.median_beats import median_beat_parts, median_beat_text
from ecg_core.figures.overlay import overlay_parts, spread
from ecg_core.figures.page import Page
from ecg_core.figures.palette import palette_of
from ecg_core.figures.view import View
from ecg_core.signal.median_beats import find_median_beats
from ecg_core.signal.synthetic import TWELVE_LEADS, synthesize_ecg
from ecg_core.signal.zero_crossings import find_lead_zero_crossings

FS = 250.0


def make_leads(names=TWELVE_LEADS, seconds=10.0, unit="mV", scale=1.0):
    signals = synthesize_ecg(seconds, FS, leads=names)
    return [Lead(name, values * scale, FS, unit) for name, values in zip(names, signals, strict=True)]


def median_beats(leads):
    return find_median_beats(leads, [0] * len(leads), start_s=0.0, length_s=10.0)


def strips_of(leads):
    return [Strip(lead, find_lead_zero_crossings(lead), 0) for lead in leads]


def traces(parts, name):
    return [trace for trace in parts["data"] if trace["name"] == name]


@pytest.mark.parametrize("speed, gain", [(12.5, 5.0), (25.0, 10.0), (50.0, 20.0)])
def test_a_second_and_a_millivolt_have_their_length(speed, gain):
    beats = median_beats(make_leads())
    parts = median_beat_parts(beats, view=View(speed=speed, gain=gain), width_px=1200)
    (trace,), lead = traces(parts, "II"), next(lead for lead in beats.leads if lead.name == "II")
    assert trace["dx"] * FS == pytest.approx(speed)
    assert np.ptp(trace["y"]) == pytest.approx(np.ptp(lead.beat.values) * gain, rel=1e-5)
    layout = parts["layout"]
    for axis, length in (("xaxis", "width"), ("yaxis", "height")):
        low, high = layout[axis]["range"]
        px_per_mm = layout[length] / (high - low)
        assert px_per_mm == round(px_per_mm) >= 3 and layout[axis]["dtick"] == 5.0
    assert layout["yaxis"]["scaleratio"] == 1.0 and layout["width"] <= 1200
    (pulse,) = traces(parts, "1 mV")
    assert np.nanmax(pulse["y"]) - np.nanmin(pulse["y"][:6]) == pytest.approx(gain)
    ReadyFigure(parts).to_dict()


def test_r_lies_on_a_large_line_in_every_cell():
    beats = median_beats(make_leads())
    parts = median_beat_parts(beats, view=View(), width_px=1200)
    for lead in beats.leads:
        (trace,) = traces(parts, lead.name)
        assert (trace["x0"] + lead.beat.r_index * trace["dx"]) % 5.0 == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("width_px, columns", [(2560, 4), (1200, 4), (366, 2), (200, 1)])
def test_the_twelve_stand_in_columns_as_on_a_page(width_px, columns):
    parts = median_beat_parts(median_beats(make_leads()), view=View(), width_px=width_px)
    lefts = {name: traces(parts, name)[0]["x0"] for name in TWELVE_LEADS}
    tops = {name: float(np.mean(traces(parts, name)[0]["y"])) for name in TWELVE_LEADS}
    assert len(set(np.round(list(lefts.values()), 6))) == columns and parts["layout"]["width"] <= width_px
    rows = 12 // columns
    assert len({round(lefts[name], 6) for name in TWELVE_LEADS[:rows]}) == 1
    assert all(tops[a] > tops[b] for a, b in itertools.pairwise(TWELVE_LEADS[:rows]))


def test_what_holds_for_most_leads_is_said_once_and_what_not_beside_its_name():
    leads = make_leads(("II", "V1", "V5"))
    leads.append(replace(leads[1], name="V2", sampling_rate_hz=None))
    beats = median_beats(leads)
    texts = traces(median_beat_parts(beats, view=View(), width_px=1200), "labels")[0]["text"]
    count = beats.leads[0].beat.number_of_beats
    assert sum(f"{count} beats" in text for text in texts) == 1 and "25 mm/s · 10 mm/mV" in texts[-1]
    assert [("no median beat" in text) for text in texts] == [False, False, False, True, False]
    assert "V2: none, its sampling rate is unknown" in median_beat_text(beats)


def test_names_are_no_html_and_a_lead_without_millivolts_says_its_scale():
    (lead,) = make_leads(("II",), unit=None, scale=200.0)
    parts = median_beat_parts(median_beats([replace(lead, name="<b>x</b>")]), view=View(), width_px=800)
    texts = traces(parts, "labels")[0]["text"]
    assert "&lt;b&gt;x&lt;/b&gt;" in texts[0] and "counts — no millivolt scale" in texts[-1]
    assert "mm/mV" not in texts[-1] and len(traces(parts, "1 mV")[0]["x"]) == 0


def test_nothing_at_all_can_be_drawn():
    lead = Lead("II", np.zeros(100), FS, "mV")
    parts = median_beat_parts(median_beats([lead]), view=View(), width_px=400)
    assert "no median beat" in traces(parts, "labels")[0]["text"][0]


class TestOverlay:
    page = Page(1, 10.0, True, 4.0, 25.0)

    def test_all_leads_share_the_zero_line_and_the_time(self):
        leads = make_leads()
        parts = overlay_parts(strips_of(leads), self.page, view=View(gain=20.0))
        for lead in leads:
            (trace,) = traces(parts, lead.name)
            assert (trace["x0"], trace["dx"]) == (0.0, 1 / FS)
            assert trace["y"] == pytest.approx(lead.samples * 20.0, abs=1e-3)
        layout = parts["layout"]
        x, y = layout["xaxis"]["range"], layout["yaxis"]["range"]
        assert layout["width"] == (x[1] - x[0]) * 25.0 * 4 and layout["height"] - 22 == (y[1] - y[0]) * 4
        assert layout["yaxis"]["scaleratio"] == pytest.approx(1 / 25.0)
        assert layout["xaxis"]["dtick"] == 0.2 and layout["yaxis"]["dtick"] == 5.0

    @pytest.mark.parametrize("paper", ["light", "dark", "bw"])
    def test_colour_is_not_the_only_carrier(self, paper):
        palette = palette_of(paper, dark=False)
        strokes = [lead_stroke(number, palette) for number in range(12)]
        assert len({stroke.dash for stroke in strokes}) == 4
        if paper != "bw":
            assert len({stroke.color for stroke in strokes}) == 12
        assert all(contrast(stroke.color, palette.paper) >= 3.0 for stroke in strokes)

    def test_every_lead_is_named_once_and_no_name_lies_on_another(self):
        parts = overlay_parts(strips_of(make_leads()), self.page, view=View())
        (labels,) = traces(parts, "labels")
        assert len(labels["text"]) == 12 and all(x < 0 for x in labels["x"])
        assert np.diff(np.sort(labels["y"])).min() * self.page.px_per_mm >= 13.9
        low, high = parts["layout"]["yaxis"]["range"]
        assert low < min(labels["y"]) and max(labels["y"]) < high

    def test_without_a_sampling_rate_there_are_no_millimetres_across(self):
        leads = [replace(lead, sampling_rate_hz=None) for lead in make_leads(("I", "II"))]
        page = Page(1, 2500.0, False, 4.0, 0.1)
        parts = overlay_parts(strips_of(leads), page, view=View())
        assert "mm/s" not in traces(parts, "caption")[0]["text"][0]
        assert parts["layout"]["xaxis"]["minor"] == {"showgrid": False}
        ReadyFigure(parts).to_dict()

    def test_a_gap_stays_open_and_what_is_far_off_is_clipped(self):
        (lead,) = make_leads(("II",))
        lead.samples[100:200] = np.nan
        lead.samples[300] = 1e6
        (trace,) = traces(overlay_parts(strips_of([lead]), self.page, view=View()), "II")
        assert np.isnan(trace["y"][100:200]).all() and trace["y"][300] == 60.0


def contrast(one: str, other: str) -> float:
    """Of WCAG 2."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


@pytest.mark.parametrize("wanted", [[], [0.0], [0.0, 0.0, 0.0], [5.0, -1.0, 5.1, 30.0]])
def test_places_are_spread_in_their_order(wanted):
    places = spread(wanted, 3.0, -10.0, 10.0)
    assert list(np.argsort(places, kind="stable")) == list(np.argsort(wanted, kind="stable"))
    assert len(wanted) < 2 or np.diff(np.sort(places)).min() >= 3.0 - 1e-9
    assert all(-10.0 <= place <= 10.0 for place in places)


def test_cabrera_order_holds_for_median_beats_with_avr_turned_over():
    beats = median_beats(make_leads())
    usual, cabrera = (
        median_beat_parts(beats, view=View(order=o), width_px=1200) for o in ("standard", "cabrera")
    )
    names = [trace["name"] for trace in cabrera["data"] if "customdata" in trace or "dx" in trace]
    assert names == ["aVL", "I", "−aVR", "II", "aVF", "III", "V1", "V2", "V3", "V4", "V5", "V6"]
    (upright,), (turned,) = traces(usual, "aVR"), traces(cabrera, "−aVR")
    assert np.ptp(turned["y"]) == pytest.approx(np.ptp(upright["y"]), abs=1e-4)
    assert turned["y"].argmax() == upright["y"].argmin()


def test_median_beats_are_as_large_as_the_sheet_over_them():
    beats = median_beats(make_leads())
    for px_per_mm in (3.78, 4.0, 6.0):
        layout = median_beat_parts(beats, view=View(), width_px=1200, px_per_mm=px_per_mm)["layout"]
        low, high = layout["xaxis"]["range"]
        across_px = layout["width"] - layout["margin"]["l"] - layout["margin"]["r"]
        assert across_px / (high - low) == pytest.approx(px_per_mm, rel=0.01)
        assert layout["width"] <= 1200

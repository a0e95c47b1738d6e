"""What a print has beside the traces: marks of the file, second count, median beats, overlay, envelope."""

from __future__ import annotations

import re

import numpy as np
import pytest

from ecg_core.domain import Annotation
from ecg_core.figures.view import View
from ecg_core.services.median_beats import find_beats_within
from ecg_core.services.prints import PrintRequest, print_recording
from ecg_core.signal.statistics import summarize_lead
from ecg_core.signal.synthetic import TWELVE_LEADS, synthesize_ecg
from tests.reports.printed import longest, page_sizes, pdf_of, pdf_paths, pdf_texts, recording, svg_paths
from tests.reports.test_reports_prints import TRACE, request, rising_edges, steps, twelve

MARKS = (
    Annotation(1.0, "N", "beat"),
    Annotation(2.0, "V", "beat"),
    Annotation(2.5, "N", "beat"),
    Annotation(4.0, "(AFIB", "rhythm"),
    Annotation(6.0, "a long note that the sheet has no room for, but the foot has", "note", 0.8, "II"),
    Annotation(14.0, "(N", "rhythm"),
)


def marked(seconds=20.0, leads=("II", "V1"), **fields):
    signal = synthesize_ecg(seconds, 250)[1]
    return recording(dict.fromkeys(leads, signal), rate=250.0, annotations=MARKS, **fields)


def text_of(data: bytes, page: int = 0) -> str:
    return " ".join(pdf_texts(data)[page].split())


def zero_x(paths) -> float:
    """Where 0 s is, in mm: the trace begins there."""
    return float(longest(paths, TRACE)[1, 0])


class TestFileMarks:
    def test_a_change_of_rhythm_is_a_line_at_its_time(self):
        paths = pdf_paths(pdf_of(marked(), request(crossings="off")))
        upright = [
            points[1, 0] - zero_x(paths)
            for colour, points in paths
            if colour == "#4a3a38" and len(points) == 3 and np.ptp(points[1:, 0]) < 0.01
        ]
        assert upright == pytest.approx([4.0 * 25.0], abs=0.1)

    def test_beats_stand_over_the_trace_at_their_times(self):
        paths = pdf_paths(pdf_of(marked(), request(crossings="off")))
        ticks = next(p for colour, p in paths if colour == "#5f5552" and len(p) == 9)
        places = sorted(set(np.round(ticks[~np.isnan(ticks[:, 0]), 0] - zero_x(paths), 1)))
        assert places == pytest.approx([25.0, 50.0, 62.5], abs=0.1)

    def test_the_foot_has_them_in_full(self):
        text = text_of(pdf_of(marked()))
        assert 'Marked by the file on this page: beats N × 2, V × 1 · 4.00 s rhythm "(AFIB"' in text
        assert '6.00 s "a long note that the sheet has no room for, but the foot has" in II' in text
        assert "(N" not in text

    def test_each_strip_has_its_own(self):
        strips = PrintRequest(stretches=((0.0, 10.0), (10.0, 10.0)))
        first, second = pdf_texts(pdf_of(marked(), strips))
        assert "(AFIB" in first and '"(N"' in second and "beats" not in second

    def test_they_can_be_left_out(self):
        text = text_of(pdf_of(marked(), request(marks=False)))
        assert "Marked by the file" not in text and "AFIB" not in text

    def test_rows_that_go_on_to_the_next_page_have_their_beats(self):
        data = pdf_of(twelve(annotations=MARKS[:3]), request(layout="12x1", crossings="off"))
        assert len(pdf_texts(data)) > 1
        for page in range(len(pdf_texts(data))):
            ticks = [p for colour, p in pdf_paths(data, page) if colour == "#5f5552" and len(p) == 9]
            assert len(ticks) == 1, page

    def test_frequent_notes_are_counted(self):
        notes = tuple(Annotation(n / 2, "!", "note") for n in range(1, 11))
        of = recording({"II": steps()}, annotations=notes)
        assert "Marked by the file on this page: notes ! × 10" in text_of(pdf_of(of))

    def test_without_a_sampling_rate_that_is_said(self):
        of = recording({"II": steps()}, rate=None, annotations=MARKS)
        text = text_of(pdf_of(of, request(beats=True)))
        assert "Not on this page: what the file marks, which is by time; median beats, which need" in text

    def test_in_svg_and_png(self):
        svg = print_recording(marked(), PrintRequest(), "svg", file_name="x").decode()
        assert ">(AFIB</text>" in svg and 'opacity="0.35"' in svg
        assert print_recording(marked(), PrintRequest(), "png", file_name="x").startswith(b"\x89PNG")


class TestSecondCount:
    def test_it_stands_beside_the_official_one(self):
        time = np.arange(5000) / 500
        wave = np.cos(2 * np.pi * time) + 0.06 * np.sin(2 * np.pi * 60 * time)
        of = recording({"II": wave})
        official = summarize_lead(of.leads[0]).number_of_zero_crossings
        text = text_of(pdf_of(of, request(dead_band=0.1)))
        assert official > 20 and f"II {official} of {official}" in text
        assert f"with a dead band of ±0.1 mV: II 20 (official {official})" in text

    def test_the_counts_are_those_of_what_is_drawn(self):
        text = text_of(pdf_of(twelve(), request(dead_band=0.05, detrend=True)))
        assert "Second count, on this page, with a dead band of ±0.05 mV, baseline removed: I " in text
        official = dict(re.findall(r"(\w+) (\d+) of \d+", text))
        beside = dict(re.findall(r"(\w+) \d+ \(official (\d+)\)", text))
        assert set(beside) == set(TWELVE_LEADS) and all(official[name] == beside[name] for name in beside)

    def test_why_there_is_none(self):
        text = text_of(pdf_of(recording({"II": steps()}, unit=None), request(dead_band=0.05)))
        assert "no count with a dead band in mV: the unit is unknown: II" in text

    def test_full_disclosure_has_it(self):
        of = recording({"II": np.tile(steps(60, 50) - 0.5, 3)}, rate=50.0)
        text = text_of(pdf_of(of, request(kind="full-disclosure", dead_band=0.1)))
        assert "with a dead band of ±0.1 mV: II 359 (official 359)" in text


class TestMedianBeats:
    def test_a_page_of_their_own_with_what_was_used(self):
        of = twelve()
        beats = find_beats_within(_summary(of), _reader(of), start=0.0, length=10.0)
        used = beats.leads[1].beat
        first, second = pdf_texts(pdf_of(of, request(beats=True)))
        assert "median of" not in first and "page 2 of 2" in second
        left_out = f" ({used.number_left_out} left out)" if used.number_left_out else ""
        assert f"median of {used.number_of_beats} beats{left_out}" in second
        assert f"{beats.number_of_beats} beats found on lead {beats.lead_of_beats}" in second
        assert all(name in second for name in TWELVE_LEADS)

    def test_their_millimetres_are_true(self):
        of = twelve()
        beats = find_beats_within(_summary(of), _reader(of), start=0.0, length=10.0)
        paths = pdf_paths(pdf_of(of, request(beats=True, gain=5.0)), 1)
        curves = [points for colour, points in paths if colour == TRACE and len(points) > 200]
        assert len(curves) == 12
        by_name = {lead.name: np.ptp(lead.beat.values) * 5.0 for lead in beats.leads}
        assert sorted(np.ptp(p[1:, 1]) for p in curves) == pytest.approx(sorted(by_name.values()), rel=0.01)
        length_s = (len(beats.leads[0].beat.values) - 1) / 500
        assert np.ptp(curves[0][1:, 0]) == pytest.approx(length_s * 25.0, rel=0.01)

    def test_why_there_is_none(self):
        data = pdf_of(recording({"II": np.zeros(5000)}), request(beats=True))
        assert "No median beat of II: no beats found here; 3 are needed" in text_of(data, 1)

    def test_what_is_too_high_goes_on(self):
        signals = np.vstack([synthesize_ecg(10, 500)] * 4) * 3
        of = recording({f"X{n}": row for n, row in enumerate(signals)})
        texts = pdf_texts(pdf_of(of, request(beats=True, gain=20.0, leads=())))
        pages = [text for text in texts if "Median beats" in text]
        assert len(pages) > 1 and "leads 1 of" in pages[0]
        found = [set(re.findall(r"\bX\d+\b", page)) for page in pages]
        assert set.union(*found) == {lead.name for lead in of.leads}


class TestOverlay:
    def test_its_millimetres_are_true(self):
        of = recording({"I": steps(), "II": steps() * 2})
        paths = pdf_paths(pdf_of(of, request(mode="overlay")))
        traces = [points for colour, points in paths if len(points) > 1000]
        assert len(traces) == 2
        for points, height in zip(traces, (10.0, 20.0), strict=True):
            x, heights = rising_edges(points)
            assert np.allclose(np.diff(x), 12.5, rtol=0.01) and np.allclose(heights, height, rtol=0.01)

    def test_it_names_its_leads_and_says_what_it_leaves_out(self):
        text = text_of(pdf_of(twelve(annotations=MARKS), request(mode="overlay")))
        assert "all leads on one axis" in text and all(name in text for name in TWELVE_LEADS)
        assert "Not on this page: the places of the zero crossings; what the file marks" in text

    def test_in_black_and_white_dashes_tell_leads_apart(self):
        data = print_recording(twelve(), PrintRequest(View(mode="overlay", paper="bw")), "svg", file_name="x")
        assert {colour for colour, points in svg_paths(data) if len(points) > 1000} <= {"#000000", "#6b6b6b"}
        assert b"stroke-dasharray" in data

    def test_by_sample_number(self):
        of = recording({"I": steps()}, rate=None, unit=None)
        assert "drawn by sample number" in text_of(pdf_of(of, request(mode="overlay")))


class TestEnvelope:
    def test_a_long_window_on_one_page(self):
        signal = np.zeros(250 * 3600)
        signal[250 * 30 :: 250 * 60] = 2.0  # once a minute
        of = recording({"II": signal}, rate=250.0, annotations=MARKS)
        data = pdf_of(of, request(kind="envelope"))
        text = text_of(data)
        assert page_sizes(data) == [(297.0, 210.0)] and "0:00:00–1:00:00 of 1:00:00" in text
        assert "no distance across is calibrated" in text and "Not on this page: the file's beats" in text
        band = longest(pdf_paths(data), TRACE)
        assert np.nanmax(band[:, 1]) - np.nanmedian(band[:, 1]) == pytest.approx(20.0, rel=0.01)
        peaks = band[band[:, 1] > np.nanmax(band[:, 1]) - 0.1, 0]
        width = np.nanmax(band[:, 0]) - np.nanmin(band[:, 0])
        assert len(peaks) == 60 and np.allclose(np.diff(peaks), width / 60, atol=0.5)

    def test_too_many_leads_go_on(self):
        texts = pdf_texts(pdf_of(twelve(120), request(kind="envelope")))
        assert len(texts) > 1 and "V6" in texts[-1] and "leads 1 of" in texts[0]

    def test_by_sample_number(self):
        text = text_of(pdf_of(recording({"I": steps()}, rate=None, unit=None), request(kind="envelope")))
        assert "drawn by sample number" in text and "samples 0–5,000" in text


def test_a_view_of_full_disclosure_is_printed_as_such():
    of = recording({"II": np.tile(steps(60, 50), 2), "V1": np.tile(steps(60, 50), 2)}, rate=50.0)
    text = text_of(pdf_of(of, request(mode="disclosure", beats=True)))
    assert "Full disclosure of lead II" in text and "Not on this page: the median beats; lead V1" in text


def test_leads_that_were_not_chosen_are_named():
    text = text_of(pdf_of(twelve(), request(leads=("II", "V1"))))
    assert "Not on this page: leads I, III, aVR, aVL, aVF, V2, V3, V4, V5, V6" in text
    assert "Not on this page" not in text_of(pdf_of(twelve(), PrintRequest(View())))


def _summary(of):
    from tests.reports.test_reports_prints import _printout

    return _printout(of, View()).ecg


def _reader(of):
    return lambda start, length, names: [(lead, 0) for lead in of.leads if lead.name in names]

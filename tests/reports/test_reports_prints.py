"""Prints, measured: millimetres in the PDF and the SVG, what stands on the page, what goes on to the next."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from uuid import UUID

import numpy as np
import pypdfium2
import pytest

from ecg_core.domain import Mark
from ecg_core.errors import InvalidInputError, LeadNotFoundError, ReportNotFoundError, UnwritableError
from ecg_core.figures.lanes import lay_out
from ecg_core.figures.view import View
from ecg_core.reports.fonts import shown_text, text_width
from ecg_core.reports.pdf import write_pdf
from ecg_core.reports.print_frame import PAPERS, Printout
from ecg_core.reports.print_pages import plan_print, print_pages
from ecg_core.reports.sheet_rows import close_up, split_rows
from ecg_core.services.print_sources import recording_source
from ecg_core.services.prints import PrintRequest, print_recording, stretches
from ecg_core.signal.marks import MeasuredMark
from ecg_core.signal.statistics import summarize_lead
from ecg_core.signal.synthetic import TWELVE_LEADS, synthesize_ecg
from tests.reports.printed import (
    NOON,
    longest,
    page_sizes,
    pdf_of,
    pdf_paths,
    pdf_texts,
    recording,
    svg_paths,
)

TRACE = "#111111"


def steps(seconds=10.0, rate=500.0):
    """A millivolt up at each whole second, and down in the middle of it."""
    time = np.arange(round(seconds * rate)) / rate
    return np.where(time % 1.0 < 0.5, 1.0, 0.0)


def rising_edges(points) -> tuple[np.ndarray, np.ndarray]:
    """Where a trace jumps, and how high, in mm."""
    jumps = np.diff(points[:, 1])
    sharp = np.flatnonzero(np.abs(jumps) > 0.8 * np.nanmax(np.abs(jumps)))
    return points[sharp + 1, 0], np.abs(jumps[sharp])


def twelve(seconds=10.0, rate=500.0, **fields):
    signals = synthesize_ecg(seconds, rate)
    return recording(dict(zip(TWELVE_LEADS, signals, strict=True)), rate=rate, **fields)


def request(**fields) -> PrintRequest:
    own = {name: fields.pop(name) for name in list(fields) if name in PrintRequest.__dataclass_fields__}
    return PrintRequest(View(**fields), **own)


class TestMillimetres:
    @pytest.mark.parametrize("paper", ["A4", "Letter"])
    @pytest.mark.parametrize("speed, gain", [(25.0, 10.0), (12.5, 5.0), (50.0, 20.0)])
    def test_a_second_and_a_millivolt_in_the_pdf(self, paper, speed, gain):
        data = pdf_of(
            recording({"X": steps()}), request(speed=speed, gain=gain, paper=paper, crossings="off")
        )
        x, height = rising_edges(longest(pdf_paths(data), TRACE))
        assert np.allclose(np.diff(x), speed / 2, rtol=0.01)
        assert np.allclose(height, gain, rtol=0.01)

    def test_a_second_and_a_millivolt_in_the_svg(self):
        data = print_recording(recording({"X": steps()}), request(crossings="off"), "svg", file_name="x")
        assert b'width="297mm" height="210mm" viewBox="0 0 297 210"' in data
        x, height = rising_edges(longest(svg_paths(data), TRACE))
        assert np.allclose(np.diff(x), 12.5, rtol=0.01) and np.allclose(height, 10.0, rtol=0.01)

    def test_microvolts_and_a_chest_gain(self):
        leads = {"II": steps() * 1000, "V1": steps() * 1000}
        data = pdf_of(recording(leads, unit="uV"), request(chest_gain=5.0, crossings="off"))
        traces = sorted((p for c, p in pdf_paths(data) if c == TRACE and len(p) > 1000),
                        key=lambda p: -np.nanmean(p[:, 1]))  # fmt: skip
        heights = [np.median(rising_edges(points)[1]) for points in traces]
        assert heights == pytest.approx([10.0, 5.0], rel=0.01)
        assert "10 mm/mV, chest leads 5 mm/mV" in pdf_texts(data)[0]

    def test_the_pulse_is_a_millivolt_and_five_millimetres(self):
        pulses = [p for c, p in pdf_paths(pdf_of(recording({"X": steps()}))) if c == TRACE and len(p) == 7]
        assert len(pulses) == 1
        _, y = pulses[0][1:].T
        assert y.max() - y.min() == pytest.approx(10.0, rel=0.01)
        assert pulses[0][4, 0] - pulses[0][3, 0] == pytest.approx(5.0, rel=0.01)

    def test_the_check_bar_is_fifty_millimetres(self):
        paths = pdf_paths(pdf_of(recording({"X": steps()})))
        widths = [np.nanmax(p[:, 0]) - np.nanmin(p[:, 0]) for c, p in paths if c == TRACE and len(p) == 9]
        assert widths == pytest.approx([50.0], rel=0.002)

    def test_the_rendered_page_has_the_same_millimetres(self):
        data = pdf_of(recording({"X": steps()}), request(paper="A4", crossings="off"))
        image = np.asarray(pypdfium2.PdfDocument(data)[0].render(scale=300 / 72, grayscale=True).to_numpy())
        dark = (image.squeeze() < 90)[400:900]
        columns = np.flatnonzero(dark.sum(axis=0) > 100)  # upright strokes of 10 mm, 118 pixels
        edges = columns[np.r_[True, np.diff(columns) > 20]]
        apart_mm = np.diff(edges) / 300 * 25.4
        assert np.median(apart_mm) == pytest.approx(12.5, rel=0.01)

    @pytest.mark.parametrize("paper, size", [("A4", (297.0, 210.0)), ("Letter", (279.4, 215.9))])
    def test_a_page_of_ten_seconds_fits(self, paper, size):
        data = pdf_of(twelve(), request(paper=paper))
        assert page_sizes(data) == [size]
        xs = np.concatenate([points[:, 0] for _, points in pdf_paths(data)])
        assert np.nanmin(xs) >= 7.9 and np.nanmax(xs) <= size[0] - 7.9


class TestText:
    def test_the_head_says_what_the_file_says(self):
        of = twelve(
            patient={"name": "Jørgen Müller", "sex": "M"},
            device={"QRS duration": "92 ms"},
            recorded_at=datetime(2020, 5, 6, 7, 8, 9, tzinfo=UTC),
        )
        (text,) = pdf_texts(pdf_of(of, request(filter="0.05-40", notch="50"), file_name="rest 1.xml"))
        for words in (
            "rest 1.xml", "page 1 of 1", "name: Jørgen Müller · sex: M", "Recorded 2020-05-06 07:08:09 UTC",
            "By the device, not measured here — QRS duration: 92 ms", "25 mm/s · 10 mm/mV", "500 Hz · mV",
            "0–10 s of 10 s", "3 × 4 and rhythm II", "0.05–40 Hz · 50 Hz notch · zero-phase",
            "Do not judge the ST segment", "50 mm in print at 100 %", "ECG Reading Room", "printed 20",
        ):  # fmt: skip
            assert words in text, (words, text)

    def test_counts_and_their_definition(self):
        wave = np.sin(2 * np.pi * np.arange(10_000) / 500 + 0.1)  # 20 s, two crossings a second
        (text,) = pdf_texts(pdf_of(recording({"X": wave})))
        assert "X 20 of 40" in text and "A zero crossing is a change of sign of the stored signal" in text
        assert "Recorded: time unknown" in text and "No filter" in text

    def test_a_filter_changes_no_count(self):
        noisy = synthesize_ecg(10, 500, noise_mv=0.05)[:1]
        of = recording({"I": noisy[0]})
        count = summarize_lead(of.leads[0]).number_of_zero_crossings
        (text,) = pdf_texts(pdf_of(of, request(filter="0.5-40", baseline=True)))
        assert f"I {count} of {count}".replace(",", "") in text.replace(",", "")

    def test_an_unknown_rate_and_unit_claim_no_millimetres(self):
        (text,) = pdf_texts(pdf_of(recording({"I": np.arange(300) % 7 - 3}, rate=None, unit=None)))
        assert "no time scale · no millivolt scale" in text and "mm/s" not in text and "mm/mV" not in text
        assert "The sampling rate is unknown" in text and "The unit is unknown" in text
        assert "samples 0–300 of 300" in text

    def test_hostile_names_stand_as_they_are(self):
        name = '<script>"&\\) Tj /F1'
        of = recording({name: steps(), "漢": steps()}, patient={"name": "שלום Ж \x00\x07"})
        data = pdf_of(of, file_name="a\nb</title>.ecg")
        (text,) = pdf_texts(data)
        assert (
            name in text and "[U+6F22]" in text and "stand as their Unicode numbers" in text and "Ж" in text
        )
        svg = print_recording(of, request(), "svg", file_name="a</title>.ecg").decode()
        assert "<script>" not in svg and "</title>.ecg" not in svg and "漢" in svg
        import xml.etree.ElementTree as ElementTree

        ElementTree.fromstring(svg)

    def test_letters_from_the_right_are_set_from_the_left(self):
        assert shown_text("a שלום b") == "a " + "שלום"[::-1] + " b"
        assert text_width("−µ▲▽·↕", 3.0) > 6.0 and "U+" not in shown_text("−µ▲▽·↕")

    def test_the_same_print_is_the_same_file(self):
        of = twelve()
        ecg = tuple(summarize_lead(lead) for lead in of.leads)
        assert len(ecg) == 12
        first, second = (write_pdf([], title="x", printed_at=NOON) for _ in range(2))
        assert first == second and b"D:20260304120000" in first


class TestPages:
    def test_a_layout_that_is_too_high_goes_on(self):
        data = pdf_of(twelve(), request(layout="12x1"))
        texts = pdf_texts(data)
        assert len(texts) == 3 and "page 3 of 3" in texts[2]
        assert "V6" in texts[2] and "aVR" in texts[0] and "leads 1 of 3" in texts[0]

    def test_time_goes_on(self):
        texts = pdf_texts(pdf_of(twelve(60), request(stretches=((5.0, 30.0),))))
        assert len(texts) == 3
        assert [f"{a}–{a + 10} s of 60 s" in text for a, text in zip((5, 15, 25), texts, strict=True)] == [
            True
        ] * 3

    def test_starts_and_lengths(self):
        assert stretches([], []) == ((0.0, None),)
        assert stretches([5.0, 60.0], [3.0]) == ((5.0, 3.0), (60.0, None))
        assert stretches([5.0], [3.0, 4.0]) == ((5.0, 3.0), (8.0, 4.0))

    def test_chosen_strips(self):
        strips = stretches([0.0, 1200.0], [10.0, 10.0])
        texts = pdf_texts(pdf_of(recording({"II": steps(1800, 100)}, rate=100.0), request(stretches=strips)))
        assert "0:00–0:10 of 30:00" in texts[0] and "20:00–20:10 of 30:00" in texts[1]

    @pytest.mark.parametrize("names", [["II"], [*TWELVE_LEADS, "V7", "V8", "V9"], ["X", "Y", "Z"]])
    def test_any_number_of_leads(self, names):
        of = recording({name: steps() * (n + 1) / 5 for n, name in enumerate(names)})
        texts = "".join(pdf_texts(pdf_of(of)))
        assert all(name in texts for name in names)

    def test_a_gap_stays_open(self):
        values = steps()
        values[2000:3000] = np.nan
        trace = longest(pdf_paths(pdf_of(recording({"X": values}), request(crossings="off"))), TRACE)
        xs = np.sort(trace[~np.isnan(trace[:, 0]), 0])
        assert np.diff(xs).max() == pytest.approx(2.0 * 25 + 0.05, rel=0.01)
        assert len(pdf_texts(pdf_of(recording({"X": np.full(5000, np.nan)})))) == 1

    def test_rows_are_whole_and_in_order(self):
        printout = _printout(twelve(), View(layout="12x1"))
        page = plan_print(printout.leads, printout, 10.0)
        sheet = lay_out(_strips(twelve()), page, 0.0)
        for room in (60, 100, 145, 1000):
            parts = split_rows(sheet, room)
            rows = [sorted({lane.row for lane in part.lanes}) for part in parts]
            assert [row for part in rows for row in part] == list(range(12))
            assert all(part.height_mm <= room or len(part.lanes) == 1 for part in parts)
            assert all(lane.level_mm % 5 == 0 for part in parts for lane in part.lanes)

    def test_columns_are_closed_up_but_never_onto_each_other(self):
        printout = _printout(twelve(), View(layout="3x4+3"))
        page = plan_print(printout.leads, printout, 10.0)
        sheet = lay_out(_strips(twelve()), page, 0.0)
        closed = close_up(sheet, sheet.height_mm - 20)
        assert closed.height_mm == sheet.height_mm - 20
        levels = sorted({lane.level_mm for lane in closed.lanes})
        assert np.diff(levels).min() >= 20 and all(level % 5 == 0 for level in levels)
        assert close_up(sheet, 60) is sheet

    def test_too_many_pages_are_refused(self):
        of = recording({"II": np.zeros(20_000, np.int16)}, rate=1.0)
        with pytest.raises(InvalidInputError, match="full disclosure"):
            pdf_of(of, request(stretches=((0.0, 20_000.0),)))

    def test_png_at_200_dots_an_inch(self):
        from PIL import Image

        data = print_recording(twelve(), request(), "png", file_name="x")
        image = Image.open(io.BytesIO(data))
        assert image.size == pytest.approx((297 / 25.4 * 200, 210 / 25.4 * 200), abs=1)
        assert image.info["dpi"] == pytest.approx((200, 200), abs=0.1)

    def test_a_page_that_is_not_there(self):
        with pytest.raises(ReportNotFoundError, match="no page 2"):
            print_recording(twelve(), request(page=2), "svg", file_name="x")


class TestFullDisclosure:
    def test_an_hour_a_page_a_minute_a_line(self):
        signal = np.tile(steps(60, 50), 70)  # 70 minutes
        signal[0] = -1.0
        data = pdf_of(recording({"II": signal}, rate=50.0), request(kind="full-disclosure"))
        texts = pdf_texts(data)
        assert len(texts) == 2 and "0:59:00" in texts[0] and "1:09:00" in texts[1]
        lines = [p for c, p in pdf_paths(data) if c == TRACE and len(p) > 200]
        assert len(lines) == 60
        heights = [np.nanmax(p[:, 1]) - np.nanmin(p[:, 1]) for p in lines[1:]]
        assert np.allclose(heights, 2.5, rtol=0.01)  # a millivolt at a quarter of 10 mm/mV
        widths = [np.nanmax(p[:, 0]) - np.nanmin(p[:, 0]) for p in lines]
        assert np.allclose(widths, 240.0, atol=0.5)

    def test_it_needs_a_rate_and_a_lead_that_is_there(self):
        with pytest.raises(UnwritableError, match="needs a sampling rate"):
            pdf_of(recording({"I": steps()}, rate=None), request(kind="full-disclosure"))
        with pytest.raises(LeadNotFoundError, match="no lead 'V9'"):
            pdf_of(twelve(), request(kind="full-disclosure", lead="V9"))


def measured(mark, start_s, stop_s, interval_ms=None, rate_bpm=None, difference_mv=None):
    return MeasuredMark(
        mark=mark, start_s=start_s, stop_s=stop_s, interval_ms=interval_ms, rate_bpm=rate_bpm,
        start_mv=None, stop_mv=None, difference_mv=difference_mv, difference=difference_mv, unit="mV",
    )  # fmt: skip


def made_marks(number=1):
    caliper = Mark(UUID(int=1), "caliper", "ada", NOON, NOON, "II", 500, 900, "RR", marches=True)
    note = Mark(UUID(int=2), "note", "bo", NOON, NOON, "V2", 1000, 1000, "ST?")
    pair = [measured(caliper, 1.0, 1.8, 800.0, 75.0, -0.25), measured(note, 2.0, 2.0)]
    return pair * number


def _printout(of, view, marks=()):
    from ecg_core.domain import RecordingSummary

    leads = tuple(summarize_lead(lead) for lead in of.leads)
    ecg = RecordingSummary(UUID(int=0), "", "test.ecg", "test", "", NOON, None, leads)
    return Printout(ecg, leads, view, PAPERS["A4"], NOON, marks)


def _strips(of):
    from ecg_core.figures.strips import Strip
    from ecg_core.signal.zero_crossings import find_lead_zero_crossings

    found = [find_lead_zero_crossings(lead) for lead in of.leads]
    return [Strip(lead, each, len(each.indices)) for lead, each in zip(of.leads, found, strict=True)]


class TestMarks:
    def pages(self, marks, view=None):
        of = twelve()
        printout = _printout(of, view or View(layout="12x1"), marks)
        source = recording_source(of, printout.ecg, printout.view, is_filtered=True)
        drawings = print_pages(printout, source, [(0.0, 10.0)])
        return write_pdf(drawings, title="x", printed_at=NOON)

    def test_notes_and_calipers_with_what_they_measure(self):
        text, *_ = pdf_texts(self.pages(made_marks()))
        assert (
            "C1. Caliper, lead II, 1.000 s–1.800 s: RR · 800 ms · 75 bpm · Δ −0.25 mV (ada, 2026-03-04 12:00)"
            in text
        )
        assert "1. Note, lead V2, 2.000 s: ST? (bo, 2026-03-04 12:00)" in text

    def test_a_caliper_is_as_wide_as_its_interval(self):
        paths = [p for c, p in pdf_paths(self.pages(made_marks())) if c == "#7a1fa2" and len(p) == 9]
        widths = [np.nanmax(p[:, 0]) - np.nanmin(p[:, 0]) for p in paths]
        assert pytest.approx(20.0, rel=0.01) in widths  # 800 ms

    def test_many_have_a_page_of_their_own(self):
        texts = pdf_texts(self.pages(made_marks(10)))
        assert "Notes and calipers" in texts[-1] and "10. Note, lead V2" in texts[-1]
        assert f"page {len(texts)} of {len(texts)}" in texts[-1]

    def test_they_can_be_left_out_of_the_traces(self):
        paths = pdf_paths(self.pages(made_marks(), View(layout="12x1", marks=False)))
        assert "#7a1fa2" not in {colour for colour, _ in paths}

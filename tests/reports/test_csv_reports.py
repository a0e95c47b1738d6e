"""The CSV reports, read back by pandas and by the csv module."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from uuid import UUID

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_core.domain import Annotation, Lead, Mark, RecordingSummary
from ecg_core.reports import csv_reports
from ecg_core.reports.cells import HELD_BACK_BYTES, rows_of_csv, text_cell, with_mark_if_needed
from ecg_core.reports.columns import COHORT, CROSSINGS, DETAILS, LEADS, REPORTS, column_dictionary
from ecg_core.reports.csv_reports import cohort_csv, crossings_csv, details_csv, leads_csv
from ecg_core.reports.measurement_columns import BEATS, HRV_HOURLY, MEASUREMENTS, MEASUREMENTS_WIDE, WAVES
from ecg_core.reports.measurement_csv import beats_csv, hourly_csv, measurements_csv, waves_csv, wide_csv
from ecg_core.signal.marks import measure_mark
from ecg_core.signal.statistics import summarize_lead

LEAD_HEADER = (
    "recording,lead,unit,sampling_rate_hz,number_of_samples,duration_s,number_of_zero_crossings,"
    "zero_crossings_per_second,number_of_zero_touches,minimum,maximum,mean,standard_deviation,missing_samples,"
    "original_name,channel,origin"
)
SIGNAL = np.array([1, 0, -1, 0, 1, 0, 0, 1], np.int16)
BOM = b"\xef\xbb\xbf"


def lead(name="I", samples=SIGNAL, rate=4.0, unit="mV"):
    return Lead(name, samples, rate, unit)


def recording(*leads, file_name="a.json", recorded_at=None, number=1):
    return RecordingSummary(
        id=UUID(int=number),
        owner="demo",
        file_name=file_name,
        source_format="json",
        sha256="0" * 64,
        uploaded_at=datetime(2026, 3, 1, 12, 30, tzinfo=UTC),
        recorded_at=recorded_at,
        leads=tuple(summarize_lead(each) for each in leads),
    )


def lead_report(*leads):
    return b"".join(leads_csv(("r", summarize_lead(each)) for each in leads))


def test_the_lead_report_byte_for_byte():
    assert (
        lead_report(lead())
        == (
            LEAD_HEADER + "\r\nr,I,mV,4.0,8,2.0,2,1.0,1,-1.0,1.0,0.25,0.6614378277661477,0,,ECG,recorded\r\n"
        ).encode()
    )


def test_unknown_is_an_empty_cell():
    report = lead_report(lead(rate=None, unit=None), lead("II", np.empty(0)))
    rows = list(csv.DictReader(io.StringIO(report.decode(), newline="")))
    assert [name for name, value in rows[0].items() if value == ""] == [
        "unit",
        "sampling_rate_hz",
        "duration_s",
        "zero_crossings_per_second",
        "original_name",
    ]
    assert [name for name, value in rows[1].items() if value == ""] == [
        "zero_crossings_per_second",
        "minimum",
        "maximum",
        "mean",
        "standard_deviation",
        "original_name",
    ]


def test_the_list_of_crossings_byte_for_byte():
    samples = np.array([1, 0, 0, -1, 3], np.int16)
    assert b"".join(crossings_csv([("r", lead(samples=samples)), ("r", lead("II", samples, None))])) == (
        b"recording,lead,sample,time_s,direction\r\n"
        b"r,I,3,0.375,falling\r\nr,I,4,0.8125,rising\r\n"
        b"r,II,3,,falling\r\nr,II,4,,rising\r\n"
    )


def test_the_report_over_all_ecgs():
    ecgs = [
        recording(lead("I"), lead("II"), recorded_at=datetime(2026, 2, 1, 8)),
        recording(lead("V1"), number=2, file_name='odd, "name".csv'),
    ]
    table = pandas.read_csv(io.BytesIO(b"".join(cohort_csv(ecgs))))
    assert table.columns.tolist() == [*LEAD_HEADER.split(","), "file_name", "recorded_at", "uploaded_at"]
    assert table["recording"].tolist() == [str(UUID(int=1))] * 2 + [str(UUID(int=2))]
    assert table["lead"].tolist() == ["I", "II", "V1"]
    assert table["file_name"].tolist() == ["a.json", "a.json", 'odd, "name".csv']
    assert table["recorded_at"].fillna("").tolist() == ["2026-02-01T08:00:00", "2026-02-01T08:00:00", ""]
    assert table["uploaded_at"].unique().tolist() == ["2026-03-01T12:30:00+00:00"]
    assert table["number_of_zero_crossings"].tolist() == [2, 2, 2]


def test_what_the_file_says():
    ecg = replace(
        recording(), patient={"sex": "M"}, device={"QRS duration": "92 ms"}, metadata={"filter": "=1+1"}
    )
    marks = [Annotation(0.25, "N", "beat"), Annotation(1.5, "AFIB", "rhythm", 3.0, "II")]
    rows = list(csv.reader(io.StringIO(b"".join(details_csv(ecg, marks)).decode(), newline="")))
    name = str(ecg.id)
    assert rows[1:] == [
        [name, "patient", "sex", "M", "", "", "", *[""] * 10],
        [name, "file", "filter", "'=1+1", "", "", "", *[""] * 10],
        [name, "device", "QRS duration", "92 ms", "", "", "", *[""] * 10],
        [name, "annotation", "beat", "N", "0.25", "", "", *[""] * 10],
        [name, "annotation", "rhythm", "AFIB", "1.5", "3.0", "II", *[""] * 10],
    ]


def mark(kind, stop, text, **fields):
    made = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    return Mark(UUID(int=7), kind, "dr.meier", made, made, "I", 2, stop, text, **fields)


def test_what_readers_noted_and_measured_is_in_the_details():
    of = summarize_lead(lead())
    marks = [
        measure_mark(mark("note", 6, "=AF?\nsee", is_about_all_leads=True), of, -1.0, 0.0),
        measure_mark(mark("note", 2, "PVC"), of, -1.0, -1.0),
        measure_mark(mark("caliper", 4, "+QT"), of, -1.0, 1.0),
        measure_mark(mark("caliper", 4, "c"), summarize_lead(lead(rate=None, unit=None)), -1.0, 1.0),
    ]
    rows = list(csv.reader(io.StringIO(b"".join(details_csv(recording(), [], marks)).decode(), newline="")))
    made = ["dr.meier", "2026-03-01T12:30:00+00:00", "I"]
    assert [row[1:] for row in rows[1:]] == [
        ["note", "", "'=AF?\nsee", "0.5", "1.0", "", *made, "2", "6", *[""] * 5],
        ["note", "", "PVC", "0.5", "", "I", *made, "2", "2", *[""] * 5],
        ["caliper", "'+QT", "", "0.5", "0.5", "I", *made, "2", "4", "500.0", "120.0", "2.0", "2.0", "mV"],
        ["caliper", "c", "", "", "", "I", *made, "2", "4", "", "", "", "2.0", ""],
    ]
    assert all(len(row) == len(rows[0]) for row in rows)


def test_nothing_to_report_is_a_header():
    assert b"".join(leads_csv([])) == (LEAD_HEADER + "\r\n").encode()
    assert b"".join(cohort_csv([])).count(b"\r\n") == 1
    assert b"".join(crossings_csv([("r", lead(samples=np.empty(0)))])).count(b"\r\n") == 1


def test_headers_come_from_the_column_dictionary():
    written = {
        LEADS.name: leads_csv([]),
        CROSSINGS.name: crossings_csv([]),
        DETAILS.name: details_csv(recording(), []),
        COHORT.name: cohort_csv([]),
        MEASUREMENTS.name: measurements_csv([]),
        MEASUREMENTS_WIDE.name: wide_csv([]),
        BEATS.name: beats_csv([]),
        WAVES.name: waves_csv([]),
        HRV_HOURLY.name: hourly_csv("x", []),
    }
    assert set(written) == set(REPORTS)
    for name, chunks in written.items():
        names = [column.name for column in REPORTS[name].columns]
        assert b"".join(chunks).decode() == ",".join(names) + "\r\n"
        assert len(set(names)) == len(names)
        assert all(f"| `{column}` |" in column_dictionary(REPORTS[name]) for column in names)
        assert all(column.meaning for column in REPORTS[name].columns)


def test_numbers_come_back_exactly():
    samples = np.array([0.1, -1 / 3, 1e-300, -123456789.123456789], np.float64)
    row = next(csv.DictReader(io.StringIO(lead_report(lead(samples=samples)).decode(), newline="")))
    summary = summarize_lead(lead(samples=samples))
    for name in ("minimum", "maximum", "mean", "standard_deviation"):
        assert float(row[name]) == getattr(summary, name)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-aVR", "'-aVR"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("  =1", "'  =1"),
        ("\u00a0=1", "'\u00a0=1"),
        ("\0=1", "'\0=1"),
        ("＝1", "'＝1"),
        ("x;=1", "x;'=1"),
        ("x\n=1", "x\n'=1"),
        ("aVR", "aVR"),
        ("a-b=c", "a-b=c"),
        ("I, -II", "I, -II"),
        ("", ""),
    ],
)
def test_text_that_a_spreadsheet_would_run_is_disarmed(text, cell):
    assert text_cell(text) == cell


def test_names_are_disarmed_in_every_report_and_numbers_are_not():
    evil = lead("=cmd|' /C calc'!A0", -SIGNAL, unit="@x")
    row = next(csv.DictReader(io.StringIO(lead_report(evil).decode(), newline="")))
    assert (row["lead"], row["unit"], row["minimum"]) == ("'=cmd|' /C calc'!A0", "'@x", "-1.0")
    crossing = next(csv.DictReader(io.StringIO(b"".join(crossings_csv([("-p", evil)])).decode(), newline="")))
    assert (crossing["recording"], crossing["lead"]) == ("'-p", "'=cmd|' /C calc'!A0")
    cohort = b"".join(cohort_csv([recording(lead(), file_name="+evil.csv")]))
    assert next(csv.DictReader(io.StringIO(cohort.decode(), newline="")))["file_name"] == "'+evil.csv"


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_name_comes_back(recording_name, lead_name):
    named = lead(lead_name)
    for report in (
        b"".join(crossings_csv([(recording_name, named)])),
        b"".join(leads_csv([(recording_name, summarize_lead(named))])),
    ):
        rows = list(csv.reader(io.StringIO(report.decode("utf-8-sig"), newline="")))
        assert rows[1][:2] == [text_cell(recording_name), text_cell(lead_name)]
        assert len({len(row) for row in rows}) == 1


def test_a_path_that_is_not_utf8_is_still_a_row():
    assert rows_of_csv([["caf\udce9.json"]]) == b"caf\\udce9.json\r\n"


def test_a_byte_order_mark_only_where_text_needs_it():
    assert lead_report(lead("II")).startswith(b"recording")
    report = lead_report(lead("II"), lead("Brustwand é"))
    assert report.startswith(BOM + b"recording")
    assert report.count(BOM) == 1
    table = pandas.read_csv(io.BytesIO(report))
    assert table.columns[0] == "recording"
    assert table["lead"].tolist() == ["II", "Brustwand é"]


def test_the_mark_is_decided_within_bounded_memory():
    taken = []

    def chunks():
        for number in range(100):
            taken.append(number)
            yield b"x" * (HELD_BACK_BYTES // 10)
        yield "é".encode()

    stream = with_mark_if_needed(chunks())
    assert next(stream) == b"x" * (HELD_BACK_BYTES // 10)
    assert len(taken) <= 12
    assert not b"".join(stream).startswith(BOM)


def test_a_long_list_of_crossings_comes_in_small_chunks():
    samples = np.tile(np.array([1, -1], np.int16), 200_000)
    chunks = list(crossings_csv([("r", lead(samples=samples, rate=250.0))]))
    assert max(map(len, chunks)) < 64 * csv_reports.CHUNK_ROWS
    table = pandas.read_csv(io.BytesIO(b"".join(chunks)))
    assert len(table) == 399_999
    assert table["sample"].tolist() == list(range(1, 400_000))
    assert table["time_s"].tolist() == pytest.approx(((np.arange(399_999) + 0.5) / 250).tolist())
    assert table["direction"].value_counts().to_dict() == {"falling": 200_000, "rising": 199_999}


def test_recordings_are_taken_as_the_file_is_read(monkeypatch):
    monkeypatch.setattr(csv_reports, "CHUNK_ROWS", 10)
    taken = []

    def recordings():
        for number in range(10_000):
            taken.append(number)
            yield recording(lead("é"), number=number + 1)

    assert len(list(islice(cohort_csv(recordings()), 4))) == 4
    assert len(taken) <= 40


def test_the_crossings_of_a_lead_agree_with_its_row():
    rng = np.random.default_rng(3)
    noisy = lead(samples=np.round(rng.normal(0, 2, 5000)).astype(np.int16), rate=500.0)
    crossings = pandas.read_csv(io.BytesIO(b"".join(crossings_csv([("r", noisy)]))))
    row = pandas.read_csv(io.BytesIO(lead_report(noisy))).iloc[0]
    assert len(crossings) == row["number_of_zero_crossings"]
    assert math.isclose(row["zero_crossings_per_second"], len(crossings) / 10.0)
    assert crossings["time_s"].is_monotonic_increasing

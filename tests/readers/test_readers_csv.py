"""Small text tables, each with the numbers that must come out, and the refusals with their places."""

import itertools
import math
import tracemalloc
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest

from ecg_core.errors import UnreadableFileError
from ecg_core.readers import ReadOptions, read_recording

APPLE = """Name,Jane Doe
Date of Birth,"Jan 1, 1970"
Recorded Date,2024-03-05 14:22:11 +0100
Classification,Sinus Rhythm
Symptoms,
Software Version,2.0
Device,"Watch6,2"
Sample Rate,512 hertz


Lead,Lead I
Unit,µV

-31.706
-12.01
3.5
"""


def read(text, **options):
    data = text.encode() if isinstance(text, str) else text
    return read_recording(data, options=ReadOptions(**options))


def columns(text, **options):
    return {
        lead.name: [None if math.isnan(x) else x for x in lead.samples.tolist()]
        for lead in read(text, **options).leads
    }


def refusal(text, **options):
    with pytest.raises(UnreadableFileError) as caught:
        read(text, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I,II\n1,2\n3,4\n", {"I": [1, 3], "II": [2, 4]}),
        ("I,II\r\n1,2\r\n3,4", {"I": [1, 3], "II": [2, 4]}),
        ("I,II\r1,2\r3,4\r", {"I": [1, 3], "II": [2, 4]}),
        ("I;II\n1,5;2\n3;4,25\n", {"I": [1.5, 3], "II": [2, 4.25]}),
        ("I\tII\n1.5\t2\n3\t\n", {"I": [1.5, 3], "II": [2, None]}),
        ("I\tII\n\t2\n3\t\n\t\n", {"I": [None, 3, None], "II": [2, None, None]}),
        ("I|II\n1|2\n", {"I": [1], "II": [2]}),
        ("  I   II\n 1.5   2\n 3  -4\n", {"I": [1.5, 3], "II": [2, -4]}),
        ("1 2\n3 4\n", {"1": [1, 3], "2": [2, 4]}),
        ("1,5;2,5\n3,5;4\n", {"1": [1.5, 3.5], "2": [2.5, 4]}),
        ("1, 2\n3, 4\n", {"1": [1, 3], "2": [2, 4]}),
        ('"I","II"\n"1.5","2"\n"3","4"\n', {"I": [1.5, 3], "II": [2, 4]}),
        ('I,II\n"1,5","2,5"\n"3,5","4"\n', {"I": [1.5, 3.5], "II": [2.5, 4]}),
        ("'I','II'\n'1','2'\n", {"I": [1], "II": [2]}),
        ("I;II;\n1;2;\n3;4;\n", {"I": [1, 3], "II": [2, 4]}),
        ("I;II;\n1;2;\n3;;\n", {"I": [1, 3], "II": [2, None]}),
        ("I,II\nNaN,1\n2,null\n-,NA\n,\n", {"I": [None, 2, None, None], "II": [1, None, None, None]}),
        ("I,II\n,\n1,2\n", {"I": [None, 1], "II": [None, 2]}),
        ("I,II\n1,2\n\n3,4\n", {"I": [1, 3], "II": [2, 4]}),
        ("I\n1\n\n3\n\n\n", {"I": [1, None, 3]}),
        ("5", {"1": [5]}),
        (",II\n1,2\n4,5\n", {"1": [1, 4], "II": [2, 5]}),
        ("I,,2\n1,2,5\n4,5,7\n", {"I": [1, 4], "3": [2, 5], "2": [5, 7]}),
        (";I;II\n0;1,5;2\n1;3;4\n", {"I": [1.5, 3], "II": [2, 4]}),
        (",0,1\n0,1.5,2.5\n1,2.5,3.5\n", {"0": [1.5, 2.5], "1": [2.5, 3.5]}),
        ("I,II\n1e3,+.5\n-2E-1,5.\n", {"I": [1000, -0.2], "II": [0.5, 5]}),
        ("I,II\n# pause\n1,2\n// more\n3,4\n", {"I": [1, 3], "II": [2, 4]}),
        ("aVR,aVL,ECG (lead 1)\n1,2,3\n", {"aVR": [1], "aVL": [2], "I": [3]}),
    ],
)
def test_every_sample_and_name(text, expected):
    assert columns(text) == expected


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("utf-16"),
        lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("utf-16-be"),
        lambda text: text.encode("cp1252"),
    ],
)
def test_encodings_are_told_apart(encode):
    (lead, _) = read(encode("Läd (µV);II\n1;2\n3;4\n")).leads
    assert (lead.name, lead.unit, lead.samples.tolist()) == ("Läd", "uV", [1, 3])


def test_an_encoding_can_be_chosen_and_a_wrong_one_is_refused():
    assert read("ПД\n1\n2\n".encode("koi8-r"), encoding="koi8-r").leads[0].name == "ПД"
    assert refusal("Läd\n1\n".encode("cp1252"), encoding="utf-8").startswith("The file is not 'utf-8' text")


@pytest.mark.parametrize(
    ("column", "dtype"),
    [
        ([1, -128], np.int8),
        ([128, 0], np.int16),
        ([40000, 0], np.int32),
        ([2**53 + 1, 0], np.int64),
        ([0.5, 1], np.float64),
    ],
)
def test_whole_columns_stay_whole_beside_decimals(column, dtype):
    recording = read("I,II\n" + "".join(f"{x},0.5\n" for x in column))
    assert recording.leads[0].samples.dtype == dtype
    assert recording.leads[0].samples.tolist() == column
    assert recording.leads[1].samples.dtype == np.float64


def test_a_column_that_turns_decimal_or_missing_far_below_keeps_all_samples():
    rows = [f"{k % 2000 - 1000},{k % 7}" for k in range(700_000)]
    recording = read("I,II\n" + "\n".join([*rows, "0.5,1", ",2"]))
    first, second = recording.leads
    assert first.samples.dtype == np.float64 and second.samples.dtype == np.int8
    assert np.array_equal(first.samples[:-2], np.arange(700_000) % 2000 - 1000)
    assert first.samples[-2] == 0.5 and np.isnan(first.samples[-1])
    assert second.samples[-2:].tolist() == [1, 2]


@pytest.mark.parametrize("late", ["1e3", "1.0", "0.5", "", "1e300", "9223372036854775808"])
def test_a_large_whole_number_is_never_rounded_silently(late):
    message = refusal("I,II\n" + "5,1\n" * 250 + f"9007199254740993,1\n{late},2\n")
    assert message.startswith("Row 252, column 'I': 9007199254740993 cannot be kept exactly")


def test_decimals_are_the_nearest_float_not_rounded():
    text = [
        "0.1",
        "2.2250738585072011e-308",
        "9007199254740993.0",
        "0.30000000000000004",
        "123456789.123456789",
    ]
    assert read("I\n" + "\n".join(text)).leads[0].samples.tolist() == [float(x) for x in text]


# --- units ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "name", "unit"),
    [
        ("II (mV)", "II", "mV"),
        ("V1 [uV]", "V1", "uV"),
        ("V1 / mV", "V1", "mV"),
        ("V1(µV)", "V1", "uV"),
        ("ABP [mmHg]", "ABP", "mmHg"),
        ("HR (bpm)", "HR", "bpm"),
        ("II (MV)", "II (MV)", None),
        ("II (left)", "II (left)", None),
        ("II", "II", None),
    ],
)
def test_units_in_headers(cell, name, unit):
    lead = read(f"{cell};X\n1;2\n3;4\n").leads[0]
    assert (lead.name, lead.unit) == (name, unit)


def test_a_row_of_units_below_the_header():
    recording = read(
        "'Elapsed time','MLII','V5'\n'seconds','mV','mV'\n0.000,-0.145,-0.065\n0.004,-0.145,-0.06\n"
    )
    assert [(x.name, x.unit, x.sampling_rate_hz) for x in recording.leads] == [
        ("MLII", "mV", 250),
        ("V5", "mV", 250),
    ]
    assert recording.leads[1].samples.tolist() == [-0.065, -0.06]


def test_nothing_is_assumed():
    (lead,) = read("I\n1\n2\n").leads
    assert (lead.sampling_rate_hz, lead.unit) == (None, None)


# --- lines above the table --------------------------------------------------------------------------


def test_an_apple_watch_export():
    recording = read(APPLE)
    (lead,) = recording.leads
    assert (lead.name, lead.original_name, lead.unit, lead.sampling_rate_hz) == ("I", "Lead I", "uV", 512)
    assert lead.samples.tolist() == [-31.706, -12.01, 3.5]
    assert recording.patient == {"Name": "Jane Doe", "Date of Birth": "Jan 1, 1970"}
    assert recording.metadata["Device"] == "Watch6,2"
    assert recording.device == {"Classification": "Sinus Rhythm"}
    assert "Symptoms" not in recording.metadata
    assert recording.recorded_at == datetime(2024, 3, 5, 14, 22, 11, tzinfo=timezone(timedelta(hours=1)))


def test_the_same_with_decimal_commas_is_decided_and_said():
    text = APPLE.replace("-31.706", "-31,706").replace("-12.01", "-12,01").replace("3.5", "3,5")
    recording = read(text)
    assert recording.leads[0].samples.tolist() == [-31.706, -12.01, 3.5]
    assert recording.understood["decimal sign"] == "comma"
    assert any("decimal comma" in remark for remark in recording.remarks)
    assert columns(text, delimiter=",", decimal=".")["1"] == [-31, -12, 3]


@pytest.mark.parametrize(
    ("above", "rate"),
    [
        ("Sample Rate: 500 Hz", 500),
        ("# fs = 250", 250),
        ("% Sampling Frequency: 1 kHz", 1000),
        ("Sampling frequency;1000", 1000),
        ("Sampling rate (Hz): 360", 360),
        ("Sample Rate,512.41 hertz", 512.41),
        ("Sample Rate;512,41 Hertz", 512.41),
        ("Sample Rate: 2 ms", None),
        ("Sample Rate: fast", None),
        ("Sample Rate: 0 Hz", None),
    ],
)
def test_a_rate_stated_above_the_table(above, rate):
    recording = read(f"{above}\nI;II\n1;2\n3;4\n")
    assert [x.sampling_rate_hz for x in recording.leads] == [rate, rate]
    assert recording.metadata


def test_a_header_inside_a_comment():
    recording = read("# fs = 250\n# I II\n1 2\n3 4\n")
    assert {x.name: x.samples.tolist() for x in recording.leads} == {"I": [1, 3], "II": [2, 4]}


# --- one or two columns -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I,II\n1,2\n3,4\n", {"I": [1, 3], "II": [2, 4]}),
        ("II\n1,2\n3,4\n", {"II": [1.2, 3.4]}),
        ("1,05\n3,40\n", {"1": [1.05, 3.4]}),
        ("1,5\n-3,-4\n", {"1": [1, -3], "2": [5, -4]}),
        ("12,34\n56,78\n", {"1": [12, 56], "2": [34, 78]}),
    ],
)
def test_a_comma_between_two_whole_numbers(text, expected):
    assert columns(text) == expected


def test_an_open_choice_is_remarked_and_can_be_corrected():
    assert any("taken to separate two columns" in remark for remark in read("12,34\n56,78\n").remarks)
    assert columns("12,34\n56,78\n", decimal=",", delimiter="") == {"1": [12.34, 56.78]}


# --- time -------------------------------------------------------------------------------------------


def with_times(times, header="time"):
    return f"{header},I\n" + "".join(f"{t},{k % 50}\n" for k, t in enumerate(times))


@pytest.mark.parametrize(
    ("header", "times", "rate"),
    [
        ("time (s)", ["0.000", "0.004", "0.008"], 250),
        ("time (ms)", [0, 2, 4], 500),
        ("t[s]", ["0", "0.002", "0.004"], 500),
        ("time_ms", [0, 4, 8], 250),
        ("Time (us)", [0, 1000, 2000], 1000),
        ("time", ["12:34:56.000", "12:34:56.004", "12:34:56.008"], 250),
        ("time", ["23:59:59.998", "00:00:00.000", "00:00:00.002"], 500),
        ("time", ["0:00.000", "0:00.005", "0:00.010"], 200),
        (
            "timestamp",
            ["2024-03-05T12:34:56.000Z", "2024-03-05T12:34:56.004Z", "2024-03-05T12:34:56.008Z"],
            250,
        ),
        ("date time", ["05.03.2024 12:00:00.000", "05.03.2024 12:00:00.002", "05.03.2024 12:00:00.004"], 500),
        ("time (s)", [f"{k / 360:.3f}" for k in range(2000)], 360),
        ("time (s)", [f"{math.floor(1000 * k / 360) / 1000:.3f}" for k in range(2000)], 360),
        ("time (s)", [f"{k / 512:.4f}" for k in range(2000)], 512),
        ("time (s)", [f"{k / 512.41:.6f}" for k in range(5000)], 512.41),
        ("time (s)", [f"{1.7e9 + k / 250:.3f}" for k in range(500)], 250),
        ("time", ["0.000", "0.004", "0.008"], 250),
        ("time", [0, 4, 8], 250),
    ],
)
def test_the_rate_is_taken_from_the_time_column(header, times, rate):
    (lead,) = read(with_times(times, header)).leads
    assert lead.name == "I"
    assert lead.sampling_rate_hz == rate
    assert lead.samples.tolist() == [k % 50 for k in range(len(times))]


@pytest.mark.parametrize(
    ("times", "words"),
    [
        (["0.000", "0.004", "0.008", "0.020", "0.024"], "after row 4 it steps 12 ms instead of 4 ms"),
        (["0.000", "0.004", "0.008", "0.004", "0.008"], "after row 4 it steps -4 ms"),
        (["0.000", "0.003", "0.006"], "allow any rate from 285.7 to 400 Hz"),
        (["0.000", "0.000", "0.000"], "the times do not rise"),
        (["0.5"], "a single row shows no step"),
        (["0.000", "", "0.008", "0.012"], "a time is missing at sample 1"),
    ],
)
def test_without_an_even_step_the_rate_is_unknown_and_the_place_is_said(times, words):
    recording = read(with_times(times, "time (s)"), time_column="1")
    assert recording.leads[0].sampling_rate_hz is None
    assert any(words in remark for remark in recording.remarks), recording.remarks


def test_a_stated_rate_is_used_where_the_times_are_too_coarse_but_not_where_they_refute_it():
    coarse = "fs = 250\n" + with_times(["12:00:00"] * 250 + ["12:00:01"] * 250)
    assert read(coarse).leads[0].sampling_rate_hz == 250
    uneven = read("fs = 250\n" + with_times(["0.000", "0.004", "0.008", "0.020", "0.024"], "t (s)"))
    assert uneven.leads[0].sampling_rate_hz is None
    assert any("states 250 Hz" in remark for remark in uneven.remarks)


def test_a_date_in_the_time_column_is_when_it_was_recorded():
    recording = read(with_times(["2024-03-05 12:34:56.000", "2024-03-05 12:34:56.004"]))
    assert recording.recorded_at == datetime(2024, 3, 5, 12, 34, 56)


@pytest.mark.parametrize("header", ["sample", "Sample #", "index", "#", "", "nr", "frame"])
@pytest.mark.parametrize("first", [0, 1])
def test_a_column_of_sample_numbers_is_no_lead(header, first):
    recording = read(with_times(range(first, first + 5), header))
    assert [(x.name, x.sampling_rate_hz) for x in recording.leads] == [("I", None)]


def test_sample_numbers_that_jump_later_are_remarked():
    recording = read(with_times([*range(300), 350, 351], "sample"))
    assert any("after row 301" in remark for remark in recording.remarks)


def test_a_first_column_without_header_that_counts_or_rises_evenly_is_no_lead():
    assert columns("0,7\n1,9\n2,-4\n3,5\n") == {"1": [7, 9, -4, 5]}
    recording = read("0.000,7\n0.002,9\n0.004,-4\n0.006,5\n0.008,1\n")
    assert [(x.name, x.sampling_rate_hz) for x in recording.leads] == [("1", 500)]
    assert any("taken for the time" in remark for remark in recording.remarks)
    assert columns("0,7\n1,9\n2,-4\n3,5\n", time_column="") == {"1": [0, 1, 2, 3], "2": [7, 9, -4, 5]}


def test_a_person_says_which_column_is_the_time():
    text = "a,b\n0,1\n5,2\n10,3\n"
    for column in ("a", "A", "1"):
        assert read(text, time_column=column, time_unit="ms").leads[0].sampling_rate_hz == 200
    assert read(text, time_column="a", time_unit="sample").leads[0].sampling_rate_hz is None
    assert (
        refusal(text, time_column="c") == "There is no column 'c' to take the time from; there are 'a', 'b'"
    )


def test_a_time_and_a_sample_number_side_by_side():
    recording = read("sample,time (s),I\n0,0.000,5\n1,0.004,6\n2,0.008,7\n")
    assert [(x.name, x.sampling_rate_hz, x.samples.tolist()) for x in recording.leads] == [
        ("I", 250, [5, 6, 7])
    ]


# --- the long form ----------------------------------------------------------------------------------


def test_the_long_form_places_samples_by_number():
    recording = read("lead,sample,value (mV)\nII,1,5\nI,0,1\nI,3,4\nI,1,2\nII,0,6\n")
    assert [x.name for x in recording.leads] == ["II", "I"]
    assert [x.unit for x in recording.leads] == ["mV", "mV"]
    second, first = recording.leads
    assert second.samples.tolist() == [6, 5] and second.samples.dtype == np.int8
    assert first.samples[[0, 1, 3]].tolist() == [1, 2, 4] and np.isnan(first.samples[2])


def test_the_long_form_with_times_semicolons_and_decimal_commas():
    recording = read("Lead;time (s);value\nI;0,000;1,5\nI;0,004;2,5\nII;0,000;3\nII;0,004;4,5\n")
    assert [(x.name, x.samples.tolist(), x.sampling_rate_hz) for x in recording.leads] == [
        ("I", [1.5, 2.5], 250),
        ("II", [3, 4.5], 250),
    ]


def test_the_long_form_without_numbers_keeps_the_order_of_rows():
    assert columns("lead,value\nI,1\nII,5\nI,2\n") == {"I": [1, 2], "II": [5]}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("I,0,1\nI,1,2\nI,0,3\n", "Lead 'I': sample 0 occurs twice"),
        ("I,0,1\nI,1,abc\nI,2,3\n", "Row 3, column 'value': 'abc' is not a number"),
        ("I,0,1\n,1,2\nI,2,3\n", "Row 3, column 'lead': there is no lead's name"),
        ("I,0,1\nI,1,2\nI,99999999999,2\n", "Lead 'I': sample 99,999,999,999 is too far from the others"),
        ("I,0,1\nI,1,2\nI,2\n", "Row 4 has 2 columns; the table has 3"),
    ],
)
def test_faults_of_the_long_form(rows, message):
    assert refusal("lead,sample,value\n" + rows).startswith(message)


# --- refusals ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("I,II\n1,2\n3,abc\n4,5\n", "Row 3, column 'II': 'abc' is not a number"),
        ("I,II\n1,abc\n3,4\n5,6\n", "Row 2, column 'II': 'abc' is not a number"),
        ("1.5,abc\n3,4\n5,6\n", "Row 1, column '2': 'abc' is not a number"),
        ("# note\n\nI;II\n1;2\n3;4.5.6\n7;8\n", "Row 5, column 'II': '4.5.6' is not a number"),
        ("I,II\n1,2\n3\n4,5\n", "Row 3 has 1 column; the table has 2"),
        ("I,II\n1,2\n3,4,5\n4,5\n", "Row 3 has 3 columns; the table has 2"),
        ("I,II\n1,2\n3,inf\n", "Row 3, column 'II': 'inf' is not a number"),
        ("I,II\n1,2\n3,1e999\n", "Row 3, column 'II': '1e999' is beyond the range"),
        ("I,II\n1,2\n3,0x10\n", "Row 3, column 'II': '0x10' is not a number"),
        ("I,II\n1,2\n3,1_000\n", "Row 3, column 'II': '1_000' is not a number"),
        ("I,II\n1,2\n3,1 000\n", "Row 3, column 'II': '1 000' is not a number"),
        ("I,II\n1,2\n3,True\n", "Row 3, column 'II': 'True' is not a number"),
        ("I,II\n1,2\n3,nan1\n", "Row 3, column 'II': 'nan1' is not a number"),
        ('I,II\n1,2\n3,4"5\n', "Row 3, column 'II': '4\"5' is not a number"),
        ("I;II\n1,5;2\n3.5;4,5\n2,5;1\n", "Row 3, column 'I': '3.5' is not a number"),
        ("I,II\n9007199254740993,1\n,2\n", "Row 2, column 'I': 9007199254740993 cannot be kept exactly"),
        ("I,I\n1,2\n", "Column 1 and column 2 have the same name 'I', row 1"),
        ("I (mV),I (uV)\n1,2\n", "Column 1 and column 2 have the same name 'I'"),
        ("a\x0bb,II\n1,2\n", "The file is binary"),
        (f"{'x' * 65},II\n1,2\n", "Column 1, row 1: the lead's name is longer than 64 characters"),
        ("time (s)\n0.000\n0.004\n", "The table has no column of samples"),
        ("Dear colleague,\nplease find enclosed.\n", "Row 1, column 1: 'Dear colleague"),
        ("\n\n\n", "The file begins with nothing but empty lines"),
        ("I,II\n", "Row 1, column 1: 'I,II' is not a number"),
        ("<!DOCTYPE html><html>1,2</html>", "The file is an HTML page"),
        ("%PDF-1.7\n", "The file is a PDF document"),
        (b"\x89PNG\r\n\x1a\n", "The file is a PNG image"),
        (b"PK\x03\x04....", "The file is a ZIP archive"),
        (b"\x00\x01\x02\x03", "The file is binary data of no known format"),
        (b"I,II\n1,2\n" * 1000 + b"\x00", "The file is binary data"),
        ("1" * 5_000_000, "Row 1"),
        (",".join("1" * 1001), "The table has 1,001 columns; at most 1,000 are read"),
    ],
)
def test_what_is_no_table_of_numbers_is_refused_with_its_place(text, message):
    assert refusal(text).startswith(message)


def test_the_row_is_right_far_below_and_after_blank_lines():
    rows = [f"{k % 100},{k % 7}" for k in range(1_200_000)]
    rows[1_000_000] = "5,x"
    assert refusal("I,II\n" + "\n".join(rows)) == "Row 1000002, column 'II': 'x' is not a number"
    rows[3] = ""
    assert refusal("I,II\n" + "\n".join(rows)) == "Row 1000002, column 'II': 'x' is not a number"


def test_the_file_name_is_in_the_message():
    with pytest.raises(UnreadableFileError, match=r"^The file 'a\.csv' is empty$"):
        read_recording(b"", file_name="a.csv")


def test_what_was_understood_can_be_shown():
    assert read("time (ms);I\n0;1,5\n2;2,5\n4;3\n").understood == {
        "encoding": "UTF-8",
        "delimiter": "semicolon",
        "decimal sign": "comma",
        "layout": "one column a lead",
        "header": "row 1",
        "first row": "row 2",
        "time column": "time, milliseconds, 2 ms step",
        "sample numbers": "none",
    }


def test_the_header_can_be_corrected():
    assert columns("7,9\n1,2\n3,4\n", header=True) == {"7": [1, 3], "9": [2, 4]}
    assert columns("I,II\n1,2\n3,4\n", header=False) == {"1": [1, 3], "2": [2, 4]}


def test_memory_and_the_agreement_of_blocks():
    step = [f"{k % 4001 - 2000}.{k % 10}" for k in range(40_010)]
    text = "I,II,III\n" + "".join(f"{x},{x},5\n" for x in itertools.islice(itertools.cycle(step), 1_000_000))
    tracemalloc.start()
    try:
        recording = read(text)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    expected = np.resize(np.array([float(x) for x in step]), 1_000_000)
    assert np.array_equal(recording.leads[1].samples, expected)
    assert recording.leads[2].samples.dtype == np.int8
    assert peak < 4 * len(text)

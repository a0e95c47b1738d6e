"""The device's own numbers, in the words of each reader, under the names of our measurements."""

from __future__ import annotations

import pytest

from ecg_core.readers import read_recording
from ecg_core.signal.device_values import (
    TOLERANCES,
    device_values,
    difference,
    is_beyond_tolerance,
)


def values(device):
    return {name: found.value for name, found in device_values(device).items()}


def test_the_words_of_muse_schiller_and_dicom():
    muse = {"heart rate": "72 /min", "PR interval": "160 ms", "QRS duration": "92 ms", "QTc": "410 ms",
            "QT interval": "388 ms", "QRS axis": "0°", "statement 1": "Normal sinus rhythm"}  # fmt: skip
    assert values(muse) == {"heart_rate": 72, "pr_interval": 160, "qrs_duration": 92, "qtc": 410,
                            "qt_interval": 388, "qrs_axis": 0}  # fmt: skip
    dicom = {"RR Interval": "982 ms", "QRS Duration": "75 ms", "QTc Interval": "370 ms", "P Axis": "74°"}
    assert values(dicom) == {"rr_mean": 982, "qrs_duration": 75, "qtc": 370, "p_axis": 74}
    schiller = {"P duration": "108 ms", "QTc": "397 ms", "RR interval": "869 ms"}
    assert values(schiller) == {"p_duration": 108, "qtc": 397, "rr_mean": 869}


def test_the_words_of_aecg_and_of_vendors():
    assert values({"MDC ECG TIME PD P": "102 ms", "MINDRAY ECG TIME PD QTcH": "413 ms"}) == {
        "p_duration": 102, "qtc_hodges": 413,
    }  # fmt: skip
    assert values({"MINDRAY ECG RV5 PLUS SV1": "1.573 mV", "MINDRAY ECG SV1": "0.565 mV"}) == {}


def test_the_formula_of_qtc_may_stand_by_its_name_or_its_number():
    said = {"QTc (Bazett)": "466 ms", "QTc (Fridericia)": "497 ms", "QTc": "401 ms (formula not stated)"}
    assert values(said) == {"qtc_bazett": 466, "qtc_fridericia": 497, "qtc": 401}
    assert values({"QTc": "401 ms (Hodges)"}) == {"qtc_hodges": 401}


@pytest.mark.parametrize(
    "label, text",
    [
        ("P duration", "508"),  # no unit: nobody knows what it is
        ("P duration", "508 ms"),
        ("QRS duration", "0 ms"),
        ("QRS duration", "92 bpm"),
        ("heart rate", "Failed"),
        ("heart rate", "72 /min, regular"),
        ("QRS axis", "999°"),
        ("atrial rate", "77 /min"),
        ("horizontal QRS axis", "-17°"),
        ("frontal ST axis", "72°"),
        ("QRS count", "13"),
        ("QT interval", "9" * 400 + " ms"),
    ],
)
def test_what_is_no_measurement_of_ours_is_left_out(label, text):
    assert values({label: text}) == {}


def test_units_and_spellings_of_numbers():
    assert values({"QRS duration": "0.092 s"}) == {"qrs_duration": pytest.approx(92)}
    assert values({"QRS duration": "92,5 msec"}) == {"qrs_duration": 92.5}
    assert values({"QRS axis": "−61 deg", "Vent. rate": "61 BPM"}) == {"qrs_axis": -61, "heart_rate": 61}


def test_intervals_from_the_ends_on_the_devices_median_beat_say_so():
    marks = {"median p onset ms": "286", "median p offset ms": "388", "median qrs onset ms": "434",
             "median qrs offset ms": "554", "median t offset ms": "854"}  # fmt: skip
    found = device_values(marks)
    assert values(marks) == {"p_duration": 102, "pr_interval": 148, "qrs_duration": 120, "qt_interval": 420}
    assert "marks on the median beat" in found["qrs_duration"].words
    assert values({**marks, "QRS duration": "118 ms"})["qrs_duration"] == 118  # what it says goes before
    assert values({"median p onset ms": "368", "median t onset ms": "1076"}) == {}


def test_axes_differ_the_shorter_way_round():
    assert difference("qrs_axis", 175, -175) == -10 and difference("qrs_axis", -175, 175) == 10
    assert difference("qrs_axis", 90, -90) in (180, -180) and difference("qt_interval", 400, 380) == 20
    assert not is_beyond_tolerance("qrs_axis", 175, -175) and is_beyond_tolerance("qrs_axis", 40, 60)


@pytest.mark.parametrize("name", sorted(TOLERANCES))
def test_a_difference_counts_only_beyond_the_tolerance(name):
    tolerance = TOLERANCES[name]
    assert not is_beyond_tolerance(name, 100.0 + tolerance, 100.0)
    assert is_beyond_tolerance(name, 100.0 - tolerance - 0.1, 100.0)
    assert not is_beyond_tolerance("rr_mean", 1.0, 1000.0)


REAL = {
    "dicom/pydicom_waveform_ecg.dcm": {"rr_mean": 982, "pr_interval": 161, "qrs_duration": 75,
        "qt_interval": 368, "qtc": 370, "p_axis": 74, "qrs_axis": 52, "t_axis": 57},
    "hl7-aecg/fda_subject1_0.xml": {"pr_interval": 148, "qrs_duration": 120, "qt_interval": 420, "p_axis": 44,
        "qrs_axis": -61, "t_axis": 86, "p_duration": 102, "qtc": 443},
    "hl7-aecg/liryc_hl7aecg_example.xml": {"heart_rate": 57, "pr_interval": 192, "qrs_duration": 88,
        "qt_interval": 418, "p_axis": 60, "qrs_axis": 64, "t_axis": 11, "qtc_hodges": 413},
    "philips-sierra/ad4d3d80-d165_1-04_orig.xml": {"heart_rate": 41, "rr_mean": 1463, "pr_interval": 144,
        "qrs_duration": 102, "qt_interval": 564, "qtc_bazett": 466, "qtc_fridericia": 497, "p_axis": 19,
        "qrs_axis": 85, "t_axis": 53, "qtc": 466},
    "scp-ecg/ecgtoolkit_Example.scp": {"p_axis": 44, "qrs_axis": -61, "t_axis": 86, "p_duration": 102,
        "pr_interval": 148, "qrs_duration": 120, "qt_interval": 420, "qtc": 443},
}  # fmt: skip


@pytest.mark.parametrize("name", REAL)
def test_real_files(name, real_data):
    path = real_data / "formats" / name
    assert values(read_recording(path.read_bytes(), file_name=path.name).device) == REAL[name]

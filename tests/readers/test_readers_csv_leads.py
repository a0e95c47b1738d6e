"""Names of leads in text tables, and the text exports of wearables and recorders."""

import json
import random
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest

from ecg_core.errors import UnreadableFileError
from ecg_core.readers import ReadOptions, read_json, read_recording
from ecg_core.readers.csv_reader import read_csv


def read(text, **options):
    data = text.encode() if isinstance(text, str) else text
    return read_recording(data, options=ReadOptions(**options))


def refusal(text, **options):
    with pytest.raises(UnreadableFileError) as caught:
        read(text, **options)
    return str(caught.value)


def described(recording):
    return [(x.name, x.original_name, x.unit, x.is_ecg) for x in recording.leads]


# --- names ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "name", "original", "unit"),
    [
        ("II", "II", "", None),
        ("Lead II (mV)", "II", "Lead II", "mV"),
        ("MDC_ECG_LEAD_AVF", "aVF", "MDC_ECG_LEAD_AVF", None),
        ("lead_v1 [uV]", "V1", "lead_v1", "uV"),
        ("ECG V6", "V6", "ECG V6", None),
        ("MLII", "MLII", "", None),
        ("Lead 1", "I", "Lead 1", None),
        ("ECG 1", "ECG 1", "", None),
        ("ch1", "ch1", "", None),
        ("V1 (LSB)", "V1", "", "LSB"),
        ("ECG [counts]", "ECG", "", "counts"),
    ],
)
def test_a_column_has_its_standard_name_and_keeps_its_own(header, name, original, unit):
    recording = read(f"{header};other\n1;2\n3;4\n")
    assert described(recording)[0] == (name, original, unit, True)


@pytest.mark.parametrize("header", ["Resp", "HR (bpm)", "ABP [mmHg]", "Pleth (mV)", "acc_x [g]", "SpO2 (%)"])
def test_what_is_no_ecg_is_marked(header):
    first, second = read(f"I;{header}\n1;2\n3;4\n").leads
    assert first.is_ecg and not second.is_ecg
    assert second.samples.tolist() == [2, 4]


@pytest.mark.parametrize("header", ["I,Lead I,II", "Lead I,I,II"])
def test_two_columns_of_one_lead_stay_apart_and_the_standard_name_is_its_own(header):
    assert ",".join(x.name for x in read(f"{header}\n1,2,3\n4,5,6\n").leads) == header


def test_names_of_the_long_form():
    recording = read("lead,sample,value (mV)\nLead II,0,5\nLead II,1,6\nResp,0,1\nResp,1,2\n")
    assert described(recording) == [("II", "Lead II", "mV", True), ("Resp", "", "mV", False)]


@pytest.mark.parametrize("name", ["I", "Lead 1", "lead II", "MDC_ECG_LEAD_I", "v1", "ECG V2"])
def test_json_names_come_back_as_sent(name):
    (lead,) = read_json(json.dumps({"leads": [{"name": name, "signal": [1]}]}).encode()).leads
    assert (lead.name, lead.original_name) == (name, "")


def test_a_long_name_is_kept():
    name = "x" * 55 + " " + "y" * 8
    (lead, _) = read(f"{name},II\n1,2\n").leads
    assert (lead.name, lead.original_name) == (name, "")


# --- Apple Watch ------------------------------------------------------------------------------------

SAMPLES = "57,992\n62,414\n-66,502\n12\n"


@pytest.mark.parametrize(
    ("above", "rate"),
    [
        ('Messrate,"511,562\u00a0Hertz"\n\n\nAbleitung,Ableitung I\nEinheit,µV\n\n', 511.562),
        ("Fréquence d’échantillonnage,512 hertz\nDérivation,Dérivation I\nUnité,µV\n\n", 512),
        ("Frecuencia de muestreo,512 hercios\nDerivación,Derivación I\nUnidad,µV\n\n", 512),
        ("采样率,512赫兹\n导联,I 导联\n单位,µV\n", 512),
    ],
)
def test_an_export_in_another_language(above, rate):
    recording = read(above + SAMPLES)
    (lead,) = recording.leads
    assert (lead.name, lead.unit, lead.sampling_rate_hz) == ("I", "uV", rate)
    assert lead.samples.tolist() == [57.992, 62.414, -66.502, 12]


def test_a_german_export_says_who_and_when():
    recording = read(
        'Name\nGeburtstag,"01.01.1990"\nAufzeichnungsdatum,2025-03-01 10:15:00 +0100\n'
        'Klassifizierung,Sinusrhythmus\nGerät,"Watch6,7"\nMessrate,512 Hertz\n\nAbleitung,Ableitung I\n\n'
        + SAMPLES
    )
    assert recording.patient == {"Geburtstag": "01.01.1990"}
    assert recording.device == {"Klassifizierung": "Sinusrhythmus"}
    assert recording.recorded_at == datetime(2025, 3, 1, 10, 15, tzinfo=timezone(timedelta(hours=1)))


def test_samples_without_any_line_above():
    (lead,) = read("-31.706\n-12.01\n3.5\n").leads
    assert (lead.name, lead.unit, lead.sampling_rate_hz) == ("1", None, None)


# --- Polar Sensor Logger ----------------------------------------------------------------------------


def polar(count, rate=130.0, drop=()):
    """Phone times come in packets of 73, the sensor's own are even."""
    rows = ["Phone timestamp;sensor timestamp [ns];timestamp [ms];ecg [uV]"]
    start = datetime(2023, 5, 4, 12, 0, 0, 250_000)
    for k in range(count):
        if k in drop:
            continue
        phone = start + timedelta(seconds=k // 73 * 73 / rate, milliseconds=k % 73)
        nanoseconds = 599_618_164_814_402_794 + round(k * 1e9 / rate)
        rows.append(
            f"{phone.isoformat(timespec='milliseconds')};{nanoseconds};{k * 1000 / rate:.6f};{k % 90 - 40}"
        )
    return "\n".join(rows) + "\n"


def test_a_polar_recording_takes_its_rate_from_the_times_that_are_even():
    recording = read(polar(1000))
    assert described(recording) == [("ecg", "", "uV", True)]
    (lead,) = recording.leads
    assert lead.sampling_rate_hz == 130
    assert lead.samples.tolist() == [k % 90 - 40 for k in range(1000)]
    assert recording.recorded_at == datetime(2023, 5, 4, 12, 0, 0, 250_000)
    assert recording.understood["time column"] == "sensor timestamp, nanoseconds, 7.69231 ms step"


def test_a_lost_packet_leaves_the_rate_unknown():
    recording = read(polar(1000, drop=range(292, 365)))
    assert recording.leads[0].sampling_rate_hz is None
    assert any("uneven" in remark for remark in recording.remarks)


def test_nanoseconds_beside_decimals_are_read_in_the_fast_way_and_exactly():
    text = polar(20_000)
    recording = read(text, time_column="")
    nanoseconds = next(x for x in recording.leads if x.name == "sensor timestamp")
    assert nanoseconds.samples.tolist() == [int(line.split(";")[1]) for line in text.splitlines()[1:]]


# --- OpenSignals ------------------------------------------------------------------------------------


def opensignals(rows="1\t0\t496\n2\t0\t497\n3\t0\t499\n0\t1\t498\n", **changes):
    device = {
        "sensor": ["ECG"], "device name": "00:11", "column": ["nSeq", "I1", "A2"], "time": "7:3:47.29",
        "date": "2016-6-11", "device": "bitalino", "sampling rate": 1000, "resolution": [4, 1, 10],
    } | changes  # fmt: skip
    head = "# OpenSignals Text File Format\n# " + json.dumps({"00:11": device}) + "\n# EndOfHeader\n"
    return head + rows.replace("\n", "\t\n")


def test_the_header_of_opensignals_names_the_columns():
    recording = read(opensignals())
    assert described(recording) == [
        ("nSeq", "", None, False),
        ("I1", "", None, False),
        ("ECG", "A2", None, True),
    ]
    assert [x.sampling_rate_hz for x in recording.leads] == [1000] * 3
    assert recording.leads[2].samples.tolist() == [496, 497, 499, 498]
    assert recording.recorded_at == datetime(2016, 6, 11, 7, 3, 47, 290_000)
    assert recording.metadata["bits of each column"] == "4, 1, 10"
    assert any("counts" in remark for remark in recording.remarks)


@pytest.mark.parametrize(
    ("sensor", "name", "original", "is_ecg"),
    [
        ("ECGBIT", "ECG", "A2", True),
        ("RAW", "A2", "", True),
        ("EMGBITREV", "EMGBITREV", "A2", False),
        ("LUX", "LUX", "A2", False),
        ("CUSTOM/0.5/1.0/V", "A2", "", True),
    ],
)
def test_sensors_of_opensignals(sensor, name, original, is_ecg):
    assert described(read(opensignals(sensor=[sensor])))[-1] == (name, original, None, is_ecg)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (opensignals(column=["nSeq", "A2"]), "The header describes 2 columns, but row 4 has 3"),
        (opensignals(column=[]), "Row 2: the JSON names no columns"),
        (opensignals().replace('"sensor"', "sensor"), "Row 2: the JSON of the OpenSignals header"),
        (
            "# OpenSignals Text File Format\n# " + "[" * 100_000 + "\n1\t2\n",
            "The OpenSignals file has no line",
        ),
        (
            "# OpenSignals Text File Format\n# {" + '"a":{' * 30_000 + "\n1\t2\n",
            "Row 2: the JSON of the OpenS",
        ),
        ("# OpenSignals Text File Format\n1\t2\n", "The OpenSignals file has no line of JSON"),
    ],
)
def test_a_broken_header_of_opensignals_is_refused(text, message):
    assert refusal(text).startswith(message)


@pytest.mark.parametrize(
    "rate", [True, 0, -5, None, "fast", [1000], float("nan"), 1e300, 10**400, -(10**400)]
)
def test_a_strange_rate_is_unknown(rate):
    assert read(opensignals(**{"sampling rate": rate})).leads[0].sampling_rate_hz is None


def test_a_real_opensignals_file(real_data):
    data = (real_data / "formats" / "opensignals" / "SampleECG.txt").read_bytes()
    recording = read(data)
    assert [x.name for x in recording.leads] == ["nSeq", "I1", "I2", "O1", "O2", "ECG"]
    assert [x.name for x in recording.leads if x.is_ecg] == ["ECG"]
    expected = np.loadtxt(data.decode().splitlines(), usecols=5, dtype=int)
    assert np.array_equal(recording.leads[5].samples, expected) and len(expected) == 22_350
    assert (recording.leads[5].sampling_rate_hz, recording.leads[5].unit) == (1000, None)


# --- LabSystem Pro ----------------------------------------------------------------------------------


def bard(labels=("III", "aVR", "HIS d"), rows=((-256, -1056, 576), (1, 2, 3), (4, 5, 6)), **changes):
    stated = {"channels": len(labels), "samples": len(rows), "range": "5mv "} | changes
    head = (
        f"[Header]\r\n\t File Type: 1\r\n\t Version: 1\r\n\t Channels exported: {stated['channels']}\r\n"
        f"\t Samples per channel: {stated['samples']}\r\n\t Start time:  6:55:24\r\n"
        "\t Ch. Info. Pointer: 320\r\n\t Mux Block Size: \r\n\t Data Format 1\r\n\t Sample Rate: 1000Hz\r\n"
    )
    for number, label in enumerate(labels, 1):
        head += (
            f"  Channel #: {number}\r\n  Label: {label}\r\n\t Range: {stated['range']}\r\n\t Low: .05Hz\r\n"
            "\t High: 100Hz\r\n\t Sample rate: 1000Hz\r\n\t Color: 0000FF\r\n\t Scale: -7\r\n"
        )
    return head + "[Data]\r\n" + "".join(",".join(map(str, row)) + "\r\n" for row in rows)


def test_a_labsystem_export_is_in_millivolts():
    recording = read(bard())
    assert described(recording) == [
        ("III", "", "mV", True),
        ("aVR", "", "mV", True),
        ("HIS d", "", "mV", True),
    ]
    first = recording.leads[0]
    assert first.samples.tolist() == [-256, 1, 4] and first.sampling_rate_hz == 1000
    assert first.physical()[0] == -256 * 5 / 32768
    assert recording.metadata["filter III"] == ".05Hz to 100Hz"


@pytest.mark.parametrize(
    ("given", "unit", "resolution"),
    [
        ("", None, 1),
        ("0mv", None, 1),
        ("5", None, 1),
        ("2.5 mV", "mV", 2.5 / 32768),
        ("200mmHg", "mmHg", 200 / 32768),
    ],
)
def test_ranges_of_labsystem(given, unit, resolution):
    lead = read(bard(range=given)).leads[0]
    assert (lead.unit, lead.resolution) == (unit, resolution)


def test_whole_numbers_of_two_channels_are_no_decimals():
    recording = read(bard(("I", "II"), ((1, 12), (2, 34), (3, 56))))
    assert [x.samples.tolist() for x in recording.leads] == [[1, 2, 3], [12, 34, 56]]
    (lead,) = read(bard(("I",), ((1,), (2,), (3,)))).leads
    assert lead.samples.tolist() == [1, 2, 3]


def test_a_hundred_channels_and_one_label_twice():
    labels = [f"CS {k}" for k in range(98)] + ["II", "II"]
    recording = read(bard(labels, [list(range(k, k + 100)) for k in range(5)]))
    assert [x.name for x in recording.leads][-2:] == ["II", "II (2)"]
    assert recording.leads[99].samples.tolist() == [99, 100, 101, 102, 103]


def test_a_labsystem_export_that_is_cut_off_is_said():
    assert any("states 5,000 samples" in remark for remark in read(bard(samples=5000)).remarks)
    assert refusal(bard(channels=4)).startswith("The header states 4 channels and describes 3")
    assert refusal(bard(rows=((1, 2), (3, 4)))).startswith("The header describes 3 columns, but row 36 has 2")


# --- LabChart ---------------------------------------------------------------------------------------


def labchart(units="UnitName=\tmV\tBPM\n", rows="0\t0.0125\t60\n0.001\t0.013\t61\n0.002\t0.014\t62\n"):
    return (
        "Interval=\t0.001 s\nExcelDateTime=\t4.0252430555555556e+04\t03/15/2010 10:20:00.000\n"
        "TimeFormat=\tStartOfBlock\nDateFormat=\tM/d/yyyy\nChannelTitle=\tLead II\tHeart Rate\n"
        f"{units}Range=\t10.000 mV\t200 BPM\n{rows}"
    )


def test_a_labchart_export():
    recording = read(labchart())
    assert described(recording) == [("II", "Lead II", "mV", True), ("Heart Rate", "", "BPM", False)]
    assert [x.sampling_rate_hz for x in recording.leads] == [1000, 1000]
    assert recording.leads[0].samples.tolist() == [0.0125, 0.013, 0.014]
    assert recording.recorded_at == datetime(2010, 3, 15, 10, 20)


def test_a_labchart_export_without_units_and_times():
    recording = read(labchart("", "0.0125\t60\n0.013\t61\n0.014\t62\n"))
    assert [(x.unit, x.sampling_rate_hz, len(x.samples)) for x in recording.leads] == [(None, 1000, 3)] * 2


@pytest.mark.parametrize(
    ("interval", "rate"),
    [("2 ms", 500), ("0,004 s", 250), ("2778 us", 359.971202), ("2", None), ("0 s", None)],
)
def test_an_interval_above_the_table(interval, rate):
    assert read(f"Sampling interval: {interval}\nI;II\n1;2\n3;4\n").leads[0].sampling_rate_hz == rate


# --- CardioLab --------------------------------------------------------------------------------------

INF = (
    b"Patient = Max\r\nNumber of Channel = 3\r\nPoints for Each Channel = 3\r\n"
    b"Data Sampling Rate = 977 points/second\r\nStart Time = 3/5/2024 2:22:11 PM\r\n\r\n"
    b"Channel Number    Channel Label\r\n  75   HIS d\r\n  1   I\r\n  2   aVF\r\n"
)
CARDIOLAB = b"0 -0.012 0.5 0.1\r\n1 0.013 0.4 0.2\r\n2 0.014 0.4 0.1\r\n"


@pytest.mark.parametrize("table", [CARDIOLAB, b"-0.012 0.5 0.1\n0.013 0.4 0.2\n0.014 0.4 0.1\n"])
def test_the_inf_file_beside_a_cardiolab_export(table):
    recording = read_csv(table, siblings={"other.bin": b"\x00", "X001.inf": memoryview(INF)})
    assert described(recording) == [("I", "", None, True), ("aVF", "", None, True), ("HIS d", "", None, True)]
    assert [x.sampling_rate_hz for x in recording.leads] == [977] * 3
    assert recording.leads[2].samples.tolist() == [0.1, 0.2, 0.1]
    assert recording.recorded_at == datetime(2024, 3, 5, 14, 22, 11)
    assert recording.patient == {"Patient": "Max"}


def test_a_cardiolab_export_alone_has_numbered_leads():
    assert [x.name for x in read_csv(CARDIOLAB).leads] == ["1", "2", "3"]
    two = read_csv(CARDIOLAB, siblings={"a.inf": INF, "b.inf": INF})
    assert [x.name for x in two.leads] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("inf", "message"),
    [
        (INF + b"  1   V1\r\n", "The .inf file lists channel 1 twice"),
        (INF + b"  5   V1\r\n  6  V2\r\n", "The header describes 5 columns, but row 1 has 4"),
    ],
)
def test_an_inf_file_that_does_not_fit_is_refused(inf, message):
    with pytest.raises(UnreadableFileError) as caught:
        read_csv(CARDIOLAB, siblings={"a.inf": inf})
    assert str(caught.value) == message


# --- times and units --------------------------------------------------------------------------------


def test_a_date_and_a_time_side_by_side():
    rows = "".join(f"05.03.2024;10:00:{k / 200:06.3f};{k % 7};{k % 5}\n" for k in range(400))
    recording = read("Date;Time;I;II\n" + rows)
    assert [(x.name, x.sampling_rate_hz) for x in recording.leads] == [("I", 200), ("II", 200)]
    assert recording.recorded_at == datetime(2024, 3, 5, 10)


def test_units_in_brackets_below_the_names():
    recording = read("Time,Lead I,II\n(ms),(mV),[uV]\n0,1.5,2\n2,2.5,3\n4,1,2\n")
    assert described(recording) == [("I", "Lead I", "mV", True), ("II", "", "uV", True)]
    assert recording.leads[0].sampling_rate_hz == 500


# --- damage -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [bard(), opensignals(), polar(20), labchart()])
def test_damage_is_refused_or_read(text):
    whole, chance = text.encode(), random.Random(3)
    cuts = [whole[: chance.randrange(len(whole))] for _ in range(60)]
    for _ in range(150):
        content = bytearray(whole)
        content[chance.randrange(len(content))] = chance.randrange(256)
        cuts.append(bytes(content))
    for content in filter(None, cuts):
        try:
            recording = read(content)
        except UnreadableFileError as error:
            assert str(error).isprintable() and len(str(error)) < 1500
            continue
        names = [lead.name for lead in recording.leads]
        assert names and len(set(names)) == len(names) and all(name == name.strip() for name in names)

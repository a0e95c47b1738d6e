"""EDF and BDF: exact integers and scales, EDF+ annotations and gaps, the twins of MIT-BIH records, damage."""

from datetime import datetime

import numpy as np
import pytest

from ecg_core.errors import UnreadableFileError
from ecg_core.readers.edf_reader import read_edf, recognizes_bdf, recognizes_edf
from ecg_core.readers.wfdb_reader import read_wfdb
from tests.readers.soundness import check_sound, damaged, read_or_refuse


def padded(value, width):
    return str(value).encode("latin-1").ljust(width)[:width]


def signal(label="ECG II", samples=3, values=(), unit="uV", low=-100, high=100, first=-1000, last=1000):
    return {"label": label, "samples": samples, "values": values, "unit": unit, "low": low, "high": high,
            "first": first, "last": last}  # fmt: skip


def marks(*records, samples=40):
    """An annotation signal: for each record its bytes."""
    return signal("EDF Annotations", samples, records, "", -1, 1, -32768, 32767)


def edf(signals, *, records, duration="1", kind="", width=2, patient="X X X X", recording="", stated=None,
        date="05.03.24", time="14.22.11"):  # fmt: skip
    version = b"0       " if width == 2 else b"\xffBIOSEMI"
    out = version + padded(patient, 80) + padded(recording, 80) + padded(date, 8) + padded(time, 8)
    out += padded(256 * (len(signals) + 1), 8) + padded(kind, 44)
    out += padded(records if stated is None else stated, 8) + padded(duration, 8) + padded(len(signals), 4)
    for name, size in (("label", 16), ("", 80), ("unit", 8), ("low", 8), ("high", 8), ("first", 8),
                       ("last", 8), ("filter", 80), ("samples", 8), ("", 32)):  # fmt: skip
        out += b"".join(padded(one.get(name, ""), size) for one in signals)
    for number in range(records):
        for one in signals:
            if "Annotations" in one["label"]:
                out += one["values"][number].ljust(one["samples"] * width, b"\0")
            else:
                part = one["values"][number * one["samples"] : (number + 1) * one["samples"]]
                out += b"".join((v & (256**width - 1)).to_bytes(width, "little") for v in part)
    return out


@pytest.mark.parametrize("width, extreme", [(2, 2**15), (3, 2**23)])
def test_digital_integers_are_exact(width, extreme):
    values = [0, 1, -1, extreme - 1, -extreme, 7]
    recording = read_edf(edf([signal(values=values)], records=2, width=width))
    check_sound(recording)
    lead = recording.leads[0]
    assert lead.samples.tolist() == values and lead.samples.dtype == (np.int16 if width == 2 else np.int32)
    assert (lead.name, lead.original_name, lead.unit, lead.is_ecg) == ("II", "ECG II", "uV", True)
    assert lead.sampling_rate_hz == 3 and lead.resolution == 0.1 and lead.offset == 0
    assert recording.source_format == ("edf" if width == 2 else "bdf")
    assert recording.recorded_at == datetime(2024, 3, 5, 14, 22, 11)


def test_scales_rates_and_units_of_several_signals():
    signals = [
        signal("ECG I", 3, [1, 2, 3], "mV", "-5.12", "5.115", 0, 2047),
        signal("ABP", 1, [4], "mmHg", 0, 300, 0, 3000),
        signal("Status", 1, [5], "", 0, 0, 0, 1),
        signal("ECG", 0, [], "uV"),
    ]
    leads = read_edf(edf(signals, records=1, duration="0.7")).leads
    assert leads[0].sampling_rate_hz == pytest.approx(30 / 7) and leads[1].sampling_rate_hz == 10 / 7
    assert (leads[0].resolution, leads[0].offset, leads[0].zero_level) == (0.005, -5.12, 1024)
    assert (leads[1].unit, leads[1].is_ecg, leads[1].resolution) == ("mmHg", False, 0.1)
    assert (leads[2].unit, leads[2].is_ecg, leads[2].resolution) == (None, False, 1.0)
    assert len(leads[3].samples) == 0


def test_annotations_and_the_fraction_of_the_start():
    lists = (
        b"+0.25\x14\x14\0+0.5\x14Lights off\x14\0+1.25\x152.5\x14Apnea\x14Desaturation\x14\0",
        b"+1.25\x14\x14\0+0.75\x14\xc3\xa4rger\x14\0",
    )
    signals = [signal(values=range(6)), marks(*lists)]
    recording = read_edf(edf(signals, records=2, kind="EDF+C"))
    check_sound(recording)
    found = [(mark.start_s, mark.text, mark.duration_s) for mark in recording.annotations]
    assert found == [(0.25, "Lights off", None), (0.5, "ärger", None), (1, "Apnea", 2.5),
                     (1, "Desaturation", 2.5)]  # fmt: skip
    assert recording.recorded_at == datetime(2024, 3, 5, 14, 22, 11, 250000)
    assert len(recording.leads) == 1 and recording.leads[0].samples.tolist() == list(range(6))


def interrupted(*onsets, **more):
    lists = [b"+%s\x14\x14" % onset.encode() + b"\0" if onset else b"" for onset in onsets]
    signals = [signal(values=range(3 * len(onsets))), marks(*lists)]
    return read_edf(edf(signals, records=len(onsets), kind="EDF+D", **more))


def test_samples_between_records_are_missing():
    recording = interrupted("10", "13.0", "14")
    check_sound(recording)
    expected = [0, 1, 2, *[np.nan] * 6, 3, 4, 5, 6, 7, 8]
    assert np.array_equal(recording.leads[0].samples, expected, equal_nan=True)
    assert recording.remarks == ("The recording was interrupted; the samples between its parts are missing.",)
    assert interrupted("10", "11").leads[0].samples.tolist() == list(range(6))
    assert interrupted("0", "0.9", "2").leads[0].samples.tolist() == list(range(9))


@pytest.mark.parametrize(
    "onsets, match",
    [
        (("0", "0.2"), "not in the order of time"),
        (("0", ""), "Data record 2 does not state its time"),
        (("0", "999999999"), "most of them missing"),
    ],
)
def test_interruptions_that_cannot_be(onsets, match):
    with pytest.raises(UnreadableFileError, match=match):
        interrupted(*onsets)


def test_patient_recording_and_date():
    def read(**more):
        recording = read_edf(edf([signal(values=range(3))], records=1, **more))
        check_sound(recording)
        return recording

    plus = read(kind="EDF+C", patient="MCH-0234567 F 16-SEP-1987 Haagse_Harry_II x",
                recording="Startdate 05-MAR-2024 PSG-1 NN Telemetry_3 b")  # fmt: skip
    assert plus.patient == {
        "patient id": "MCH-0234567",
        "sex": "F",
        "name": "Haagse Harry II x",
        "birth date": "1987-09-16",
    }
    assert plus.metadata == {"recording id": "PSG-1", "technician": "NN", "equipment": "Telemetry 3 b"}
    assert read(kind="EDF+C").patient == {}
    assert read(kind="EDF+C", recording="Startdate X X X X").recorded_at is None
    assert read(kind="EDF+C", recording="Startdate 05-MAR-2099 X X X").recorded_at.year == 2099
    plain = read(patient="Jane, ward 3", recording="first")
    assert plain.patient == {"patient": "Jane, ward 3"} and plain.metadata == {"recording": "first"}
    assert read(date="01.01.85", time="00.00.00").recorded_at is None
    assert read(date="02.01.85").recorded_at.year == 1985
    assert read(date="31.02.24").recorded_at is None and read(date="").recorded_at is None


def test_numbers_of_records():
    def read(**more):
        return read_edf(edf([signal(values=range(6))], records=2, **more))

    assert "holds 2" in read(stated=-1).remarks[0] and len(read(stated=-1).leads[0].samples) == 6
    assert "6 bytes more" in read(stated=1).remarks[0] and len(read(stated=1).leads[0].samples) == 3
    with pytest.raises(UnreadableFileError, match="holds 2 data records of 6 bytes; its header states 3"):
        read(stated=3)
    assert read(duration="0").leads[0].sampling_rate_hz is None


@pytest.mark.parametrize(
    "more, match",
    [
        ({"low": "a"}, "physical minimum of signal 'ECG II' must be a number"),
        ({"first": "1.5"}, "digital minimum of signal 'ECG II' must be a whole number"),
        ({"samples": -3}, "-3 samples in a data record"),
        ({"samples": 99999999}, "its header states 1"),
    ],
)
def test_headers_that_cannot_be(more, match):
    with pytest.raises(UnreadableFileError, match=match):
        read_edf(edf([signal(values=range(3)) | more], records=1)[:2000])


def test_annotations_without_a_signal_and_no_header():
    with pytest.raises(UnreadableFileError, match="annotations only"):
        read_edf(edf([marks(b"+0\x14\x14\0")], records=1, kind="EDF+C"))
    with pytest.raises(UnreadableFileError, match="header of 256 bytes"):
        read_edf(b"0       ")


def test_recognition():
    good = edf([signal(values=range(3))], records=1)
    wide = edf([signal(values=range(3))], records=1, width=3)
    assert [recognizes_edf(good), recognizes_bdf(good)] == [True, False]
    assert [recognizes_edf(wide), recognizes_bdf(wide)] == [False, True]
    for other in (b"", b"0       ", good[:200], b"0       \n" * 100, b"1" + good[1:]):
        assert not recognizes_edf(other)


def test_damaged_files_are_refused_or_sound():
    lists = [b"+%d\x14\x14\0+%d.5\x151\x14N\x14\0" % (i, i) for i in range(4)]
    for kind, width in (("EDF+C", 2), ("EDF+D", 2), ("BDF+D", 3), ("", 2)):
        data = edf([signal(values=range(12)), marks(*lists)], records=4, kind=kind, width=width)
        assert read_or_refuse(lambda: read_edf(data))  # noqa: B023
        for content in damaged(data, cuts=100, flips=300, within=len(data)):
            recognizes_edf(content)
            read_or_refuse(lambda: read_edf(content))  # noqa: B023


def test_a_long_list_without_ends_is_read_in_linear_time():
    data = edf(
        [signal(values=range(3)), marks(b"+1\x14" * 600_000, samples=1_000_000)], records=1, kind="EDF+C"
    )
    assert read_edf(data).leads[0].samples.tolist() == [0, 1, 2]


def test_what_pyedflib_writes_is_read(tmp_path):
    pyedflib = pytest.importorskip("pyedflib")
    path = str(tmp_path / "x.edf")
    generator = np.random.default_rng(3)
    digital = generator.integers(-32768, 32767, (2, 2500), dtype=np.int32)
    with pyedflib.EdfWriter(path, 2, file_type=pyedflib.FILETYPE_EDFPLUS) as writer:
        headers = [
            {"label": name, "dimension": "mV", "sample_frequency": 250, "physical_min": -3.2768,
             "physical_max": 3.2767, "digital_min": -32768, "digital_max": 32767, "prefilter": "HP:0.05Hz",
             "transducer": "AgCl"} for name in ("ECG V1", "V2")]  # fmt: skip
        writer.setSignalHeaders(headers)
        writer.setStartdatetime(datetime(2021, 5, 6, 7, 8, 9))
        writer.setPatientName("Jane Roe")
        writer.setBirthdate("14.02.1950")
        writer.writeSamples([x.copy() for x in digital], digital=True)
        writer.writeAnnotation(1.5, 2, "noise")
    recording = read_edf((tmp_path / "x.edf").read_bytes())
    check_sound(recording)
    assert all((lead.samples == own).all() for lead, own in zip(recording.leads, digital, strict=True))
    assert [lead.name for lead in recording.leads] == ["V1", "V2"]
    assert recording.leads[0].physical() == pytest.approx(digital[0] / 10000, abs=1e-9)
    assert recording.recorded_at == datetime(2021, 5, 6, 7, 8, 9)
    assert recording.patient["name"] == "Jane Roe" and recording.patient["birth date"] == "1950-02-14"
    assert recording.metadata["filter"] == "HP:0.05Hz" and recording.metadata["transducer"] == "AgCl"
    assert [(x.start_s, x.duration_s, x.text) for x in recording.annotations] == [(1.5, 2.0, "noise")]


@pytest.mark.parametrize("name, record", [("208_edfplus.edf", "208"), ("119.bdf", "119")])
def test_real_files_equal_their_mit_bih_originals(real_data, name, record):
    pyedflib = pytest.importorskip("pyedflib")
    path = real_data / "formats" / "edf" / name
    data = path.read_bytes()
    assert recognizes_edf(data) or recognizes_bdf(data)
    recording = read_edf(data)
    check_sound(recording)
    siblings = {f"{record}.{x}": (real_data / "mitdb" / f"{record}.{x}").read_bytes() for x in ("dat", "atr")}
    twin = read_wfdb((real_data / "mitdb" / f"{record}.hea").read_bytes(), siblings=siblings)
    for lead, other in zip(recording.leads, twin.leads, strict=True):
        length = len(lead.samples)
        assert lead.name == other.name and lead.unit == other.unit and lead.sampling_rate_hz == 360
        assert np.allclose(lead.physical(), other.physical()[:length], rtol=0, atol=1e-9)
    with pyedflib.EdfReader(str(path)) as reader:
        for number, lead in enumerate(recording.leads):
            assert (reader.readSignal(number, digital=True) == lead.samples).all()
        onsets, _, texts = reader.readAnnotations()
    assert [mark.text for mark in recording.annotations] == list(texts)
    assert [mark.start_s for mark in recording.annotations] == pytest.approx(list(onsets))
    if texts.size:
        beats = [mark.start_s for mark in twin.annotations][: len(texts)]
        assert [mark.start_s for mark in recording.annotations] == pytest.approx(beats, abs=1e-4)

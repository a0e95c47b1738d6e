"""DICOM waveforms."""

import io
import time
import tracemalloc
import zlib
from datetime import datetime, timedelta, timezone

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from ecg_core.errors import UnreadableFileError
from ecg_core.readers import ReadOptions
from ecg_core.readers.companding import A_LAW, MU_LAW
from ecg_core.readers.dicom_reader import read_dicom, recognizes_dicom
from tests.readers.cart_files import (
    I_LEAD,
    II_LEAD,
    check_damaged,
    check_sound,
    dicom,
    dicom_annotation,
    dicom_channel,
)


@pytest.mark.parametrize("little", [True, False])
def test_leads_scale_and_time(little):
    content = dicom(little=little)
    assert recognizes_dicom(content)
    recording = read_dicom(content)
    check_sound(recording, "dicom")
    assert [lead.name for lead in recording.leads] == ["I", "II"]
    for lead, counts in zip(recording.leads, (I_LEAD, II_LEAD), strict=True):
        assert np.array_equal(lead.samples, counts) and lead.samples.dtype == np.int16
        assert (lead.unit, lead.resolution, lead.offset, lead.sampling_rate_hz) == ("uV", 2.5, 10.0, 500.0)
    assert recording.recorded_at == datetime(2024, 3, 5, 14, 22, 11)


def test_time_zone_and_patient():
    recording = read_dicom(
        dicom(
            AcquisitionDateTime="20240305142211.5",
            TimezoneOffsetFromUTC="-0330",
            PatientName="Doe^Jane",
            PatientID="17",
            PatientSex="F",
            PatientBirthDate="19700131",
            PatientAge="054Y",
        )
    )
    zone = timezone(-timedelta(hours=3, minutes=30))
    assert recording.recorded_at == datetime(2024, 3, 5, 14, 22, 11, 500_000, zone)
    assert recording.patient == {
        "patient id": "17", "name": "Jane Doe", "sex": "F", "birth date": "1970-01-31", "age": "54",
    }  # fmt: skip


def test_date_alone_is_no_time():
    assert read_dicom(dicom(AcquisitionDateTime="20240305")).recorded_at is None
    assert read_dicom(dicom(AcquisitionDateTime="00010101000000")).recorded_at is None


@pytest.mark.parametrize("bits, kind", [(8, "SB"), (8, "UB"), (16, "SS"), (16, "US"), (32, "SL"), (64, "SV")])
def test_every_kind_of_sample_is_exact(bits, kind):
    top = 2 ** (bits - (0 if kind[0] == "U" else 1)) - 1
    data = np.array([[0, 1], [top, top - 1], [3, 4]], np.int64)
    recording = read_dicom(dicom([{"data": data}], bits=bits, kind=kind))
    assert [lead.samples.tolist() for lead in recording.leads] == data.T.tolist()
    assert all(lead.samples.dtype.kind == "i" for lead in recording.leads)


@pytest.mark.parametrize("kind, table", [("MB", MU_LAW), ("AB", A_LAW)])
def test_companded_samples_are_expanded(kind, table):
    codes = np.arange(256).reshape(128, 2)
    recording = read_dicom(dicom([{"data": codes}], bits=8, kind=kind))
    assert np.array_equal(recording.leads[0].samples, table[codes[:, 0]])
    assert (table[0], table[0x7F], table[0x80], table[0xFF]) == {
        "MB": (-32124, 0, 32124, 0), "AB": (-5504, -848, 5504, 848),
    }[kind]  # fmt: skip


def test_padding_is_missing():
    data = np.stack((I_LEAD, II_LEAD), axis=1)
    data[5, 1] = -32768
    recording = read_dicom(
        dicom([{"data": data, "WaveformPaddingValue": (-32768).to_bytes(2, "little", signed=True)}])
    )
    first, second = recording.leads
    assert first.samples.dtype == np.int16
    assert np.flatnonzero(np.isnan(second.samples)).tolist() == [5]


def test_several_groups_keep_their_rates_and_a_median_beat_is_left_out():
    groups = [
        {"MultiplexGroupLabel": "RHYTHM", "MultiplexGroupTimeOffset": "0"},
        {"SamplingFrequency": "128.5", "MultiplexGroupTimeOffset": "2500"},
        {"MultiplexGroupLabel": "MEDIAN BEAT", "SamplingFrequency": 1000},
    ]
    recording = read_dicom(dicom(groups))
    check_sound(recording, "dicom")
    assert [lead.sampling_rate_hz for lead in recording.leads] == [500, 500, 128.5, 128.5]
    assert len({lead.name for lead in recording.leads}) == 4
    assert any("median beat" in remark for remark in recording.remarks)


def test_a_group_that_begins_later_is_missing_until_then():
    groups = [{"MultiplexGroupTimeOffset": "500"}, {"MultiplexGroupTimeOffset": "1500"}]
    mark = dicom_annotation(
        "QRS Onset", channels=(2, 0), TemporalRangeType="POINT", ReferencedSamplePositions=51
    )
    recording = read_dicom(dicom(groups, annotations=[mark]))
    assert np.array_equal(recording.leads[0].samples, I_LEAD)
    late = recording.leads[2].samples
    assert np.isnan(late[:500]).all() and np.array_equal(late[500:], I_LEAD)
    assert recording.annotations[0].start_s == 1.1


def test_a_group_that_begins_impossibly_late_is_shown_from_the_start():
    groups = [{"MultiplexGroupTimeOffset": "0"}, {"MultiplexGroupTimeOffset": "1e9"}]
    recording = read_dicom(dicom(groups))
    assert [len(lead.samples) for lead in recording.leads] == [500] * 4
    assert any("1e+06 s apart" in remark for remark in recording.remarks)


def test_a_median_beat_alone_is_shown():
    assert len(read_dicom(dicom([{"MultiplexGroupLabel": "MEDIAN BEAT"}])).leads) == 2


def test_a_channel_of_another_kind():
    channel = dicom_channel(1)
    channel.ChannelSourceSequence[0].CodeValue = "109053"
    channel.ChannelSourceSequence[0].CodeMeaning = "Arterial pressure"
    channel.ChannelSensitivityUnitsSequence[0].CodeValue = "mm[Hg]"
    groups = [{"data": I_LEAD[:, None], "ChannelDefinitionSequence": [channel]}]
    (lead,) = read_dicom(dicom(groups)).leads
    assert (lead.name, lead.unit, lead.is_ecg) == ("Arterial pressure", "mm[Hg]", False)


def test_without_sensitivity_a_lead_is_in_counts():
    channel = dicom_channel(1)
    del channel.ChannelSensitivity
    (lead,) = read_dicom(dicom([{"data": I_LEAD[:, None], "ChannelDefinitionSequence": [channel]}])).leads
    assert (lead.unit, lead.resolution, lead.offset) == (None, 1.0, 0.0)


def test_annotations_measurements_and_statements():
    statement = Dataset()
    statement.UnformattedTextValue = "Sinus rhythm"
    recording = read_dicom(
        dicom(
            annotations=[
                dicom_annotation("T Wave", TemporalRangeType="SEGMENT", ReferencedSamplePositions=[101, 151]),
                dicom_annotation(
                    "QRS Onset", channels=(1, 2), TemporalRangeType="POINT", ReferencedSamplePositions=51
                ),
                dicom_annotation("Event", TemporalRangeType="POINT", ReferencedTimeOffsets="0.7"),
                dicom_annotation("Elsewhere", channels=(9, 0), ReferencedSamplePositions=5),
                dicom_annotation("QRS Duration", unit="ms", NumericValue="92"),
                dicom_annotation("P Axis", unit="deg", NumericValue="0"),
                dicom_annotation("PP Interval", unit="ms", NumericValue="0"),
                statement,
            ]
        )
    )
    check_sound(recording, "dicom")
    marks = [(mark.text, mark.start_s, mark.duration_s, mark.lead) for mark in recording.annotations]
    assert marks == [("QRS Onset", 0.1, None, "II"), ("T Wave", 0.2, 0.1, ""), ("Event", 0.7, None, "")]
    assert recording.device == {"QRS Duration": "92 ms", "P Axis": "0°", "statement 1": "Sinus rhythm"}
    assert any(remark.startswith("1 marks") for remark in recording.remarks)


@pytest.mark.parametrize(
    "content, reason",
    [
        (dicom([{"NumberOfWaveformSamples": 10**9}]), "need 4,000,000,000"),
        (dicom([{"NumberOfWaveformChannels": 0}]), "0 channels"),
        (dicom([{"SamplingFrequency": "0"}]), "sampling frequency must be greater than 0"),
        (dicom([{"WaveformBitsAllocated": 24}]), "24 bits"),
        (dicom([]), "without waveforms"),
        (dicom()[:1000], "cannot be read|has|without"),
        (dicom().replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.1.99"), "deflate"),
    ],
)
def test_impossible_files(content, reason):
    began = time.perf_counter()
    with pytest.raises(UnreadableFileError, match=reason):
        read_dicom(content)
    assert time.perf_counter() - began < 1


def deflated(content, *, level=6, pad=b"", twice=False):
    """The file with its data set as a raw deflate stream, as pydicom writes it too."""
    end = 132 + 12 + int.from_bytes(content[140:144], "little")
    packer = zlib.compressobj(level, wbits=-zlib.MAX_WBITS)
    body = content[end:]
    if twice:
        body = syntax_element(b"1.2.840.10008.1.2.1.99") + body
    return meta_of(b"1.2.840.10008.1.2.1.99") + packer.compress(body) + packer.flush() + pad


def syntax_element(name):
    return b"\2\0\x10\0UI" + len(name).to_bytes(2, "little") + name


def meta_of(name):
    version = b"\2\0\1\0OB\0\0\2\0\0\0\0\1"
    rest = version + syntax_element(name)
    return bytes(128) + b"DICM" + b"\2\0\0\0UL\4\0" + len(rest).to_bytes(4, "little") + rest


@pytest.mark.parametrize("level, pad", [(0, b""), (6, b"\0"), (9, b"")])
def test_deflated_files(level, pad):
    content = dicom(PatientName="Doe^Jane")
    recording = read_dicom(deflated(content, level=level, pad=pad))
    check_sound(recording, "dicom")
    assert np.array_equal(recording.leads[0].samples, I_LEAD)
    assert np.array_equal(recording.leads[1].samples, II_LEAD)
    assert recording.patient == {"name": "Jane Doe"}


def test_deflated_files_of_another_writer(tmp_path):
    dataset = pydicom.dcmread(io.BytesIO(dicom()))
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.DeflatedExplicitVRLittleEndian
    dataset.save_as(tmp_path / "deflated.dcm", enforce_file_format=True)
    recording = read_dicom((tmp_path / "deflated.dcm").read_bytes())
    assert np.array_equal(recording.leads[1].samples, II_LEAD)


def test_the_real_file_deflated(real_data):
    (path,) = (real_data / "formats/dicom").glob("*.dcm")
    plain = read_dicom(path.read_bytes())
    found = read_dicom(deflated(path.read_bytes()))
    assert len(found.leads) == len(plain.leads)
    for lead, original in zip(found.leads, plain.leads, strict=True):
        assert np.array_equal(lead.samples, original.samples)
    assert found.patient == plain.patient and found.annotations == plain.annotations


def bomb(size):
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    piece = bytes(1_000_000)
    packed = b"".join(packer.compress(piece) for _ in range(size // len(piece)))
    return meta_of(b"1.2.840.10008.1.2.1.99") + packed + packer.flush()


@pytest.mark.parametrize(
    "content, reason",
    [
        (deflated(dicom())[:-20], "cut off"),
        (meta_of(b"1.2.840.10008.1.2.1.99"), "cut off"),
        (meta_of(b"1.2.840.10008.1.2.1.99") + b"\xff" * 50, "damaged"),
        (deflated(dicom(), twice=True), "twice"),
        (dicom(PatientID="1.2.840.10008.1.2.1.99"), "not where its header"),
        (bomb(100_000_000), "grows beyond"),
    ],
)
def test_impossible_deflated_files(content, reason):
    tracemalloc.start()
    with pytest.raises(UnreadableFileError, match=reason):
        read_dicom(content)
    assert tracemalloc.get_traced_memory()[1] < 60_000_000
    tracemalloc.stop()


def test_damaged_deflated():
    small = dicom([{"data": np.stack((I_LEAD, II_LEAD), axis=1)[:8]}])
    check_damaged(deflated(small), read_dicom, "dicom", flips=300)


def test_an_image_is_named_for_what_it_is():
    with pytest.raises(UnreadableFileError, match="CT Image"):
        read_dicom(dicom([], SOPClassUID="1.2.840.10008.5.1.4.1.1.2"))


def test_damaged():
    small = dicom(
        [{"data": np.stack((I_LEAD, II_LEAD), axis=1)[:8]}],
        annotations=[dicom_annotation("QRS Duration", unit="ms", NumericValue="92")],
        PatientName="Doe^Jane",
    )
    check_damaged(small, read_dicom, "dicom", flips=600)


def test_a_persons_rate_and_unit_win():
    recording = read_dicom(dicom(), options=ReadOptions(sampling_rate_hz=128, unit="mV"))
    assert {(lead.sampling_rate_hz, lead.unit) for lead in recording.leads} == {(128.0, "mV")}


def test_the_real_file_equals_what_pydicom_makes_of_it(real_data, capsys):
    content = (real_data / "formats/dicom/pydicom_waveform_ecg.dcm").read_bytes()
    recording = read_dicom(content)
    check_sound(recording, "dicom")
    physical = pydicom.dcmread(io.BytesIO(content)).waveform_array(0)
    assert [lead.name for lead in recording.leads] == [
        "I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6",
    ]  # fmt: skip
    for lead, signal in zip(recording.leads, physical.T, strict=True):
        assert len(lead.samples) == 10_000 and np.array_equal(lead.physical(), signal)
        assert (lead.unit, lead.resolution, lead.sampling_rate_hz) == ("uV", 1.25, 1000.0)
    leads = {lead.name: lead.physical() for lead in recording.leads}
    assert np.abs(leads["II"] - leads["I"] - leads["III"]).max() <= 2 * 1.25
    assert recording.device["QRS Duration"] == "75 ms"
    assert recording.annotations[0].text == "P Onset" and recording.annotations[0].start_s == 0.298
    assert len(recording.annotations) == 66
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("content", [b"", b"DICM", b"\0" * 200, b"I,II\n1,2\n" * 50])
def test_other_files_are_not_taken_for_it(content):
    assert not recognizes_dicom(content)

"""ISHNE Holter files and MFER."""

import struct
import time
from datetime import datetime

import numpy as np
import pytest

from ecg_core.errors import UnreadableFileError
from ecg_core.readers import ReadOptions
from ecg_core.readers.ishne_reader import read_ishne, recognizes_ishne
from ecg_core.readers.mfer_reader import read_mfer, recognizes_mfer
from tests.readers.cart_files import I_LEAD, II_LEAD, check_damaged, check_sound, ishne, mfer

WHEN = datetime(2024, 3, 5, 14, 22, 11)


# --- ISHNE ------------------------------------------------------------------------------------------


def test_ishne_leads_scale_and_header():
    recording = read_ishne(ishne(text=b"all well\0"))
    check_sound(recording, "ishne")
    first, second = recording.leads
    assert [lead.name for lead in recording.leads] == ["channel 1", "II"]
    assert np.array_equal(first.samples, I_LEAD) and np.array_equal(second.samples, II_LEAD)
    assert (first.unit, first.resolution, second.resolution, first.sampling_rate_hz) == (
        "uV",
        5.0,
        2.5,
        250.0,
    )
    assert recording.recorded_at == WHEN
    assert recording.patient == {"name": "Jane", "sex": "F"}
    assert recording.metadata["comment"] == "all well"
    assert recording.remarks == ()


def test_ishne_unknown_lead_is_not_taken_for_lead_one():
    leads = read_ishne(ishne(codes=(1, 5))).leads
    assert [lead.name for lead in leads] == ["channel 1", "I"]


def test_ishne_fault_samples_are_missing():
    counts = np.stack((I_LEAD, II_LEAD))
    counts[1, 3] = -32768
    lead = read_ishne(ishne(counts=counts)).leads[1]
    assert np.flatnonzero(np.isnan(lead.samples)).tolist() == [3]
    assert np.array_equal(np.delete(lead.samples, 3), np.delete(counts[1], 3))


def test_ishne_without_a_resolution_is_in_counts():
    lead = read_ishne(ishne(resolutions=(0, -1))).leads[0]
    assert (lead.unit, lead.resolution) == (None, 1.0)


def test_ishne_wrong_checksum_and_cut_frame_are_remarks():
    content = bytearray(ishne())
    content[40] ^= 1
    remarks = read_ishne(bytes(content[:-3])).remarks
    assert any("checksum" in remark for remark in remarks) and any(
        "last 1 bytes" in remark for remark in remarks
    )


@pytest.mark.parametrize(
    "at, code, value, reason",
    [(10, "<i", -1, "-1 bytes of text"), (10, "<i", 2**31 - 1, "bytes of text"), (156, "<h", 13, "13 leads"),
     (156, "<h", 0, "0 leads"), (272, "<h", 0, "sampling rate"), (272, "<h", -5, "sampling rate")],
)  # fmt: skip
def test_ishne_impossible_header(at, code, value, reason):
    content = bytearray(ishne())
    struct.pack_into(code, content, at, value)
    with pytest.raises(UnreadableFileError, match=reason):
        read_ishne(bytes(content))


def test_ishne_damaged():
    check_damaged(ishne(), read_ishne, "ishne", flips=300)
    header = ishne()[:530]
    check_damaged(header, read_ishne, "ishne", flips=300)


def test_ishne_equals_the_mit_bih_record_it_was_written_from(real_data):
    content = (real_data / "formats/ishne/119_ishne.ecg").read_bytes()
    assert recognizes_ishne(content)
    began = time.perf_counter()
    recording = read_ishne(content)
    assert time.perf_counter() - began < 0.5
    check_sound(recording, "ishne")
    # Format 212: two samples of twelve bits in three bytes.
    packed = np.fromfile(real_data / "mitdb/119.dat", np.uint8).reshape(-1, 3).astype(np.int16)
    original = np.stack((packed[:, 0] | (packed[:, 1] & 15) << 8, packed[:, 2] | (packed[:, 1] >> 4) << 8))
    original = np.where(original > 2047, original - 4096, original) - 1024
    for lead, counts in zip(recording.leads, original, strict=True):
        assert np.array_equal(lead.samples, counts)
        assert (lead.unit, lead.resolution, lead.sampling_rate_hz) == ("uV", 5.0, 360.0)  # 200 counts per mV
    assert [lead.name for lead in recording.leads] == ["channel 1", "V1"]


# --- MFER -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["little", "big"])
def test_mfer_leads_scale_and_header(order):
    content = mfer(order=order)
    assert recognizes_mfer(content) and not recognizes_ishne(content)
    recording = read_mfer(content)
    check_sound(recording, "mfer")
    assert [lead.name for lead in recording.leads] == ["I", "II"]
    assert np.array_equal(recording.leads[0].samples, I_LEAD)
    assert np.array_equal(recording.leads[1].samples, II_LEAD)
    assert recording.leads[0].samples.dtype == np.int16
    assert [(lead.unit, lead.resolution, lead.sampling_rate_hz) for lead in recording.leads] == [
        ("uV", 1.25, 250.0)
    ] * 2
    assert recording.recorded_at == WHEN
    assert recording.patient == {"patient id": "4711", "sex": "F"}


def test_mfer_fractional_rate_is_kept():
    assert read_mfer(mfer(interval=(1, -6, 2778))).leads[0].sampling_rate_hz == pytest.approx(1e6 / 2778)
    assert read_mfer(mfer(interval=(0, -1, 1285))).leads[0].sampling_rate_hz == pytest.approx(128.5)


def test_mfer_null_counts_are_missing():
    data = np.stack((I_LEAD, II_LEAD), axis=1)
    data[7, 0] = -32768
    first, second = read_mfer(mfer(data=data)).leads
    assert np.flatnonzero(np.isnan(first.samples)).tolist() == [7]
    assert second.samples.dtype == np.int16


def test_mfer_an_event_is_an_annotation():
    event = struct.pack("<HII", 300, 250, 125) + b"AF"
    (mark,) = read_mfer(mfer(extra=bytes([0x41, len(event)]) + event)).annotations
    assert (mark.start_s, mark.duration_s, mark.text) == (1.0, 0.5, "AF")


def test_mfer_a_pressure_keeps_its_unit():
    own = bytes([0x09, 2]) + struct.pack("<H", 143) + bytes([0x0C, 4, 1, 0xFF]) + struct.pack("<H", 5)
    lead = read_mfer(mfer(extra=b"\x3f\x01" + bytes([len(own)]) + own)).leads[1]
    assert (lead.unit, lead.resolution, lead.is_ecg, lead.name) == ("mmHg", 0.5, False, "Blood pressure")


@pytest.mark.parametrize(
    "content",
    [b"", b"\x40", b"I,II\n1,2\n", b"AB,C\n" * 1000, b"\0" * 5000, b"{}", "I;II\n1;2".encode("utf-16"),
     b"time\tI\n0\t1\n" * 9, bytes(range(256)) * 16, b"\t\t\t\n\n\n" * 900],
)  # fmt: skip
def test_mfer_is_not_seen_in_other_files(content):
    assert not recognizes_mfer(content)


@pytest.mark.parametrize(
    "content, reason",
    [
        (mfer(channels=2**31 - 1), "channels"),
        (b"\x40\x04MFR " + b"\x67\x84\x7f\xff\xff\xff" * 10, "definition|deep"),
        (b"\x40\x20MFR " + bytes(28) + b"\x67\x80" * 5000, "deep|open end"),
        (b"\x40\x20MFR " + bytes(28) + b"\x04\0" * 300_000, "more than 200,000 definitions"),
        (b"\x40\x20MFR " + bytes(28) + b"\x05\x02\x03\xe8" + b"\x1e\x02\0\0" * 5000, "pieces"),
        (mfer()[:-500], "ends within"),
    ],
)
def test_mfer_hostile(content, reason):
    began = time.perf_counter()
    with pytest.raises(UnreadableFileError, match=reason):
        read_mfer(content)
    assert time.perf_counter() - began < 2


def test_mfer_damaged():
    check_damaged(mfer(), read_mfer, "mfer", flips=100)
    small = mfer(data=np.stack((I_LEAD, II_LEAD), axis=1)[:5])
    check_damaged(small, read_mfer, "mfer", flips=500)


@pytest.mark.parametrize("read, content", [(read_ishne, ishne()), (read_mfer, mfer())])
def test_a_persons_rate_and_unit_win(read, content):
    recording = read(content, options=ReadOptions(sampling_rate_hz=128, unit="mV"))
    assert {(lead.sampling_rate_hz, lead.unit) for lead in recording.leads} == {(128.0, "mV")}

"""SCP-ECG."""

import struct
import time
from datetime import datetime

import numpy as np
import pytest

from ecg_core.errors import UnreadableFileError
from ecg_core.readers import ReadOptions
from ecg_core.readers.aecg_reader import read_aecg
from ecg_core.readers.scp_reader import read_scp, recognizes_scp
from tests.readers.cart_files import (
    I_LEAD,
    II_LEAD,
    RNG,
    check_damaged,
    check_sound,
    differences,
    huffman_bits,
    scp,
    scp_sections,
)


def by_name(recording):
    return {lead.name: lead for lead in recording.leads}


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("huffman", [False, True])
def test_every_coding_gives_the_counts_back(order, huffman):
    content = scp(scp_sections(order=order, huffman=huffman))
    assert recognizes_scp(content)
    recording = read_scp(content)
    check_sound(recording, "scp")
    leads = by_name(recording)
    assert np.array_equal(leads["I"].samples, I_LEAD) and np.array_equal(leads["II"].samples, II_LEAD)
    assert (leads["I"].unit, leads["I"].resolution, leads["I"].sampling_rate_hz) == ("uV", 2.5, 500.0)
    assert list(leads) == ["I", "II", "III", "aVR", "aVL", "aVF"]
    assert np.array_equal(leads["III"].samples, II_LEAD - I_LEAD) and leads["III"].is_derived
    assert recording.remarks == ()


def test_a_step_beyond_16_bits_wraps_as_the_writer_did():
    lead = np.array([0, 32767, -32768, 32767, 5], np.int16)
    for order in (1, 2):
        found = read_scp(scp(scp_sections(order=order, huffman=True, counts=(lead,), codes=(3,))))
        assert found.leads[0].samples.tolist() == lead.tolist()


def test_a_lead_of_more_than_32767_samples():
    long = RNG.integers(-2000, 2000, 100_000).astype(np.int16)
    for huffman in (False, True):
        sections = scp_sections(counts=(long, I_LEAD), codes=(3, 4), huffman=huffman)
        recording = read_scp(scp(sections))
        assert np.array_equal(by_name(recording)["V1"].samples, long)
        assert np.array_equal(by_name(recording)["V2"].samples, I_LEAD)


def test_a_fractional_rate_comes_from_the_interval():
    sections = scp_sections()
    sections[6] = struct.pack("<HHBB", 0, 2778, 0, 0) + sections[6][6:]
    lead = read_scp(scp(sections)).leads[0]
    assert lead.sampling_rate_hz == pytest.approx(1e6 / 2778)
    assert (lead.unit, lead.resolution) == (None, 1.0)  # no amplitude of a count is stated


def test_leads_that_begin_later_are_missing_until_then():
    leads = by_name(read_scp(scp(scp_sections(codes=(3, 4), starts=[1, 301]))))
    assert np.isnan(leads["V2"].samples[:300]).all()
    assert np.array_equal(leads["V2"].samples[300:], II_LEAD)
    assert np.array_equal(leads["V1"].samples, I_LEAD)


def test_the_reference_beat_is_put_back():
    beat = np.arange(100, 0, -1).astype(np.int16)  # 200 ms at 500 Hz, fiducial at sample 40 of it
    left = I_LEAD.astype(np.int64).copy()
    sections = scp_sections(counts=(I_LEAD,), codes=(3,), flags=0x0D)
    for center in (150, 350):
        begin = center - 40  # index of the beat's first sample
        left[begin : begin + 100] -= 2 * beat
    sections[6] = struct.pack("<HHBBH", 2500, 2000, 0, 0, 1000) + left.astype("<i2").tobytes()
    sections[5] = struct.pack("<HHBBH", 5000, 2000, 0, 0, 200) + beat.astype("<i2").tobytes()
    zones = b"".join(struct.pack("<HIII", 0, c - 39, c, c + 60) for c in (150, 350))
    sections[4] = struct.pack("<HHH", 200, 40, 2) + zones
    lead = read_scp(scp(sections)).leads[0]
    assert np.array_equal(lead.samples, I_LEAD) and lead.resolution == 2.5


def bimodal(leads, areas, *, factor=4, order=0, huffman=False, starts=None, beat=None, centers=()):
    """Sections of leads that are stored as means of ``factor`` samples outside the areas.

    With a reference beat, it is subtracted around the centers first.
    """
    starts = starts or [1] * len(leads)
    packed = []
    for start, lead in zip(starts, leads, strict=True):
        lead = lead.astype(np.int64).copy()
        for center in centers:
            lead[center - 40 : center + 60] -= beat
        values, at = [], 0
        while at < len(lead):
            if any(first <= at + start <= last for first, last in areas):
                values.append(lead[at])
                at += 1
            else:
                values.append(round(lead[at : at + factor].mean()))
                at += factor
        values = np.array(values)
        values = differences(values, order) if order else values
        packed.append(huffman_bits(values) if huffman else values.astype("<i2").tobytes())
    sections = scp_sections(counts=leads, codes=range(3, 3 + len(leads)), starts=starts, huffman=huffman)
    sizes = b"".join(struct.pack("<H", len(data)) for data in packed)
    sections[6] = struct.pack("<HHBB", 2500, 2000 * factor, order, 1) + sizes + b"".join(packed)
    zones = [(0, c - 39, c, c + 60) for c in centers] or [(1, 0, 0, 0)] * len(areas)
    sections[4] = struct.pack("<HHH", 200, 40, len(areas))
    sections[4] += b"".join(struct.pack("<HIII", *zone) for zone in zones)
    sections[4] += b"".join(struct.pack("<II", *area) for area in areas)
    stored = np.zeros(100) if beat is None else beat
    body = (huffman_bits(stored.astype(int)) if huffman else stored.astype("<i2").tobytes()) * len(leads)
    size = struct.pack("<H", len(body) // len(leads)) * len(leads)
    sections[5] = struct.pack("<HHBB", 2500, 2000, 0, 0) + size + body
    if beat is not None:
        sections[3] = sections[3][:1] + b"\x0d" + sections[3][2:]
    return sections


AREAS = ((41, 80), (241, 300))
SLOW = np.round(800 * np.sin(np.arange(500) / 40)).astype(np.int16)


@pytest.mark.parametrize("factor", [2, 4])
@pytest.mark.parametrize("order, huffman", [(0, False), (1, True), (2, True)])
def test_bimodal_compression(factor, order, huffman):
    lead = SLOW.copy()
    for first, last in AREAS:
        lead[first - 1 : last] = I_LEAD[first - 1 : last]
    content = scp(bimodal((lead, SLOW), AREAS, factor=factor, order=order, huffman=huffman))
    recording = read_scp(content)
    check_sound(recording, "scp")
    (remark,) = recording.remarks
    assert {2: "half", 4: "a quarter"}[factor] in remark and "interpolated" in remark
    for found, original in zip(recording.leads, (lead, SLOW), strict=True):
        assert (found.sampling_rate_hz, found.resolution, found.unit) == (500, 2.5, "uV")
        assert len(found.samples) == 500
        for first, last in AREAS:
            assert np.array_equal(found.samples[first - 1 : last], original[first - 1 : last])
        # A level beginning and end of each stretch, and half a sample of delay.
        assert np.max(np.abs(found.samples.astype(int) - original)) <= 20 * factor


def test_means_between_the_areas_are_joined_by_straight_lines():
    lead = np.repeat(np.array([0, 40, 0], np.int16), 4)
    found = read_scp(scp(bimodal((lead,), ()))).leads[0]
    assert found.samples.tolist() == [0, 0, 0, 10, 20, 30, 40, 30, 20, 10, 0, 0]


def test_bimodal_leads_that_begin_later_within_an_area():
    leads = by_name(read_scp(scp(bimodal((SLOW, I_LEAD[:200]), AREAS, starts=[1, 61]))))
    assert np.isnan(leads["V2"].samples[:60]).all() and len(leads["V2"].samples) == 260
    assert np.array_equal(leads["V2"].samples[60:80], I_LEAD[:20])
    assert np.array_equal(leads["V2"].samples[240:260], I_LEAD[180:200])


def test_samples_at_the_end_that_fill_no_mean_are_left_off():
    sections = bimodal((SLOW[:498],), AREAS)
    assert len(read_scp(scp(sections)).leads[0].samples) == 496


def test_bimodal_compression_of_what_the_reference_beat_leaves():
    beat = np.round(900 * np.hanning(100)).astype(np.int64)
    lead = SLOW.astype(np.int64)
    centers = (61, 271)  # indices; the beat is 40 samples before them
    for center in centers:
        lead[center - 40 : center + 60] += beat
    sections = bimodal((lead.astype(np.int16),), AREAS, beat=beat, centers=centers, huffman=True)
    found = read_scp(scp(sections)).leads[0]
    assert np.max(np.abs(found.samples - lead)) <= 80
    for first, last in AREAS:
        assert np.array_equal(found.samples[first - 1 : last], lead[first - 1 : last])


def changed(number, at, code, *values):
    sections = bimodal((SLOW,), AREAS)
    body = bytearray(sections[number])
    struct.pack_into(code, body, at, *values)
    return scp(sections | {number: bytes(body)})


@pytest.mark.parametrize(
    "content, reason",
    [
        (changed(6, 2, "<H", 16000), "16,000 µs"),
        (changed(6, 2, "<H", 9000), "9,000 µs"),
        (changed(5, 2, "<H", 0), "from 0 µs"),
        (changed(4, 4, "<H", 60000), "60,000 beats"),
        (changed(4, 34, "<II", 43, 80), "Samples 1 to 42 .* no multiple of 4"),
        (changed(4, 34, "<II", 41, 250), "overlap"),
        (scp({k: v for k, v in bimodal((SLOW,), AREAS).items() if k != 5}), "section 5"),
        (scp({k: v for k, v in bimodal((SLOW,), AREAS).items() if k != 4}), "section 4"),
        (scp(bimodal((SLOW[:3],), ())), "fewer than 4"),
    ],
)
def test_impossible_bimodal_records(content, reason):
    with pytest.raises(UnreadableFileError, match=reason):
        read_scp(content)


def test_a_bimodal_flag_without_decimation_changes_nothing():
    sections = bimodal((I_LEAD,), AREAS, factor=1)
    recording = read_scp(scp(sections))
    assert np.array_equal(recording.leads[0].samples, I_LEAD) and recording.remarks == ()


def test_many_areas_of_many_leads_are_read_in_time():
    areas = [(8 * k + 1, 8 * k + 4) for k in range(1000)]
    sections = bimodal((np.zeros(8000, np.int16),), areas)
    lead = struct.pack("<IIB", 1, 8000, 3)
    sections[3] = bytes([255, 0x14]) + 255 * lead
    sections[6] = sections[6][:6] + 255 * sections[6][6:8] + 255 * sections[6][8:]
    began = time.perf_counter()
    assert len(read_scp(scp(sections)).leads) == 255
    assert time.perf_counter() - began < 10


def test_damaged_bimodal():
    check_damaged(scp(bimodal((SLOW[:120],), AREAS[:1])), read_scp, "scp", flips=400)


def test_own_huffman_tables_and_a_change_between_them():
    # Table 1: 0 -> value 7, 10 -> four bits more, 11 -> go to table 2. Table 2: 1 -> value -1, 0 -> back.
    codes = [
        [(1, 1, 1, 7, 0b0), (2, 6, 1, 0, 0b01), (2, 2, 0, 2, 0b11)],
        [(1, 1, 1, -1, 0b1), (1, 1, 0, 1, 0b0)],
    ]
    tables = b"".join(
        struct.pack("<H", len(rows)) + b"".join(struct.pack("<BBBhI", *row) for row in rows) for rows in codes
    )
    bits = "0" + "10" + "1101" + "11" + "1" + "1" + "0" + "0"
    data = int(bits.ljust(16, "0"), 2).to_bytes(2, "big")
    sections = scp_sections(counts=(np.zeros(5, np.int16),), codes=(3,))
    sections[2] = struct.pack("<H", 2) + tables
    sections[6] = struct.pack("<HHBBH", 2500, 2000, 0, 0, 2) + data
    assert read_scp(scp(sections)).leads[0].samples.tolist() == [7, -3, -1, -1, 7]


def test_patient_and_measurements():
    def tag(number, value):
        return struct.pack("<BH", number, len(value)) + value

    about = tag(0, b"Doe\0") + tag(1, b"Jane\0") + tag(2, b"17\0") + tag(8, b"\2")
    about += tag(25, struct.pack("<HBB", 2024, 3, 5)) + tag(26, bytes([14, 22, 11])) + tag(255, b"")
    recording = read_scp(scp(scp_sections() | {1: about}))
    assert recording.patient == {"patient id": "17", "name": "Jane Doe", "sex": "F"}
    assert recording.recorded_at == datetime(2024, 3, 5, 14, 22, 11)


def test_a_damaged_section_beside_the_signal_does_not_cost_it():
    recording = read_scp(scp(scp_sections() | {7: b"\xff\xff\0\0\0\0"}))
    assert np.array_equal(recording.leads[0].samples, I_LEAD)
    assert any("partly left out" in remark for remark in recording.remarks)


def test_a_wrong_checksum_is_a_remark():
    content = bytearray(scp(scp_sections()))
    content[-1] ^= 1
    recording = read_scp(bytes(content))
    assert any("section 6" in remark for remark in recording.remarks)


def with_(number, at, code, *values):
    sections = scp_sections()
    body = bytearray(sections[number])
    struct.pack_into(code, body, at, *values)
    return scp(sections | {number: bytes(body)})


@pytest.mark.parametrize(
    "content, reason",
    [
        (with_(3, 6, "<I", 2**32 - 1), "from sample 1 to"),
        (with_(3, 2, "<II", 5, 4), "from sample 5 to 4"),
        (with_(3, 0, "<B", 200), "200 leads"),
        (with_(6, 2, "<H", 0), "sampling interval"),
        (with_(6, 4, "<B", 3), "order 3"),
        (with_(6, 5, "<B", 1), "bimodal.* section 5"),
        (with_(6, 6, "<H", 65535), "bytes"),
        (scp(scp_sections())[:-10], "states"),
        (scp({3: b"\1\4" + struct.pack("<IIB", 1, 5, 1), 12: bytes(50)}), "section 12"),
        (scp({3: b"\1\4" + struct.pack("<IIB", 1, 5, 1)}), "no section 6"),
        (scp(scp_sections() | {2: struct.pack("<HH", 1, 65535)}), "Huffman table 1"),
        (scp(scp_sections(huffman=True) | {3: b"\1\4" + struct.pack("<IIB", 1, 9_000_000, 1)}), "hold"),
    ],
)
def test_impossible_records(content, reason):
    began = time.perf_counter()
    with pytest.raises(UnreadableFileError, match=reason):
        read_scp(content)
    assert time.perf_counter() - began < 1


def test_damaged():
    check_damaged(scp(scp_sections(huffman=True, order=2)), read_scp, "scp", flips=200)
    few = (I_LEAD[:9], II_LEAD[:9])
    check_damaged(scp(scp_sections(counts=few)), read_scp, "scp", flips=600)


def test_the_longest_huffman_data_is_decoded_in_time():
    flat = np.zeros(500_000, np.int16)
    content = scp(scp_sections(huffman=True, counts=(flat,) * 4, codes=(3, 4, 5, 6)))
    began = time.perf_counter()
    assert len(read_scp(content).leads[0].samples) == 500_000
    assert time.perf_counter() - began < 4
    assert len(huffman_bits([0] * 16)) == 2


def test_a_persons_rate_and_unit_win():
    recording = read_scp(scp(scp_sections()), options=ReadOptions(sampling_rate_hz=128, unit="mV"))
    assert {(lead.sampling_rate_hz, lead.unit) for lead in recording.leads} == {(128.0, "mV")}


def test_the_real_record_equals_the_aecg_of_the_same_ecg(real_data):
    content = (real_data / "formats/scp-ecg/ecgtoolkit_Example.scp").read_bytes()
    recording = read_scp(content)
    check_sound(recording, "scp")
    twins = by_name(read_aecg((real_data / "formats/hl7-aecg/fda_subject1_0.xml").read_bytes()))
    assert len(recording.leads) == 12 and recording.remarks == ()
    for lead in recording.leads:
        assert np.array_equal(lead.samples, twins[lead.name].samples) and len(lead.samples) == 5000
        assert (lead.resolution, lead.unit) == (2.5, "uV") and lead.sampling_rate_hz == 500
    assert recording.recorded_at == datetime(2002, 11, 22, 9, 10)
    assert recording.device["QRS axis"] == "-61°"


def test_the_heal_force_file_is_refused_with_the_true_reason(real_data):
    content = (real_data / "formats/scp-ecg/healforce_62.SCP").read_bytes()
    assert recognizes_scp(content)
    with pytest.raises(UnreadableFileError, match="Heal Force"):
        read_scp(content)


@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"I,II\n1,2\n" * 20, bytes(range(256))])
def test_other_files_are_not_taken_for_it(content):
    assert not recognizes_scp(content)

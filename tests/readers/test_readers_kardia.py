"""ATC files written here as AliveCor's specification 1.7 lays them out; there is no public recording."""

import random
import struct
import zlib
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest

from ecg_core.errors import UnreadableFileError
from ecg_core.readers import ReadOptions
from ecg_core.readers.kardia_reader import read_kardia, recognizes_kardia

NAMES = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]
IDS = [b"ecg ", *(b"ecg%d" % number for number in range(2, 10)), b"ecga", b"ecgb", b"ecgc"]
SAMPLES = np.array([0, -297, 393, 4893, -32768, 32767], "<i2")


def block(name, body, checksum=None):
    head = name + struct.pack("<I", len(body)) + body
    return head + struct.pack("<I", sum(head) if checksum is None else checksum(head))


def info(date=b"2010-12-08T15:54:23.245+10:00", device=b"SN=AC6L100010,BAT=85"):
    fields = ((date, 32), (b"58E0A7D7", 40), (b"", 44), (b"iPhone 4", 32), (b"AliveECG 1.6.7", 32),
              (b"triangle\x07 hw1", 32), (device, 52))  # fmt: skip
    return block(b"info", b"".join(text.ljust(length, b"\x00") for text, length in fields))


def form(rate=300, resolution=500, flags=4 + 2 + 16, kind=1):
    return block(b"fmt ", struct.pack("<BHHBH", kind, rate, resolution, flags, 0))


def ecg(number=0, samples=SAMPLES, **more):
    return block(IDS[number], np.asarray(samples, "<i2").tobytes(), **more)


def atc(*blocks, version=4):
    return b"ALIVE\x00\x00\x00" + struct.pack("<I", version) + b"".join(blocks)


def refusal(data):
    with pytest.raises(UnreadableFileError) as caught:
        read_kardia(data)
    return str(caught.value)


def test_one_lead_with_everything_the_file_says():
    beats = struct.pack("<I", 300) + struct.pack("<IHIHIH", 6, 2, 3, 1, 9000, 1)
    recording = read_kardia(atc(info(), form(), ecg(), block(b"ann ", beats), block(b"avg ", b"\x01\x00")))
    (lead,) = recording.leads
    assert (lead.name, lead.sampling_rate_hz, lead.unit, lead.resolution) == ("I", 300, "nV", 500)
    assert np.array_equal(lead.samples, SAMPLES) and lead.samples.dtype == np.int16
    assert lead.physical()[1] * lead.millivolts_per_unit == pytest.approx(-0.1485)
    assert recording.source_format == "kardia"
    assert recording.recorded_at == datetime(2010, 12, 8, 15, 54, 23, 245_000, timezone(timedelta(hours=10)))
    assert recording.metadata == {
        "ATC version": "4",
        "recording id": "58E0A7D7",
        "phone": "iPhone 4",
        "recorder software": "AliveECG 1.6.7",
        "recorder": "triangle hw1",
        "device data": "SN=AC6L100010,BAT=85",
        "mains frequency": "60 Hz",
        "filters": "mains, baseline",
    }
    # in the order of time; the beat after the end of the recording is none of its own
    assert [(x.start_s, x.text, x.kind) for x in recording.annotations] == [
        (0.01, "normal beat", "beat"),
        (0.02, "ventricular beat", "beat"),
    ]


@pytest.mark.parametrize("count", [1, 6, 12])
def test_each_block_is_its_lead_and_keeps_einthoven(count):
    first, second = np.arange(100), 3 * np.arange(100)
    signals = [first, second, second - first, *(np.full(100, number) for number in range(9))]
    recording = read_kardia(atc(form(), *(ecg(i, signals[i]) for i in range(count)), version=5))
    assert [lead.name for lead in recording.leads] == NAMES[:count]
    for lead, signal in zip(recording.leads, signals, strict=False):
        assert np.array_equal(lead.samples, signal) and not lead.is_derived and lead.is_ecg


def test_the_crc_of_the_specification_is_accepted_too():
    assert len(read_kardia(atc(form(), ecg(checksum=zlib.crc32))).leads) == 1


def test_what_the_file_leaves_open_stays_open():
    recording = read_kardia(atc(form(rate=0, resolution=0), ecg(), version=2))
    (lead,) = recording.leads
    assert (lead.sampling_rate_hz, lead.unit, lead.resolution, recording.recorded_at) == (None, None, 1, None)
    assert recording.remarks == ("The file states no amplitude resolution; samples are counts.",)
    for date in (b"1970-01-01T00:00:00+00:00", b"yesterday", b"\xff"):
        assert read_kardia(atc(info(date), form(), ecg())).recorded_at is None
    old = read_kardia(atc(info(device=b"Sydney"), form(), ecg(), version=3))
    assert old.metadata["location"] == "Sydney"


def test_a_person_says_the_rate():
    recording = read_kardia(atc(form(), ecg()), options=ReadOptions(sampling_rate_hz=200))
    assert recording.leads[0].sampling_rate_hz == 200


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (atc(), "The ATC file has no block 'fmt '"),
        (atc(form()), "The ATC file has no block of samples"),
        (atc(ecg()), "The ATC file has no block 'fmt '"),
        (atc()[:10], "The ATC file ends after 10 bytes"),
        (atc(form(kind=2), ecg()), "Block 'fmt ' states sample format 2"),
        (atc(form(), ecg(), ecg()), "Block 'ecg ' at byte 56 is there twice"),
        (atc(form(), ecg())[:-1], "Block 'ecg ' at byte 32 needs 24 bytes, but 23 are left"),
        (atc(form(), block(b"ecg ", b"abc")), "Lead I: 3 bytes are no whole number"),
        (atc(form(), ecg(checksum=lambda _: 5)), "Block 'ecg ' at byte 32 is damaged"),
        (atc(form(), b"ecg \xff\xff\xff\xff" + bytes(40)), "Block 'ecg ' at byte 32 needs 4,294,967,307"),
        (atc(form(), ecg(), block(b"ann ", bytes(9))), "Block 'ann ' has 9 bytes"),
        (atc(form(), ecg(), block(b"ann ", bytes(4 + 6 * 100_001))), "Block 'ann ' has 100,001 beats"),
        (atc(*(block(struct.pack("<I", k), b"") for k in range(1002))), "The ATC file has more than 1,000"),
    ],
)  # fmt: skip
def test_refusals_name_the_block(data, message):
    assert refusal(data).startswith(message)


def test_only_atc_files_are_recognized():
    assert recognizes_kardia(atc()) and recognizes_kardia(memoryview(atc()))
    assert not any(map(recognizes_kardia, [b"", b"ALIVE", b"ALIVE\n\n\n\n", b"I,II\n1,2\n"]))


def test_every_truncation_and_every_flipped_byte_is_noticed():
    whole = atc(info(), form(), ecg(), ecg(1), block(b"ann ", struct.pack("<IIH", 300, 2, 1)))
    read_kardia(whole)
    ends = {12, 12 + 276, 12 + 276 + 20, 308 + 24, 308 + 48}
    for length in set(range(len(whole))) - ends:
        assert len(refusal(whole[:length])) < 1500
    chance = random.Random(1)
    for _ in range(500):
        content = bytearray(whole)
        content[chance.randrange(8, len(whole))] ^= 1 << chance.randrange(8)
        try:
            recording = read_kardia(bytes(content))
        except UnreadableFileError as error:
            assert str(error).isprintable()
        else:
            assert content[12:] == whole[12:]  # the version is under no checksum
            assert len(recording.leads) == 2

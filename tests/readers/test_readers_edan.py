"""Edan Holter recordings. There is no real file here: the examples are generated after P. Bourke's table."""

import struct
import time
from datetime import datetime

import numpy as np
import pytest

from ecg_core.errors import UnreadableFileError
from ecg_core.readers import ReadOptions
from ecg_core.readers.containers import Source, find_bundles
from ecg_core.readers.edan_reader import needed_edan_files, read_edan, recognizes_edan
from ecg_core.readers.table import read_recording
from tests.readers.cart_files import RNG, check_sound, damage

BEGAN = 1_709_648_531  # 2024-03-05 14:22:11 as a recorder's clock


def header(*, channels=3, rate=250, labels=("V1", "V5", "aVF"), began=BEGAN, seconds=20):
    data = bytearray(3672)
    struct.pack_into("<IIB", data, 4, began, began + seconds, channels)
    struct.pack_into("<h", data, 32, rate)
    for index, label in enumerate(labels):
        struct.pack_into("8s", data, 1796 + 8 * index, label.encode())
    struct.pack_into("32s", data, 108, b"4711")
    struct.pack_into("63s", data, 2637, b"Jane Doe")
    struct.pack_into("<h", data, 2596, 75)
    return bytes(data[:3672])


def waves(channels=3, samples=5000):
    """Smooth, as the library tells 3 channels from 12 by how they vary."""
    steps = RNG.integers(-3, 4, (samples, channels))
    return np.clip(np.cumsum(steps, axis=0), -4000, 4000).astype(np.int16)


def signal(counts, *, stored=None, padding=0):
    raw = np.full((len(counts), stored or counts.shape[1]), padding, "<u2")
    raw[:, : counts.shape[1]] = counts.astype(np.int32) + 16384
    return raw.tobytes()


TAIL = struct.pack("<I", 12) + b"beats.atr\0" + bytes(300)


def archive(head, samples, tail=TAIL):
    start = bytearray(4286)
    start[54:64], start[90:102] = b"0123456789", b"patient.hea\0"
    start[350 : 350 + len(head)] = head
    start[4026:4037] = b"ecgraw.dat\0"
    return bytes(start) + samples + tail


COUNTS = waves()
PAIR = {"ecgraw.dat": signal(COUNTS)}


def test_a_pair_of_files():
    assert recognizes_edan(header()) and needed_edan_files(header()) == ("ecgraw.dat",)
    recording = read_edan(header(), siblings={"ECGRAW.DAT": PAIR["ecgraw.dat"]})
    check_sound(recording, "edan")
    assert [lead.name for lead in recording.leads] == ["V1", "V5", "aVF"]
    for lead, counts in zip(recording.leads, COUNTS.T, strict=True):
        assert np.array_equal(lead.samples, counts) and lead.samples.dtype.kind == "i"
        assert (lead.sampling_rate_hz, lead.unit, lead.resolution) == (250.0, None, 1.0)
    assert recording.recorded_at == datetime(2024, 3, 5, 14, 22, 11)
    assert recording.patient == {"patient id": "4711", "name": "Jane Doe"}
    assert recording.metadata["low-pass filter"] == "75 Hz"
    assert recording.remarks == (
        "The file does not state what a count is in volts, so that amplitudes are counts.",
        "The time is the recorder's own; its zone is not stated.",
    )


@pytest.mark.parametrize("padding", [0, 16384])
def test_twelve_stored_channels_of_which_three_are_used(padding):
    siblings = {"ecgraw.dat": signal(COUNTS, stored=12, padding=padding)}
    recording = read_edan(header(), siblings=siblings)
    assert np.array_equal(np.stack([lead.samples for lead in recording.leads]), COUNTS.T)


def test_twelve_channels_longer_than_the_probe():
    labels = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
    counts = waves(12, 60_000)
    recording = read_edan(
        header(channels=12, labels=labels), siblings={"ecgraw.dat": signal(counts) + b"\0\0\1"}
    )
    assert [lead.name for lead in recording.leads] == list(labels)
    assert np.array_equal(np.stack([lead.samples for lead in recording.leads]), counts.T)


def test_noise_of_twelve_stored_channels_is_told_by_the_times():
    counts = RNG.integers(-3000, 3000, (5000, 3)).astype(np.int16)
    other = RNG.integers(-3000, 3000, (5000, 9)).astype(np.int16)
    siblings = {"ecgraw.dat": signal(np.hstack((counts, other)))}
    recording = read_edan(header(), siblings=siblings)
    assert np.array_equal(np.stack([lead.samples for lead in recording.leads]), counts.T)


def test_an_archive():
    content = archive(header(), signal(COUNTS))
    assert recognizes_edan(content) and needed_edan_files(content) == ()
    recording = read_edan(content)
    assert np.array_equal(np.stack([lead.samples for lead in recording.leads]), COUNTS.T)
    assert "first value below 20" in recording.remarks[1]


def test_the_table_of_readers_and_the_files_of_a_folder():
    sources = [Source.of("a/patient.hea", header()), Source.of("a/ecgraw.dat", PAIR["ecgraw.dat"])]
    (bundle,) = find_bundles(sources)
    recording = read_recording(bundle.load(), siblings=bundle.siblings())
    assert recording.source_format == "edan" and len(recording.leads) == 3
    assert read_recording(archive(header(), signal(COUNTS))).source_format == "edan"


def test_a_persons_unit_wins():
    recording = read_edan(header(), siblings=PAIR, options=ReadOptions(unit="uV"))
    assert {lead.unit for lead in recording.leads} == {"uV"}


@pytest.mark.parametrize(
    "content, siblings, reason",
    [
        (header(), {}, "send ecgraw.dat"),
        (header(), {"ecgraw.dat": b""}, "no samples"),
        (header(), {"ecgraw.dat": b"\0" * 9000}, "not consistent"),
        (archive(header(), b""), {}, "no samples"),
        (archive(header(), b"", b""), {}, "no samples"),
        (
            struct.pack("<I", 3) + b"##NEUTRAL HOLTER RECORDING##" + bytes(9000),
            {},
            "neither rate nor channels",
        ),
    ],
)
def test_impossible_files(content, siblings, reason):
    with pytest.raises(UnreadableFileError, match=reason):
        read_edan(content, siblings=siblings)


def test_damaged():
    refused = 0
    for copy in damage(archive(header(), signal(COUNTS[:50])), flips=100, cuts=60):
        if not recognizes_edan(copy):
            continue
        try:
            check_sound(read_edan(copy), "edan")
        except UnreadableFileError as error:
            assert str(error).isprintable() and len(str(error)) < 1500
            refused += 1
    assert refused


def test_a_day_is_read_in_time():
    counts = np.tile(waves(3, 10_000), (1080, 1))
    siblings = {"ecgraw.dat": signal(counts)}
    began = time.perf_counter()
    assert len(read_edan(header(rate=128, seconds=84_375), siblings=siblings).leads[2].samples) == len(counts)
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    "content",
    [
        b"",
        bytes(4000),
        header()[:3600],
        header(rate=77),
        header(channels=13),
        header(began=5),
        header(labels="\1\2"),
    ],
)
def test_other_files_are_not_taken_for_it(content):
    assert not recognizes_edan(content)

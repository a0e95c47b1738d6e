"""AcqKnowledge files: the real, compressed one; generated, interleaved ones of several revisions; damage."""

import io
import struct
from datetime import UTC, datetime

import numpy as np
import pytest

from ecg_core.errors import UnreadableFileError
from ecg_core.readers.biopac_reader import read_biopac, recognizes_biopac
from tests.readers.soundness import check_sound, damaged, read_or_refuse


def header(kind, revision, order, **fields):
    """The bytes of one of bioread's headers with these fields, its own length in the field that states it."""
    from bioread import headers

    made = getattr(headers, kind).for_revision(revision, order)
    made.unpack_from_file(io.BytesIO(bytes(100_000)), 0)
    for name, value in fields.items():
        setattr(made._struct, name, made.struct_length if value == "own" else value)
    return bytes(made._struct)


def acq(channels, *, revision=41, order="<", sample_ms=2.0, markers=()):
    """Channels as (name, unit, scale, offset, divider, values); their samples stand in the order of time."""
    out = header("GraphHeader", revision, order, lVersion=revision, lExtItemHeaderLen="own",
                 nChannels=len(channels), dSampleTime=sample_ms)  # fmt: skip
    for number, (name, unit, scale, offset, divider, values) in enumerate(channels):
        out += header("ChannelHeader", revision, order, lChanHeaderLen="own", szCommentText=name.encode(),
                      szUnitsText=unit.encode(), lBufLength=len(values), dAmplScale=scale, dAmplOffset=offset,
                      nVarSampleDivider=divider, nChanOrder=number)  # fmt: skip
    out += header("ForeignHeader", revision, order, **{"nLength" if revision < 61 else "lLength": "own"})
    codes = [("d", 8, 1) if isinstance(channel[5][0], float) else ("h", 2, 2) for channel in channels]
    out += b"".join(struct.pack(f"{order}hh", size, code) for _, size, code in codes)
    for tick in range(max(len(channel[5]) * channel[4] for channel in channels)):
        for (*_, divider, values), (letter, _, _) in zip(channels, codes, strict=True):
            if tick % divider == 0 and tick // divider < len(values):
                out += struct.pack(order + letter, values[tick // divider])
    return out + marks(markers, revision, order)


def marks(markers, revision, order):
    """Markers as (sample, text), of new revisions also with the code of their type, channel and time made."""
    if revision < 61:
        out = header("MarkerHeader", revision, order, lMarkers=len(markers))
        for sample, text in markers:
            out += header("MarkerItemHeader", revision, order, lSample=sample, nTextLength=len(text))
            out += text.encode() + b"\0"
        return out + b"\x44\x33\x22\x11" + bytes(100)  # an empty journal
    out = header("MarkerHeader", revision, order, lMarkersExtra=len(markers) + 1)
    for sample, text, code, channel, made in markers:
        out += header("MarkerItemHeader", revision, order, lSample=sample, nTextLength=len(text),
                      nChannel=channel, sMarkerStyle=code, llDateCreated=made)  # fmt: skip
        out += text.encode()
    return out


CHANNELS = [
    ("ECG lead II", "mV", 0.001, 0.5, 1, [1, -2, 300, 32767]),
    ("Resp", "Volts", 1.0, 0.0, 2, [0.5, float("inf")]),
    ("Pressure", "mmHg", 0.1, 0.0, 4, [7]),
]


@pytest.mark.parametrize("revision", [38, 41, 45])
@pytest.mark.parametrize("order", ["<", ">"])
def test_interleaved_channels(revision, order):
    data = acq(CHANNELS, revision=revision, order=order)
    assert recognizes_biopac(data)
    recording = read_biopac(data)
    check_sound(recording)
    ecg, breath, pressure = recording.leads
    assert ecg.samples.tolist() == [1, -2, 300, 32767] and ecg.samples.dtype == np.int16
    assert (ecg.name, ecg.original_name, ecg.unit) == ("II", "ECG lead II", "mV")
    assert (ecg.resolution, ecg.offset, ecg.sampling_rate_hz, ecg.is_ecg) == (0.001, 0.5, 500, True)
    assert np.array_equal(breath.samples, [0.5, np.nan], equal_nan=True)
    assert (breath.unit, breath.sampling_rate_hz, breath.is_ecg) == ("V", 250, False)
    assert (pressure.samples.tolist(), pressure.unit, pressure.sampling_rate_hz) == ([7], "mmHg", 125)
    assert recording.source_format == "biopac" and recording.recorded_at is None
    assert "'Resp' are missing" in recording.remarks[0]


def test_markers_of_an_old_revision():
    recording = read_biopac(acq(CHANNELS, markers=[(3, "cough"), (1, "begin"), (99, "after the end")]))
    check_sound(recording)
    found = [(mark.start_s, mark.text, mark.kind) for mark in recording.annotations]
    assert found == [(0.002, "begin", "note"), (0.006, "cough", "note")]


def test_markers_of_a_new_revision():
    made = 1_700_000_000_250
    markers = [
        (0, "Segment 1", b"apnd", -1, made),
        (2, "", b"pvc ", 0, made),
        (1, "AF", b"rhyt", -1, made),
        (2**32 - 5, "cut off", b"flag", -1, made),
    ]
    recording = read_biopac(acq(CHANNELS, revision=132, order=">", markers=markers))
    check_sound(recording)
    found = [(mark.start_s, mark.text, mark.kind, mark.lead) for mark in recording.annotations]
    assert found == [
        (0.002, "AF", "rhythm", ""),
        (0.004, "Premature Ventricular Contraction", "beat", "II"),
    ]
    assert recording.recorded_at == datetime(2023, 11, 14, 22, 13, 20, 250000, tzinfo=UTC)
    assert recording.leads[0].samples.tolist() == [1, -2, 300, 32767]


def test_a_scale_that_is_no_number_leaves_counts():
    recording = read_biopac(acq([("ECG", "mV", float("nan"), 0.0, 1, [1, 2])]))
    assert recording.leads[0].unit is None and recording.leads[0].resolution == 1
    assert "kept in counts" in recording.remarks[0]


@pytest.mark.parametrize(
    "change, match",
    [
        ({"lBufLength": -1}, "-1 samples"),
        ({"lBufLength": 2**31 - 1}, "it is cut off"),
        ({"nVarSampleDivider": -3}, "one for -3"),
    ],
)
def test_headers_that_cannot_be(change, match):
    data = bytearray(acq(CHANNELS))
    size = len(header("ChannelHeader", 41, "<"))
    at = data.index(b"ECG lead II") - 6
    fields = {"lChanHeaderLen": size, "lBufLength": 4, "nVarSampleDivider": 1, "dAmplScale": 1.0}
    data[at : at + size] = header("ChannelHeader", 41, "<", **fields | change)
    with pytest.raises(UnreadableFileError, match=match):
        read_biopac(bytes(data))


def test_rates_without_a_common_pattern_are_refused():
    channels = [("x", "mV", 1.0, 0.0, divider, [1]) for divider in (32749, 32719, 32717)]
    with pytest.raises(UnreadableFileError, match="no common pattern"):
        read_biopac(acq(channels))


def test_recognition():
    for other in (
        b"",
        bytes(24),
        b"0       " * 10,
        b"I,II,III\n1,2,3\n4,5,6\n7,8,9\n",
        b'{"leads": [{"name": "I"}]}',
    ):
        assert not recognizes_biopac(other)
    with pytest.raises(UnreadableFileError, match="does not begin like"):
        read_biopac(bytes(100))


def test_damaged_files_are_refused_or_sound(capfd):
    data = acq(CHANNELS)
    assert read_or_refuse(lambda: read_biopac(data))
    for content in damaged(data, cuts=40, flips=60):
        read_or_refuse(lambda: read_biopac(content))  # noqa: B023
    for content in damaged(data, cuts=0, flips=60, within=30):
        read_or_refuse(lambda: read_biopac(content))  # noqa: B023
    assert capfd.readouterr() == ("", "")


def test_a_real_file_equals_what_bioread_makes_of_it(real_data):
    import bioread

    path = real_data / "formats" / "biopac" / "physio-5.0.1-c.acq"
    data = path.read_bytes()
    assert recognizes_biopac(data)
    recording = read_biopac(data)
    check_sound(recording)
    other = bioread.read_file(str(path))
    for lead, channel in zip(recording.leads, other.channels, strict=True):
        assert np.allclose(lead.physical(), channel.data, rtol=0, atol=1e-12)
        assert lead.sampling_rate_hz == channel.samples_per_second
    ecg = recording.leads[1]
    assert (ecg.name, ecg.unit, ecg.sampling_rate_hz, ecg.is_ecg) == ("EKG - ERS100C", "mV", 1000, True)
    assert [lead.is_ecg for lead in recording.leads] == [False, True, False, False]
    # the markers before the part that was kept are left out
    assert [mark.text for mark in recording.annotations] == ["EDA Trough", "EDA Trough", "Deep Breath 3"]


def test_a_damaged_real_file(real_data):
    data = (real_data / "formats" / "biopac" / "physio-5.0.1-c.acq").read_bytes()
    for content in damaged(data, cuts=8, flips=12, within=6000):
        read_or_refuse(lambda: read_biopac(content))  # noqa: B023
    changed = bytearray(data)
    changed[-200_000] ^= 1
    with pytest.raises(UnreadableFileError, match="are damaged"):
        read_biopac(bytes(changed))

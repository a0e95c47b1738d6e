"""MATLAB files: matrices and vectors, integers and decimals, what is open is refused, damage."""

import io
import struct
import zlib

import numpy as np
import pytest
import scipy.io

from ecg_core.errors import UnreadableFileError
from ecg_core.readers.matlab_reader import read_matlab, recognizes_matlab
from tests.readers.soundness import check_sound, damaged, read_or_refuse


def mat(variables, *, version="5", compressed=False):
    out = io.BytesIO()
    scipy.io.savemat(out, variables, format=version, do_compression=compressed)
    return out.getvalue()


SIGNAL = np.array([[1, -2, 3, 400, 5], [6, 7, 8, 9, -1000]], np.int16)
KINDS = [{"version": "4"}, {"version": "5"}, {"version": "5", "compressed": True}]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [np.int16, np.float64])
def test_rows_of_a_matrix(kind, dtype):
    data = mat({"val": SIGNAL.astype(dtype), "Fs": 500, "name": "text"}, **kind)
    assert recognizes_matlab(data)
    recording = read_matlab(data)
    check_sound(recording)
    assert [lead.samples.tolist() for lead in recording.leads] == SIGNAL.tolist()
    assert {lead.samples.dtype.kind for lead in recording.leads} == {np.dtype(dtype).kind}
    assert [lead.name for lead in recording.leads] == ["channel 1", "channel 2"]
    assert {(lead.sampling_rate_hz, lead.unit) for lead in recording.leads} == {(500, None)}
    assert recording.understood == {"leads": "rows of val"} and recording.source_format == "matlab"
    assert recording.remarks == ("These variables of the MATLAB file were left out: 'name'.",)


@pytest.mark.parametrize("kind", KINDS)
def test_columns_of_a_matrix(kind):
    recording = read_matlab(mat({"x": SIGNAL.T}, **kind))
    assert [lead.samples.tolist() for lead in recording.leads] == SIGNAL.tolist()
    assert recording.understood == {"leads": "columns of x"}
    assert recording.leads[0].sampling_rate_hz is None


@pytest.mark.parametrize("kind", KINDS)
def test_vectors_are_leads_and_shorter_ones_are_not(kind):
    variables = {
        "II": SIGNAL[0],
        "V1": SIGNAL[1],
        "rpeaks": np.array([2, 4]),
        "t": np.arange(5) / 500,
        "gain": 2.0,
    }
    recording = read_matlab(mat(variables, **kind))
    check_sound(recording)
    assert [(lead.name, lead.samples.tolist()) for lead in recording.leads] == [
        ("II", SIGNAL[0].tolist()),
        ("V1", SIGNAL[1].tolist()),
    ]
    assert recording.leads[0].sampling_rate_hz is None
    assert set(recording.remarks[0].split("'")[1::2]) == {"rpeaks", "t", "gain"}


def test_missing_and_infinite_values():
    recording = read_matlab(mat({"ecg": np.array([1.5, np.nan, np.inf, -1])}))
    check_sound(recording)
    assert np.array_equal(recording.leads[0].samples, [1.5, np.nan, np.nan, -1], equal_nan=True)
    assert "Infinite values of 'ecg'" in recording.remarks[0]


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64])
def test_integers_are_exact(dtype):
    values = [0, 1, np.iinfo(dtype).max, np.iinfo(dtype).min]
    recording = read_matlab(mat({"ecg": np.array(values, dtype)}))
    check_sound(recording)
    assert recording.leads[0].samples.tolist() == values and recording.leads[0].samples.dtype.kind == "i"


def test_numbers_of_64_bits_without_sign_are_refused():
    with pytest.raises(UnreadableFileError, match="more than 63 bits"):
        read_matlab(mat({"ecg": np.array([1, 2**64 - 1], np.uint64)}))


@pytest.mark.parametrize(
    "variables, match",
    [
        ({"a": SIGNAL, "b": SIGNAL}, r"several matrices \('a', 'b'\)"),
        ({"a": np.eye(4)}, "is 4 × 4: whether its rows or its columns"),
        ({"a": {"b": SIGNAL}, "c": "text"}, r"only 'a \(structure\)', 'c \(text\)'"),
        ({"a": np.array([[1, "x"]], object)}, r"'a \(cell\)'"),
        ({"a": SIGNAL + 1j}, r"'a \(complex array\)'"),
        ({"fs": 500.0}, "no matrix or vector"),
        ({"a": np.zeros((2, 3, 4))}, "no matrix or vector"),
        ({"a": np.arange(1500 * 1501).reshape(1500, 1501)}, "1,500 leads; at most 1,000"),
        ({}, "no matrix or vector of numbers; a matrix"),
    ],
)
def test_what_is_open_is_refused(variables, match):
    for compressed in (False, True):
        with pytest.raises(UnreadableFileError, match=match):
            read_matlab(mat(variables, compressed=compressed))


@pytest.mark.parametrize(
    "rates, expected, words",
    [
        ({"sampling_rate": 360}, 360, None),
        ({"fs": 250, "Fs": 250.0}, 250, None),
        ({"fs": 250, "Fs": 500}, None, "is stated differently"),
        ({"fs": -1}, None, "must be greater than 0"),
        ({"fs": np.nan}, None, "must be greater than 0"),
        ({"fs": np.array([1, 2])}, None, None),
    ],
)
def test_the_sampling_rate_only_if_it_is_clear(rates, expected, words):
    recording = read_matlab(mat({"val": SIGNAL, **rates}))
    assert recording.leads[0].sampling_rate_hz == expected
    assert bool(words) == bool(recording.remarks) and (not words or words in recording.remarks[0])


def test_hdf5_is_refused_by_name():
    for data in (b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(512), b"\x89HDF\r\n\x1a\n" + bytes(100)):
        assert recognizes_matlab(data)
        with pytest.raises(UnreadableFileError, match=r"HDF5, as MATLAB 7\.3 writes .* option -v7"):
            read_matlab(data)


def test_recognition():
    for other in (
        b"",
        bytes(200),
        b"I,II,III\n1,2,3\n" * 20,
        b"0       " * 40,
        b'{"leads": []}',
        bytes(range(256)),
    ):
        assert not recognizes_matlab(other)
        with pytest.raises(UnreadableFileError, match="does not begin like"):
            read_matlab(other)


def test_big_endian_files():
    four = struct.pack(">5i", 1030, 2, 5, 0, 4) + b"val\0" + SIGNAL.T.astype(">i2").tobytes()
    assert recognizes_matlab(four)
    assert [lead.samples.tolist() for lead in read_matlab(four).leads] == SIGNAL.tolist()
    parts = (
        struct.pack(">IIII", 6, 8, 10, 0)
        + struct.pack(">IIii", 5, 8, 2, 5)
        + struct.pack(">HH4s", 3, 1, b"val\0")
    )
    parts = parts[:32] + struct.pack(">HH4s", 3, 1, b"val\0")
    parts += struct.pack(">II", 3, 20) + SIGNAL.T.astype(">i2").tobytes() + bytes(4)
    five = b"MATLAB 5.0".ljust(124) + b"\x01\x00MI" + struct.pack(">II", 14, len(parts)) + parts
    assert [lead.samples.tolist() for lead in read_matlab(five).leads] == SIGNAL.tolist()


def test_a_small_file_does_not_unpack_to_much():
    huge = mat({"val": np.zeros((2, 30_000_000), np.int8)})[128:]
    data = mat({})[:128] + struct.pack("<II", 15, len(zlib.compress(huge, 9))) + zlib.compress(huge, 9)
    assert len(data) < 100_000
    with pytest.raises(UnreadableFileError, match="unpacks to too much"):
        read_matlab(data)


def test_a_name_that_occurs_twice_is_refused():
    once = mat({"val": SIGNAL})
    with pytest.raises(UnreadableFileError, match="'val' occurs twice"):
        read_matlab(once + once[128:])


def test_damaged_files_are_refused_or_sound(capfd):
    for kind in KINDS:
        data = mat(
            {"val": SIGNAL, "fs": 250, "s": {"a": 1}} if kind["version"] == "5" else {"val": SIGNAL}, **kind
        )
        assert read_or_refuse(lambda: read_matlab(data))  # noqa: B023
        for content in damaged(data, cuts=60, flips=400):
            recognizes_matlab(content)
            read_or_refuse(lambda: read_matlab(content))  # noqa: B023
    assert capfd.readouterr() == ("", "")


def test_real_files_have_the_samples_of_their_wfdb_record(real_data):
    wfdb = pytest.importorskip("wfdb")
    for record in ("challenge2021/E07500", "challenge2021/JS20000", "formats/wfdb/a103l"):
        recording = read_matlab((real_data / f"{record}.mat").read_bytes())
        check_sound(recording)
        signals = wfdb.rdrecord(str(real_data / record), physical=False).d_signal.T
        assert [lead.samples.tolist() for lead in recording.leads] == signals.tolist()
        assert recording.understood == {"leads": "rows of val"}

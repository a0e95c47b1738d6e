"""WFDB records: every format and layout, what the header claims, the real records, and damage."""

import struct
from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from ecg_core.errors import UnreadableFileError
from ecg_core.readers.options import ReadOptions
from ecg_core.readers.wfdb_annotations import read_annotations
from ecg_core.readers.wfdb_reader import needed_files, read_wfdb, recognizes_annotations, recognizes_wfdb
from tests.readers.soundness import check_sound, damaged, read_or_refuse

SAMPLES = [0, 1, -1, 100, -100, 57, 3, -58, 101, 2, -3]


def pairs_of_12_bits(values):
    out = bytearray()
    for a, b in zip(values[::2], [*values[1::2], 0], strict=False):
        a, b = a & 0xFFF, b & 0xFFF
        out += bytes((a & 255, a >> 8 | b >> 8 << 4, b & 255))
    return bytes(out)


def triplets_of_310(values):
    values = [x & 0x3FF for x in values] + [0, 0]
    words = []
    for a, b, c in zip(values[::3], values[1::3], values[2::3], strict=False):
        words += [
            a << 1 & 0xFF | (a >> 7) << 8 | (c & 31) << 11,
            b << 1 & 0xFF | (b >> 7) << 8 | c >> 5 << 11,
        ]
    return struct.pack(f"<{len(words)}H", *words)


def triplets_of_311(values):
    values = [x & 0x3FF for x in values] + [0, 0]
    words = [a | b << 10 | c << 20 for a, b, c in zip(values[::3], values[1::3], values[2::3], strict=False)]
    return struct.pack(f"<{len(words)}I", *words)


ENCODERS = {
    "16": lambda x: struct.pack(f"<{len(x)}h", *x),
    "24": lambda x: b"".join((v & 0xFFFFFF).to_bytes(3, "little") for v in x),
    "32": lambda x: struct.pack(f"<{len(x)}i", *x),
    "61": lambda x: struct.pack(f">{len(x)}h", *x),
    "80": lambda x: bytes(v + 128 for v in x),
    "160": lambda x: struct.pack(f"<{len(x)}H", *(v + 32768 for v in x)),
    "212": pairs_of_12_bits,
    "310": triplets_of_310,
    "311": triplets_of_311,
}
MISSING = {"16": -32768, "24": -(2**23), "32": -(2**31), "61": -32768, "80": -128, "160": -32768,
           "212": -2048, "310": -512, "311": -512}  # fmt: skip


def one(samples, form, line="", *, record="r 1 250 {n}", **more):
    """A record of one signal, and what `read_wfdb` makes of it."""
    header = f"{record.format(n=len(samples))}\nr.dat {form}{line or ' 200/mV 0 0'}\n"
    content = ENCODERS[form.split("x")[0].split("+")[0].split(":")[0]](samples)
    return read_wfdb(header.encode(), siblings={"r.dat": more.pop("before", b"") + content}, **more)


@pytest.mark.parametrize("form", ENCODERS)
@pytest.mark.parametrize("length", range(len(SAMPLES) + 1))
def test_every_format_gives_its_integers(form, length):
    recording = one(SAMPLES[:length], form)
    check_sound(recording)
    assert recording.leads[0].samples.tolist() == SAMPLES[:length]
    assert recording.leads[0].samples.dtype == np.int8
    assert recording.source_format == "wfdb" and not recording.remarks


@pytest.mark.parametrize("form", ENCODERS)
def test_the_code_for_a_missing_sample_is_nan(form):
    samples = one([5, MISSING[form], -5, 7], form).leads[0].samples
    assert samples.dtype == np.float64
    assert np.array_equal(samples, [5, np.nan, -5, 7], equal_nan=True)


def test_differences_of_format_8_begin_at_the_initial_value():
    header = b"r 2 250 4\nr.dat 8 200 12 0 1000 0\nr.dat 8 200 12 7 -5\n"
    content = struct.pack("8b", 0, 0, 127, -1, -128, 1, 1, 2)
    leads = read_wfdb(header, siblings={"r.dat": content}).leads
    assert leads[0].samples.tolist() == [1000, 1127, 999, 1000]
    assert leads[1].samples.tolist() == [-5, -6, -5, -3]
    without = read_wfdb(b"r 1 250 2\nr.dat 8 200 12 7\n", siblings={"r.dat": b"\x00\x01"})
    assert without.leads[0].samples.tolist() == [7, 8]


def test_flac_of_each_width(tmp_path):
    soundfile = pytest.importorskip("soundfile")
    for form, subtype, shift in (("508", "PCM_S8", 24), ("516", "PCM_16", 16), ("524", "PCM_24", 8)):
        values = np.array([SAMPLES, SAMPLES[::-1]], np.int32).T
        soundfile.write(tmp_path / "x.flac", values << shift, 250, subtype=subtype, format="FLAC")
        header = f"r 2 250 {len(SAMPLES)}\nr.dat {form} 200\nr.dat {form} 200\n".encode()
        leads = read_wfdb(header, siblings={"r.dat": (tmp_path / "x.flac").read_bytes()}).leads
        assert [lead.samples.tolist() for lead in leads] == [SAMPLES, SAMPLES[::-1]]
    with pytest.raises(UnreadableFileError, match="has 11 samples of each signal"):
        read_wfdb(b"r 1 250 99\nr.dat 524 200\n", siblings={"r.dat": (tmp_path / "x.flac").read_bytes()})


def test_samples_per_frame_give_leads_of_different_rates():
    content = ENCODERS["16"]([1, 2, 3, 10, 4, 5, 6, 20])
    leads = read_wfdb(b"r 2 125 2\nr.dat 16x3 200 0 0 0 0 0 II\nr.dat 16 50/mmHg 0 0 0 0 0 ABP\n",
                      siblings={"R.DAT": content}).leads  # fmt: skip
    assert leads[0].samples.tolist() == [1, 2, 3, 4, 5, 6] and leads[0].sampling_rate_hz == 375
    assert leads[1].samples.tolist() == [10, 20] and leads[1].sampling_rate_hz == 125
    assert leads[1].unit == "mmHg" and not leads[1].is_ecg and leads[0].is_ecg


def test_skew_is_taken_back_and_leaves_missing_samples_at_the_end():
    samples = one([9, 9, 1, 2, 3], "16:2").leads[0].samples
    assert np.array_equal(samples, [1, 2, 3, np.nan, np.nan], equal_nan=True)
    with pytest.raises(UnreadableFileError, match="skewed by 6"):
        one(SAMPLES[:5], "16:6")


def test_a_byte_offset_that_the_first_signal_states():
    content = bytes(7) + ENCODERS["16"]([1, 2, 3, 4])
    leads = read_wfdb(b"r 2 250 2\nr.dat 16+7 200\nr.dat 16 200\n", siblings={"r.dat": content}).leads
    assert [lead.samples.tolist() for lead in leads] == [[1, 3], [2, 4]]


def test_a_byte_offset_as_of_a_matlab_file():
    assert one([1, 2, 3], "16x1+24", before=bytes(24)).leads[0].samples.tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    "calibration, unit, resolution, offset",
    [
        (" 100(50)/uV 16 7", "uV", 0.01, -0.5),
        (" 200 12 1024", "mV", 0.005, -5.12),
        (" 1000.0(0)/mV", "mV", 0.001, 0.0),
        (" 1.052e+04/NU 16 0", "NU", 1 / 10520, 0.0),
        (" 0 11 1024", None, 1.0, -1024.0),
        (" ", None, 1.0, 0.0),
    ],
)
def test_gain_baseline_and_unit(calibration, unit, resolution, offset):
    recording = one([1, 2], "16", calibration)
    lead = recording.leads[0]
    assert (lead.unit, lead.resolution, lead.offset) == (
        unit,
        pytest.approx(resolution),
        pytest.approx(offset),
    )
    assert any("uncalibrated" in remark for remark in recording.remarks) == (unit is None)


def test_checksum_and_initial_value_are_verified():
    total = sum(SAMPLES)
    for checksum in (total, total % 65536, total - 65536):
        assert not one(SAMPLES, "16", f" 200 16 0 0 {checksum} 0 II").remarks
    wrong = one(SAMPLES, "16", f" 200 16 0 5 {total + 1} 0 II").remarks
    assert len(wrong) == 2 and "checksum" in wrong[0] and "'II'" in wrong[0] and "initial value" in wrong[1]


def test_the_checksum_may_be_made_of_the_code_that_the_library_uses():
    for missing in (-2048, -32768):
        assert not one([5, -2048], "212", f" 200 12 0 5 {5 + missing} 0 II").remarks
    assert one([5, -2048], "212", " 200 12 0 5 5 0 II").remarks


def test_start_and_rate():
    def read(record):
        return one([1, 2], "16", record=record)

    assert read("r 1 360/1(0) {n} 8:26:04.25 26/10/1994").recorded_at == datetime(
        1994, 10, 26, 8, 26, 4, 250000
    )
    assert read("r 1 0.5 {n} 8:26:04").recorded_at is None
    assert read("r 1 0.5 {n} 8:26:04").metadata["start"] == "8:26:04"
    assert read("r 1 250 {n} 8:26:04 31/02/1994").recorded_at is None
    assert read("r 1 128.5 {n}").leads[0].sampling_rate_hz == 128.5
    unknown = read("r 1")
    assert unknown.leads[0].sampling_rate_hz is None and "no sampling rate" in unknown.remarks[0]
    assert unknown.leads[0].samples.tolist() == [1, 2]
    for rate in ("-1", "nan", "1e9", "x"):
        with pytest.raises(UnreadableFileError, match="sampling rate must be"):
            read(f"r 1 {rate} {{n}}")


def test_comments_speak_of_the_patient():
    def read(*comments):
        text = "r 1 250 1\r\nr.dat 16 200\r\n" + "".join(f"{line}\r\n" for line in comments)
        recording = read_wfdb(text.encode(), siblings={"r.dat": b"\x01\x00"})
        return recording.patient, {k: v for k, v in recording.metadata.items() if k != "record"}

    assert read("#Age: 54", "#Sex: Female", "#Dx: 1,2", "# Rx: Unknown") == (
        {"age": "54", "sex": "Female"}, {"diagnoses": "1,2", "medications": "Unknown"})  # fmt: skip
    assert read("# <age>: 25  <sex>: M  <diagnoses>: (none)") == (
        {"age": "25", "sex": "M"}, {"diagnoses": "(none)"})  # fmt: skip
    assert read("# 69 M 1085 1629 x1", "# Aldomet") == (
        {"age": "69", "sex": "M"}, {"comments": "69 M 1085 1629 x1 Aldomet"})  # fmt: skip
    assert read("# -1 F 1 2 x1")[0] == {"sex": "F"}
    assert read("#Age: NaN", "#Sex: Unknown", "#ends\x07here") == ({}, {"comments": "ends here"})


def test_needed_files_and_missing_ones():
    header = b"r 3 250 2\nr.dat 16 200\nr.dat 16 200\nr.xyz 16 200\n"
    assert needed_files(header) == ("r.dat", "r.xyz")
    assert needed_files(b"m/3 1 250 4\nm_layout 0\nm_1 2\n~ 2\n") == ("m_layout.hea", "m_1.hea")
    with pytest.raises(UnreadableFileError, match=r"'r' needs 'r\.xyz' beside its header"):
        read_wfdb(header, siblings={"r.dat": bytes(8)})
    with pytest.raises(UnreadableFileError, match=r"needs 'r\.dat', 'r\.xyz' beside"):
        read_wfdb(header)


@pytest.mark.parametrize("name", ["/etc/passwd", "a/b.dat", "..", "..\\x", "C:x", "-", "a\\b", "x\x1b.dat"])
def test_names_with_folders_are_refused(name):
    header = f"r 1 250 2\n{name} 16 200\n".encode()
    with pytest.raises(UnreadableFileError, match="a file beside the header"):
        needed_files(header)
    with pytest.raises(UnreadableFileError, match="a file beside the header"):
        read_wfdb(header, siblings={name: bytes(4)})
    with pytest.raises(UnreadableFileError, match="a file beside the header"):
        needed_files(f"r/1 1 250 2\n{name} 2\n".encode())


def test_a_file_that_is_too_short_or_too_long():
    with pytest.raises(UnreadableFileError, match=r"has 4 bytes; for 3 samples .* 6 are needed"):
        read_wfdb(b"r 1 250 3\nr.dat 16 200\n", siblings={"r.dat": bytes(4)})
    with pytest.raises(UnreadableFileError, match="are needed"):
        read_wfdb(b"r 1 250 999999999999\nr.dat 16 200\n", siblings={"r.dat": bytes(4)})
    longer = read_wfdb(b"r 1 250 3\nr.dat 16 200\n", siblings={"r.dat": bytes(60)})
    assert len(longer.leads[0].samples) == 3 and "54 bytes more" in longer.remarks[0]


@pytest.mark.parametrize(
    "header, match",
    [
        (b"r 0 250 2\n", "no signals"),
        (b"r 2 250 2\nr.dat 16 200\n", "announces 2 signals, but 1 lines follow"),
        (b"r 1 250 2\nr.dat 17 200\n", "Line 2 .* one of the formats 8, 16"),
        (b"r 1 250 2\nr.dat 16 x\n", "gain must be like"),
        (b"r 1 250 2\nr.dat 16 1e-320\n", "gain must be like"),
        (b"r 1 250 2\nr.dat 16 200 12 a\n", "'a' must be a whole number"),
        (b"r 1 250 -2\nr.dat 16 200\n", "number of samples must be"),
        (b"r 2 250 2\nr.dat 16 200\nr.dat 212 200\n", "one format and one byte offset"),
        (b"r 3 250 1\nr.dat 16 200\nq.dat 16 200\nr.dat 16 200\n", "follow each other"),
        (b"r 5000 250 2\n" + b"r.dat 16 200\n" * 5000, "number of signals must be"),
        (b"# only a comment\n", "no record line"),
    ],
)
def test_headers_that_cannot_be(header, match):
    with pytest.raises(UnreadableFileError, match=match):
        read_wfdb(header, siblings={"r.dat": bytes(8), "q.dat": bytes(8)})


def segments(*, layout="", master, gains=("200", "200")):
    siblings = {
        "a.hea": f"a 1 100 2\na.dat 16 {gains[0]} 0 0 1 3 0 II\n".encode(), "a.dat": ENCODERS["16"]([1, 2]),
        "b.hea": f"b 1 100 3\nb.dat 16 {gains[1]} 0 0 3 12 0 II\n".encode(),
        "b.dat": ENCODERS["16"]([3, 4, 5]),
        "l.hea": layout.encode(),
    }  # fmt: skip
    return read_wfdb(master.encode(), siblings=siblings)


def test_segments_of_fixed_layout_stay_integers():
    recording = segments(master="m/2 1 100 5 8:00:00 26/10/1994\na 2\nb 3\n")
    assert recording.leads[0].samples.tolist() == [1, 2, 3, 4, 5]
    assert recording.leads[0].samples.dtype == np.int8
    assert recording.leads[0].sampling_rate_hz == 100 and not recording.remarks
    assert recording.recorded_at == datetime(1994, 10, 26, 8)


def test_segments_of_variable_layout_with_a_gap():
    layout = "l 2 100 0\n~ 0 200 0 0 0 0 0 II\n~ 0 200 0 0 0 0 0 V\n"
    recording = segments(layout=layout, master="m/4 2 100 9\nl 0\na 2\n~ 4\nb 3\n")
    assert [lead.name for lead in recording.leads] == ["II"]
    samples = recording.leads[0].samples
    assert np.array_equal(samples, [1, 2, *[np.nan] * 4, 3, 4, 5], equal_nan=True)
    assert recording.leads[0].resolution == 1 / 200


def test_segments_of_different_gain_are_joined_in_their_unit():
    recording = segments(master="m/2 1 100 5\na 2\nb 3\n", gains=("200/mV", "100000/V"))
    lead = recording.leads[0]
    assert lead.physical() == pytest.approx([0.005, 0.01, 0.03, 0.04, 0.05]) and lead.unit == "mV"
    assert "gain of 'II' changes" in recording.remarks[0]
    with pytest.raises(UnreadableFileError, match="changes its unit"):
        segments(master="m/2 1 100 5\na 2\nb 3\n", gains=("200/mV", "200/mmHg"))


@pytest.mark.parametrize(
    "master, match",
    [
        ("m/2 1 100 4\na 2\na 2\n", "occurs twice"),
        ("m/1 1 100 5\nl 5\n", "consists of segments itself"),
        ("m/2 1 100 5\na 2\nb 2\n", "in its own header"),
        ("m/2 1 100 6\na 2\nb 3\n", "5 samples together; its header states 6"),
        ("m/2 1 200 5\na 2\nb 3\n", "sampled at 100 Hz"),
        ("m/2 1 100\na 2\n~ 999999999999\n", "most of them missing"),
        ("m/2 1 100\na 2\nc 3\n", r"needs 'c\.hea' beside"),
        ("m/2 1 100\n~ 0\n~ 3\n", "no segment with samples"),
    ],
)
def test_segments_that_cannot_be(master, match):
    with pytest.raises(UnreadableFileError, match=match):
        segments(layout="l/1 1 100 5\nm 5\n", master=master)


def mark(code, step):
    return struct.pack("<H", code << 10 | step)


MARKS = (
    mark(22, 0) + mark(63, 25) + b"## time resolution: 1000\x00\x00"
    + mark(28, 100) + mark(63, 5) + b"(AFIB\x00" + mark(1, 50) + mark(62, 1) + mark(5, 350)
    + mark(59, 0) + struct.pack("<HH", 1, 0) + mark(14, 4) + mark(22, 1) + mark(63, 2) + b"MI" + mark(0, 0)
)  # fmt: skip


def test_marks():
    assert recognizes_annotations(MARKS)
    header = b"r 1 500 2\nr.dat 16 200 0 0 0 0 0 V6\n"
    siblings = {"r.dat": bytes(4), "r.atr": MARKS, "r.qrs": MARKS, "r.txt": b"text", "x.atr": MARKS}
    recording = read_wfdb(header, siblings=siblings)
    check_sound(recording)
    found = [(m.start_s, m.text, m.kind, m.lead) for m in recording.annotations]
    assert found == [(0.1, "(AFIB", "rhythm", ""), (0.15, "N", "beat", ""), (0.5, "V", "beat", ""),
                     (66.04, "~", "note", ""), (66.041, "MI", "note", "")]  # fmt: skip
    assert recording.remarks == ("The marks of 'r.qrs' were left out beside those of 'r.atr'.",)
    of_lead = read_wfdb(header, siblings={"r.dat": bytes(4), "r.v6": MARKS})
    assert {m.lead for m in of_lead.annotations} == {"V6"}
    damaged_marks = read_wfdb(header, siblings={"r.dat": bytes(4), "r.atr": MARKS[:-3]})
    assert not damaged_marks.annotations and "no readable marks" in damaged_marks.remarks[0]


def test_marks_need_a_rate():
    siblings = {"r.dat": bytes(4), "r.atr": mark(1, 50) + mark(0, 0)}
    assert "times are not known" in read_wfdb(b"r 1\nr.dat 16 200\n", siblings=siblings).remarks[-1]
    entered = read_wfdb(b"r 1\nr.dat 16 200\n", siblings=siblings, options=ReadOptions(sampling_rate_hz=100))
    assert entered.annotations[0].start_s == 0.5 and entered.leads[0].sampling_rate_hz == 100


def test_recognition():
    assert recognizes_wfdb(b"# comment\n100 2 360 650000\n100.dat 212 200 11 1024 995 -22131 0 MLII\n")
    assert recognizes_wfdb(b"041s/2 7 125 2000 8:26:04 26/10/1994\n041s01 1000\n041s02 1000\n")
    for other in (
        b"",
        b"1 2\n3 4\n",
        b"1 2 3\n4 16 5\n",
        b"time I\n0 16\n",
        b"I,II\n1,2\n",
        b'{"leads": []}',
        MARKS,
    ):
        assert not recognizes_wfdb(other)
    text = b"text that goes on for a while\n"
    for other in (
        b"",
        b"\x00\x00",
        text,
        text * 1000,
        bytes(range(256)),
        b"1 2\n3 4\n",
        MARKS + text + bytes(2),
    ):
        assert not recognizes_annotations(other)
    assert recognizes_annotations(MARKS + bytes(510))


def test_damaged_records_are_refused_or_sound():
    header = (
        b"m 3 250/10(2) 4 8:26:04 26/10/1994\nm.dat 212x2:1 200(5)/mV 12 0 1 3 0 II\n"
        b"m.dat 212 20/mmHg 12 0 1 3 0 ABP\nn.dat 16+2 2000 12 0 1 3 0 V1\n# age: 3\n"
    )
    siblings = {"m.dat": pairs_of_12_bits([1, 2, 3, 4, -2048, 5] * 2), "n.dat": bytes(10), "m.atr": MARKS}
    assert read_or_refuse(lambda: read_wfdb(header, siblings=siblings))
    for content in damaged(header, cuts=60, flips=400):
        recognizes_wfdb(content)
        read_or_refuse(lambda: read_wfdb(content, siblings=siblings))  # noqa: B023
    for content in damaged(MARKS, cuts=len(MARKS), flips=300):
        recognizes_annotations(content)
        read_or_refuse(lambda: read_wfdb(header, siblings=siblings | {"m.atr": content}))  # noqa: B023


def folder_of(header):
    own = {
        path.name: path.read_bytes() for path in header.parent.iterdir() if path.name.startswith(header.stem)
    }
    own.pop(header.name)
    return own


REAL = [
    "mitdb/208",
    "mitdb/119",
    "cpsc2021/data_101_6",
    "ludb/1",
    "challenge2021/E07500",
    "challenge2021/HR06000",
    "challenge2021/JS20000",
    "formats/wfdb/a103l",
    "formats/wfdb/flacformats",
    "formats/wfdb/s0010_re",
    "formats/wfdb/test01_00s",
    "formats/wfdb/041s/041s",
]


@pytest.mark.parametrize("record", REAL)
def test_real_records_equal_what_the_wfdb_package_reads(real_data, record):
    wfdb = pytest.importorskip("wfdb")
    header = real_data / f"{record}.hea"
    data = header.read_bytes()
    assert recognizes_wfdb(data)
    recording = read_wfdb(data, siblings=folder_of(header))
    check_sound(recording)
    other = wfdb.rdrecord(str(header.with_suffix("")), smooth_frames=False)
    signals = other.e_p_signal if other.e_p_signal is not None else list(other.p_signal.T)
    for lead, signal, name in zip(recording.leads, signals, other.sig_name, strict=True):
        assert np.allclose(lead.physical(), signal, atol=1e-9, rtol=0, equal_nan=True)
        assert (lead.original_name or lead.name) == name.strip()
    assert not recording.remarks  # the checksums in the header hold


def test_all_real_headers_agree_with_their_signal_files(real_data):
    for folder in ("mitdb", "cpsc2021", "ludb", "challenge2021"):
        for header in sorted((real_data / folder).glob("*.hea"))[::4]:
            siblings = {
                name: (header.parent / name).read_bytes() for name in needed_files(header.read_bytes())
            }
            recording = read_wfdb(header.read_bytes(), siblings=siblings)
            check_sound(recording)
            assert not recording.remarks
            assert all(lead.samples.dtype.kind == "i" for lead in recording.leads)


@pytest.mark.parametrize("record", ["mitdb/208", "mitdb/201", "cpsc2021/data_101_6"])
def test_real_marks_equal_what_the_wfdb_package_reads(real_data, record):
    wfdb = pytest.importorskip("wfdb")
    path = real_data / record
    other = wfdb.rdann(str(path), "atr")
    data = path.with_suffix(".atr").read_bytes()
    assert recognizes_annotations(data)
    found = read_annotations(data, rate_hz=1.0)
    assert [mark.start_s for mark in found] == other.sample.tolist()
    for mark, symbol, note in zip(found, other.symbol, other.aux_note, strict=True):
        note = note.rstrip("\0").strip()
        assert mark.text in (symbol, note, f"{symbol} {note}")
        assert (mark.kind == "rhythm") == (symbol == "+")


def test_marks_of_single_leads(real_data):
    header = real_data / "ludb" / "1.hea"
    siblings = {path.name: path.read_bytes() for path in header.parent.glob("1.*") if path != header}
    recording = read_wfdb(header.read_bytes(), siblings=siblings)
    assert {mark.lead for mark in recording.annotations} == {lead.name for lead in recording.leads}
    assert recording.patient == {"age": "51", "sex": "F"}
    assert replace(recording.annotations[0], start_s=0).text == "("


def test_a_real_record_equals_its_ishne_twin(real_data):
    """ISHNE 1.0: the offset of the samples at byte 22, the number of leads at 156, the nanovolts at 206."""
    data = (real_data / "formats" / "ishne" / "119_ishne.ecg").read_bytes()
    (start,), (leads,) = struct.unpack("<i", data[22:26]), struct.unpack("<h", data[156:158])
    nanovolts = struct.unpack("<2h", data[206:210])
    twin = np.frombuffer(data[start:], "<i2").reshape(-1, leads).T
    header = real_data / "mitdb" / "119.hea"
    siblings = {"119.dat": (real_data / "mitdb" / "119.dat").read_bytes()}
    for lead, other, scale in zip(
        read_wfdb(header.read_bytes(), siblings=siblings).leads, twin, nanovolts, strict=True
    ):
        length = min(len(other), len(lead.samples))
        assert length > 600_000
        assert np.allclose(lead.physical()[:length], other[:length] * (scale / 1e6), rtol=0, atol=1e-9)


def test_real_files_are_told_apart(real_data):
    leads = {"i", "ii", "iii", "avr", "avl", "avf", "v1", "v2", "v3", "v4", "v5", "v6"}
    endings = {f".{lead}" for lead in leads} | {".atr"}
    files = [path for path in sorted(real_data.rglob("*")) if path.is_file() and path.stat().st_size < 3e6]
    for path in files[::3]:
        data = path.read_bytes()
        assert recognizes_wfdb(data) == (path.suffix == ".hea"), path
        assert recognizes_annotations(data) == (path.suffix in endings), path

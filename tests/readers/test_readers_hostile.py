"""Files made to waste time or memory are answered quickly."""

import mmap
import time

import pytest

from ecg_core.errors import UnreadableFileError
from ecg_core.readers import ReadOptions, read_json, read_recording

MANY = 200_000

HOSTILE = {
    "spaces in a header": b"a" + b" " * MANY + b"b,c\n1,2\n",
    "tabs": b"\t" * MANY + b"x\n1,2\n",
    "commas in a value": b"Key:" + b"," * MANY + b"x\n1;2\n",
    "brackets": b"(" * MANY + b",b\n1,2\n",
    "quotes": b"\"'" * MANY + b"\n1 2\n",
    "one quote": b'"' + b"1,2\n" * MANY,
    "slashes": b"a /" * MANY + b";b\n1;2\n",
    "digits": b"1" * MANY + b"x,2\n1,2\n",
    "signs": b"-" * MANY + b"\n1\n",
    "colons": b":" * MANY + b"\n1\n",
    "clock": b"12:" * MANY + b"\n1\n",
    "newlines": b"1\n" + b"\n" * 20_000_000,
    "only newlines": b"\n" * 20_000_000,
    "comment marks": b"#" * MANY + b"\n1\n",
    "key marks": b"a=" * MANY + b"\n1\n",
    "many keys": b"".join(b"key%d=%d\n" % (i, i) for i in range(MANY)) + b"1;2\n",
    "open brackets": b'{"leads": ' + b"[" * 2_000_000,
    "open braces": b'{"leads": [' + b'{"a":' * 90_000,
    "signals without end": b'{"leads": [' + b'{"signal":[' * 90_000,
    "names": b'{"leads": [{"name": "' + b"x" * 5_000_000 + b'", "signal": [1]}]}',
    "long count": b'{"leads": [{"name": "I", "number_of_samples": ' + b"1" * 9000 + b', "signal": [1]}]}',
    "long rate": b'{"sampling_rate": ' + b"1" * 9000 + b', "leads": [{"name": "I", "signal": [1]}]}',
    "spaces in a signal": b'{"leads": [{"name": "I", "signal": [1,' + b" " * 5_000_000 + b"2]}]}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_hang_and_only_our_error(name):
    began = time.perf_counter()
    try:
        read_recording(HOSTILE[name])
    except UnreadableFileError as error:
        assert len(str(error)) < 1500 and str(error).isprintable()
    assert time.perf_counter() - began < 4


@pytest.mark.parametrize("name", [name for name in HOSTILE if HOSTILE[name].startswith(b"{")])
def test_the_body_reader_alone_raises_nothing_else_either(name):
    with pytest.raises(UnreadableFileError):
        read_json(HOSTILE[name])


def test_a_mapped_file_is_read_and_can_be_closed_again(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"I,II\n1,2\n3,4\n")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        recording = read_recording(mapped)
    assert recording.leads[1].samples.tolist() == [2, 4]


@pytest.mark.parametrize(
    "content", [b'{"leads": [{"name": "I", "signal": [NaN]}]}', b"I,II\n1,2\n3,x\n", b"\x00\x01"]
)
def test_a_mapped_file_can_be_closed_after_a_refusal(tmp_path, content):
    path = tmp_path / "a"
    path.write_bytes(content)
    with (
        path.open("rb") as file,
        pytest.raises(UnreadableFileError),
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
    ):
        read_recording(mapped)


def test_a_byte_order_mark_with_a_chosen_encoding_is_no_part_of_the_name():
    recording = read_recording(b"\xef\xbb\xbfI,II\n1,2\n", options=ReadOptions(encoding="utf-8"))
    assert recording.leads[0].name == "I"


def test_a_thousand_leads_in_the_long_form():
    rows = (f"L{k % 1000},{k // 1000},{k}\n" for k in range(100_000))
    recording = read_recording(("lead,sample,value\n" + "".join(rows)).encode())
    assert len(recording.leads) == 1000
    assert recording.leads[7].samples[:3].tolist() == [7, 1007, 2007]

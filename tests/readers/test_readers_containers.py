"""Archives taken apart within bounds, whatever is in them."""

import gzip
import io
import random
import struct
import zipfile

import pytest

from ecg_core.readers import read_recording
from ecg_core.readers.containers import Limits, Source, find_bundles

ECG = b"I,II\n1,2\n3,4\n"


def zipped(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def bundles(*files, **limits):
    return find_bundles([Source.of(name, data) for name, data in files], Limits(**limits))


def contents(found):
    return {bundle.name: bundle.problem or bytes(bundle.load()) for bundle in found}


def test_loose_files_and_archives_in_their_order():
    inner = zipped(**{"deep.csv": ECG})
    archive = zipped(**{"day 1/a.csv": ECG, "day 1/b.csv.gz": gzip.compress(ECG), "more.zip": inner})
    found = bundles(("x.csv", ECG), ("study.zip", archive), ("y.json.gz", gzip.compress(b"{}") * 2))
    assert contents(found) == {
        "x.csv": ECG,
        "study.zip/day 1/a.csv": ECG,
        "study.zip/day 1/b.csv": ECG,
        "study.zip/more.zip/deep.csv": ECG,
        "y.json": b"{}{}",
    }
    assert [bundle.file_name for bundle in found][1] == "a.csv"


def test_what_an_operating_system_adds_is_passed_over():
    archive = zipped(**{"__MACOSX/._a.csv": b"x", "a.csv": ECG, "b/.DS_Store": b"x", "Thumbs.db": b"x"})
    assert list(contents(bundles(("s.zip", archive)))) == ["s.zip/a.csv"]


@pytest.mark.parametrize("name", ["../../etc/a.csv", "/etc/a.csv", "..\\..\\etc\\a.csv", "./etc/\x07a.csv"])
def test_a_name_is_only_text(name):
    assert list(contents(bundles(("s.zip", zipped(**{name: ECG}))))) == ["s.zip/etc/a.csv"]


def test_equal_names_stay_apart():
    found = bundles(("a.csv", ECG), ("a.csv", b"other"), ("s.zip", ECG))
    assert list(contents(found)) == ["a.csv", "a.csv (2)", "s.zip"]


def test_limits_are_said():
    many = zipped(**{f"{number}.csv": ECG for number in range(20)})
    assert "more than 10 files" in bundles(("s.zip", many), files=10)[0].problem
    assert "more than 0 MB" in bundles(("s.zip", many), total_bytes=100)[0].problem
    large = zipped(**{"a.csv": b"0\n" * 1_000_000})
    assert "more than 1 MB" in bundles(("s.zip", large), file_bytes=1_000_000)[0].problem
    nested = ECG
    for _ in range(5):
        nested = zipped(**{"a": nested})
    assert "archives within each other" in bundles(("s.zip", nested))[0].problem


def test_a_gzip_bomb_is_not_unpacked_beyond_the_limit():
    bomb = gzip.compress(b"\0" * 50_000_000)
    (found,) = bundles(("a.csv.gz", bomb), file_bytes=1_000_000)
    with pytest.raises(Exception, match="more than 1 MB"):
        found.load()


def test_a_member_that_lies_about_its_size_gives_no_more_than_it_says():
    data = bytearray(zipped(**{"a.csv": b"1\n" * 100_000}))
    central = data.rindex(b"PK\x01\x02")
    data[central + 24 : central + 28] = struct.pack("<I", 10)
    (found,) = bundles(("s.zip", bytes(data)))
    assert found.problem or len(found.load()) <= 10


def test_what_cannot_be_unpacked_is_said_and_stops_nothing():
    encrypted = bytearray(zipped(**{"a.csv": ECG}))
    encrypted[encrypted.rindex(b"PK\x01\x02") + 8] |= 1
    office = zipped(**{"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"})
    files = [("a.zip", bytes(encrypted)), ("b.xlsx", office), ("c.zip", zipped()[:-30] + b"PK\x03\x04"),
             ("d.zip", b"PK\x03\x04nonsense"), ("e.gz", b"\x1f\x8bnonsense"), ("f.csv", ECG)]  # fmt: skip
    problems = [bundle.problem for bundle in bundles(*files)]
    assert "encrypted" in problems[0] and "save the sheet as CSV" in problems[1]
    assert "damaged" in problems[3] and "damaged" in problems[4] and problems[5] == ""


def test_damaged_archives_never_raise():
    whole = zipped(**{"day 1/a.csv": ECG * 50, "b.json": b'{"leads": []}', "c.zip": zipped(d=ECG)})
    packed = gzip.compress(ECG * 50)
    dice = random.Random(1)
    for _ in range(300):
        data = bytearray(dice.choice((whole, packed)))
        for _ in range(dice.randrange(1, 4)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        for bundle in bundles(("s", bytes(data[: dice.randrange(4, len(data) + 1)]))):
            try:
                bundle.load()
            except Exception as error:
                assert type(error).__name__ == "UnreadableFileError"


def test_the_channels_of_a_cardiolab_export_come_from_the_file_beside_it():
    inf = b"Data Sampling Rate = 977 points/second\nChannel Number  Channel Label\n1  II\n2  V1\n"
    rows = "\n".join(f"{n} {n % 7 - 3} {n % 5}" for n in range(50)).encode()
    (found,) = bundles(("case.txt", rows), ("case.inf", inf))
    recording = read_recording(found.load(), siblings=found.siblings())
    assert [(lead.name, lead.sampling_rate_hz) for lead in recording.leads if lead.is_ecg] == [
        ("II", 977), ("V1", 977),
    ]  # fmt: skip

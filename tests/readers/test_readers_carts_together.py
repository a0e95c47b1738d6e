"""What holds for all readers of carts' files at once."""

import mmap
import threading
from contextlib import contextmanager

import pytest

from ecg_core.errors import InvalidInputError, UnreadableFileError
from ecg_core.readers import (
    ReadOptions,
    aecg_reader,
    dicom_reader,
    ishne_reader,
    mfer_reader,
    mortara_reader,
    muse_reader,
    scp_reader,
    sierra_reader,
)
from tests.readers.cart_files import (
    aecg_xml,
    check_sound,
    dicom,
    ishne,
    mfer,
    mortara_xml,
    muse_xml,
    scp,
    scp_sections,
    sierra_xml,
)

FILES = {
    "aecg": (aecg_reader, aecg_xml()),
    "dicom": (dicom_reader, dicom()),
    "ishne": (ishne_reader, ishne()),
    "mfer": (mfer_reader, mfer()),
    "mortara": (mortara_reader, mortara_xml()),
    "muse": (muse_reader, muse_xml()),
    "scp": (scp_reader, scp(scp_sections(huffman=True, order=2))),
    "sierra": (sierra_reader, sierra_xml()),
}


def recognizes(name):
    return getattr(FILES[name][0], f"recognizes_{name}")


def read(name):
    return getattr(FILES[name][0], f"read_{name}")


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_recognized_by_its_own_reader_alone(name):
    content = FILES[name][1]
    assert [other for other in FILES if recognizes(other)(memoryview(content))] == [name]
    assert [other for other in FILES if recognizes(other)(content[:3])] == []


@contextmanager
def mapped_view(path):
    """Closing the map fails while anything still refers to it."""
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
        memoryview(mapped) as view,
    ):
        yield view


@pytest.mark.parametrize("name", FILES)
def test_a_mapped_file_is_read_and_can_be_closed_again(name, tmp_path):
    path = tmp_path / "a"
    path.write_bytes(FILES[name][1])
    with mapped_view(path) as view:
        check_sound(read(name)(view), name)


@pytest.mark.parametrize("name", FILES)
def test_a_mapped_file_can_be_closed_after_a_refusal(name, tmp_path):
    path = tmp_path / "a"
    path.write_bytes(FILES[name][1][:30] + b"x" * 500)
    with mapped_view(path) as view, pytest.raises(UnreadableFileError):
        read(name)(view)


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_printed_and_nothing_is_left_behind(name, tmp_path, monkeypatch, capfd, recwarn):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    read(name)(bytearray(FILES[name][1]))
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "") and not len(recwarn)


@pytest.mark.parametrize("name", FILES)
def test_an_impossible_option_is_the_persons_mistake(name):
    with pytest.raises(InvalidInputError, match="Sampling rate"):
        read(name)(FILES[name][1], options=ReadOptions(sampling_rate_hz=-1))


def test_remarks_stay_with_their_file_when_many_are_read_at_once():
    damaged = muse_xml().replace(b"<LeadDataCRC32>", b"<LeadDataCRC32>1", 1)
    found = {}

    def work(index):
        content = damaged if index % 2 else muse_xml()
        found[index] = [len(muse_reader.read_muse(content).remarks) for _ in range(20)]

    threads = [threading.Thread(target=work, args=(index,)) for index in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {index: [index % 2] * 20 for index in range(6)}

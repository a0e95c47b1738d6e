"""Reading in another process: the same recording, and bounds that hold."""

import json
import mmap
import os
import signal
from pathlib import Path

import numpy as np
import pytest

from ecg_core.domain import Annotation
from ecg_core.errors import InvalidInputError, UnreadableFileError
from ecg_core.readers import ReadOptions, read_recording
from ecg_core.readers.bounded import Worker
from ecg_core.readers.messages import Request
from ecg_core.readers.table import read_here
from tests.readers.test_readers_kardia import atc, ecg, form, info
from tests.wfdb_example import wfdb_record

SMALL = (
    b'{"sampling_rate": 500, "leads": [{"name": "I", "signal": [1, 0, null, 2.5]}, '
    b'{"name": "II", "signal": [7]}]}'
)


def request(data, reader="json", options=ReadOptions()):  # noqa: B008
    return Request(reader, data, options, {})


@pytest.fixture
def worker():
    opened = Worker()
    yield opened
    opened.close()


def same(one, other):
    assert [lead.name for lead in one.leads] == [lead.name for lead in other.leads]
    for ours, theirs in zip(one.leads, other.leads, strict=True):
        assert ours.samples.dtype == theirs.samples.dtype
        assert np.array_equal(ours.samples, theirs.samples, equal_nan=ours.samples.dtype.kind == "f")
        assert {**vars(ours), "samples": 0} == {**vars(theirs), "samples": 0}
    assert {**vars(one), "leads": 0} == {**vars(other), "leads": 0}


def test_what_comes_out_is_what_the_reader_read(worker):
    kardia = atc(info(), form(), ecg(), ecg(1))
    for each in (request(SMALL), request(kardia, "kardia"), request(SMALL, options=ReadOptions(unit="mV"))):
        same(worker.read(each), read_here(each))
    recording = read_recording(kardia)
    same(recording, read_here(request(kardia, "kardia")))
    assert all(isinstance(each, Annotation) for each in recording.annotations)


def test_files_and_leads_of_many_sizes_go_and_come_one_after_another(worker):
    record = wfdb_record()
    siblings = {name: record[name] for name in ("r.dat", "r.atr")}
    both = Request("wfdb", record["r.hea"], ReadOptions(), siblings)
    same(worker.read(both), read_here(both))
    sizes = {"I": 300_000, "II": 1, "III": 70_001}
    leads = [{"name": name, "signal": [k % 7 - 3 for k in range(size)]} for name, size in sizes.items()]
    long = request(json.dumps({"leads": leads}).encode())
    same(worker.read(long), read_here(long))
    same(worker.read(request(SMALL)), read_here(request(SMALL)))


def test_a_file_on_disk_is_there_again_after_its_memory_was_freed(worker, tmp_path):
    path = tmp_path / "ecg.json"
    path.write_bytes(SMALL)
    with path.open("rb") as file:
        view = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    same(worker.read(request(view)), read_here(request(SMALL)))
    assert bytes(view) == SMALL


def test_a_process_is_not_asked_again_after_an_exchange_that_broke_off(worker):
    with pytest.raises(TypeError):
        worker.read(request(SMALL, options=ReadOptions(unit=object())))
    assert not worker.is_fresh


def test_what_is_wrong_is_said_as_in_this_process(worker):
    with pytest.raises(UnreadableFileError, match='"leads" is empty'):
        worker.read(request(b'{"leads": []}'))
    with pytest.raises(InvalidInputError, match="Sampling rate"):
        worker.read(request(SMALL, options=ReadOptions(sampling_rate_hz=-1)))
    same(worker.read(request(SMALL)), read_here(request(SMALL)))


def test_a_file_that_takes_too_long_is_given_up():
    many = json.dumps({"leads": [{"name": "I", "signal": list(range(2_000_000))}]}).encode()
    worker = Worker(seconds=0.05)
    with pytest.raises(UnreadableFileError, match=r"takes longer than 0\.05 s"):
        worker.read(request(many))
    assert not worker.is_fresh


def test_a_file_that_takes_too_much_memory_is_given_up():
    many = json.dumps({"leads": [{"name": "I", "signal": [0.5] * 12_000_000}]}).encode()
    worker = Worker(memory_bytes=450_000_000)
    with pytest.raises(UnreadableFileError, match="more memory than is allowed"):
        worker.read(request(many))
    worker.close()


def test_a_process_that_died_is_said_and_the_next_file_is_read(worker):
    os.kill(worker._process.pid, signal.SIGKILL)
    with pytest.raises(UnreadableFileError, match="broke the process"):
        worker.read(request(SMALL))
    assert read_recording(atc(info(), form(), ecg())).leads


def test_a_process_whose_parent_is_gone_ends_and_leaves_nothing(worker):
    folder, process = Path(worker._folder), worker._process
    (folder / "left").write_bytes(b"of a patient")
    process.stdin.close()
    assert process.wait(timeout=20) == 0
    assert not folder.exists()

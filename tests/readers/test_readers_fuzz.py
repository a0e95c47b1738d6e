"""The fuzzer's short form: some damaged files of every format, the same ones each time.

The long form is ``python -m benchmarks.fuzz --minutes N``.
"""

import pytest

from benchmarks.fuzz import examine, fuzz, load_case, make_case, replay
from benchmarks.seeds import Seed, load_seeds
from ecg_core.domain import Lead
from ecg_core.readers import READERS
from ecg_core.readers.json_reader import read_json

EXECUTIONS = 25  # of each reader


@pytest.fixture(scope="module")
def seeds():
    return load_seeds()


@pytest.mark.parametrize("reader", [reader.name for reader in READERS])
def test_no_damage_breaks_a_reader(reader, tmp_path, seeds):
    report = fuzz([reader], run=7, executions=EXECUTIONS, folder=tmp_path, seeds=seeds)
    assert report.executions == EXECUTIONS
    assert not report.crashes, report.crashes


def test_every_seed_is_read_before_it_is_damaged(seeds):
    assert all(seeds[reader.name] for reader in READERS)
    for seed in [one for some in seeds.values() for one in some if one.name != "healforce_62.SCP"]:
        assert examine(seed).kind == "read", seed.name


def test_a_case_is_the_same_each_time(seeds):
    for number in range(20):
        assert make_case(seeds, "wfdb", 3, number) == make_case(seeds, "wfdb", 3, number)
    assert make_case(seeds, "wfdb", 3, 0) != make_case(seeds, "wfdb", 4, 0)


def test_crashes_are_told_and_can_be_replayed(monkeypatch, tmp_path, seeds):
    def broken(data, **_):
        raise KeyError("lost")

    def unbounded(data, **_):
        return [bytearray(10**9) for _ in range(9)]

    def unsound(data, **_):
        recording = read_json(b'{"leads": [{"name": "I", "signal": [1]}]}')
        lead = recording.leads[0]
        return type(recording)((Lead(" I ", lead.samples),), "json")

    for fault, words in ((broken, "KeyError"), (unbounded, "Memory"), (unsound, "AssertionError")):
        _read_json_with(monkeypatch, fault)
        report = fuzz(["json"], run=1, executions=1, folder=tmp_path / words, seeds=seeds)
        (reason,) = report.crashes
        assert words in reason[1]
        (path,) = report.saved
        assert replay(path).kind == "crash"
        assert isinstance(load_case(path), Seed)


def _read_json_with(monkeypatch, read):
    from ecg_core.readers import table

    reader = type(table.READERS[0])("json", "JSON", (), lambda data: False, read, is_bounded=False)
    monkeypatch.setitem(table._BY_NAME, "json", reader)

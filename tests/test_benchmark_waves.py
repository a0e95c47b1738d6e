"""The scorer of waves and intervals, on marks whose score is known."""

import numpy as np
import pytest

from benchmarks.accuracy.ludb import Marks, by_beat, lead_marks, second_extremes
from benchmarks.accuracy.waves import deviations, intervals_ms, within_tolerance

FS = 500.0


def a_record(leads: int = 12) -> Marks:
    """Two beats; each lead begins P and QRS one sample later than the lead before and ends T one earlier."""
    read = []
    for i in range(leads):
        offsets = np.array([-90 + i, -60, -40, -20 + i, 0, 30, 100, 150, 200 - i])
        samples = np.concatenate([1000 + offsets, 1500 + offsets])
        read.append(lead_marks(samples, ["(", "p", ")", "(", "N", ")", "(", "t", ")"] * 2))
    return Marks(FS, np.zeros((leads, 2500)), tuple(read))


def test_brackets_beside_a_peak_are_its_marks() -> None:
    lead = lead_marks(np.array([10, 20, 30, 40, 50]), ["(", "N", ")", "t", ")"])
    assert lead.waves["N"].tolist() == [[10, 20, 30]]
    assert lead.waves["T"].tolist() == [[-1, 40, 50]]
    assert lead.spans("T").tolist() == [] and lead.marked == (10, 50)


def test_second_earliest_and_second_latest_of_the_leads() -> None:
    record = a_record()
    beats = record.beats()
    assert beats.tolist() == [1000, 1500]
    found = second_extremes(by_beat(record.leads, beats, FS))
    assert found[0].tolist() == [[911, 960], [981, 1030], [1101 - 1, 1199]]
    assert intervals_ms(found, FS) == {"P": 98, "PR": 140, "QRS": 98, "QT": 436}


def test_a_wave_of_fewer_than_six_leads_has_no_interval() -> None:
    record = a_record()
    marks = by_beat(record.leads, record.beats(), FS)
    marks[:7, :, 0] = -1
    assert np.isnan(second_extremes(marks)[:, 0]).all()
    assert np.isnan(intervals_ms(second_extremes(marks), FS)["PR"])


def test_shares_within_the_tolerance_count_what_is_missing() -> None:
    record = a_record()
    marks = by_beat(record.leads, record.beats(), FS)
    assert set(within_tolerance(marks, record.leads, FS).values()) == {(24, 24)}
    marks[..., 1, 0] += 3  # 6 ms of 6.5
    marks[..., 1, 2] += 6  # 12 ms of 11.6
    marks[0, :, 2] = -1
    found = within_tolerance(marks, record.leads, FS)
    assert found["QRS on"] == (24, 24) and found["QRS off"] == (0, 24) and found["T off"] == (22, 24)


def test_deviations_with_and_without_the_four_largest() -> None:
    theirs = [{"P": 100.0, "PR": float("nan"), "QRS": 90.0, "QT": 400.0}] * 8
    ours = [
        {"P": 100.0 + d, "PR": 150.0, "QRS": float("nan"), "QT": 410.0}
        for d in (1, -1, 1, -1, 50, 60, 70, 80)
    ]
    found = deviations(ours, theirs)
    mean, sd, mean_4, sd_4, covered, number = found["P"]
    assert (mean, mean_4, covered, number) == (32.5, 0.0, 100.0, 8.0)
    assert sd_4 == pytest.approx(2 / 3**0.5) and sd > 30
    assert found["PR"][5] == 0 and found["QRS"][4] == 0.0
    assert found["QT"][:2] == (10.0, 0.0)

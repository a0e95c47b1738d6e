"""Rows of beats whose events are known."""

from __future__ import annotations

import numpy as np

from ecg_core.signal.rhythm import find_rhythm_events


def events(kinds, rr_s=0.8, **more):
    ventricular = np.array([kind == "V" for kind in kinds])
    return find_rhythm_events(np.arange(len(kinds)) * rr_s, ventricular, **more)


def test_runs_have_three_beats_and_pairs_two():
    found = events("NVVNNVVVNVNNVVVVV")
    assert found.pairs == ((1, 2),) and found.runs == ((5, 7), (12, 16))


def test_bigeminy_needs_three_pairs():
    assert events("NNVNVNN").bigeminy == ()
    assert events("NNVNVNVNN").bigeminy == ((1, 6),)
    assert events("VNVNVNVNN").bigeminy == ((1, 6),)


def test_a_pause_is_two_seconds_and_not_over_a_gap():
    times = np.array([0.0, 1.0, 3.0, 4.0, 9.0, 10.0])
    none = np.zeros(6, bool)
    found = find_rhythm_events(times, none)
    assert found.pauses == ((1, 2), (3, 4)) and (found.longest_rr_s, found.longest_rr) == (5.0, (3, 4))
    found = find_rhythm_events(times, none, gaps_s=[(5.0, 8.0)])
    assert found.pauses == ((1, 2),) and found.longest_rr_s == 2.0
    assert find_rhythm_events(times, none, pause_s=2.5).pauses == ((3, 4),)


def test_a_run_does_not_go_over_a_gap():
    assert events("NVVVVN", gaps_s=[(2.0, 2.2)]).pairs == ((1, 2), (3, 4))


def test_few_beats_are_no_events():
    for kinds in ("", "V"):
        found = events(kinds)
        assert (found.runs, found.pairs, found.pauses, found.longest_rr_s) == ((), (), (), None)

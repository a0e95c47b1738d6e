"""The scorer of beats counts right, on rows of beats that are known; and the command runs."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import sleepecg
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.accuracy.ec57 import Tally, match_beats, tally_beats, total
from benchmarks.accuracy.noise import KINDS, add_noise, qrs_height
from benchmarks.accuracy.records import cluster, read_records
from tests.conftest import ROOT


def tally(known, found, left_out=()):
    return tally_beats(np.array(known, float), np.array(found, float), left_out)


def test_each_beat_has_one_partner_within_150_ms():
    assert tally([1, 2, 3], [1.1, 2.15, 3.2]) == Tally(2, 1, 1)
    assert tally([1], [0.95, 1.05]) == Tally(1, 0, 1)
    assert tally([1.0, 1.1], [1.05]) == Tally(1, 1, 0)
    assert tally([], [1.0]) == Tally(0, 0, 1) and tally([1.0], []) == Tally(0, 1, 0)


def test_the_nearer_one_is_the_partner_unless_that_costs_a_pair():
    assert match_beats(np.array([1.0]), np.array([0.9, 1.01])) == [(0, 1)]
    assert match_beats(np.array([1.0, 1.1]), np.array([0.9, 1.02])) == [(0, 0), (1, 1)]


def test_what_is_left_out_counts_neither_way():
    assert tally([1, 400], [2.5, 400], [(-np.inf, 300.0)]) == Tally(1, 0, 0)
    assert tally([299.95, 301], [300.05, 301], [(-np.inf, 300.0)]) == Tally(1, 0, 0)  # its partner is outside
    assert tally([300.05], [299.95], [(-np.inf, 300.0)]) == Tally(1, 0, 0)


def test_gross_figures_are_over_all_beats():
    both = total([Tally(90, 10, 0), Tally(900, 0, 100)])
    assert both == Tally(990, 10, 100)
    assert (both.sensitivity, both.predictivity) == (99.0, pytest.approx(100 * 990 / 1090))
    assert np.isnan(Tally().sensitivity) and np.isnan(Tally().predictivity)


rows = st.lists(st.integers(0, 400), max_size=40, unique=True).map(lambda ms: np.sort(ms) / 20.0)


@settings(max_examples=300, deadline=None)
@given(rows, rows)
def test_the_pairs_are_as_many_as_can_be(known, found):
    """The naive twin: the largest matching, one beat at a time."""
    pairs = match_beats(known, found)
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)
    assert all(abs(known[i] - found[j]) <= 0.15 for i, j in pairs)
    assert len(pairs) == _most_pairs(known, found)


def _most_pairs(known, found):
    best = np.zeros((len(known) + 1, len(found) + 1), int)
    for i, j in np.ndindex(len(known), len(found)):
        here = best[i, j] + (abs(known[i] - found[j]) <= 0.15)
        best[i + 1, j + 1] = max(best[i, j + 1], best[i + 1, j], here)
    return best[-1, -1]


def test_marks_of_several_leads_are_one_beat():
    assert cluster([np.array([1.0, 2.0]), np.array([1.04]), np.array([0.98, 2.02])]).tolist() == [1.0, 2.01]


@pytest.mark.parametrize("kind", KINDS)
def test_the_noise_has_the_strength_that_is_asked(kind):
    fs, beats = 360.0, np.arange(1.0, 99.0)
    time = np.arange(round(100 * fs)) / fs
    lead = 1.5 * np.exp(-((((time + 0.5) % 1.0) - 0.5) ** 2) / (2 * 0.012**2))
    assert qrs_height(lead, fs, beats) == pytest.approx(1.5, abs=0.01)
    added = add_noise(lead[None], fs, beats, kind, snr_db=6.0, seed=1)[0] - lead
    assert 10 * np.log10(1.5**2 / 8 / np.mean(added**2)) == pytest.approx(6.0, abs=0.1)


def test_records_of_mit_bih_leave_out_what_ec57_leaves_out(real_data):
    records = {record.name: record for record in read_records(real_data / "mitdb")}
    assert len(records) == 22 and len(records["101"].beats_s) == 1865
    assert len(records["207"].unmarked) == 6 and "!" not in records["207"].labels
    assert sum(b >= 300 for b in records["208"].beats_s) == 2437
    known = records["208"]
    assert tally_beats(known.beats_s, known.beats_s, known.left_out) == Tally(2437, 0, 0)


def test_the_counts_are_those_of_sleepecg(real_data):
    record = next(read_records(real_data / "mitdb"))
    found = sleepecg.detect_heartbeats(record.values_mv[0], record.fs)
    theirs = sleepecg.compare_heartbeats(
        found, np.rint(record.beats_s * record.fs).astype(int), round(0.15 * record.fs)
    )
    ours = tally_beats(record.beats_s, found / record.fs)
    assert (ours.missed, ours.false) == (len(theirs.FN), len(theirs.FP))


def test_the_command_prints_the_table(real_data):
    folder = str(real_data / "cpsc2021")
    command = [sys.executable, "-m", "benchmarks.accuracy", folder, "--no-peers", "--only", "beats"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "cpsc2021" in done.stdout and "held out" in done.stdout

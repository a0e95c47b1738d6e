"""Stepping and counting piece by piece, against the list of all crossings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_core.signal import stepping
from ecg_core.signal.stepping import count_crossings_within, first_crossing, last_crossing
from ecg_core.signal.zero_crossings import find_zero_crossings

RUNS = st.lists(st.tuples(st.sampled_from([1.0, -1.0, 0.0, float("nan")]), st.integers(1, 9)), max_size=12)


class Reader:
    """Reads an array, and remembers how much at a time."""

    def __init__(self, samples):
        self.samples, self.most, self.total = samples, 0, 0

    def __call__(self, start, stop):
        self.most, self.total = max(self.most, stop - start), self.total + stop - start
        return self.samples[start:stop]


@pytest.fixture(params=[1, 2, 7, 4096])
def piece(request, monkeypatch):
    """Lengths of pieces, so that short signals have many."""
    monkeypatch.setattr(stepping, "_SHORTEST_PIECE", request.param)
    monkeypatch.setattr(stepping, "LONGEST_PIECE", 2 * request.param)


@pytest.mark.usefixtures("piece")
class TestPieces:
    @given(RUNS, st.data())
    def test_as_the_list_of_all(self, runs, data):
        samples = np.array([value for value, length in runs for _ in range(length)], np.float64)
        everything = find_zero_crossings(samples).indices
        start = data.draw(st.integers(0, len(samples)))
        stop = data.draw(st.integers(start, len(samples)))
        within = everything[(everything >= start) & (everything < stop)].tolist()
        before = everything[everything < stop].tolist()
        read = Reader(samples)
        assert count_crossings_within(read, start, stop) == len(within)
        assert first_crossing(read, start, stop) == next(iter(within), None)
        assert last_crossing(read, stop) == next(reversed(before), None)

    @given(st.lists(st.integers(-2, 2), max_size=40), st.sampled_from([-1.0, 0.0, 0.5, 1.0]))
    def test_of_integers_around_any_level(self, values, level):
        samples = np.array(values, np.int16)
        everything = find_zero_crossings(samples, zero_level=level).indices.tolist()
        found, at = [], first_crossing(Reader(samples), 0, len(samples), zero_level=level)
        while at is not None:
            found.append(at)
            at = first_crossing(Reader(samples), at + 1, len(samples), zero_level=level)
        assert found == everything
        back, at = [], last_crossing(Reader(samples), len(samples), zero_level=level)
        while at is not None:
            back.append(at)
            at = last_crossing(Reader(samples), at, zero_level=level)
        assert back == everything[::-1]


@pytest.mark.parametrize("fill", [0, 1])
def test_a_long_flat_lead_is_never_in_memory_at_once(fill):
    samples = np.full(3_000_000, fill, np.int16)
    samples[0], samples[-1] = 1, -1
    read = Reader(samples)
    assert first_crossing(read, 1, len(samples)) == len(samples) - 1
    assert last_crossing(read, len(samples) - 1) is None
    assert count_crossings_within(read, 2_999_999, len(samples)) == 1
    assert read.most == stepping.LONGEST_PIECE


def test_a_crossing_nearby_reads_little():
    read = Reader(np.resize(np.array([1, -1], np.int16), 3_000_000))
    assert (first_crossing(read, 1_000_000, 3_000_000), last_crossing(read, 1_000_000)) == (
        1_000_000,
        999_999,
    )
    assert read.total < 20_000

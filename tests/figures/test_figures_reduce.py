"""Reduction against its naive twin: the extremes of every stretch, whatever is missing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_core.figures.reduce import REDUCED_POINTS, find_shown_points


def peaks_of_bins(values, bins):
    parts = np.array_split(values, bins)
    return [(np.nanmin(part), np.nanmax(part)) for part in parts if not np.isnan(part).all()]


@settings(max_examples=30, deadline=None)
@given(st.integers(6_001, 60_000), st.integers(0, 2**32 - 1), st.floats(0.0, 0.6), st.booleans())
def test_no_peak_is_lost_and_no_gap_is_closed(number, seed, share_missing, in_runs):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=number).cumsum()
    if in_runs:
        start = rng.integers(number)
        values[start : start + int(share_missing * number)] = np.nan
    else:
        values[rng.random(number) < share_missing * 0.01] = np.nan
    shown = find_shown_points(values)
    assert (np.diff(shown) > 0).all()
    bins = REDUCED_POINTS // 8
    for part in np.array_split(np.arange(number), bins):
        if not np.isnan(values[part]).all():
            near = shown[(shown >= part[0] - 40) & (shown <= part[-1] + 40)]
            assert np.nanmax(values[near]) >= np.nanmax(values[part])
            assert np.nanmin(values[near]) <= np.nanmin(values[part])
    gaps = np.flatnonzero(np.isnan(values) & ~np.r_[False, np.isnan(values[:-1])])
    assert np.isin(gaps, shown).all()


@pytest.mark.parametrize("number", [6_001, 100_000, 1_000_000])
def test_a_whole_signal_becomes_some_thousand_points(number):
    values = np.sin(np.arange(number) / 50)
    assert REDUCED_POINTS / 2 <= len(find_shown_points(values)) <= REDUCED_POINTS + 3


@pytest.mark.parametrize("number", [6_001, 16_099, 33_411])
def test_a_peak_in_the_last_sample_is_kept(number):
    """At some lengths the library's stretches end one sample short."""
    values = np.zeros(number)
    values[-1] = 1.0
    assert find_shown_points(values)[-1] == number - 1


def test_nothing_but_gaps():
    assert list(find_shown_points(np.full(7_000, np.nan))) == [0]

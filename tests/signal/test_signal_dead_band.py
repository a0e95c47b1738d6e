"""Zero crossings with a dead band, against a naive twin of the definition."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_core.signal.dead_band import find_dead_band_crossings, zero_dead_band
from ecg_core.signal.zero_crossings import find_zero_crossings

NAN = float("nan")
SIGNALS = st.lists(st.integers(-6, 6).map(float) | st.just(NAN), max_size=80)
BANDS = st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.5, 6.0, 7.0])


def naive_crossings(values, band):
    """The definition, sample by sample: [(index, rising)]."""
    crossings, side = [], 0
    for index, value in enumerate(values):
        if value != value:
            side = 0
        elif value != 0 and abs(value) >= band:
            now = 1 if value > 0 else -1
            if now == -side:
                crossings.append((index, now > 0))
            side = now
    return crossings


def listed(found):
    return list(zip(found.indices.tolist(), found.rising.tolist(), strict=True))


@pytest.mark.parametrize(
    "values, band, expected",
    [
        ([1, -1], 1, [(1, False)]),
        ([1, -0.9, 1], 1, []),
        ([1, -0.9, 0.2, -1, 0.5, 2], 1, [(3, False), (5, True)]),
        ([0.5, -0.5, 2, -0.5, -2], 1, [(4, False)]),
        ([1, 0, -1], 0, [(2, False)]),
        ([1, NAN, -1], 0.5, []),
        ([1, NAN, -1, 1], 0.5, [(3, True)]),
        ([0.1, -0.1] * 5, 0.2, []),
        ([], 0.1, []),
        ([np.inf, -np.inf], 3, [(1, False)]),
    ],
)
def test_what_counts(values, band, expected):
    assert listed(find_dead_band_crossings(np.array(values, float), band=band)) == expected


@given(SIGNALS, BANDS)
def test_as_the_naive_twin(values, band):
    assert listed(find_dead_band_crossings(np.array(values), band=band)) == naive_crossings(values, band)


@given(SIGNALS)
def test_no_band_is_the_official_count(values):
    official = find_zero_crossings(np.array(values))
    found = find_dead_band_crossings(np.array(values), band=0.0)
    assert np.array_equal(found.indices, official.indices)
    assert np.array_equal(found.rising, official.rising)


@given(SIGNALS, BANDS, st.sampled_from([0.001, 3.0, 1e6]))
def test_scaled_and_turned_over(values, band, scale):
    signal = np.array(values)
    found = find_dead_band_crossings(signal, band=band)
    scaled = find_dead_band_crossings(scale * signal, band=scale * band)
    assert listed(scaled) == listed(found)
    turned = find_dead_band_crossings(-signal, band=band)
    assert turned.indices.tolist() == found.indices.tolist() and np.array_equal(turned.rising, ~found.rising)


@given(SIGNALS, BANDS)
def test_a_wider_band_finds_no_more_and_repeating_samples_changes_nothing(values, band):
    signal = np.array(values)
    found = find_dead_band_crossings(signal, band=band)
    assert len(find_dead_band_crossings(signal, band=band + 1).indices) <= len(found.indices)
    repeated = find_dead_band_crossings(np.repeat(signal, 3), band=band)
    assert repeated.indices.tolist() == (3 * found.indices).tolist()


def test_the_edge_is_outside_the_band_also_where_rounding_says_otherwise():
    assert (3 * 0.1, 0.7 - 0.4) == (0.30000000000000004, 0.29999999999999993)
    edge = np.array([3 * 0.1, -(0.7 - 0.4), 0.2999])
    assert zero_dead_band(edge, band=0.3).tolist() == [*edge[:2].tolist(), 0]


def test_integers_are_taken_and_nothing_is_changed():
    samples = np.array([-32768, 3, 32767, -5], np.int16)
    assert listed(find_dead_band_crossings(samples, band=5)) == [(2, True), (3, False)]
    values = np.array([0.1, 2.0])
    zero_dead_band(values, band=1.0)
    assert values.tolist() == [0.1, 2.0]


@pytest.mark.parametrize("band", [-0.1, NAN])
def test_a_band_that_is_none(band):
    with pytest.raises(ValueError, match="dead band"):
        find_dead_band_crossings(np.zeros(2), band=band)


def test_long_signals_and_the_ends_of_blocks():
    """20 million samples, 80,000 crossings of a sine at half its height: down at 210°, up at 30°."""
    signal = np.tile(np.sin(2 * np.pi * np.arange(500) / 500), 40_000)
    begin = time.perf_counter()
    found = find_dead_band_crossings(signal, band=0.5)
    assert time.perf_counter() - begin < 3  # 0.1 s where nothing else runs
    assert np.array_equal(found.indices, np.arange(292, 20_000_000, 250))
    assert np.array_equal(found.rising, np.arange(79_999) % 2 == 1)

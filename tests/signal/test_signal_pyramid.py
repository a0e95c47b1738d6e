"""The reduction of long signals, against its naive twin."""

from __future__ import annotations

import numpy as np
import pytest

from ecg_core.signal.pyramid import coarser, reduce_lead
from ecg_core.signal.synthetic import synthesize_ecg
from ecg_core.signal.zero_crossings import find_zero_crossings


def naive(samples, block, zero_level, inverted):
    """Lowest, highest, rising, falling, missing of each block, sample by sample."""
    found = find_zero_crossings(samples, zero_level=zero_level, inverted=inverted)
    rows = []
    for start in range(0, len(samples), block):
        part = samples[start : start + block]
        present = [value for value in part.tolist() if value == value]
        inside = [r for i, r in zip(found.indices, found.rising, strict=True) if start <= i < start + block]
        low, high = (min(present), max(present)) if present else (np.nan, np.nan)
        rows.append((low, high, inside.count(True), inside.count(False), len(part) - len(present)))
    return [np.array(column) for column in zip(*rows, strict=True)]


def signal(kind, length, seed):
    rng = np.random.default_rng(seed)
    if kind == "f":
        values = rng.normal(0, 1, length)
        for start in rng.integers(0, length, 6):
            values[start : start + int(rng.integers(1, 3000))] = np.nan
        return values
    info = np.iinfo(kind)
    values = rng.integers(max(info.min, -9), min(info.max, 9), length).astype(kind)
    values[rng.integers(0, length, 5)] = info.max  # single samples, as the tip of a QRS complex is
    values[rng.integers(0, length, 5)] = info.min
    return values


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("kind", ["int8", "int16", "uint8", "int32", "int64", "f"])
def test_every_block_is_what_the_naive_twin_says(kind, inverted):
    for seed, length in enumerate((2048, 2049, 33_000, 70_001)):
        samples = signal(kind, length, seed)
        levels = reduce_lead(samples, 1.5, inverted)
        assert [level.block_samples for level in levels] == [256, 4096][: len(levels)]
        assert len(levels) == (2 if length > 32_700 else 1)
        for level in levels:
            expected = naive(samples, level.block_samples, 1.5, inverted)
            assert level.lowest.dtype == samples.dtype
            found = (level.lowest, level.highest, level.rising, level.falling, level.missing)
            for ours, theirs in zip(found, expected, strict=True):
                np.testing.assert_array_equal(ours, theirs)


def test_crossings_beyond_a_block_of_the_counter_are_each_counted_once():
    samples = np.zeros((1 << 20) + 777, np.int16)
    samples[::1000] = np.where(np.arange(len(samples[::1000])) % 2, 5, -5)
    (finest, *_) = reduce_lead(samples)
    found = find_zero_crossings(samples)
    assert finest.rising.sum() + finest.falling.sum() == len(found.indices)
    np.testing.assert_array_equal(
        finest.rising, np.bincount(found.indices[found.rising] // 256, minlength=len(finest))
    )


def test_a_short_lead_has_no_blocks():
    assert reduce_lead(np.zeros(2047)) == () == reduce_lead(np.zeros(0))


def test_no_peak_of_an_ecg_is_lost_at_any_level():
    (samples,) = synthesize_ecg(700, 250, leads=("II",), seed=4)
    counts = np.round(samples * 200).astype(np.int16)
    for level in reduce_lead(counts):
        assert (level.lowest.min(), level.highest.max()) == (counts.min(), counts.max())
        assert len(level) == -(-len(counts) // level.block_samples)
    (finest, *_) = reduce_lead(counts)
    by_seven = coarser(finest, 7)
    assert by_seven.highest[2] == counts[2 * 7 * 256 : 3 * 7 * 256].max()

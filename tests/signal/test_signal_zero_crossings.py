"""Zero crossings against DESIGN.md's table, and against a naive twin of the definition."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_core.domain import Lead
from ecg_core.signal import zero_crossings
from ecg_core.signal.zero_crossings import (
    count_lead_zero_crossings,
    count_zero_crossings,
    find_lead_zero_crossings,
    find_zero_crossings,
)

INTEGERS = (np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64)
FLOATS = (np.float16, np.float32, np.float64)
NAN, INF = math.nan, math.inf

TABLE = [
    ([1, -1], 1, 0),
    ([1, 0, -1], 1, 0),
    ([1, 0, 1], 0, 1),
    ([1, 0, -1, 0, 1, 0, 0, 1], 2, 1),
    ([1, -2, 0, 3, -4, 0, 0, 5, 6, -7], 5, 0),
    ([-1, 0, 1, 2, 1, 0, -1, 0, 0, 1], 3, 0),
    ([0, 0, 1], 0, 0),
    ([1, 0], 0, 0),
    ([], 0, 0),
    ([1], 0, 0),
    ([0, 0, 0], 0, 0),
]


def naive_crossings(samples, zero_level=0):
    """The definition, sample by sample in exact numbers: [(index, position, rising)], touches."""
    crossings, touches, last, last_sign = [], 0, None, 0
    for index, sample in enumerate(samples.tolist()):
        if sample != sample:
            last_sign = 0
            continue
        sign = (sample > zero_level) - (sample < zero_level)
        if sign == 0:
            continue
        if sign == -last_sign:
            crossings.append((index, naive_position(samples, last, index, zero_level), sign > 0))
        elif sign == last_sign and index > last + 1:
            touches += 1
        last, last_sign = index, sign
    return crossings, touches


def naive_position(samples, last, index, zero_level):
    old, new = samples[last].item(), samples[index].item()
    if index > last + 1 or (math.isinf(old) and math.isinf(new)):
        return (last + index) / 2
    if math.isinf(old) or math.isinf(new):
        return float(index if math.isinf(old) else last)
    before, after = (abs(Fraction(value) - Fraction(zero_level)) for value in (old, new))
    return last + float(before / (before + after))


def assert_as_naive(samples, zero_level=0.0):
    crossings, touches = naive_crossings(samples, zero_level)
    found = find_zero_crossings(samples, zero_level=zero_level)
    assert found.indices.tolist() == [index for index, _, _ in crossings]
    assert found.rising.tolist() == [rising for _, _, rising in crossings]
    assert found.positions.tolist() == pytest.approx([position for _, position, _ in crossings], abs=1e-9)
    assert found.number_of_touches == touches
    assert count_zero_crossings(samples, zero_level=zero_level) == (len(crossings), touches)


def signals(dtype):
    """Signals with many signs, zeros, gaps and extremes, also long runs of each."""
    if np.dtype(dtype).kind == "f":
        tiny, huge = float(np.finfo(dtype).smallest_subnormal), float(np.finfo(dtype).max)
        value = st.sampled_from(
            [0.0, -0.0, 1.0, -1.0, -2.5, 3.0, NAN, INF, -INF, tiny, -tiny, huge / 4, -huge / 4]
        )
    else:
        low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
        value = st.sampled_from(sorted({0, 1, 2, 100, max(low, -1), max(low, -2), low, high}))
    run = st.tuples(value, st.one_of(st.integers(1, 3), st.integers(60, 200)))
    return st.lists(run, max_size=30).map(
        lambda runs: np.array([value for value, length in runs for _ in range(length)], dtype)
    )


@pytest.fixture(params=[64, 128, 1 << 19])
def block_samples(request, monkeypatch):
    monkeypatch.setattr(zero_crossings, "BLOCK_SAMPLES", request.param)
    return request.param


@pytest.mark.parametrize("dtype", [dtype for dtype in INTEGERS + FLOATS if np.dtype(dtype).kind != "u"])
@pytest.mark.parametrize(("signal", "crossings", "touches"), TABLE)
def test_table_of_the_definition(signal, crossings, touches, dtype):
    samples = np.array(signal, dtype)
    assert count_zero_crossings(samples) == (crossings, touches)
    found = find_zero_crossings(samples)
    assert (len(found.indices), found.number_of_touches) == (crossings, touches)


@pytest.mark.parametrize("dtype", FLOATS)
def test_no_crossing_spans_a_gap(dtype):
    assert count_zero_crossings(np.array([1, NAN, -1], dtype)) == (0, 0)
    assert count_zero_crossings(np.array([1, 0, NAN, 0, -1, 0, NAN, -1], dtype)) == (0, 0)
    assert count_zero_crossings(np.array([1, NAN, 1, -1], dtype)) == (1, 0)


def test_index_position_and_direction():
    found = find_zero_crossings(np.array([1, 0, 0, -1, 3], np.int16))
    assert found.indices.tolist() == [3, 4]
    assert found.positions.tolist() == [1.5, 3.25]
    assert found.rising.tolist() == [False, True]
    assert (found.indices.dtype, found.positions.dtype, found.rising.dtype) == (
        np.int64,
        np.float64,
        np.bool_,
    )


def test_an_infinite_sample_is_a_number():
    found = find_zero_crossings(np.array([INF, -1.0, INF, -INF]))
    assert found.positions.tolist() == [1.0, 1.0, 2.5]


def test_products_of_neighbours_would_overflow():
    assert count_zero_crossings(np.array([256, -256, 256], np.int16)).crossings == 2
    assert count_zero_crossings(np.array([2**31, -(2**31)], np.int64)).crossings == 1
    assert count_zero_crossings(np.array([1e-200, -1e-200])).crossings == 1


def test_64_bit_integers_are_compared_exactly():
    level = 2**62
    samples = np.array([level + 1, level - 3, level, level + 1], np.int64)
    found = find_zero_crossings(samples, zero_level=float(level))
    assert found.positions.tolist() == [0.25, 2.0]
    extremes = np.array([np.iinfo(np.int64).max, np.iinfo(np.int64).min], np.int64)
    assert find_zero_crossings(extremes).positions.tolist() == [0.5]
    unsigned = np.array([2**63 + 4096, 2**63 - 4096], np.uint64)
    assert find_zero_crossings(unsigned, zero_level=2.0**63).positions.tolist() == [0.5]


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("level", [-1e300, -INF, -(2.0**63) - 4096, -1e6, 1e6, 2.0**64, 1e300, INF])
def test_a_zero_level_outside_the_range_of_the_type(dtype, level):
    samples = np.array([0, 1, 100, 3, 0], dtype)
    assert count_zero_crossings(samples, zero_level=level) == (0, 0)
    assert_as_naive(samples, level)


@pytest.mark.parametrize("level", [0.5, -0.5, 99.999, 2.0, 1e300])
@pytest.mark.parametrize("dtype", [*INTEGERS, *FLOATS])
def test_any_zero_level(dtype, level):
    samples = np.array([0, 1, 2, 3, 2, 1, 100, 99, 2, 2, 0, 5], dtype)
    assert_as_naive(samples, level)


def test_a_level_that_narrow_floats_cannot_hold_is_not_rounded_to_them():
    nearest = np.float32(0.1)  # a little above 0.1
    assert count_zero_crossings(np.array([nearest, 0.0], np.float32), zero_level=0.1).crossings == 1
    assert count_zero_crossings(np.array([1, nearest, 1], np.float32), zero_level=0.1).touches == 0


def test_other_byte_order_and_strides():
    samples = np.array([1, 9, 0, 9, -1, 9, 2, 9], ">i2")[::2]
    assert_as_naive(samples)
    assert count_zero_crossings(samples) == (2, 0)


def test_what_is_no_signal_is_refused():
    with pytest.raises(ValueError, match="one dimension"):
        count_zero_crossings(np.zeros((2, 2)))
    with pytest.raises(TypeError, match="integers or floats"):
        count_zero_crossings(np.array(["a"]))
    with pytest.raises(ValueError, match="not a number"):
        count_zero_crossings(np.array([1, -1]), zero_level=NAN)


def test_a_lead_crosses_physical_zero():
    lead = Lead("I", np.array([1024, 1026, 1024, 1022], np.uint16), resolution=0.005, offset=-5.12)
    found = find_lead_zero_crossings(lead)
    assert found.indices.tolist() == [3]
    assert not found.rising[0]
    assert count_lead_zero_crossings(lead) == (1, 0)


def test_a_negative_resolution_turns_the_direction():
    lead = Lead("I", np.array([3, -1, 1], np.int16), resolution=-0.5)
    assert find_lead_zero_crossings(lead).rising.tolist() == [True, False]
    assert find_lead_zero_crossings(lead).positions.tolist() == [0.75, 1.5]


@pytest.mark.parametrize("length", [63, 64, 65, 127, 128, 129, 1000])
def test_long_runs_of_zeros_pass_block_and_word_boundaries(length, block_samples):
    for end, expected in ((-1, (1, 0)), (1, (0, 1)), (0, (0, 0))):
        samples = np.array([1] + [0] * length + [end] + [0] * length, np.int16)
        assert count_zero_crossings(samples) == expected
        assert_as_naive(samples)


@pytest.mark.parametrize("dtype", [np.int16, np.uint16, np.float32])
def test_noise_around_zero_in_every_block_size(dtype, block_samples):
    rng = np.random.default_rng(7)
    level = 2.0 if np.dtype(dtype).kind == "u" else 0.0
    for width in (1, 2, 40):
        noise = np.round(rng.normal(0, width, 3000)).astype(np.int16)
        assert_as_naive((noise + int(level)).clip(0 if level else None).astype(dtype), level)


@pytest.mark.parametrize("dtype", [*INTEGERS, *FLOATS])
def test_equals_the_naive_twin(dtype, block_samples):
    @settings(max_examples=60, deadline=None)
    @given(signals(dtype), st.sampled_from([0.0, 1.0, 0.5]))
    def check(samples, level):
        with np.errstate(over="ignore"):
            assert_as_naive(samples, level)

    check()


@given(signals(np.int16), st.sampled_from([1, 3, 1000]))
def test_scaling_changes_nothing(samples, factor):
    plain, scaled = find_zero_crossings(samples), find_zero_crossings(samples.astype(np.int64) * factor)
    assert plain.indices.tolist() == scaled.indices.tolist()
    assert plain.positions.tolist() == pytest.approx(scaled.positions.tolist())
    assert plain.number_of_touches == scaled.number_of_touches


@given(signals(np.int16), st.integers(-(2**40), 2**40))
def test_an_offset_moves_the_zero_level_with_it(samples, offset):
    moved = find_zero_crossings(samples.astype(np.int64) + offset, zero_level=float(offset))
    assert moved.positions.tolist() == find_zero_crossings(samples).positions.tolist()
    assert moved.number_of_touches == find_zero_crossings(samples).number_of_touches


@given(signals(np.float64))
def test_negation_swaps_rising_and_falling(samples):
    plain, negated = find_zero_crossings(samples), find_zero_crossings(-samples)
    assert plain.positions.tolist() == negated.positions.tolist()
    assert plain.rising.tolist() == (~negated.rising).tolist()
    assert find_zero_crossings(samples, inverted=True).rising.tolist() == negated.rising.tolist()
    assert plain.number_of_touches == negated.number_of_touches


@given(signals(np.float64))
def test_reversal_mirrors_the_positions(samples):
    plain, mirrored = find_zero_crossings(samples), find_zero_crossings(samples[::-1])
    mirror = (len(samples) - 1 - mirrored.positions)[::-1]
    assert plain.positions.tolist() == pytest.approx(mirror.tolist(), abs=1e-9)
    assert plain.rising.tolist() == (~mirrored.rising[::-1]).tolist()
    assert plain.number_of_touches == mirrored.number_of_touches


@given(signals(np.float32), signals(np.float32))
def test_counts_add_up_over_a_gap(left, right):
    joined = np.concatenate((left, np.array([NAN], np.float32), right))
    parts = count_zero_crossings(left), count_zero_crossings(right)
    assert count_zero_crossings(joined) == tuple(map(sum, zip(*parts, strict=True)))


@given(signals(np.int16))
def test_zeros_at_both_ends_change_nothing(samples):
    padded = np.pad(samples, 70)
    assert count_zero_crossings(padded) == count_zero_crossings(samples)
    assert (find_zero_crossings(padded).positions - 70).tolist() == pytest.approx(
        find_zero_crossings(samples).positions.tolist()
    )


@given(signals(np.int32))
def test_repeating_every_sample_keeps_the_count(samples):
    assert count_zero_crossings(np.repeat(samples, 3)).crossings == count_zero_crossings(samples).crossings


@given(signals(np.float64))
def test_a_crossing_lies_between_the_samples_it_is_of(samples):
    found = find_zero_crossings(samples)
    assert np.all(found.positions <= found.indices)
    assert np.all(np.diff(found.positions) >= 0)
    assert np.all(found.positions >= 0)

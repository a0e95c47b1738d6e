"""The numbers of the lead report."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_core.domain import Lead
from ecg_core.signal import ANALYSIS_VERSION
from ecg_core.signal import statistics as lead_statistics
from ecg_core.signal.statistics import sample_statistics, summarize_lead


@pytest.fixture(params=[4, 1 << 16])
def block_samples(request, monkeypatch):
    monkeypatch.setattr(lead_statistics, "BLOCK_SAMPLES", request.param)


def test_a_lead_in_physical_units():
    lead = Lead("II", np.array([100, 300, 200, 400], np.uint16), 500.0, "mV", resolution=0.01, offset=-2.0)
    summary = summarize_lead(lead)
    assert (summary.name, summary.number_of_samples, summary.sampling_rate_hz) == ("II", 4, 500.0)
    assert (summary.unit, summary.resolution, summary.offset) == ("mV", 0.01, -2.0)
    assert (summary.minimum, summary.maximum) == (-1.0, 2.0)
    assert summary.mean == pytest.approx(0.5)
    assert summary.standard_deviation == pytest.approx(math.sqrt(1.25))
    assert (summary.number_of_zero_crossings, summary.number_of_zero_touches) == (1, 1)
    assert (summary.missing_samples, summary.analysis_version) == (0, ANALYSIS_VERSION)


def test_a_negative_resolution_turns_minimum_and_maximum():
    summary = summarize_lead(Lead("I", np.array([1, 5], np.int16), resolution=-2.0))
    assert (summary.minimum, summary.maximum, summary.mean) == (-10.0, -2.0, -6.0)
    assert summary.standard_deviation == 4.0


@pytest.mark.parametrize("samples", [np.empty(0, np.int16), np.empty(0), np.full(9, np.nan)])
def test_nothing_to_measure_is_unknown(samples, block_samples):
    summary = summarize_lead(Lead("I", samples))
    assert summary.minimum is summary.maximum is summary.mean is summary.standard_deviation is None
    assert summary.missing_samples == len(samples)
    assert summary.number_of_zero_crossings == 0


def test_missing_samples_are_left_out(block_samples):
    values = np.array([np.nan, 1, 2, np.nan, np.nan, np.nan, np.nan, np.nan, 6, np.nan], np.float32)
    found = sample_statistics(values)
    assert (found.minimum, found.maximum, found.mean, found.missing_samples) == (1.0, 6.0, 3.0, 7)
    assert found.standard_deviation == pytest.approx(math.sqrt(14 / 3))


@pytest.mark.parametrize("value", [0.1, -7.3e-5, 1e300])
def test_a_flat_line_has_its_own_mean_and_no_spread(value, block_samples):
    found = sample_statistics(np.full(1001, value))
    assert (found.mean, found.standard_deviation) == (value, 0.0)


def test_a_large_offset_costs_no_digits(block_samples):
    noise = np.tile([-1.0, 1.0], 500)
    found = sample_statistics(noise + 1e9)
    assert (found.mean, found.standard_deviation) == (1e9, 1.0)


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.int64, np.uint64, np.float32])
def test_extremes_of_a_type_do_not_overflow(dtype, block_samples):
    bounds = np.finfo(dtype) if np.dtype(dtype).kind == "f" else np.iinfo(dtype)
    found = sample_statistics(np.array([bounds.min, bounds.max] * 50, dtype))
    assert (found.minimum, found.maximum) == (float(bounds.min), float(bounds.max))
    assert found.standard_deviation == pytest.approx((float(bounds.max) - float(bounds.min)) / 2)


def test_the_largest_floats_do_not_overflow():
    found = sample_statistics(np.array([1.5e308, -1.5e308, 1.5e308, -1.5e308]))
    assert found.mean == pytest.approx(0.0)
    assert found.standard_deviation == pytest.approx(1.5e308)


def test_what_is_no_finite_number_is_unknown():
    summary = summarize_lead(Lead("I", np.array([-np.inf, 1.0, 2.0])))
    assert (summary.minimum, summary.maximum, summary.mean, summary.standard_deviation) == (
        None,
        2.0,
        None,
        None,
    )
    assert summary.number_of_zero_crossings == 1


def test_the_mean_of_integers_is_exact(block_samples):
    found = sample_statistics(np.array([1, -2, 0, 3, -4, 0, 0, 5, 6, -7], np.int16))
    assert found.mean == 0.2
    assert found.standard_deviation == pytest.approx(math.sqrt(13.96), rel=1e-15)


@given(st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=40))
def test_equals_the_exact_twin(values):
    found = sample_statistics(np.array(values, np.int32))
    assert (found.minimum, found.maximum) == (min(values), max(values))
    assert found.mean == pytest.approx(statistics.mean(values), abs=1e-6)
    assert found.standard_deviation == pytest.approx(statistics.pstdev(values), abs=1e-6)


@given(st.lists(st.integers(-1000, 1000), max_size=40), st.floats(0.001, 10), st.floats(-100, 100))
def test_extremes_are_exactly_those_of_the_physical_signal(values, resolution, offset):
    lead = Lead("I", np.array(values, np.int16), resolution=resolution, offset=offset)
    summary = summarize_lead(lead)
    if values:
        assert summary.minimum == lead.physical().min()
        assert summary.maximum == lead.physical().max()

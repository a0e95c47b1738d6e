"""Exponents of known processes, sample entropy against its definition."""

import numpy as np
import pytest

from ecg_core.signal.hrv_scaling import LONG_SCALES, SHORT_SCALES, dfa_exponent, fluctuations, sample_entropy


@pytest.mark.parametrize("scales", [SHORT_SCALES, LONG_SCALES])
def test_white_noise_and_a_random_walk(scales):
    noise = np.random.default_rng(1).standard_normal(40_000)
    assert dfa_exponent(noise, LONG_SCALES) == pytest.approx(0.5, abs=0.03)
    assert dfa_exponent(np.cumsum(noise), scales) == pytest.approx(1.5, abs=0.1)


def test_short_scales_of_white_noise_carry_their_known_bias():
    noise = np.random.default_rng(1).standard_normal(40_000)
    assert 0.5 < dfa_exponent(noise, SHORT_SCALES) < 0.65  # Peng 1995: small windows overstate it


def test_exponents_do_not_depend_on_level_or_scale():
    values = np.random.default_rng(2).standard_normal(1000)
    assert dfa_exponent(7 * values + 800, SHORT_SCALES) == pytest.approx(dfa_exponent(values, SHORT_SCALES))


def naive_fluctuation(values, scale):
    profile = np.cumsum(values - values.mean())
    at = np.arange(scale)
    variances = []
    for begin in range(0, len(profile) - scale, scale // 2):
        window = profile[begin : begin + scale]
        variances.append(np.var(window - np.polyval(np.polyfit(at, window, 1), at)))
    return np.sqrt(np.mean(variances))


def test_fluctuations_are_those_of_the_definition():
    values = np.random.default_rng(3).standard_normal(300)
    expected = [naive_fluctuation(values, scale) for scale in (4, 5, 16)]
    assert fluctuations(values, (4, 5, 16)) == pytest.approx(expected)


def naive_entropy(values, r):
    def pairs(length):
        rows = [values[i : i + length] for i in range(len(values) - 2)]
        return sum(
            max(abs(rows[i] - rows[j])) <= r for i in range(len(rows)) for j in range(len(rows)) if i != j
        )

    return np.log(pairs(2) / pairs(3))


def test_sample_entropy_is_that_of_the_definition():
    values = np.random.default_rng(4).standard_normal(120)
    assert sample_entropy(values) == pytest.approx(naive_entropy(values, 0.2 * values.std(ddof=1)))


def test_sample_entropy_of_long_series_is_the_mean_of_segments_of_500():
    values = np.random.default_rng(5).standard_normal(1000)
    expected = (sample_entropy(values[:500]) + sample_entropy(values[500:])) / 2
    assert sample_entropy(values) == pytest.approx(expected)
    assert sample_entropy(np.sin(np.arange(500.0))) < 0.3 < sample_entropy(values)


def test_what_does_not_vary_has_neither():
    flat = np.full(300, 800.0)
    assert np.isnan(sample_entropy(flat)) and np.isnan(dfa_exponent(flat, SHORT_SCALES))

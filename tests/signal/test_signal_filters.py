"""The display filters, measured: where −3 dB lies, that nothing moves in time, gaps and ends."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_core.figures.view import FILTERS, NOTCHES
from ecg_core.signal.filters import (
    BANDS,
    BASELINE_HZ,
    HIGHEST_HIGH_PASS_RATE_HZ,
    NOTCH_WIDTH_HZ,
    NOTCHES_HZ,
    apply_display_filter,
    filter_margin_s,
    filter_parts,
)

RATES_HZ = (100.0, 128.0, 250.0, 360.0, 500.0, 1000.0, 5000.0)
CHOICES = [
    {"band": band, "notch": notch, "baseline": baseline}
    for band in BANDS
    for notch in NOTCHES_HZ
    for baseline in (False, True)
]
MINUS_3_DB = 2**-0.5


def gain(fs, frequencies_hz, **choice):
    """Of the whole (both runs), from the response to an impulse in the middle of 200 s."""
    impulse = np.zeros(int(200 * fs))
    impulse[len(impulse) // 2] = 1
    response = apply_display_filter(impulse, fs, **choice)
    times = (np.arange(len(impulse)) - len(impulse) // 2) / fs
    return [float(response @ np.cos(2 * np.pi * f * times)) for f in frequencies_hz]


def test_every_choice_of_the_view_is_a_filter():
    assert set(FILTERS) == set(BANDS) and set(NOTCHES) == set(NOTCHES_HZ)


@pytest.mark.parametrize("fs", RATES_HZ)
@pytest.mark.parametrize("band", [band for band in BANDS if band != "none"])
def test_the_result_of_both_runs_is_minus_3_db_at_the_named_corners(fs, band):
    corners = [hz for hz in BANDS[band] if hz < fs / 2]
    assert gain(fs, corners, band=band) == pytest.approx([MINUS_3_DB] * len(corners), abs=0.002)
    assert gain(fs, [10.0], band=band) == pytest.approx([1], abs=0.005)  # the pass band


@pytest.mark.parametrize("fs", [360.0, 500.0, 1000.0])
def test_an_octave_and_a_decade_beyond_the_corners(fs):
    """Two runs of order 2: 1 / (1 + 0.414 × 4²) an octave out; 12 dB an octave and run."""
    below, above = gain(fs, [0.25, 80.0], band="0.5-40")
    assert below == pytest.approx(1 / (1 + (2**0.5 - 1) * 16), abs=0.003)
    assert above < 0.132  # the bilinear transform falls faster near half the rate
    assert abs(gain(fs, [0.05], band="0.5-40")[0]) < 0.001


@pytest.mark.parametrize("fs", [128.0, 250.0, 500.0, 1000.0, 5000.0])
@pytest.mark.parametrize("notch", ["50", "60"])
def test_a_notch_takes_its_frequency_and_2_hz_between_its_minus_3_db_points(fs, notch):
    mains, half = NOTCHES_HZ[notch], NOTCH_WIDTH_HZ / 2
    at, low, high, far = gain(fs, [mains, mains - half, mains + half, mains - 10], band="none", notch=notch)
    assert abs(at) < 1e-3 and far > 0.99
    assert (low + high) / 2 == pytest.approx(MINUS_3_DB, abs=0.01)


@pytest.mark.parametrize("fs", RATES_HZ)
def test_removing_the_baseline_is_a_high_pass_at_the_aha_limit(fs):
    assert BASELINE_HZ == 0.67
    at, respiration, pass_band = gain(fs, [BASELINE_HZ, 0.2, 5.0], band="none", baseline=True)
    assert at == pytest.approx(MINUS_3_DB, abs=0.002)
    assert respiration < 0.02 and pass_band == pytest.approx(1, abs=0.002)


@pytest.mark.parametrize("fs", RATES_HZ)
@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_nothing_moves_in_time(fs, choice):
    """The response to an impulse is symmetric and highest at the impulse; so is a wave's."""
    middle = int(20 * fs)
    impulse = np.zeros(2 * middle + 1)
    impulse[middle] = 1
    response = apply_display_filter(impulse, fs, **choice)
    assert np.argmax(response) == middle
    assert np.abs(response - response[::-1]).max() < 1e-4
    wave = np.exp(-0.5 * ((np.arange(len(impulse)) - middle) / (0.012 * fs)) ** 2)
    assert np.argmax(apply_display_filter(wave, fs, **choice)) == middle


@pytest.mark.parametrize("fs", RATES_HZ)
@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_a_constant_stays_a_constant_and_a_high_pass_makes_it_zero(fs, choice):
    has_high_pass = any(part.kind == "high-pass" for part in filter_parts(**choice))
    for length, level in itertools.product((1, 2, 3, 50, 3000), (0.0, 1.0, -3.3, 1e6)):
        filtered = apply_display_filter(np.full(length, level), fs, **choice)
        assert filtered.tolist() == [0.0 if has_high_pass else level] * length


@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_a_stretch_between_gaps_is_filtered_by_itself(choice):
    rng, fs = np.random.default_rng(3), 250.0
    pieces = [rng.normal(size=n) for n in (1, 2, 700, 3, 1, 250)]
    gap = np.full(5, np.nan)
    signal = np.concatenate([part for piece in pieces for part in (gap, piece)])
    filtered = apply_display_filter(signal, fs, **choice)
    alone = [apply_display_filter(piece, fs, **choice) for piece in pieces]
    expected = np.concatenate([part for piece in alone for part in (gap, piece)])
    assert np.array_equal(np.isnan(filtered), np.isnan(signal))
    assert np.allclose(filtered, expected, equal_nan=True, atol=1e-9)


@given(
    values=st.lists(st.floats(-10, 10) | st.just(float("nan")), max_size=60),
    choice=st.sampled_from(CHOICES),
    fs=st.sampled_from(RATES_HZ),
)
def test_gaps_stay_gaps_and_the_filter_is_linear(values, choice, fs):
    signal = np.array(values, np.float64)
    filtered = apply_display_filter(signal, fs, **choice)
    assert np.array_equal(np.isnan(filtered), np.isnan(signal))
    assert np.allclose(
        apply_display_filter(-2 * signal, fs, **choice), -2 * filtered, equal_nan=True, atol=1e-6
    )
    reverse = apply_display_filter(signal[::-1], fs, **choice)[::-1]
    assert np.array_equal(np.isnan(reverse), np.isnan(signal))


def test_infinite_samples_are_gaps_and_integers_are_taken():
    filtered = apply_display_filter(np.array([1.0, np.inf, 2.0, -np.inf]), 250, band="0.05-40")
    assert filtered[[0, 2]].tolist() == [0, 0] and np.isnan(filtered[[1, 3]]).all()
    assert apply_display_filter(np.array([5, 5, 5], np.int16), 250, band="none", notch="50").tolist() == [
        5,
        5,
        5,
    ]
    assert apply_display_filter(np.zeros(0), 250, band="0.5-40").shape == (0,)


def test_no_filter_changes_no_bit_and_gives_a_copy():
    signal = np.array([0.1, np.nan, np.inf, 3e300])
    filtered = apply_display_filter(signal, 250, band="none")
    assert np.array_equal(filtered, signal, equal_nan=True) and not np.shares_memory(filtered, signal)


def test_what_a_rate_cannot_carry_is_left_out():
    signal = np.random.default_rng(4).normal(size=4000)
    at_100_hz = apply_display_filter(signal, 100, band="0.05-150")
    assert np.array_equal(at_100_hz, apply_display_filter(signal, 100, band="0.05-150", notch="60"))
    assert np.std(at_100_hz - signal) < 0.1  # only what is under 0.05 Hz is gone
    parts = filter_parts(band="0.05-150", notch="50", baseline=True)
    assert [(part.kind, part.frequency_hz) for part in parts if not part.fits(100)] == [
        ("low-pass", 150), ("notch", 50),
    ]  # fmt: skip
    assert [part.kind for part in parts if not part.fits(2 * HIGHEST_HIGH_PASS_RATE_HZ)] == ["high-pass"] * 2
    assert apply_display_filter(signal, 0.5, band="0.5-40").tolist() == signal.tolist()


@pytest.mark.parametrize(
    "name, choice", [("band", {"band": "1-2"}), ("notch", {"band": "none", "notch": "55"})]
)
def test_a_choice_that_there_is_not(name, choice):
    with pytest.raises(ValueError, match=f"Invalid {name}"):
        apply_display_filter(np.zeros(3), 250, **choice)


@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_what_lies_beyond_the_margin_decides_less_than_5_microvolts(choice):
    """A step of 5 mV (an electrode that moves) just beyond the margin of a window."""
    fs = 250.0
    margin = int(filter_margin_s(fs, **choice) * fs)
    step = np.zeros(3 * margin + 5000)
    step[: margin // 2 + 1] = 5.0
    first = margin // 2 + 1 + margin
    whole = apply_display_filter(step, fs, **choice)[first:]
    cut = apply_display_filter(step[first - margin :], fs, **choice)[margin:]
    assert np.abs(whole - cut).max() < 0.005


def beats_mv(heart_rate_bpm, st_mv, fs, seconds=30):
    """Gaussian waves with an ST segment at a level, which joins the T wave; and the times of R (s)."""
    times, rr_s = np.arange(seconds * fs) / fs, 60 / heart_rate_bpm
    scale, signal = min(1.0, rr_s**0.5), np.zeros(int(seconds * fs))
    waves = ((-0.17 * scale, 0.022, 0.12), (-0.028, 0.008, -0.1), (0, 0.011, 1.2), (0.028, 0.01, -0.3),
             (0.27 * scale, 0.042 * scale, 0.3))  # fmt: skip
    peaks = np.arange(0.5, seconds, rr_s)
    for peak in peaks:
        since = times - peak
        signal += sum(mv * np.exp(-0.5 * ((since - at) / width) ** 2) for at, width, mv in waves)
        signal += (
            st_mv
            * 0.25
            * (1 + np.tanh((since - 0.045) / 0.008))
            * (1 - np.tanh((since - 0.27 * scale) / 0.04))
        )
    return signal, peaks[(peaks > 5) & (peaks < seconds - 5)]


def st_error_mv(before, after, peaks, fs):
    """The most that a filter changes the level 60 ms after the J point against that of the PR segment."""
    j60, pr = (((peaks + at) * fs).astype(int) for at in (0.105, -0.06))
    return float(np.abs((after[j60] - after[pr]) - (before[j60] - before[pr])).max())


@pytest.mark.parametrize("heart_rate_bpm", [30, 40, 50, 60, 75, 100, 150, 200])
@pytest.mark.parametrize("st_mv", [-0.1, 0.0, 0.3])
@pytest.mark.parametrize(
    "choice, most_mv",
    [
        ({"band": "none", "baseline": True}, 0.025),
        ({"band": "0.05-150"}, 0.005),
        ({"band": "none", "notch": "50"}, 0.02),
        ({"band": "none", "notch": "60"}, 0.02),
    ],
    ids=str,
)
def test_what_the_filters_do_to_the_st_segment(heart_rate_bpm, st_mv, choice, most_mv):
    fs = 500.0
    clean, peaks = beats_mv(heart_rate_bpm, st_mv, fs)
    assert st_error_mv(clean, apply_display_filter(clean, fs, **choice), peaks, fs) < most_mv


def test_the_baseline_goes_and_the_st_segment_stays_under_a_wander():
    fs = 500.0
    for rate in (30, 60, 100, 200):
        clean, peaks = beats_mv(rate, 0.3, fs)
        times = np.arange(len(clean)) / fs
        wander = 0.5 * np.sin(2 * np.pi * 0.25 * times) + 0.15 * np.sin(2 * np.pi * 0.1 * times)
        after = apply_display_filter(clean + wander, fs, band="none", baseline=True)
        assert st_error_mv(clean, after, peaks, fs) < 0.025, rate


def test_a_signal_full_of_gaps_costs_little():
    """450,000 stretches of one sample, an hour at 250 Hz; and 1,700 stretches of as many lengths."""
    rng = np.random.default_rng(5)
    every_other, scattered = rng.normal(size=(2, 900_000))
    every_other[::2] = np.nan
    scattered[np.cumsum(rng.integers(2, 1000, size=1700))] = np.nan
    for signal in (every_other, scattered):
        begin = time.perf_counter()
        filtered = apply_display_filter(signal, 250, band="0.05-40", notch="50", baseline=True)
        assert time.perf_counter() - begin < 5
        assert np.array_equal(np.isnan(filtered), np.isnan(signal))

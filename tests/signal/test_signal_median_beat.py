"""The median beat: the beat that was put in comes out, whatever else is in the signal."""

from __future__ import annotations

import numpy as np
import pytest

from ecg_core.signal.beats import find_beats
from ecg_core.signal.median_beat import find_typical_beats, median_beat, median_of_beats
from ecg_core.signal.synthetic import synthesize_ecg

FS = 500.0
BEAT = np.arange(-175, 276) / FS  # s from R


def one_beat(width_s: float = 0.011, height_mv: float = 1.0) -> np.ndarray:
    def wave(at, width, height):
        return height * np.exp(-0.5 * ((BEAT - at) / width) ** 2)

    return wave(-0.17, 0.022, 0.12) + wave(0.0, width_s, height_mv) + wave(0.27, 0.042, 0.3)


def train(beat: np.ndarray, number: int, *, every: int = 500) -> tuple[np.ndarray, np.ndarray]:
    """The same beat again and again, and where its R peaks are."""
    values = np.zeros(every * (number + 2))
    peaks = every * (1 + np.arange(number))
    for peak in peaks:
        values[peak - 175 : peak + 276] += beat
    return values, peaks


def test_the_beat_comes_out_sample_by_sample():
    values, peaks = train(one_beat(), 10)
    found = median_beat(values, peaks, FS)
    assert (found.number_of_beats, found.number_left_out, found.r_index, found.fs) == (10, 0, 175, FS)
    assert found.values == pytest.approx(one_beat(), abs=1e-12)


def test_noise_is_less_than_in_one_beat():
    values, peaks = train(one_beat(), 60)
    noisy = values + np.random.default_rng(1).normal(0, 0.05, len(values))
    error = np.std(median_beat(noisy, peaks, FS).values - one_beat())
    assert error < 0.05 / np.sqrt(60) * 1.6  # a median's error is 1.25 times a mean's


def test_peaks_that_are_off_are_aligned():
    values, peaks = train(one_beat(), 30)
    jitter = np.random.default_rng(1).integers(-10, 11, 30)
    jitter[0] = 0
    found = median_beat(values, peaks + jitter, FS)
    lag = int(np.argmax(found.values)) - found.r_index
    assert found.number_of_beats == 30 and abs(lag) <= 10
    assert found.values[found.r_index + lag] == pytest.approx(1.0, abs=0.01)
    assert np.ptp(find_typical_beats(values, peaks + jitter, FS) - peaks) <= 1


def test_the_wandering_of_the_baseline_is_not_mixed_in():
    values, peaks = train(one_beat(), 40)
    wander = 0.5 * np.sin(2 * np.pi * 0.05 * np.arange(len(values)) / FS)
    found = median_beat(values + 3.0 + wander, peaks, FS)
    assert np.ptp(found.values - one_beat()) < 0.06
    assert np.median(found.values - one_beat()) == pytest.approx(3.0, abs=0.1)


@pytest.mark.parametrize("others", [5, 19])
def test_beats_of_another_shape_are_left_out_also_in_bigeminy(others):
    values, peaks = train(one_beat(), 40)
    ectopic = one_beat(0.05, -1.5)
    for peak in peaks[1 : 2 * others : 2]:
        values[peak - 175 : peak + 276] = ectopic
    found = median_beat(values, peaks, FS)
    assert (found.number_of_beats, found.number_left_out) == (40 - others, others)
    assert found.values == pytest.approx(one_beat(), abs=1e-12)


def test_no_neighbouring_beat_is_in_it():
    values, peaks = train(one_beat(), 40, every=250)  # 120 beats a minute
    found = median_beat(values, peaks, FS)
    assert (found.r_index, len(found.values)) == (175, 175 + 1 + 225)  # 0.9 of 0.5 s
    assert np.count_nonzero(found.values > 0.9) < 12


def test_beats_at_edges_and_gaps_are_left_out():
    values, peaks = train(one_beat(), 12)
    values[peaks[5] - 10 : peaks[5] + 10] = np.nan
    start, stop = peaks[0] - 20, peaks[-1] + 20
    found = median_beat(values[start:stop], peaks - start, FS)
    assert (found.number_of_beats, found.number_left_out) == (9, 3)
    assert found.values == pytest.approx(one_beat(), abs=1e-12)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_of_fewer_than_three_beats_there_is_no_median(number):
    values, peaks = train(one_beat(), max(number, 1))
    found = median_beat(values, peaks[:number], FS)
    assert (len(found.values), found.number_of_beats) == (0, number)


@pytest.mark.parametrize("level", [0.0, np.nan])
def test_a_flat_lead_and_a_missing_one_have_no_beat_of_their_own(level):
    values = np.full(6000, level)
    assert len(median_beat(values, np.arange(500, 5500, 500), FS).values) == 0


def test_a_lead_without_clear_beats_takes_them_from_another():
    ii, avl = synthesize_ecg(30.0, FS, leads=("II", "aVL"))
    beats = find_beats(ii, FS)
    typical = find_typical_beats(ii, beats, FS)
    found = median_of_beats(avl * 0.02 + np.random.default_rng(1).normal(0, 0.02, len(avl)), typical, FS,
                            number_found=len(beats), short_rr_s=0.9)  # fmt: skip
    assert found.number_of_beats >= len(beats) - 2
    assert len(found.values) == found.r_index + 1 + 275

"""Power at the right place and of the right size; sums over uneven times against the naive ones."""

import numpy as np
import pytest

from ecg_core.signal.hrv_spectrum import BANDS_HZ, band_power, lomb_spectrum, welch_spectrum
from ecg_core.signal.nn_intervals import nn_intervals
from ecg_core.signal.nonuniform_fourier import fourier_sums


def modulated(hz, *, amplitude_ms=40.0, seconds=620.0):
    times = [0.0]
    while times[-1] < seconds:
        times.append(times[-1] + 0.85 + amplitude_ms / 1000 * np.sin(2 * np.pi * hz * times[-1]))
    return nn_intervals(np.array(times))


@pytest.mark.parametrize("make", [welch_spectrum, lomb_spectrum])
@pytest.mark.parametrize("hz, band", [(0.02, "vlf"), (0.1, "lf"), (0.25, "hf")])
def test_a_sine_has_its_power_in_its_band(make, hz, band):
    spectrum = make(modulated(hz))
    power = {name: band_power(spectrum, edges) for name, edges in BANDS_HZ.items()}
    assert power[band] == pytest.approx(40**2 / 2, rel=0.03)
    assert power[band] / power["total"] > 0.97
    assert spectrum[0][spectrum[1].argmax()] == pytest.approx(hz, abs=0.004)


@pytest.mark.parametrize("make", [welch_spectrum, lomb_spectrum])
def test_bands_add_up_and_power_is_of_second_order(make):
    nn, twice = modulated(0.1, amplitude_ms=20), modulated(0.1, amplitude_ms=40)
    spectrum = make(nn)
    parts = [band_power(spectrum, BANDS_HZ[name]) for name in ("vlf", "lf", "hf")]
    assert sum(parts) == pytest.approx(band_power(spectrum, BANDS_HZ["total"]), rel=1e-9)
    assert band_power(make(twice), BANDS_HZ["lf"]) == pytest.approx(4 * parts[1], rel=0.05)


def test_a_window_with_a_gap_is_left_out():
    times = np.cumsum(0.8 + 0.02 * np.sin(0.6 * np.arange(2000)))
    before = nn_intervals(times[:900])
    times[900:] += 3000.0
    unbroken = np.arange(1999) != 899
    both = nn_intervals(times, unbroken=unbroken)
    for make in (welch_spectrum, lomb_spectrum):
        expected = band_power(make(before), BANDS_HZ["total"])
        assert band_power(make(both), BANDS_HZ["total"]) == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize("make", [welch_spectrum, lomb_spectrum])
def test_too_few_intervals_have_no_spectrum(make):
    assert make(nn_intervals(np.arange(10) * 0.8)) is None
    assert make(nn_intervals(np.empty(0))) is None


def test_sums_over_uneven_times_are_those_of_the_definition():
    rng = np.random.default_rng(5)
    rows, angles, values = rng.integers(0, 3, 400), rng.uniform(-9, 20, 400), rng.standard_normal(400)
    found = fourier_sums(rows, angles, values, row_count=3, order=50)
    for row in range(3):
        of_row = rows == row
        for k in (0, 1, 7, 50):
            naive = (values[of_row] * np.exp(1j * k * angles[of_row])).sum()
            assert abs(found[row, k] - naive) < 1e-4 * np.abs(values[of_row]).sum()


def test_lomb_is_the_periodogram_of_scipy():
    from scipy.signal import lombscargle

    rng = np.random.default_rng(6)
    times = np.cumsum(rng.uniform(0.7, 1.0, 300))
    nn = nn_intervals(times)
    frequencies, density = lomb_spectrum(nn)
    centred = nn.end_s - nn.end_s.mean()
    values = nn.ms - nn.ms.mean()
    values -= (values @ centred) / (centred @ centred) * centred
    seconds = np.ptp(nn.end_s)
    expected = 2 * seconds / len(values) * lombscargle(nn.end_s, values, 2 * np.pi * frequencies)
    assert np.abs(density - expected).max() < 1e-3 * expected.max()

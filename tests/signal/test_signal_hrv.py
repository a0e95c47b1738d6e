"""Numbers of known series, identities of the Poincaré plot, and what is withheld when."""

import numpy as np
import pytest

from ecg_core.signal.hrv import hourly_hrv, hrv_measurements, pnn, poincare, rmssd, tinn, triangular_index
from ecg_core.signal.nn_intervals import nn_intervals


def noisy(count, *, seed=1, mean=0.85, sd=0.03):
    return np.cumsum(mean + sd * np.random.default_rng(seed).standard_normal(count))


def named(nn, **options):
    return {each.name: each for each in hrv_measurements(nn, **options)}


def test_numbers_by_hand():
    nn = nn_intervals(np.cumsum([0.0, 800, 860, 800, 810, 780]) / 1000)
    assert nn.ms == pytest.approx([800, 860, 800, 810, 780])
    assert rmssd(nn) == pytest.approx(np.sqrt((3600 + 3600 + 100 + 900) / 4))
    assert pnn(nn, 50) == pytest.approx(40.0) and pnn(nn, 20) == pytest.approx(60.0)
    assert triangular_index(nn) == pytest.approx(5 / 2)


def test_identities_of_the_poincare_plot():
    nn = nn_intervals(noisy(2000))
    sd1, sd2 = poincare(nn)
    found = named(nn)
    assert sd1 == pytest.approx(found["hrv_sdsd"].value / np.sqrt(2))
    assert sd1**2 + sd2**2 == pytest.approx(2 * found["hrv_sdnn"].value ** 2, rel=0.002)
    assert found["hrv_sd1_sd2"].value == pytest.approx(sd1 / sd2)


def test_tinn_is_the_base_of_a_triangle():
    counts = np.r_[np.arange(1, 11), np.arange(9, 0, -1)] * 20
    ms = np.repeat(800 + np.arange(-9, 10) * 1000 / 128, counts) + 1.0
    np.random.default_rng(2).shuffle(ms)
    assert tinn(nn_intervals(np.cumsum(np.r_[0, ms]) / 1000)) == pytest.approx(20 * 1000 / 128, abs=8)


def test_ectopic_beats_and_gaps_do_not_count():
    rr = np.full(400, 800.0)
    rr[100:102] = 500, 1100
    times = np.cumsum(np.r_[0, rr]) / 1000
    normal = np.ones(401, bool)
    normal[101] = False
    for nn in (nn_intervals(times, normal=normal), nn_intervals(times)):
        assert len(nn.ms) == 398 and len(nn.differences_ms) == 396
        assert rmssd(nn) == pytest.approx(0.0, abs=1e-9)
        assert nn.share == pytest.approx(99.5)
    assert nn_intervals(times, unbroken=np.arange(400) > 0).rr_count == 399


@pytest.mark.parametrize(
    "name, seconds",
    [
        ("hrv_rmssd", 60), ("hrv_sdnn", 300), ("hrv_triangular_index", 1200), ("hrv_hf", 60), ("hrv_lf", 120),
        ("hrv_lf_hf_lomb", 120), ("hrv_vlf", 300), ("hrv_total", 300),
    ],
)  # fmt: skip
def test_each_has_its_least_duration(name, seconds):
    times = noisy(2000)
    assert named(nn_intervals(times[times < 0.9 * seconds]))[name].status == "withheld"
    withheld = named(nn_intervals(times[times < 0.9 * seconds]))[name]
    assert withheld.value is None and f"{seconds} s are needed" in withheld.reason
    measured = named(nn_intervals(times[times < seconds + 1]))[name]
    assert measured.is_measured and np.isfinite(measured.value) and measured.method


def test_dfa_and_entropy_have_their_least_beats():
    few, more = named(nn_intervals(noisy(120))), named(nn_intervals(noisy(300)))
    for name in ("hrv_dfa_alpha1", "hrv_dfa_alpha2", "hrv_sample_entropy"):
        assert "are needed" in few[name].reason and more[name].is_measured


def test_too_few_normal_beats_and_other_rhythms_withhold_all():
    times = noisy(1000)
    bigeminy = nn_intervals(times, normal=np.arange(1000) % 3 > 0)
    withheld = named(bigeminy)
    assert all(each.status == "withheld" and "NN intervals" in each.reason for each in withheld.values())
    other = named(nn_intervals(times), not_sinus="atrial fibrillation is indicated")
    assert {each.status for each in other.values()} == {"not applicable"}
    assert set(withheld) == set(other) == set(named(nn_intervals(times))) and len(other) == 24


def test_without_beats_all_are_withheld():
    assert all(each.status == "withheld" for each in hrv_measurements(nn_intervals(np.empty(0))))


def test_hours_are_measured_each_on_its_own():
    quiet, lively = noisy(4235, sd=0.01), noisy(4235, sd=0.05, seed=2)
    times = np.r_[quiet, quiet[-1] + lively]
    hours = hourly_hrv(nn_intervals(times), 7200.0)
    assert [begin for begin, _ in hours] == [0.0, 3600.0]
    rmssds = [next(each.value for each in of_hour if each.name == "hrv_rmssd") for _, of_hour in hours]
    assert rmssds == pytest.approx([10 * np.sqrt(2), 50 * np.sqrt(2)], rel=0.05)


def test_scaling_of_time_scales_milliseconds_and_leaves_shapes():
    times = noisy(700)
    found, longer = named(nn_intervals(times)), named(nn_intervals(times * 1.2 + 5))
    for name in ("hrv_sdnn", "hrv_rmssd", "hrv_sd1"):
        assert longer[name].value == pytest.approx(1.2 * found[name].value)
    for name in ("hrv_dfa_alpha1", "hrv_sample_entropy", "hrv_sd1_sd2"):
        assert longer[name].value == pytest.approx(found[name].value)

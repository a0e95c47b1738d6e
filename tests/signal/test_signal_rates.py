"""Rates over what they say, regularity, pauses; never over a gap."""

import numpy as np
import pytest

from ecg_core.signal.rates import rate_measurements, regularity, unbroken_intervals


def beats(*rr_ms):
    return np.cumsum([0.0, *rr_ms]) / 1000.0


def named(measurements):
    return {each.name: each for each in measurements}


def test_a_steady_rhythm():
    found = named(rate_measurements(beats(*[800.0] * 10), leads=("II",)))
    assert found["heart_rate"].value == pytest.approx(75.0)
    assert found["heart_rate"].spread == pytest.approx(0.0, abs=1e-9)
    assert found["heart_rate"].beats_used == 11 and found["heart_rate"].leads == ("II",)
    assert found["heart_rate_min"].value == pytest.approx(75.0)
    assert found["heart_rate_max"].value == pytest.approx(75.0)
    assert found["rr_mean"].value == pytest.approx(800.0)
    assert found["rr_longest"].value == pytest.approx(800.0)
    assert found["rr_variability"].value == pytest.approx(0.0, abs=1e-9)
    assert found["rr_variability"].reason == "regular" and found["rr_pauses"].value == 0


def test_extremes_are_over_four_intervals_and_one_early_beat_is_none():
    found = named(rate_measurements(beats(*[1000.0] * 8, 600.0, 1400.0, *[1000.0] * 8, *[500.0] * 4)))
    assert found["heart_rate_max"].value == pytest.approx(120.0)
    assert found["heart_rate_min"].value == pytest.approx(60000 / ((1400 + 3000) / 4))
    assert "4 successive" in found["heart_rate_max"].method


def test_the_mean_rate_is_of_the_mean_interval():
    found = named(rate_measurements(beats(500.0, 1500.0)))
    assert found["heart_rate"].value == pytest.approx(60.0)
    assert found["heart_rate_max"].status == "withheld"
    assert found["rr_variability"].value == pytest.approx(100.0)
    assert found["rr_variability"].reason == "irregular"


def test_nothing_counts_over_a_gap():
    times = beats(*[800.0] * 5, 9000.0, *[800.0] * 5)
    kept = unbroken_intervals(times, [(5.0, 10.0)])
    assert kept.tolist() == [True] * 5 + [False] + [True] * 5
    found = named(rate_measurements(times, unbroken=kept))
    assert found["heart_rate"].value == pytest.approx(75.0)
    assert found["rr_longest"].value == pytest.approx(800.0)
    assert found["rr_pauses"].value == 0 and found["heart_rate_min"].value == pytest.approx(75.0)
    with_gap = named(rate_measurements(times))
    assert with_gap["rr_pauses"].value == 1 and with_gap["rr_longest"].value == pytest.approx(9000.0)


def test_no_four_in_a_row_withholds_the_extremes():
    kept = np.array([True, True, True, False] * 3)
    found = named(rate_measurements(beats(*[800.0] * 12), unbroken=kept))
    assert found["heart_rate"].value == pytest.approx(75.0)
    assert "in a row" in found["heart_rate_min"].reason and found["heart_rate_min"].value is None


@pytest.mark.parametrize("times", [[], [1.0]])
def test_without_an_interval_all_are_withheld(times):
    found = rate_measurements(np.array(times))
    assert len(found) == 8 and all(each.status == "withheld" and each.reason for each in found)


def test_share_of_ectopic_beats():
    kinds = ["normal"] * 8 + ["ventricular", "supraventricular"]
    found = named(rate_measurements(beats(*[800.0] * 9), kinds=kinds))
    assert found["ectopic_share"].value == pytest.approx(20.0)
    assert named(rate_measurements(beats(800.0, 800.0)))["ectopic_share"].status == "withheld"


def test_words_for_regularity():
    assert [regularity(x) for x in (2, 5, 7, 10, 11)] == [
        "regular", "regular", "slightly irregular", "slightly irregular", "irregular",
    ]  # fmt: skip


def test_time_and_shift_move_rates_as_physics_says():
    rng = np.random.default_rng(3)
    times = np.cumsum(rng.uniform(0.6, 1.1, 50))
    found, slower = named(rate_measurements(times)), named(rate_measurements(times * 2 + 7))
    for name in ("heart_rate", "heart_rate_min", "heart_rate_max"):
        assert slower[name].value == pytest.approx(found[name].value / 2)
    assert slower["rr_variability"].value == pytest.approx(found["rr_variability"].value)

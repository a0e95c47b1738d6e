"""The whole analysis: measurements move as physics says, and each reason to withhold is said."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.signal import resample_poly

from ecg_core.domain import Lead, Measurement
from ecg_core.signal.analysis import EcgAnalysis
from ecg_core.signal.analyze import analyze
from ecg_core.signal.synthetic import TWELVE_LEADS, synthesize_ecg

FS = 500.0
INTERVALS = ("p_duration", "pr_interval", "qrs_duration", "qt_interval", "jt_interval")
AXES = ("p_axis", "qrs_axis", "t_axis")
IN_MV = ("st_j", "st_j60", "st_j80", "st_slope", "p_amplitude", "q_amplitude", "r_amplitude", "s_amplitude",
         "r_prime_amplitude", "t_amplitude")  # fmt: skip
FILTERED = {"high-pass filter": "0.05 Hz", "low-pass filter": "150 Hz"}


@cache
def signal(duration_s: float = 10.0, fs: float = FS) -> np.ndarray:
    return synthesize_ecg(duration_s, fs, heart_rate_bpm=72.0)


def leads_of(values: np.ndarray, fs: float | None = FS, unit: str | None = "mV", names=TWELVE_LEADS):
    return [Lead(name, row, fs, unit) for name, row in zip(names, values, strict=True)]


def measured(leads, **options) -> dict[str, Measurement]:
    return {one.name: one for one in analyze(leads, **options).measurements}


def values_of(found: dict[str, Measurement], *beginnings: str) -> dict[str, float]:
    return {
        name: one.value
        for name, one in found.items()
        if name.partition(":")[0] in beginnings and one.value is not None
    }


@pytest.fixture(scope="module")
def plain() -> EcgAnalysis:
    return analyze(leads_of(signal()), metadata=FILTERED)


def by_name(analysis: EcgAnalysis) -> dict[str, Measurement]:
    return {one.name: one for one in analysis.measurements}


def test_the_synthetic_ecg_is_measured_whole(plain):
    found = by_name(plain)
    assert found["heart_rate"].value == pytest.approx(72.0, abs=2.0)
    for name in (*INTERVALS, *AXES, "qtc_fridericia", "sokolow_lyon", "cornell"):
        assert found[name].status == "measured", name
    # Its Q, R and S are Gaussians: three standard deviations before the first and after the last are 110 ms.
    assert found["qrs_duration"].value == pytest.approx(110.0, abs=20.0)
    assert 100 < found["pr_interval"].value < 220
    assert len(values_of(found, "st_j")) == 12


def test_twice_the_gain_doubles_the_millivolts_and_moves_no_time(plain):
    # Mean vectors and noise limits are absolute, but far from them nothing else changes.
    found, loud = by_name(plain), measured(leads_of(2 * signal()), metadata=FILTERED)
    for name in (*INTERVALS, "heart_rate", "qtc_bazett"):
        assert loud[name].value == pytest.approx(found[name].value, abs=1.0), name
    for name, value in values_of(found, "st_j", "st_j60", "r_amplitude", "t_amplitude").items():
        assert loud[name].value == pytest.approx(2 * value, abs=0.004), name
    for name in AXES:
        assert loud[name].value == pytest.approx(found[name].value, abs=1.0), name
    assert loud["sokolow_lyon"].value == pytest.approx(2 * found["sokolow_lyon"].value, abs=0.01)


def test_a_constant_offset_changes_nothing(plain):
    shifted = measured(leads_of(signal() + np.linspace(-3, 3, 12)[:, None]), metadata=FILTERED)
    for name, one in by_name(plain).items():
        assert shifted[name].status == one.status, name
        if one.value is not None:
            tolerance = 0.5 if one.unit == "ms" else 0.01
            assert shifted[name].value == pytest.approx(one.value, abs=tolerance), name


def test_inverting_all_leads_turns_the_axes_and_leaves_the_times(plain):
    found, inverted = by_name(plain), measured(leads_of(-signal()), metadata=FILTERED)
    for name in ("heart_rate", "rr_mean"):
        assert inverted[name].value == pytest.approx(found[name].value, abs=1.0), name
    for name in INTERVALS:
        assert inverted[name].value == pytest.approx(found[name].value, abs=8.0), name
    for name in AXES:
        turned = (inverted[name].value - found[name].value) % 360
        assert turned == pytest.approx(180.0, abs=5.0), name
    for name, value in values_of(found, "st_j60", "st_j80", "t_amplitude").items():
        assert inverted[name].value == pytest.approx(-value, abs=0.03), name


@pytest.mark.parametrize("fs", [250.0, 1000.0])
def test_another_sampling_rate_gives_the_same_intervals(plain, fs):
    up, down = (2, 1) if fs > FS else (1, 2)
    resampled = resample_poly(signal(), up, down, axis=1, padtype="line")
    other = measured(leads_of(resampled, fs), metadata=FILTERED)
    found = by_name(plain)
    assert other["heart_rate"].value == pytest.approx(found["heart_rate"].value, abs=0.5)
    for name in INTERVALS:
        assert other[name].value == pytest.approx(found[name].value, abs=8.0), name
    for name in AXES:
        assert other[name].value == pytest.approx(found[name].value, abs=3.0), name


def test_cutting_137_ms_moves_the_beats_and_not_the_rr_intervals(plain):
    cut = round(0.137 * FS) + 1
    later = analyze(leads_of(signal()[:, cut:]), metadata=FILTERED)
    common = plain.beats[plain.beats >= cut + 100] - cut
    assert np.abs(later.beats[-len(common) :] - common).max() <= 2
    for name in INTERVALS:
        assert by_name(later)[name].value == pytest.approx(by_name(plain)[name].value, abs=4.0), name


def test_the_same_ecg_twice_has_the_same_rate_and_intervals(plain):
    # Cut in diastole, a whole number of beats apart: the seam is as long as an RR interval.
    r = plain.beats
    middle = slice(int(r[1]) - 200, int(r[-2]) - 200)
    once, twice = (np.tile(signal()[:, middle], (1, times)) for times in (1, 2))
    one, two = measured(leads_of(once)), measured(leads_of(twice))
    assert two["heart_rate"].value == pytest.approx(one["heart_rate"].value, abs=1.0)
    for name in INTERVALS:
        assert two[name].value == pytest.approx(one[name].value, abs=4.0), name


def test_the_order_of_the_leads_does_not_matter(plain):
    mixed = measured(leads_of(signal()[::-1], names=TWELVE_LEADS[::-1]), metadata=FILTERED)
    for name, one in by_name(plain).items():
        assert mixed[name].status == one.status, name
        if one.value is not None:
            assert mixed[name].value == pytest.approx(one.value, abs=1.0 if one.unit == "ms" else 0.02), name


@pytest.mark.parametrize(("unit", "per_mv"), [("uV", 1000.0), ("V", 0.001), ("nV", 1e6)])
def test_the_unit_of_the_file_does_not_matter(plain, unit, per_mv):
    other = measured(leads_of(signal() * per_mv, unit=unit), metadata=FILTERED)
    for name, one in by_name(plain).items():
        assert (other[name].status, other[name].unit) == (one.status, one.unit), name
        if one.value is not None:
            assert other[name].value == pytest.approx(one.value, rel=1e-3, abs=2e-3), name


def test_counts_with_a_resolution_are_read_as_their_millivolts(plain):
    counts = np.rint(signal() * 1000).astype(np.int16)
    leads = [replace(lead, resolution=0.001) for lead in leads_of(counts)]
    for name in INTERVALS:
        assert measured(leads)[name].value == pytest.approx(by_name(plain)[name].value, abs=1.0), name

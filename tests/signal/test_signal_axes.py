"""Axes: vectors that are known, what physics says of swapped leads, and reasons to withhold."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_core.signal.axes import DIRECTIONS, axis_deg, wave_axes
from ecg_core.signal.fiducials import BeatFiducials
from tests.median_beats import AT, FIDUCIALS, beat, frontal_beats

degrees = st.floats(-179.0, 180.0)


def values(beats, fiducials=FIDUCIALS):
    return [each.value for each in wave_axes(beats, fiducials)]


def turned(first, second):
    return abs((first - second + 180) % 360 - 180)


def test_the_axes_of_known_vectors():
    p, qrs, t = wave_axes(frontal_beats(50.0, -30.0, 120.0), FIDUCIALS)
    assert (p.name, qrs.name, t.name) == ("p_axis", "qrs_axis", "t_axis")
    assert [p.value, qrs.value, t.value] == pytest.approx([50.0, -30.0, 120.0], abs=0.1)
    assert qrs.unit == "deg" and qrs.leads == tuple(DIRECTIONS) and qrs.beats_used == 9
    assert "Einthoven" in qrs.method


@settings(max_examples=30, deadline=None)
@given(degrees)
def test_any_two_limb_leads_give_the_axis_that_all_six_give(angle):
    areas = {
        n: x * np.cos(np.radians(angle)) + y * np.sin(np.radians(angle)) for n, (x, y) in DIRECTIONS.items()
    }
    for pair in combinations(DIRECTIONS, 2):
        assert turned(axis_deg({name: areas[name] for name in pair})[0], angle) < 1e-6


@settings(max_examples=20, deadline=None)
@given(degrees, st.sampled_from([0.5, 3.0]))
def test_gain_does_not_turn_an_axis(angle, gain):
    plain, louder = (values(frontal_beats(qrs_deg=angle, gain=g))[1] for g in (1.0, gain))
    assert turned(plain, louder) <= 0.11


@settings(max_examples=30, deadline=None)
@given(degrees)
def test_swapping_the_arms_mirrors_the_axis(angle):
    beats = frontal_beats(angle, angle, angle)
    swapped = {"I": beat(-beats["I"].values), "II": beats["III"], "III": beats["II"],
               "aVR": beats["aVL"], "aVL": beats["aVR"], "aVF": beats["aVF"]}  # fmt: skip
    for before, after in zip(values(beats), values(swapped), strict=True):
        assert turned(after, 180.0 - before) <= 0.11


def test_a_baseline_that_is_not_zero_does_not_matter():
    raised = {name: beat(each.values + 0.4) for name, each in frontal_beats().items()}
    assert values(raised) == pytest.approx(values(frontal_beats()), abs=0.05)


def test_reasons_to_withhold():
    alone = wave_axes(frontal_beats(leads=("II",)), FIDUCIALS)
    assert {(m.status, m.reason) for m in alone} == {("withheld", "two limb leads are needed")}
    small = wave_axes(frontal_beats(gain=0.01), FIDUCIALS)
    assert all(m.value is None and "too small" in m.reason for m in small)
    no_p = replace(AT, p_onset_s=None, p_peak_s=None, p_offset_s=None)
    p, qrs, _ = wave_axes(frontal_beats(), BeatFiducials(no_p))
    assert (p.status, p.reason) == ("not applicable", "there is no P wave") and qrs.is_measured
    late = replace(AT, t_offset_s=0.9)
    assert "does not hold the whole T" in wave_axes(frontal_beats(), BeatFiducials(late))[2].reason


def test_a_qrs_whose_areas_cancel_out_has_no_axis():
    up_and_down = np.zeros(500)
    up_and_down[180:200], up_and_down[201:221] = 1.0, -1.0
    found = wave_axes({"I": beat(up_and_down), "II": beat(up_and_down * 0.5)}, FIDUCIALS)[1]
    assert found.status == "withheld" and "direction" in found.reason


def test_without_a_t_onset_the_t_wave_is_taken_from_j_and_said():
    found = wave_axes(frontal_beats(), BeatFiducials(replace(AT, t_onset_s=None)))[2]
    assert found.value == pytest.approx(45.0, abs=0.5) and "from J" in found.reason

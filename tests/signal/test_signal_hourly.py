"""Variability hour by hour: each is that of its own beats, and what a reader leaves out is left out."""

import numpy as np
import pytest

from ecg_core.signal.analysis import EcgAnalysis
from ecg_core.signal.analyze import analyze
from ecg_core.signal.hourly import hourly_variability
from ecg_core.signal.hrv import hrv_measurements
from ecg_core.signal.nn_intervals import nn_intervals

FS = 250.0
LENGTH_S = 2.5 * 3600


@pytest.fixture(scope="module")
def analysis():
    """Beats at 60 bpm in the first hour and 75 afterwards, each interval off by some milliseconds."""
    rng = np.random.default_rng(1)
    times, now = [], 0.5
    while now < LENGTH_S:
        times.append(now)
        now += (1.0 if now < 3600 else 0.8) + rng.normal(0, 0.02)
    beats = np.round(np.array(times) * FS).astype(np.int64)
    none = analyze([])
    return EcgAnalysis(
        **{**vars(none), "lead": "II", "fs": FS, "beats": beats, "measurements": (),
           "kinds": np.zeros(len(beats), np.uint8), "used": np.ones(len(beats), bool)}
    )  # fmt: skip


def by_name(measurements):
    return {one.name: one for one in measurements}


def test_each_hour_is_measured_of_its_own_beats(analysis):
    hours = hourly_variability(analysis, LENGTH_S)
    assert [(start, stop) for start, stop, _ in hours] == [(0, 3600), (3600, 7200), (7200, LENGTH_S)]
    first, second, last = (by_name(found) for _, _, found in hours)
    assert first["hrv_mean_nn"].value == pytest.approx(1000, abs=3)
    assert second["hrv_mean_nn"].value == pytest.approx(800, abs=3)
    assert first["hrv_sdnn"].value == pytest.approx(20, abs=2) == last["hrv_sdnn"].value
    inside = analysis.times_s[(analysis.times_s > 3600) & (analysis.times_s < 7200)]
    alone = by_name(hrv_measurements(nn_intervals(inside)))
    assert second["hrv_rmssd"].value == pytest.approx(alone["hrv_rmssd"].value, rel=0.01)


def test_what_a_reader_left_out_is_left_out(analysis):
    out = set(analysis.beats[100:110].tolist())
    whole, without = (hourly_variability(analysis, LENGTH_S, rejected=r)[0][2] for r in ((), out))
    assert by_name(without)["hrv_mean_nn"].beats_used == by_name(whole)["hrv_mean_nn"].beats_used - 11


def test_without_beats_there_are_no_hours():
    assert hourly_variability(analyze([]), 7200.0) == []

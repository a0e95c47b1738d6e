"""Quality: noise of known size at many rates, spells of no signal, and what they block."""

from __future__ import annotations

from time import perf_counter

import numpy as np
import pytest

from ecg_core.domain import Lead
from ecg_core.signal.noise import frame_length, measure_frames, noise_of_frames, reduction
from ecg_core.signal.quality import lead_quality
from ecg_core.signal.quality_limits import LIMITS, blocked_by
from ecg_core.signal.synthetic import synthesize_ecg

FS = 250.0


def ecg(fs=FS, duration_s=60.0):
    (values,) = synthesize_ecg(duration_s, fs, leads=("II",), noise_mv=0.0)
    return values


def lead(values, fs=FS, unit="mV", **options):
    return Lead("II", np.asarray(values), fs, unit, **options)


def numbers(quality):
    return {m.name: m for m in quality.measurements}


def kinds(quality):
    return {(s.kind, round(s.start_s), round(s.stop_s)) for s in quality.spans}


def noise_of(values, fs):
    step = frame_length(fs) * reduction(fs)
    whole = len(values) // step * step
    return noise_of_frames(measure_frames(values[:whole].astype(np.float32), fs), fs)


@pytest.mark.parametrize("fs", [128.0, 200.0, 250.0, 360.0, 500.0, 1000.0, 2000.0])
def test_mains_of_known_amplitude_at_any_rate(fs):
    values = ecg(fs)
    t = np.arange(len(values)) / fs
    found = noise_of(values + 0.05 * np.sin(2 * np.pi * 50.03 * t + 1), fs)
    assert found.mains_hz == 50.0
    assert np.median(found.mains) == pytest.approx(0.05, abs=0.002)
    assert np.median(found.muscle_rms) < 0.001
    assert np.median(noise_of(values, fs).mains) < 1e-5


def test_mains_of_60_hz_under_muscle_noise():
    values = ecg() + 0.02 * np.random.default_rng(1).standard_normal(15000)
    t = np.arange(15000) / FS
    found = noise_of(values + 0.05 * np.sin(2 * np.pi * 60 * t), FS)
    assert found.mains_hz == 60.0
    assert np.median(found.mains) == pytest.approx(0.05, abs=0.003)
    assert np.median(found.muscle_rms) == pytest.approx(0.0165, abs=0.002)  # 35-125 of 0-125 Hz


@pytest.mark.parametrize("gain", [0.1, 10.0])
def test_noise_grows_with_the_gain(gain):
    values = ecg() + 0.02 * np.random.default_rng(2).standard_normal(15000)
    plain, scaled = noise_of(values, FS), noise_of(gain * values, FS)
    assert np.allclose(scaled.muscle_rms, gain * plain.muscle_rms, rtol=1e-3)
    assert np.allclose(scaled.wander, gain * plain.wander, rtol=1e-3)


def test_wander_of_known_size_and_what_it_blocks():
    values = ecg()
    t = np.arange(len(values)) / FS
    found = lead_quality(lead(values + 0.25 * np.sin(2 * np.pi * 0.3 * t)))
    assert numbers(found)["baseline_wander:II"].value == pytest.approx(0.5, abs=0.05)
    assert {s.kind for s in found.spans} == {"baseline wander"}
    assert "baseline wander in II" in found.why_blocked("st_j60", 20.0, 21.0)
    assert found.why_blocked("pr_interval", 20.0, 21.0) == ""


def test_a_clean_ecg_has_no_faults():
    found = lead_quality(lead(ecg()))
    assert found.spans == () and numbers(found)["usable_signal:II"].value == 100.0


def test_spells_without_a_signal():
    values = ecg()
    values[10 * 250 : 14 * 250] = 0.1
    values[20 * 250 : 23 * 250] = np.nan
    values[30 * 250 : 33 * 250] = 5.0
    found = lead_quality(lead(values))
    assert {("flat", 10, 14), ("missing", 20, 23), ("lead off", 30, 33)} <= kinds(found)
    assert numbers(found)["usable_signal:II"].value == pytest.approx(100 * 50 / 60, abs=0.1)
    assert "flat in II" in found.why_blocked("qrs_duration", 11.0, 12.0)
    assert found.why_blocked("qrs_duration", 5.0, 6.0) == ""


def test_a_signal_cut_at_the_rails_is_saturated_and_a_smooth_wave_is_not():
    values = np.round(ecg() * 200)
    values[5000:5100] = np.clip(values[5000:5100] * 0 + 1023, -1024, 1023)
    found = lead_quality(lead(values.astype(np.int16), resolution=0.005))
    assert [(s.kind, s.start_s) for s in found.spans if s.kind == "saturated"] == [("saturated", 20.0)]
    coarse = np.round(ecg() * 20).astype(np.int16)
    assert not any(s.kind == "saturated" for s in lead_quality(lead(coarse, resolution=0.05)).spans)


def test_a_muscle_burst_is_found_where_it_is():
    values = ecg()
    values[20 * 250 : 30 * 250] += 0.12 * np.random.default_rng(3).standard_normal(2500)
    found = lead_quality(lead(values))
    (span,) = [s for s in found.spans if s.kind == "muscle noise"]
    assert (span.start_s, span.stop_s) == (20.0, 30.0) and span.unit == "mV"
    assert span.amount == pytest.approx(0.11, abs=0.02) and "qrs_duration" in span.blocks


def test_without_a_unit_the_limits_are_shares_of_the_height_and_it_is_said():
    values = ecg() * 1000
    values[20 * 250 : 30 * 250] += 80 * np.random.default_rng(3).standard_normal(2500)
    found = lead_quality(lead(values, unit=None))
    muscle = numbers(found)["muscle_noise:II"]
    assert muscle.unit == "1" and "unit is unknown" in muscle.reason
    assert {(s.kind, s.unit) for s in found.spans} == {("muscle noise", "1")}
    assert found.spans[0].amount == pytest.approx(0.07 / np.ptp(ecg()[:2500]), rel=0.4)


def test_what_cannot_be_told():
    assert lead_quality(lead(ecg(), fs=None)).reason == "the sampling rate is unknown"
    assert lead_quality(lead([])).reason == "the lead is empty"
    slow = numbers(lead_quality(lead(ecg(60.0), fs=60.0)))
    assert slow["muscle_noise:II"].status == "withheld" and "below 100 Hz" in slow["muscle_noise:II"].reason
    no_mains = numbers(lead_quality(lead(ecg(100.0), fs=100.0)))["mains:II"]
    assert no_mains.status == "withheld" and "too low to carry 50 Hz" in no_mains.reason
    gone = lead_quality(lead(np.full(2500, np.nan)))
    assert kinds(gone) == {("missing", 0, 10)} and numbers(gone)["usable_signal:II"].value == 0.0


@pytest.mark.parametrize("length", [1, 10, 24, 25, 26, 499, 501])
def test_short_leads(length):
    found = lead_quality(lead(ecg()[:length]))
    assert len(found.measurements) == 4 and all(s.stop_s <= length / FS for s in found.spans)


def test_integers_and_floats_are_of_one_quality():
    counts = np.round(ecg() * 200).astype(np.int16)
    first, second = (
        lead_quality(lead(c, resolution=0.005, offset=o)) for c, o in ((counts, 0), (counts * 1.0, 3))
    )
    assert [m.value for m in first.measurements] == pytest.approx([m.value for m in second.measurements])


def test_more_noise_blocks_more():
    for limits in LIMITS.values():
        assert [limit.above for limit in limits] == sorted(limit.above for limit in limits)
    assert "p_duration" in blocked_by("muscle noise", 0.03) and "qrs_duration" not in blocked_by(
        "muscle noise", 0.03
    )
    assert set(blocked_by("muscle noise", 0.03)) < set(blocked_by("muscle noise", 0.1))
    assert blocked_by("muscle noise", 0.5) == blocked_by("flat", 1e-9) == ("*",)
    assert blocked_by("mains", 0.01) == ()


def test_a_day_takes_little_time():
    day = np.tile(np.round(ecg(duration_s=600.0) * 200).astype(np.int16), 144)
    begin = perf_counter()
    lead_quality(lead(day, resolution=0.005))
    assert perf_counter() - begin < 3.0  # 0.2 to 0.5 s on two shared cores

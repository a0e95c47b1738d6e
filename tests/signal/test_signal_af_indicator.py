"""The indicator of atrial fibrillation on rhythms made for it: RR patterns, P waves, gaps, ectopic beats."""

import numpy as np
import pytest
from scipy.signal import resample_poly

from ecg_core.signal.af_indicator import af_episodes, af_measurements, af_windows, read_models
from ecg_core.signal.atrial_segments import atrial_segments, preferred_leads

FS = 250.0


def rhythm(count=60, *, irregular, seed=1):
    """Sinus rhythm varies by 20 ms around 850, fibrillation from 450 to 1,150 ms."""
    rng = np.random.default_rng(seed)
    rr = rng.uniform(0.45, 1.15, count) if irregular else 0.85 + 0.02 * rng.standard_normal(count)
    return 0.7 + np.cumsum(rr)


def bell(at_s, centre_s, width_s):
    return np.exp(-0.5 * ((at_s - centre_s) / width_s) ** 2)


def drawn(beats_s, *, with_p, fs=FS, seed=2):
    """Two leads in mV: QRS, T, P 160 ms before R where asked, noise of 10 µV; else f waves of 6 Hz."""
    at = np.arange(int((beats_s[-1] + 0.7) * fs)) / fs
    lead = 0.01 * np.random.default_rng(seed).standard_normal(len(at))
    for beat in beats_s:
        near = slice(max(int((beat - 0.4) * fs), 0), int((beat + 0.6) * fs))
        lead[near] += bell(at[near], beat, 0.015) + 0.25 * bell(at[near], beat + 0.28, 0.05)
        lead[near] += 0.12 * bell(at[near], beat - 0.16, 0.022) if with_p else 0.0
    if not with_p:
        lead += 0.05 * np.sin(2 * np.pi * 6.1 * at)
    return np.stack([lead, 0.5 * lead])


def weighed(beats_s, *, with_p, **options):
    return af_windows(
        beats_s, segments=atrial_segments(drawn(beats_s, with_p=with_p), FS, beats_s), **options
    )


def value(measurements, name):
    return next(each for each in measurements if each.name == name)


def test_irregular_without_p_is_indicated_and_sinus_rhythm_is_not():
    fibrillating, sinus = rhythm(100, irregular=True), rhythm(100, irregular=False)
    af, no_af = weighed(fibrillating, with_p=False), weighed(sinus, with_p=True)
    assert (af.logit > 0).all() and (no_af.logit < 0).all()
    assert value(af_measurements(fibrillating, af), "af_indicator").value == 1
    assert value(af_measurements(fibrillating, af), "af_burden").value == pytest.approx(100.0)
    assert value(af_measurements(sinus, no_af), "af_indicator").value == 0
    assert value(af_measurements(sinus, no_af), "af_burden").value == pytest.approx(0.0)


def test_p_waves_speak_against_it():
    beats = rhythm(irregular=True)
    assert weighed(beats, with_p=True).logit.mean() < weighed(beats, with_p=False).logit.mean() - 1


def test_evidence_of_the_delineation_counts_where_it_is_given():
    beats = rhythm(irregular=True)
    plain = weighed(beats, with_p=False)
    everywhere = weighed(beats, with_p=False, p_present=np.ones(60))
    nowhere = weighed(beats, with_p=False, p_present=np.zeros(60))
    unknown = weighed(beats, with_p=False, p_present=np.full(60, np.nan))
    assert (everywhere.logit < plain.logit).all() and (nowhere.logit > plain.logit).all()
    assert (unknown.logit == plain.logit).all()


def test_rr_alone_says_so():
    beats = rhythm(irregular=True)
    windows = af_windows(beats)
    assert windows.logit.mean() > 0 > af_windows(rhythm(irregular=False)).logit.mean()
    assert "RR alone" in value(af_measurements(beats, windows), "af_indicator").reason


def test_bigeminy_and_bridged_ectopic_beats_are_regular():
    bigeminy = np.cumsum(np.tile([0.55, 1.15], 30))
    assert (af_windows(bigeminy).logit < 0).all()
    rr = np.full(61, 0.8)
    rr[[7, 19, 28, 33, 47]] = 0.5
    rr[[8, 20, 29, 34, 48]] = 1.1
    beats = np.cumsum(rr)
    usual = np.ones(61, bool)
    usual[[7, 19, 28, 33, 47]] = False
    bridged = af_windows(beats, usual=usual).logit
    assert (bridged < 0).all() and bridged.mean() < af_windows(beats).logit.mean()


def test_no_window_holds_a_gap():
    beats = rhythm(irregular=True)
    unbroken = np.arange(59) != 29
    windows = af_windows(beats, unbroken=unbroken)
    assert len(windows.first) and not ((windows.first <= 29) & (windows.first + 10 > 30)).any()
    none = af_measurements(beats, af_windows(beats, unbroken=np.zeros(59, bool)))
    assert all(each.status == "withheld" and "gap" in each.reason for each in none)


@pytest.mark.parametrize("count", [0, 1, 5])
def test_below_six_beats_it_is_withheld(count):
    beats = rhythm(irregular=True)[:count]
    assert all(each.status == "withheld" for each in af_measurements(beats, af_windows(beats)))


def test_six_to_nine_beats_are_one_window_and_say_so():
    beats = rhythm(7, irregular=False)
    found = value(af_measurements(beats, weighed(beats, with_p=True)), "af_indicator")
    assert found.value == 0 and "7 beats" in found.reason
    assert value(af_measurements(beats, weighed(beats, with_p=True)), "af_burden").status == "withheld"


def test_an_episode_has_its_place():
    sinus, episode = rhythm(100, irregular=False), rhythm(80, irregular=True)
    beats = np.r_[sinus, sinus[-1] + episode, sinus[-1] + episode[-1] + sinus]
    windows = af_windows(beats)
    [(begin, end)] = af_episodes(beats, windows)
    assert begin == pytest.approx(sinus[-1], abs=8) and end == pytest.approx(sinus[-1] + episode[-1], abs=8)
    found = af_measurements(beats, windows, accuracy="sensitivity 98 %")
    assert value(found, "af_indicator").value == 1 and "98 %" in value(found, "af_indicator").reason
    assert value(found, "af_burden").value == pytest.approx(100 * (end - begin) / np.ptp(beats), abs=3)


def test_gain_polarity_offset_rate_and_shift_change_nothing():
    beats = rhythm(irregular=False, seed=4)
    drawing = drawn(beats, with_p=True)
    first = af_windows(beats, segments=atrial_segments(drawing, FS, beats)).logit
    for factor in (-1.0, 20.0, 0.001):
        changed = atrial_segments(factor * drawing + 3 * factor, FS, beats)
        assert af_windows(beats, segments=changed).logit == pytest.approx(first, abs=0.02)
    for up in (2, 4):
        other_rate = atrial_segments(resample_poly(drawing, up, 1, axis=1), up * FS, beats)
        assert af_windows(beats, segments=other_rate).logit == pytest.approx(first, abs=0.1)
    later = np.concatenate([np.zeros((2, 500)), drawing], axis=1)
    shifted = atrial_segments(later, FS, beats + 2)
    assert af_windows(beats + 2, segments=shifted).logit == pytest.approx(first, abs=0.1)


def test_leads_are_chosen_by_name():
    assert preferred_leads(["I", "II", "III", "V1"]) == [1, 3]
    assert preferred_leads(["ECG1", "ECG2", "ECG3"]) == [0, 1]
    assert preferred_leads(["V5", "mlii"]) == [1, 0]


def test_short_and_slow_signals_have_no_segments_and_missing_samples_do_no_harm():
    beats = rhythm(20, irregular=False)
    assert atrial_segments(np.zeros((1, 10)), FS, beats) is None
    assert atrial_segments(np.zeros((1, 900)), 50.0, beats) is None
    drawing = drawn(beats, with_p=True)
    drawing[1] = np.nan
    drawing[0, :50] = np.nan
    assert np.isfinite(af_windows(beats, segments=atrial_segments(drawing, FS, beats)).logit).all()


def test_the_weights_point_where_they_should():
    models = read_models()
    assert models["rr"]["weights"].shape == (5,) and models["rr_and_p"]["weights"].shape == (11,)
    assert models["rr"]["weights"][1] > 0 > models["rr_and_p"]["weights"][7]

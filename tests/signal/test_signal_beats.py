"""Beats: on expert labels, and on signals whose beats are known."""

from __future__ import annotations

import numpy as np
import pytest
import sleepecg
import wfdb
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_core.domain import Lead
from ecg_core.signal.beats import find_beats, find_recording_beats
from ecg_core.signal.synthetic import synthesize_ecg

FS = 250.0
BEAT_CODES = set("NLRBAaJSVrFejnE/fQ?")


@pytest.fixture(scope="module")
def lead_ii():
    (values,) = synthesize_ecg(60.0, FS, leads=("II",))
    return values


@pytest.fixture(scope="module")
def beats(lead_ii):
    return find_beats(lead_ii, FS)


def test_every_beat_of_a_known_signal_is_found_at_its_peak(lead_ii, beats):
    known = np.flatnonzero((lead_ii > 0.6) & (lead_ii == _local_maximum(lead_ii, 25)))
    assert len(known) == len(beats) and 60 <= len(beats) <= 70
    assert np.array_equal(beats, known)


def _local_maximum(values, reach):
    padded = np.pad(values, reach, mode="edge")
    return np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).max(axis=1)


@pytest.mark.parametrize("factor", [0.001, 1000.0, -1.0])
def test_neither_scale_nor_polarity_matters(lead_ii, beats, factor):
    assert np.array_equal(find_beats(lead_ii * factor, FS), beats)


def test_a_constant_added_changes_nothing(lead_ii, beats):
    assert np.array_equal(find_beats(lead_ii + 5.0, FS), beats)


@pytest.mark.parametrize("fs", [50.0, 60.0, 128.0, 500.0, 1000.0, 5000.0])
def test_any_sampling_rate_from_50_hz_on(fs, beats):
    (values,) = synthesize_ecg(60.0, fs, leads=("II",), noise_mv=0.0)
    (same,) = synthesize_ecg(60.0, FS, leads=("II",), noise_mv=0.0)
    at, usual = find_beats(values, fs) / fs, find_beats(same, FS) / FS
    assert abs(len(at) - len(usual)) <= 1
    nearest = np.abs(at[:, None] - usual).min(axis=1)
    assert np.sort(nearest)[:-1].max() <= 1.0 / min(fs, FS)


@pytest.mark.parametrize(
    "values, fs",
    [
        (np.empty(0), FS),
        (np.zeros(1), FS),
        (np.zeros(5000), FS),
        (np.full(5000, np.nan), FS),
        (np.sin(np.arange(240)), FS),
        (np.sin(np.arange(5000)), 49.9),
        (np.sin(np.arange(5000)), float("nan")),
    ],
    ids=["empty", "one", "flat", "missing", "short", "slow", "unknown"],
)
def test_where_there_can_be_no_beat_there_is_none(values, fs):
    found = find_beats(values, fs)
    assert found.dtype == np.int64 and len(found) == 0


def test_no_beat_of_one_lead_lies_in_a_gap(lead_ii, beats):
    broken = lead_ii.copy()
    broken[beats[20] - 100 : beats[24] + 100] = np.nan
    found = find_beats(broken, FS)
    assert set(beats) - set(found) == set(beats[20:25]) and set(found) <= set(beats)
    broken = lead_ii.copy()
    broken[beats[20]] = np.nan  # the peak itself is missing: the beat stands beside it
    assert np.abs(find_beats(broken, FS) - beats).max() == 1
    broken = lead_ii.copy()
    broken[beats[20] + 40 : beats[20] + 44] = np.nan
    assert np.array_equal(find_beats(broken, FS), beats)


def test_the_beats_of_a_recording_are_those_of_lead_ii(lead_ii, beats):
    signals = synthesize_ecg(60.0, FS)
    names = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
    leads = [Lead(name, values, FS, "mV") for name, values in zip(names, signals, strict=True)]
    found = find_recording_beats(leads)
    assert found.lead == "II" and np.array_equal(found.samples, find_beats(signals[1], FS))
    assert np.array_equal(found.at_rate(500.0), 2 * found.samples)


def test_without_lead_ii_it_is_the_lead_with_the_clearest_beats(lead_ii, beats):
    noisy = lead_ii * 0.1 + np.random.default_rng(1).normal(0, 0.02, len(lead_ii))
    leads = [
        Lead("II", np.zeros(len(lead_ii)), FS, "mV"),  # fallen off
        Lead("V1", noisy, FS, "mV"),
        Lead("pressure", lead_ii, FS, "mmHg", is_ecg=False),
        Lead("V5", lead_ii * 1000, FS, "uV"),
        Lead("V6", lead_ii),
    ]
    assert find_recording_beats(leads).lead == "V5"
    none = find_recording_beats(leads[:1])
    assert (none.lead, len(none.samples), len(none.at_rate(500.0))) == ("", 0, 0)


def test_on_the_expert_labels_of_mit_bih(real_data):
    found = [_score(path.with_suffix("")) for path in sorted((real_data / "mitdb").glob("*.hea"))]
    hits, labels, beats = np.sum(found, axis=0)
    sensitivity, predictivity = hits / labels, hits / beats
    print(f"{len(found)} records: Se {sensitivity:.2%}, +P {predictivity:.2%}")
    assert len(found) == 22 and sensitivity >= 0.985 and predictivity >= 0.985


def _score(record) -> tuple[int, int, int]:
    """Hits, labels and beats after the first five minutes, within 150 ms."""
    signal = wfdb.rdrecord(str(record), channels=[0])
    labels = wfdb.rdann(str(record), "atr")
    is_beat = np.isin(labels.symbol, sorted(BEAT_CODES))
    first = round(300 * signal.fs)
    known = labels.sample[is_beat & (labels.sample >= first)]
    beats = find_beats(signal.p_signal[:, 0], signal.fs)
    result = sleepecg.compare_heartbeats(beats[beats >= first], known, round(0.15 * signal.fs))
    return len(known) - len(result.FN), len(known), int(np.sum(beats >= first))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 900), st.sampled_from([0.0, 1.0, -3.0, 1e-9, 1e9, np.nan])), max_size=8
    ),
    st.sampled_from([20.0, 50.0, 99.5, 250.0, 1000.0]),
)
def test_no_signal_of_flat_steps_and_gaps_is_an_error(stretches, fs):
    """An ECG that cannot be looked through is stored all the same: finding no beat is the answer."""
    values = np.concatenate([np.full(length, level) for length, level in stretches] or [np.empty(0)])
    found = find_beats(values, fs)
    assert (np.diff(found) > 0).all() and np.isfinite(values[found]).all()


def test_a_flat_signal_that_changes_at_its_end_has_no_beats():
    values = np.zeros(5_000)
    values[-1] = -1.0
    assert len(find_beats(values, 250.0)) == 0


@pytest.mark.parametrize("bpm", [240, 295, 300, 305])
@pytest.mark.parametrize("seconds", [2.0, 2.2, 10.0, 600.0])
def test_the_fastest_rhythms_are_counted(bpm, seconds):
    """Of 300 beats a minute each is found, of any length."""
    time = np.arange(round(seconds * 250)) / 250
    phase = (time * bpm / 60) % 1.0
    values = np.exp(-(((phase - 0.5) / 0.06) ** 2)) + 1e-3 * np.random.default_rng(1).normal(size=len(time))
    found = find_beats(values, 250.0)
    assert abs(len(found) - seconds * bpm / 60) <= 2 and (np.diff(found) > 0).all()

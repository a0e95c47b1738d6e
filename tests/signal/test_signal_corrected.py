"""What is left of rate and rhythm when a reader leaves beats out, by hand and on a whole ECG."""

import numpy as np
import pytest

from ecg_core.domain import Lead
from ecg_core.signal.analyze import analyze
from ecg_core.signal.corrected import counted_rr_ms
from ecg_core.signal.synthetic import TWELVE_LEADS, synthesize_ecg

FS = 500.0
BEATS = np.array([100, 600, 1_050, 1_600, 2_100])


@pytest.mark.parametrize(
    "rejected, no_beats, expected",
    [
        ((), (), [None, 1000, 900, 1100, 1000]),
        ((1_050,), (), [None, 1000, None, None, 1000]),
        ((1_050,), (1_050,), [None, 1000, None, 2000, 1000]),
        ((100,), (), [None, None, 900, 1100, 1000]),
        ((100,), (100,), [None, None, 900, 1100, 1000]),
        ((2_100,), (), [None, 1000, 900, 1100, None]),
        ((600, 1_050), (1_050,), [None, None, None, None, 1000]),
        (tuple(BEATS), (), [None] * 5),
        (tuple(BEATS), tuple(BEATS), [None] * 5),
    ],
)
def test_which_rr_intervals_count(rejected, no_beats, expected):
    found = counted_rr_ms(BEATS, FS, rejected=rejected, no_beats=no_beats)
    assert [None if np.isnan(rr) else rr for rr in found] == expected


def test_no_beats_have_no_intervals():
    assert len(counted_rr_ms(np.empty(0, np.int64), FS)) == 0


@pytest.fixture(scope="module")
def leads():
    signals = np.round(synthesize_ecg(10, int(FS), heart_rate_bpm=66) * 1000).astype(np.int16)
    return [Lead(name, values, FS, "mV", 0.001) for name, values in zip(TWELVE_LEADS, signals, strict=True)]


def measured(leads, **left_out):
    analysis = analyze(leads, **left_out)
    return analysis, {one.name: one for one in analysis.measurements}


@pytest.mark.parametrize("number", [0, 4, -1])
def test_a_beat_left_out_leaves_rate_and_rhythm_as_they_are(leads, number):
    whole, before = measured(leads)
    _, after = measured(leads, rejected={int(whole.beats[number])})
    assert after["heart_rate"].value == pytest.approx(before["heart_rate"].value, rel=0.01)
    assert after["heart_rate"].beats_used == before["heart_rate"].beats_used - 1
    assert after["rr_longest"].value <= before["rr_longest"].value
    assert after["rr_variability"].reason == before["rr_variability"].reason == "regular"
    assert after["qrs_duration"].value == pytest.approx(before["qrs_duration"].value, abs=4)
    assert after["qrs_duration"].beats_used == before["qrs_duration"].beats_used - 1


def test_over_what_is_no_beat_rr_goes_on(leads):
    """A sharp artefact between two beats is found as one, until a reader says that it is none."""
    whole, before = measured(leads)
    false = (int(whole.beats[4]) + int(whole.beats[5])) // 2
    spike = np.round(1500 * np.exp(-0.5 * ((np.arange(len(leads[0].samples)) - false) / 6.0) ** 2))
    noisy = [Lead(lead.name, (lead.samples + spike).astype(np.int16), FS, "mV", 0.001) for lead in leads]
    found, wrong = measured(noisy)
    (extra,) = [int(beat) for beat in found.beats if np.abs(whole.beats - beat).min() > 50]
    assert wrong["heart_rate"].value > before["heart_rate"].value * 1.05
    _, after = measured(noisy, no_beats={extra})
    assert after["heart_rate"].value == pytest.approx(before["heart_rate"].value, rel=0.005)
    assert after["rr_longest"].value == pytest.approx(before["rr_longest"].value, rel=0.02)


def test_where_all_beats_are_left_out_nothing_is_measured_and_each_says_why(leads):
    whole, _ = measured(leads)
    _, after = measured(leads, rejected=set(whole.beats.tolist()))
    for name in ("heart_rate", "rr_mean", "qrs_duration", "qt_interval", "qrs_axis", "ectopic_share"):
        assert after[name].status == "withheld" and after[name].reason, name

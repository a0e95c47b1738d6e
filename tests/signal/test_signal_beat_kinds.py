"""Kinds of beats: on experts' labels that were not learned from, and on a rhythm that is known."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.accuracy import kinds
from benchmarks.accuracy.ec57 import Tally, total
from benchmarks.accuracy.records import Record, read_records
from ecg_core.domain import Lead
from ecg_core.signal.beat_adaptation import adapt_to_recording
from ecg_core.signal.beat_kinds import KINDS, classify_beats
from ecg_core.signal.beat_shapes import DescribedBeats
from ecg_core.signal.beats import RecordingBeats, find_recording_beats
from ecg_core.signal.synthetic import synthesize_ecg

FS = 500.0


def bell(time, at, width, height):
    return height * np.exp(-(((time - at) / width) ** 2) / 2)


@pytest.fixture(scope="module")
def bigeminal():
    """Narrow beats with a P wave, and from the tenth on every fourth one early, wide and inverted."""
    time, values, times, at = np.arange(round(80 * FS)) / FS, 0.0, [], 1.0
    for number in range(80):
        early = number >= 10 and number % 4 == 0
        times.append((at, early))
        if early:
            values = values + bell(time, at, 0.035, -1.6) + bell(time, at + 0.28, 0.06, 0.5)
        else:
            values = values + bell(time, at, 0.011, 1.0) + bell(time, at + 0.27, 0.04, 0.25)
            values = values + bell(time, at - 0.17, 0.022, 0.12)
        at += 0.55 if number >= 9 and number % 4 == 3 else 1.3 if early else 0.9
    noise = np.random.default_rng(1).normal(0, 0.01, (2, len(time)))
    leads = [Lead("II", values + noise[0], FS, "mV"), Lead("V1", noise[1] - 0.6 * values, FS, "mV")]
    return leads, times


def test_early_wide_beats_are_ventricular_and_the_others_normal(bigeminal):
    leads, times = bigeminal
    beats = find_recording_beats(leads)
    assert len(beats.samples) == len(times)
    assert np.abs(beats.samples / FS - [at for at, _ in times]).max() < 0.05
    found = classify_beats(leads, beats)
    wanted = ["ventricular" if early else "normal" for _, early in times]
    assert found.named() == wanted and found.confidences.min() > 0.5


def test_a_spike_before_each_beat_is_a_pacemaker(bigeminal):
    leads = [
        Lead(name, values, FS)
        for name, values in zip(("I", "II"), synthesize_ecg(20.0, FS, leads=("I", "II")), strict=True)
    ]
    beats = find_recording_beats(leads)
    for lead in leads:
        np.asarray(lead.samples)[beats.samples - 25] += 3.0
    assert set(classify_beats(leads, beats).named()) == {"paced"}


def test_few_beats_are_unclassified():
    leads = [Lead("II", synthesize_ecg(3.0, FS, leads=("II",))[0], FS)]
    found = classify_beats(leads, find_recording_beats(leads))
    assert set(found.named()) == {"unclassified"} and found.confidences.max() == 0
    assert classify_beats([], RecordingBeats("", np.empty(0, np.int64), 0.0)).named() == []


def test_shapes_kept_by_the_search_give_the_same_kinds(bigeminal):
    leads, _ = bigeminal
    beats = find_recording_beats(leads, with_shapes=True)
    assert beats.shapes is not None and beats.shapes.segments.shape[:2] == (2, len(beats.samples))
    assert np.abs(beats.shapes.times_s - beats.samples / FS).max() < 0.06
    again = classify_beats(leads, find_recording_beats(leads))
    assert classify_beats(leads, beats).named() == again.named()


def test_of_beats_left_out_the_shapes_are_left_out_too(bigeminal):
    leads, times = bigeminal
    beats = find_recording_beats(leads, with_shapes=True)
    these = np.arange(len(times)) != 30
    kept = beats.kept(these)
    assert kept.shapes is not None and len(kept.shapes.times_s) == len(kept.samples) == len(times) - 1
    assert np.array_equal(kept.shapes.times_s, beats.shapes.times_s[these])
    assert len(classify_beats(leads, kept).kinds) == len(times) - 1


def test_the_scale_of_whole_numbers_changes_nothing(bigeminal):
    leads, _ = bigeminal
    stored = [Lead(x.name, np.rint(x.samples * 200).astype(np.int16), FS, "mV", 0.005) for x in leads]
    in_mv = [Lead(x.name, x.physical(), FS, "mV") for x in stored]
    beats, whole = find_recording_beats(in_mv), find_recording_beats(stored, with_shapes=True)
    assert np.array_equal(beats.samples, whole.samples)
    assert classify_beats(stored, whole).named() == classify_beats(in_mv, beats).named()


def test_what_is_sure_teaches_what_is_not():
    """Of 30 wide beats among 270, the network is sure of 20 and leans the wrong way for 10 of one shape."""
    rng = np.random.default_rng(1)
    is_wide = np.arange(300) % 10 == 0
    features = rng.normal(0, 0.1, (300, 30)).astype(np.float32)
    features[:, 3] -= is_wide
    points = rng.normal(0, 0.1, (300, 66)).astype(np.float32)
    points[is_wide, 10:30] += 1.0
    chances = np.where(is_wide, 0.98, 0.02).astype(np.float32)
    chances[np.flatnonzero(is_wide)[20:]] = 0.3
    found = adapt_to_recording(chances, DescribedBeats(features, points))
    assert np.array_equal(found > 0.5, is_wide)
    few = np.where(np.arange(300) < 4, chances.max(), 0.0).astype(np.float32)
    assert np.array_equal(adapt_to_recording(few, DescribedBeats(features, points)), few)


def test_a_fusion_beat_may_be_either():
    known = np.array([1.0, 2.0, 3.0, 4.0])
    record = Record("x", 250.0, np.zeros((1, 1)), ("II",), known, ("N", "V", "F", "E"), ())
    assert kinds.tally(record, known, np.array([False, True, True, False])) == Tally(1, 1, 0)
    assert kinds.tally(record, known, np.array([True, True, False, True])) == Tally(2, 0, 1)


def test_as_shipped_on_the_experts_labels(real_data):
    """The network has learned from these records: of others less is to be expected (benchmarks.accuracy)."""
    found = total(kinds.tally(r, *kinds.find_ours(r)) for r in read_records(real_data / "mitdb"))
    assert KINDS[2] == "ventricular"
    assert found.sensitivity >= 97 and found.predictivity >= 94

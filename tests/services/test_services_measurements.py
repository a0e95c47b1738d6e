"""Measurements are stored, made again when what they depend on changes, and corrected by clinicians."""

from __future__ import annotations

import numpy as np
import pytest

from ecg_core.domain import Lead
from ecg_core.errors import CorrectionNotFoundError, EcgNotFoundError, InvalidInputError
from ecg_core.services import measurements, recordings
from ecg_core.services.measured_lists import list_beats
from ecg_core.services.packed_analysis import pack_analysis, unpack_analysis
from ecg_core.signal.analyze import analyze
from ecg_core.signal.synthetic import TWELVE_LEADS, synthesize_ecg
from ecg_core.storage.analyses import load_result
from tests.storage.test_storage_recordings import keep

FS = 500.0


def twelve(seconds=10, fs=FS, unit="mV", bpm=70.0):
    signals = synthesize_ecg(seconds, int(fs), heart_rate_bpm=bpm) * 1000
    leads = zip(TWELVE_LEADS, np.round(signals).astype(np.int16), strict=True)
    return [Lead(name, values, fs, unit, 0.001 if unit == "mV" else 1.0) for name, values in leads]


@pytest.fixture
def kept(room, make_user):
    user = make_user()
    return user, keep(room, user, *twelve())


def by_name(measured):
    return {one.name: one for one in measured.measurements}


def test_a_stored_analysis_is_the_one_that_was_made():
    made = analyze(twelve())
    back = unpack_analysis(pack_analysis(made))
    assert back.measurements == made.measurements and back.fiducials == made.fiducials
    assert back.quality[0].spans == made.quality[0].spans and back.notes == made.notes
    for name in ("beats", "kinds", "confidences", "used"):
        assert np.array_equal(getattr(back, name), getattr(made, name))
    for one, other in zip(back.waves, made.waves, strict=True):
        assert one.lead == other.lead and np.array_equal(one.onset, other.onset)
        assert np.array_equal(one.amplitude, other.amplitude, equal_nan=True)
    assert back.median_beats.keys() == made.median_beats.keys()
    assert np.array_equal(back.median_beats["V2"].values, made.median_beats["V2"].values, equal_nan=True)


def test_an_ecg_is_measured_once_and_then_read(room, kept):
    user, ecg_id = kept
    first = measurements.read_measurements(room, user, ecg_id)
    assert by_name(first)["heart_rate"].value == pytest.approx(70.0, abs=1.0)
    assert by_name(first)["qrs_duration"].status == "measured"
    again = measurements.read_measurements(room, user, ecg_id)
    assert again.measurements == first.measurements and again.corrections == ()
    with room.database.reading() as connection:
        stored = load_result(connection, 1, "measurements", measurements.ANALYSIS_VERSION)
    assert stored is not None


def test_nobody_measures_the_ecg_of_another(room, kept, make_user):
    _, ecg_id = kept
    other = make_user("another")
    with pytest.raises(EcgNotFoundError):
        measurements.read_measurements(room, other, ecg_id)
    with pytest.raises(EcgNotFoundError):
        measurements.move_fiducial(room, other, ecg_id, "qrs_offset", 60.0)


def test_an_entered_rate_makes_the_measurements_anew(room, make_user):
    user = make_user()
    ecg_id = keep(room, user, *[Lead(one.name, one.samples, None, "mV", 0.001) for one in twelve()])
    before = by_name(measurements.read_measurements(room, user, ecg_id))["heart_rate"]
    assert before.status == "withheld" and "sampling rate is unknown" in before.reason
    recordings.enter_missing(room, user, ecg_id, sampling_rate_hz=FS)
    after = by_name(measurements.read_measurements(room, user, ecg_id))["heart_rate"]
    assert after.value == pytest.approx(70.0, abs=1.0)


def test_a_moved_fiducial_moves_the_numbers_and_can_be_taken_back(room, kept):
    user, ecg_id = kept
    automatic = measurements.read_measurements(room, user, ecg_id)
    j_ms = measurements.places_ms(automatic)["qrs_offset"]
    moved = measurements.move_fiducial(room, user, ecg_id, "qrs_offset", j_ms + 20.0)
    corrected = measurements.read_measurements(room, user, ecg_id)
    was, now = by_name(automatic)["qrs_duration"].value, by_name(corrected)["qrs_duration"].value
    assert now == pytest.approx(was + 20.0)
    assert {m.name: m for m in corrected.analysis.measurements}[
        "qrs_duration"
    ].value == was  # stays beside it
    assert [(one.author, one.fiducial) for one in corrected.corrections] == [(user.username, "qrs_offset")]
    measurements.undo_correction(room, user, ecg_id, moved.id)
    back = measurements.read_measurements(room, user, ecg_id)
    assert by_name(back)["qrs_duration"].value == was
    (undone,) = back.corrections
    assert undone.undone_by == user.username and not undone.counts
    with pytest.raises(CorrectionNotFoundError):
        measurements.undo_correction(room, user, ecg_id, moved.id)


def test_a_fiducial_that_is_moved_twice_counts_once(room, kept):
    user, ecg_id = kept
    places = measurements.places_ms(measurements.read_measurements(room, user, ecg_id))
    for by in (10.0, 30.0):
        measurements.move_fiducial(room, user, ecg_id, "t_offset", places["t_offset"] + by)
    found = measurements.read_measurements(room, user, ecg_id)
    assert [one.counts for one in found.corrections] == [False, True]
    assert measurements.places_ms(found)["t_offset"] == places["t_offset"] + 30.0


@pytest.mark.parametrize("is_beat", [True, False])
def test_a_rejected_beat_leaves_the_measurements(room, kept, is_beat):
    """RR goes over what is no beat; over a beat that is only not used, there is none."""
    user, ecg_id = kept
    before = measurements.read_measurements(room, user, ecg_id)
    beats, beat = before.analysis.beats / FS * 1000, int(before.analysis.beats[4])
    measurements.reject_beat(room, user, ecg_id, beat, is_beat=is_beat)
    after = measurements.read_measurements(room, user, ecg_id)
    assert after.rejected == {beat} and beat in after.analysis.beats  # the automatic list keeps it
    assert after.no_beats == (set() if is_beat else {beat})
    kept_rr = np.delete(np.diff(beats), [3, 4])
    expected = kept_rr if is_beat else np.diff(np.delete(beats, 4))
    assert by_name(after)["rr_longest"].value == pytest.approx(expected.max())
    assert by_name(after)["heart_rate"].value == pytest.approx(60_000 / expected.mean(), rel=1e-6)
    listed = [beat.rr_ms for beat in list_beats(after, 0, 100).items]
    assert [rr for rr in listed if rr is not None] == pytest.approx(expected.tolist())
    assert listed[4] is None and (listed[5] is None) == is_beat
    with pytest.raises(InvalidInputError, match="left out already"):
        measurements.reject_beat(room, user, ecg_id, beat)


@pytest.mark.parametrize(
    "name, ms, message",
    [("r_peak", 0.0, "cannot be moved"), ("qrs_onset", 200.0, "not be in this order")],
)
def test_what_cannot_be_a_fiducial_is_refused(room, kept, name, ms, message):
    user, ecg_id = kept
    with pytest.raises(InvalidInputError, match=message):
        measurements.move_fiducial(room, user, ecg_id, name, ms)
    with pytest.raises(InvalidInputError, match="No beat was found at sample 3"):
        measurements.reject_beat(room, user, ecg_id, 3)


def test_a_long_ecg_is_measured_beside_the_request(room, make_user):
    user = make_user()
    ecg_id = keep(room, user, *twelve(150, 250.0)[:2])
    assert measurements.read_measurements(room, user, ecg_id) is None
    done = measurements.read_measurements(room, user, ecg_id, wait=True)
    assert len(done.analysis.beats) == pytest.approx(175, abs=2)
    assert measurements.read_measurements(room, user, ecg_id).measurements == done.measurements

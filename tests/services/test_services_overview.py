"""The overview of a whole recording: its columns, gaps, heart rate, and where the beats are from."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import delete, func, select

from ecg_core.domain import Annotation, Lead, Recording
from ecg_core.errors import EcgNotFoundError
from ecg_core.services import overview, recordings, uploads
from ecg_core.signal.beats import find_recording_beats
from ecg_core.signal.long_recordings import find_gaps, rates_per_column
from ecg_core.signal.synthetic import synthesize_ecg
from ecg_core.signal.zero_crossings import count_lead_zero_crossings
from ecg_core.storage.tables import AnalysisRow

RATE = 250.0


def keep(room, user, leads, annotations=()):
    """Store leads as a reader would give them."""
    recording = Recording(tuple(leads), "test", annotations=tuple(annotations))
    stored = uploads._summarize(recording, user, "", "0")
    uploads._insert(room, user, recording, stored, once=False, address="")
    return stored.id


def leads(seconds=1500.0, rate: float | None = RATE, bpm=75.0):
    one, two = synthesize_ecg(seconds, RATE, leads=("I", "II"), heart_rate_bpm=bpm, seed=2)
    two[10_000:20_000] = np.nan
    return Lead("I", np.round(one * 200).astype(np.int16), rate, "mV", 0.005), Lead("II", two, rate, "mV")


def results(room) -> int:
    with room.database.reading() as connection:
        return connection.execute(select(func.count()).select_from(AnalysisRow)).scalar_one()


def test_a_long_recording_has_its_beats_when_it_is_stored(room, make_user):
    user, (one, two) = make_user(), leads()
    ecg = keep(room, user, (one, two))
    assert results(room) == 2
    found = overview.read_overview(room, user, ecg, columns=300)
    assert (found.lead.name, found.beats_source, found.gaps) == ("II", "detected", ((40.0, 80.0),))
    assert found.missing_share == 10_000 / len(two.samples) and found.duration_s == 1500
    assert 300 <= len(found.lowest) <= 601 and found.column_s == found.samples_per_column / RATE
    assert np.nanmax(found.highest) == np.nanmax(two.samples)
    assert found.crossings.sum() == count_lead_zero_crossings(two).crossings
    assert found.rates_bpm is not None and abs(np.nanmedian(found.rates_bpm) - 75) < 1.5
    inside = slice(int(42 / found.column_s) + 1, int(80 / found.column_s))
    assert np.isnan(found.lowest[inside]).all()
    assert np.abs(found.rates_bpm[inside] - 75).max() < 3  # the other lead shows these beats


def test_what_was_stored_before_is_analyzed_once_and_alike(room, make_user):
    user = make_user()
    ecg = keep(room, user, leads())
    first = overview.read_overview(room, user, ecg)
    with room.database.writing() as connection:
        connection.execute(delete(AnalysisRow))
    for _ in range(2):
        again = overview.read_overview(room, user, ecg)
        np.testing.assert_array_equal(again.rates_bpm, first.rates_bpm)
        assert again.gaps == first.gaps and results(room) == 2


def test_the_beats_of_the_file_come_first(room, make_user):
    user = make_user()
    beats = [Annotation(start_s=second, text="N", kind="beat") for second in np.arange(1, 1499, 0.5).tolist()]
    ecg = keep(room, user, leads(), [*beats, Annotation(3.0, "a note")])
    found = overview.read_overview(room, user, ecg)
    assert found.beats_source == "file" and found.rates_bpm is not None
    assert np.nanmin(found.rates_bpm) == np.nanmax(found.rates_bpm) == 120


def test_without_a_rate_nothing_is_said_of_time_or_beats(room, make_user):
    user = make_user()
    ecg = keep(room, user, leads(rate=None))
    found = overview.read_overview(room, user, ecg)
    assert (found.column_s, found.duration_s, found.rates_bpm, found.beats_source) == (None, None, None, "")
    assert found.gaps == ((10_000.0, 20_000.0),) and results(room) == 0


def test_a_short_recording_is_analyzed_when_it_is_looked_at(room, make_user):
    user = make_user()
    ecg = keep(room, user, leads(100.0))
    found = overview.read_overview(room, user, ecg, columns=20)
    assert results(room) == 0 and found.beats_source == "detected"
    with pytest.raises(EcgNotFoundError):
        overview.read_overview(room, make_user("other"), ecg)


def test_beats_of_a_long_lead_are_each_found_once():
    beats = find_recording_beats(leads(1900.0)).samples
    intervals = np.diff(beats) / RATE
    assert intervals.min() > 0.6 and intervals.max() < 1.0 and abs(len(beats) - 1900 / 60 * 75) < 40


def test_rates_are_medians_of_the_intervals_that_end_in_a_column():
    beats = np.array([0, 100, 200, 250, 900, 1000, 1100, 9000])
    gaps = find_gaps(np.where(np.arange(1200) == 1050, np.nan, 0.0))
    assert gaps.tolist() == [[1050, 1051]]
    rates = rates_per_column(beats, 100.0, 300, 5, gaps)
    np.testing.assert_array_equal(rates, [60.0, np.nan, np.nan, 60.0, np.nan])


def test_a_corrected_rate_has_its_own_beats(room, make_user):
    user = make_user()
    ecg = keep(room, user, leads(rate=None))
    for rate, bpm in ((RATE, 75.0), (2 * RATE, 150.0)):
        recordings.enter_missing(room, user, ecg, sampling_rate_hz=rate)
        found = overview.read_overview(room, user, ecg)
        assert found.rates_bpm is not None and np.nanmedian(found.rates_bpm) == pytest.approx(bpm, rel=0.03)

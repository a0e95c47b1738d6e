"""What the viewer shows: filtered windows, the view's own counts, stepping. On both databases."""

from __future__ import annotations

import json
import tracemalloc
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_core.domain import Lead, Recording
from ecg_core.errors import EcgNotFoundError, LeadNotFoundError
from ecg_core.figures.filters import filter_caption
from ecg_core.figures.view import FILTERS, NOTCHES, View
from ecg_core.services import display, recordings, uploads, users
from ecg_core.services.room import open_reading_room
from ecg_core.services.uploads import Source
from ecg_core.settings import Settings
from ecg_core.signal.dead_band import find_dead_band_crossings
from ecg_core.signal.filters import apply_display_filter
from ecg_core.signal.synthetic import synthesize_ecg
from ecg_core.signal.zero_crossings import find_lead_zero_crossings, find_zero_crossings

FILTERED = [
    View(filter=name, notch=notch, baseline=baseline)
    for name in FILTERS
    for notch in NOTCHES
    for baseline in (False, True)
    if View(filter=name, notch=notch, baseline=baseline).is_filtered
]


def store(room, user, *leads: Lead):
    """The id of an ECG with these leads."""
    recording = Recording(leads, "test")
    summary = uploads._summarize(recording, user, "", "0")
    uploads._insert(room, user, recording, summary, once=False, address="")
    return summary.id


def wandering_ecg(seconds=150, fs=250.0) -> tuple[Lead, ...]:
    """I in mV and V2 in uV, with an offset of 20 mV, a wander of 2 mV, a step of 3 mV and mains."""
    times = np.arange(int(seconds * fs)) / fs
    one, two = synthesize_ecg(seconds, fs, leads=("I", "V2"))
    one = (
        one
        + 20
        + np.sin(2 * np.pi * 0.02 * times)
        + 3.0 * (times > 70)
        + 0.1 * np.sin(2 * np.pi * 50 * times)
    )
    return (
        Lead("I", np.round(one * 200).astype(np.int16), fs, "mV", 0.005),
        Lead("V2", np.round(two * 1000 + 30).astype(np.int16), fs, "uV", 1.0, -30.0),
    )


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """A room, its user and `wandering_ecg`, for tests that only read."""
    room = open_reading_room(Settings(data_dir=tmp_path_factory.mktemp("display"), demo=False))
    user = users.user_of(room, users.register(room, "reader"))
    yield room, user, store(room, user, *wandering_ecg())
    room.database.close()


def test_nobody_reaches_somebody_elses_ecg(room, make_user):
    owner, other = make_user("owner"), make_user("other")
    ecg_id = store(room, owner, Lead("I", np.array([1, -1], np.int16), 100.0, "mV"))
    window = {"start": 0, "length": 1, "names": {"I"}}
    for attempt in (
        lambda: display.read_display(room, other, ecg_id, **window, view=View()),
        lambda: display.read_display(room, other, ecg_id, **window, view=View(notch="50")),
        lambda: display.count_view_crossings(room, other, ecg_id, **window, view=View()),
        lambda: display.next_crossing(room, other, ecg_id, "I", after=0),
        lambda: display.next_crossing(room, owner, uuid4(), "I", after=0),
    ):
        with pytest.raises(EcgNotFoundError):
            attempt()
    assert display.next_crossing(room, owner, ecg_id, "I", after=0) == 1
    with pytest.raises(LeadNotFoundError, match="V9"):
        display.next_crossing(room, owner, ecg_id, "V9", after=0)


@pytest.mark.parametrize("view", FILTERED, ids=filter_caption)
@pytest.mark.parametrize("start", [0.0, 3.2, 66.0, 71.0, 141.0])
def test_a_window_shows_what_the_whole_filtered_lead_shows(shelf, view, start):
    """Within 5 µV, wherever it begins: 20 mV of offset, 2 mV of wander and a step of 3 mV are around it."""
    room, user, ecg_id = shelf
    windows = display.read_display(room, user, ecg_id, start=start, length=10, names={"I", "V2"}, view=view)
    for lead, window, resting in zip(wandering_ecg(), windows, (0.005, 5.0), strict=True):
        whole = apply_display_filter(
            lead.physical(), 250.0, band=view.filter, notch=view.notch, baseline=view.baseline
        )
        first = window.first_sample
        assert (first, len(window.lead.samples)) == (start * 250, min(2500, (150 - start) * 250))
        assert np.abs(window.lead.physical() - whole[first : first + 2500]).max() < resting
        assert window.lead.samples.dtype == np.float64
        assert (window.lead.resolution, window.lead.offset, window.lead.unit) == (1.0, 0.0, lead.unit)


@pytest.mark.parametrize("view", FILTERED, ids=filter_caption)
def test_two_overlapping_windows_agree(shelf, view):
    room, user, ecg_id = shelf
    read = {"names": {"I"}, "view": view}
    (early,) = display.read_display(room, user, ecg_id, start=60, length=12, **read)
    (late,) = display.read_display(room, user, ecg_id, start=67.3, length=20, **read)
    shift = late.first_sample - early.first_sample
    overlap = early.lead.samples[shift:]
    assert np.abs(overlap - late.lead.samples[: len(overlap)]).max() < 0.005


@pytest.mark.parametrize("view", [View(), *FILTERED], ids=filter_caption)
def test_crossings_stay_those_of_the_stored_signal(shelf, view):
    room, user, ecg_id = shelf
    cut = {"start": 12.3, "length": 7.7, "names": {"V2"}}
    (shown,) = display.read_display(room, user, ecg_id, **cut, view=view)
    (stored,) = recordings.read_windows(room, user, ecg_id, **cut)
    assert len(stored.crossings.indices) > 10
    assert np.array_equal(shown.crossings.indices, stored.crossings.indices)
    assert np.allclose(shown.crossings.positions, stored.crossings.positions, rtol=0, atol=1e-9)
    assert np.array_equal(shown.crossings.rising, stored.crossings.rising)
    assert (shown.first_sample, shown.summary) == (stored.first_sample, stored.summary)


def test_without_a_filter_the_window_is_the_stored_one(shelf):
    room, user, ecg_id = shelf
    view = View(dead_band=0.1, detrend=True, gain=20)
    (shown,) = display.read_display(room, user, ecg_id, start=5, length=2, names={"I"}, view=view)
    assert np.array_equal(shown.lead.samples, wandering_ecg()[0].samples[1250:1750])
    assert (shown.lead.samples.dtype, shown.lead.resolution) == (np.int16, 0.005)


def test_what_cannot_or_may_not_be_filtered_is_drawn_as_it_is(room, make_user):
    """A lead without a rate, and a pressure, whose mean is what it is about; gaps stay gaps."""
    user, rng = make_user(), np.random.default_rng(1)
    gap = rng.normal(size=1000) + 5
    gap[100:150] = np.nan
    samples = rng.integers(-500, 500, 1000).astype(np.int16)
    ecg_id = store(
        room, user,
        Lead("I", gap, 100.0, "mV"), Lead("II", samples), Lead("ABP", samples, 100.0, "mmHg", is_ecg=False),
    )  # fmt: skip
    one, two, pressure = display.read_display(
        room, user, ecg_id, start=0, length=10, names={"I", "II", "ABP"}, view=View(filter="0.5-40")
    )
    assert np.array_equal(np.isnan(one.lead.samples), np.isnan(gap)) and np.nanmax(one.lead.samples) < 5
    assert np.array_equal(two.lead.samples, samples[:10])
    assert np.array_equal(pressure.lead.samples, samples)


@pytest.mark.parametrize("start, length", [(0, 0), (-5, 3), (149.99, 50), (500, 10), (0, 1e9)])
def test_windows_at_and_beyond_the_ends(shelf, start, length):
    room, user, ecg_id = shelf
    cut = {"start": start, "length": length, "names": {"I"}}
    (shown,) = display.read_display(room, user, ecg_id, **cut, view=View(filter="0.05-40"))
    (stored,) = recordings.read_windows(room, user, ecg_id, **cut)
    assert shown.first_sample == stored.first_sample
    assert len(shown.lead.samples) == len(stored.lead.samples)


def count(shelf, view, start=0.0, length=150.0, names=("I",)):
    room, user, ecg_id = shelf
    return display.count_view_crossings(
        room, user, ecg_id, start=start, length=length, names=names, view=view
    )


def test_the_views_own_count_stands_beside_the_official_one(shelf):
    two = wandering_ecg()[1]
    plain = apply_display_filter(two.physical() / 1000, 250, band="none", baseline=True)
    official = len(find_lead_zero_crossings(two).indices)
    for view, values, words in [
        (View(dead_band=0.05), two.physical() / 1000, "with a dead band of ±0.05 mV"),
        (View(dead_band=0.05, detrend=True), plain, "with a dead band of ±0.05 mV, baseline removed"),
        (View(detrend=True), plain, "without a dead band, baseline removed"),
    ]:
        expected = len(find_dead_band_crossings(values, band=view.dead_band).indices)
        assert count(shelf, view, names={"V2"}) == [display.ViewCount("V2", official, expected, words)]
        assert 0 < expected < official or view.dead_band == 0
    found = count(shelf, View(detrend=True, filter="0.5-40", notch="50"))  # filters do not count
    assert (
        found == count(shelf, View(detrend=True)) and found[0].in_view == 0 and found[0].with_dead_band > 100
    )
    assert count(shelf, View()) == [display.ViewCount("I", 0, None, "")]


@pytest.mark.parametrize(
    "view",
    [View(dead_band=0.2), View(dead_band=0.1, detrend=True), View(detrend=True)],
    ids=["band", "both", "detrend"],
)
def test_counts_of_windows_that_follow_each_other_add_up(shelf, view):
    (whole,) = count(shelf, view, names={"V2"})
    for step in (7.0, 40.0):
        parts = [count(shelf, view, start, step, {"V2"})[0] for start in np.arange(0, 150, step)]
        assert sum(part.in_view for part in parts) == whole.in_view
        assert sum(part.with_dead_band for part in parts) == whole.with_dead_band > 0


def test_where_there_is_no_such_count_the_reason_is_said(room, make_user):
    user, samples = make_user(), np.array([5, -5, 5], np.int16)
    ecg_id = store(
        room,
        user,
        Lead("I", samples, 100.0),
        Lead("II", samples, None, "mV"),
        Lead("P", samples, 100.0, "mmHg"),
    )
    counts = {
        view: display.count_view_crossings(
            room, user, ecg_id, start=0, length=3, names={"I", "II", "P"}, view=view
        )
        for view in (View(dead_band=1.0), View(dead_band=1.0, detrend=True), View(detrend=True))
    }
    no_unit = "no count with a dead band in mV: the unit is unknown"
    no_voltage = "no count with a dead band in mV: the unit is mmHg"
    no_rate = "no count with the baseline removed: the sampling rate is unknown"
    banded, both, detrended = (
        [(each.in_view, each.with_dead_band, each.definition) for each in found] for found in counts.values()
    )
    assert banded == [(2, None, no_unit), (2, 2, "with a dead band of ±1 mV"), (2, None, no_voltage)]
    assert both == [(2, None, no_unit), (2, None, no_rate), (2, None, no_voltage)]
    removed = "without a dead band, baseline removed"
    assert detrended == [(2, 2, removed), (2, None, no_rate), (2, 2, removed)]


@given(runs=st.lists(st.tuples(st.sampled_from([3, -3, 1, -1, 0, None]), st.integers(1, 40)), max_size=10),
       start=st.integers(0, 100), length=st.integers(0, 200))  # fmt: skip
def test_view_counts_as_the_list_of_all(shelf, runs, start, length):
    room, user, _ = shelf
    signal = [value for value, run in runs for _ in range(run)]
    body = {"leads": [{"name": "I", "signal": signal}], "unit": "mV"}
    ecg_id = uploads.add_json(room, user, json.dumps(body).encode()).id
    (found,) = display.count_view_crossings(
        room, user, ecg_id, start=start, length=length, names={"I"}, view=View(dead_band=2.0)
    )
    values = np.array(signal, np.float64)
    for count_, indices in [
        (found.in_view, find_zero_crossings(values).indices),
        (found.with_dead_band, find_dead_band_crossings(values, band=2.0).indices),
    ]:
        assert count_ == np.count_nonzero((indices >= start) & (indices < start + length))


@pytest.mark.parametrize("resolution", [0.1, -0.1])
def test_stepping_visits_every_crossing_and_no_other(room, make_user, resolution):
    user, rng = make_user(), np.random.default_rng(2)
    steps = np.repeat(rng.integers(-2, 3, 60), rng.integers(1, 4000, 60)).astype(np.int16)
    lead = Lead("I", steps, 250.0, "mV", resolution, 0.1)
    ecg_id = store(room, user, lead)
    expected = find_lead_zero_crossings(lead).indices.tolist()
    forwards, at = [], 0
    while (at := display.next_crossing(room, user, ecg_id, "I", after=at)) is not None:
        forwards.append(at)
    backwards, at = [], len(steps) + 1000
    while (at := display.next_crossing(room, user, ecg_id, "I", after=at, backwards=True)) is not None:
        backwards.append(at)
    assert forwards == expected and backwards == expected[::-1] and len(expected) > 10


def test_a_flat_day_is_not_loaded_at_once(shelf):
    """24 h at 250 Hz, a sign at either end and zeros between: 43 MB of samples, in little memory."""
    room, user, _ = shelf
    samples = np.zeros(24 * 3600 * 250, np.int16)
    samples[0], samples[-1] = 1, -1
    ecg_id = store(room, user, Lead("I", samples, 250.0, "mV"))
    last, view = len(samples) - 1, View(dead_band=0.1)
    del samples
    tracemalloc.start()
    try:
        assert display.next_crossing(room, user, ecg_id, "I", after=0) == last
        assert display.next_crossing(room, user, ecg_id, "I", after=last + 1, backwards=True) == last
        assert display.next_crossing(room, user, ecg_id, "I", after=last, backwards=True) is None
        cut = {"start": 24 * 3600 - 10, "length": 10, "names": {"I"}}
        assert display.count_view_crossings(room, user, ecg_id, **cut, view=view)[0].with_dead_band == 1
        assert tracemalloc.get_traced_memory()[1] < 12_000_000
    finally:
        tracemalloc.stop()


def test_a_real_lead_crosses_zero_less_often_with_a_dead_band(room, make_user, real_data):
    """LUDB record 1, lead II: the noise about the baseline is most of the raw count."""
    folder = real_data / "ludb"
    sources = [Source.of(name, (folder / name).read_bytes()) for name in ("1.hea", "1.dat")]
    (bundle,) = uploads.find_bundles(sources)
    user = make_user()
    ecg = uploads.add_bundle(room, user, bundle).added.ecg
    raw, banded, both = (
        display.count_view_crossings(room, user, ecg.id, start=0, length=10, names={"II"}, view=view)[0]
        for view in (View(), View(dead_band=0.03), View(dead_band=0.03, detrend=True))
    )
    assert raw.in_view == banded.in_view == both.in_view == 89 and raw.with_dead_band is None
    assert (banded.with_dead_band, both.with_dead_band) == (39, 39)

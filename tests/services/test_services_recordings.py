"""What a user does with ECGs, on both databases."""

from __future__ import annotations

import csv
import io
import json
import threading
from dataclasses import replace
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from ecg_core.domain import Lead, Recording
from ecg_core.errors import EcgNotFoundError, InvalidInputError, LeadNotFoundError, StatedByFileError
from ecg_core.services import recordings, reports, uploads, users
from ecg_core.services.uploads import ReadOptions
from ecg_core.signal.zero_crossings import find_lead_zero_crossings
from ecg_core.storage.tables import ChunkRow, LeadRow


def body(**leads) -> bytes:
    return json.dumps(
        {"leads": [{"name": name, "signal": signal} for name, signal in leads.items()]}
    ).encode()


def rows(download) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(download.chunks).decode(), newline="")))


def test_a_body_sent_twice_is_two_ecgs_and_a_file_sent_twice_is_one(room, make_user):
    user = make_user()
    first, second = (uploads.add_json(room, user, body(I=[1, -1])) for _ in range(2))
    assert first.id != second.id
    data = body(II=[1, -1, 1])
    added, again = (uploads.add_file(room, user, name, data) for name in ("a.json", "b.json"))
    assert added.is_new and not again.is_new and again.ecg.id == added.ecg.id
    assert again.ecg.file_name == "a.json"
    assert uploads.add_file(room, make_user("other"), "a.json", data).is_new


def test_the_same_file_from_many_threads_is_stored_once(room, make_user):
    user, data, found = make_user(), body(I=list(range(-500, 500))), []
    barrier = threading.Barrier(8)

    def send():
        barrier.wait()
        found.append(uploads.add_file(room, user, "a.json", data))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and len({added.ecg.id for added in found}) == 1
    assert sum(added.is_new for added in found) == 1
    assert recordings.list_ecgs(room, user)[1] == 1


def test_nobody_reaches_somebody_elses_ecg(room, make_user):
    owner, other = make_user("owner"), make_user("other")
    ecg_id = uploads.add_json(room, owner, body(I=[1, -1])).id
    for attempt in (
        lambda: recordings.get_ecg(room, other, ecg_id),
        lambda: recordings.count_crossings(room, other, ecg_id),
        lambda: list(recordings.iterate_leads(room, other, ecg_id)),
        lambda: recordings.read_windows(room, other, ecg_id, start=0, length=5, names={"I"}),
        lambda: recordings.read_lead(room, other, ecg_id, "I"),
        lambda: recordings.enter_missing(room, other, ecg_id, sampling_rate_hz=100),
        lambda: recordings.delete_ecg(room, other, ecg_id),
        lambda: reports.ecg_report(room, other, ecg_id, "leads"),
    ):
        with pytest.raises(EcgNotFoundError, match=str(ecg_id)):
            attempt()
    assert recordings.list_ecgs(room, other) == ([], 0)
    assert rows(reports.cohort_report(room, other)) == []
    assert recordings.get_ecg(room, owner, ecg_id).id == ecg_id


def test_counts_agree_between_every_way_to_ask(room, make_user):
    user = make_user()
    signal = [1, -2, 0, 3, -4, 0, 0, 5, 6, -7]
    ecg_id = uploads.add_json(room, user, body(I=signal, II=[1, 0, 1])).id
    assert recordings.count_crossings(room, user, ecg_id) == [("I", 5), ("II", 0)]
    leads = rows(reports.ecg_report(room, user, ecg_id, "leads"))
    assert [(r["lead"], r["number_of_zero_crossings"], r["number_of_zero_touches"]) for r in leads] == [
        ("I", "5", "0"), ("II", "0", "1"),
    ]  # fmt: skip
    crossings = rows(reports.ecg_report(room, user, ecg_id, "crossings"))
    assert [int(r["sample"]) for r in crossings] == [1, 3, 4, 7, 9]
    assert {r["time_s"] for r in crossings} == {""}
    assert [r["lead"] for r in rows(reports.cohort_report(room, user))] == ["I", "II"]


def test_what_the_file_does_not_state_can_be_entered_and_entered_again(room, make_user):
    user = make_user()
    ecg_id = uploads.add_json(room, user, body(I=[1, -1] * 50)).id
    ecg = recordings.enter_missing(room, user, ecg_id, sampling_rate_hz=250, unit="µV")
    assert (ecg.leads[0].sampling_rate_hz, ecg.leads[0].unit, ecg.duration_s) == (250, "uV", 0.4)
    assert recordings.enter_missing(room, user, ecg_id, sampling_rate_hz=500).duration_s == 0.2
    for rate in (0, -1, float("nan"), float("inf"), 1e7):
        with pytest.raises(InvalidInputError):
            recordings.enter_missing(room, user, ecg_id, sampling_rate_hz=rate)
    with pytest.raises(InvalidInputError):
        recordings.enter_missing(room, user, ecg_id, unit="banana")


def test_what_the_file_states_stays(room, make_user):
    user = make_user()
    content = json.dumps({"sampling_rate": 100, "unit": "mV", "leads": [{"name": "I", "signal": [1, -1]}]})
    ecg = uploads.add_file(room, user, "a.json", content.encode()).ecg
    for values in ({"sampling_rate_hz": 200}, {"unit": "V"}):
        with pytest.raises(StatedByFileError):
            recordings.enter_missing(room, user, ecg.id, **values)
    assert recordings.get_ecg(room, user, ecg.id).leads == ecg.leads


def test_a_value_entered_before_storing_can_be_corrected_after(room, make_user):
    user = make_user()
    options = ReadOptions(sampling_rate_hz=100)
    ecg = uploads.add_file(room, user, "a.json", body(I=[1, -1]), options=options).ecg
    assert ecg.leads[0].rate_was_entered and not ecg.leads[0].unit_was_entered
    assert recordings.enter_missing(room, user, ecg.id, sampling_rate_hz=200).leads[0].sampling_rate_hz == 200


def test_results_of_an_older_analysis_are_made_again(room, make_user):
    user = make_user()
    ecg = uploads.add_json(room, user, body(I=[1, -1, 1], II=[3, 4]))
    for read in (
        lambda: recordings.count_crossings(room, user, ecg.id),
        lambda: recordings.get_ecg(room, user, ecg.id),
        lambda: list(recordings.iterate_ecgs(room, user)),
    ):
        with room.database.writing() as connection:
            connection.execute(
                update(LeadRow).values(analysis_version=0, number_of_zero_crossings=99, mean=5.0)
            )
        read()
        assert recordings.get_ecg(room, user, ecg.id) == ecg


def test_the_list_is_newest_first_found_sorted_and_turned(room, make_user):
    user = make_user()
    for number in range(7):
        data = json.dumps({"sampling_rate": 10, "leads": [{"name": "I", "signal": [1, -1] * (10 - number)}]})
        uploads.add_file(room, user, f"ECG_{number}.json", data.encode())
    uploads.add_json(room, user, body(I=[0]))

    def names(**query):
        ecgs, total = recordings.list_ecgs(room, user, **query)
        return [ecg.file_name[4:5] for ecg in ecgs], total

    assert names(limit=3) == (["", "6", "5"], 8)
    assert names(limit=3, offset=6) == (["1", "0"], 8)
    assert names(search="ecg_3") == (["3"], 1)
    assert names(search="_") == (list("6543210"), 7)  # no wildcard
    assert names(sort="file_name", descending=False)[0] == ["", *"0123456"]
    assert names(sort="duration_s", descending=False)[0] == [*"6543210", ""]  # unknown comes last
    assert names(sort="duration_s", descending=True)[0] == [*"0123456", ""]


def test_deleted_is_gone_with_its_signals(room, make_user):
    user = make_user()
    ecg_id = uploads.add_json(room, user, body(I=[1, -1])).id
    recordings.delete_ecg(room, user, ecg_id)
    with pytest.raises(EcgNotFoundError):
        recordings.delete_ecg(room, user, ecg_id)
    with room.database.reading() as connection:
        assert (
            connection.execute(select(ChunkRow.data)).all()
            == connection.execute(select(LeadRow.name)).all()
            == []
        )


def test_a_search_that_no_database_can_look_for_finds_nothing(room, make_user):
    user = make_user()
    uploads.add_file(room, user, "a.json", body(I=[1]))
    assert recordings.list_ecgs(room, user, search="a\0") == ([], 0)
    assert [recordings.list_ecgs(room, user, search=s)[1] for s in ("a", "%", "\\", "'", "A.J")] == [
        1,
        0,
        0,
        0,
        1,
    ]


def test_an_unknown_lead_is_named_with_the_known_ones(room, make_user):
    user = make_user()
    ecg_id = uploads.add_json(room, user, body(I=[1], II=[2])).id
    with pytest.raises(LeadNotFoundError, match=r"V9.*I, II"):
        recordings.read_lead(room, user, ecg_id, "V9")
    with pytest.raises(EcgNotFoundError):
        recordings.read_lead(room, user, uuid4(), "I")


def test_file_names_are_shown_and_never_paths(room, make_user):
    user = make_user()
    names = ["../../etc/passwd", "C:\\temp\\a.json", "a\x00b\n.json", "", "x" * 400]
    kept = [uploads.add_file(room, user, n, body(I=[i])).ecg.file_name for i, n in enumerate(names)]
    assert kept == ["passwd", "a.json", "ab.json", "", "x" * 255]


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """A room on SQLite and a user, shared by what makes hundreds of ECGs."""
    from ecg_core.services.room import open_reading_room
    from ecg_core.settings import Settings

    room = open_reading_room(Settings(data_dir=tmp_path_factory.mktemp("windows"), demo=False))
    yield room, users.user_of(room, users.register(room, "reader"))
    room.database.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_window_crossings_are_a_slice_of_all(stored, data):
    room, user = stored
    runs = data.draw(st.lists(st.tuples(st.sampled_from([1, -1, 0, None]), st.integers(1, 900)), max_size=8))
    signal = [value for value, length in runs for _ in range(length)]
    ecg_id = uploads.add_json(room, user, body(I=signal)).id
    start = data.draw(st.integers(0, len(signal) + 5))
    length = data.draw(st.integers(0, len(signal) + 5))
    (window,) = recordings.read_windows(room, user, ecg_id, start=start, length=length, names={"I"})
    (whole, _), = recordings.iterate_leads(room, user, ecg_id)  # fmt: skip
    all_of_it = find_lead_zero_crossings(whole)
    inside = (all_of_it.indices >= window.first_sample) & (all_of_it.indices < start + length)
    assert np.array_equal(window.crossings.indices + window.first_sample, all_of_it.indices[inside])
    assert np.allclose(window.crossings.positions + window.first_sample, all_of_it.positions[inside])
    assert np.array_equal(window.crossings.rising, all_of_it.rising[inside])
    expected = whole.samples[window.first_sample : start + length]
    assert np.array_equal(window.lead.samples, expected, equal_nan=expected.dtype.kind == "f")


@pytest.mark.parametrize("resolution, offset", [(0.1, -0.3), (-0.005, 0.035), (1e-3, 7e-3), (3.0, 9.0)])
def test_window_crossings_are_those_of_physical_zero(stored, resolution, offset):
    """A sample at the zero level is zero, also where its physical value differs from it by rounding."""
    room, user = stored
    zero = round(-offset / resolution)
    samples = zero + np.array([1] + [0] * 1000 + [-1] + [0] * 5000 + [2, -2], np.int16)
    lead = Lead("I", samples, resolution=resolution, offset=offset)
    recording = Recording((lead,), "test")
    summary = uploads._summarize(recording, user, "", "0")
    uploads._insert(room, user, recording, summary, once=False, address="")
    whole = find_lead_zero_crossings(lead)
    assert whole.indices.tolist() == [1001, 6002, 6003]
    for start in (0, 1, 500, 900, 1001, 1002, 5900, 6002, 6003):
        (window,) = recordings.read_windows(
            room, user, summary.id, start=start, length=len(samples), names={"I"}
        )
        inside = whole.indices >= start
        assert np.array_equal(window.crossings.indices + start, whole.indices[inside]), start
        assert np.allclose(window.crossings.positions + start, whole.positions[inside])
        assert np.array_equal(window.crossings.rising, whole.rising[inside])


def test_a_lead_without_a_rate_is_cut_by_samples_and_one_with_by_seconds(stored):
    room, user = stored
    ecg_id = uploads.add_json(room, user, body(I=list(range(1000)))).id
    cut = {"start": 2, "length": 3, "names": {"I"}}
    assert recordings.read_windows(room, user, ecg_id, **cut)[0].lead.samples.tolist() == [2, 3, 4]
    recordings.enter_missing(room, user, ecg_id, sampling_rate_hz=10)
    window = recordings.read_windows(room, user, ecg_id, **cut)[0]
    assert window.first_sample == 20 and window.lead.samples.tolist() == list(range(20, 50))
    assert replace(window.summary, number_of_samples=0).duration_s == 0

"""Notes and calipers: measured on the stored signal, kept, found, and nobody else's. On both databases."""

from __future__ import annotations

import json
import threading
from uuid import uuid4

import numpy as np
import pytest
from sqlalchemy import select

from ecg_core.domain import Lead
from ecg_core.errors import EcgNotFoundError, InvalidInputError, MarkNotFoundError, NoSuchLeadError
from ecg_core.services import marks, recordings, uploads
from ecg_core.storage.signals import CHUNK_SAMPLES
from ecg_core.storage.tables import AuditRow, MarkRow
from tests.storage.test_storage_recordings import keep


def add(room, user, signal=(1, 0, -1, 0, 1, 0, 0, 1), **fields):
    body = {"leads": [{"name": "I", "signal": list(signal)}], **fields}
    return uploads.add_json(room, user, json.dumps(body).encode()).id


def test_a_caliper_measures_the_stored_signal(room, make_user):
    user = make_user()
    ecg_id = add(room, user, [0, 100, 250, -500, 0], sampling_rate=500, unit="uV")
    found = marks.add_caliper(room, user, ecg_id, lead="I", start_sample=3, stop_sample=1)
    assert (found.mark.start_sample, found.mark.stop_sample) == (1, 3)  # in the order of time
    assert (found.start_s, found.stop_s) == (0.002, 0.006)
    assert found.interval_ms == 4.0 and found.rate_bpm == 15_000.0
    assert found.start_mv == pytest.approx(0.1) and found.stop_mv == pytest.approx(-0.5)
    assert found.difference_mv == pytest.approx(-0.6)
    assert (found.difference, found.unit) == (-600.0, "uV")
    assert (found.mark.text, found.mark.author, found.mark.kind) == ("Caliper 1", user.username, "caliper")
    assert marks.list_marks(room, user, ecg_id) == [found]


def test_a_scaled_signal_is_measured_in_its_unit(room, make_user):
    user = make_user()
    samples = np.array([2048, 2248, 1848], np.int16)
    ecg_id = keep(room, user, Lead("MLII", samples, 360.0, "mV", 0.005, -10.24))
    found = marks.add_caliper(room, user, ecg_id, lead="MLII", start_sample=0, stop_sample=2)
    assert found.start_mv == pytest.approx(0.0) and found.difference_mv == pytest.approx(-1.0)
    assert found.interval_ms == pytest.approx(2000 / 360)


def test_what_is_unknown_stays_unknown(room, make_user):
    user = make_user()
    ecg_id = add(room, user, [1, None, 7])
    found = marks.add_caliper(room, user, ecg_id, lead="I", start_sample=0, stop_sample=2)
    assert (found.start_s, found.stop_s, found.interval_ms, found.rate_bpm) == (None,) * 4
    assert (found.start_mv, found.stop_mv, found.difference_mv) == (None,) * 3
    assert (found.difference, found.unit) == (6.0, None)
    missing = marks.add_caliper(room, user, ecg_id, lead="I", start_sample=1, stop_sample=2)
    assert missing.difference is None


def test_a_pressure_has_a_difference_in_its_unit_and_no_millivolts(room, make_user):
    user = make_user()
    ecg_id = keep(room, user, Lead("ABP", np.array([80.0, 120.0]), 2.0, "mmHg", is_ecg=False))
    found = marks.add_caliper(room, user, ecg_id, lead="ABP", start_sample=0, stop_sample=1)
    assert (found.difference, found.unit, found.difference_mv) == (40.0, "mmHg", None)
    assert (found.interval_ms, found.rate_bpm) == (500.0, 120.0)


def test_a_note_at_a_point_and_over_a_span(room, make_user):
    user = make_user()
    ecg_id = add(room, user, sampling_rate=4, unit="mV")
    point = marks.add_note(room, user, ecg_id, lead="I", start_sample=4, text="  PVC?\r\nask  ")
    span = marks.add_note(
        room, user, ecg_id, lead="I", start_sample=6, stop_sample=2, text="AF", is_about_all_leads=True
    )
    assert point.mark.text == "PVC?\nask" and point.start_mv == 1.0
    assert (point.start_s, point.interval_ms, point.rate_bpm, point.difference_mv) == (1.0, None, None, None)
    assert (span.start_s, span.stop_s, span.interval_ms, span.rate_bpm) == (0.5, 1.5, 1000.0, None)
    assert span.mark.is_about_all_leads
    assert [each.mark.text for each in marks.list_marks(room, user, ecg_id)] == ["AF", "PVC?\nask"]


def test_marks_far_apart_in_a_long_lead(room, make_user):
    user = make_user()
    signal = np.arange(3 * CHUNK_SAMPLES, dtype=np.int32)
    ecg_id = keep(room, user, Lead("I", signal, 250.0, "uV"))
    last = len(signal) - 1
    marks.add_caliper(room, user, ecg_id, lead="I", start_sample=0, stop_sample=last)
    marks.add_caliper(room, user, ecg_id, lead="I", start_sample=CHUNK_SAMPLES - 1, stop_sample=CHUNK_SAMPLES)
    first, second = marks.list_marks(room, user, ecg_id)
    assert (first.difference, second.difference) == (last, 1.0)


def test_names_are_the_next_that_is_free(room, make_user):
    user = make_user()
    ecg_id = add(room, user)

    def name(**fields):
        return marks.add_caliper(room, user, ecg_id, lead="I", start_sample=0, stop_sample=1, **fields)

    first, _, third = name(), name(name="QT"), name()
    assert (first.mark.text, third.mark.text) == ("Caliper 1", "Caliper 2")
    marks.delete_mark(room, user, ecg_id, first.mark.id)
    assert name().mark.text == "Caliper 1"


def test_names_from_many_threads_differ(room, make_user):
    user = make_user()
    ecg_id = add(room, user)
    options = {"lead": "I", "start_sample": 0, "stop_sample": 1}
    threads = [
        threading.Thread(target=marks.add_caliper, args=(room, user, ecg_id), kwargs=options)
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    names = {found.mark.text for found in marks.list_marks(room, user, ecg_id)}
    assert names == {f"Caliper {number}" for number in range(1, 7)}


def test_a_mark_is_changed(room, make_user):
    user = make_user()
    ecg_id = add(room, user, sampling_rate=4)
    note = marks.add_note(room, user, ecg_id, lead="I", start_sample=1, text="a").mark
    caliper = marks.add_caliper(room, user, ecg_id, lead="I", start_sample=1, stop_sample=3).mark

    def change(mark, **fields):
        return marks.change_mark(room, user, ecg_id, mark.id, **fields)

    moved = change(note, start_sample=5, text="b")
    assert (moved.mark.start_sample, moved.mark.stop_sample, moved.mark.text) == (5, 5, "b")
    assert moved.mark.created_at == note.created_at and moved.mark.changed_at > note.changed_at
    assert change(note, stop_sample=2).interval_ms == 750.0  # a span now, in the order of time
    assert change(caliper, marches=True).mark.marches
    assert change(caliper, stop_sample=7).interval_ms == 1500.0
    same = change(caliper)
    assert same.mark == next(m.mark for m in marks.list_marks(room, user, ecg_id) if m.mark.id == caliper.id)
    assert same.mark.marches


@pytest.mark.parametrize(
    "fields, words",
    [
        ({"text": " \n"}, "empty"),
        ({"text": "a\x00b"}, r"Character 2 of the text \(U\+0000\)"),
        ({"text": "\u202egnp"}, r"U\+202E"),
        ({"text": "\ud800"}, r"U\+D800"),
        ({"text": "x" * 2001}, "2,001 characters; at most 2,000"),
        ({"start_sample": -1}, "Sample -1 is not within lead 'I', which has samples 0 to 7"),
        ({"stop_sample": 8}, "Sample 8"),
        ({"stop_sample": 2**70}, "Sample 1180591620717411303424"),
        ({"marches": True}, "cannot march"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_the_reason(room, make_user, fields, words):
    user = make_user()
    ecg_id = add(room, user)
    note = marks.add_note(room, user, ecg_id, lead="I", start_sample=1, text="x" * 2000).mark
    with pytest.raises(InvalidInputError, match=words):
        marks.change_mark(room, user, ecg_id, note.id, **fields)
    if "marches" not in fields:
        with pytest.raises(InvalidInputError, match=words):
            marks.add_note(
                room,
                user,
                ecg_id,
                **{"lead": "I", "start_sample": 0, "stop_sample": 1, "text": "a", **fields},
            )
    assert [found.mark for found in marks.list_marks(room, user, ecg_id)] == [note]


def test_texts_of_every_language_are_kept(room, make_user):
    user = make_user()
    ecg_id = add(room, user)
    for text in ("Vorhofflimmern – möglich", "می‌خواهم", "心房細動", "👩‍⚕️ ok"):
        assert marks.add_note(room, user, ecg_id, lead="I", start_sample=0, text=text).mark.text == text


def test_ends_of_a_caliper_differ(room, make_user):
    user = make_user()
    ecg_id = add(room, user)
    with pytest.raises(InvalidInputError, match="Both ends of the caliper are sample 3"):
        marks.add_caliper(room, user, ecg_id, lead="I", start_sample=3, stop_sample=3)
    caliper = marks.add_caliper(room, user, ecg_id, lead="I", start_sample=3, stop_sample=4).mark
    with pytest.raises(InvalidInputError, match="must differ"):
        marks.change_mark(room, user, ecg_id, caliper.id, start_sample=4)
    with pytest.raises(NoSuchLeadError, match="its leads are I"):
        marks.add_caliper(room, user, ecg_id, lead="II", start_sample=3, stop_sample=4)


def test_the_five_hundred_and_first_mark_is_refused(room, make_user):
    user = make_user()
    ecg_id = add(room, user)
    one = vars(marks.add_note(room, user, ecg_id, lead="I", start_sample=0, text="a").mark)
    with room.database.writing() as connection:
        number = connection.execute(select(MarkRow.recording_number)).scalar_one()
        rows = [{**one, "id": uuid4(), "recording_number": number, "search_text": "a"} for _ in range(499)]
        connection.execute(MarkRow.__table__.insert(), rows)
    with pytest.raises(InvalidInputError, match="500 notes and calipers, which is the most"):
        marks.add_note(room, user, ecg_id, lead="I", start_sample=0, text="a")
    assert len(marks.list_marks(room, user, ecg_id)) == 500


def test_nobody_reaches_somebody_elses_marks(room, make_user):
    owner, other = make_user("owner"), make_user("other")
    ecg_id, others_id = add(room, owner), add(room, other)
    mark_id = marks.add_caliper(room, owner, ecg_id, lead="I", start_sample=0, stop_sample=1).mark.id
    for attempt in (
        lambda: marks.list_marks(room, other, ecg_id),
        lambda: marks.add_note(room, other, ecg_id, lead="I", start_sample=0, text="a"),
        lambda: marks.add_caliper(room, other, ecg_id, lead="I", start_sample=0, stop_sample=1),
        lambda: marks.change_mark(room, other, ecg_id, mark_id, text="a"),
        lambda: marks.delete_mark(room, other, ecg_id, mark_id),
    ):
        with pytest.raises(EcgNotFoundError, match=str(ecg_id)):
            attempt()
    for attempt in (
        lambda: marks.change_mark(room, other, others_id, mark_id, text="a"),
        lambda: marks.delete_mark(room, other, others_id, mark_id),
        lambda: marks.delete_mark(room, owner, ecg_id, uuid4()),
    ):
        with pytest.raises(MarkNotFoundError):
            attempt()
    assert recordings.list_ecgs(room, other, search="caliper") == ([], 0)
    assert [found.mark.text for found in marks.list_marks(room, owner, ecg_id)] == ["Caliper 1"]


def test_an_ecg_is_found_by_its_notes(room, make_user):
    user = make_user()
    first, second = add(room, user), add(room, user)
    note = marks.add_note(room, user, first, lead="I", start_sample=0, text="Straße: 100%_PVC").mark
    marks.add_caliper(room, user, second, lead="I", start_sample=0, stop_sample=1, name="QT lang")

    def found(search):
        items, total = recordings.list_ecgs(room, user, search=search)
        assert total == len(items)
        return [ecg.id for ecg in items]

    assert found("STRASSE") == [first] and found("100%_p") == [first] and found("qt L") == [second]
    assert found("100%xp") == []
    marks.change_mark(room, user, first, note.id, text="none")
    assert found("strasse") == []
    assert found("") == [second, first]


def test_marks_are_deleted_with_their_ecg_and_each_change_is_audited(room, make_user):
    user = make_user()
    ecg_id = add(room, user)
    note = marks.add_note(room, user, ecg_id, lead="I", start_sample=0, text="secret", address="::1").mark
    caliper = marks.add_caliper(room, user, ecg_id, lead="I", start_sample=0, stop_sample=1).mark
    marks.change_mark(room, user, ecg_id, note.id, text="secret too")
    marks.change_mark(room, user, ecg_id, note.id, text="secret too")  # nothing changes
    marks.delete_mark(room, user, ecg_id, note.id)
    recordings.delete_ecg(room, user, ecg_id)
    with room.database.reading() as connection:
        assert connection.execute(select(MarkRow.id)).all() == []
        audit = connection.execute(select(AuditRow.action, AuditRow.target).order_by(AuditRow.id)).all()
    assert [tuple(row) for row in audit if "mark" in row.action or row.action in ("note", "caliper")] == [
        ("note", f"{ecg_id} {note.id}"),
        ("caliper", f"{ecg_id} {caliper.id}"),
        ("change mark", f"{ecg_id} {note.id}"),
        ("delete mark", f"{ecg_id} {note.id}"),
    ]
    assert not any("secret" in row.target for row in audit)

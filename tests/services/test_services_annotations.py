"""Stepping through the marks of a file: the same as looking through the list, for its owner only."""

from __future__ import annotations

import time

import numpy as np
import pytest
import wfdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecg_core.domain import Annotation, Lead, Recording
from ecg_core.errors import EcgNotFoundError
from ecg_core.services import annotations, recordings, unread, uploads, users

MARKS = [
    Annotation(0.5, "N", "beat"),
    Annotation(1.5, "V", "beat"),
    Annotation(1.5, "(AFIB", "rhythm"),
    Annotation(2.5, "N", "beat", lead="V1"),
    Annotation(3.0, "noise", "note", 10.0),
    Annotation(9.0, "V", "beat"),
]


def keep(room, user, marks):
    recording = Recording((Lead("I", np.zeros(8, np.int16), 2.0, "mV"),), "test", annotations=tuple(marks))
    stored = uploads._summarize(recording, user, "", "0")
    uploads._insert(room, user, recording, stored, once=False, address="")
    return stored.id


def steps(room, user, ecg_id, at, **options):
    found = []
    while (each := annotations.find_annotation(room, user, ecg_id, after_s=at, **options)) is not None:
        found.append(each)
        at = each.start_s
    return found


def test_steps_go_through_a_kind_and_back(room, make_user):
    user = make_user()
    ecg_id = keep(room, user, MARKS)
    beats = [mark for mark in MARKS if mark.kind == "beat"]
    assert steps(room, user, ecg_id, -1.0, kind="beat") == beats
    assert steps(room, user, ecg_id, 99.0, kind="beat", backwards=True) == beats[::-1]
    assert [m.start_s for m in steps(room, user, ecg_id, 0.0, kind="beat", text="V")] == [1.5, 9.0]
    assert annotations.find_annotation(room, user, ecg_id, after_s=9.0) is None
    assert annotations.find_annotation(room, user, ecg_id, after_s=0.5, backwards=True) is None
    assert annotations.find_annotation(room, user, ecg_id, after_s=0.0, kind="x") is None


def test_how_many_of_each_there_are(room, make_user):
    user = make_user()
    ecg_id = keep(room, user, MARKS)
    assert annotations.annotation_kinds(room, user, ecg_id) == {"beat": 4, "rhythm": 1, "note": 1}
    texts = annotations.annotation_texts(room, user, ecg_id)
    assert texts == {("beat", "N"): 2, ("beat", "V"): 2, ("rhythm", "(AFIB"): 1, ("note", "noise"): 1}
    for until, number in ((0.4, 0), (0.5, 1), (1.5, 2), (9.0, 4)):
        assert annotations.count_annotations_until(room, user, ecg_id, until, kind="beat") == number


def test_a_window_has_what_begins_in_it_and_what_reaches_into_it(room, make_user):
    user = make_user()
    ecg_id = keep(room, user, MARKS)
    assert annotations.list_annotations_between(room, user, ecg_id, 0.5, 2.5) == MARKS[:3]
    assert annotations.list_annotations_between(room, user, ecg_id, 5.0, 10.0) == MARKS[4:]
    assert annotations.list_annotations_between(room, user, ecg_id, 5.0, 10.0, {"beat"}) == MARKS[5:]
    assert annotations.list_annotations_between(room, user, ecg_id, 13.0, 20.0) == []


def test_an_ecg_without_marks(room, make_user):
    user = make_user()
    ecg_id = keep(room, user, [])
    assert annotations.annotation_kinds(room, user, ecg_id) == {}
    assert annotations.find_annotation(room, user, ecg_id, after_s=0.0) is None
    assert annotations.list_annotations_between(room, user, ecg_id, 0.0, 9.0) == []


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 40), st.sampled_from(["beat", "note"]), st.integers(0, 9))))
def test_a_window_is_what_the_list_has_there(room, made):
    user = users.user_of(room, users.register(room, "reader"))
    marks = [Annotation(start / 4, "x", kind, lasts / 4 or None) for start, kind, lasts in sorted(made)]
    ecg_id = keep(room, user, marks)
    for start, stop in ((0.0, 2.0), (1.0, 5.25), (5.0, 20.0)):
        ends = [max(m.start_s + (m.duration_s or 0.0), m.start_s + 1e-9) for m in marks]
        expected = [m for m, end in zip(marks, ends, strict=True) if m.start_s < stop and end > start]
        assert annotations.list_annotations_between(room, user, ecg_id, start, stop) == expected


def test_what_is_kept_is_given_to_its_owner_only_and_not_after_deletion(room, make_user):
    owner, other = make_user("owner"), make_user("other")
    ecg_id = keep(room, owner, MARKS)
    assert annotations.annotation_kinds(room, owner, ecg_id)["beat"] == 4
    for ask in (annotations.annotation_kinds, annotations.annotation_texts):
        with pytest.raises(EcgNotFoundError, match=str(ecg_id)):
            ask(room, other, ecg_id)
    with pytest.raises(EcgNotFoundError):
        annotations.find_annotation(room, other, ecg_id, after_s=0.0)
    with pytest.raises(EcgNotFoundError):
        annotations.list_annotations_between(room, other, ecg_id, 0.0, 9.0)
    recordings.delete_ecg(room, owner, ecg_id)
    with pytest.raises(EcgNotFoundError):
        annotations.annotation_kinds(room, owner, ecg_id)


def test_what_is_kept_is_bounded(room, make_user, monkeypatch):
    user = make_user()
    monkeypatch.setattr(annotations, "_MOST_KEPT", 2 * len(MARKS))
    ecg_ids = [keep(room, user, MARKS) for _ in range(5)]
    for ecg_id in ecg_ids:
        annotations.annotation_kinds(room, user, ecg_id)
    assert [key[0] for key in annotations._kept][-2:] == ecg_ids[-2:]
    assert sum(len(table.codes) for table in annotations._kept.values()) <= 2 * len(MARKS)


def test_a_day_of_beats_is_stepped_through_at_once(room, make_user):
    user = make_user()
    beats = [Annotation(n * 0.8, "V" if n % 5000 == 4999 else "N", "beat") for n in range(108_000)]
    ecg_id = keep(room, user, beats)
    assert annotations.annotation_kinds(room, user, ecg_id) == {"beat": 108_000}
    began = time.perf_counter()
    found = annotations.find_annotation(room, user, ecg_id, after_s=0.0, kind="beat", text="V")
    window = annotations.list_annotations_between(room, user, ecg_id, 40_000.0, 40_010.0)
    assert time.perf_counter() - began < 1.0
    assert found == beats[4999] and window == beats[50_000:50_013]


def test_every_mark_of_a_real_file_is_stepped_through(room, make_user, real_data):
    user, folder = make_user(), real_data / "mitdb"
    sources = [
        uploads.Source.of(f"106.{end}", (folder / f"106.{end}").read_bytes()) for end in ("hea", "dat", "atr")
    ]
    (bundle,) = uploads.find_bundles(sources)
    result = unread.add_or_keep(room, user, bundle)
    ecg_id = result.added.ecg.id
    marked = wfdb.rdann(str(folder / "106"), "atr")
    at = [sample / 360 for sample, symbol in zip(marked.sample, marked.symbol, strict=True) if symbol == "V"]
    found = [each.start_s for each in steps(room, user, ecg_id, -1.0, kind="beat", text="V")]
    assert len(at) == 520 and found == pytest.approx(at, abs=1e-9)
    assert annotations.annotation_texts(room, user, ecg_id)["beat", "V"] == 520
    rhythms = [text.strip("\0") for text in marked.aux_note if text]
    assert [each.text for each in steps(room, user, ecg_id, -1.0, kind="rhythm")] == rhythms

"""Two ECGs beside each other: whose, which is older, what they have in common."""

from __future__ import annotations

import io
import json
from datetime import datetime
from uuid import uuid4

import numpy as np
import pytest

from ecg_core.errors import EcgNotFoundError, InvalidInputError
from ecg_core.figures.compared_beats import compared_beat_parts, compared_beat_text
from ecg_core.figures.view import View
from ecg_core.services import uploads
from ecg_core.services.comparison import _order, compare_ecgs, list_comparable, read_compared_beats
from ecg_core.services.patients import match_patients
from ecg_core.signal.synthetic import synthesize_ecg

JANE = {"patient id": "A-17", "name": "Jane Doe", "birth date": "1950-02-03"}


@pytest.mark.parametrize(
    "first, second, kind, words",
    [
        (JANE, {"ID": " a-17 "}, "same", "equal id"),
        (JANE, {"Patient Name": "DOE, Jane", "Geburtsdatum": "03.02.1950"}, "same", "name and birth date"),
        (JANE, {"patient id": "B-9", "name": "doe^jane", "dob": "19500203"}, "same", "name and birth date"),
        ({"first name": "Jane", "surname": "Doe", "dob": "1950-2-3"}, JANE, "same", "name and birth date"),
        (JANE, {"patient id": "B-9"}, "different", "the id differs"),
        (JANE, {"patient id": "A-17", "birth date": "1951-02-03"}, "different", "the id agrees"),
        (JANE, {"name": "John Roe"}, "different", "the name differs"),
        (JANE, {"name": "Jane Doe"}, "unknown", "do not both state"),
        (JANE, {"name": "Jane Doe", "birth date": "Feb 1950"}, "unknown", "do not both state"),
        (JANE, {}, "unknown", "do not both state"),
        ({"patient id": "X"}, {"patient id": "x"}, "unknown", "do not both state"),
        ({"name": "anonymous", "dob": "1950"}, {"name": "Anonymous", "dob": "1950"}, "unknown", "not both"),
        ({"age": "60", "sex": "F"}, {"age": "60", "sex": "F"}, "unknown", "do not both state"),
    ],
)
def test_whether_it_is_one_patient(first, second, kind, words):
    for match in (match_patients(first, second), match_patients(second, first)):
        assert match.kind == kind and words in match.reason


@pytest.mark.parametrize(
    "first, second, order",
    [
        ("2020-01-01", "2021-01-01", -1),
        ("2021-01-01", "2020-01-01", 1),
        ("2020-01-01T10:00:00+02:00", "2020-01-01T09:00:00+00:00", -1),
        ("2020-01-01T10:00:00+02:00", "2020-01-01T09:00:00", 0),  # the zone decides, and is not known
        ("2020-01-03T10:00:00+02:00", "2020-01-01T09:00:00", 1),
        ("2020-01-01", "2020-01-01", 0),
        ("2020-01-01", None, 0),
    ],
)
def test_which_is_older(first, second, order):
    assert _order(*(datetime.fromisoformat(text) if text else None for text in (first, second))) == order


def add_csv(room, user, name, lines=(), *, leads=("I", "II"), seconds=10.0, rate=70.0):
    signals = synthesize_ecg(seconds, 250.0, leads=leads, heart_rate_bpm=rate)
    file = io.StringIO()
    for line in (*lines, "sampling rate: 250 Hz", "unit: mV"):
        file.write(f"{line}\n")
    file.write(",".join(leads) + "\n")
    np.savetxt(file, signals.T, fmt="%.3f", delimiter=",")
    return uploads.add_file(room, user, name, file.getvalue().encode()).ecg


def add_json(room, user, leads=("I",), **fields):
    signals = synthesize_ecg(10.0, 250.0, leads=tuple(name.upper() for name in leads))
    body = {"leads": [{"name": n, "signal": s.tolist()} for n, s in zip(leads, signals, strict=True)],
            "sampling_rate": 250, "unit": "mV", **fields}  # fmt: skip
    return uploads.add_json(room, user, json.dumps(body).encode())


def test_the_same_patients_ecgs_come_first(room, make_user):
    user = make_user()
    mine = add_csv(room, user, "a.csv", ["patient id: A-17"])
    other = add_csv(room, user, "b.csv", ["patient id: B-9"], rate=71.0)
    same = add_csv(room, user, "c.csv", ["patient id: A-17"], rate=72.0)
    unknown = add_json(room, user)
    add_csv(room, make_user("other"), "d.csv", ["patient id: A-17"], rate=73.0)
    found = list_comparable(room, user, mine)
    assert [(c.ecg.id, c.match.kind) for c in found] == [
        (same.id, "same"), (unknown.id, "unknown"), (other.id, "different"),
    ]  # fmt: skip


def test_the_older_is_the_first_and_leads_are_matched_by_their_usual_names(room, make_user):
    user = make_user()
    newer = add_json(room, user, ("II", "I", "V1"), recorded_at="2021-05-01T10:00:00")
    older = add_json(room, user, ("i", "ii"), recorded_at="2020-05-01T10:00:00")
    for first, second in ((newer, older), (older, newer)):
        pair = compare_ecgs(room, user, first.id, second.id)
        assert (pair.older.id, pair.newer.id, pair.order_is_known) == (older.id, newer.id, True)
        assert [(lead.name, lead.older.name, lead.newer.name) for lead in pair.leads] == [
            ("II", "ii", "II"), ("I", "i", "I"),
        ]  # fmt: skip
        assert pair.match.kind == "unknown"


def test_the_beats_of_both_are_drawn_over_one_another_at_r(room, make_user):
    user = make_user()
    first = add_csv(room, user, "a.csv", ["patient id: A-17"], rate=60.0)
    second = add_csv(room, user, "b.csv", ["patient id: A-17"], rate=90.0, leads=("II", "V1"))
    pair = compare_ecgs(room, user, first.id, second.id)
    assert not pair.order_is_known and [lead.name for lead in pair.leads] == ["II"]
    beats = read_compared_beats(room, user, pair, view=View())
    rates = beats.older.heart_rate_bpm, beats.newer.heart_rate_bpm
    assert rates == pytest.approx((60.0, 90.0), abs=4.0)
    parts = compared_beat_parts(beats.pairs, names=("2020", "2021"), view=View(), width_px=800)
    drawn = [trace for trace in parts["data"] if trace["name"] == "II"]
    at_r = [t["x0"] + t["dx"] * lead.beat.r_index for t, lead in zip(drawn, beats.pairs[0], strict=True)]
    assert at_r[0] == pytest.approx(at_r[1]) and at_r[0] % 5.0 == pytest.approx(0.0)
    assert [trace["line"]["dash"] for trace in drawn] == ["6px,3px", "solid"]
    labels = next(trace for trace in parts["data"] if trace["name"] == "labels")
    assert "2020: dashed · 2021: solid" in labels["text"][-1]
    assert "II: median of" in compared_beat_text(beats.pairs, names=("2020", "2021"))


def test_neither_itself_nor_anybody_elses(room, make_user):
    user = make_user()
    mine, others = add_json(room, user), add_json(room, make_user("other"))
    with pytest.raises(InvalidInputError, match="itself"):
        compare_ecgs(room, user, mine.id, mine.id)
    for there in (others.id, uuid4()):
        for pair in ((mine.id, there), (there, mine.id)):
            with pytest.raises(EcgNotFoundError):
                compare_ecgs(room, user, *pair)

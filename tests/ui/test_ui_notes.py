"""The panel of notes and the stepper, clicked through without a browser, as a user who is logged in."""

from __future__ import annotations

import json

import numpy as np
import pytest
from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest

from ecg_core.domain import Annotation, Lead, Recording
from ecg_core.services import logins, marks, uploads, users
from ecg_core.services.room import reading_room


@pytest.fixture(autouse=True)
def own_room(tmp_path, monkeypatch):
    """The process's reading room, in a folder of the test's own."""
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path))
    reading_room.cache_clear()
    yield
    reading_room().database.close()
    reading_room.cache_clear()


@pytest.fixture
def user(monkeypatch):
    """A user with a real login, whose cookie and address are where Streamlit's test harness has nothing."""
    token = users.register(reading_room(), "reader")
    cookie = logins.log_in(reading_room(), token)
    monkeypatch.setattr(ContextProxy, "cookies", {logins.SESSION_COOKIE: cookie})
    monkeypatch.setattr(ContextProxy, "ip_address", "127.0.0.1")
    return users.user_of(reading_room(), token)


def panel_page():
    from ecg_core.services import marks, recordings
    from ecg_core.ui.notes import notes_panel
    from ecg_core.ui.session import require_user, room
    from ecg_core.ui.view_state import asked_number

    user = require_user()
    (ecg,), _ = recordings.list_ecgs(room(), user)
    start = asked_number("start") or 0.0
    found = marks.list_marks(room(), user, ecg.id)
    notes_panel(user, ecg, found, start=start, span=4.0, leads=ecg.leads)


def stepper_page():
    from ecg_core.services import recordings
    from ecg_core.ui.annotation_steps import annotation_stepper
    from ecg_core.ui.session import require_user, room
    from ecg_core.ui.view_state import asked_number

    user = require_user()
    (ecg,), _ = recordings.list_ecgs(room(), user)
    annotation_stepper(user, ecg, start=asked_number("start") or 0.0, span=4.0)


def add(user, **fields):
    body = {"leads": [{"name": name, "signal": list(range(40))} for name in ("I", "V1")], **fields}
    return uploads.add_json(reading_room(), user, json.dumps(body).encode()).id


def kept(user, ecg_id):
    return [found.mark for found in marks.list_marks(reading_room(), user, ecg_id)]


def run(page):
    app = AppTest.from_function(page, default_timeout=30).run()
    assert not app.exception
    return app


def button(app, label):
    return next(each for each in app.button if each.label == label)


def start_of(app):
    (place,) = app.session_state["places"].values()
    return place["start"]


def test_a_note_is_kept_by_the_form(user):
    ecg_id = add(user, sampling_rate=4, unit="mV")
    app = run(panel_page)
    assert not app.dataframe and app.number_input[0].value == 2.0  # the middle of the page
    app.selectbox[0].select_index(2)
    app.number_input[0].set_value(1.5)
    app.number_input[1].set_value(10.0)
    app.text_area[0].set_value("**AF**")
    button(app, "Keep the note").click().run()
    (note,) = kept(user, ecg_id)
    assert (note.text, note.lead, note.start_sample, note.stop_sample) == ("**AF**", "V1", 6, 39)
    assert not app.error and app.dataframe[0].value["text"].tolist() == ["**AF**"]
    assert app.dataframe[0].value["note"].tolist() == [1] and app.selectbox[0].options == ["note 1 · **AF**"]
    assert app.dataframe[0].value["Δt (ms)"].tolist() == [8250.0]
    assert not any("**AF**" in each.value for each in (*app.markdown, *app.caption))


def test_a_note_about_all_leads_in_samples(user):
    ecg_id = add(user)
    app = run(panel_page)
    assert app.number_input[0].label == "At or from (sample)"
    app.number_input[0].set_value(7.0)
    app.text_area[0].set_value("artefact")
    button(app, "Keep the note").click().run()
    (note,) = kept(user, ecg_id)
    assert note.is_about_all_leads and (note.lead, note.start_sample, note.stop_sample) == ("I", 7, 7)


@pytest.mark.parametrize(
    "text, at, words", [("", 1.0, "The text is empty"), ("a", 99.0, "Sample 396 is not")]
)
def test_what_cannot_be_kept_is_said(user, text, at, words):
    ecg_id = add(user, sampling_rate=4)
    app = run(panel_page)
    app.number_input[0].set_value(at)
    app.text_area[0].set_value(text)
    button(app, "Keep the note").click().run()
    assert words in app.error[0].value.replace("\\", "") and kept(user, ecg_id) == []


def test_a_caliper_is_renamed_marches_is_gone_to_and_is_deleted(user):
    ecg_id = add(user, sampling_rate=4, unit="mV")
    marks.add_caliper(reading_room(), user, ecg_id, lead="I", start_sample=24, stop_sample=28)
    app = run(panel_page)
    row = app.dataframe[0].value.iloc[0]
    assert (row["kind"], row["text"], row["Δt (ms)"], row["bpm"]) == ("caliper", "Caliper 1", 1000, 60)
    assert (row["Δ"], row["unit"]) == (4, "mV") and app.selectbox[0].options == ["caliper · Caliper 1"]
    app.text_input[0].set_value("RR")
    app.toggle[0].set_value(True)
    button(app, "Save").click().run()
    (caliper,) = kept(user, ecg_id)
    assert (caliper.text, caliper.marches) == ("RR", True)
    assert app.text_input[0].value == "RR" and app.toggle[0].value is True
    button(app, "Go to").click().run()
    assert start_of(app) == 5.0  # a quarter of the page before it
    button(app, "Delete").click().run()
    assert kept(user, ecg_id) == [] and not app.dataframe and not app.exception


def test_what_was_deleted_in_another_tab_is_said(user):
    ecg_id = add(user, sampling_rate=4)
    note = marks.add_note(reading_room(), user, ecg_id, lead="I", start_sample=1, text="a")
    app = run(panel_page)
    marks.delete_mark(reading_room(), user, ecg_id, note.mark.id)
    button(app, "Save").click().run()
    assert not app.exception and "No note or caliper has the id" in app.error[0].value.replace("\\", "")


def test_a_click_after_the_login_ended_changes_nothing(user, monkeypatch):
    ecg_id = add(user, sampling_rate=4)
    marks.add_note(reading_room(), user, ecg_id, lead="I", start_sample=1, text="a")
    app = run(panel_page)
    monkeypatch.setattr(ContextProxy, "cookies", {})
    app.text_area[0].set_value("b")
    button(app, "Save").click().run()
    assert "Log in" in app.error[0].value and kept(user, ecg_id)[0].text == "a"


def test_the_stepper_goes_from_mark_to_mark(user):
    texts = ["N", "N", "V", "N", "V"]
    beats = tuple(Annotation(5.0 + 10 * n, text, "beat") for n, text in enumerate(texts))
    recording = Recording(
        (Lead("I", np.zeros(400, np.int16), 4.0, "mV"),), "test",
        annotations=(*beats, Annotation(50.0, "(AFIB", "rhythm")),
    )  # fmt: skip
    uploads._insert(
        reading_room(), user, recording, uploads._summarize(recording, user, "", "0"), once=False, address=""
    )
    app = run(stepper_page)
    assert app.selectbox[0].options == [
        "all annotations (6)", "beat (5)", "beat N (3)", "beat V (2)", "rhythm (1)",
    ]  # fmt: skip
    assert app.caption[0].value == "6 annotations"
    app.selectbox[0].select_index(3).run()
    button(app, "Next annotation ›").click().run()
    assert start_of(app) == 23.0 and app.caption[0].value == "1 of 2, at 25.000 s"
    button(app, "Next annotation ›").click().run()
    assert start_of(app) == 43.0 and app.caption[0].value == "2 of 2, at 45.000 s"
    button(app, "Next annotation ›").click().run()
    assert start_of(app) == 43.0  # it was the last one
    app.selectbox[0].select_index(0).run()
    button(app, "‹ Previous annotation").click().run()
    assert start_of(app) == 33.0 and app.caption[0].value == "4 of 6, at 35.000 s"

"""What the page of comparison says of two ECGs, without a browser."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from ecg_core.services import users
from ecg_core.services.room import reading_room
from tests.services.test_services_comparison import add_csv


@pytest.fixture(autouse=True)
def own_room(tmp_path, monkeypatch):
    """The process's reading room, in a folder of the test's own."""
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path))
    reading_room.cache_clear()
    yield reading_room()
    reading_room().database.close()
    reading_room.cache_clear()


def body(token, first, second):
    """The page but for its head, which needs a login."""
    from uuid import UUID

    from ecg_core.figures.view import View
    from ecg_core.services import comparison, users
    from ecg_core.ui.comparing import show_beats, show_numbers, show_whose
    from ecg_core.ui.comparing_sheets import show_sheets
    from ecg_core.ui.session import room

    user = users.user_of(room(), token)
    pair = comparison.compare_ecgs(room(), user, UUID(first), UUID(second))
    show_whose(pair)
    beats = show_beats(user, pair, View(filter="0.5-40"))
    show_sheets(user, pair, View())
    show_numbers(pair, beats)


@pytest.fixture
def run(own_room):
    """``run(lines of one file, lines of the other) -> AppTest``."""
    token = users.register(own_room, "reader")
    user = users.user_of(own_room, token)

    def run(one, two, **fields):
        first = add_csv(own_room, user, "one.csv", one, rate=60.0)
        second = add_csv(own_room, user, "two.csv", two, rate=75.0, **fields)
        arguments = {"token": token, "first": str(first.id), "second": str(second.id)}
        return AppTest.from_function(body, kwargs=arguments, default_timeout=30).run()

    return run


def test_one_patient(run):
    app = run(
        ["patient id: A", "recorded: 2021-03-01 10:00"], ["patient id: A", "recorded: 2020-03-01 10:00"]
    )
    assert not app.exception and [each.value for each in app.success] == ["Same patient: equal id."]
    captions = [each.value.replace("\\", "") for each in app.caption]
    assert any("Older (2020-03-01 10:00): dashed. Newer (2021-03-01 10:00): solid." in c for c in captions)
    assert any("40 Hz" in each.value for each in app.warning)  # the filter's, about the ST segment
    facts, crossings = (each.value for each in app.dataframe)
    facts = facts.set_index("")
    assert facts.loc["ECG"].tolist() == ["two.csv", "one.csv"]
    rates = (
        facts.loc["Heart rate"]
        .str.extract(r"^(\d+) bpm \(median RR of \d+ beats on II, first 10 s\)$")[0]
        .astype(int)
    )
    assert rates.tolist() == pytest.approx([75, 60], abs=3)  # the rhythm varies with the breath
    assert crossings["lead"].tolist() == ["I", "II"] and len(app.get("plotly_chart")) == 3


def test_different_patients_are_shown_after_a_click(run):
    app = run(["patient id: A"], ["patient id: B"])
    assert "**Different patients**" in app.error[0].value and not app.get("plotly_chart")
    app.button[0].click().run()
    assert "**Different patients**" in app.error[0].value and len(app.get("plotly_chart")) == 3
    assert "older is not known" in app.caption[0].value


def test_nothing_known_of_the_patients(run):
    app = run([], [])
    assert "not known whether" in app.warning[0].value and len(app.get("plotly_chart")) == 3


def test_no_lead_in_common(run):
    app = run([], [], leads=("V1", "V2"))
    assert not app.exception and "no ECG lead in common" in app.info[0].value
    assert not app.get("plotly_chart")


def sheets(app):
    """The layouts of the two sheets, which follow the median beats."""
    return [json.loads(chart.proto.spec)["layout"] for chart in app.get("plotly_chart")[1:]]


def test_both_sheets_have_one_scale_and_say_what_they_show(run):
    app = run(
        ["patient id: A", "recorded: 2021-03-01 10:00"], ["patient id: A", "recorded: 2020-03-01 10:00"],
        seconds=6.0,
    )  # fmt: skip
    older, newer = sheets(app)
    assert older["width"] == newer["width"] and older["height"] == newer["height"]
    assert older["xaxis"]["range"] == newer["xaxis"]["range"]
    assert older["yaxis"]["range"] == newer["yaxis"]["range"]
    captions = [each.value for each in app.caption]
    assert any(each.startswith("0–4.6 of 6 s · 2020-03-01 10:00:00") for each in captions)
    assert any(each.startswith("0–4.6 of 10 s · 2021-03-01 10:00:00") for each in captions)
    app.number_input[1].set_value(4.0).run()  # only the newer one is turned
    older, newer = sheets(app)
    (first, last), (later_first, later_last) = older["xaxis"]["range"], newer["xaxis"]["range"]
    assert later_first == pytest.approx(first + 4.0) and later_last == pytest.approx(last + 4.0)
    assert older["height"] == newer["height"]
    captions = [each.value for each in app.caption]
    assert any(each.startswith("0–4.6 of 6 s") for each in captions)
    assert any(each.startswith("4–8.6 of 10 s") for each in captions)

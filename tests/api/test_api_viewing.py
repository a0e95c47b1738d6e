"""Stepping from one zero crossing to the next, over HTTP."""

from __future__ import annotations

import csv
import io

import pytest


@pytest.fixture
def client(server):
    with server.client() as opened:
        yield opened


@pytest.fixture
def ecg(client):
    """The path of an ECG: I crosses at 1, 3, 4, 7 and 9; II never does and has no rate."""
    leads = [
        {"name": "I", "signal": [1, -2, 0, 3, -4, 0, 0, 5, 6, -7], "sampling_rate": 250},
        {"name": "II", "signal": [1, 0, 1]},
        {"name": "a b/c", "signal": [1, -1]},
    ]
    return "/ecgs/" + client.post("/ecgs", json={"leads": leads}).raise_for_status().json()["id"]


def ask(client, ecg, **query):
    answer = client.get(f"{ecg}/crossings/next", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_forwards_and_backwards(client, ecg):
    assert ask(client, ecg) == {"sample": 1, "time_s": 0.004}
    assert ask(client, ecg, lead="I", after=1) == {"sample": 3, "time_s": 0.012}
    assert ask(client, ecg, lead="I", after=4) == {"sample": 7, "time_s": 0.028}
    assert ask(client, ecg, lead="I", after=9) == {"sample": None, "time_s": None}
    assert ask(client, ecg, lead="I", after=10**18) == {"sample": None, "time_s": None}
    assert ask(client, ecg, lead="I", backwards=True) == {"sample": 9, "time_s": 0.036}
    assert ask(client, ecg, lead="I", after=7, backwards=True)["sample"] == 4
    assert ask(client, ecg, lead="I", after=1, backwards=True)["sample"] is None


def test_a_lead_without_a_rate_has_no_times_and_any_name_is_found(client, ecg):
    assert ask(client, ecg, lead="a b/c") == {"sample": 1, "time_s": None}
    assert ask(client, ecg, lead="II") == {"sample": None, "time_s": None}


def test_every_crossing_of_the_report_is_reached(client, ecg):
    rows = csv.DictReader(io.StringIO(client.get(f"{ecg}/reports/crossings.csv").text))
    expected = [int(row["sample"]) for row in rows if row["lead"] == "I"]
    found, after = [], 0
    while (after := ask(client, ecg, lead="I", after=after)["sample"]) is not None:
        found.append(after)
    assert found == expected == [1, 3, 4, 7, 9]


@pytest.mark.parametrize("query", [{"after": -1}, {"after": "x"}, {"backwards": "perhaps"}, {"after": 2**63}])
def test_a_wrong_question_is_422(client, ecg, query):
    answer = client.get(f"{ecg}/crossings/next", params=query)
    assert answer.status_code == 422 and set(answer.json()) == {"detail"}


def test_a_lead_that_there_is_not_is_404_and_named(client, ecg):
    answer = client.get(f"{ecg}/crossings/next", params={"lead": "V9"})
    assert answer.status_code == 404 and "'V9'" in answer.json()["detail"]

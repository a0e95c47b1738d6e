"""Notes and calipers through the API: what is measured, what is refused, and who may reach what."""

from __future__ import annotations

import uuid

import pytest

BODY = {"leads": [{"name": "I", "signal": [1, 0, -1, 0, 1, 0, 0, 1]}], "sampling_rate": 4, "unit": "mV"}
NOTE = {"kind": "note", "lead": "I", "start_sample": 2, "text": "PVC?"}
CALIPER = {"kind": "caliper", "lead": "I", "start_sample": 4, "stop_sample": 2}


@pytest.fixture
def client(server):
    with server.client() as opened:
        yield opened


@pytest.fixture
def marks(client):
    """The address of the marks of a new ECG."""
    return f"/ecgs/{client.post('/ecgs', json=BODY).raise_for_status().json()['id']}/marks"


def test_a_caliper_is_kept_changed_and_deleted(client, marks):
    made = client.post(marks, json=CALIPER)
    assert made.status_code == 201
    answer = made.json()
    assert {key: answer[key] for key in ("text", "start_sample", "stop_sample", "start_s", "stop_s")} == {
        "text": "Caliper 1", "start_sample": 2, "stop_sample": 4, "start_s": 0.5, "stop_s": 1.0,
    }  # fmt: skip
    assert (answer["interval_ms"], answer["rate_bpm"], answer["difference_mv"]) == (500, 120, 2)
    assert (answer["difference"], answer["unit"], answer["marches"]) == (2, "mV", False)
    mark = f"{marks}/{answer['id']}"
    changed = client.patch(mark, json={"text": "QT", "stop_sample": 6, "marches": True}).json()
    assert (changed["text"], changed["interval_ms"], changed["marches"]) == ("QT", 1000, True)
    assert client.get(marks).json() == [changed]
    assert client.delete(mark).status_code == 204
    assert client.get(marks).json() == [] and client.delete(mark).status_code == 404


def test_a_note_is_kept_and_found_and_reported(client, marks):
    note = client.post(marks, json={**NOTE, "stop_sample": 6, "is_about_all_leads": True}).json()
    assert (note["kind"], note["interval_ms"], note["rate_bpm"]) == ("note", 1000, None)
    assert note["is_about_all_leads"] and note["author"].startswith("user-")
    assert client.get("/ecgs", params={"search": "pvc?"}).json()["total"] == 1
    assert client.get("/ecgs", params={"search": "pvx"}).json()["total"] == 0
    details = client.get(marks.replace("marks", "reports/details.csv")).text
    assert ",note,,PVC?,0.5,1.0,," in details


@pytest.mark.parametrize(
    "body, words",
    [
        ({**NOTE, "kind": "x"}, "kind"),
        ({**NOTE, "marches": True}, "marches"),
        ({**NOTE, "text": " "}, "text"),
        ({**NOTE, "text": "\x01"}, "U+0001"),
        ({**NOTE, "text": "x" * 2001}, "2000 characters"),
        ({**NOTE, "start_sample": 8}, "samples 0 to 7"),
        ({**NOTE, "start_sample": -1}, "greater than or equal to 0"),
        ({**NOTE, "start_sample": 2**70}, "samples 0 to 7"),
        ({**NOTE, "start_sample": 0.5}, "start_sample"),
        ({**NOTE, "start_sample": True}, "start_sample"),
        ({"kind": "note", "lead": "I", "start_sample": 1}, "text"),
        ({**CALIPER, "stop_sample": 4}, "must differ"),
        ({**CALIPER, "stop_sample": None}, "stop_sample"),
        ({**CALIPER, "text": "a\u0007"}, "U+0007"),
        ([], "dict"),
    ],
)
def test_what_cannot_be_kept_is_422(client, marks, body, words):
    answer = client.post(marks, json=body)
    assert answer.status_code == 422 and words in answer.json()["detail"], answer.text
    assert client.get(marks).json() == []


def test_what_is_not_there_is_404(client, marks):
    assert client.patch(f"{marks}/{uuid.uuid4()}", json={}).status_code == 404
    assert client.delete(f"{marks}/nonsense").json() == {"detail": "No note or caliper has the id nonsense"}
    nowhere = f"/ecgs/{uuid.uuid4()}"
    assert client.get(f"{nowhere}/marks").json() == {"detail": f"ECG not found for id {nowhere[6:]}"}


def test_a_whole_number_is_an_integer_however_it_is_written(client, marks):
    answer = client.post(marks, json={**NOTE, "start_sample": 2.0})
    assert (answer.status_code, answer.json()["start_sample"]) == (201, 2)


def test_a_lead_that_the_ecg_does_not_have_is_409(client, marks):
    answer = client.post(marks, json={**NOTE, "lead": "V9"})
    assert answer.status_code == 409 and answer.json()["detail"].endswith("its leads are I")


def test_a_note_does_not_march(client, marks):
    note = client.post(marks, json=NOTE).json()
    answer = client.patch(f"{marks}/{note['id']}", json={"marches": True})
    assert answer.status_code == 422 and "cannot march" in answer.json()["detail"]


def test_somebody_elses_marks_are_not_there(server, client, marks):
    mark = f"{marks}/{client.post(marks, json=CALIPER).json()['id']}"
    with server.client() as other:
        answers = [
            other.get(marks),
            other.post(marks, json=NOTE),
            other.patch(mark, json={"text": "mine"}),
            other.delete(mark),
        ]
        assert other.get("/ecgs", params={"search": "caliper 1"}).json()["total"] == 0
    assert [answer.status_code for answer in answers] == [404] * 4
    assert {answer.json()["detail"] for answer in answers} == {f"ECG not found for id {marks.split('/')[2]}"}
    assert client.get(marks).json()[0]["text"] == "Caliper 1"


def test_without_a_token_there_is_nothing(client, marks):
    assert client.get(marks, headers={"x-user-token": "ecgu_wrong"}).status_code == 401
    assert client.post(marks, json=NOTE, headers={"x-user-token": "ecgu_wrong"}).status_code == 401

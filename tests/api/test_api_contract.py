"""The HTTP contract to the letter, by a real client against the running server."""

from __future__ import annotations

import uuid

import httpx
import pytest

from tests.parts import ADMIN_TOKEN, CONTRACT_BODY


@pytest.fixture(scope="module")
def client(server):
    with server.client() as opened:
        yield opened


def test_ping(server):
    answer = httpx.get(f"{server.url}/health/ping")
    assert (answer.status_code, answer.json()) == (200, "pong")


def test_ready_asks_the_database(server):
    assert httpx.get(f"{server.url}/health/ready").status_code == 200


def test_register_and_renew(server):
    register = {"url": f"{server.url}/users", "json": {"username": "renewed"}}
    first = httpx.post(**register, headers={"x-admin-token": ADMIN_TOKEN})
    assert first.status_code == 201
    assert set(first.json()) == {"username", "token"} and first.json()["username"] == "renewed"
    second = httpx.post(**register, headers={"x-admin-token": ADMIN_TOKEN})
    assert second.status_code == 201
    old, new = first.json()["token"], second.json()["token"]
    status = {t: httpx.get(f"{server.url}/ecgs", headers={"x-user-token": t}).status_code for t in (old, new)}
    assert status == {old: 401, new: 200}


@pytest.mark.parametrize("headers", [{}, {"x-admin-token": "wrong"}, {"x-admin-token": ""}])
def test_register_needs_the_admin_token(server, headers):
    answer = httpx.post(f"{server.url}/users", json={"username": "nobody"}, headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"detail": "Invalid admin token"})


def test_post_and_insights(client):
    answer = client.post("/ecgs", json=CONTRACT_BODY)
    assert answer.status_code == 201 and set(answer.json()) == {"id"}
    ecg_id = answer.json()["id"]
    insights = client.get(f"/ecgs/{ecg_id}/insights")
    expected = {"ecg_id": ecg_id, "leads": [{"name": "I", "number_of_zero_crossings": 2}]}
    assert (insights.status_code, insights.json()) == (200, expected)


def test_number_of_samples_may_be_absent(client):
    answer = client.post("/ecgs", json={"leads": [{"name": "I", "signal": [1, -1]}]})
    assert answer.status_code == 201


@pytest.mark.parametrize("headers", [{}, {"x-user-token": "wrong"}, {"x-user-token": ADMIN_TOKEN}])
@pytest.mark.parametrize("method, path", [("POST", "/ecgs"), ("GET", f"/ecgs/{uuid.UUID(int=1)}/insights")])
def test_user_routes_need_a_user_token(server, method, path, headers):
    answer = httpx.request(method, server.url + path, json=CONTRACT_BODY, headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"detail": "Invalid user token"})


@pytest.mark.parametrize("ecg_id", [str(uuid.UUID(int=1)), "17", "nothing"])
def test_unknown_ecg(client, ecg_id):
    answer = client.get(f"/ecgs/{ecg_id}/insights")
    assert (answer.status_code, answer.json()) == (404, {"detail": f"ECG not found for id {ecg_id}"})


def test_somebody_elses_ecg_is_not_found(server, client):
    ecg_id = client.post("/ecgs", json=CONTRACT_BODY).json()["id"]
    with server.client() as other:
        answer = other.get(f"/ecgs/{ecg_id}/insights")
    assert (answer.status_code, answer.json()) == (404, {"detail": f"ECG not found for id {ecg_id}"})


@pytest.mark.parametrize(
    "lead, words",
    [
        ({"name": "V1", "number_of_samples": 3, "signal": [1, 2]}, ["V1", "number_of_samples", "3", "2"]),
        ({"name": "V1", "signal": [1, True]}, ["V1", "true"]),
        ({"name": "V1", "signal": [1, "2"]}, ["V1"]),
        ({"name": "V1", "signal": [1, [2]]}, ["V1"]),
        ({"name": "", "signal": [1]}, ["name"]),
        ({"signal": [1]}, ["name"]),
        ({"name": "V1"}, ["V1", "signal"]),
    ],
)
def test_faults_are_named(client, lead, words):
    answer = client.post("/ecgs", json={"leads": [{"name": "I", "signal": [1]}, lead]})
    assert answer.status_code == 422
    assert all(word in answer.json()["detail"] for word in words), answer.json()


def test_docs_need_no_internet(server):
    page = httpx.get(f"{server.url}/docs").text
    assert "http://" not in page and "https://" not in page
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert f"/docs/assets/{asset}" in page
        assert httpx.get(f"{server.url}/docs/assets/{asset}").status_code == 200


def test_openapi_declares_every_route_and_error_shape(server):
    schema = httpx.get(f"{server.url}/openapi.json").json()
    assert set(schema["paths"]) == {
        "/health/ping", "/health/ready", "/users", "/users/{username}", "/ecgs", "/ecgs/files",
        "/ecgs/reports/cohort.csv", "/ecgs/{id}", "/ecgs/{id}/insights", "/ecgs/{id}/leads/{name}",
        "/ecgs/{id}/reports/{report}.csv",
        "/ecgs/{id}/original",
        "/ecgs/{id}/derived-leads",
        "/ecgs/{id}/exports/{format}",
        "/ecgs/unread",
        "/ecgs/unread/{id}",
        "/ecgs/{id}/crossings/next",
        "/ecgs/{id}/marks",
        "/ecgs/{id}/marks/{mark_id}",
        "/ecgs/{id}/median-beats",
        "/ecgs/{id}/prints/{format}",
        "/ecgs/{id}/annotations",
        "/ecgs/{id}/envelopes",
        "/ecgs/{id}/overview",
        "/ecgs/reports/measurements.csv",
        "/ecgs/{id}/beats",
        "/ecgs/{id}/corrections",
        "/ecgs/{id}/corrections/{correction_id}",
        "/ecgs/{id}/fhir",
        "/ecgs/{id}/measurements",
        "/ecgs/{id}/waves",
    }  # fmt: skip
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    shape = answer["content"]["application/json"]["schema"]
                    assert shape == {"$ref": "#/components/schemas/ErrorAnswer"}, (method, path, status)


def test_unknown_path_and_method_answer_in_the_same_shape(server):
    assert httpx.get(f"{server.url}/ecgs/a/b/c/d").json() == {"detail": "Not Found"}
    answer = httpx.put(f"{server.url}/ecgs")
    assert answer.status_code == 405 and set(answer.json()) == {"detail"}

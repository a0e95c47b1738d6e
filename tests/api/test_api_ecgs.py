"""The rest of the API: files, lists, windows, reports, limits, and who may reach what."""

from __future__ import annotations

import csv
import io
import json
import re
import uuid
from urllib.parse import quote

import httpx
import numpy as np
import pytest

from tests.parts import ADMIN_TOKEN, CONTRACT_BODY, Server

CSV_FILE = b"time (s),II (mV)\n" + b"".join(b"%.3f,%.2f\n" % (n / 250, n % 5 - 2) for n in range(500))


@pytest.fixture
def client(server):
    with server.client() as opened:
        yield opened


def post(client, *leads, **fields) -> str:
    body = {"leads": [{"name": name, "signal": signal} for name, signal in leads], **fields}
    return client.post("/ecgs", json=body).raise_for_status().json()["id"]


def read_csv(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200 and answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


class TestFiles:
    def test_a_file_is_stored_once(self, client):
        first, second = (client.post("/ecgs/files", files={"file": ("a.csv", CSV_FILE)}) for _ in range(2))
        assert (first.status_code, first.json()["already_stored"]) == (201, False)
        assert (second.status_code, second.json()["already_stored"]) == (200, True)
        assert first.json()["id"] == second.json()["id"]
        ecg = client.get(f"/ecgs/{first.json()['id']}").json()
        assert (ecg["file_name"], ecg["source_format"], ecg["duration_s"]) == ("a.csv", "csv", 2.0)
        assert (ecg["leads"][0]["sampling_rate"], ecg["leads"][0]["unit"]) == (250, "mV")

    def test_fields_of_the_form_say_what_the_file_does_not(self, client):
        files = {"file": ("a.txt", b"1,5;2,5\n-1,5;3,5\n" * 20)}
        data = {"sampling_rate": "100", "unit": "uV", "header": "false", "time_column": ""}
        ecg_id = client.post("/ecgs/files", files=files, data=data).raise_for_status().json()["id"]
        leads = client.get(f"/ecgs/{ecg_id}").json()["leads"]
        assert [(lead["sampling_rate"], lead["unit"], lead["maximum"]) for lead in leads] == [
            (100, "uV", 1.5), (100, "uV", 3.5),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        "files, data, words",
        [
            ({}, {"x": "1"}, "no file"),
            ({"file": ("a.csv", b"I\n1\nx\n2\n3\n")}, {}, "Row 3"),
            ({"file": ("a.bin", bytes(range(256)))}, {}, "binary"),
            ({"file": ("a.csv", b"")}, {}, "empty"),
            ({"file": ("a.csv", CSV_FILE)}, {"sampling_rate": "fast"}, "sampling_rate"),
            ({"file": ("a.csv", CSV_FILE)}, {"unit": "banana"}, "banana"),
            ({"file": ("a.csv", CSV_FILE)}, {"header": "perhaps"}, "header"),
            ({"file": ("a.csv", CSV_FILE)}, {"colour": "red"}, "colour"),
        ],
    )
    def test_what_is_wrong_is_said(self, client, files, data, words):
        answer = client.post("/ecgs/files", files=files, data=data)
        assert answer.status_code == 422 and words in answer.json()["detail"], answer.text
        assert client.get("/ecgs").json()["total"] == 0

    def test_a_form_that_is_none_is_said(self, client):
        headers = {"content-type": "multipart/form-data; boundary=x"}
        answer = client.post("/ecgs/files", content=b"garbage", headers=headers)
        assert answer.status_code == 422 and set(answer.json()) == {"detail"}


class TestList:
    def test_pages_search_and_sort(self, client):
        for number in range(5):
            content = json.dumps({"leads": [{"name": "I", "signal": [number]}]})
            client.post("/ecgs/files", files={"file": (f"f{number}.json", content)}).raise_for_status()

        def names(query=""):
            page = client.get(f"/ecgs?{query}").json()
            return page["total"], [item["file_name"][1] for item in page["items"]]

        assert names() == (5, list("43210"))
        assert names("limit=2&offset=2") == (5, ["2", "1"])
        assert names("search=F3") == (1, ["3"])
        assert names("sort=file_name&order=asc") == (5, list("01234"))
        for wrong in ("limit=0", "limit=501", "offset=-1", "sort=colour", "order=up"):
            assert client.get(f"/ecgs?{wrong}").status_code == 422


class TestLeads:
    @pytest.mark.parametrize("name", ["II", "a/b", "aVR sitzend", "Ü 100%", "?x=1#y", "reports"])
    def test_any_name_is_found(self, client, name):
        ecg_id = post(client, (name, [1, 2, 3]))
        answer = client.get(f"/ecgs/{ecg_id}/leads/{quote(name)}")
        assert answer.json()["samples"] == [1, 2, 3]

    def test_windows_nulls_and_large_integers(self, client):
        ecg_id = post(client, ("I", [2**62, -(2**62), 7]), ("II", [1.5, None, -2]))
        lead = client.get(f"/ecgs/{ecg_id}/leads/I").json()
        assert lead["samples"] == [2**62, -(2**62), 7] and lead["number_of_samples"] == 3
        assert client.get(f"/ecgs/{ecg_id}/leads/II").json()["samples"] == [1.5, None, -2]
        window = client.get(f"/ecgs/{ecg_id}/leads/I?start=1&stop=9").json()
        assert (window["start"], window["stop"], window["samples"]) == (1, 3, [-(2**62), 7])
        assert client.get(f"/ecgs/{ecg_id}/leads/I?start=9").json()["samples"] == []
        assert client.get(f"/ecgs/{ecg_id}/leads/V1").status_code == 404

    def test_more_than_a_million_samples_are_asked_for_in_parts(self, client):
        ecg_id = post(client, ("I", [0] * 1_000_001))
        assert client.get(f"/ecgs/{ecg_id}/leads/I").status_code == 422
        assert len(client.get(f"/ecgs/{ecg_id}/leads/I?start=1").json()["samples"]) == 1_000_000


def test_missing_values_are_entered(client):
    ecg_id = post(client, ("I", [1, -1]))
    answer = client.patch(f"/ecgs/{ecg_id}", json={"sampling_rate": 4, "unit": "mV"})
    lead = answer.json()["leads"][0]
    assert (lead["sampling_rate"], lead["unit"], lead["duration_s"]) == (4, "mV", 0.5)
    for wrong in ({"sampling_rate": 0}, {"sampling_rate": "4"}, {"unit": "x"}, {"colour": 1}):
        assert client.patch(f"/ecgs/{ecg_id}", json=wrong).status_code == 422
    stated = post(client, ("I", [1]), sampling_rate=1, unit="mV")
    assert client.patch(f"/ecgs/{stated}", json={"unit": "V"}).status_code == 409


def test_reports_say_what_insights_say(client):
    rng = np.random.default_rng(3)
    leads = [(name, rng.integers(-50, 50, 2000).tolist()) for name in ("I", "II", "=cmd()")]
    ecg_id = post(client, *leads, sampling_rate=500, unit="uV")
    insights = client.get(f"/ecgs/{ecg_id}/insights").json()["leads"]
    counts = [lead["number_of_zero_crossings"] for lead in insights]
    report = client.get(f"/ecgs/{ecg_id}/reports/leads.csv")
    assert [int(row["number_of_zero_crossings"]) for row in read_csv(report)] == counts
    assert re.search(rf"filename\*=UTF-8''ecg_{ecg_id[:8]}_leads.csv", report.headers["content-disposition"])
    crossings = read_csv(client.get(f"/ecgs/{ecg_id}/reports/crossings.csv"))
    per_lead = [sum(row["lead"] == name for row in crossings) for name in ("I", "II", "'=cmd()")]
    assert per_lead == counts
    assert [row["recording"] for row in read_csv(client.get("/ecgs/reports/cohort.csv"))] == [ecg_id] * 3
    assert client.get(f"/ecgs/{ecg_id}/reports/other.csv").status_code == 404


def test_deleted_is_gone(client):
    ecg_id = post(client, ("I", [1]))
    assert client.delete(f"/ecgs/{ecg_id}").status_code == 204
    for answer in (client.delete(f"/ecgs/{ecg_id}"), client.get(f"/ecgs/{ecg_id}")):
        assert (answer.status_code, answer.json()) == (404, {"detail": f"ECG not found for id {ecg_id}"})


def test_the_admin_lists_and_deactivates(server):
    with httpx.Client(base_url=server.url, headers={"x-admin-token": ADMIN_TOKEN}) as admin:
        token = admin.post("/users", json={"username": "leaving"}).json()["token"]
        assert {"username", "is_active", "created_at"} == set(admin.get("/users").json()[0])
        assert admin.delete("/users/leaving").status_code == 204
        assert admin.delete("/users/nobody-at-all").status_code == 404
    assert httpx.get(f"{server.url}/ecgs", headers={"x-user-token": token}).status_code == 401


def routes(server) -> list[tuple[str, str]]:
    paths = httpx.get(f"{server.url}/openapi.json").json()["paths"]
    return [(method.upper(), path) for path, methods in paths.items() for method in methods]


#: Where a route asks for another body than that of an ECG.
BODIES = {
    ("POST", "/ecgs/{id}/corrections"): {"kind": "fiducial", "fiducial": "qrs_offset", "offset_ms": 50.0},
    ("PATCH", "/ecgs/{id}"): {"sampling_rate": 100},
    ("POST", "/ecgs/{id}/marks"): {"kind": "note", "lead": "I", "start_sample": 0, "text": "seen"},
    ("PATCH", "/ecgs/{id}/marks/{mark_id}"): {"text": "seen"},
}


def test_two_users_and_every_route(server):
    """The other's id is 404, a wrong kind of token 401; new routes are found by themselves."""
    with server.client() as owner, server.client() as other:
        ecg_id = owner.post("/ecgs", json=CONTRACT_BODY).json()["id"]
        seen = 0
        for method, template in routes(server):
            path = template.replace("{id}", ecg_id).replace("{name}", "I").replace("{report}", "leads")
            path = path.replace("{username}", "nobody-at-all").replace("{mark_id}", ecg_id)
            path = path.replace("{correction_id}", ecg_id)
            body = {"json": BODIES.get((method, template), CONTRACT_BODY)}
            body = body if method in ("POST", "PATCH") else {}
            if template.startswith("/health"):
                continue
            wrong = {"x-user-token": ADMIN_TOKEN, "x-admin-token": owner.headers["x-user-token"]}
            for headers in ({}, wrong):
                assert httpx.request(method, server.url + path, headers=headers, **body).status_code == 401, (
                    template
                )
            if "{id}" in template:
                answer = other.request(method, path, **body)
                expected = {"detail": f"ECG not found for id {ecg_id}"}
                assert (answer.status_code, answer.json()) == (404, expected), (method, template)
                seen += 1
        assert seen >= 6
        assert owner.get(f"/ecgs/{ecg_id}/insights").status_code == 200


def test_ecg_data_is_kept_by_no_cache(server, client):
    ecg_id = post(client, ("I", [1, -1]))
    for path in ("/ecgs", f"/ecgs/{ecg_id}", f"/ecgs/{ecg_id}/leads/I", f"/ecgs/{ecg_id}/reports/leads.csv"):
        headers = client.get(path).headers
        assert headers["cache-control"] == "private, no-store", path
        assert headers["x-content-type-options"] == "nosniff"
    assert client.get(f"/ecgs/{uuid.uuid4()}").headers["cache-control"] == "no-store"


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A server that takes one megabyte."""
    running = Server(tmp_path_factory.mktemp("small"), ECG_DEMO="0", ECG_MAX_UPLOAD_MB="1")
    yield running
    running.stop()


class TestLimit:
    def test_a_body_that_says_it_is_too_large_is_413_and_the_client_can_read_it(self, small):
        with small.client() as client:
            for _ in range(3):
                answer = client.post("/ecgs", content=b" " * 5_000_000)
                assert answer.status_code == 413 and "ECG_MAX_UPLOAD_MB" in answer.json()["detail"]
            answer = client.post("/ecgs/files", files={"file": ("a.csv", b"1\n" * 2_000_000)})
            assert answer.status_code == 413

    def test_a_stream_that_grows_too_large_is_413(self, small):
        with small.client() as client:
            answer = client.post("/ecgs", content=(b" " * 65_536 for _ in range(64)))
            assert answer.status_code == 413 and set(answer.json()) == {"detail"}
            assert client.post("/ecgs", json=CONTRACT_BODY).status_code == 201

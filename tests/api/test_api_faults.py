"""What nobody foresaw, and too large bodies: an answer in the usual shape, and no data in the log."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from pathlib import Path

import httpx
import pytest
from fastapi.responses import StreamingResponse

from ecg_core.api.app import create_api
from ecg_core.api.limits import SMALL_BODY_BYTES
from ecg_core.storage.signals import CHUNK_SAMPLES
from tests.parts import ADMIN_TOKEN, CONTRACT_BODY, Server

JSON = {"content-type": "application/json"}


@pytest.fixture
def faulty(room):
    """The API with two routes that fail with a patient's name in the error."""
    api = create_api(lambda: room)

    @api.get("/fails/{name}")
    def fail(name: str):
        raise ValueError(f"no such patient: {name}")

    @api.get("/fails-late")
    def fail_late():
        def chunks():
            yield b"half"
            raise ValueError("no such patient: Jane Mueller")

        return StreamingResponse(chunks())

    async def ask(path: str) -> httpx.Response:
        transport = httpx.ASGITransport(api)  # which raises what the API would raise to the server
        async with httpx.AsyncClient(transport=transport, base_url="http://room") as client:
            return await client.get(path)

    return lambda path: asyncio.run(ask(path))


def _of_the_server(record: logging.LogRecord) -> bool:
    return record.name != "httpx"


def test_an_unforeseen_fault_is_500_and_its_text_is_not_logged(faulty, caplog):
    with caplog.at_level(logging.INFO), caplog.filtering(_of_the_server):
        answer = faulty("/fails/Mueller")
    assert (answer.status_code, answer.json()) == (500, {"detail": "Internal error; it was logged"})
    logged = [record.getMessage() for record in caplog.records if record.name.startswith("ecg_core")]
    assert len(logged) == 1 and "ValueError" in logged[0] and "test_api_faults.py:" in logged[0]
    assert "Mueller" not in caplog.text and "Traceback" not in caplog.text


def test_a_fault_in_the_middle_of_an_answer_is_not_logged_with_its_text_either(faulty, caplog):
    with caplog.at_level(logging.INFO), caplog.filtering(_of_the_server), pytest.raises(AssertionError):
        faulty("/fails-late")  # the client notes that the answer never ended
    assert "ValueError" in caplog.text and "Mueller" not in caplog.text


def test_a_wrong_bit_on_the_disk_is_said_and_no_number_is_made_of_it(tmp_path):
    server = Server(tmp_path, ECG_DEMO="0")
    try:
        with server.client() as client:
            lead = {"name": "I", "signal": [n % 7 - 3 for n in range(CHUNK_SAMPLES + 100)]}
            ecg_id = client.post("/ecgs", json={"leads": [lead]}).json()["id"]
            database = sqlite3.connect(tmp_path / "data" / "ecg.db")
            with database:
                (data,) = database.execute("SELECT data FROM chunk WHERE number = 1").fetchone()
                wrong = data[:-3] + bytes([data[-3] ^ 1]) + data[-2:]
                database.execute("UPDATE chunk SET data = ? WHERE number = 1", [wrong])
            database.close()
            answer = client.get(f"/ecgs/{ecg_id}/leads/I")
            assert answer.status_code == 500 and "damaged" in answer.json()["detail"]
            whole_chunk = client.get(f"/ecgs/{ecg_id}/leads/I?stop={CHUNK_SAMPLES}")
            assert len(whole_chunk.json()["samples"]) == CHUNK_SAMPLES
            with pytest.raises(httpx.RemoteProtocolError):  # half a report is not taken for a whole one
                client.get(f"/ecgs/{ecg_id}/reports/crossings.csv")
            assert client.get(f"/ecgs/{ecg_id}/insights").json()["leads"][0]["number_of_zero_crossings"] > 0
        assert "Traceback" not in server.log.read_text()
    finally:
        server.stop()


LARGE = b'{"username": "' + b"a" * (SMALL_BODY_BYTES + 1) + b'"}'


class TestSmallBodies:
    """Only ECGs are large. Other bodies are read before it is known who sends them."""

    @pytest.mark.parametrize("headers", [{}, {"x-admin-token": ADMIN_TOKEN}])
    @pytest.mark.parametrize("method, path", [("POST", "/users"), ("POST", "/login"), ("PATCH", "/ecgs/1")])
    def test_large_ones_are_refused(self, server, headers, method, path):
        form = {"content-type": "application/x-www-form-urlencoded"}
        kind = form if path == "/login" else JSON
        for content in (LARGE, iter([LARGE[:50_000], LARGE[50_000:]])):
            answer = httpx.request(method, server.url + path, content=content, headers={**headers, **kind})
            assert answer.status_code == 413
            assert answer.json() == {"detail": "The body is larger than the limit of 0.1 MB"}

    def test_an_ecg_may_be_larger(self, server):
        with server.client() as client:
            body = {"leads": [{"name": "I", "signal": [1000] * SMALL_BODY_BYTES}]}
            assert client.post("/ecgs", json=body).status_code == 201
            file = {"file": ("a.json", json.dumps(body).encode())}
            assert client.post("/ecgs/files", files=file).json()["already_stored"] is False

    def test_memory_does_not_grow_with_what_a_stranger_sends(self, server):
        def peak() -> int:
            status = Path(f"/proc/{server.process.pid}/status").read_text()
            return int(status.split("VmHWM:")[1].split()[0])

        before = peak()
        stream = (b"x" * 1_000_000 for _ in range(60))
        answer = httpx.post(f"{server.url}/users", content=stream, headers=JSON, timeout=60)
        assert answer.status_code == 413 and peak() - before < 30_000


HOSTILE_ADDRESS = {"x-forwarded-for": "y" * 900}


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_hostile_text_is_refused_or_harmless_on_either_database(database, tmp_path, request):
    """Each answer has a status below 500, and the service goes on."""
    setting = {}
    if database == "postgresql":
        setting["ECG_DATABASE_URL"] = request.getfixturevalue("postgres").new_database()
    server = Server(tmp_path, ECG_DEMO="0", **setting)
    try:
        with server.client() as client:

            def file(name: str, content: str) -> httpx.Response:
                return client.post("/ecgs/files", files={"file": (name, content)})

            def timed(time: str) -> httpx.Response:
                return client.post("/ecgs", json={**CONTRACT_BODY, "recorded_at": time})

            admin = {"x-admin-token": ADMIN_TOKEN}
            answers = {
                client.get("/ecgs?search=a%00"): 200,
                client.get("/ecgs?search=%ED%A0%80%FF"): 200,
                client.delete("/users/a%00", headers=admin): 404,
                client.delete(f"/users/{'a' * 3000}", headers=admin): 404,
                client.get("/ecgs", headers=HOSTILE_ADDRESS): 200,
                httpx.get(f"{server.url}/ecgs", headers=HOSTILE_ADDRESS): 401,
                file("\x7f\u202eÄ\U0001f600" * 200, json.dumps(CONTRACT_BODY)): 201,
                file("a.csv", f"a ({'u' * 60}),b\n" + "1,2\n" * 9): 201,
                client.post("/ecgs", json={**CONTRACT_BODY, "sampling_rate": 5e-324}): 422,
                timed("2024-03-05T14:22:11.123456+01:00:00.123456"): 201,
                timed("2024-03-05T14:22:1x"): 422,
            }
            assert [answer.status_code for answer in answers] == list(answers.values())
            assert client.get("/ecgs").json()["total"] == 3
            assert client.get("/ecgs/reports/cohort.csv").text.count("\r\n") == 1 + 4
        assert "Traceback" not in server.log.read_text()
    finally:
        server.stop()


CORPUS = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "=HYPERLINK(\"http://evil\",\"x\")",
    "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "{{7*7}}", "a,b;c", '"quoted"', "Ü ＝1", "javascript:alert(1)",
]  # fmt: skip


def test_hostile_names_come_back_as_they_are_in_json_and_disarmed_in_csv(server):
    import csv
    import io

    with server.client() as client:
        body = {"leads": [{"name": name, "signal": [1, -1]} for name in CORPUS]}
        ecg_id = client.post("/ecgs", json=body).raise_for_status().json()["id"]
        answer = client.get(f"/ecgs/{ecg_id}/insights")
        assert [lead["name"] for lead in answer.json()["leads"]] == CORPUS
        assert answer.headers["content-type"] == "application/json"
        for report in (f"{ecg_id}/reports/leads", f"{ecg_id}/reports/crossings", "reports/cohort"):
            rows = csv.DictReader(
                io.StringIO(client.get(f"/ecgs/{report}.csv").text.lstrip("\ufeff"), newline="")
            )
            leads = [row["lead"] for row in rows]
            assert [
                lead.replace("'=", "=").replace("'＝", "＝").removeprefix("'") for lead in leads
            ] == CORPUS
            assert not any(lead[0] in "=+-@＝\t\r" for lead in leads)


@pytest.mark.parametrize("sizes", [[150_000], [60_000, 60_000], [99_999, 2], [100_000, 1, 1]])
def test_a_body_that_ends_where_it_becomes_too_large_is_answered(room, sizes):
    """As a server hands it on that has the last piece and the end at once; nothing is waited for after it."""
    pieces = [
        {"type": "http.request", "body": b"x" * size, "more_body": n < len(sizes) - 1}
        for n, size in enumerate(sizes)
    ]
    sent = []

    async def receive():
        assert pieces, "waits for a message after the last"
        return pieces.pop(0)

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/users", "raw_path": b"/users", "query_string": b"",
        "headers": [(b"content-type", b"application/json")], "scheme": "http", "server": ("x", 80),
    }  # fmt: skip
    asyncio.run(create_api(lambda: room)(scope, receive, send))
    assert sent[0]["status"] == 413

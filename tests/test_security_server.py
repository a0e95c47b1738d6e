"""The traps of a dashboard server, each closed: sockets, uploads, media, cookies, redirects, logs."""

from __future__ import annotations

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from ecg_core.services import logins
from ecg_core.services.room import open_reading_room
from ecg_core.settings import Settings
from tests.parts import ADMIN_TOKEN, CONTRACT_BODY, Server


def log_in(server: Server, token: str, **fields: str) -> httpx.Response:
    return httpx.post(f"{server.url}/login", data={"token": token, **fields}, headers={"origin": server.url})


def cookie_of(server: Server, token: str) -> dict[str, str]:
    return {"ecg_session": log_in(server, token).cookies["ecg_session"]}


FOREIGN = ["https://evil.example", "http://localhost:1", "null", "http://localhost", "http://[", "", "x"]


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_websocket_from_another_site_is_refused(server, origin):
    with (
        pytest.raises(InvalidStatus) as error,
        connect(f"ws://localhost:{server.port}/_stcore/stream", origin=origin),
    ):
        pass
    assert error.value.response.status_code == 403


def test_a_websocket_that_names_two_origins_is_refused(server):
    both = [("Origin", server.url), ("Origin", "https://evil.example")]
    with (
        pytest.raises(InvalidStatus) as error,
        connect(f"ws://localhost:{server.port}/_stcore/stream", additional_headers=both),
    ):
        pass
    assert error.value.response.status_code in (400, 403)


def test_a_websocket_from_the_own_page_is_served(server):
    with connect(f"ws://localhost:{server.port}/_stcore/stream", origin=server.url):
        pass


def test_only_a_user_who_is_logged_in_may_upload_to_the_page(server):
    url = f"{server.url}/_stcore/upload_file/{'0' * 36}/1"
    for cookies in ({}, {"ecg_session": "ecgs_wrong"}, cookie_of(server, ADMIN_TOKEN)):
        assert httpx.put(url, files={"file": ("a", b"x")}, cookies=cookies).status_code == 401
    answer = httpx.put(url, files={"file": ("a", b"x")}, cookies=cookie_of(server, server.register()))
    assert answer.status_code != 401  # Streamlit's own answer: no such session of the page


@pytest.mark.parametrize(
    "path",
    [
        "//_stcore/upload_file/{}/1", "/%5fstcore/upload_file/{}/1", "/_stcore/upload%5ffile/{}/1",
        "/_stcore/upload_file%2f{}/1", "/_stcore//upload_file/{}/1", "/x/_stcore/upload_file/{}/1",
        "/_stcore/./upload_file/{}/1", "/_stcore/x/../upload_file/{}/1", "/_STCORE/upload_file/{}/1",
        "/viewer/_stcore/upload_file/{}/1",
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST"])
def test_no_spelling_of_a_path_gets_around_the_login_for_uploads(server, method, path):
    url = httpx.URL(server.url, raw_path=path.format("0" * 36).encode())
    answer = httpx.request(method, url, content=b"x", follow_redirects=True)
    assert answer.status_code in (401, 404, 405), answer.text


@pytest.mark.parametrize(
    "path", ["/media/abc.csv", "/_stcore/metrics", "/_stcore/agent/x", "//media/abc.csv"]
)
def test_what_is_open_to_anybody_elsewhere_is_closed(server, path):
    assert httpx.get(httpx.URL(server.url, raw_path=path.encode())).status_code == 404


@pytest.mark.parametrize(
    "path", ["/", "/viewer", "/health/ping", "/docs", "/openapi.json", "/nothing/at/all", "/ecgs"]
)
def test_every_answer_carries_the_headers(server, path):
    headers = httpx.get(server.url + path).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY" and headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_the_cookie_is_hidden_from_scripts_and_other_sites(server):
    header = log_in(server, server.register()).headers["set-cookie"]
    assert "HttpOnly" in header and "SameSite=strict" in header and "Secure" not in header


def test_behind_tls_the_cookie_is_secure(tmp_path):
    server = Server(tmp_path, ECG_COOKIE_SECURE="true", ECG_DEMO="0")
    try:
        assert "Secure" in log_in(server, ADMIN_TOKEN).headers["set-cookie"]
    finally:
        server.stop()


@pytest.mark.parametrize(
    "to, leads",
    [
        ("/viewer?ecg=1", "/viewer?ecg=1"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nset-cookie: x=1", "/"),
        ("/\t/evil.example", "/"),
        ("", "/"),
    ],
)
def test_logging_in_never_leads_to_another_site(server, to, leads):
    answer = log_in(server, server.register(), next=to)
    assert (answer.status_code, answer.headers["location"]) == (303, leads)


@pytest.mark.parametrize("origins", [[origin] for origin in FOREIGN] + [["own", "https://evil.example"]])
def test_a_form_of_another_site_logs_nobody_in(server, origins):
    headers = [("origin", server.url if origin == "own" else origin) for origin in origins]
    answer = httpx.post(f"{server.url}/login", data={"token": server.register()}, headers=headers)
    assert answer.json() == {"detail": "Log in from this site's own page"}
    assert answer.status_code == 403 and "set-cookie" not in answer.headers


def test_a_wrong_token_leads_back_to_the_form_without_a_cookie(server):
    answer = log_in(server, "wrong", next="/viewer")
    assert answer.status_code == 303 and "set-cookie" not in answer.headers
    assert answer.headers["location"] == "/?login=failed&next=%2Fviewer"


def test_wrong_tokens_are_slowed_down(tmp_path):
    server = Server(tmp_path, ECG_LOGIN_FAILURES_PER_MINUTE="3", ECG_DEMO="0")
    try:
        locations = [log_in(server, "wrong").headers["location"] for _ in range(5)]
        assert [location.startswith("/?login=failed") for location in locations] == [True] * 3 + [False] * 2
        assert "set-cookie" not in log_in(server, ADMIN_TOKEN).headers
    finally:
        server.stop()


def test_a_login_opens_the_reports_of_its_user_only(server):
    with server.client() as client:
        ecg_id = client.post("/ecgs", json=CONTRACT_BODY).json()["id"]
        token = client.headers["x-user-token"]
    report = f"{server.url}/ecgs/{ecg_id}/reports/leads.csv"
    assert httpx.get(report, cookies=cookie_of(server, token)).status_code == 200
    assert httpx.get(report, cookies=cookie_of(server, server.register())).status_code == 404
    assert httpx.get(report, cookies=cookie_of(server, ADMIN_TOKEN)).status_code == 401
    assert httpx.delete(f"{server.url}/ecgs/{ecg_id}", cookies=cookie_of(server, token)).status_code == 401


def test_a_cookie_kept_after_the_logout_opens_nothing(tmp_path):
    """Logged out from the page, which calls the same function on the same database."""
    server = Server(tmp_path, ECG_DEMO="0")
    try:
        with server.client() as client:
            token = client.headers["x-user-token"]
            ecg_id = client.post("/ecgs", json=CONTRACT_BODY).json()["id"]
        report = f"{server.url}/ecgs/{ecg_id}/reports/leads.csv"
        upload = f"{server.url}/_stcore/upload_file/{'0' * 36}/1"
        kept, other = cookie_of(server, token), cookie_of(server, token)
        assert httpx.get(report, cookies=kept).status_code == 200
        room = open_reading_room(Settings(data_dir=tmp_path / "data"))
        logins.log_out(room, kept["ecg_session"])
        room.database.close()
        assert httpx.get(report, cookies=kept).json() == {"detail": "Invalid user token"}
        assert httpx.put(upload, content=b"x", cookies=kept).status_code == 401
        assert httpx.get(report, cookies=other).status_code == 200
    finally:
        server.stop()


def test_a_cookie_is_no_token_and_a_token_no_cookie(server):
    token = server.register()
    cookie = cookie_of(server, token)["ecg_session"]
    ecgs = f"{server.url}/ecgs"
    assert httpx.get(ecgs, headers={"x-user-token": cookie}).status_code == 401
    assert httpx.get(f"{ecgs}/reports/cohort.csv", cookies={"ecg_session": token}).status_code == 401
    # A wrong token is not made up for by a login.
    both = {"headers": {"x-user-token": "wrong"}, "cookies": {"ecg_session": cookie}}
    assert httpx.get(f"{ecgs}/reports/cohort.csv", **both).status_code == 401


def test_a_renewed_or_deactivated_user_is_out_everywhere_at_once(server):
    admin = {"x-admin-token": ADMIN_TOKEN}
    for end in (
        lambda: server.register("leaver"),
        lambda: httpx.delete(f"{server.url}/users/leaver", headers=admin),
    ):
        token = server.register("leaver")
        cookie = cookie_of(server, token)
        cohort = f"{server.url}/ecgs/reports/cohort.csv"
        assert httpx.get(cohort, cookies=cookie).status_code == 200
        end()
        assert httpx.get(cohort, cookies=cookie).status_code == 401
        assert httpx.get(cohort, headers={"x-user-token": token}).status_code == 401


@pytest.mark.parametrize(
    "path", ["//ecgs", "/ecgs/", "/./ecgs", "/x/../ecgs", "/%65cgs", "/ecgs%2fx", "/ECGS", "/;/ecgs"]
)
def test_no_spelling_of_a_path_gets_around_the_token(server, path):
    answer = httpx.get(httpx.URL(server.url, raw_path=path.encode()), follow_redirects=True)
    assert answer.status_code in (400, 401, 404) or "<title>Streamlit</title>" in answer.text


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_the_log_holds_neither_tokens_nor_patients(database, tmp_path, request):
    setting = {}
    if database == "postgresql":
        setting["ECG_DATABASE_URL"] = request.getfixturevalue("postgres").new_database()
    server = Server(tmp_path, ECG_DEMO="0", **setting)
    try:
        token = server.register("secretive")
        cookie = cookie_of(server, token)
        with server.client(token) as client:
            client.post("/ecgs/files", files={"file": ("mueller.csv", b"Name,Jane Mueller\n\nI\n1\n2\n3\n")})
            client.post("/ecgs", content=b'{"leads": [{"name": "Jane Mueller", "signal": [true]}]}')
            client.get("/ecgs?search=Mueller")
            client.get("/ecgs?search=Mueller%00")
            client.get("/ecgs/Mueller/leads/Mueller")
            client.delete("/users/Mueller", headers={"x-admin-token": ADMIN_TOKEN})
            log_in(server, f"Mueller {token}", next="/viewer?name=Mueller")
        log = server.log.read_text()
        for secret in (token, cookie["ecg_session"], ADMIN_TOKEN, "Mueller", "mueller", "secretive"):
            assert secret not in log
    finally:
        server.stop()

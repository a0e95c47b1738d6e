"""Pages over the dashboard's own websocket, with messages that no browser would send."""

from __future__ import annotations

import hashlib

import httpx
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from tests.parts import ADMIN_TOKEN, CONTRACT_BODY, ROOT, Server

LOGIN_FORM, USERS, FILE = b'action="/login"', b"The administrator registers users", b"secretfile"
VIEWER = b"Highlight zero crossings"


def cookie_of(server: Server, token: str) -> str:
    answer = httpx.post(f"{server.url}/login", data={"token": token}, headers={"origin": server.url})
    return f"ecg_session={answer.cookies['ecg_session']}"


def open_page(server: Server, cookie: str = "") -> ClientConnection:
    return connect(
        f"ws://localhost:{server.port}/_stcore/stream",
        origin=server.url,
        additional_headers={"Cookie": cookie} if cookie else {},
        subprotocols=["streamlit"],
        max_size=None,
    )


def script_hash(page: str) -> str:
    """By which Streamlit's old discovery of pages knows a page."""
    return hashlib.md5(str(ROOT / "pages" / page).encode()).hexdigest()


def run(socket: ClientConnection, *, name: str = "", page_hash: str = "", query: str = "") -> bytes:
    """Everything that the server sends for one run of the script."""
    message = BackMsg()
    state = message.rerun_script
    state.query_string, state.page_script_hash, state.page_name = query, page_hash, name
    socket.send(message.SerializeToString())
    received = b""
    while True:
        data = socket.recv(timeout=60, decode=False)
        received += data
        if ForwardMsg.FromString(data).WhichOneof("type") == "script_finished":
            return received


@pytest.fixture(scope="module")
def known(server):
    """A user with one file: token, id."""
    with server.client() as client:
        file = {"file": ("secretfile.csv", b"I\n1\n-1\n2\n")}
        ecg_id = client.post("/ecgs/files", files=file).raise_for_status().json()["id"]
        return client.headers["x-user-token"], ecg_id


@pytest.mark.parametrize("page", ["viewer", "admin"])
def test_the_first_visitor_of_a_fresh_server_gets_the_form_whatever_is_asked_for(tmp_path, page):
    server = Server(tmp_path)
    try:
        with open_page(server) as socket:
            shown = run(socket, name=page)
        assert LOGIN_FORM in shown
        assert USERS not in shown and b"twelve" not in shown
    finally:
        server.stop()


@pytest.mark.parametrize("page", ["library.py", "viewer.py", "report.py", "guide.py", "admin.py"])
def test_a_page_asked_for_by_its_hidden_number_is_not_run(server, known, page):
    with open_page(server) as socket:
        for _ in range(2):
            shown = run(socket, page_hash=script_hash(page), query=f"ecg={known[1]}")
            assert LOGIN_FORM in shown
            assert all(word not in shown for word in (USERS, FILE, VIEWER))


def test_each_role_sees_its_own_pages_only(server, known):
    with open_page(server, cookie_of(server, known[0])) as socket:
        assert FILE in run(socket)  # so that the words looked for are those of the pages
        assert VIEWER in run(socket, name="viewer", query=f"ecg={known[1]}")
        for request in ({"name": "admin"}, {"page_hash": script_hash("admin.py")}):
            assert USERS not in run(socket, **request)
    with open_page(server, cookie_of(server, ADMIN_TOKEN)) as socket:
        assert USERS in run(socket)
        for request in ({"name": "library"}, {"name": "viewer", "query": f"ecg={known[1]}"},
                        {"page_hash": script_hash("library.py")}):  # fmt: skip
            assert FILE not in run(socket, **request)


def test_somebody_elses_ecg_is_not_shown(server, known):
    with open_page(server, cookie_of(server, server.register())) as socket:
        shown = run(socket, name="viewer", query=f"ecg={known[1]}")
    assert FILE not in shown and VIEWER not in shown


@pytest.mark.parametrize("end", ["deactivated", "renewed"])
def test_a_page_that_stays_open_is_out_at_its_next_rerun(server, end):
    """The cookie of an open socket cannot change: who holds it is asked again at every run."""
    name = f"open-page-{end}"
    token = server.register(name)
    with server.client(token) as client:
        client.post("/ecgs", json=CONTRACT_BODY).raise_for_status()
    with open_page(server, cookie_of(server, token)) as socket:
        assert LOGIN_FORM not in run(socket)
        if end == "renewed":
            server.register(name)
        else:
            admin = {"x-admin-token": ADMIN_TOKEN}
            httpx.delete(f"{server.url}/users/{name}", headers=admin).raise_for_status()
        for page in ("", "viewer"):
            shown = run(socket, name=page)
            assert LOGIN_FORM in shown and VIEWER not in shown


def test_a_cookie_by_any_other_means_is_none(server, known):
    value = cookie_of(server, known[0]).partition("=")[2]
    for cookie in (f"ecg_session={known[0]}", f"ECG_SESSION={value}", f"x={value}", f"ecg_session={value}x"):
        with open_page(server, cookie) as socket:
            assert LOGIN_FORM in run(socket, query=f"ecg_session={value}")

"""Starting the product: what it prints, once, and why it may refuse to start."""

from __future__ import annotations

import re

import pytest

from tests.parts import ADMIN_TOKEN, Server

TOKEN = re.compile(r"ecg[ua]_[\w-]+")


def test_the_first_start_shows_tokens_that_work_and_a_second_shows_none(tmp_path):
    server = Server(tmp_path, ECG_ADMIN_TOKEN="")
    try:
        demo, admin = TOKEN.findall(server.log.read_text())
        with server.client(demo) as client:
            names = [ecg["file_name"] for ecg in client.get("/ecgs").json()["items"]]
            assert names == ["twelve-leads-10s.json", "two-leads-5min.csv"]
            users = client.get("/users", headers={"x-admin-token": admin}).json()
            assert [user["username"] for user in users] == ["demo"]
        server.stop()
        server.start()
        assert TOKEN.findall(server.log.read_text()) == [demo, admin]
        with server.client(demo) as client:
            assert client.get("/ecgs").json()["total"] == 2
            assert client.get("/users", headers={"x-admin-token": admin}).status_code == 200
    finally:
        server.stop()


def test_the_demo_is_left_out_and_an_admin_token_that_was_set_is_not_printed(tmp_path):
    server = Server(tmp_path, ECG_DEMO="0")
    try:
        with server.client() as client:
            users = client.get("/users", headers={"x-admin-token": ADMIN_TOKEN}).json()
        assert not [user for user in users if user["username"] == "demo"]
        assert TOKEN.findall(server.log.read_text()) == []
        assert "as set in ECG_ADMIN_TOKEN" in server.log.read_text()
    finally:
        server.stop()


@pytest.mark.parametrize(
    "setting, reason",
    [
        ({"ECG_ADMIN_TOKEN": "tiny-1234"}, "ECG_ADMIN_TOKEN is too short"),
        ({"ECG_MAX_UPLOAD_MB": "much"}, "ECG_MAX_UPLOAD_MB"),
        ({"ECG_DATABASE_URL": "postgresql://ecg:hunter2@127.0.0.1:1/x"}, "database does not answer"),
    ],
)
def test_a_setting_that_cannot_be_stops_the_start_with_the_reason(tmp_path, setting, reason):
    with pytest.raises(RuntimeError, match="the server ended"):
        Server(tmp_path, **setting)
    log = (tmp_path / "server.log").read_text()
    assert "ECG Reading Room does not start: " in log and reason in log
    assert "Traceback" not in log and "hunter2" not in log and "tiny-1234" not in log

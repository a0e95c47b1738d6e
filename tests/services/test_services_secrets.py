"""What is secret is nowhere on the disk, and the key of the hashes is one for all who start together."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from ecg_core.errors import AuthenticationError, ConfigurationError, InvalidUserTokenError
from ecg_core.services import logins, reports, uploads, users
from ecg_core.services.room import _create_key, open_reading_room
from ecg_core.services.start import start
from ecg_core.settings import Settings
from ecg_core.storage.tables import AuditRow
from tests.parts import ROOT

BODY = b'{"leads": [{"name": "I", "signal": [1, -1]}]}'


def on_disk(folder: Path) -> bytes:
    """Every byte of the database and of its log, as a thief of the disk would find them."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.name.startswith("ecg.db"))


def test_no_secret_is_in_the_file_or_in_its_log_while_the_server_runs_or_after(tmp_path):
    room = open_reading_room(Settings(data_dir=tmp_path))
    first, wrong = start(room), "ecgu_a-wrong-token-is-a-secret-too"
    old, new = users.register(room, "dr.meier"), users.register(room, "dr.meier")
    cookies = [logins.log_in(room, token) for token in (new, new, first.admin_token, first.demo_token)]
    user = users.user_of(room, new)
    ecg = uploads.add_json(room, user, BODY)
    b"".join(reports.ecg_report(room, user, ecg.id, "leads").chunks)
    with pytest.raises(AuthenticationError):
        logins.log_in(room, wrong)
    logins.log_out(room, cookies[0])
    users.deactivate(room, "dr.meier")
    running = on_disk(tmp_path)
    room.database.close()
    for stored in (running, on_disk(tmp_path)):
        assert b"dr.meier" in stored and room.keyed_hash(new).encode() in stored
        for secret in (old, new, first.admin_token, first.demo_token, wrong, *cookies):
            assert secret.encode() not in stored and secret.partition("_")[2].encode() not in stored


def test_a_wrong_token_is_audited_with_its_address_and_without_itself(room):
    with pytest.raises(AuthenticationError):
        logins.log_in(room, "wrong", address="10.0.0.7")
    with pytest.raises(InvalidUserTokenError):
        users.authenticate_user(room, "wrong", address="10.0.0.8")
    with room.database.reading() as connection:
        columns = AuditRow.actor, AuditRow.action, AuditRow.target, AuditRow.address
        rows = [tuple(row) for row in connection.execute(select(*columns).order_by(AuditRow.id))]
    assert rows == [("", "login_failed", "", "10.0.0.7"), ("", "wrong_user_token", "", "10.0.0.8")]


def test_limits_of_a_second_hold_in_real_time(tmp_path):
    limits = {"session_idle_minutes": 1 / 60, "session_absolute_hours": 2.5 / 3600}
    room = open_reading_room(Settings(data_dir=tmp_path, demo=False, **limits))
    token = users.register(room, "dr.meier")
    idle, used = logins.log_in(room, token), logins.log_in(room, token)
    begin, seen = time.monotonic(), []
    while time.monotonic() < begin + 3:
        seen.append((time.monotonic() - begin, logins.find_visitor(room, used) is not None))
        time.sleep(0.1)
    assert all(is_in for age, is_in in seen if age < 2.3)  # used every 0.1 s, so never idle for a second
    assert not any(is_in for age, is_in in seen if age > 2.5)
    assert logins.find_visitor(room, idle) is None


def test_of_many_keys_made_at_once_one_stays_and_nothing_else(tmp_path):
    """Also in two containers on one volume, whose processes have the same number."""
    path, barrier, keys = tmp_path / "secret.key", threading.Barrier(16), []

    def make() -> None:
        barrier.wait()
        _create_key(path)
        keys.append(path.read_bytes())

    threads = [threading.Thread(target=make) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 16 and len(set(keys)) == 1 and len(keys[0]) == 64
    assert [found.name for found in tmp_path.iterdir()] == ["secret.key"]


@pytest.mark.parametrize("content", [b"", b"short"])
def test_a_damaged_key_is_said_and_never_replaced(tmp_path, content):
    """A new one would make every token worthless."""
    (tmp_path / "secret.key").write_bytes(content)
    with pytest.raises(ConfigurationError, match="damaged"):
        open_reading_room(Settings(data_dir=tmp_path))
    assert (tmp_path / "secret.key").read_bytes() == content


def test_nothing_is_opened_or_asked_of_the_environment_by_an_import(tmp_path):
    modules = "app, ecg_core.api.app, ecg_core.services.uploads, ecg_core.ui.session, ecg_core.command_line"
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import {modules}"
    wrong = {"ECG_ADMIN_TOKEN": "short", "ECG_MAX_UPLOAD_MB": "x", "ECG_DATABASE_URL": "nonsense"}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=tmp_path, env=wrong, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []

"""A disk without a free byte takes no ECG; what is stored can be read all the same."""

from __future__ import annotations

import errno
import os
import subprocess
from datetime import timedelta

import pytest
from sqlalchemy import update

from ecg_core.errors import InvalidAdminTokenError, InvalidUserTokenError, StorageFullError
from ecg_core.services import logins, recordings, uploads, users
from ecg_core.services.room import open_reading_room, utc_now
from ecg_core.settings import Settings
from ecg_core.storage.tables import LoginSession
from tests.conftest import skip

BODY = b'{"leads": [{"name": "I", "signal": [1, -1]}]}'


@pytest.fixture
def disk(tmp_path):
    """A file system of its own."""
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", tmp_path]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode:
        skip("a small file system can only be mounted by root")
    yield tmp_path
    subprocess.run(["umount", "-l", tmp_path], check=True)


def fill(path) -> None:
    """Write until there is not one byte left."""
    with path.open("wb", buffering=0) as file, pytest.raises(OSError) as full:
        while True:
            file.write(b"x" * 4096)
    assert full.value.errno == errno.ENOSPC


def test_a_full_disk_keeps_nobody_from_reading(disk):
    room = open_reading_room(Settings(data_dir=disk / "data", demo=False))
    token = users.register(room, "dr.meier")
    user, cookie = users.user_of(room, token), logins.log_in(room, token)
    ecg = uploads.add_json(room, user, BODY)
    with room.database.writing() as connection:
        connection.execute(update(LoginSession).values(last_seen_at=utc_now() - timedelta(minutes=5)))
    fill(disk / "ballast")
    for refused in (
        lambda: uploads.add_json(room, user, BODY),
        lambda: recordings.delete_ecg(room, user, ecg.id),
        lambda: users.register(room, "dr.huber"),
        lambda: logins.log_in(room, token),
    ):
        with pytest.raises(StorageFullError):
            refused()
    with pytest.raises(InvalidUserTokenError):
        users.authenticate_user(room, "wrong")
    with pytest.raises(InvalidAdminTokenError):
        users.authenticate_admin(room, "wrong")
    assert logins.find_visitor(room, cookie).name == "dr.meier"
    assert recordings.count_crossings(room, user, ecg.id) == [("I", 1)]
    assert recordings.list_ecgs(room, user)[1] == 1
    (disk / "ballast").unlink()
    assert uploads.add_json(room, user, BODY).id != ecg.id
    room.database.close()

"""``python -m ecg_core users``: what the administrator's page does."""

from __future__ import annotations

import os
import subprocess
import sys

from ecg_core.services import users
from ecg_core.services.room import open_reading_room
from ecg_core.settings import Settings
from tests.parts import ROOT


def run(folder, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ECG_DATA_DIR": str(folder)}
    command = [sys.executable, "-m", "ecg_core", "users", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


def test_register_list_and_deactivate(tmp_path):
    token = run(tmp_path, "register", "dr.meier").stdout.strip()
    room = open_reading_room(Settings(data_dir=tmp_path, demo=False))
    assert users.user_of(room, token).username == "dr.meier"
    assert run(tmp_path, "list").stdout.startswith("dr.meier\tactive\t")
    assert run(tmp_path, "deactivate", "dr.meier").returncode == 0
    assert users.user_of(room, token) is None
    assert "deactivated" in run(tmp_path, "list").stdout
    assert token not in run(tmp_path, "list").stdout


def test_faults_are_said_with_their_exit_status(tmp_path):
    unknown = run(tmp_path, "deactivate", "nobody")
    assert (unknown.returncode, unknown.stdout) == (1, "") and "nobody" in unknown.stderr
    assert run(tmp_path, "register", "").returncode == 1
    assert run(tmp_path).returncode == 2
    impossible = run("/proc/nothing", "list")
    assert impossible.returncode == 2 and "ECG_DATA_DIR" in impossible.stderr

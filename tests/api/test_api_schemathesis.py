"""schemathesis finds nothing: every answer is declared and of its shape, and what is wrong is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.parts import ADMIN_TOKEN, ROOT, Server

EXAMPLES = [pytest.param(25, id="short"), pytest.param(500, id="long", marks=pytest.mark.slow)]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def any_server(request, tmp_path_factory):
    """The product over either database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("server")
        return
    url = request.getfixturevalue("postgres").new_database()
    running = Server(tmp_path_factory.mktemp("schemathesis"), ECG_DATABASE_URL=url, ECG_DEMO="0")
    yield running
    running.stop()


@pytest.mark.parametrize("examples", EXAMPLES)
def test_schemathesis_finds_nothing(any_server, examples):
    command = [
        Path(sys.executable).with_name("schemathesis"), "run", f"{any_server.url}/openapi.json",
        "--header", f"x-user-token: {any_server.register('schemathesis')}",
        "--header", f"x-admin-token: {ADMIN_TOKEN}",
        "--seed", "20261124", "--max-examples", str(examples), "--no-color",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-6000:]
    assert "Traceback" not in any_server.log.read_text()

"""schemathesis finds nothing: every answer is declared and of its shape, and what is wrong is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.parts import ADMIN_TOKEN, ROOT

EXAMPLES = [pytest.param(25, id="short"), pytest.param(500, id="long", marks=pytest.mark.slow)]


@pytest.mark.parametrize("examples", EXAMPLES)
def test_schemathesis_finds_nothing(server, examples):
    command = [
        Path(sys.executable).with_name("schemathesis"), "run", f"{server.url}/openapi.json",
        "--header", f"x-user-token: {server.register('schemathesis')}",
        "--header", f"x-admin-token: {ADMIN_TOKEN}",
        "--seed", "20261124", "--max-examples", str(examples), "--no-color",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-6000:]

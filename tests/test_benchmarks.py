"""The benchmarks run, whole, and count right; how fast this machine is just now is not for a test to say."""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import ROOT, skip
from tests.parts import find_chromium


def test_the_short_form_prints_every_row():
    if find_chromium() is None:
        skip("Chromium is not installed")
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--short"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode in (0, 1) and "Traceback" not in done.stderr, done.stderr[-3000:]
    for work in (
        "POST /ecgs 12",
        "POST /ecgs 2",
        "zero crossings of",
        "upload, 1 lead",
        "20 sessions",
        "click on",
        "mixed files, stored",
        "0 lost",
    ):
        assert work in done.stdout, done.stdout

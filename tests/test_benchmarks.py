"""The benchmarks run, whole, and count right; how fast this machine is just now is not for a test to say."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks.__main__ import PARTS
from tests.conftest import ROOT, skip
from tests.parts import find_chromium

VIEWER = ("12 leads × 10 s: click", "next page of 1 h")


def run_parts(*names):
    """What the short form of some parts prints."""
    if find_chromium() is None:
        skip("Chromium is not installed")
    chosen = [argument for name in names for argument in ("--only", name)]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--short", *chosen], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode in (0, 1) and "Traceback" not in done.stderr, done.stderr[-3000:]
    return done.stdout


@pytest.mark.slow
def test_the_short_form_of_the_viewer_prints_every_row():
    printed = run_parts("viewer")
    assert all(work in printed for work in VIEWER), printed


def test_the_short_form_prints_every_row():
    printed = run_parts(*(name for name in PARTS if name != "viewer"))
    for work in (
        "POST /ecgs 12",
        "POST /ecgs 2",
        "zero crossings of",
        "upload, 1 lead",
        "20 sessions",
        "click on",
        "PDF of a 12-lead page",
        "uploaded until readable",
        "peak memory of that upload",
        "next page of 1 h",
        "overview of the whole",
        "mixed files, stored",
        "0 lost",
    ):
        assert work in printed, printed

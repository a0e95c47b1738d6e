"""The server's part of a page of a long recording: ours from the database, the peer's from memory."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import numpy as np
from plotly.io import to_json

from benchmarks.day_file import RATE
from ecg_core.domain import LeadSummary, User
from ecg_core.figures import ReadyFigure, Strip, lay_out, plan_page, sheet_parts
from ecg_core.figures.envelopes import envelope_parts, lay_out_envelopes
from ecg_core.figures.view import View
from ecg_core.services.display import read_display
from ecg_core.services.envelopes import read_envelopes
from ecg_core.services.room import ReadingRoom
from tests.parts import ROOT

_WIDTH_PX = 1200
_ON_PAPER_S = 10.0  # longer windows are drawn as envelopes
_VENV = ".venv-peer"
_MAKE_VENV = f"cd benchmarks && . ../install.sh && install_into ../{_VENV} peer-requirements.txt"


class OurPages:
    """An ECG's leads, drawn as the viewer draws them."""

    def __init__(self, room: ReadingRoom, user: User, ecg_id: UUID, leads: tuple[LeadSummary, ...]) -> None:
        self._room, self._user, self._ecg_id, self._leads = room, user, ecg_id, leads
        self._names = [lead.name for lead in leads]

    def window(self, start: float, length: float) -> tuple[float, int]:
        """Milliseconds for the JSON of a window, and the points of each lead's trace."""
        begin = time.perf_counter()
        parts, points = (self._paper if length <= _ON_PAPER_S else self._envelope)(start, length)
        to_json(ReadyFigure(parts), validate=False)  # as Streamlit sends it
        return (time.perf_counter() - begin) * 1000, points

    def _paper(self, start: float, length: float) -> tuple[dict, int]:
        view = View()
        page = plan_page(self._leads, _WIDTH_PX, view=view, span=length)
        found = read_display(
            self._room, self._user, self._ecg_id, start=start, length=length, names=self._names, view=view
        )
        strips = [
            Strip(one.lead, one.crossings, one.summary.number_of_zero_crossings, one.first_sample)
            for one in found
        ]
        return sheet_parts(lay_out(strips, page, start), page), len(strips[0].lead.samples)

    def _envelope(self, start: float, length: float) -> tuple[dict, int]:
        found = read_envelopes(
            self._room,
            self._user,
            self._ecg_id,
            start=start,
            length=length,
            names=self._names,
            columns=_WIDTH_PX,
        )
        sheet = lay_out_envelopes(found, width_px=_WIDTH_PX, start=start, span=length, view=View())
        parts = envelope_parts(sheet, dark=False)
        return parts, 2 * len(found[0].lowest)


class PeerPages:
    """The same leads in plotly-resampler, in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def window(self, start: float, length: float, points: int) -> float:
        """Milliseconds for the JSON of a window of up to so many points in each trace."""
        assert self._process.stdin and self._process.stdout
        print(start, length, points, file=self._process.stdin, flush=True)
        return float(self._process.stdout.readline().split()[0])


def why_no_peer(*, may_install: bool) -> str:
    """Empty where the peer's environment is there, or could be made; else the reason."""
    if not may_install:
        return "" if (ROOT / _VENV / "bin" / "python").exists() else "is not installed by the short form"
    done = subprocess.run(["bash", "-c", _MAKE_VENV], cwd=ROOT, capture_output=True, text=True)
    lines = (done.stderr.strip() or "no reason given").splitlines()
    return "" if done.returncode == 0 else f"cannot be installed: {lines[-1][:100]}"


@contextmanager
def peer_pages(samples: np.ndarray, folder: Path) -> Iterator[PeerPages]:
    """The peer, started with the samples and stopped."""
    file = folder / "samples.npy"
    np.save(file, samples)
    command = [ROOT / _VENV / "bin" / "python", ROOT / "benchmarks" / "resampler.py", file, str(RATE)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout
        if process.stdout.readline() != "ready\n":
            raise RuntimeError("plotly-resampler does not start")
        yield PeerPages(process)
    finally:
        process.terminate()
        process.wait()

"""A day of three leads: uploaded over HTTP, then read in windows from ten seconds to the whole.

The windows are compared with plotly-resampler, which holds all samples in memory: both are asked in turn for
the same windows and the same number of points, up to the JSON that a browser is sent. It needs a plotly
older than ours, so it lives in an environment of its own, ``.venv-peer``, made on first use; the short form
compares only where there is one already.
"""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
import numpy as np

from benchmarks.day_file import write_day
from benchmarks.long_pages import OurPages, PeerPages, peer_pages, why_no_peer
from benchmarks.process_memory import Peak
from benchmarks.rows import Row
from ecg_core.services import users
from ecg_core.services.overview import read_overview
from ecg_core.services.recordings import get_ecg
from ecg_core.services.room import open_reading_room
from ecg_core.settings import Settings
from tests.parts import ADMIN_TOKEN, Server

_MOST_S, _MOST_TIMES, _MOST_SHARE, _MOST_MS = 30.0, 4.0, 1 / 3, 40.0
_PAGES = 7  # in each place
_WINDOWS = (("10 s", 10.0), ("1 min", 60.0), ("1 h", 3600.0), ("24 h", 86400.0))


@dataclass(frozen=True)
class Upload:
    """What storing the file took."""

    ecg_id: str
    seconds: float
    before_mb: float
    peak_mb: float
    file_mb: float
    database_mb: float


def measure(short: bool) -> list[Row]:
    """Rows of the upload, the memory, the database, the overview and four lengths of a page."""
    hours, rounds = (1.0, 3) if short else (24.0, 25)
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:  # a real disk: /tmp may lie in memory
        folder = Path(name)
        samples = write_day(folder / "day.edf", hours)
        server = Server(folder, ECG_DEMO="0")
        token = server.register()
        try:
            with server.client(token) as client:
                client.timeout = httpx.Timeout(600)
                upload = _upload(client, server, folder)
        finally:
            server.stop()
        of = f"{hours:g} h, {len(samples)} leads, EDF of {upload.file_mb:.0f} MB"
        return [
            *_upload_rows(of, upload, samples),
            *_page_rows(folder, token, upload, samples, rounds, short),
        ]


def _upload(client: httpx.Client, server: Server, folder: Path) -> Upload:
    """Store the file once a small one has started all that is there from the first upload on."""
    write_day(folder / "small.edf", 0.17)
    _post(client, folder / "small.edf")
    before = _database_mb(folder)
    with Peak(server.process.pid) as memory:
        begin = time.perf_counter()
        ecg_id = _post(client, folder / "day.edf")
        client.get(f"/ecgs/{ecg_id}").raise_for_status()
        seconds = time.perf_counter() - begin
    size = (folder / "day.edf").stat().st_size / 1e6
    return Upload(ecg_id, seconds, memory.before_mb, memory.peak_mb, size, _database_mb(folder) - before)


def _post(client: httpx.Client, path: Path) -> str:
    with path.open("rb") as file:
        answer = client.post("/ecgs/files", files={"file": (path.name, file)})
    return answer.raise_for_status().json()["id"]


def _database_mb(folder: Path) -> float:
    """With all that was written in the file itself."""
    connection = sqlite3.connect(folder / "data" / "ecg.db")
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
    return (folder / "data" / "ecg.db").stat().st_size / 1e6


def _upload_rows(of: str, upload: Upload, samples: np.ndarray) -> list[Row]:
    seconds, raw_mb = upload.seconds, samples.size * 2 / 1e6
    grown = (upload.peak_mb - upload.before_mb) / upload.file_mb
    whole, share = upload.peak_mb / upload.file_mb, upload.database_mb / raw_mb
    memory = f"{upload.before_mb:.0f} → {upload.peak_mb:.0f} MB"
    return [
        Row(f"{of}, uploaded until readable", f"{seconds:.1f} s", "–", f"{upload.file_mb / seconds:.0f} MB/s",
            f"≤ {_MOST_S:g} s", seconds <= _MOST_S),
        Row("peak memory of that upload, server and reading process", memory, "–",
            f"{grown:.1f} times the file more than before ({whole:.1f} in all)", f"< {_MOST_TIMES:g}",
            grown < _MOST_TIMES),
        Row("database of that upload, with its original and overview", f"{upload.database_mb:.1f} MB", "–",
            f"{share:.2f} of 16-bit samples", f"< {_MOST_SHARE:.2f}", share < _MOST_SHARE),
    ]  # fmt: skip


def _page_rows(
    folder: Path, token: str, upload: Upload, samples: np.ndarray, rounds: int, short: bool
) -> list[Row]:
    settings = Settings(data_dir=folder / "data", admin_token=ADMIN_TOKEN, demo=False)
    room, ecg_id = open_reading_room(settings), UUID(upload.ecg_id)
    absent = why_no_peer(may_install=not short)
    try:
        user = users.user_of(room, token)
        ecg = get_ecg(room, user, ecg_id)
        ours, total = OurPages(room, user, ecg_id, ecg.leads), ecg.duration_s or 0.0
        with ExitStack() as stack:
            peer = None if absent else stack.enter_context(peer_pages(samples, folder))
            lengths = [each for each in _WINDOWS if each[1] <= total]
            rows = [_page_row(ours, peer, absent, *each, total, rounds) for each in lengths]
        times = [_ms(lambda: read_overview(room, user, ecg_id)) for _ in range(rounds)]
    finally:
        room.database.close()
    return [*rows, _overview_row(statistics.median(times), max(times))]


def _page_row(
    ours: OurPages, peer: PeerPages | None, absent: str, name: str, length: float, total: float, rounds: int
) -> Row:
    """Medians of pages that follow each other, in four places of the recording, asked of both in turn."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + 2):
        start = round((total - length) * (number // _PAGES * 0.382 % 1.0) + number % _PAGES * length)
        start = min(start, round(total - length))
        mine, points = ours.window(start, length)
        theirs = peer.window(start, length, points) if peer else 0.0
        if number >= 2:  # the first two warm up
            times[0].append(mine)
            times[1].append(theirs)
    mine, theirs = statistics.median(times[0]), statistics.median(times[1])
    work, limit = f"next page of {name}, server's part", f"≤ {_MOST_MS:g} ms"
    if peer is None:
        return Row(work, f"{mine:.1f} ms", "–", f"plotly-resampler {absent}", limit, mine <= _MOST_MS)
    ratio, is_met = theirs / mine, mine <= min(_MOST_MS, theirs)
    figure = f"{ratio:.2f} times as fast"
    return Row(work, f"{mine:.1f} ms", f"{theirs:.1f} ms", figure, f"{limit}, ≥ 1", is_met)


def _overview_row(median_ms: float, most_ms: float) -> Row:
    return Row("overview of the whole recording, server's part", f"{median_ms:.1f} ms", "–",
               f"slowest {most_ms:.1f} ms", f"≤ {_MOST_MS:g} ms", median_ms <= _MOST_MS)  # fmt: skip


def _ms(function) -> float:
    begin = time.perf_counter()
    function()
    return (time.perf_counter() - begin) * 1000

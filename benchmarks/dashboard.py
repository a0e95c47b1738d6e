"""Twenty dashboard sessions that rerun the viewer without pause, on two cores: reruns per second.

Each session is a real websocket client with its own login (`websocket_session`) and asks for the next run as
soon as the last one ended; every run must bring the chart of the ECG. The clients run on the same two cores
as the server, so that what is measured is less than what the server alone could do.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import httpx

from benchmarks.rows import Row
from benchmarks.websocket_session import Session, log_in
from tests.parts import Server

_SESSIONS, _CORES = 20, 2
_TARGET_PER_S = 40.0
_SECONDS, _SHORT_SECONDS = 20.0, 4.0
_WARM_UP_RUNS = 3


def measure(short: bool) -> list[Row]:
    """One row: runs that ended within the measured seconds, of all sessions together."""
    with on_cores(_CORES), tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        server = Server(Path(folder))
        try:
            ecg_id, cookies = _prepare(server)
            rate = asyncio.run(rerun_all(server.url, cookies, ecg_id, _SHORT_SECONDS if short else _SECONDS))
        finally:
            server.stop()
    work = f"{_SESSIONS} sessions rerun the viewer without pause on {_CORES} cores"
    seen = f"{rate:.1f} reruns/s"
    return [Row(work, seen, "–", seen, f"≥ {_TARGET_PER_S:g} a second", rate >= _TARGET_PER_S)]


@contextmanager
def on_cores(number: int) -> Iterator[None]:
    """Keep this process, and what it starts, on so many cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:number])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _prepare(server: Server) -> tuple[str, list[str]]:
    """The demo's ECG of twelve leads, and a login for each session."""
    token = server.demo_token
    answer = httpx.get(f"{server.url}/ecgs", params={"search": "twelve"}, headers={"x-user-token": token})
    (ecg,) = answer.raise_for_status().json()["items"]
    return ecg["id"], [log_in(server.url, token) for _ in range(_SESSIONS)]


async def rerun_all(url: str, cookies: list[str], ecg_id: str, seconds: float) -> float:
    """Runs per second of one session for each cookie, after a few runs to warm up."""
    async with AsyncExitStack() as stack:
        sessions = [await stack.enter_async_context(Session(url, c, ecg_id, "V6")) for c in cookies]
        await asyncio.gather(*(_rerun_times(session, _WARM_UP_RUNS) for session in sessions))
        begin = time.perf_counter()
        counts = await asyncio.gather(*(_rerun_until(session, begin + seconds) for session in sessions))
    return sum(counts) / seconds


async def _rerun_times(session: Session, times: int) -> None:
    for _ in range(times):
        await session.rerun()


async def _rerun_until(session: Session, end: float) -> int:
    """How many runs ended before ``end``; one that is under way then is waited for, not counted."""
    count = 0
    while True:
        await session.rerun()
        if time.perf_counter() > end:
            return count
        count += 1

"""``POST /ecgs`` and its insights: ours, which stores durably, beside the in-memory peer, in one run.

Both servers run at once in their own processes and are asked in turn (ours, peer, ours, peer …) by the same
HTTP client, so that a slow moment of the machine does not fall on one of them. The medians are compared.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np

from benchmarks.rows import Row
from ecg_core.signal.synthetic import TWELVE_LEADS, synthesize_ecg
from tests.parts import ROOT, Server, free_port


def ecg_body(leads: int, samples: int) -> bytes:
    """An ECG in whole microvolts: ten synthetic seconds at 500 Hz, repeated to the length."""
    signals = np.round(synthesize_ecg(10, 500) * 1000).astype(int)
    content = [
        {"name": name, "number_of_samples": samples, "signal": np.resize(signal, samples).tolist()}
        for name, signal in zip(TWELVE_LEADS[:leads], signals, strict=False)
    ]
    return json.dumps({"leads": content}).encode()


@contextmanager
def peer_client() -> Iterator[httpx.Client]:
    """The peer, started and stopped."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "benchmarks.peer:app", "--port", str(port), "--no-access-log"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, env=dict(os.environ))
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as client:
        _wait(client)
        try:
            yield client
        finally:
            process.terminate()
            process.wait()


def _wait(client: httpx.Client) -> None:
    for _ in range(600):
        try:
            client.get("/openapi.json")
            return
        except httpx.TransportError:
            time.sleep(0.05)
    raise RuntimeError("the peer does not start")


def post_and_read(client: httpx.Client, body: bytes) -> tuple[float, list[dict]]:
    """Seconds for storing one ECG and asking for its insights, and what they were."""
    begin = time.perf_counter()
    headers = {"content-type": "application/json"}
    ecg_id = client.post("/ecgs", content=body, headers=headers).raise_for_status().json()["id"]
    insights = client.get(f"/ecgs/{ecg_id}/insights").raise_for_status().json()
    return time.perf_counter() - begin, insights["leads"]


def compare(ours: httpx.Client, peer: httpx.Client, body: bytes, rounds: int) -> tuple[float, float]:
    """Median seconds of ours and of the peer."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + 2):
        answers = [post_and_read(client, body) for client in (ours, peer)]
        assert answers[0][1] == answers[1][1], "the two count differently"
        if number >= 2:  # the first two warm up
            for kept, (seconds, _) in zip(times, answers, strict=True):
                kept.append(seconds)
    return statistics.median(times[0]), statistics.median(times[1])


def measure(short: bool) -> list[Row]:
    """The two rows of the table."""
    works = [(12, 5_000, 10 if short else 60, 1.0), (2, 650_000, 2 if short else 10, 1.5)]
    rows = []
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:  # a real disk: /tmp may lie in memory
        server = Server(Path(folder), ECG_DEMO="0")
        try:
            with server.client() as ours, peer_client() as peer:
                for leads, samples, rounds, target in works:
                    mine, theirs = compare(ours, peer, ecg_body(leads, samples), rounds)
                    rows.append(_row(leads, samples, mine, theirs, target))
        finally:
            server.stop()
    return rows


def _row(leads: int, samples: int, mine: float, theirs: float, target: float) -> Row:
    ratio = theirs / mine
    work = f"POST /ecgs {leads} × {samples:,}, then insights"
    times = f"{mine * 1000:.1f} ms", f"{theirs * 1000:.1f} ms"
    return Row(work, *times, f"{ratio:.2f} times as fast", f"≥ {target:g}", ratio >= target)

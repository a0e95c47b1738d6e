"""Peak memory of the server during a JSON upload of 50 MB: its growth beside the upload's size."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from benchmarks.rows import Row
from benchmarks.service import ecg_body
from tests.parts import Server


def _memory_mb(pid: int, field: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(rf"{field}:\s+(\d+) kB", status)
    assert found
    return int(found[1]) / 1000


def measure(short: bool) -> list[Row]:
    """One lead and twelve: the whole body in one list is the harder case."""
    return [_measure(leads, 5 if short else 50) for leads in (1, 12)]


def _measure(leads: int, size_mb: int) -> Row:
    samples = round(size_mb * 1e6 / len(ecg_body(leads, 5_000)) * 5_000)
    body = ecg_body(leads, samples)
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        server = Server(Path(folder), ECG_DEMO="0")
        try:
            with server.client() as client:
                client.post("/ecgs", content=ecg_body(leads, 5_000)).raise_for_status()
                pid = server.process.pid
                before = _memory_mb(pid, "VmRSS")
                client.post("/ecgs", content=body).raise_for_status()
                peak = _memory_mb(pid, "VmHWM")
        finally:
            server.stop()
    size = len(body) / 1e6
    ratio = (peak - before) / size
    work = f"peak memory of a {size:.0f} MB JSON upload, {leads} lead{'s' * (leads > 1)}"
    return Row(work, f"{before:.0f} → {peak:.0f} MB", "–", f"{ratio:.1f} times its size", "< 8", ratio < 8)

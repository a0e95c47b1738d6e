"""A page of twelve leads as PDF, through the service that both fronts call."""

from __future__ import annotations

import statistics
import time

from benchmarks.rows import Row
from ecg_core.domain import Lead, Recording
from ecg_core.services.prints import PrintRequest, print_recording
from ecg_core.signal.synthetic import TWELVE_LEADS, synthesize_ecg

TARGET_S = 0.3


def measure(short: bool) -> list[Row]:
    signals = synthesize_ecg(10, 500)
    leads = tuple(Lead(name, values, 500.0, "mV") for name, values in zip(TWELVE_LEADS, signals, strict=True))
    recording = Recording(leads, "synthetic")
    times = []
    for _ in range(3 if short else 21):
        begin = time.perf_counter()
        data = print_recording(recording, PrintRequest(), "pdf", file_name="bench")
        times.append(time.perf_counter() - begin)
    median = statistics.median(times[1:])  # the first one also reads the typeface
    return [
        Row("PDF of a 12-lead page", f"{median * 1000:.0f} ms", "", f"first {times[0] * 1000:.0f} ms, "
            f"{len(data) / 1000:.0f} kB", f"≤ {TARGET_S * 1000:.0f} ms", median <= TARGET_S)
    ]  # fmt: skip

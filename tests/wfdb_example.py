"""A small WFDB record, written by hand: header, signal file of format 16 and annotations."""

from __future__ import annotations

import numpy as np

WAVE = np.round(600 * np.sin(np.arange(2000) / 25)).astype("<i2")


def wfdb_record(name: str = "r") -> dict[str, bytes]:
    """The files of a record of leads II and V1, 8 s at 250 Hz, with two beats at 1 s and 2 s."""
    samples = np.stack([WAVE, -WAVE], axis=1)
    sums = [int(column.sum(dtype=np.int64)) % 65536 for column in samples.T]
    checks = [value - 65536 if value > 32767 else value for value in sums]
    header = f"{name} 2 250 {len(WAVE)}\n"
    for lead, column, check in zip(("II", "V1"), samples.T, checks, strict=True):
        header += f"{name}.dat 16 1000/mV 16 0 {column[0]} {check} 0 {lead}\n"
    marks = np.array([1 << 10 | 250, 1 << 10 | 250, 0], "<u2").tobytes()
    return {f"{name}.hea": header.encode(), f"{name}.dat": samples.tobytes(), f"{name}.atr": marks}

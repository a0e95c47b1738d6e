"""A day of synthetic ECG as an EDF file: three leads at 250 Hz, in steps of 5 µV."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ecg_core.signal.synthetic import synthesize_ecg

LEADS = ("II", "V1", "V5")
RATE = 250
MV_PER_COUNT = 0.005
_STRETCH_S = 600
_RATES_BPM = (55, 66, 80, 100)


def write_day(path: Path, hours: float) -> np.ndarray:
    """Write the file; the stretches of ten minutes differ in rate and noise.

    Returns
    -------
    ndarray of int16, shape (leads, samples)
        What the file holds.
    """
    random = np.random.default_rng(1)
    stretches = max(1, round(hours * 3600 / _STRETCH_S))
    basic = [
        synthesize_ecg(_STRETCH_S, RATE, leads=LEADS, heart_rate_bpm=bpm, noise_mv=0.012, seed=bpm)
        for bpm in _RATES_BPM
    ]
    counts = [
        np.round((basic[n % len(basic)] + random.normal(0, 0.008, basic[0].shape)) / MV_PER_COUNT)
        for n in range(stretches)
    ]
    samples = np.concatenate(counts, axis=1, dtype="<i2", casting="unsafe")
    with path.open("wb") as out:
        out.write(_header(stretches * _STRETCH_S))
        for at in range(0, samples.shape[1], RATE * _STRETCH_S):
            part = samples[:, at : at + RATE * _STRETCH_S].reshape(len(LEADS), -1, RATE)
            out.write(part.transpose(1, 0, 2).tobytes())
    return samples


def _header(records: int) -> bytes:
    """Of data records of a second each."""
    whole = [("0", 8), ("X X X X", 80), ("Startdate X X X X", 80), ("01.01.24", 8), ("08.00.00", 8)]
    whole += [(str(256 * (len(LEADS) + 1)), 8), ("", 44), (str(records), 8), ("1", 8), (str(len(LEADS)), 4)]
    signals = [(16, ""), (80, ""), (8, "mV"), (8, "-163.84"), (8, "163.835"), (8, "-32768"), (8, "32767")]
    signals += [(80, ""), (8, str(RATE)), (32, "")]
    fields = whole + [
        (text or (name if width == 16 else ""), width) for width, text in signals for name in LEADS
    ]
    return b"".join(text.ljust(width).encode("ascii") for text, width in fields)

"""ECGs that are hard to draw: noise, gaps, a flat line, paced, 300 bpm; as bodies of ``POST /ecgs``."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FS = 500.0
_LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
#: Of each lead the height of R and the depth of S in mV.
_SIZES = ((0.6, 0.1), (1.1, 0.1), (0.5, 0.1), (-0.8, 0.0), (0.2, 0.2), (0.8, 0.1),
          (0.2, 1.1), (0.4, 1.6), (0.8, 0.9), (1.4, 0.5), (1.3, 0.2), (1.0, 0.1))  # fmt: skip

Signal = NDArray[np.float64]


def beats(seconds: float, rate_bpm: float, r_mv: float = 1.0, s_mv: float = 0.2) -> Signal:
    """P, QRS and T at an even rate, narrowed so that they fit where it is fast."""
    t = np.arange(round(seconds * FS)) / FS
    rr = 60.0 / rate_bpm
    at = (t % rr) - 0.4 * rr
    squeeze = min(1.0, rr / 0.8)

    def wave(centre: float, width: float, height: float) -> Signal:
        return height * np.exp(-0.5 * ((at - centre * squeeze) / (width * squeeze)) ** 2)

    qrs = wave(0.0, 0.010, r_mv) + wave(0.028, 0.010, -s_mv) + wave(-0.025, 0.008, -0.1 * abs(r_mv))
    return qrs + wave(-0.16, 0.022, 0.12) + wave(0.26, 0.045, 0.25 * np.sign(r_mv))


def twelve(seconds: float = 10.0, rate_bpm: float = 72.0) -> dict[str, Signal]:
    return {name: beats(seconds, rate_bpm, r, s) for name, (r, s) in zip(_LEADS, _SIZES, strict=True)}


def paced(seconds: float = 10.0) -> dict[str, Signal]:
    """Spikes of 2 ms and 8 mV before wide beats: taller than any lane."""
    leads = {}
    for name, (r, s) in zip(_LEADS, _SIZES, strict=True):
        signal = beats(seconds, 60.0, 0.6 * r, 2 * s)
        spikes = (np.arange(seconds) + 0.4 - 0.05) * FS
        signal[np.round(spikes).astype(int)] = 8.0 if r > 0 else -8.0
        leads[name] = signal
    return leads


def odd_recordings() -> dict[str, dict[str, Signal]]:
    """By name; values in mV."""
    random = np.random.default_rng(20)
    gaps = twelve()
    for name in ("II", "V2"):
        gaps[name][1500:2200] = np.nan
    gaps["V5"][:] = np.nan
    return {
        "noise": {name: random.normal(0, 0.3, 5000) for name in _LEADS},
        "gaps": gaps,
        "flat": {name: np.zeros(5000) for name in _LEADS},
        "paced": paced(),
        "fast": twelve(10.0, 300.0),
    }


def as_body(leads: dict[str, Signal]) -> dict[str, Any]:
    """Missing samples are null."""
    return {
        "leads": [
            {"name": name, "signal": [None if np.isnan(v) else round(float(v), 4) for v in signal],
             "sampling_rate": FS, "unit": "mV"}
            for name, signal in leads.items()
        ]
    }  # fmt: skip

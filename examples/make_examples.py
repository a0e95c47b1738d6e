"""Makes the example files beside it: synthetic, so anybody may have them.

Run it with ``python -m examples.make_examples``.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from ecg_core.signal.synthetic import TWELVE_LEADS, synthesize_ecg

HERE = Path(__file__).parent


def make_twelve_leads() -> None:
    """12 leads of 10 s at 500 Hz in µV, as the body of POST /ecgs."""
    signals = np.round(synthesize_ecg(10, 500) * 1000).astype(int)
    leads = [
        {"name": name, "number_of_samples": len(signal), "signal": signal.tolist()}
        for name, signal in zip(TWELVE_LEADS, signals, strict=True)
    ]
    body = {"sampling_rate": 500, "unit": "uV", "recorded_at": "2026-01-15T09:30:00+00:00", "leads": leads}
    (HERE / "twelve-leads-10s.json").write_text(json.dumps(body, separators=(",", ":")) + "\n")


def make_long() -> None:
    """2 leads of 5 min at 250 Hz in mV as a table with a time column."""
    signals = synthesize_ecg(300, 250, heart_rate_bpm=78, leads=("II", "V5"), seed=2)
    rows = (f"{n / 250:.3f},{two:.3f},{five:.3f}" for n, (two, five) in enumerate(signals.T))
    (HERE / "two-leads-5min.csv").write_text("\n".join(["time (s),II (mV),V5 (mV)", *rows]) + "\n")


if __name__ == "__main__":
    make_twelve_leads()
    make_long()

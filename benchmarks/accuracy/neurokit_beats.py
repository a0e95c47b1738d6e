"""Run by ``benchmarks.accuracy.peers`` in the peer's environment: ``neurokit_beats.py LEADS FOUND``."""

import sys
import time

import neurokit2
import numpy as np

leads, found, seconds = np.load(sys.argv[1]), {}, 0.0
for name in leads.files:
    if name.startswith("fs "):
        continue
    fs = float(leads[f"fs {name}"])
    begin = time.perf_counter()
    try:
        cleaned = neurokit2.ecg_clean(leads[name], sampling_rate=int(fs))
        peaks = neurokit2.ecg_peaks(cleaned, sampling_rate=int(fs))[1]["ECG_R_Peaks"]
    except (ValueError, IndexError, ZeroDivisionError):
        peaks = []
    seconds += time.perf_counter() - begin
    found[name] = np.asarray(peaks, float) / fs
np.savez(sys.argv[2], seconds=seconds, **found)

"""Run by ``benchmarks.accuracy.wave_peers`` in the peer's environment: ``neurokit_waves.py RECORDS FOUND``.

RECORDS holds for each name ``NAME`` (leads, n), ``NAME beats`` and ``NAME fs``; FOUND gets ``NAME METHOD`` of
the shape (leads, beats, 3 waves, 3 marks), NaN where there is none.
"""

import sys
import warnings

import neurokit2
import numpy as np

METHODS = ("dwt", "prominence")
MARKS = ((0, "Onsets"), (2, "Offsets"))


def peaks_near(lead, beats, fs):
    """The extreme of the lead within 60 ms of each beat, which the delineator starts from."""
    reach = round(0.06 * fs)
    parts = [lead[max(beat - reach, 0) : beat + reach + 1] for beat in beats]
    return np.array([max(b - reach, 0) + np.abs(p).argmax() for b, p in zip(beats, parts, strict=True)])


def delineated(lead, beats, fs, method):
    out = np.full((len(beats), 3, 3), np.nan)
    try:
        cleaned = neurokit2.ecg_clean(lead, sampling_rate=fs)
        found = neurokit2.ecg_delineate(
            cleaned, peaks_near(cleaned, beats, fs), sampling_rate=fs, method=method
        )[1]
    except (ValueError, IndexError, KeyError, TypeError, ZeroDivisionError):
        return out
    for wave, letter in enumerate("PRT"):
        for mark, name in MARKS:
            samples = np.asarray(found.get(f"ECG_{letter}_{name}", []), float)
            if len(samples) == len(beats):
                out[:, wave, mark] = samples
    return out


warnings.filterwarnings("ignore")
records, result = np.load(sys.argv[1]), {}
for name in records.files:
    if " " not in name:
        beats, fs = records[f"{name} beats"], int(records[f"{name} fs"])
        for method in METHODS:
            result[f"{name} {method}"] = np.stack([delineated(x, beats, fs, method) for x in records[name]])
np.savez(sys.argv[2], **result)

"""The waves that NeuroKit2 finds, by two of its methods, in an environment of its own."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.ludb import Marks
from benchmarks.accuracy.peers import _MAKE_VENV, _ROOT, _VENV

METHODS = ("dwt", "prominence")
Found = dict[int, NDArray[np.float64]]


def find_waves_by_neurokit(records: dict[int, Marks]) -> dict[str, Found | str]:
    """The marks (leads, beats, 3 waves, 3 marks) of each record by method; or why there are none."""
    names = {f"NeuroKit2 {method}": method for method in METHODS}
    done = subprocess.run(["bash", "-c", _MAKE_VENV], cwd=_ROOT, capture_output=True, text=True)
    if done.returncode:
        return dict.fromkeys(names, "cannot be installed")
    with tempfile.TemporaryDirectory() as folder:
        signals, found = Path(folder, "signals.npz"), Path(folder, "found.npz")
        arrays: dict[str, NDArray[np.float64]] = {}
        for number, record in records.items():
            arrays[f"{number}"], arrays[f"{number} beats"] = record.values_mv, record.beats()
            arrays[f"{number} fs"] = np.float64(record.fs)
        np.savez(signals, **arrays)
        script = _ROOT / "benchmarks/accuracy/neurokit_waves.py"
        python = _ROOT / _VENV / "bin" / "python"
        done = subprocess.run([python, script, signals, found], capture_output=True, text=True)
        if done.returncode:
            return dict.fromkeys(names, f"failed: {done.stderr.strip().splitlines()[-1][:40]}")
        with np.load(found) as stored:
            return {name: {n: stored[f"{n} {method}"] for n in records} for name, method in names.items()}

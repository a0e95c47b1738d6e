"""The beats that others find: sleepecg, wfdb's XQRS and NeuroKit2, each in one lead (II, else the first)."""

from __future__ import annotations

import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import sleepecg
import wfdb.processing

from benchmarks.accuracy.ec57 import Times
from benchmarks.accuracy.records import Record

_ROOT = Path(__file__).resolve().parents[2]
_VENV, _REQUIREMENTS = ".venv-peer-accuracy", "accuracy-peer-requirements.txt"
_MAKE_VENV = f"cd benchmarks && . ../install.sh && install_into ../{_VENV} {_REQUIREMENTS}"
NEUROKIT_PYTHON = _ROOT / _VENV / "bin" / "python"
Found = tuple[dict[str, Times], float]


def find_by_peers(records: Sequence[Record]) -> dict[str, Found | str]:
    """The beats in seconds of each record, and the seconds of work; or why there are none."""
    return {
        "sleepecg": _timed(records, _by_sleepecg),
        "XQRS": _timed(records, _by_xqrs),
        "NeuroKit2": _by_neurokit(records),
    }


def why_no_neurokit(*, may_install: bool = True) -> str:
    """Empty where its environment is there, or could be made; else the reason."""
    if not may_install:
        return "" if NEUROKIT_PYTHON.exists() else "is not installed by the short form"
    done = subprocess.run(["bash", "-c", _MAKE_VENV], cwd=_ROOT, capture_output=True, text=True)
    lines = (done.stderr.strip() or "no reason given").splitlines()
    return "" if done.returncode == 0 else f"cannot be installed: {lines[-1][:60]}"


def lead_for_peers(record: Record) -> np.ndarray:
    names = [name.upper() for name in record.lead_names]
    return np.nan_to_num(record.values_mv[names.index("II") if "II" in names else 0])


def _timed(records: Sequence[Record], find: Callable[[np.ndarray, float], np.ndarray]) -> Found:
    leads = {record.name: (lead_for_peers(record), record.fs) for record in records}
    begin = time.perf_counter()
    times = {name: np.asarray(find(lead, fs)) / fs for name, (lead, fs) in leads.items()}
    return times, time.perf_counter() - begin


def _by_sleepecg(lead: np.ndarray, fs: float) -> np.ndarray:
    return sleepecg.detect_heartbeats(lead, fs)


def _by_xqrs(lead: np.ndarray, fs: float) -> np.ndarray:
    return np.sort(wfdb.processing.xqrs_detect(lead, fs, verbose=False))


def _by_neurokit(records: Sequence[Record]) -> Found | str:
    """In an environment of its own, since it asks for packages that the product does not have."""
    if why := why_no_neurokit():
        return why
    with tempfile.TemporaryDirectory() as folder:
        leads, found = Path(folder, "leads.npz"), Path(folder, "found.npz")
        rates = {f"fs {record.name}": np.float64(record.fs) for record in records}
        np.savez(leads, **{record.name: lead_for_peers(record) for record in records}, **rates)
        script = _ROOT / "benchmarks/accuracy/neurokit_beats.py"
        done = subprocess.run([NEUROKIT_PYTHON, script, leads, found], capture_output=True, text=True)
        if done.returncode:
            return f"failed: {done.stderr.strip().splitlines()[-1][:60]}"
        with np.load(found) as stored:
            return {record.name: stored[record.name] for record in records}, float(stored["seconds"])


warnings.filterwarnings("ignore", module="wfdb")

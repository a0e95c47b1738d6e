"""How soon an ECG is measured: twelve leads of ten seconds beside NeuroKit2, a day, beats beside sleepecg.

NeuroKit2 runs in an environment of its own, made on first use; the short form compares only where there is
one.
"""

from __future__ import annotations

import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import sleepecg

from benchmarks.accuracy.peers import NEUROKIT_PYTHON, why_no_neurokit
from benchmarks.rows import Row
from ecg_core.domain import Lead
from ecg_core.signal.analyze import analyze
from ecg_core.signal.qrs import find_qrs
from ecg_core.signal.synthetic import TWELVE_LEADS, synthesize_ecg

_FS, _DAY_FS, _DAY_LEADS = 500, 250, ("II", "V1", "V5")
_LEAST_TIMES, _MOST_MS, _MOST_DAY_S, _MOST_OF_SLEEPECG = 20.0, 80.0, 10.0, 3.0
_PEER = Path(__file__).parent / "accuracy" / "neurokit_process.py"


def measure(short: bool) -> list[Row]:
    """Rows of the twelve leads, the day and the beats."""
    signals = synthesize_ecg(10, _FS)
    rounds = 3 if short else 15
    ours = _median_ms(lambda: analyze(_leads(TWELVE_LEADS, signals, _FS)), rounds)
    peer = _by_neurokit(signals, may_install=not short)
    return [*_twelve_rows(ours, peer), _day_row(1.0 if short else 24.0), _beats_row(rounds)]


def _leads(names: tuple[str, ...], signals: np.ndarray, fs: int) -> list[Lead]:
    counts = np.round(signals * 1000).astype(np.int16)
    return [Lead(n, values, float(fs), "mV", 0.001) for n, values in zip(names, counts, strict=True)]


def _median_ms(work: Callable[[], object], rounds: int) -> float:
    times = []
    for _ in range(rounds + 1):  # the first reads the weights
        begin = time.perf_counter()
        work()
        times.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times[1:])


def _by_neurokit(signals: np.ndarray, *, may_install: bool) -> float | str:
    """Milliseconds of ``ecg_process`` over the same leads, one after the other, or why there are none."""
    if why := why_no_neurokit(may_install=may_install):
        return why
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "leads.npy")
        np.save(file, signals)
        done = subprocess.run([NEUROKIT_PYTHON, _PEER, file, str(_FS)], capture_output=True, text=True)
    return float(done.stdout) if done.returncode == 0 else done.stderr.strip().splitlines()[-1][:100]


def _twelve_rows(ours: float, peer: float | str) -> list[Row]:
    work = "12 leads × 10 s, everything"
    rows = [Row(work, f"{ours:.0f} ms", "–", f"{ours:.0f} ms", f"≤ {_MOST_MS:g} ms", ours <= _MOST_MS)]
    if isinstance(peer, str):
        return [*rows, Row(f"{work}, NeuroKit2", "–", peer, "–", f"≥ {_LEAST_TIMES:g} times", True)]
    times = peer / ours
    told = f"{times:.0f} times as fast"
    return [
        *rows,
        Row(f"{work}, NeuroKit2's ecg_process", f"{ours:.0f} ms", f"{peer:.0f} ms", told,
            f"≥ {_LEAST_TIMES:g} times", times >= _LEAST_TIMES),
    ]  # fmt: skip


def _day_row(hours: float) -> Row:
    """Ten synthetic minutes again and again, under noise that makes every beat another."""
    length = round(hours * 3600 * _DAY_FS)
    rng = np.random.default_rng(2)
    signals = [
        np.resize(lead, length) + rng.normal(0, 0.005, length)
        for lead in synthesize_ecg(600, _DAY_FS, leads=_DAY_LEADS)
    ]
    leads = [_leads((name,), lead[None], _DAY_FS)[0] for name, lead in zip(_DAY_LEADS, signals, strict=True)]
    begin = time.perf_counter()
    beats = len(analyze(leads).beats)
    seconds = time.perf_counter() - begin
    most = _MOST_DAY_S * hours / 24.0
    work, figure = f"{hours:g} h × 3 leads, everything", f"{seconds:.1f} s"
    return Row(work, f"{beats:,} beats", "–", figure, f"≤ {most:.2g} s", seconds <= most)


def _beats_row(rounds: int) -> Row:
    """Of half an hour of two leads, as of an MIT-BIH record; per lead."""
    leads = synthesize_ecg(1800, 360, leads=("II", "V1"))
    ours = _median_ms(lambda: find_qrs([(lead, 360.0) for lead in leads]), rounds) / len(leads)
    peer = _median_ms(lambda: sleepecg.detect_heartbeats(leads[0], 360.0), rounds)
    times = ours / peer
    figure, target = f"{times:.1f} times sleepecg's", f"≤ {_MOST_OF_SLEEPECG:g} times"
    work = "beats of 30 min, per lead"
    return Row(work, f"{ours:.0f} ms", f"{peer:.0f} ms", figure, target, times <= _MOST_OF_SLEEPECG)

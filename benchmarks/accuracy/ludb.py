"""The cardiologists' marks of LUDB: P, QRS and T of each lead, and of all leads together.

Lobachevsky University Database (Kalyakulina et al., IEEE Access 2020;8:186181; PhysioNet,
doi:10.13026/eegm-h675), ODC-By 1.0.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LEADS = ("i", "ii", "iii", "avr", "avl", "avf", "v1", "v2", "v3", "v4", "v5", "v6")
WAVES = "PNT"  # P, QRS, T
#: Of which a wave must be marked to count for the heart.
LEAST_LEADS = 6
_SAME_BEAT_S = 0.15
_FURTHEST_P_S = 0.45


@dataclass(frozen=True, eq=False)
class LeadMarks:
    """The marked waves of one lead.

    Attributes
    ----------
    waves : dict of str to ndarray of int64, shape (k, 3)
        Onset, peak and offset in samples of the waves "P", "N" (QRS) and "T"; -1 where not marked.
    marked : tuple of int
        First and last marked sample: nothing is known outside.
    """

    waves: dict[str, NDArray[np.int64]]
    marked: tuple[int, int]

    def spans(self, wave: str) -> NDArray[np.int64]:
        """Onset and offset of the waves of which both are marked, shape (k, 2)."""
        of_kind = self.waves[wave]
        return of_kind[(of_kind[:, 0] >= 0) & (of_kind[:, 2] >= 0)][:, [0, 2]]


@dataclass(frozen=True, eq=False)
class Marks:
    """One record: ``values_mv`` (leads, n) at ``fs`` Hz, and the marks of each lead."""

    fs: float
    values_mv: NDArray[np.float64]
    leads: tuple[LeadMarks, ...]

    def beats(self) -> NDArray[np.int64]:
        """The beats: middles of the marked QRS peaks of at least half the leads."""
        peaks = [lead.waves["N"][:, 1] for lead in self.leads]
        return clusters(np.concatenate(peaks), self.fs, len(peaks) / 2)


def read_ludb(folder: Path) -> dict[int, Marks]:
    """The records of the folder by number."""
    import wfdb

    records = {}
    for path in sorted(folder.glob("*.hea"), key=lambda p: int(p.stem)):
        record = wfdb.rdrecord(str(path.with_suffix("")))
        leads = [wfdb.rdann(str(path.with_suffix("")), lead) for lead in LEADS]
        values = dict(zip([n.lower() for n in record.sig_name], record.p_signal.T, strict=True))
        records[int(path.stem)] = Marks(
            float(record.fs),
            np.stack([values[lead] for lead in LEADS]),
            tuple(lead_marks(a.sample, a.symbol) for a in leads),
        )
    return records


def lead_marks(samples: NDArray[np.int64], symbols: list[str]) -> LeadMarks:
    """Read ``( p )``, ``( N )``, ``( t )``: a bracket beside a peak is its onset or offset."""
    waves: dict[str, list[tuple[int, int, int]]] = {w: [] for w in WAVES}
    for i, symbol in enumerate(symbols):
        if symbol.upper() in WAVES:
            onset = samples[i - 1] if i and symbols[i - 1] == "(" else -1
            closed = i + 1 < len(symbols) and symbols[i + 1] == ")"
            waves[symbol.upper()].append((onset, samples[i], samples[i + 1] if closed else -1))
    arrays = {w: np.array(v, np.int64).reshape(-1, 3) for w, v in waves.items()}
    return LeadMarks(arrays, (int(samples[0]), int(samples[-1])))


def clusters(peaks: NDArray[np.int64], fs: float, least: float) -> NDArray[np.int64]:
    """Middles of the groups of at least so many peaks that lie within 150 ms of each other."""
    peaks = np.sort(peaks)
    groups = np.split(peaks, np.flatnonzero(np.diff(peaks) > _SAME_BEAT_S * fs) + 1)
    return np.array([int(np.median(g)) for g in groups if len(g) >= least and len(g)], np.int64)


def by_beat(leads: tuple[LeadMarks, ...], beats: NDArray[np.int64], fs: float) -> NDArray[np.int64]:
    """The waves of each beat, shape (leads, beats, 3 waves, 3 marks), -1 where there is none.

    QRS is the one within 150 ms of the beat, P the last one within 450 ms before and after the beat before,
    T the first one after the beat and before the next.
    """
    out = np.full((len(leads), len(beats), 3, 3), -1, np.int64)
    edges = np.r_[-(10**9), beats, 10**9]
    for i, lead in enumerate(leads):
        p, qrs, t = (lead.waves[w] for w in WAVES)
        for j, beat in enumerate(beats):
            near = qrs[np.abs(qrs[:, 1] - beat) <= _SAME_BEAT_S * fs]
            before = p[(p[:, 1] < beat) & (p[:, 1] > max(edges[j], beat - _FURTHEST_P_S * fs))]
            after = t[(t[:, 1] > beat) & (t[:, 1] < edges[j + 2])]
            if len(near):
                out[i, j, 1] = near[0]
            if len(before):
                out[i, j, 0] = before[-1]
            if len(after):
                out[i, j, 2] = after[0]
    return out


def second_extremes(marks: NDArray[np.float64], least: int = LEAST_LEADS) -> NDArray[np.float64]:
    """Second-earliest onset and second-latest offset over the leads.

    ``marks`` has the shape (leads, beats, 3 waves, 3 marks), in any unit, -1 or NaN absent; the result
    (beats, 3 waves, 2), NaN where fewer leads than ``least`` carry both marks of the wave.
    """
    m = np.where(np.asarray(marks, float) < 0, np.nan, marks)
    spans = m[..., [0, 2]]
    carried = np.isfinite(spans).all(-1)
    spans = np.where(carried[..., None], spans, np.nan)
    if len(m) < 2:
        return np.full((*m.shape[1:3], 2), np.nan)
    ordered = np.sort(np.stack([spans[..., 0], -spans[..., 1]], -1), axis=0)  # NaN last
    return np.where((carried.sum(0) >= least)[..., None], ordered[1] * np.array([1, -1]), np.nan)


def global_marks(leads: tuple[LeadMarks, ...], wave: str, fs: float = 500.0) -> NDArray[np.int64]:
    """Second-earliest onset and second-latest offset of the waves in at least 6 leads, shape (k, 2)."""
    beats = Marks(fs, np.empty(0), leads).beats()
    found = second_extremes(by_beat(leads, beats, fs))[:, WAVES.index(wave)]
    return found[np.isfinite(found).all(1)].astype(np.int64)

"""WFDB records with experts' beats: of one list (``.atr``), or of marks in each lead (LUDB)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import wfdb
from numpy.typing import NDArray

from benchmarks.accuracy.ec57 import BEAT_LABELS, Span, Times

_LEARNING_S = 300.0
_LUDB_LEADS = ("i", "ii", "iii", "avr", "avl", "avf", "v1", "v2", "v3", "v4", "v5", "v6")
_SAME_BEAT_S = 0.12
_MARGIN_S = 0.15


@dataclass(frozen=True, eq=False)
class Record:
    """A recording and its experts' beats.

    Attributes
    ----------
    values_mv : ndarray, shape (leads, n)
    beats_s : ndarray, shape (k,)
        Seconds, increasing.
    labels : tuple of str
        Of each beat, as WFDB has them.
    unmarked : tuple of (float, float)
        Spans in seconds where the experts mark no beats, though there may be some.
    learning : tuple of (float, float)
        Spans that detectors are given to learn in.
    """

    name: str
    fs: float
    values_mv: NDArray[np.float64]
    lead_names: tuple[str, ...]
    beats_s: Times
    labels: tuple[str, ...]
    unmarked: tuple[Span, ...]
    learning: tuple[Span, ...] = ()

    @property
    def left_out(self) -> tuple[Span, ...]:
        """Where nothing counts."""
        return (*self.unmarked, *self.learning)


def read_records(folder: Path) -> Iterator[Record]:
    """The records of a folder that have beats of an expert, by name."""
    for header in sorted(folder.glob("*.hea"), key=lambda path: (len(path.stem), path.stem)):
        if header.with_suffix(".atr").exists():
            yield _with_beats(header)
        elif header.with_suffix(".ii").exists():
            record = _with_lead_marks(header)
            if len(record.beats_s) > 1:
                yield record


def _with_beats(header: Path) -> Record:
    """EC57: the first five minutes are for learning, and ventricular flutter does not count."""
    signal, marks = wfdb.rdrecord(str(header.with_suffix(""))), wfdb.rdann(str(header.with_suffix("")), "atr")
    times, symbols = marks.sample / signal.fs, np.array(marks.symbol)
    is_beat = np.isin(symbols, sorted(BEAT_LABELS))
    starts, ends = times[symbols == "["], times[symbols == "]"]
    flutter = tuple((float(s), float(ends[ends > s].min(initial=np.inf))) for s in starts)
    learning = (
        ((-np.inf, _LEARNING_S),) if signal.sig_len / signal.fs > 2 * _LEARNING_S and _is_mit(header) else ()
    )
    return Record(
        header.stem,
        float(signal.fs),
        signal.p_signal.T,
        tuple(signal.sig_name),
        times[is_beat],
        tuple(symbols[is_beat].tolist()),
        tuple((s - _MARGIN_S, e + _MARGIN_S) for s, e in flutter),
        learning,
    )


def _is_mit(header: Path) -> bool:
    return header.stem.isdigit()


def _with_lead_marks(header: Path) -> Record:
    """LUDB marks each lead apart, and not the beats at the edges: only from the first to the last counts."""
    signal = wfdb.rdrecord(str(header.with_suffix("")))
    found = [wfdb.rdann(str(header.with_suffix("")), lead) for lead in _LUDB_LEADS]
    peaks = [np.asarray(each.sample)[np.array(each.symbol) == "N"] / signal.fs for each in found]
    beats = cluster(peaks)
    edges = (beats[0] - _MARGIN_S, beats[-1] + _MARGIN_S) if len(beats) else (np.inf, np.inf)
    unmarked = ((-np.inf, edges[0]), (edges[1], np.inf))
    labels = ("N",) * len(beats)
    return Record(
        header.stem, float(signal.fs), signal.p_signal.T, tuple(signal.sig_name), beats, labels, unmarked
    )


def cluster(peaks_s: Sequence[Times]) -> Times:
    """One beat for the marks of several leads that follow each other within 0.12 s: their median."""
    together = np.sort(np.concatenate(peaks_s)) if peaks_s else np.empty(0)
    if not len(together):
        return together
    groups = np.split(together, np.flatnonzero(np.diff(together) > _SAME_BEAT_S) + 1)
    return np.array([np.median(group) for group in groups])

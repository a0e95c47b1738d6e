"""Accuracy of the indicator of atrial fibrillation, per window of beats, against rhythm annotations.

A window is in fibrillation if more than half of its beats are inside ``(AFIB``. Windows that hold flutter
(``(AFL``) and not mostly fibrillation count neither way: how many of them are indicated is given apart.
Windows follow one another without overlap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import wfdb
from numpy.typing import NDArray

from benchmarks.accuracy.rows import AccuracyRow
from ecg_core.domain import Lead
from ecg_core.signal.af_indicator import WINDOW_BEATS, Models, af_windows, read_models
from ecg_core.signal.atrial_segments import atrial_segments, preferred_leads
from ecg_core.signal.beat_kinds import KINDS, classify_beats
from ecg_core.signal.beats import find_recording_beats

LENGTHS = (10, 20, 30, 60)
HALVES = Path(__file__).with_name("af_indicator_halves.json")
_TARGET = 95.0
_BEATS = list("NLRBAaJSVrFejnE/fQ?")
_UNUSUAL = list("VEF!/f")

Beats = tuple[NDArray[np.float64], NDArray[np.bool_] | None]


@dataclass(frozen=True, eq=False)
class AfRecord:
    """A record with its rhythm.

    Attributes
    ----------
    database, name : str
    fs : float
        In Hz.
    leads : tuple of str
    values : ndarray, shape (leads, n)
        In mV.
    beats_s : ndarray
        The reference beats in s.
    usual : ndarray of bool
        False for ventricular, fusion and paced ones.
    rhythm : list of (begin_s, end_s, label)
        Without spells of which nothing is said.
    """

    database: str
    name: str
    fs: float
    leads: tuple[str, ...]
    values: NDArray[np.float64]
    beats_s: NDArray[np.float64]
    usual: NDArray[np.bool_]
    rhythm: list[tuple[float, float, str]] = field(default_factory=list)

    @property
    def is_odd(self) -> bool:
        """Of the odd half: by the number of the record, in CPSC2021 by that of the patient."""
        return int(self.name.split("_")[1] if "_" in self.name else self.name) % 2 == 1


@dataclass(frozen=True)
class AfRow:
    """Counts of windows for one database, or one record."""

    name: str
    window_beats: int
    found: int
    missed: int
    rejected: int
    false: int
    flutter: int = 0
    flutter_indicated: int = 0

    @property
    def sensitivity(self) -> float:
        """In %; NaN where there is no fibrillation."""
        return _percent(self.found, self.found + self.missed)

    @property
    def specificity(self) -> float:
        """In %."""
        return _percent(self.rejected, self.rejected + self.false)


def read_records(folder: Path) -> Iterator[AfRecord]:
    """The records of a folder that have an ``.atr``."""
    for header in sorted(folder.glob("*.hea")):
        if header.with_suffix(".atr").exists():
            yield read_record(header.with_suffix(""))


def read_record(path: Path) -> AfRecord:
    record = wfdb.rdrecord(str(path))
    marks = wfdb.rdann(str(path), "atr")
    symbols = np.asarray(marks.symbol)
    is_beat = np.isin(symbols, _BEATS)
    notes = [note.rstrip("\x00") for note in marks.aux_note]
    return AfRecord(
        path.parent.name,
        path.name,
        float(record.fs),
        tuple(record.sig_name),
        record.p_signal.T,
        np.asarray(marks.sample)[is_beat] / record.fs,
        ~np.isin(symbols[is_beat], _UNUSUAL),
        rhythm_spans(np.asarray(marks.sample) / record.fs, notes, record.sig_len / record.fs),
    )


def rhythm_spans(
    times_s: NDArray[np.float64], notes: list[str], end_s: float
) -> list[tuple[float, float, str]]:
    """Each rhythm label holds until the next one."""
    changes = [(float(at), note) for at, note in zip(times_s, notes, strict=True) if note.startswith("(")]
    ends = [at for at, _ in changes[1:]] + [end_s] * bool(changes)
    return [(at, end, note) for (at, note), end in zip(changes, ends, strict=True)]


def beat_labels(beats_s: NDArray[np.float64], rhythm: list[tuple[float, float, str]]) -> NDArray[np.int64]:
    """1 for a beat in fibrillation, 2 in flutter, 0 in any other rhythm (a change counts 10 ms early)."""
    labels = np.zeros(len(beats_s), np.int64)
    for begin, end, note in rhythm:
        inside = (beats_s >= begin - 0.01) & (beats_s < end - 0.01)
        labels[inside] = {"(AFIB": 1, "(AFL": 2}.get(note, 0)
    return labels


def window_truth(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of windows, shape (windows, beats): 1 mostly fibrillation, 2 not mostly but some flutter, else 0."""
    mostly = (labels == 1).mean(axis=1) > 0.5
    return np.where(mostly, 1, np.where((labels == 2).any(axis=1), 2, 0))


def count_windows(name: str, truth: NDArray[np.int64], logits: NDArray[np.float64], beats: int) -> AfRow:
    """Windows without a logit (over a gap) count as not indicated."""
    indicated = np.nan_to_num(logits, nan=-1.0) > 0
    return AfRow(
        name,
        beats,
        int((indicated & (truth == 1)).sum()),
        int((~indicated & (truth == 1)).sum()),
        int((~indicated & (truth == 0)).sum()),
        int((indicated & (truth == 0)).sum()),
        int((truth == 2).sum()),
        int((indicated & (truth == 2)).sum()),
    )


def reference_beats(record: AfRecord) -> Beats:
    return record.beats_s, record.usual


def product_beats(record: AfRecord) -> Beats:
    """As the product finds and classifies them in the signal."""
    leads = [
        Lead(name=name, samples=values, sampling_rate_hz=record.fs, unit="mV")
        for name, values in zip(record.leads, record.values, strict=True)
    ]
    found = find_recording_beats(leads)
    if not found.fs:
        return np.empty(0), None
    kinds = classify_beats(leads, found).kinds
    return found.samples / found.fs, ~np.isin(kinds, [KINDS.index("ventricular"), KINDS.index("paced")])


def score_record(
    record: AfRecord,
    *,
    beats: Callable[[AfRecord], Beats] = reference_beats,
    with_p: bool = True,
    models: Models | None = None,
    lengths: Iterable[int] = LENGTHS,
) -> list[AfRow]:
    """One row for each length of window in beats."""
    beats_s, usual = beats(record)
    chosen = record.values[preferred_leads(record.leads)]
    segments = atrial_segments(chosen, record.fs, beats_s) if with_p else None
    weighed = af_windows(beats_s, segments=segments, usual=usual, models=models)
    labels = beat_labels(beats_s, record.rhythm)
    rows = []
    for length in lengths:
        first = np.arange(0, len(beats_s) - length + 1, length)
        inside = [(weighed.first >= at) & (weighed.first <= at + length - WINDOW_BEATS) for at in first]
        logits = np.array([weighed.logit[each].mean() if each.any() else np.nan for each in inside])
        truth = window_truth(labels[first[:, None] + np.arange(length)])
        rows.append(count_windows(record.name, truth, logits, length))
    return rows


def accuracy_rows(folder: Path, with_peers: bool = True) -> list[AccuracyRow]:
    """Per window of ten beats, with the product's own beats and kinds; none without fibrillation."""
    if next(read_records(folder), None) is None:
        return []
    shipped = score(folder, beats=product_beats, lengths=LENGTHS[:1])[-1]
    if not shipped.found + shipped.missed:
        return []
    held = score(folder, beats=product_beats, held_out=True, lengths=LENGTHS[:1])[-1]
    met = min(held.sensitivity, held.specificity) >= _TARGET
    told = f"Se and Sp {_TARGET:g} %"
    cells = (f"{row.sensitivity:.1f} / {row.specificity:.1f}" for row in (shipped, held))
    return [AccuracyRow("atrial fibrillation, per 10 beats", folder.name, *cells, told, met)]


def score(
    folder: Path,
    *,
    beats: Callable[[AfRecord], Beats] = reference_beats,
    with_p: bool = True,
    held_out: bool = False,
    lengths: Iterable[int] = LENGTHS,
) -> list[AfRow]:
    """Rows of each record, then of the folder as a whole.

    ``held_out``: each record is judged by the weights that were fitted to the other half (odd and even
    numbers), instead of by the shipped ones, which were fitted to both.
    """
    halves = read_halves() if held_out else {}
    rows = [
        row
        for record in read_records(folder)
        for row in score_record(
            record,
            beats=beats,
            with_p=with_p,
            models=halves.get("even" if record.is_odd else "odd"),
            lengths=lengths,
        )
    ]
    return rows + [total(folder.name, [row for row in rows if row.window_beats == n]) for n in lengths]


def read_halves() -> dict[str, Models]:
    """``odd``: fitted to records with odd numbers; ``even``."""
    both = read_models(HALVES)
    return {half: {name: both[f"{half}:{name}"] for name in ("rr", "rr_and_p")} for half in ("odd", "even")}


def total(name: str, rows: list[AfRow]) -> AfRow:
    """Gross: windows summed over records."""
    counts = np.sum(
        [[r.found, r.missed, r.rejected, r.false, r.flutter, r.flutter_indicated] for r in rows], axis=0
    )
    return AfRow(name, rows[0].window_beats, *(int(count) for count in counts))


def _percent(part: int, whole: int) -> float:
    return 100.0 * part / whole if whole else float("nan")

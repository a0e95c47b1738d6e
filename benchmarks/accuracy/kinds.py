"""Are ventricular beats told from the others? V and E against the rest, as EC57 counts them.

First five minutes and ventricular flutter left out; records of a pacemaker (102, 104, 107, 217) do not
count; a fusion beat may be either.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.accuracy.ec57 import TOLERANCE_S, Tally, match_beats, tally_beats, total
from benchmarks.accuracy.records import Record, read_records
from benchmarks.accuracy.rows import AccuracyRow
from ecg_core.domain import Lead
from ecg_core.signal.beat_kinds import KINDS, KindNetwork, classify_beats, read_kind_networks
from ecg_core.signal.beats import RecordingBeats
from ecg_core.signal.qrs import Network, find_qrs, read_network

PACED = frozenset({"102", "104", "107", "217"})
_HALVES = Path(__file__).with_name("halves")
_TARGETS = {"mitdb": 95.0}
print_records = False


def score(folder: Path, with_peers: bool = True) -> list[AccuracyRow]:
    """One row; none of a database in which ventricular beats are not told apart."""
    records = [r for r in read_records(folder) if r.name not in PACED]
    if sum(label in "VE" for r in records for label in r.labels) < 100:
        return []
    begin = time.perf_counter()
    ours = {r.name: tally(r, *find_ours(r)) for r in records}
    seconds = time.perf_counter() - begin
    held = {r.name: tally(r, *find_ours(r, *_held_out(r))) for r in records}
    if print_records:
        _print_records(folder.name, ours, held)
    judged, target = total(held.values()), _TARGETS.get(folder.name)
    met = min(judged.sensitivity, judged.predictivity) >= target if target else None
    told = f"Se and +P {target:g} %" if target else ""
    shipped = f"{_cell(total(ours.values()))} in {seconds:.1f} s"
    return [AccuracyRow("ventricular beats", folder.name, shipped, _cell(judged), told, met)]


def find_ours(
    record: Record, network: Network | None = None, networks: Sequence[KindNetwork] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The beats in seconds, and whether each is suggested to be ventricular."""
    times = find_qrs([(lead, record.fs) for lead in record.values_mv], network=network).times_s
    leads = [Lead(n, v, record.fs) for n, v in zip(record.lead_names, record.values_mv, strict=True)]
    beats = RecordingBeats(leads[0].name, np.rint(times * record.fs).astype(np.int64), record.fs)
    kinds = classify_beats(leads, beats, networks=networks).kinds
    return times, kinds == KINDS.index("ventricular")


def tally(record: Record, times_s: np.ndarray, ventricular: np.ndarray) -> Tally:
    """Count ventricular beats; one that pairs with a fusion beat is neither right nor wrong."""
    labels = np.array(record.labels)
    fusion = labels == "F"
    found = times_s[ventricular]
    either = {j for i, j in match_beats(record.beats_s, found, TOLERANCE_S) if fusion[i]}
    counted = np.array([j not in either for j in range(len(found))], bool)
    return tally_beats(record.beats_s[np.isin(labels, ["V", "E"])], found[counted], record.left_out)


def _held_out(record: Record) -> tuple[Network, tuple[KindNetwork, ...]]:
    """What has learned from the records of the other half."""
    half = "even" if int(record.name) % 2 else "odd"
    return read_network(_HALVES / f"qrs_{half}.npz"), read_kind_networks(_HALVES / f"kinds_{half}.npz")


def _cell(tally: Tally) -> str:
    return f"{tally.sensitivity:.2f} / {tally.predictivity:.2f}"


def _print_records(name: str, ours: dict[str, Tally], held: dict[str, Tally]) -> None:
    for record, one in ours.items():
        half = held[record]
        if one.missed or one.false or half.missed or half.false:
            of = f"{half.missed} missed, {half.false} false of {half.true + half.missed}"
            print(
                f"{name} {record}, ventricular: shipped {one.missed} missed, {one.false} false; held out {of}"
            )

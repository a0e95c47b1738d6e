"""Are all beats found, and only beats? Ours from all leads together, the peers' from one.

Gross over the records of the folder, in percent. MIT-BIH without the first five minutes and without spells of
ventricular flutter; LUDB from the first to the last beat that is marked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.accuracy import noise
from benchmarks.accuracy.ec57 import Tally, Times, tally_beats, total
from benchmarks.accuracy.peers import find_by_peers
from benchmarks.accuracy.records import Record, read_records
from benchmarks.accuracy.rows import AccuracyRow
from ecg_core.signal.qrs import Network, find_qrs, read_network

_HALVES = Path(__file__).with_name("halves")
_NOISE_DB = 6.0
_TARGETS = {"mitdb": 99.7, "ludb": 99.8}
_NOISE_TARGETS = {"mitdb": 97.0}
print_records = False
Detector = Callable[[Record], Times]


@dataclass(frozen=True)
class Scores:
    """The tally of each record, and the seconds that all took."""

    tallies: dict[str, Tally]
    seconds: float

    @property
    def total(self) -> Tally:
        return total(self.tallies.values())


def score(folder: Path, with_peers: bool = True) -> list[AccuracyRow]:
    """The rows of a folder: beats as recorded, and with noise where a target is set for it."""
    records = list(read_records(folder))
    if not records:
        return []
    name, halves = folder.name, _halves(records)
    ours, held_out = run(records, find_ours), run_halves(halves)
    peers = find_by_peers(records) if with_peers else {}
    rows = [_row("beats", name, ours, held_out, _TARGETS.get(name), _peer_cells(records, peers))]
    if print_records:
        _print_records(name, ours, held_out)
    for kind in (*noise.KINDS, "all") if name in _NOISE_TARGETS else ():
        noisy = [_noisy(record, kind, seed) for seed, record in enumerate(records)]
        target = _NOISE_TARGETS[name]
        what = f"beats, {'all three noises' if kind == 'all' else kind + ' noise'} at {_NOISE_DB:g} dB"
        rows.append(_row(what, name, run(noisy, find_ours), run_halves(_halves(noisy)), target, {}))
    return rows


def find_ours(record: Record, network: Network | None = None) -> Times:
    """The beats in seconds, by the network of the product unless another is given."""
    return find_qrs([(lead, record.fs) for lead in record.values_mv], network=network).times_s


def run(records: Sequence[Record], detector: Detector) -> Scores:
    begin, tallies = time.perf_counter(), {}
    for record in records:
        tallies[record.name] = tally_beats(record.beats_s, detector(record), record.left_out)
    return Scores(tallies, time.perf_counter() - begin)


def run_halves(halves: dict[str, list[Record]]) -> Scores:
    """Each record by the network that has learned from the other half."""
    networks = {half: read_network(_HALVES / f"qrs_{half}.npz") for half in halves}
    parts = [
        run(records, lambda record, of=networks[half]: find_ours(record, of))
        for half, records in halves.items()
    ]
    return Scores({k: v for part in parts for k, v in part.tallies.items()}, sum(p.seconds for p in parts))


def _halves(records: Sequence[Record]) -> dict[str, list[Record]]:
    """Records by the half that has *not* learned from them: odd and even numbers (or places)."""
    halves: dict[str, list[Record]] = {"odd": [], "even": []}
    for place, record in enumerate(records):
        number = int(record.name) if record.name.isdigit() else place
        halves["even" if number % 2 else "odd"].append(record)
    return halves


def _noisy(record: Record, kind: str, seed: int) -> Record:
    values = noise.add_noise(record.values_mv, record.fs, record.beats_s, kind, snr_db=_NOISE_DB, seed=seed)
    return replace(record, values_mv=values)


def _row(
    what: str, data: str, ours: Scores, held_out: Scores, target: float | None, peers: dict[str, str]
) -> AccuracyRow:
    told = f"Se and +P {target:g} %" if target else ""
    judged = held_out.total
    met = min(judged.sensitivity, judged.predictivity) >= target if target else None
    return AccuracyRow(
        what, data, f"{_cell(ours.total)} in {ours.seconds:.1f} s", _cell(judged), told, met, peers
    )


def _cell(tally: Tally) -> str:
    return f"{tally.sensitivity:.2f} / {tally.predictivity:.2f}"


def _peer_cells(
    records: Sequence[Record], peers: dict[str, tuple[dict[str, Times], float] | str]
) -> dict[str, str]:
    cells = {}
    for name, found in peers.items():
        if isinstance(found, str):
            cells[name] = found
            continue
        times, seconds = found
        tallies = (tally_beats(r.beats_s, times[r.name], r.left_out) for r in records)
        cells[name] = f"{_cell(total(tallies))} in {seconds:.1f} s"
    return cells


def _print_records(name: str, ours: Scores, held_out: Scores) -> None:
    for record, tally in ours.tallies.items():
        half = held_out.tallies[record]
        if tally.missed or tally.false or half.missed or half.false:
            of = f"{half.missed} missed, {half.false} false of {half.true + half.missed}"
            print(f"{name} {record}: shipped {tally.missed} missed, {tally.false} false; held out {of}")

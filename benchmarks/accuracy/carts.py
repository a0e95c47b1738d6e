"""Do we measure what the carts measured? Ours beside the device's own numbers, where a file carries them."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.accuracy.rows import AccuracyRow
from ecg_core.command_line.files import NamedFiles
from ecg_core.domain import Recording
from ecg_core.readers import ReadOptions
from ecg_core.signal.analyze import analyze
from ecg_core.signal.device_values import TOLERANCES, device_values, difference

COMPARED = ("heart_rate", "pr_interval", "qrs_duration", "qt_interval", "qrs_axis")
_LEAST_SHARE = 0.8
print_records = False


@dataclass(frozen=True)
class Pair:
    """The device's number and ours of the same; ``ours`` is None where it is withheld, for ``reason``."""

    file: str
    name: str
    device: float
    ours: float | None
    reason: str = ""

    @property
    def is_within(self) -> bool:
        if self.ours is None:
            return False
        return abs(difference(self.name, self.ours, self.device)) <= TOLERANCES[self.name]


def score(folder: Path, with_peers: bool = True) -> list[AccuracyRow]:
    """A row a number, and one of all; none of a folder without a device's numbers."""
    found = [pair for name, recording in _recordings(folder) for pair in pairs_of(name, recording)]
    if not found:
        return []
    if print_records:
        _print(found)
    each = [[pair for pair in found if pair.name == name] for name in COMPARED]
    return [*(_row(of[0].name, folder, of) for of in each if of), _row("all", folder, found)]


def pairs_of(name: str, recording: Recording) -> list[Pair]:
    """Of each number that the device gave and we are compared in."""
    devices = device_values(recording.device)
    if not {*COMPARED} & {*devices}:
        return []
    measured = {one.name: one for one in analyze(recording.leads, metadata=recording.metadata).measurements}
    return [
        Pair(name, of, devices[of].value, measured[of].value, measured[of].reason)
        for of in COMPARED
        if of in devices
    ]


def _recordings(folder: Path) -> Iterator[tuple[str, Recording]]:
    """What can be read of a folder and those within it; what cannot is passed over."""
    files = [str(path) for path in sorted(folder.rglob("*")) if path.is_file()]
    with contextlib.redirect_stderr(io.StringIO()):
        for bundle, recording in NamedFiles(files, ReadOptions()).recordings():
            if recording.device:
                yield bundle.name, recording


def _row(name: str, folder: Path, pairs: Sequence[Pair]) -> AccuracyRow:
    within = sum(pair.is_within for pair in pairs)
    tolerance = f"{TOLERANCES[name]:g}" if name in TOLERANCES else "each tolerance"
    told = f"within {tolerance} of the device's in {_LEAST_SHARE:.0%}"
    met = within >= _LEAST_SHARE * len(pairs)
    return AccuracyRow(f"device values: {name}", folder.name, f"{within} of {len(pairs)}", "", told, met)


def _print(pairs: Sequence[Pair]) -> None:
    for pair in pairs:
        ours = f"withheld: {pair.reason}" if pair.ours is None else f"{pair.ours:.0f}"
        mark = "" if pair.is_within else "  <-"
        print(f"{Path(pair.file).name:45} {pair.name:14} device {pair.device:5.0f}  ours {ours}{mark}")

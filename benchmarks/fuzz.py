"""Every reader against damaged files: ``python -m benchmarks.fuzz [--minutes N] [--reader NAME]``.

A case is a good file with a few changes, made anew from the seed and its number alone. It is read in another
process under limits of time and memory. Right is an `UnreadableFileError` that a person can read, or a
recording that keeps the contract, can be measured and sent to the service; anything else is a crash. It is
saved, and ``--replay FILE`` reads it once more. Exit status 1 if there was one.

A refusal that only the last net of a reader caught ("cannot be read as an ECG (TypeError …)") is right, but
says little to a person; these are listed apart.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import multiprocessing
import os
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from benchmarks.mutations import mutate
from benchmarks.seeds import Seed, load_seeds
from ecg_core.domain import Recording
from ecg_core.errors import UnreadableFileError
from ecg_core.readers import READERS
from ecg_core.readers.messages import Request, packed
from ecg_core.readers.options import ReadOptions
from ecg_core.readers.table import read_here
from ecg_core.signal.statistics import summarize_lead
from tests.readers.soundness import check_sound
from tests.readers.test_readers_contract import check_contract

SECONDS = 10.0
MEMORY_BYTES = 2_000_000_000
CRASHES = Path(tempfile.gettempdir()) / "ecg-fuzz"
_MOST_SAVED = 3  # of one reader and reason
_TURN_SECONDS = 5.0
_WHOLE_SEEDS = 200_000  # bytes; larger files are taken less often, since reading them takes its time
_TEXT_FORMATS = ("json", "csv")  # their comments may hold anything; the service makes it printable
_UNFORESEEN = "The file cannot be read as an ECG ("


class TooLong(BaseException):
    """Raised by the timer; no reader catches it by accident."""


@dataclass(frozen=True)
class Outcome:
    """What became of a case: ``read``, ``refused``, ``unforeseen`` (refused by the last net) or ``crash``."""

    kind: str
    reason: str = ""


@dataclass
class Report:
    """Counts of outcomes by reader, and of the reasons of what should not be."""

    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    crashes: Counter[tuple[str, str]] = field(default_factory=Counter)
    unforeseen: Counter[tuple[str, str]] = field(default_factory=Counter)
    saved: list[Path] = field(default_factory=list)
    slowest_s: dict[str, float] = field(default_factory=dict)

    def add(self, reader: str, outcome: Outcome, seconds: float) -> None:
        self.slowest_s[reader] = max(seconds, self.slowest_s.get(reader, 0))
        self.kinds[reader, outcome.kind] += 1
        if outcome.kind == "crash":
            self.crashes[reader, outcome.reason] += 1
        if outcome.kind == "unforeseen":
            self.unforeseen[reader, outcome.reason] += 1

    @property
    def executions(self) -> int:
        return self.kinds.total()


def make_case(seeds: dict[str, list[Seed]], reader: str, run: int, number: int) -> Seed:
    """The case of a number, the same each time."""
    chance = random.Random(f"{run} {reader} {number}")
    weights = [min(1.0, _WHOLE_SEEDS / (one.size + 1)) for one in seeds[reader]]
    (seed,) = chance.choices(seeds[reader], weights)
    others = seeds[reader] if chance.random() < 0.7 else [one for some in seeds.values() for one in some]
    return mutate(seed, others, chance)


def examine(case: Seed) -> Outcome:
    """Read a case in this process and judge what came of it."""
    signal.signal(signal.SIGPROF, _ring)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        _ask_all(case.data)
        recording = read_here(Request(case.reader, case.data, ReadOptions(), case.siblings))
        _check(recording)
    except UnreadableFileError as error:
        return _refusal(error)
    except TooLong as error:
        return Outcome("crash", f"takes longer than {SECONDS:g} s, {_where(error)}")
    except Exception as error:
        return Outcome("crash", f"{type(error).__name__} {_where(error)}")
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return Outcome("read")


def _ring(*_: object) -> None:
    raise TooLong


def _ask_all(data: bytes) -> None:
    """No reader may fail at being asked whether a file is its own."""
    for reader in READERS:
        reader.recognizes(memoryview(data))
        if reader.accompanies:
            reader.accompanies(data)


def _check(recording: Recording) -> None:
    check_contract(recording)
    if recording.source_format not in _TEXT_FORMATS:
        check_sound(recording)
    msgspec.msgpack.encode(packed(recording))
    for lead in recording.leads:
        summarize_lead(lead)


def _refusal(error: UnreadableFileError) -> Outcome:
    text = str(error)
    if not (0 < len(text) < 1500 and text.isprintable()):
        return Outcome("crash", f"an error that cannot be read: {text[:60]!r}")
    cause = error.__cause__
    if isinstance(cause, MemoryError):
        return Outcome("crash", f"takes more memory than is allowed, {_where(cause)}")
    if text.startswith(_UNFORESEEN) and cause:
        return Outcome("unforeseen", f"{type(cause).__name__} {_where(cause)}")
    return Outcome("refused")


def _where(error: BaseException) -> str:
    """The innermost line of our code, or of the contract."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "ecg_core" in frame.filename or "/tests/" in frame.filename]
    last = (ours or frames)[-1]
    return f"at {Path(last.filename).name}:{last.lineno} {last.line}"


class Child:
    """A process that reads cases; it is started anew after one that broke it."""

    def __init__(self, examine_number: Callable[[str, int], Outcome]) -> None:
        self._examine = examine_number
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("fork")  # the seeds are shared, and it starts at once
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._examine), daemon=True)
        self._process.start()
        theirs.close()

    def examine(self, reader: str, number: int) -> Outcome:
        self._pipe.send((reader, number))
        try:
            if self._pipe.poll(3 * SECONDS):
                return self._pipe.recv()
            reason = "hangs, and cannot be interrupted"
        except EOFError:
            reason = "ends the process"
        self.close()
        self._start()
        return Outcome("crash", reason)

    def close(self) -> None:
        self._process.kill()
        self._process.join()
        self._pipe.close()


def _serve(pipe: Connection, examine_number: Callable[[str, int], Outcome]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    while True:
        try:
            pipe.send(examine_number(*pipe.recv()))
        except EOFError:
            return


def fuzz(
    readers: Sequence[str],
    *,
    run: int,
    seconds: float = 0,
    executions: int = 0,
    folder: Path = CRASHES,
    seeds: dict[str, list[Seed]] | None = None,
) -> Report:
    """Read cases until the time is over, or so many of each reader.

    Parameters
    ----------
    run : int
        Seeds the cases: the same number gives the same ones.
    folder : Path
        Where crashes are saved.
    seeds : dict of str to list of Seed, optional
        Good files by reader; else those of `load_seeds`.
    """
    good = seeds or load_seeds()
    report = Report()
    child = Child(lambda reader, number: examine(make_case(good, reader, run, number)))
    turns = _turns(readers, seconds) if seconds else _each(readers, executions)
    try:
        for reader, number in turns:
            begin = time.perf_counter()
            outcome = child.examine(reader, number)
            report.add(reader, outcome, time.perf_counter() - begin)
            if outcome.kind == "crash" and report.crashes[reader, outcome.reason] <= _MOST_SAVED:
                case = make_case(good, reader, run, number)
                report.saved.append(_save(case, outcome, f"run {run}, number {number}", folder))
    finally:
        child.close()
    return report


def _each(readers: Sequence[str], executions: int) -> Iterator[tuple[str, int]]:
    return ((reader, number) for reader in readers for number in range(executions))


def _turns(readers: Sequence[str], seconds: float) -> Iterator[tuple[str, int]]:
    """The readers have turns of the same length."""
    end = time.monotonic() + seconds
    turn = min(_TURN_SECONDS, seconds / len(readers))
    numbers = dict.fromkeys(readers, 0)
    while True:
        for reader in readers:
            until = time.monotonic() + turn
            while time.monotonic() < until:
                yield reader, numbers[reader]
                numbers[reader] += 1
            if time.monotonic() >= end:
                return


def _save(case: Seed, outcome: Outcome, origin: str, folder: Path) -> Path:
    content = {
        "reader": case.reader,
        "name": case.name,
        "reason": outcome.reason,
        "origin": origin,
        "data": base64.b64encode(case.data).decode(),
        "siblings": {name: base64.b64encode(data).decode() for name, data in case.siblings.items()},
    }
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(case.data).hexdigest()[:12]
    path = folder / f"{case.reader}-{digest}.json"
    path.write_text(json.dumps(content))
    return path


def load_case(path: Path) -> Seed:
    """A saved crash."""
    content = json.loads(path.read_text())
    siblings = {name: base64.b64decode(data) for name, data in content["siblings"].items()}
    return Seed(content["reader"], content["name"], base64.b64decode(content["data"]), siblings)


def replay(path: Path) -> Outcome:
    """Read a saved crash once more, under the same limits."""
    case = load_case(path)
    child = Child(lambda _reader, _number: examine(case))
    try:
        return child.examine(case.reader, 0)
    finally:
        child.close()


def _print(report: Report, readers: Sequence[str]) -> None:
    kinds = ("read", "refused", "unforeseen", "crash")
    print("reader".ljust(10), *(title.rjust(11) for title in ("executions", *kinds, "slowest")))
    for reader in readers:
        counts = [report.kinds[reader, kind] for kind in kinds]
        cells = [f"{count:,}" for count in (sum(counts), *counts)]
        print(reader.ljust(10), *(cell.rjust(11) for cell in (*cells, f"{report.slowest_s[reader]:.1f} s")))
    print(f"{report.executions:,} executions, {report.crashes.total():,} crashes")
    for title, reasons in (("crash", report.crashes), ("unforeseen", report.unforeseen)):
        for (reader, reason), count in sorted(reasons.items()):
            print(f"{title}: {reader}: {count} × {reason}")
    for path in report.saved:
        print(f"saved: {path}")


def main() -> int:
    names = [reader.name for reader in READERS]
    parser = argparse.ArgumentParser("python -m benchmarks.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=1.0, help="of all readers together")
    parser.add_argument("--reader", choices=names, action="append", help="may be given several times")
    parser.add_argument("--seed", type=int, help="for the same cases again; else new ones")
    parser.add_argument("--crashes", type=Path, default=CRASHES, help="folder where crashes are saved")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="read a saved crash once more")
    chosen = parser.parse_args()
    if chosen.replay:
        outcome = replay(chosen.replay)
        print(outcome.kind, outcome.reason)
        return 1 if outcome.kind == "crash" else 0
    run = random.SystemRandom().randrange(1_000_000) if chosen.seed is None else chosen.seed
    readers = chosen.reader or names
    print(f"seed {run}")
    report = fuzz(readers, run=run, seconds=chosen.minutes * 60, folder=chosen.crashes)
    _print(report, readers)
    return 1 if report.crashes else 0


if __name__ == "__main__":
    sys.exit(main())

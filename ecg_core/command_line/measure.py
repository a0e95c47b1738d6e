"""``analyze --measurements …``: ECG files measured on all cores, one pass over each, written in order."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import pickle
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import BinaryIO

from ecg_core.command_line.files import NamedFiles, read_bundle
from ecg_core.command_line.output import opened_output, write_chunks
from ecg_core.domain import Recording
from ecg_core.errors import EcgError
from ecg_core.readers import ReadOptions
from ecg_core.readers.containers import Bundle
from ecg_core.reports.cells import MarkIfNeeded, rows_of_csv
from ecg_core.reports.columns import REPORTS
from ecg_core.reports.csv_reports import chunks_of_csv, crossing_rows, lead_row
from ecg_core.reports.measurement_csv import beat_rows, header_row, measurement_rows, wave_rows, wide_row
from ecg_core.signal.analyze import analyze
from ecg_core.signal.statistics import summarize_lead

#: Options that ask for measurements, and what each writes.
MEASURED = {
    "measurements": "every measurement",
    "measurements_wide": "the measurements of whole ECGs, one row a file,",
    "beats": "every beat",
    "waves": "every P, QRS and T",
}
_IN_FLIGHT = 4  # files a core: what is measured before its turn to be written waits in memory
_EVERY_S = 10.0
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class _Rows:
    """What one file gave: rows of CSV by report, what is to be said of it, and whether it failed."""

    name: str
    rows: dict[str, list[bytes]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    problem: str = ""


def measure_files(arguments: argparse.Namespace, options: ReadOptions) -> int:
    """Measure the files and write the reports that are asked for.

    Returns
    -------
    int
        0, or 1 where a file could not be read or measured (said on standard error).

    Raises
    ------
    ConfigurationError
        A report cannot be written.
    """
    wanted = [name for name in ("leads", "crossings", *MEASURED) if getattr(arguments, name)]
    files = NamedFiles(arguments.files, options)
    bundles = files.bundles()
    jobs = min(arguments.jobs or len(os.sched_getaffinity(0)), max(len(bundles), 1))
    work = partial(_measured, options=options, wanted=tuple(wanted))
    with ExitStack() as stack:
        outputs = {
            name: _Output(path, stack.enter_context(opened_output(path)))
            for name in wanted
            for path in [getattr(arguments, name)]
        }
        for name, output in outputs.items():
            output.write([header_row(REPORTS[name])])
        progress = _Progress(len(bundles))
        for done in map(work, bundles) if jobs == 1 else _in_parallel(work, bundles, jobs):
            progress.tell(done)
            for name, rows in done.rows.items():
                outputs[name].write(rows)
        for output in outputs.values():
            output.end()
    return max(files.status, int(progress.failed > 0))


class _Output:
    """A report that grows."""

    def __init__(self, path: str, file: BinaryIO) -> None:
        self._path, self._file, self._marked = path, file, MarkIfNeeded()

    def write(self, rows: Sequence[bytes]) -> None:
        for chunk in rows:
            write_chunks(self._path, self._file, iter(self._marked.add(chunk)))

    def end(self) -> None:
        write_chunks(self._path, self._file, iter(self._marked.end()))


class _Progress:
    """How far it is, on standard error: in one line of a terminal, else a line now and then."""

    def __init__(self, total: int) -> None:
        self.failed = self._done = 0
        self._total, self._told_at, self._is_terminal = total, time.monotonic(), sys.stderr.isatty()

    def tell(self, done: _Rows) -> None:
        self._done += 1
        self.failed += bool(done.problem)
        said = [f"{done.name}: {done.problem}"] if done.problem else []
        said += [f"{done.name}: note: {note}" for note in done.notes]
        for line in said:
            print(f"\r\x1b[K{line}" if self._is_terminal else line, file=sys.stderr)
        if self._total > 1:
            self._say_how_far()

    def _say_how_far(self) -> None:
        failed = f", {self.failed:,} failed" if self.failed else ""
        line = f"{self._done:,} of {self._total:,} ECGs{failed}"
        is_last = self._done == self._total
        if self._is_terminal:
            print(f"\r\x1b[K{line}", end="\n" if is_last else "", file=sys.stderr, flush=True)
        elif is_last or time.monotonic() - self._told_at > _EVERY_S:
            self._told_at = time.monotonic()
            print(line, file=sys.stderr)


@dataclass(frozen=True)
class _Content:
    """What a file held when it could be read once only, as a pipe or an archive."""

    data: bytes

    def __call__(self) -> bytes:
        return self.data


def _portable(bundle: Bundle) -> Bundle:
    """A bundle that another process can load."""
    try:
        pickle.dumps(bundle)
        return bundle
    except (pickle.PicklingError, AttributeError, TypeError):
        partners = tuple(replace(one, load=_Content(bytes(one.load()))) for one in bundle.partners)
        return replace(bundle, load=_Content(bytes(bundle.load())), partners=partners)


def _in_parallel(work: partial[_Rows], bundles: Sequence[Bundle], jobs: int) -> Iterator[_Rows]:
    """The results in the order of the bundles; a process that ends is replaced, and its file said to fail."""
    waiting = deque(bundles)
    running: deque[tuple[Bundle, Future[_Rows] | _Rows]] = deque()
    pool = _pool(jobs)
    try:
        while waiting or running:
            while waiting and len(running) < jobs * _IN_FLIGHT:
                running.append(_submitted(pool, work, waiting.popleft()))
            bundle, future = running.popleft()
            try:
                yield future if isinstance(future, _Rows) else future.result()
            except BrokenProcessPool:
                pool.shutdown(wait=False, cancel_futures=True)
                yield _alone(work, bundle)
                pool = _pool(jobs)
                running = deque(_again(pool, work, *each) for each in running)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _pool(jobs: int) -> ProcessPoolExecutor:
    """Of fresh processes, whose numerical libraries keep to one core each."""
    for name in _ONE_THREAD:
        os.environ.setdefault(name, "1")
    return ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"))


def _submitted(
    pool: ProcessPoolExecutor, work: partial[_Rows], bundle: Bundle
) -> tuple[Bundle, Future[_Rows] | _Rows]:
    try:
        portable = _portable(bundle)
    except (EcgError, OSError) as error:
        return bundle, _Rows(bundle.name, problem=str(error))
    return portable, pool.submit(work, portable)


def _again(
    pool: ProcessPoolExecutor, work: partial[_Rows], bundle: Bundle, future: Future[_Rows] | _Rows
) -> tuple[Bundle, Future[_Rows] | _Rows]:
    """What was done when the processes ended is kept, the rest is done again."""
    if isinstance(future, _Rows) or (future.done() and not future.cancelled() and not future.exception()):
        return bundle, future
    return bundle, pool.submit(work, bundle)


def _alone(work: partial[_Rows], bundle: Bundle) -> _Rows:
    """A file during which a process ended, perhaps not through its fault, in a process of its own."""
    with _pool(1) as pool, suppress(BrokenProcessPool):
        return pool.submit(work, bundle).result()
    return _Rows(bundle.name, problem="its process ended, perhaps for want of memory")


def _measured(bundle: Bundle, *, options: ReadOptions, wanted: tuple[str, ...]) -> _Rows:
    """One file, read and measured; whatever goes wrong is said of this file alone."""
    try:
        recording = read_bundle(bundle, options)
        return _Rows(bundle.name, _rows_of(bundle.name, recording, wanted), recording.remarks)
    except EcgError as error:
        return _Rows(bundle.name, problem=str(error))
    except MemoryError:
        return _Rows(bundle.name, problem="there is too little memory to measure it")
    except Exception as error:  # nobody foresaw it: the other files go on
        return _Rows(bundle.name, problem=f"it could not be measured ({type(error).__name__}: {error})")


def _rows_of(name: str, recording: Recording, wanted: tuple[str, ...]) -> dict[str, list[bytes]]:
    rows: dict[str, list[bytes]] = {}
    leads = recording.leads
    if "leads" in wanted:
        rows["leads"] = [rows_of_csv(lead_row(name, summarize_lead(lead)) for lead in leads)]
    if "crossings" in wanted:
        rows["crossings"] = [chunk for lead in leads for chunk in crossing_rows(name, lead)]
    analysis = analyze(leads, metadata=recording.metadata)
    if "measurements" in wanted:
        rows["measurements"] = list(chunks_of_csv(measurement_rows(name, analysis.measurements)))
    if "measurements_wide" in wanted:
        rows["measurements_wide"] = [rows_of_csv([wide_row(name, analysis.measurements)])]
    if "beats" in wanted:
        rows["beats"] = list(beat_rows(name, analysis))
    if "waves" in wanted:
        rows["waves"] = list(wave_rows(name, analysis))
    return rows

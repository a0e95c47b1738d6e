"""``analyze FILE …``: the lead report and the list of zero crossings of ECG files."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ecg_core.command_line.output import STANDARD_OUTPUT, opened_output, write_chunks
from ecg_core.domain import Lead, LeadSummary, Recording
from ecg_core.errors import ConfigurationError, EcgError, InvalidInputError, UnreadableFileError
from ecg_core.readers import ReadOptions, read_recording
from ecg_core.readers.containers import HEAD, Bundle, Source, find_bundles, named_partners
from ecg_core.readers.options import check_options
from ecg_core.reports.csv_reports import crossings_csv, leads_csv
from ecg_core.signal.statistics import summarize_lead


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``analyze``."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="an ECG in any supported format")
    parser.add_argument(
        "--leads", metavar="CSV", help="write the lead report here; - is standard output (as without options)"
    )
    parser.add_argument(
        "--crossings", metavar="CSV", help="write every zero crossing here; - is standard output"
    )
    parser.add_argument(
        "--sampling-rate", type=float, metavar="HZ", help="of every lead; wins over what the file says"
    )
    parser.add_argument("--unit", help="of every lead (mV, uV, V, nV …); wins over what the file says")


def run(arguments: argparse.Namespace) -> int:
    """Analyze the files one by one and write the reports that are asked for.

    Returns
    -------
    int
        0, or 1 where a file could not be read (said on standard error; the others are in the reports).

    Raises
    ------
    ConfigurationError
        The options contradict each other, or a report cannot be written.
    """
    options = _options(arguments)
    _check_outputs(arguments)
    analysis = _Analysis(arguments.files, options)
    leads = arguments.leads or (None if arguments.crossings else STANDARD_OUTPUT)
    if leads is None:
        _write_crossings(arguments.crossings, analysis)
        return analysis.status
    with opened_output(leads) as file:
        if arguments.crossings:
            _write_crossings(arguments.crossings, analysis)
        else:
            analysis.drain()
        write_chunks(leads, file, leads_csv(analysis.summaries))
    return analysis.status


@dataclass
class _Analysis:
    """One pass over the files: gives their leads one by one, and keeps what the lead report needs."""

    files: list[str]
    options: ReadOptions
    summaries: list[tuple[str, LeadSummary]] = field(default_factory=list)
    status: int = 0

    def leads(self) -> Iterator[tuple[str, Lead]]:
        for bundle in find_bundles(self._sources()):
            recording = self._read(bundle)
            for lead in recording.leads if recording else ():
                self.summaries.append((bundle.name, summarize_lead(lead)))
                yield bundle.name, lead

    def _sources(self) -> list[Source]:
        """The files that were named, and those beside them without which they cannot be read."""
        sources: dict[Path, Source] = {}
        pending = list(self.files)
        for name in pending:  # grows while it is gone through
            source = self._source(name)
            if source is not None and Path(name) not in sources:
                sources[Path(name)] = source
                beside = [Path(name).with_name(partner) for partner in named_partners(source)]
                pending += [str(path) for path in beside if path.is_file()]
        return list(sources.values())

    def _source(self, name: str) -> Source | None:
        try:
            with Path(name).open("rb") as file:
                if Path(name).is_file():
                    return Source(name, Path(name).read_bytes, file.read(HEAD))
                data = file.read()  # a pipe gives it once
                return Source(name, lambda: data, data[:HEAD])
        except OSError as error:
            self._failed(name, error.strerror or str(error))
            return None

    def drain(self) -> None:
        for _ in self.leads():
            pass

    def _read(self, bundle: Bundle) -> Recording | None:
        try:
            if bundle.problem:
                raise UnreadableFileError(bundle.problem)
            recording = read_recording(
                bundle.load(), file_name=bundle.file_name, options=self.options, siblings=bundle.siblings()
            )
        except OSError as error:
            self._failed(bundle.name, error.strerror or str(error))
            return None
        except EcgError as error:
            self._failed(bundle.name, str(error))
            return None
        for remark in recording.remarks:
            print(f"{bundle.name}: note: {remark}", file=sys.stderr)
        return recording

    def _failed(self, path: str, reason: str) -> None:
        print(f"{path}: {reason}", file=sys.stderr)
        self.status = 1


def _write_crossings(path: str, analysis: _Analysis) -> None:
    with opened_output(path) as file:
        write_chunks(path, file, crossings_csv(analysis.leads()))


def _options(arguments: argparse.Namespace) -> ReadOptions:
    try:
        return check_options(ReadOptions(sampling_rate_hz=arguments.sampling_rate, unit=arguments.unit))
    except InvalidInputError as error:
        raise ConfigurationError(str(error)) from error


def _check_outputs(arguments: argparse.Namespace) -> None:
    """Two reports do not fit into one file, and an ECG is not written over."""
    outputs = [path for path in (arguments.leads, arguments.crossings) if path]
    if len(outputs) == 2 and _is_same(*outputs):
        raise ConfigurationError(f"--leads and --crossings cannot both be written to {outputs[0]}")
    for output in outputs:
        for path in arguments.files:
            if output != STANDARD_OUTPUT and _is_same(output, path):
                raise ConfigurationError(f"{output} is one of the files to analyze; it is not written over")


def _is_same(first: str, second: str) -> bool:
    if STANDARD_OUTPUT in (first, second):
        return first == second
    try:
        return Path(first).samefile(second)
    except OSError:  # one of them is not there yet
        return Path(first).resolve() == Path(second).resolve()

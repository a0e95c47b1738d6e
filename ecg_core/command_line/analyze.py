"""``analyze FILE …``: leads, zero crossings, measurements, beats and waves of ECG files as CSV."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

from ecg_core.command_line.files import NamedFiles, add_options, is_same, read_options
from ecg_core.command_line.measure import MEASURED, measure_files
from ecg_core.command_line.output import STANDARD_OUTPUT, opened_output, write_chunks
from ecg_core.domain import Lead, LeadSummary
from ecg_core.errors import ConfigurationError
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
    for name, what in MEASURED.items():
        option = name.replace("_", "-")
        parser.add_argument(f"--{option}", metavar="CSV", help=f"write {what} here; - is standard output")
    parser.add_argument(
        "--jobs", type=int, metavar="N", help="measure on so many cores at once; all unless given"
    )
    add_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Analyze the files and write the reports that are asked for, in the order of the files.

    Returns
    -------
    int
        0, or 1 where a file could not be read (said on standard error; the others are in the reports).

    Raises
    ------
    ConfigurationError
        The options contradict each other, or a report cannot be written.
    """
    options = read_options(arguments)
    _check_outputs(arguments)
    if any(getattr(arguments, name) for name in MEASURED):
        return measure_files(arguments, options)
    analysis = _Analysis(NamedFiles(arguments.files, options))
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

    files: NamedFiles
    summaries: list[tuple[str, LeadSummary]] = field(default_factory=list)

    @property
    def status(self) -> int:
        return self.files.status

    def leads(self) -> Iterator[tuple[str, Lead]]:
        for bundle, recording in self.files.recordings():
            for lead in recording.leads:
                self.summaries.append((bundle.name, summarize_lead(lead)))
                yield bundle.name, lead

    def drain(self) -> None:
        for _ in self.leads():
            pass


def _write_crossings(path: str, analysis: _Analysis) -> None:
    with opened_output(path) as file:
        write_chunks(path, file, crossings_csv(analysis.leads()))


def _check_outputs(arguments: argparse.Namespace) -> None:
    """Two reports do not fit into one file, and an ECG is not written over."""
    if arguments.jobs is not None and arguments.jobs < 1:
        raise ConfigurationError(f"--jobs must be at least 1, not {arguments.jobs}")
    names = ("leads", "crossings", *MEASURED)
    outputs = {name: getattr(arguments, name) for name in names if getattr(arguments, name)}
    for (one, first), (other, second) in combinations(outputs.items(), 2):
        if is_same(first, second):
            options = f"--{one} and --{other}".replace("_", "-")
            raise ConfigurationError(f"{options} cannot both be written to {first}")
    for output in outputs.values():
        for path in arguments.files:
            if output != STANDARD_OUTPUT and is_same(output, path):
                raise ConfigurationError(f"{output} is one of the files to analyze; it is not written over")

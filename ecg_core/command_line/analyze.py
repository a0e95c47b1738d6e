"""``analyze FILE …``: the lead report and the list of zero crossings of ECG files."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ecg_core.command_line.output import STANDARD_OUTPUT, opened_output, write_chunks
from ecg_core.domain import Lead, LeadSummary, Recording
from ecg_core.errors import ConfigurationError, EcgError, InvalidInputError
from ecg_core.readers import ReadOptions, read_recording
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
        for path in self.files:
            recording = self._read(path)
            for lead in recording.leads if recording else ():
                self.summaries.append((path, summarize_lead(lead)))
                yield path, lead

    def drain(self) -> None:
        for _ in self.leads():
            pass

    def _read(self, path: str) -> Recording | None:
        try:
            data = Path(path).read_bytes()
            recording = read_recording(data, file_name=Path(path).name, options=self.options)
        except OSError as error:
            self._failed(path, error.strerror or str(error))
            return None
        except EcgError as error:
            self._failed(path, str(error))
            return None
        for remark in recording.remarks:
            print(f"{path}: note: {remark}", file=sys.stderr)
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

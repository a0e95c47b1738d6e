"""The ECG files that a command was given, read one by one."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ecg_core.command_line.output import STANDARD_OUTPUT
from ecg_core.domain import Recording
from ecg_core.errors import ConfigurationError, EcgError, InvalidInputError, UnreadableFileError
from ecg_core.readers import ReadOptions, read_recording
from ecg_core.readers.containers import HEAD, Bundle, Source, find_bundles, named_partners
from ecg_core.readers.options import check_options


@dataclass
class NamedFiles:
    """Files by their names; ``status`` is 1 once one of them could not be read, which is said."""

    files: list[str]
    options: ReadOptions
    status: int = 0

    def recordings(self) -> Iterator[tuple[Bundle, Recording]]:
        """Every ECG that can be read, one in memory at a time."""
        for bundle in self.bundles():
            recording = self._read(bundle)
            if recording is not None:
                yield bundle, recording

    def bundles(self) -> list[Bundle]:
        """The files of each ECG, not yet read."""
        return find_bundles(self._sources())

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

    def _read(self, bundle: Bundle) -> Recording | None:
        try:
            recording = read_bundle(bundle, self.options)
        except EcgError as error:
            self._failed(bundle.name, str(error))
            return None
        for remark in recording.remarks:
            print(f"{bundle.name}: note: {remark}", file=sys.stderr)
        return recording

    def _failed(self, path: str, reason: str) -> None:
        print(f"{path}: {reason}", file=sys.stderr)
        self.status = 1


def read_bundle(bundle: Bundle, options: ReadOptions) -> Recording:
    """The recording of one ECG's files.

    Raises
    ------
    EcgError
        With the reason why there is none.
    """
    if bundle.problem:
        raise UnreadableFileError(bundle.problem)
    try:
        return read_recording(
            bundle.load(), file_name=bundle.file_name, options=options, siblings=bundle.siblings()
        )
    except OSError as error:
        raise UnreadableFileError(error.strerror or str(error)) from error


def add_options(parser: argparse.ArgumentParser) -> None:
    """What a person may say of files that do not say it themselves."""
    parser.add_argument(
        "--sampling-rate", type=float, metavar="HZ", help="of every lead; wins over what the file says"
    )
    parser.add_argument("--unit", help="of every lead (mV, uV, V, nV …); wins over what the file says")


def read_options(arguments: argparse.Namespace) -> ReadOptions:
    """The options of `add_options`, checked."""
    try:
        return check_options(ReadOptions(sampling_rate_hz=arguments.sampling_rate, unit=arguments.unit))
    except InvalidInputError as error:
        raise ConfigurationError(str(error)) from error


def is_same(first: str, second: str) -> bool:
    """Whether two names are of one file."""
    if STANDARD_OUTPUT in (first, second):
        return first == second
    try:
        return Path(first).samefile(second)
    except OSError:  # one of them is not there yet
        return Path(first).resolve() == Path(second).resolve()

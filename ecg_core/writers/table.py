"""The table of writers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ecg_core.domain import Recording
from ecg_core.errors import InvalidInputError
from ecg_core.writers.csv_writer import write_csv
from ecg_core.writers.dicom_writer import write_dicom
from ecg_core.writers.edf_writer import write_edf
from ecg_core.writers.exported_file import ExportedFile
from ecg_core.writers.json_writer import write_json
from ecg_core.writers.wfdb_writer import write_wfdb


class Write(Protocol):
    """``write(recording, name="100") -> ExportedFile``; raises `UnwritableError`."""

    def __call__(self, recording: Recording, *, name: str) -> ExportedFile: ...


@dataclass(frozen=True)
class Writer:
    """One format.

    Attributes
    ----------
    name : str
        As in the table of readers.
    title : str
        What people call it.
    extension : str
        Usual ending of the file's name, with the dot; BDF+ in place of EDF+ has its own.
    media_type : str
    write : callable
    """

    name: str
    title: str
    extension: str
    media_type: str
    write: Write


WRITERS: tuple[Writer, ...] = (
    Writer("wfdb", "WFDB", ".zip", "application/zip", write_wfdb),
    Writer("edf", "EDF+ or BDF+", ".edf", "application/octet-stream", write_edf),
    Writer("dicom", "DICOM ECG waveform", ".dcm", "application/dicom", write_dicom),
    Writer("csv", "text table (CSV)", ".csv", "text/csv", write_csv),
    Writer("json", "JSON", ".json", "application/json", write_json),
)
_BY_NAME = {writer.name: writer for writer in WRITERS}


def writer_named(name: str) -> Writer:
    """The writer of a format.

    Raises
    ------
    InvalidInputError
        Naming those that there are.
    """
    if name not in _BY_NAME:
        raise InvalidInputError(f"There is no writer {name[:20]!r}; there are {', '.join(_BY_NAME)}")
    return _BY_NAME[name]

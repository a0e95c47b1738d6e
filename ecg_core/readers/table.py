"""The table of readers, and choosing one by what a file begins with."""

from __future__ import annotations

import mmap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ecg_core.domain import Recording
from ecg_core.errors import UnreadableFileError
from ecg_core.readers.aecg_reader import read_aecg, recognizes_aecg
from ecg_core.readers.biopac_reader import read_biopac, recognizes_biopac
from ecg_core.readers.bounded import read_bounded
from ecg_core.readers.csv_reader import read_csv, recognizes_csv
from ecg_core.readers.dicom_reader import read_dicom, recognizes_dicom
from ecg_core.readers.edan_reader import needed_edan_files, read_edan, recognizes_edan
from ecg_core.readers.edf_reader import read_edf, recognizes_bdf, recognizes_edf
from ecg_core.readers.excerpt import excerpt
from ecg_core.readers.foreign import foreign_format
from ecg_core.readers.ishne_reader import read_ishne, recognizes_ishne
from ecg_core.readers.json_reader import read_json, recognizes_json
from ecg_core.readers.kardia_reader import read_kardia, recognizes_kardia
from ecg_core.readers.matlab_reader import read_matlab, recognizes_matlab
from ecg_core.readers.messages import Request
from ecg_core.readers.mfer_reader import read_mfer, recognizes_mfer
from ecg_core.readers.mortara_reader import read_mortara, recognizes_mortara
from ecg_core.readers.muse_reader import read_muse, recognizes_muse
from ecg_core.readers.options import ReadOptions, check_options
from ecg_core.readers.prucka import recognizes_inf
from ecg_core.readers.schiller_reader import read_schiller, recognizes_schiller
from ecg_core.readers.scp_reader import read_scp, recognizes_scp
from ecg_core.readers.sierra_reader import read_sierra, recognizes_sierra
from ecg_core.readers.unforeseen import only_our_errors
from ecg_core.readers.wfdb_annotations import recognizes_annotations
from ecg_core.readers.wfdb_reader import needed_files, read_wfdb, recognizes_wfdb


@dataclass(frozen=True)
class Reader:
    """One format.

    Attributes
    ----------
    name : str
        What a recording's ``source_format`` says.
    title : str
        What people call it.
    extensions : tuple of str
        Usual endings of file names, lower case with the dot; they decide nothing.
    recognizes : callable
        Whether content is in this format.
    read : callable
        ``read(data, *, options) -> Recording``; with ``partners`` or ``accompanies`` also ``siblings``, bytes
        by file name.
    is_bounded : bool
        Binary and XML formats are read in a process with limits of time and memory.
    partners : callable, optional
        Names of the files without which this one cannot be read.
    accompanies : callable, optional
        Whether another file of the same name but for its extension belongs to this one: its annotations.
    """

    name: str
    title: str
    extensions: tuple[str, ...]
    recognizes: Callable[[memoryview | bytes], bool]
    read: Callable[..., Recording]
    is_bounded: bool = True
    partners: Callable[[memoryview | bytes], tuple[str, ...]] | None = None
    accompanies: Callable[[memoryview | bytes], bool] | None = None

    @property
    def has_siblings(self) -> bool:
        """Whether it is read with other files."""
        return self.partners is not None or self.accompanies is not None


#: In the order in which they are asked.
READERS: tuple[Reader, ...] = (
    Reader("json", "JSON", (".json",), recognizes_json, read_json, is_bounded=False),
    Reader("muse", "GE MUSE XML", (".xml",), recognizes_muse, read_muse),
    Reader("sierra", "Philips Sierra XML", (".xml",), recognizes_sierra, read_sierra),
    Reader("aecg", "HL7 aECG", (".xml",), recognizes_aecg, read_aecg),
    Reader("mortara", "Mortara EL250 XML", (".xml",), recognizes_mortara, read_mortara),
    Reader("schiller", "Schiller XML", (".xml",), recognizes_schiller, read_schiller),
    Reader("dicom", "DICOM ECG waveform", (".dcm",), recognizes_dicom, read_dicom),
    Reader("scp", "SCP-ECG", (".scp",), recognizes_scp, read_scp),
    Reader("mfer", "MFER", (".mwf",), recognizes_mfer, read_mfer),
    Reader("ishne", "ISHNE Holter", (".ecg",), recognizes_ishne, read_ishne),
    Reader("edf", "EDF, EDF+", (".edf",), recognizes_edf, read_edf),
    Reader("bdf", "BDF, BDF+", (".bdf",), recognizes_bdf, read_edf),
    Reader(
        "wfdb",
        "WFDB",
        (".hea", ".dat", ".mat", ".atr"),
        recognizes_wfdb,
        read_wfdb,
        partners=needed_files,
        accompanies=recognizes_annotations,
    ),
    Reader("edan", "Edan Holter", (".hea", ".arc"), recognizes_edan, read_edan, partners=needed_edan_files),
    Reader("biopac", "BIOPAC AcqKnowledge", (".acq",), recognizes_biopac, read_biopac),
    Reader("matlab", "MATLAB matrix", (".mat",), recognizes_matlab, read_matlab),
    Reader("kardia", "AliveCor Kardia", (".atc",), recognizes_kardia, read_kardia),
    Reader(
        "csv",
        "text table (CSV)",
        (".csv", ".txt", ".tsv", ".dat"),
        recognizes_csv,
        read_csv,
        is_bounded=False,
        accompanies=recognizes_inf,
    ),
)
_BY_NAME = {reader.name: reader for reader in READERS}


def read_recording(
    data: bytes | bytearray | memoryview | mmap.mmap,
    *,
    file_name: str = "",
    options: ReadOptions = ReadOptions(),  # noqa: B008
    siblings: Mapping[str, bytes] = MappingProxyType({}),
) -> Recording:
    """Read a file of any supported format.

    Parameters
    ----------
    data : bytes-like
        The whole content.
    file_name : str
        Only used in messages; the content decides the format.
    options : ReadOptions
        What a person says about the file.
    siblings : mapping of str to bytes
        Files that came with it, by name without a folder: the signal files of a WFDB header.

    Raises
    ------
    UnreadableFileError
        Whatever is wrong with the content, with its place.
    InvalidInputError
        An option that cannot be.
    """
    options = check_options(options)
    with only_our_errors():
        return _read(memoryview(data), file_name, options, siblings)


def _read(view: memoryview, file_name: str, options: ReadOptions, siblings: Mapping[str, bytes]) -> Recording:
    reader = _choose(view, file_name)
    together = dict(siblings) if reader.has_siblings else {}
    request = Request(reader.name, view, options, together)
    return read_bounded(request) if reader.is_bounded else read_here(request)


def recognized_format(data: bytes | memoryview) -> str | None:
    """The name of the reader that would read this content."""
    try:
        return _choose(memoryview(data), "").name
    except UnreadableFileError:
        return None


_READ_IN_PLACE = ("edf", "bdf")  # long recordings; libraries for other formats want bytes


def read_here(request: Request) -> Recording:
    """Read a file with the reader that the request names, in this process.

    Raises
    ------
    UnreadableFileError
    """
    reader = _BY_NAME[request.reader]
    siblings = {"siblings": request.siblings} if reader.has_siblings else {}
    is_copied = reader.is_bounded and reader.name not in _READ_IN_PLACE
    data = bytes(request.data) if is_copied else request.data
    return reader.read(data, options=request.options, **siblings)


def _choose(view: memoryview, file_name: str) -> Reader:
    named = f" {excerpt(file_name)}" if file_name else ""
    if not len(view):
        raise UnreadableFileError(f"The file{named} is empty")
    start = bytes(view[:4096])
    for reader in READERS:
        if reader.recognizes(view) and (reader.name != "csv" or not foreign_format(start)):
            return reader
    foreign = foreign_format(start)
    if foreign:
        raise UnreadableFileError(f"The file{named} is {foreign}; {_wanted()} would be read")
    raise UnreadableFileError(f"The file{named} is binary data of no known format; {_wanted()} would be read")


def _wanted() -> str:
    titles = [reader.title for reader in READERS]
    return f"{', '.join(titles[:-1])} or {titles[-1]}"

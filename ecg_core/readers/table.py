"""The table of readers, and choosing one by what a file begins with."""

from __future__ import annotations

import mmap
from collections.abc import Callable
from dataclasses import dataclass

from ecg_core.domain import Recording
from ecg_core.errors import UnreadableFileError
from ecg_core.readers.csv_reader import read_csv, recognizes_csv
from ecg_core.readers.excerpt import excerpt
from ecg_core.readers.foreign import foreign_format
from ecg_core.readers.json_reader import read_json, recognizes_json
from ecg_core.readers.options import ReadOptions, check_options
from ecg_core.readers.unforeseen import only_our_errors


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
        ``read(data, *, options) -> Recording``.
    """

    name: str
    title: str
    extensions: tuple[str, ...]
    recognizes: Callable[[memoryview | bytes], bool]
    read: Callable[..., Recording]


#: In the order in which they are asked.
READERS: tuple[Reader, ...] = (
    Reader("json", "JSON", (".json",), recognizes_json, read_json),
    Reader("csv", "text table (CSV)", (".csv", ".txt", ".tsv", ".dat"), recognizes_csv, read_csv),
)


def read_recording(
    data: bytes | bytearray | memoryview | mmap.mmap,
    *,
    file_name: str = "",
    options: ReadOptions = ReadOptions(),  # noqa: B008
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

    Raises
    ------
    UnreadableFileError
        Whatever is wrong with the content, with its place.
    InvalidInputError
        An option that cannot be.
    """
    options = check_options(options)
    with only_our_errors():
        return _read(memoryview(data), file_name, options)


def _read(view: memoryview, file_name: str, options: ReadOptions) -> Recording:
    return _choose(view, file_name).read(view, options=options)


def _choose(view: memoryview, file_name: str) -> Reader:
    named = f" {excerpt(file_name)}" if file_name else ""
    if not len(view):
        raise UnreadableFileError(f"The file{named} is empty")
    foreign = foreign_format(bytes(view[:4096]))
    if foreign:
        raise UnreadableFileError(f"The file{named} is {foreign}; {_wanted()} would be read")
    for reader in READERS:
        if reader.recognizes(view):
            return reader
    raise UnreadableFileError(f"The file{named} is binary data of no known format; {_wanted()} would be read")


def _wanted() -> str:
    return " or ".join(reader.title for reader in READERS)

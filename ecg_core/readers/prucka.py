"""The ``.inf`` file beside a text export of the CardioLab electrophysiology recorder (Prucka, GE).

Keys with values (``Data Sampling Rate = 977 points/second``), then, below ``Channel Number  Channel Label``,
the exported channels. The text file has a sample number and one column for each of them, in the order of
their numbers; in which unit, neither file says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from ecg_core.errors import UnreadableFileError
from ecg_core.readers.described import Column, Description, plain
from ecg_core.readers.preamble import read_preamble

_TITLE = re.compile(r"\s*channel number\s+channel label\s*", re.IGNORECASE)
_CHANNEL = re.compile(r"\s*(\d{1,6})\s+(\S.{0,200})")
_LONGEST = 100_000


def recognizes_inf(data: bytes | memoryview) -> bool:
    """Whether the content is such a file."""
    return next(_inf_files({"": data}), None) is not None


def describe_prucka(lines: Sequence[str], siblings: Mapping[str, bytes | memoryview]) -> Description | None:
    """What the one ``.inf`` file beside the table says; None where there is none, or not just one.

    Raises
    ------
    UnreadableFileError
        Where one channel number is listed twice.
    """
    found = list(_inf_files(siblings))
    if len(found) != 1 or not lines:
        return None
    above, below = found[0]
    channels: dict[int, str] = {}
    for match in filter(None, map(_CHANNEL.fullmatch, below)):
        number = int(match.group(1))
        if number in channels:
            raise UnreadableFileError(f"The .inf file lists channel {number} twice")
        channels[number] = plain(match.group(2))
    columns = [Column(channels[number]) for number in sorted(channels)]
    if len(lines[0].split()) > len(columns):
        columns.insert(0, Column("sample", is_ecg=False))
    return Description(None, tuple(columns), read_preamble(above), " ")


def _inf_files(siblings: Mapping[str, bytes | memoryview]) -> Iterator[tuple[list[str], list[str]]]:
    """The lines above and below the title of the channels, of each file that has one."""
    for content in siblings.values():
        lines = bytes(content[:_LONGEST]).decode("cp1252", "replace").splitlines()
        at = next((i for i, line in enumerate(lines) if _TITLE.fullmatch(line)), None)
        if at is not None:
            yield lines[:at], lines[at + 1 :]

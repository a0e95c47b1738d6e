"""The frame of an SCP-ECG record: a preamble of six bytes and sections that section 0 points to.

EN 1064:2005+A1 / ISO 11073-91064:2009, 5.2 to 5.4: all numbers are little-endian, positions count from 1,
every section begins with CRC, number, length and versions in 16 bytes.
"""

from __future__ import annotations

import binascii
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from ecg_core.errors import UnreadableFileError

_PREAMBLE = 6
_HEADER = 16
_POINTER = 10
#: Sections with a number above are the manufacturer's own, up to version 2.
_LAST_STANDARD_SECTION = 11


@dataclass(frozen=True)
class ScpRecord:
    """Sections of a record by number, without their headers; ``protocol`` is ten times the version."""

    sections: Mapping[int, bytes]
    protocol: int
    wrong_checksums: tuple[int, ...]

    def section(self, number: int, least: int) -> bytes:
        """A section of at least so many bytes.

        Raises
        ------
        UnreadableFileError
        """
        body = self.sections.get(number)
        if body is None:
            raise UnreadableFileError(f"The SCP-ECG file has no section {number}")
        if len(body) < least:
            raise UnreadableFileError(
                f"Section {number} of the SCP-ECG file has {len(body)} bytes; it needs {least}"
            )
        return body


def has_scp_frame(start: bytes) -> bool:
    """Whether the content begins with a section 0 whose first pointer is to itself."""
    if len(start) < _PREAMBLE + _HEADER + _POINTER:
        return False
    number, length = struct.unpack_from("<HI", start, 8)
    own_number, own_length, own_position = struct.unpack_from("<HII", start, _PREAMBLE + _HEADER)
    whole = length > _HEADER and (length - _HEADER) % _POINTER == 0 and length <= 2000
    return number == own_number == 0 and whole and own_length == length and own_position in (6, 7)


def read_sections(content: bytes) -> ScpRecord:
    """All sections that are there.

    Raises
    ------
    UnreadableFileError
        Naming the section that lies outside the file.
    """
    if not has_scp_frame(content[:100]):
        raise UnreadableFileError("The SCP-ECG file has no section 0 that points to itself")
    length, protocol = struct.unpack_from("<I", content, 10)[0], content[15]
    if struct.unpack_from("<I", content, _PREAMBLE + _HEADER + 6)[0] == 6:
        raise UnreadableFileError(
            "The SCP-ECG file does not follow EN 1064: it counts positions from 0 instead of 1 and packs its "
            "samples in its own way, as Heal Force monitors do; an export in another format would be read"
        )
    size = struct.unpack_from("<I", content, 2)[0]
    if not _PREAMBLE + length <= size <= len(content):
        raise UnreadableFileError(f"The SCP-ECG file states {size:,} bytes, but has {len(content):,}")
    content = content[:size]
    sections: dict[int, bytes] = {}
    wrong = []
    for at in range(_PREAMBLE + _HEADER, _PREAMBLE + length, _POINTER):
        number, section_length, position = struct.unpack_from("<HII", content, at)
        if number == 0 or section_length == 0:
            continue
        section = _section(content, number, section_length, position)
        sections[number] = section[_HEADER:]
        if number <= _LAST_STANDARD_SECTION and _checksum(section) != section[:2]:
            wrong.append(number)
    return ScpRecord(sections, protocol, tuple(wrong))


def _section(content: bytes, number: int, length: int, position: int) -> bytes:
    section = content[position - 1 : position - 1 + length] if position else b""
    if length < _HEADER or len(section) < length:
        raise UnreadableFileError(
            f"Section {number} of the SCP-ECG file ({length:,} bytes from byte {position:,}) does not lie "
            f"within its {len(content):,} bytes"
        )
    if number > _LAST_STANDARD_SECTION:
        return section
    found, own_length = struct.unpack_from("<HI", section, 2)
    if found != number:
        raise UnreadableFileError(
            f"Section {number} of the SCP-ECG file is at byte {position:,}, but section {found} is there"
        )
    return section[: max(own_length, _HEADER)]


def write_sections(sections: Mapping[int, bytes], protocol: int) -> bytes:
    """A record of these sections, with its pointers and checksums."""
    length = _HEADER + _POINTER * (1 + len(sections))
    position = _PREAMBLE + length + 1
    pointers = struct.pack("<HII", 0, length, _PREAMBLE + 1)
    bodies = b""
    for number, body in sorted(sections.items()):
        pointers += struct.pack("<HII", number, _HEADER + len(body), position + len(bodies))
        bodies += _framed(number, body, protocol)
    rest = _framed(0, pointers, protocol) + bodies
    rest = struct.pack("<I", _PREAMBLE + len(rest)) + rest
    return _checksum(b"\0\0" + rest) + rest


def _framed(number: int, body: bytes, protocol: int) -> bytes:
    rest = struct.pack("<HIBB6x", number, _HEADER + len(body), protocol, protocol) + body
    return _checksum(b"\0\0" + rest) + rest


def _checksum(section: bytes) -> bytes:
    """CRC-CCITT of all but the first two bytes, which hold it."""
    return binascii.crc_hqx(section[2:], 0xFFFF).to_bytes(2, "little")

"""The frame of an MFER file: definitions of tag, length and value, some of them containers.

ISO 22077-1:2022 (MFER Part 1), 5.1: a length below 0x80 is itself, 0x80 means "until two zero bytes" and
0x81 to 0x84 announce that many bytes of length.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ecg_core.errors import UnreadableFileError
from ecg_core.readers.lead_names import MOST_LEADS

BYTE_ORDER, VERSION, BLOCK, CHANNELS, SEQUENCES, POINTER = 0x01, 0x02, 0x04, 0x05, 0x06, 0x07
DATA_TYPE, INTERVAL, SENSITIVITY, SEX = 0x0A, 0x0B, 0x0C, 0x84
WAVEFORM, CHANNEL_ATTRIBUTE, PREAMBLE, SET, END = 0x1E, 0x3F, 0x40, 0x67, 0x80
_KNOWN = {
    *range(0x01, 0x10), 0x11, 0x12, 0x15, 0x16, 0x17, WAVEFORM, CHANNEL_ATTRIBUTE, *range(0x40, 0x47), SET,
    *range(0x81, 0x89),
}  # fmt: skip
_LENGTHS = {
    BYTE_ORDER: range(1, 2),
    VERSION: range(3, 4),
    BLOCK: range(0, 5),
    CHANNELS: range(0, 5),
    SEQUENCES: range(0, 5),
    POINTER: range(0, 5),
    DATA_TYPE: range(0, 2),
    INTERVAL: range(0, 7),
    SENSITIVITY: range(0, 7),
    SEX: range(1, 2),
}
_TELLING = {BYTE_ORDER, BLOCK, CHANNELS, SEQUENCES, DATA_TYPE, INTERVAL, SENSITIVITY, CHANNEL_ATTRIBUTE}
_GREATEST_DEPTH = 8
_MOST_DEFINITIONS = 200_000
_MOST_PIECES = 1_000_000
_MOST_OPEN_ENDED = 16
_OPEN_ENDED = 0x80


@dataclass(frozen=True)
class Definition:
    """A tag and where its value is; ``stop`` may lie beyond what was looked at."""

    tag: int
    start: int
    stop: int
    depth: int


def definitions(
    content: bytes, start: int = 0, end: int | None = None, depth: int = 0
) -> Iterator[Definition]:
    """All definitions in order, those within a container after it.

    A container of open end is given as empty: its content and the two zero bytes after it follow anyway.

    Raises
    ------
    UnreadableFileError
        A length that is cut off or containers within containers within containers.
    """
    end = len(content) if end is None else min(end, len(content))
    if depth > _GREATEST_DEPTH:
        raise UnreadableFileError(f"The MFER file has definitions more than {_GREATEST_DEPTH} deep")
    at = start
    while at < end:
        tag, at = content[at], at + 1
        if tag == 0:
            continue
        if tag == END:
            return
        while tag == CHANNEL_ATTRIBUTE and at < end and content[at] & 0x80:
            at += 1  # a channel's number has seven bits a byte
        at += tag == CHANNEL_ATTRIBUTE
        stop, at = _stop(content, at, end)
        yield Definition(tag, at, stop, depth)
        if tag in (SET, CHANNEL_ATTRIBUTE):
            yield from definitions(content, at, stop, depth + 1)
        at = stop


def _stop(content: bytes, at: int, end: int) -> tuple[int, int]:
    """Where a value stops and where it starts, from its length at ``at``."""
    first = content[at] if at < end else 0xFF
    if first == _OPEN_ENDED:
        return at + 1, at + 1
    if first < 0x80:
        return at + 1 + first, at + 1
    number = first & 0x7F
    if number > 4 or at + 1 + number > end:
        raise UnreadableFileError(f"The MFER file has no length that can be at byte {at + 1:,}")
    length = int.from_bytes(content[at + 1 : at + 1 + number], "big")
    return at + 1 + number + length, at + 1 + number


def looks_like_mfer(start: bytes) -> bool:
    """Whether the content begins with MFER's preamble, or with nothing but definitions that can be."""
    if start[:1] == bytes((PREAMBLE,)) and start[2:6] == b"MFR ":
        return True
    seen = []
    try:
        for found in definitions(start):
            lengths = _LENGTHS.get(found.tag)
            if found.tag not in _KNOWN or (lengths is not None and found.stop - found.start not in lengths):
                return False
            seen.append(found.tag)
            if found.tag == WAVEFORM or found.stop > len(start):
                break
    except UnreadableFileError:
        return False
    return len(set(seen) & _TELLING) >= 2 and WAVEFORM in seen


def check_definitions(content: bytes) -> None:
    """Refuse what would take a library's memory: too many definitions, channels or frames.

    Raises
    ------
    UnreadableFileError
        Naming the number that is too great.
    """
    order: Literal["big", "little"] = "big"
    channels, pieces, open_ended = 1, 0, 0
    for number, found in enumerate(definitions(content)):
        value = content[found.start : min(found.stop, found.start + 8)]
        if number > _MOST_DEFINITIONS:
            raise UnreadableFileError(f"The MFER file has more than {_MOST_DEFINITIONS:,} definitions")
        if found.stop > len(content):
            raise UnreadableFileError(
                f"The MFER file ends within the definition 0x{found.tag:02x} from byte {found.start + 1:,}"
            )
        open_ended += content[found.start - 1] == _OPEN_ENDED and found.stop == found.start
        if open_ended > _MOST_OPEN_ENDED:
            raise UnreadableFileError(
                f"The MFER file has more than {_MOST_OPEN_ENDED} definitions of open end"
            )
        if found.tag == BYTE_ORDER:
            order = "little" if value == b"\x01" else "big"
        elif found.tag == CHANNELS:
            channels = int.from_bytes(value, order) if value else 1
            if channels > MOST_LEADS:
                raise UnreadableFileError(
                    f"The MFER file states {channels:,} channels; at most 1,000 are read"
                )
        elif found.tag == WAVEFORM:
            pieces += channels
            if pieces > _MOST_PIECES:
                raise UnreadableFileError("The MFER file has its waveforms in too many pieces")

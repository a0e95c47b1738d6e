"""Annotation files of WFDB (``.atr`` and others) in the MIT format of annot(5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from ecg_core.domain import Annotation
from ecg_core.errors import UnreadableFileError
from ecg_core.readers.wfdb_header import clean

#: Symbols of ecgcodes.h by their numbers.
_SYMBOLS = dict(enumerate("NLRaVFJASEj/Q~", 1)) | {
    16: "|", 18: "s", 19: "T", 20: "*", 21: "D", 22: '"', 23: "=", 24: "p", 25: "B", 26: "^", 27: "t",
    28: "+", 29: "u", 30: "?", 31: "!", 32: "[", 33: "]", 34: "e", 35: "n", 36: "@", 37: "x", 38: "f",
    39: "(", 40: ")", 41: "r",
}  # fmt: skip
_BEATS = frozenset([*range(1, 14), 25, 30, 34, 35, 38, 41])
_RHYTHM = 28
_COMMENT = 22
_SKIP, _NUM, _SUB, _CHAN, _AUX = 59, 60, 61, 62, 63
_HIGHEST_CODE = 49
_LARGEST = 2_000_000
_RESOLUTION = re.compile(r"## time resolution: ([\d.]{1,20})\s*", re.ASCII)


@dataclass
class _Mark:
    time: int
    code: int
    note: str = ""


class _NotAnnotationsError(ValueError):
    """The bytes are no annotations, or end in the middle of one."""


def recognizes_annotations(data: bytes | memoryview) -> bool:
    """Whether the content is an annotation file in MIT format: marks up to its end, mostly in order of time.

    There is no signature, and most letters would be marks: the end mark at the end of the file decides.
    """
    view = memoryview(data)
    if len(view) > _LARGEST or bytes(view[-2:]) != b"\x00\x00":
        return False
    try:
        marks = list(_marks(view))
    except _NotAnnotationsError:
        return False
    backwards = sum(b.time < a.time for a, b in pairwise(marks))
    return any(mark.code for mark in marks) and backwards <= len(marks) // 10


def read_annotations(data: bytes | memoryview, *, rate_hz: float, lead: str = "") -> tuple[Annotation, ...]:
    """The marks of an annotation file, in the order of time.

    Parameters
    ----------
    data
        The content of the file.
    rate_hz : float
        Of the record's frames; a resolution of time that the file states wins.
    lead : str
        What they are about, empty for all leads.

    Raises
    ------
    UnreadableFileError
    """
    try:
        marks = list(_marks(memoryview(data)))
    except _NotAnnotationsError as error:
        raise UnreadableFileError(f"The annotation file {error}") from None
    rate_hz = _stated_resolution(marks) or rate_hz
    real = [mark for mark in marks if mark.code and not mark.note.startswith("## ")]
    found = [_annotation(mark, rate_hz, lead) for mark in real]
    return tuple(sorted(found, key=lambda annotation: annotation.start_s))


def _marks(view: memoryview) -> Iterator[_Mark]:
    """Walk over pairs of bytes: six bits of code, ten of the time since the mark before."""
    at, time = 0, 0
    mark: _Mark | None = None
    while True:
        code, value = _pair(view, at)
        at += 2
        if code == 0 and value == 0:
            _check_end(view, at)
            break
        if code == _SKIP:
            time += _long(view, at)
            at += 4
        elif code == _AUX and mark:
            value &= 0xFF
            mark.note = clean(bytes(view[at : at + value]).split(b"\x00")[0].decode("utf-8", "replace"))
            at += value + value % 2
        elif code <= _HIGHEST_CODE:
            if mark:
                yield mark
            time += value
            mark = _Mark(time, code)
        elif code not in (_NUM, _SUB, _CHAN):
            raise _NotAnnotationsError(f"has a code {code} at byte {at - 2}, which is not known")
    if mark:
        yield mark


def _check_end(view: memoryview, at: int) -> None:
    """Only zeros, as of a disk's block, may follow the end mark."""
    if any(view[at:]):
        raise _NotAnnotationsError(f"goes on at byte {at} after its end mark")


def _pair(view: memoryview, at: int) -> tuple[int, int]:
    if at + 2 > len(view):
        raise _NotAnnotationsError(f"ends at byte {len(view)} without its end mark")
    word = view[at] | view[at + 1] << 8
    return word >> 10, word & 0x3FF


def _long(view: memoryview, at: int) -> int:
    """A 32-bit number with the high half first, each half with its low byte first, as a PDP-11 has it."""
    if at + 4 > len(view):
        raise _NotAnnotationsError(f"ends at byte {len(view)} in the middle of a mark")
    raw = bytes((view[at + 2], view[at + 3], view[at], view[at + 1]))
    return int.from_bytes(raw, "little", signed=True)


def _stated_resolution(marks: list[_Mark]) -> float | None:
    for mark in marks[:10]:
        found = _RESOLUTION.fullmatch(mark.note)
        if found and found[1].count(".") <= 1 and 0 < float(found[1].strip(".") or 0) < 1e9:
            return float(found[1])
    return None


def _annotation(mark: _Mark, rate_hz: float, lead: str) -> Annotation:
    symbol = _SYMBOLS.get(mark.code, f"code {mark.code}")
    if mark.code == _RHYTHM and mark.note:
        text, kind = mark.note, "rhythm"
    elif mark.code == _COMMENT and mark.note:
        text, kind = mark.note, "note"
    else:
        text, kind = f"{symbol} {mark.note}".strip(), "beat" if mark.code in _BEATS else "note"
    return Annotation(start_s=mark.time / rate_hz, text=text, kind=kind, lead=lead)

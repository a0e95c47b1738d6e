"""Finding out what is wrong with a body that is not JSON, and saying where in the leads it is."""

from __future__ import annotations

import json
import re

from ecg_core.errors import UnreadableFileError
from ecg_core.readers.excerpt import excerpt
from ecg_core.readers.json_signal import count_bytes

_BYTE = re.compile(r"\s*\(byte (\d+)\)")
_NAME = re.compile(rb'"name"\s*:\s*("(?:[^"\\]|\\.){0,200}")')
_SIGNAL_START = re.compile(rb'"signal"\s*:\s*\[')
_NOT_FINITE = re.compile(rb"[+-]?(NaN|nan|Infinity|Inf|inf)")
_LOOK_BACK = 1 << 16


def malformed(view: memoryview, message: str) -> UnreadableFileError:
    """The error for a body in which the JSON decoder stopped with ``message``."""
    found = _BYTE.search(message)
    at = min(int(found.group(1)), len(view)) if found else len(view)
    reason = _BYTE.sub("", message.removeprefix("JSON is malformed: "))
    number = _NOT_FINITE.match(bytes(view[max(at - 1, 0) : at + 20]).lstrip(b"[,: "))
    if number:
        reason = f"{number.group().decode()} is not a number; send null for a missing sample"
    place = _place_in_signal(view, at)
    if place:
        return UnreadableFileError(f"{place}: {reason}")
    if "truncated" in message:
        return UnreadableFileError("The JSON ends too early; a closing bracket or quote is missing")
    seen = excerpt(view[at : at + 20])
    return UnreadableFileError(
        f"This is not JSON: {reason} at byte {at} (line {_line(view, at)}), near {seen}"
    )


def _place_in_signal(view: memoryview, at: int) -> str | None:
    """``Lead 'I': signal[3]`` where the byte lies in a signal, None elsewhere."""
    opening = _last_opening(view, at)
    if opening is None:
        return None
    before = bytes(view[max(opening - _LOOK_BACK, 0) : opening + 1])
    if not _SIGNAL_START.search(before[-60:]):
        return None
    position = count_bytes(view[opening:at], b",")
    return f"Lead {_lead_name(view, before, opening, at)}: signal[{position}]"


def _last_opening(view: memoryview, at: int) -> int | None:
    """The ``[`` that the byte lies in; None where an object or a closed list comes first."""
    step = 1 << 20
    for end in range(at, 0, -step):
        start = max(end - step, 0)
        piece = bytes(view[start:end])
        bracket = max(piece.rfind(c) for c in (b"[", b"]", b"{", b"}"))
        if bracket >= 0:
            return start + bracket if piece[bracket : bracket + 1] == b"[" else None
    return None


def _lead_name(view: memoryview, before: bytes, opening: int, at: int) -> str:
    own = before[before.rfind(b"{") :]
    found = _NAME.search(own) or _NAME.search(bytes(view[at : at + _LOOK_BACK]).partition(b"{")[0])
    if found:
        try:
            return excerpt(json.loads(found.group(1)))
        except ValueError:
            pass
    return f"number {_lead_number(view, opening)}"


def _lead_number(view: memoryview, opening: int) -> int:
    return len(_SIGNAL_START.findall(view[: opening + 1]))


def _line(view: memoryview, at: int) -> int:
    return count_bytes(view[:at], b"\n") + 1

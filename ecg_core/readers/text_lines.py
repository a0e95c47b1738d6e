"""Lines of a text that may be very large."""

from __future__ import annotations

_HEAD_BYTES = 1 << 18
_HEAD_LINES = 400
_STEP = 1 << 20


def with_newlines(content: memoryview) -> memoryview:
    """The text without empty lines at its end, and with the line ends of old Macs replaced."""
    head = bytes(content[:_HEAD_BYTES])
    if b"\r" in head and b"\n" not in head:
        content = memoryview(bytes(content).replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    return _without_empty_end(content)


def _without_empty_end(content: memoryview) -> memoryview:
    while len(content):
        tail = content[-_STEP:].tobytes()
        empty = len(tail) - len(tail.rstrip(b" \r\n\x1a\x0c"))
        content = content[: len(content) - empty]
        if empty < len(tail):
            break
    return content


def head_lines(content: memoryview) -> list[str]:
    """The first whole lines, at most 400 (counted from a line ``[Data]``) and a quarter of a megabyte."""
    start = bytes(content[:_HEAD_BYTES])
    if len(start) < len(content):
        start = start[: start.rfind(b"\n")] if b"\n" in start else start
    lines = start.decode("utf-8", "replace").split("\n")
    table = next((i for i, line in enumerate(lines) if line.strip().lower() == "[data]"), 0)
    return [line.removesuffix("\r") for line in lines[: table + _HEAD_LINES]]


def offset_of_line(content: memoryview, line: int) -> int:
    """Where a line among the first ones begins; lines are counted from 0."""
    start = bytes(content[:_HEAD_BYTES])
    at = 0
    for _ in range(line):
        at = start.index(b"\n", at) + 1
    return at


def count_newlines(content: memoryview) -> int:
    return sum(content[at : at + _STEP].tobytes().count(b"\n") for at in range(0, len(content), _STEP))

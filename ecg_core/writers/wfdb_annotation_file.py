"""Annotation files of WFDB in MIT format (annot(5) of the WFDB Applications Guide)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from ecg_core.domain import Annotation

#: Numbers of the symbols of ecgcodes.h.
_CODES = {symbol: number for number, symbol in enumerate("NLRaVFJASEj/Q~", 1)} | {
    "|": 16, "s": 18, "T": 19, "*": 20, "D": 21, '"': 22, "=": 23, "p": 24, "B": 25, "^": 26, "t": 27,
    "+": 28, "u": 29, "?": 30, "!": 31, "[": 32, "]": 33, "e": 34, "n": 35, "@": 36, "x": 37, "f": 38,
    "(": 39, ")": 40, "r": 41,
}  # fmt: skip
_CODES |= {f"code {number}": number for number in range(1, 50) if number not in _CODES.values()}
_BEATS = frozenset([*range(1, 14), 25, 30, 34, 35, 38, 41])
_RHYTHM, _COMMENT, _SKIP, _AUX = 28, 22, 59, 63
_LONGEST_TEXT = 255
_LATEST = 2**31 - 1
_BEAT = re.compile(r"(code \d+|\S)(?: (.+))?", re.DOTALL)
#: Ticks per second that are tried where marks lie between samples, beside a thousand times the rate.
_FINER = (1000.0, 10_000.0, 100_000.0, 1_000_000.0)


def annotation_file(marks: Sequence[Annotation], rate_hz: float) -> bytes:
    """The content of an annotation file.

    Parameters
    ----------
    marks : sequence of Annotation
        In the order of time.
    rate_hz : float
        Frames per second of the record. Marks between samples get a finer resolution of time, which the
        file's first mark then states; at the finest they are rounded to a microsecond.
    """
    ticks = _resolution(marks, rate_hz)
    pairs = [(round(mark.start_s * ticks), *_code_and_text(mark)) for mark in marks]
    if ticks != rate_hz:
        pairs.insert(
            0, (0, _COMMENT, f"## time resolution: {np.format_float_positional(ticks, trim='-')[:20]}")
        )
    return b"".join(_words(pairs)) + b"\x00\x00"


def _resolution(marks: Sequence[Annotation], rate_hz: float) -> float:
    latest = max((mark.start_s for mark in marks), default=0.0)
    possible = [
        ticks for ticks in (rate_hz, *_FINER[:2], 1000 * rate_hz, *_FINER[2:]) if latest * ticks < _LATEST
    ] or [rate_hz]
    return next(
        (
            ticks
            for ticks in possible
            if all(round(mark.start_s * ticks) / ticks == mark.start_s for mark in marks)
        ),
        possible[-1],
    )


def _code_and_text(mark: Annotation) -> tuple[int, str]:
    """A beat by its symbol, a rhythm as such, another bare symbol by its code, anything else as a note."""
    if mark.kind == "rhythm":
        return _RHYTHM, mark.text
    found = _BEAT.fullmatch(mark.text) if mark.kind == "beat" else None
    code = _CODES.get(found[1], 0) if found else 0
    if found and code in _BEATS:
        return code, found[2] or ""
    code = _CODES.get(mark.text, 0)
    return (code, "") if code and code not in _BEATS else (_COMMENT, mark.text)


def _words(marks: Iterable[tuple[int, int, str]]) -> Iterator[bytes]:
    """Six bits of code and ten of the time since the mark before; longer times and texts follow in words."""
    before = 0
    for time, code, text in marks:
        step, before = time - before, time
        if not 0 <= step < 1 << 10:
            yield _word(_SKIP, 0) + (step >> 16 & 0xFFFF).to_bytes(2, "little")
            yield (step & 0xFFFF).to_bytes(2, "little")
            step = 0
        yield _word(code, step)
        content = text.encode()[:_LONGEST_TEXT].decode(errors="ignore").encode()
        if content:
            yield _word(_AUX, len(content)) + content + b"\x00" * (len(content) % 2)


def _word(code: int, value: int) -> bytes:
    return (code << 10 | value).to_bytes(2, "little")

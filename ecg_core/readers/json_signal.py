"""From the JSON text of one signal to an array, a piece at a time.

The text has already been found to be well-formed JSON, so a piece that holds nothing but digits, signs
and commas is a list of whole numbers and is handed to numpy's parser as it is.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecg_core.errors import UnreadableFileError
from ecg_core.readers.excerpt import excerpt
from ecg_core.readers.sample_buffer import EXACT_LIMIT, SampleBuffer, inexact

_PIECE = 1 << 18
_SPACE = b" \t\r\n"
_INTEGER_TEXT = b"0123456789-," + _SPACE
_NUMBER_TEXT = _INTEGER_TEXT + b"+.eE"
_INT64 = np.iinfo(np.int64)


def parse_signal(raw: memoryview, *, lead: str) -> NDArray[np.generic]:
    """The samples of one signal: whole numbers in the narrowest type, else float64 with NaN for null.

    Parameters
    ----------
    raw : memoryview
        Well-formed JSON text of the value, from its first character to its last.
    lead : str
        How messages name the lead.

    Raises
    ------
    UnreadableFileError
        Where the value is no list, or one of its items neither a number nor null, with its position.
    """
    if raw[:1].tobytes() != b"[":
        raise UnreadableFileError(f"{lead}: signal must be a list of numbers, not {_kind(bytes(raw[:100]))}")
    buffer = SampleBuffer(count_bytes(raw, b",") + 1, lambda index: f"{lead}: signal[{index}]")
    for piece in _pieces(raw[1:-1], lead):
        buffer.append(_parse_piece(piece, lead, len(buffer)))
    return buffer.samples()


def count_bytes(view: memoryview, character: bytes) -> int:
    """How often a character occurs, in bounded memory."""
    step, code, text = 1 << 18, ord(character), np.frombuffer(view, np.uint8)
    return sum(int(np.count_nonzero(text[at : at + step] == code)) for at in range(0, len(text), step))


def _pieces(items: memoryview, lead: str) -> Iterator[bytes]:
    start = 0
    while start < len(items):
        piece = bytes(items[start : start + _PIECE])
        if start + _PIECE < len(items):
            cut = piece.rfind(b",")
            if cut < 0:
                raise UnreadableFileError(f"{lead}: an item of the signal has over {_PIECE:,} characters")
            piece = piece[:cut]
        yield piece
        start += len(piece) + 1


def _parse_piece(piece: bytes, lead: str, first: int) -> NDArray[np.generic]:
    if not piece.strip(_SPACE):
        return np.empty(0, np.int64)
    if not piece.translate(None, _INTEGER_TEXT):
        whole = np.fromstring(piece, np.int64, sep=",")
        if whole.min() > _INT64.min and whole.max() < _INT64.max:
            return whole
    elif not piece.replace(b"null", b"").translate(None, _NUMBER_TEXT):
        decimal = _parse_decimals(piece)
        if not np.any(np.abs(decimal) >= EXACT_LIMIT):  # neither infinite nor a large whole number
            return decimal
    return _parse_one_by_one(piece, lead, first)


def _parse_decimals(piece: bytes) -> NDArray[np.float64]:
    lines = piece.translate(None, _SPACE).replace(b"null", b"nan").replace(b",", b"\n")
    table = pd.read_csv(io.BytesIO(lines), header=None, dtype=np.float64, skip_blank_lines=False)
    values: NDArray[np.float64] = table[0].to_numpy()
    return values


def _parse_one_by_one(piece: bytes, lead: str, first: int) -> NDArray[np.generic]:
    """The slow and exact way: large numbers, and the position and reason of a fault."""
    values: list[int | float] = []
    for index, item in enumerate(piece.split(b","), first):
        problem = _append_item(item.strip(_SPACE), values)
        if problem:
            raise UnreadableFileError(f"{lead}: signal[{index}] {problem}")
    if all(isinstance(value, int) and _INT64.min <= value <= _INT64.max for value in values):
        return np.array(values, np.int64)
    return _as_floats(values, lead, first)


def _append_item(item: bytes, values: list[int | float]) -> str | None:
    if item == b"null":
        values.append(math.nan)
    elif item.translate(None, _NUMBER_TEXT):
        return f"is {_kind(item)}; a sample is a number, or null where it is missing"
    elif len(item) > 1000:
        return f"has {len(item):,} characters; a number of at most 1,000 would be read"
    elif item.translate(None, b"0123456789-"):
        values.append(float(item))
    else:
        values.append(int(item))
    if isinstance(values[-1], float) and math.isinf(values[-1]):
        return f"is {excerpt(item)}, beyond the range of a 64-bit float"
    return None


def _as_floats(values: list[int | float], lead: str, first: int) -> NDArray[np.float64]:
    for index, value in enumerate(values, first):
        if isinstance(value, int) and abs(value) > EXACT_LIMIT and not _is_exact(value):
            raise UnreadableFileError(f"{lead}: signal[{index}]: {inexact(value)}")
    return np.array([float(value) for value in values], np.float64)


def _is_exact(value: int) -> bool:
    try:
        return int(float(value)) == value
    except OverflowError:
        return False


def _kind(text: bytes) -> str:
    kinds = {b"{": "an object", b"[": "a list", b'"': "text", b"t": "true", b"f": "false", b"n": "null"}
    return kinds.get(text[:1], f"the number {excerpt(text)}")

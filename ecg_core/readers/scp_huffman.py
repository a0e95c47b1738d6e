"""The Huffman code of SCP-ECG (section 2; EN 1064, 5.5 and annex C)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecg_core.errors import UnreadableFileError

_DEFAULT = 19999
_MOST_TABLES = 1000
_CODE_BYTES = 9


class DataEndsError(UnreadableFileError):
    """The bits are used up before the samples are complete."""


@dataclass(frozen=True)
class Code:
    """What a prefix stands for: ``value`` plus a number of ``extra_bits``, or a change to table ``table``."""

    value: int
    extra_bits: int
    table: int | None = None


#: By the number of bits of a prefix and the prefix.
Table = dict[tuple[int, int], Code]


def _default_table() -> Table:
    table: Table = {(1, 0): Code(0, 0)}
    for magnitude in range(1, 9):
        ones = ((1 << magnitude) - 1) << 2
        table[magnitude + 2, ones] = Code(magnitude, 0)
        table[magnitude + 2, ones | 1] = Code(-magnitude, 0)
    table[10, 0b1111111110] = Code(0, 8)
    table[10, 0b1111111111] = Code(0, 16)
    return table


def read_tables(section: bytes) -> list[Table]:
    """The tables of section 2, of which the first decodes the first sample.

    Raises
    ------
    UnreadableFileError
        Naming the table.
    """
    number = int.from_bytes(section[:2], "little")
    if number == _DEFAULT:
        return [_default_table()]
    if not 1 <= number <= _MOST_TABLES:
        raise UnreadableFileError(f"Section 2 of the SCP-ECG file states {number} Huffman tables")
    tables, at = [], 2
    for index in range(1, number + 1):
        codes = int.from_bytes(section[at : at + 2], "little")
        end = at + 2 + _CODE_BYTES * codes
        if not codes or end > len(section):
            raise UnreadableFileError(f"Huffman table {index} of the SCP-ECG file is cut off or empty")
        rows = struct.iter_unpack("<BBBhI", section[at + 2 : end])
        tables.append(dict(_code(*row, tables=number) for row in rows))
        at = end
    return tables


def _code(
    prefix_bits: int, total_bits: int, mode: int, value: int, stored: int, *, tables: int
) -> tuple[tuple[int, int], Code]:
    if not 1 <= prefix_bits <= 32 or not prefix_bits <= total_bits <= prefix_bits + 32:
        raise UnreadableFileError(
            f"A Huffman code of the SCP-ECG file has a prefix of {prefix_bits} bits of {total_bits}"
        )
    if mode == 0 and not 1 <= value <= tables:
        raise UnreadableFileError(f"A Huffman code of the SCP-ECG file changes to table {value} of {tables}")
    # The bit that is sent first is stored as the lowest.
    prefix = int(f"{stored & ((1 << prefix_bits) - 1):0{prefix_bits}b}"[::-1], 2)
    code = Code(value, total_bits - prefix_bits) if mode else Code(0, 0, value - 1)
    return (prefix_bits, prefix), code


def decode(data: bytes, samples: int, tables: Sequence[Table], place: str) -> tuple[NDArray[np.int64], int]:
    """The first ``samples`` values, shape (samples,), and the number of bytes that they take.

    Raises
    ------
    UnreadableFileError
        Naming ``place``: `DataEndsError` where bits are missing.
    """
    if samples > 8 * len(data):
        raise DataEndsError(f"{place}: {len(data):,} bytes cannot hold {samples:,} samples")
    bits = "".join(f"{byte:08b}" for byte in data)
    values = np.empty(samples, np.int64)
    longest = [max(length for length, _ in table) for table in tables]
    table, at, count = 0, 0, 0
    while count < samples:
        code, at = _next_code(bits, at, tables[table], longest[table], place)
        if code.table is not None:
            table = code.table
            continue
        end = at + code.extra_bits
        if end > len(bits):
            raise DataEndsError(f"{place}: the data ends after {count:,} of {samples:,} samples")
        values[count] = code.value + _signed(bits[at:end])
        at = end
        count += 1
    return values, -(-at // 8)


def _next_code(bits: str, at: int, table: Table, longest: int, place: str) -> tuple[Code, int]:
    prefix = 0
    for length in range(1, longest + 1):
        if at + length > len(bits):
            raise DataEndsError(f"{place}: the data ends within a Huffman code")
        prefix = prefix << 1 | (bits[at + length - 1] == "1")
        code = table.get((length, prefix))
        if code is not None:
            return code, at + length
    raise UnreadableFileError(f"{place}: there is no such Huffman code at bit {at + 1:,}")


def _signed(bits: str) -> int:
    if not bits:
        return 0
    return int(bits, 2) - ((1 << len(bits)) if bits[0] == "1" else 0)

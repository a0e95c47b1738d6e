"""Reduced signals beside the stored ones: a window of many hours is drawn without its samples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, bindparam, delete, insert, select

from ecg_core.errors import EcgError
from ecg_core.storage.signals import decode, encode
from ecg_core.storage.tables import PyramidRow

#: A lead of up to so many samples is read whole as quickly.
LONG_SAMPLES = 100_000
#: Blocks in a row: at 250 Hz an hour and more of the finest level, a week of the next.
_ROW_BLOCKS = 4096
_LENGTH_BYTES = 4
_PYRAMID = PyramidRow.__table__
_OF_RECORDING = _PYRAMID.c.recording_number == bindparam("recording")
_REDUCED = select(_PYRAMID.c.position).where(_OF_RECORDING).distinct()
_ROWS = (
    select(_PYRAMID.c.data)
    .where(_OF_RECORDING)
    .where(_PYRAMID.c.position == bindparam("position"), _PYRAMID.c.level == bindparam("level"))
    .where(_PYRAMID.c.number.between(bindparam("first"), bindparam("last")))
    .order_by(_PYRAMID.c.number)
)

#: Columns of a level, one number a block: lowest and highest sample, crossings rising and falling, missing.
Blocks = Sequence[NDArray[np.generic]]


def encode_pyramid(levels: Sequence[Blocks]) -> tuple[tuple[int, int, bytes], ...]:
    """Compress the levels of a lead in stretches of blocks: level, number and data of each row."""
    return tuple(
        (number, start // _ROW_BLOCKS, _encode_row([column[start : start + _ROW_BLOCKS] for column in level]))
        for number, level in enumerate(levels)
        for start in range(0, len(level[0]), _ROW_BLOCKS)
    )


def insert_pyramids(
    connection: Connection, recording_number: int, pyramids: Mapping[int, Sequence[tuple[int, int, bytes]]]
) -> None:
    """Store the reduced signals of leads of a recording, by the leads' position."""
    rows = [
        {
            "recording_number": recording_number,
            "position": position,
            "level": level,
            "number": number,
            "data": data,
        }
        for position, pyramid in pyramids.items()
        for level, number, data in pyramid
    ]
    if rows:
        connection.execute(insert(_PYRAMID), rows)


def delete_pyramids(connection: Connection, recording_number: int) -> None:
    """Delete those of a recording; they are made again when they are needed."""
    connection.execute(delete(_PYRAMID).where(_PYRAMID.c.recording_number == recording_number))


def reduced_leads(connection: Connection, recording_number: int) -> frozenset[int]:
    """Positions of the leads of a recording that have been reduced."""
    return frozenset(connection.execute(_REDUCED, {"recording": recording_number}).scalars())


def read_blocks(
    connection: Connection,
    recording_number: int,
    position: int,
    dtype: str,
    *,
    level: int,
    first: int,
    stop: int,
) -> list[NDArray[np.generic]]:
    """The blocks ``first <= number < stop`` of a level; only the rows that hold them are decoded.

    Raises
    ------
    EcgError
        The stored blocks are damaged, or not all there.
    """
    values = {
        "recording": recording_number,
        "position": position,
        "level": level,
        "first": first // _ROW_BLOCKS,
        "last": max(first, stop - 1) // _ROW_BLOCKS,
    }
    rows = connection.execute(_ROWS, values).scalars().all()
    parts = [_decode_row(data, dtype) for data in rows]
    begin = first - first // _ROW_BLOCKS * _ROW_BLOCKS
    columns = [np.concatenate(column)[begin : begin + stop - first] for column in zip(*parts, strict=True)]
    if not columns or len(columns[0]) != stop - first:
        raise EcgError(f"The reduced signal is damaged: blocks {first} to {stop} are not all there")
    return columns


def _encode_row(columns: Blocks) -> bytes:
    lowest, highest, *counts = columns
    coded = [encode(each) for each in (lowest, highest, *(count.astype(np.uint32) for count in counts))]
    return b"".join(len(each).to_bytes(_LENGTH_BYTES, "little") + each for each in coded)


def _decode_row(data: bytes, dtype: str) -> list[NDArray[np.generic]]:
    lowest, highest, *counts = _pieces(data)
    whole = [decode(each, "uint32").astype(np.int64) for each in counts]
    return [decode(lowest, dtype), decode(highest, dtype), *whole]


def _pieces(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at : at + _LENGTH_BYTES], "little")
        at += _LENGTH_BYTES + length
        yield data[at - length : at]

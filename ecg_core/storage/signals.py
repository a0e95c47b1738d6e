"""Signals as losslessly compressed chunks of their own numbers: any window is read without the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pcodec import ChunkConfig, DeltaSpec, ModeSpec, standalone
from sqlalchemy import insert, select
from sqlmodel import Session

from ecg_core.errors import EcgError
from ecg_core.storage.tables import ChunkRow

CHUNK_SAMPLES = 65_536

# Differences of neighbours suit an ECG's whole numbers: half the time of letting the codec find out, at the
# same size.
_INTEGERS = ChunkConfig(mode_spec=ModeSpec.classic(), delta_spec=DeltaSpec.try_consecutive(1))
_FLOATS = ChunkConfig()
# The codec has no 8-bit mode worth using and no 16-bit floats here: those travel in the next wider type.
_CODED_AS = {"int8": "int16", "uint8": "uint16"}
STORABLE = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64")


def encode(samples: NDArray[np.generic]) -> bytes:
    """Compress up to ``CHUNK_SAMPLES`` samples; every bit comes back."""
    coded = np.ascontiguousarray(samples, dtype=_CODED_AS.get(samples.dtype.name, samples.dtype))
    return standalone.simple_compress(coded, _FLOATS if coded.dtype.kind == "f" else _INTEGERS)


def decode(data: bytes, dtype: str) -> NDArray[np.generic]:
    """What `encode` was given.

    Raises
    ------
    EcgError
        The data are damaged.
    """
    try:
        samples = standalone.simple_decompress(data)
    except RuntimeError as error:
        raise EcgError("The stored signal is damaged: a part of it cannot be decompressed") from error
    return np.asarray(samples).astype(dtype, copy=False)


@dataclass(frozen=True)
class EncodedSignal:
    """One lead's samples as they are stored: their type, and chunks in order."""

    dtype: str
    chunks: tuple[bytes, ...]


def encode_signal(samples: NDArray[np.generic]) -> EncodedSignal:
    """Compress one lead's samples, shape (n,); an empty lead has no chunk."""
    starts = range(0, len(samples), CHUNK_SAMPLES)
    chunks = tuple(encode(samples[start : start + CHUNK_SAMPLES]) for start in starts)
    return EncodedSignal(samples.dtype.name, chunks)


def insert_signals(session: Session, recording_number: int, signals: Sequence[Sequence[bytes]]) -> None:
    """Store the encoded signals of a recording's leads, in the leads' order."""
    rows = [
        {"recording_number": recording_number, "position": position, "number": number, "data": data}
        for position, chunks in enumerate(signals)
        for number, data in enumerate(chunks)
    ]
    if rows:
        session.connection().execute(insert(ChunkRow.__table__), rows)


def read_signal(
    session: Session, recording_number: int, position: int, dtype: str, start: int, stop: int
) -> NDArray[np.generic]:
    """The samples ``start <= index < stop`` of a lead; only their chunks are read."""
    if stop <= start:
        return np.zeros(0, dtype)
    first = start // CHUNK_SAMPLES
    chunks = list(
        _read_chunks(session, recording_number, position, dtype, first, (stop - 1) // CHUNK_SAMPLES)
    )
    samples = np.concatenate(chunks) if chunks else np.zeros(0, dtype)
    window = samples[start - first * CHUNK_SAMPLES : stop - first * CHUNK_SAMPLES]
    if len(window) != stop - start:
        raise EcgError(f"The stored signal is damaged: samples {start} to {stop} of a lead are not all there")
    return window


def _read_chunks(
    session: Session, recording_number: int, position: int, dtype: str, first: int, last: int
) -> Iterator[NDArray[np.generic]]:
    query = (
        select(ChunkRow.data)
        .where(ChunkRow.recording_number == recording_number, ChunkRow.position == position)
        .where(ChunkRow.number.between(first, last))
        .order_by(ChunkRow.number)
    )
    for data in session.execute(query).scalars():
        yield decode(data, dtype)

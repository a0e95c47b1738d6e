"""Signals as losslessly compressed chunks of their own numbers: any window is read without the rest."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from pcodec import ChunkConfig, DeltaSpec, ModeSpec, standalone
from sqlalchemy import Connection, bindparam, insert, select

from ecg_core.errors import EcgError
from ecg_core.storage.tables import ChunkRow

CHUNK_SAMPLES = 65_536
_CHUNK = ChunkRow.__table__
_INSERT_CHUNKS = insert(_CHUNK)
# Made once: to make a statement takes longer than SQLite takes to answer it.
_CHUNKS = select(_CHUNK.c.position, _CHUNK.c.number, _CHUNK.c.data).where(
    _CHUNK.c.recording_number == bindparam("recording"),
    _CHUNK.c.position.in_(bindparam("positions", expanding=True)),
    _CHUNK.c.number.between(bindparam("first"), bindparam("last")),
)
CHECKSUM_BYTES = 4

# Differences of neighbours suit an ECG's whole numbers: half the time of letting the codec find out, at the
# same size.
_INTEGERS = ChunkConfig(mode_spec=ModeSpec.classic(), delta_spec=DeltaSpec.try_consecutive(1))
_FLOATS = ChunkConfig()
# The codec has no 8-bit mode worth using: those travel in the next wider type.
_CODED_AS = {"int8": "int16", "uint8": "uint16"}
STORABLE = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64")


def encode(samples: NDArray[np.generic]) -> bytes:
    """Compress up to ``CHUNK_SAMPLES`` samples, after a checksum; every bit comes back."""
    name = samples.dtype.name  # without the byte order: the codec knows this machine's only
    coded = np.ascontiguousarray(samples, dtype=_CODED_AS.get(name, name))
    compressed = standalone.simple_compress(coded, _FLOATS if coded.dtype.kind == "f" else _INTEGERS)
    return checksum(compressed) + compressed


def checksum(compressed: bytes) -> bytes:
    """CRC-32: without it, one wrong bit on the disk would decode to another signal, without an error."""
    return zlib.crc32(compressed).to_bytes(CHECKSUM_BYTES, "little")


def decode(data: bytes, dtype: str) -> NDArray[np.generic]:
    """What `encode` was given.

    Raises
    ------
    EcgError
        The data are damaged.
    """
    stored, compressed = data[:CHECKSUM_BYTES], data[CHECKSUM_BYTES:]
    if checksum(compressed) != stored:
        raise EcgError("The stored signal is damaged: a part of it is not what was stored")
    decoded = standalone.simple_decompress(compressed)
    if decoded is None:  # nothing was encoded
        return np.zeros(0, dtype)
    samples = np.asarray(decoded)
    if samples.dtype.name != _CODED_AS.get(dtype, dtype):
        raise EcgError(f"The stored signal is damaged: a part of it is {samples.dtype}, not {dtype}")
    return samples.astype(dtype, copy=False)


@lru_cache(maxsize=32)
def _decoded(data: bytes, dtype: str) -> NDArray[np.generic]:
    """`decode`, once for pages that follow each other: found by the stored bytes, so never another's."""
    samples = decode(data, dtype)
    samples.flags.writeable = False
    return samples


@dataclass(frozen=True)
class EncodedSignal:
    """One lead as it is stored: the samples' type, chunks in order, rows of the reduced signal."""

    dtype: str
    chunks: tuple[bytes, ...]
    pyramid: tuple[tuple[int, int, bytes], ...] = ()


def encode_signal(samples: NDArray[np.generic]) -> EncodedSignal:
    """Compress one lead's samples, shape (n,); an empty lead has no chunk."""
    starts = range(0, len(samples), CHUNK_SAMPLES)
    chunks = tuple(encode(samples[start : start + CHUNK_SAMPLES]) for start in starts)
    return EncodedSignal(samples.dtype.name, chunks)


def insert_signals(
    connection: Connection, recording_number: int, signals: Mapping[int, Sequence[bytes]]
) -> None:
    """Store the encoded signals of leads of a recording, by the leads' position."""
    rows = [
        {"recording_number": recording_number, "position": position, "number": number, "data": data}
        for position, chunks in signals.items()
        for number, data in enumerate(chunks)
    ]
    if rows:
        connection.execute(_INSERT_CHUNKS, rows)


@dataclass(frozen=True)
class Span:
    """The samples ``start <= index < stop`` of the lead at a position."""

    position: int
    dtype: str
    start: int
    stop: int

    @property
    def chunks(self) -> range:
        """Numbers of the chunks that hold it."""
        return range(
            self.start // CHUNK_SAMPLES, -(-self.stop // CHUNK_SAMPLES) if self.stop > self.start else 0
        )


def read_spans(
    connection: Connection, recording_number: int, spans: Sequence[Span]
) -> list[NDArray[np.generic]]:
    """The samples of spans of one recording's leads, by one query; only their chunks are decoded.

    Raises
    ------
    EcgError
        The stored signal is damaged.
    """
    wanted = [(span.position, number) for span in spans for number in span.chunks]
    found = _read_chunks(connection, recording_number, wanted) if wanted else {}
    return [_assemble(span, found) for span in spans]


def _read_chunks(
    connection: Connection, recording_number: int, wanted: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], bytes]:
    numbers = [number for _, number in wanted]
    values = {
        "recording": recording_number,
        "positions": list({position for position, _ in wanted}),
        "first": min(numbers),
        "last": max(numbers),
    }
    return {(position, number): data for position, number, data in connection.execute(_CHUNKS, values)}


def _assemble(span: Span, found: Mapping[tuple[int, int], bytes]) -> NDArray[np.generic]:
    first, length = span.chunks.start * CHUNK_SAMPLES, max(0, span.stop - span.start)
    stored = (found[span.position, n] for n in span.chunks if (span.position, n) in found)
    parts = [_decoded(data, span.dtype) for data in stored]
    samples = np.concatenate(parts) if parts else np.zeros(0, span.dtype)
    window = samples[span.start - first : span.stop - first] if length else samples
    if len(window) != length or any(len(part) != CHUNK_SAMPLES for part in parts[:-1]):
        raise EcgError(f"The stored signal is damaged: samples {span.start} to {span.stop} are not all there")
    return window

"""Uploaded files as they came, compressed in pieces: given back byte for byte."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID

from numpy.typing import NDArray
from sqlalchemy import Connection, insert, select

from ecg_core.errors import EcgError
from ecg_core.storage.layouts import Layout
from ecg_core.storage.signals import Span, read_spans
from ecg_core.storage.tables import LeadRow, OriginalChunkRow, OriginalRow, RecordingRow

_PIECE = 1 << 20
_RECORDING, _LEAD = RecordingRow.__table__, LeadRow.__table__
_ORIGINAL, _CHUNK = OriginalRow.__table__, OriginalChunkRow.__table__


@dataclass(frozen=True)
class EncodedOriginal:
    """One uploaded file as it is stored."""

    name: str
    sha256: str
    size: int
    chunks: tuple[bytes, ...]
    layout: Layout | None = None


@dataclass(frozen=True)
class StoredOriginal:
    """Where one uploaded file is."""

    recording_number: int
    position: int
    name: str
    sha256: str
    size: int
    layout: list[Any]


def encode_original(name: str, data: bytes | memoryview) -> EncodedOriginal:
    """Compress one uploaded file."""
    pieces = (data[at : at + _PIECE] for at in range(0, len(data), _PIECE))
    chunks = tuple(zlib.compress(piece, 1) for piece in pieces)
    return EncodedOriginal(name, hashlib.sha256(data).hexdigest(), len(data), chunks)


def encode_without_samples(
    name: str, data: bytes | memoryview, layout: Layout, leads: Sequence[NDArray[Any]]
) -> EncodedOriginal | None:
    """Compress what an uploaded file has beside the samples of its leads.

    Parameters
    ----------
    layout : Layout
        Where they are said to stand.
    leads : sequence of ndarray
        The samples of all leads that are stored with the file.

    Returns
    -------
    EncodedOriginal or None
        None if these samples do not give the file again, byte for byte.
    """
    chunks, at = [], 0
    for piece in layout.pieces(memoryview(data)):
        empty = layout.emptied(piece, at)
        if layout.filled(empty, at, lambda position, start, stop: leads[position][start:stop]) != piece:
            return None
        chunks.append(zlib.compress(empty))
        at += len(piece)
    return EncodedOriginal(name, hashlib.sha256(data).hexdigest(), len(data), tuple(chunks), layout)


def encode_originals(
    name: str, data: bytes | memoryview, siblings: Mapping[str, bytes]
) -> list[EncodedOriginal]:
    """A file and those that belong to it, the file itself first."""
    return [encode_original(name, data), *(encode_original(other, siblings[other]) for other in siblings)]


def insert_originals(
    connection: Connection, recording_number: int, originals: Sequence[EncodedOriginal]
) -> None:
    """Store the files of one recording."""
    key = "recording_number"
    for position, original in enumerate(originals):
        layout = original.layout.to_json() if original.layout else []
        row = {"name": original.name, "sha256": original.sha256, "size": original.size, "layout": layout}
        connection.execute(insert(_ORIGINAL), {key: recording_number, "position": position, **row})
        chunks = [
            {key: recording_number, "position": position, "number": number, "data": data}
            for number, data in enumerate(original.chunks)
        ]
        if chunks:
            connection.execute(insert(_CHUNK), chunks)


def list_originals(connection: Connection, owner_id: int, ecg_id: UUID) -> list[StoredOriginal]:
    """The files of one of the owner's recordings, in order; none of another's, or where none was kept."""
    query = (
        select(*_ORIGINAL.c)
        .join_from(_ORIGINAL, _RECORDING, _ORIGINAL.c.recording_number == _RECORDING.c.number)
        .where(_RECORDING.c.owner_id == owner_id, _RECORDING.c.id == ecg_id)
        .order_by(_ORIGINAL.c.position)
    )
    return [StoredOriginal(*row) for row in connection.execute(query)]


def read_original(connection: Connection, original: StoredOriginal) -> Iterator[bytes]:
    """The pieces of one file.

    Raises
    ------
    EcgError
        The stored file is damaged: it is not what was uploaded.
    """
    query = select(_CHUNK.c.data).where(
        _CHUNK.c.recording_number == original.recording_number, _CHUNK.c.position == original.position
    )
    return read_pieces(
        lambda number: connection.execute(query.where(_CHUNK.c.number == number)).scalar_one_or_none(),
        original.sha256,
        _filling(connection, original) if original.layout else None,
    )


def _filling(connection: Connection, original: StoredOriginal) -> Callable[[bytes, int], bytes]:
    """Puts the samples of the stored leads into pieces of the file."""
    layout = Layout.of(original.layout)
    query = select(_LEAD.c.position, _LEAD.c.dtype).where(
        _LEAD.c.recording_number == original.recording_number
    )
    dtypes = {row.position: row.dtype for row in connection.execute(query)}

    def samples(position: int, start: int, stop: int) -> NDArray[Any]:
        span = Span(position, dtypes[position], start, stop)
        return read_spans(connection, original.recording_number, [span])[0]

    return lambda piece, at: layout.filled(piece, at, samples)


def read_pieces(
    piece_of: Callable[[int], bytes | None],
    sha256: str,
    filling: Callable[[bytes, int], bytes] | None = None,
) -> Iterator[bytes]:
    """The pieces of a compressed file, one after another until there is none of a number.

    ``filling`` makes a piece that begins at a byte of the file what it was.

    Raises
    ------
    EcgError
        They are not what was stored.
    """
    digest, at = hashlib.sha256(), 0
    for number in count():
        data = piece_of(number)
        if data is None:
            break
        try:
            piece = zlib.decompress(data)
        except zlib.error as error:
            raise EcgError(f"The stored file is damaged at its {number + 1}. piece") from error
        piece = filling(piece, at) if filling else piece
        at += len(piece)
        digest.update(piece)
        yield piece
    if digest.hexdigest() != sha256:
        raise EcgError("The stored file is damaged: its SHA-256 is not that of the upload")

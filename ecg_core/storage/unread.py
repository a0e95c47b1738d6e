"""Files that could not be read, kept for their owner."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select, update

from ecg_core.domain import UnreadFile
from ecg_core.errors import EcgNotFoundError
from ecg_core.storage.originals import EncodedOriginal, read_pieces
from ecg_core.storage.tables import UnreadChunkRow, UnreadRow

_UNREAD, _CHUNK = UnreadRow.__table__, UnreadChunkRow.__table__
_COLUMNS = [_UNREAD.c[name] for name in UnreadFile.__dataclass_fields__]


def keep_unread(
    connection: Connection,
    owner_id: int,
    unread_id: UUID,
    file: EncodedOriginal,
    *,
    reason: str,
    now: datetime,
) -> None:
    """Keep a file with the reason; of a file that is kept already the reason is made the new one."""
    again = update(_UNREAD).where(_UNREAD.c.owner_id == owner_id, _UNREAD.c.sha256 == file.sha256)
    if connection.execute(again.values(reason=reason)).rowcount:
        return
    row = {"id": unread_id, "owner_id": owner_id, "name": file.name, "sha256": file.sha256, "size": file.size,
           "reason": reason, "uploaded_at": now}  # fmt: skip
    number = connection.execute(insert(_UNREAD).returning(_UNREAD.c.number), row).scalar_one()
    chunks = [{"unread_number": number, "number": n, "data": data} for n, data in enumerate(file.chunks)]
    if chunks:
        connection.execute(insert(_CHUNK), chunks)


def list_unread(connection: Connection, owner_id: int) -> list[UnreadFile]:
    """The owner's files that could not be read, newest first."""
    query = select(*_COLUMNS).where(_UNREAD.c.owner_id == owner_id).order_by(_UNREAD.c.number.desc())
    return [UnreadFile(*row) for row in connection.execute(query)]


def get_unread(connection: Connection, owner_id: int, unread_id: UUID) -> UnreadFile:
    """One of them.

    Raises
    ------
    EcgNotFoundError
    """
    row = connection.execute(select(*_COLUMNS).where(*_owned(owner_id, unread_id))).one_or_none()
    if row is None:
        raise EcgNotFoundError(unread_id)
    return UnreadFile(*row)


def read_unread(connection: Connection, owner_id: int, file: UnreadFile) -> Iterator[bytes]:
    """The pieces of the file, as it was uploaded.

    Raises
    ------
    EcgError
        It is damaged.
    """
    query = (
        select(_CHUNK.c.data)
        .join_from(_CHUNK, _UNREAD, _CHUNK.c.unread_number == _UNREAD.c.number)
        .where(*_owned(owner_id, file.id))
    )
    return read_pieces(
        lambda number: connection.execute(query.where(_CHUNK.c.number == number)).scalar_one_or_none(),
        file.sha256,
    )


def update_reason(connection: Connection, owner_id: int, unread_id: UUID, reason: str) -> None:
    """Say why it still cannot be read."""
    connection.execute(update(_UNREAD).where(*_owned(owner_id, unread_id)).values(reason=reason))


def delete_unread(connection: Connection, owner_id: int, unread_id: UUID) -> None:
    """Delete one of them.

    Raises
    ------
    EcgNotFoundError
    """
    if not connection.execute(delete(_UNREAD).where(*_owned(owner_id, unread_id))).rowcount:
        raise EcgNotFoundError(unread_id)


def _owned(owner_id: int, unread_id: UUID) -> list[Any]:
    return [_UNREAD.c.owner_id == owner_id, _UNREAD.c.id == unread_id]

"""Notes and calipers of readers. Every query names the owner of the ECG, as in `recordings`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select, update

from ecg_core.domain import Mark
from ecg_core.errors import EcgNotFoundError, MarkNotFoundError
from ecg_core.storage.tables import MarkRow, RecordingRow

_MARK, _RECORDING = MarkRow.__table__, RecordingRow.__table__
_FIELDS = tuple(Mark.__dataclass_fields__)


def list_marks(connection: Connection, owner_id: int, ecg_id: UUID) -> list[Mark]:
    """The marks of an ECG in the order in which they were made; none where it is not the owner's."""
    query = (
        select(*(_MARK.c[name] for name in _FIELDS))
        .join_from(_MARK, _RECORDING, _MARK.c.recording_number == _RECORDING.c.number)
        .where(_RECORDING.c.owner_id == owner_id, _RECORDING.c.id == ecg_id)
        .order_by(_MARK.c.number)
    )
    return [Mark(*row) for row in connection.execute(query)]


def lock_recording(connection: Connection, owner_id: int, ecg_id: UUID) -> int:
    """The number of an ECG whose marks nobody else changes until this is committed.

    Raises
    ------
    EcgNotFoundError
    """
    query = select(_RECORDING.c.number).where(_RECORDING.c.owner_id == owner_id, _RECORDING.c.id == ecg_id)
    number: int | None = connection.execute(query.with_for_update()).scalar_one_or_none()
    if number is None:
        raise EcgNotFoundError(ecg_id)
    return number


def insert_mark(connection: Connection, owner_id: int, ecg_id: UUID, mark: Mark) -> None:
    """Store a new mark of an ECG.

    Raises
    ------
    EcgNotFoundError
    """
    number = lock_recording(connection, owner_id, ecg_id)
    connection.execute(insert(_MARK), {**_row(mark), "recording_number": number})


def update_mark(connection: Connection, owner_id: int, ecg_id: UUID, mark: Mark) -> None:
    """Store a mark of an ECG that is there already.

    Raises
    ------
    MarkNotFoundError
        There is none of its id, or the ECG is somebody else's.
    """
    changed = update(_MARK).where(*_owned(owner_id, ecg_id, mark.id)).values(_row(mark))
    if connection.execute(changed).rowcount != 1:
        raise MarkNotFoundError(mark.id)


def delete_mark(connection: Connection, owner_id: int, ecg_id: UUID, mark_id: UUID) -> None:
    """Delete a mark of an ECG.

    Raises
    ------
    MarkNotFoundError
        There is none of this id, or the ECG is somebody else's.
    """
    if connection.execute(delete(_MARK).where(*_owned(owner_id, ecg_id, mark_id))).rowcount != 1:
        raise MarkNotFoundError(mark_id)


def _row(mark: Mark) -> dict[str, Any]:
    return {**vars(mark), "search_text": mark.text.casefold()}


def _owned(owner_id: int, ecg_id: UUID, mark_id: UUID) -> tuple[Any, Any]:
    owned = select(_RECORDING.c.number).where(_RECORDING.c.owner_id == owner_id, _RECORDING.c.id == ecg_id)
    return _MARK.c.id == mark_id, _MARK.c.recording_number.in_(owned)

"""Corrections of measurements. Every query names the owner of the ECG, as in `recordings`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, insert, select, update

from ecg_core.domain import Correction
from ecg_core.storage.marks import lock_recording
from ecg_core.storage.tables import CorrectionRow, RecordingRow

_CORRECTION, _RECORDING = CorrectionRow.__table__, RecordingRow.__table__
_FIELDS = tuple(Correction.__dataclass_fields__)


def list_corrections(connection: Connection, owner_id: int, ecg_id: UUID) -> list[Correction]:
    """All corrections of an ECG in the order in which they were made, those taken back too."""
    query = (
        select(*(_CORRECTION.c[name] for name in _FIELDS))
        .join_from(_CORRECTION, _RECORDING, _CORRECTION.c.recording_number == _RECORDING.c.number)
        .where(_RECORDING.c.owner_id == owner_id, _RECORDING.c.id == ecg_id)
        .order_by(_CORRECTION.c.number)
    )
    return [Correction(*row) for row in connection.execute(query)]


def insert_correction(connection: Connection, owner_id: int, ecg_id: UUID, correction: Correction) -> None:
    """Store a new correction of an ECG.

    Raises
    ------
    EcgNotFoundError
    """
    number = lock_recording(connection, owner_id, ecg_id)
    connection.execute(insert(_CORRECTION), {**vars(correction), "recording_number": number})


def undo_correction(
    connection: Connection, owner_id: int, ecg_id: UUID, correction_id: UUID, *, at: datetime, by: str
) -> bool:
    """Take a correction back; False where there is none of this id that still counts."""
    owned = select(_RECORDING.c.number).where(_RECORDING.c.owner_id == owner_id, _RECORDING.c.id == ecg_id)
    undone = (
        update(_CORRECTION)
        .where(
            _CORRECTION.c.id == correction_id,
            _CORRECTION.c.undone_at.is_(None),
            _CORRECTION.c.recording_number.in_(owned),
        )
        .values(undone_at=at, undone_by=by)
    )
    return connection.execute(undone).rowcount == 1

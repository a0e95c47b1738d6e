"""Looking for damage in all that is stored: it asks for no owner, and gives nothing of an ECG away."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import Connection, select

from ecg_core.errors import EcgError
from ecg_core.storage.annotations import decode_annotations
from ecg_core.storage.originals import StoredOriginal, read_original
from ecg_core.storage.signals import Span, read_spans
from ecg_core.storage.tables import AnnotationsRow, LeadRow, OriginalRow, RecordingRow

_RECORDING, _LEAD = RecordingRow.__table__, LeadRow.__table__
_ANNOTATIONS, _ORIGINAL = AnnotationsRow.__table__, OriginalRow.__table__


def list_recordings_after(connection: Connection, last: int, limit: int = 200) -> list[tuple[int, UUID]]:
    """Number and id of the next recordings, of all users."""
    query = select(_RECORDING.c.number, _RECORDING.c.id).where(_RECORDING.c.number > last)
    rows = connection.execute(query.order_by(_RECORDING.c.number).limit(limit))
    return [(number, ecg_id) for number, ecg_id in rows]


def find_damage(connection: Connection, number: int) -> Iterator[str]:
    """What is damaged of one recording, in words: each signal, the annotations, each uploaded file."""
    leads = select(_LEAD.c.position, _LEAD.c.name, _LEAD.c.dtype, _LEAD.c.number_of_samples)
    for position, name, dtype, length in connection.execute(
        leads.where(_LEAD.c.recording_number == number).order_by(_LEAD.c.position)
    ).all():
        try:
            read_spans(connection, number, [Span(position, dtype, 0, length)])
        except EcgError as error:
            yield f"lead {name}: {error}"
    marks = select(_ANNOTATIONS.c.data).where(_ANNOTATIONS.c.recording_number == number)
    for data in connection.execute(marks).scalars().all():
        try:
            decode_annotations(data)
        except EcgError as error:
            yield f"annotations: {error}"
    files = select(*_ORIGINAL.c).where(_ORIGINAL.c.recording_number == number)
    for row in connection.execute(files.order_by(_ORIGINAL.c.position)).all():
        original = StoredOriginal(*row)
        try:
            for _ in read_original(connection, original):
                pass
        except EcgError as error:
            yield f"file {original.name}: {error}"

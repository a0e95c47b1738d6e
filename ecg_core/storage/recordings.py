"""Recordings and their leads. Every query names the owner: there is no way to another user's ECG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from ecg_core.domain import Annotation, LeadSummary, RecordingSummary
from ecg_core.errors import AlreadyStoredError, EcgNotFoundError
from ecg_core.storage.annotations import (
    AnnotationColumns,
    decode_annotations,
    decode_columns,
    encode_annotations,
)
from ecg_core.storage.originals import EncodedOriginal, insert_originals
from ecg_core.storage.pyramids import insert_pyramids
from ecg_core.storage.signals import EncodedSignal, insert_signals
from ecg_core.storage.tables import AnnotationsRow, AppUser, LeadRow, MarkRow, RecordingRow

SortKey = Literal["uploaded_at", "recorded_at", "file_name", "duration_s"]
_SORT_COLUMNS: dict[str, Any] = {
    "uploaded_at": RecordingRow.number,  # numbered in the order of upload
    "recorded_at": RecordingRow.recorded_at,
    "file_name": RecordingRow.file_name,
    "duration_s": RecordingRow.duration_s,
}


# Rows are read and written as plain rows: objects of the ORM would double the time of a request.
_RECORDING, _LEAD, _ANNOTATIONS = RecordingRow.__table__, LeadRow.__table__, AnnotationsRow.__table__
_MARK = MarkRow.__table__
_SUMMARY = [_LEAD.c[name] for name in LeadSummary.__dataclass_fields__]
_CROSSINGS = (
    select(_LEAD.c.name, _LEAD.c.number_of_zero_crossings, _LEAD.c.analysis_version)
    .join_from(_LEAD, _RECORDING, _LEAD.c.recording_number == _RECORDING.c.number)
    .where(_RECORDING.c.owner_id == bindparam("owner"), _RECORDING.c.id == bindparam("ecg"))
    .order_by(_LEAD.c.position)
)
_LEADS = (
    select(_LEAD.c.recording_number, _LEAD.c.position, _LEAD.c.dtype, *_SUMMARY)
    .join_from(_LEAD, _RECORDING, _LEAD.c.recording_number == _RECORDING.c.number)
    .where(_RECORDING.c.owner_id == bindparam("owner"), _RECORDING.c.id == bindparam("ecg"))
    .order_by(_LEAD.c.position)
)
_INSERT_RECORDING = insert(_RECORDING).returning(_RECORDING.c.number)
_INSERT_LEADS = insert(_LEAD)


@dataclass(frozen=True)
class StoredLead:
    """Where a lead's signal is and how its numbers are stored."""

    recording_number: int
    position: int
    dtype: str
    summary: LeadSummary


def insert_recording(
    connection: Connection,
    stored: RecordingSummary,
    signals: Sequence[EncodedSignal],
    *,
    owner_id: int,
    once: bool,
    annotations: Sequence[Annotation] = (),
    originals: Sequence[EncodedOriginal] = (),
) -> int:
    """Store a recording with all its signals, which were encoded before the transaction began.

    ``once`` lets the owner have these bytes a single time. Returns the number of its row.

    Raises
    ------
    AlreadyStoredError
    """
    row = {
        "id": stored.id,
        "owner_id": owner_id,
        "file_name": stored.file_name,
        "search_text": _search_text(stored),
        "source_format": stored.source_format,
        "sha256": stored.sha256,
        "file_key": stored.sha256 if once else None,
        "uploaded_at": stored.uploaded_at,
        "recorded_at": stored.recorded_at.isoformat() if stored.recorded_at else None,
        "duration_s": stored.duration_s,
        "patient": dict(stored.patient),
        "details": dict(stored.metadata),
        "device": dict(stored.device),
        "number_of_annotations": len(annotations),
        "number_of_files": len(originals),
        "remarks": list(stored.remarks),
    }
    try:
        number = connection.execute(_INSERT_RECORDING, row).scalar_one()
    except IntegrityError as error:
        raise AlreadyStoredError(stored.file_name) from error
    rows = [
        {"recording_number": number, "position": position, "dtype": signal.dtype, **vars(summary)}
        for position, (signal, summary) in enumerate(zip(signals, stored.leads, strict=True))
    ]
    connection.execute(_INSERT_LEADS, rows)
    _insert_signals(connection, number, dict(enumerate(signals)))
    insert_originals(connection, number, originals)
    if annotations:
        connection.execute(
            insert(_ANNOTATIONS), {"recording_number": number, "data": encode_annotations(annotations)}
        )
    return int(number)


def _search_text(stored: RecordingSummary) -> str:
    return "\n".join([stored.display_name, *stored.patient.values()]).casefold()


def find_file(connection: Connection, owner_id: int, sha256: str) -> UUID | None:
    """The owner's first recording made of these bytes."""
    query = select(RecordingRow.id).where(RecordingRow.owner_id == owner_id, RecordingRow.sha256 == sha256)
    return connection.execute(query.order_by(col(RecordingRow.number)).limit(1)).scalar_one_or_none()


def get_sha256(connection: Connection, owner_id: int, ecg_id: UUID) -> str:
    """Of the bytes that a recording was made of.

    Raises
    ------
    EcgNotFoundError
    """
    query = select(_RECORDING.c.sha256).where(_RECORDING.c.owner_id == owner_id, _RECORDING.c.id == ecg_id)
    sha256: str | None = connection.execute(query).scalar_one_or_none()
    if sha256 is None:
        raise EcgNotFoundError(ecg_id)
    return sha256


def get_recording(connection: Connection, owner_id: int, ecg_id: UUID) -> RecordingSummary:
    """One recording without its signals.

    Raises
    ------
    EcgNotFoundError
        There is none of this id, or it is somebody else's.
    """
    found = connection.execute(_owned(owner_id).where(RecordingRow.id == ecg_id)).one_or_none()
    if found is None:
        raise EcgNotFoundError(ecg_id)
    return _with_leads(connection, [found])[0]


def get_crossings(connection: Connection, owner_id: int, ecg_id: UUID) -> list[tuple[str, int, int]]:
    """Name, number of zero crossings and version of the analysis of each lead, in order.

    Raises
    ------
    EcgNotFoundError
    """
    found = connection.execute(_CROSSINGS, {"owner": owner_id, "ecg": ecg_id}).all()
    if not found:
        raise EcgNotFoundError(ecg_id)
    return [(name, crossings, version) for name, crossings, version in found]


def get_annotations(connection: Connection, owner_id: int, ecg_id: UUID) -> list[Annotation]:
    """What the recording's file marks, in the order of time; nothing where it is not the owner's.

    Raises
    ------
    EcgError
        The stored annotations are damaged.
    """
    data = _annotations_of(connection, owner_id, ecg_id)
    return [] if data is None else decode_annotations(data)


def get_annotation_columns(connection: Connection, owner_id: int, ecg_id: UUID) -> AnnotationColumns:
    """The same by column; empty ones where it is not the owner's.

    Raises
    ------
    EcgError
        The stored annotations are damaged.
    """
    data = _annotations_of(connection, owner_id, ecg_id)
    return AnnotationColumns([], [], [], [], []) if data is None else decode_columns(data)


def _annotations_of(connection: Connection, owner_id: int, ecg_id: UUID) -> bytes | None:
    query = (
        select(_ANNOTATIONS.c.data)
        .join_from(_ANNOTATIONS, _RECORDING, _ANNOTATIONS.c.recording_number == _RECORDING.c.number)
        .where(_RECORDING.c.owner_id == owner_id, _RECORDING.c.id == ecg_id)
    )
    data: bytes | None = connection.execute(query).scalar_one_or_none()
    return data


def list_recordings(
    connection: Connection,
    owner_id: int,
    *,
    search: str = "",
    sort: SortKey = "uploaded_at",
    descending: bool = True,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[RecordingSummary], int]:
    """One page of an owner's recordings, and how many there are in all.

    ``search`` is found in the file's name, the patient's fields, and the readers' notes and calipers.
    """
    column = _SORT_COLUMNS[sort]
    wanted = col(RecordingRow.owner_id) == owner_id
    if search:
        wanted = wanted & _mentions(search.casefold())
    total = connection.execute(select(func.count()).select_from(RecordingRow).where(wanted)).scalar_one()
    number = col(RecordingRow.number)
    order = (
        [column.is_(None), column.desc(), number.desc()] if descending else [column.is_(None), column, number]
    )
    order = (
        order[1:] if sort == "uploaded_at" or sort == "file_name" else order
    )  # never NULL: the index serves
    page = _owned(owner_id).where(wanted).order_by(*order).limit(limit).offset(offset)
    return _with_leads(connection, connection.execute(page).all()), total


def _mentions(text: str) -> ColumnElement[bool]:
    """Rows of `_RECORDING` that say this themselves, or whose readers' marks do."""
    marked = exists().where(
        _MARK.c.recording_number == _RECORDING.c.number, _MARK.c.search_text.contains(text, autoescape=True)
    )
    return or_(_RECORDING.c.search_text.contains(text, autoescape=True), marked)


def list_after(
    connection: Connection, owner_id: int, last: int, *, limit: int = 200
) -> tuple[list[RecordingSummary], int]:
    """The owner's next recordings, oldest first, and the number to go on from (0 to begin)."""
    number = col(RecordingRow.number)
    rows = connection.execute(_owned(owner_id).where(number > last).order_by(number).limit(limit)).all()
    return _with_leads(connection, rows), rows[-1].number if rows else last


def get_leads(connection: Connection, owner_id: int, ecg_id: UUID) -> list[StoredLead]:
    """Where the leads of a recording are stored, in order.

    Raises
    ------
    EcgNotFoundError
    """
    found = connection.execute(_LEADS, {"owner": owner_id, "ecg": ecg_id}).all()
    if not found:
        raise EcgNotFoundError(ecg_id)
    return [
        StoredLead(number, position, dtype, LeadSummary(*summary))
        for number, position, dtype, *summary in found
    ]


def append_leads(
    connection: Connection, owner_id: int, ecg_id: UUID, leads: Sequence[tuple[LeadSummary, EncodedSignal]]
) -> None:
    """Store more leads after those of a recording; one whose name is there already is left out.

    Raises
    ------
    EcgNotFoundError
    """
    stored = get_leads(connection, owner_id, ecg_id)
    names, number = {lead.summary.name for lead in stored}, stored[0].recording_number
    first = stored[-1].position + 1
    new = list(enumerate((each for each in leads if each[0].name not in names), first))
    rows = [
        {"recording_number": number, "position": position, "dtype": signal.dtype, **vars(summary)}
        for position, (summary, signal) in new
    ]
    if rows:
        connection.execute(_INSERT_LEADS, rows)
        _insert_signals(connection, number, {position: signal for position, (_, signal) in new})


def _insert_signals(connection: Connection, number: int, signals: Mapping[int, EncodedSignal]) -> None:
    insert_signals(connection, number, {position: signal.chunks for position, signal in signals.items()})
    insert_pyramids(connection, number, {position: signal.pyramid for position, signal in signals.items()})


def update_lead(connection: Connection, lead: StoredLead, **values: Any) -> None:
    """Change columns of one lead's row."""
    connection.execute(
        update(LeadRow)
        .where(LeadRow.recording_number == lead.recording_number, LeadRow.position == lead.position)
        .values(**values)
    )


def update_duration(connection: Connection, owner_id: int, ecg_id: UUID) -> None:
    """Make the duration by which the list sorts that of the leads again."""
    duration = get_recording(connection, owner_id, ecg_id).duration_s
    connection.execute(
        update(RecordingRow)
        .where(RecordingRow.owner_id == owner_id, RecordingRow.id == ecg_id)
        .values(duration_s=duration)
    )


def delete_recording(connection: Connection, owner_id: int, ecg_id: UUID) -> None:
    """Delete a recording with its leads and signals.

    Raises
    ------
    EcgNotFoundError
    """
    found = delete(RecordingRow).where(RecordingRow.owner_id == owner_id, RecordingRow.id == ecg_id)
    if connection.execute(found.returning(col(RecordingRow.id))).scalar_one_or_none() is None:
        raise EcgNotFoundError(ecg_id)


def _owned(owner_id: int) -> Select[Any]:
    """Rows of `_RECORDING` and the owner's name."""
    return (
        select(*_RECORDING.c, AppUser.username)
        .join_from(_RECORDING, AppUser, _RECORDING.c.owner_id == AppUser.id)
        .where(_RECORDING.c.owner_id == owner_id)
    )


def _with_leads(connection: Connection, found: Sequence[Any]) -> list[RecordingSummary]:
    leads: dict[int, list[LeadSummary]] = {row.number: [] for row in found}
    query = select(_LEAD.c.recording_number, *_SUMMARY).where(_LEAD.c.recording_number.in_(leads))
    for number, *summary in connection.execute(query.order_by(_LEAD.c.recording_number, _LEAD.c.position)):
        leads[number].append(LeadSummary(*summary))
    return [
        RecordingSummary(
            id=row.id,
            owner=row.username,
            file_name=row.file_name,
            source_format=row.source_format,
            sha256=row.sha256,
            uploaded_at=row.uploaded_at,
            recorded_at=datetime.fromisoformat(row.recorded_at) if row.recorded_at else None,
            leads=tuple(leads[row.number]),
            patient=row.patient,
            metadata=row.details,
            remarks=tuple(row.remarks),
            device=row.device,
            number_of_annotations=row.number_of_annotations,
            number_of_files=row.number_of_files,
        )
        for row in found
    ]

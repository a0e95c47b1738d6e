"""Storing what a user sends: the body of ``POST /ecgs``, or a file."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from uuid import uuid4

from ecg_core.domain import Recording, RecordingSummary, User
from ecg_core.errors import AlreadyStoredError
from ecg_core.readers import READERS, ReadOptions, read_json, read_recording
from ecg_core.services.room import ReadingRoom, utc_now
from ecg_core.signal.statistics import summarize_lead
from ecg_core.storage import audit
from ecg_core.storage import recordings as store
from ecg_core.storage.signals import encode_signal

__all__ = [
    "Added", "Preview", "ReadOptions", "add_file", "add_json", "find_file", "preview", "supported_formats",
]  # fmt: skip


@dataclass(frozen=True)
class Added:
    """The stored ECG, and whether it is new or had been here before."""

    ecg: RecordingSummary
    is_new: bool


def add_json(
    room: ReadingRoom, user: User, body: bytes | memoryview, *, address: str = ""
) -> RecordingSummary:
    """Store the body of ``POST /ecgs``; sent again, it is stored again, since a body is no file.

    Raises
    ------
    UnreadableFileError
        The text names the lead, the position and the fault.
    """
    recording = read_json(body)
    stored = _summarize(recording, user, "", _sha256(body))
    _insert(room, user, recording, stored, once=False, address=address)
    return stored


def add_file(
    room: ReadingRoom,
    user: User,
    file_name: str,
    data: bytes | memoryview,
    *,
    options: ReadOptions | None = None,
    address: str = "",
) -> Added:
    """Store an uploaded file, or find the ECG that this user already has of the same bytes.

    Parameters
    ----------
    options : ReadOptions, optional
        What the user says about the file, such as a sampling rate that it lacks.

    Raises
    ------
    UnreadableFileError
        The file is none that can be read; the text says where and why.
    """
    options = options or ReadOptions()
    sha256 = _sha256(data)
    if known := _find(room, user, sha256):
        return Added(known, is_new=False)
    recording = read_recording(data, file_name=file_name, options=options)
    stored = _mark_entered(_summarize(recording, user, file_name, sha256), options)
    try:
        _insert(room, user, recording, stored, once=True, address=address)
    except AlreadyStoredError:  # the same file arrived twice at the same moment
        if known := _find(room, user, sha256):
            return Added(known, is_new=False)
        raise
    return Added(stored, is_new=True)


def find_file(room: ReadingRoom, user: User, data: bytes | memoryview) -> RecordingSummary | None:
    """The ECG that this user already has of these bytes."""
    return _find(room, user, _sha256(data))


def _find(room: ReadingRoom, user: User, sha256: str) -> RecordingSummary | None:
    with room.database.reading() as connection:
        ecg_id = store.find_file(connection, user.id, sha256)
        return store.get_recording(connection, user.id, ecg_id) if ecg_id else None


def _sha256(data: bytes | memoryview) -> str:
    return hashlib.sha256(data).hexdigest()


def _summarize(recording: Recording, user: User, file_name: str, sha256: str) -> RecordingSummary:
    return RecordingSummary(
        id=uuid4(),
        owner=user.username,
        file_name=_clean_file_name(file_name),
        source_format=recording.source_format,
        sha256=sha256,
        uploaded_at=utc_now(),
        recorded_at=recording.recorded_at,
        leads=tuple(summarize_lead(lead) for lead in recording.leads),
        patient=_printable(recording.patient),
        metadata=_printable(recording.metadata),
        remarks=recording.remarks,
    )


def _mark_entered(stored: RecordingSummary, options: ReadOptions) -> RecordingSummary:
    """Note which values came from the person, so that they can be corrected later."""
    rate, unit = options.sampling_rate_hz is not None, options.unit is not None
    leads = tuple(replace(lead, rate_was_entered=rate, unit_was_entered=unit) for lead in stored.leads)
    return replace(stored, leads=leads)


def _clean_file_name(name: str) -> str:
    """The last part of a name without control characters; it is shown, never used as a path."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return "".join(c for c in last if unicodedata.category(c)[0] != "C").strip()[:255]


def _printable(fields: Mapping[str, str]) -> dict[str, str]:
    """Text of a file without the control characters that a database may refuse."""
    return {_printable_text(k): _printable_text(v) for k, v in fields.items()}


def _printable_text(text: str) -> str:
    return "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cs"))


def _insert(
    room: ReadingRoom,
    user: User,
    recording: Recording,
    stored: RecordingSummary,
    *,
    once: bool,
    address: str,
) -> None:
    signals = [encode_signal(lead.samples) for lead in recording.leads]  # before the transaction: it is short
    with room.database.writing() as connection:
        store.insert_recording(connection, stored, signals, owner_id=user.id, once=once)
        audit.insert_audit(
            connection,
            at=utc_now(),
            actor=user.username,
            action="upload",
            target=str(stored.id),
            address=address,
        )


def supported_formats() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Title and usual file extensions of every format that can be read."""
    return tuple((reader.title, reader.extensions) for reader in READERS)


@dataclass(frozen=True)
class Preview:
    """What a file would become, and how it was understood; nothing is stored."""

    ecg: RecordingSummary
    understood: Mapping[str, str]


def preview(user: User, file_name: str, data: bytes | memoryview, options: ReadOptions) -> Preview:
    """Read a file without storing it.

    Raises
    ------
    UnreadableFileError
    """
    recording = read_recording(data, file_name=file_name, options=options)
    return Preview(_summarize(recording, user, file_name, ""), recording.understood)

"""The tables. Times are UTC; the migrations give exactly this schema, by test."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

_BIG_KEY = BigInteger().with_variant(Integer(), "sqlite")  # SQLite numbers rows by INTEGER keys only


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, kept as UTC in either database."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


def _big_key() -> Any:
    return Field(default=None, sa_column=Column(_BIG_KEY, primary_key=True, autoincrement=True))


def _time(**options: Any) -> Any:
    return Field(sa_column=Column(UtcDateTime, nullable=False, **options))


def _json() -> Any:
    return Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class AppUser(SQLModel, table=True):
    """A clinician or program; only the keyed hash of the token is kept."""

    __tablename__ = "app_user"
    id: int | None = _big_key()
    username: str = Field(max_length=64, unique=True)
    token_hash: str = Field(max_length=64, unique=True)
    is_active: bool = True
    created_at: datetime = _time()


class AdminToken(SQLModel, table=True):
    """One row: the keyed hash of the administrator's token."""

    __tablename__ = "admin_token"
    id: int = Field(default=1, primary_key=True)
    token_hash: str = Field(max_length=64)


class LoginSession(SQLModel, table=True):
    """A login in a browser; the cookie's keyed hash is its key. No user means the administrator."""

    __tablename__ = "login_session"
    id_hash: str = Field(primary_key=True, max_length=64)
    user_id: int | None = Field(
        default=None, foreign_key="app_user.id", ondelete="CASCADE", index=True, sa_type=BigInteger
    )
    created_at: datetime = _time()
    last_seen_at: datetime = _time(index=True)


class RecordingRow(SQLModel, table=True):
    """An ECG without its signals. ``file_key`` is the SHA-256 where a file may be stored only once."""

    __tablename__ = "recording"
    __table_args__ = (
        UniqueConstraint("owner_id", "file_key"),
        Index("ix_recording_owner_number", "owner_id", "number"),
        Index("ix_recording_owner_name", "owner_id", "file_name"),
        Index("ix_recording_owner_duration", "owner_id", "duration_s"),
        Index("ix_recording_owner_recorded", "owner_id", "recorded_at"),
        Index("ix_recording_owner_sha256", "owner_id", "sha256"),
    )
    number: int | None = _big_key()
    id: UUID = Field(unique=True)
    owner_id: int = Field(foreign_key="app_user.id", ondelete="CASCADE", sa_type=BigInteger)
    file_name: str = Field(max_length=255)
    search_text: str
    source_format: str = Field(max_length=32)
    sha256: str = Field(max_length=64)
    file_key: str | None = Field(default=None, max_length=64)
    uploaded_at: datetime = _time()
    recorded_at: str | None = Field(default=None, max_length=48)
    duration_s: float | None = None
    patient: dict[str, str] = _json()
    details: dict[str, str] = _json()
    device: dict[str, str] = _json()
    number_of_annotations: int = 0
    number_of_files: int = 0
    remarks: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))


class LeadRow(SQLModel, table=True):
    """One lead and what was measured on it by the version of the analysis that is named."""

    __tablename__ = "lead"
    __table_args__ = (UniqueConstraint("recording_number", "name"),)
    recording_number: int = Field(
        foreign_key="recording.number", ondelete="CASCADE", primary_key=True, sa_type=_BIG_KEY
    )
    position: int = Field(primary_key=True)
    name: str = Field(max_length=64)
    dtype: str = Field(max_length=8)
    number_of_samples: int = Field(sa_type=BigInteger)
    sampling_rate_hz: float | None = None
    rate_was_entered: bool = False
    unit: str | None = Field(default=None, max_length=32)
    unit_was_entered: bool = False
    resolution: float = 1.0
    offset: float = 0.0
    analysis_version: int
    number_of_zero_crossings: int = Field(sa_type=BigInteger)
    number_of_zero_touches: int = Field(sa_type=BigInteger)
    minimum: float | None = None
    maximum: float | None = None
    mean: float | None = None
    standard_deviation: float | None = None
    missing_samples: int = Field(sa_type=BigInteger)
    original_name: str = Field(default="", max_length=64)
    is_ecg: bool = True
    is_derived: bool = False


class ChunkRow(SQLModel, table=True):
    """A stretch of one lead's own numbers, compressed; all but a lead's last are of one length."""

    __tablename__ = "chunk"
    recording_number: int = Field(
        foreign_key="recording.number", ondelete="CASCADE", primary_key=True, sa_type=_BIG_KEY
    )
    position: int = Field(primary_key=True)
    number: int = Field(primary_key=True)
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class AnnotationsRow(SQLModel, table=True):
    """What the file of a recording marks, all of it: compressed JSON after a checksum."""

    __tablename__ = "annotations"
    recording_number: int = Field(
        foreign_key="recording.number", ondelete="CASCADE", primary_key=True, sa_type=_BIG_KEY
    )
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class MarkRow(SQLModel, table=True):
    """A note or a caliper of a reader; its place is in samples of one lead, which no correction moves."""

    __tablename__ = "mark"
    number: int | None = _big_key()
    id: UUID = Field(unique=True)
    recording_number: int = Field(
        foreign_key="recording.number", ondelete="CASCADE", index=True, sa_type=_BIG_KEY
    )
    kind: str = Field(max_length=16)
    author: str = Field(max_length=64)
    created_at: datetime = _time()
    changed_at: datetime = _time()
    lead: str = Field(max_length=64)
    is_about_all_leads: bool = False
    start_sample: int = Field(sa_type=BigInteger)
    stop_sample: int = Field(sa_type=BigInteger)
    text: str
    search_text: str
    marches: bool = False


class PyramidRow(SQLModel, table=True):
    """A stretch of a lead's reduced signal: extremes, crossings and gaps of each block of samples."""

    __tablename__ = "pyramid"
    recording_number: int = Field(
        foreign_key="recording.number", ondelete="CASCADE", primary_key=True, sa_type=_BIG_KEY
    )
    position: int = Field(primary_key=True)
    level: int = Field(primary_key=True)
    number: int = Field(primary_key=True)
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class AnalysisRow(SQLModel, table=True):
    """The result of an analysis of a whole recording, with the version of what made it."""

    __tablename__ = "analysis"
    recording_number: int = Field(
        foreign_key="recording.number", ondelete="CASCADE", primary_key=True, sa_type=_BIG_KEY
    )
    name: str = Field(primary_key=True, max_length=32)
    version: int
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class CorrectionRow(SQLModel, table=True):
    """What a clinician changed of a measurement; one that was taken back is kept, with who did it."""

    __tablename__ = "correction"
    number: int | None = _big_key()
    id: UUID = Field(unique=True)
    recording_number: int = Field(
        foreign_key="recording.number", ondelete="CASCADE", index=True, sa_type=_BIG_KEY
    )
    kind: str = Field(max_length=16)
    author: str = Field(max_length=64)
    created_at: datetime = _time()
    beat_sample: int | None = Field(default=None, sa_type=BigInteger)
    fiducial: str = Field(default="", max_length=16)
    offset_ms: float | None = None
    undone_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    undone_by: str = Field(default="", max_length=64)


class OriginalRow(SQLModel, table=True):
    """A file as it was uploaded; position 0 is the one that was read, the others belong to it.

    ``layout`` says where the samples of the leads stand in it, if they are not kept a second time.
    """

    __tablename__ = "original"
    recording_number: int = Field(
        foreign_key="recording.number", ondelete="CASCADE", primary_key=True, sa_type=_BIG_KEY
    )
    position: int = Field(primary_key=True)
    name: str = Field(max_length=255)
    sha256: str = Field(max_length=64)
    size: int = Field(sa_type=BigInteger)
    layout: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))


class OriginalChunkRow(SQLModel, table=True):
    """A compressed piece of an uploaded file."""

    __tablename__ = "original_chunk"
    recording_number: int = Field(
        foreign_key="recording.number", ondelete="CASCADE", primary_key=True, sa_type=_BIG_KEY
    )
    position: int = Field(primary_key=True)
    number: int = Field(primary_key=True)
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class UnreadRow(SQLModel, table=True):
    """A file that could not be read, kept until its owner deletes it or it is read."""

    __tablename__ = "unread"
    __table_args__ = (UniqueConstraint("owner_id", "sha256"),)
    number: int | None = _big_key()
    id: UUID = Field(unique=True)
    owner_id: int = Field(foreign_key="app_user.id", ondelete="CASCADE", sa_type=BigInteger)
    name: str = Field(max_length=255)
    sha256: str = Field(max_length=64)
    size: int = Field(sa_type=BigInteger)
    reason: str
    uploaded_at: datetime = _time()


class UnreadChunkRow(SQLModel, table=True):
    """A compressed piece of a file that could not be read."""

    __tablename__ = "unread_chunk"
    unread_number: int = Field(
        foreign_key="unread.number", ondelete="CASCADE", primary_key=True, sa_type=_BIG_KEY
    )
    number: int = Field(primary_key=True)
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class AuditRow(SQLModel, table=True):
    """Who did what, when, from where. Neither tokens nor signals nor patient fields."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_action_address_at", "action", "address", "at"),)
    id: int | None = _big_key()
    at: datetime = _time(index=True)
    actor: str = Field(max_length=64)
    action: str = Field(max_length=32)
    target: str = Field(default="", max_length=128)
    address: str = Field(default="", max_length=64)

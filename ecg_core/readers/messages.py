"""What the reading process and its parent say to each other: plain data, never code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import IO

import msgspec
import numpy as np

from ecg_core.domain import Annotation, Lead, Recording
from ecg_core.readers.options import ReadOptions

_LENGTH_BYTES = 8


class Request(msgspec.Struct):
    """One file to be read by the reader of a name."""

    reader: str
    data: bytes
    options: ReadOptions
    siblings: dict[str, bytes]


class PackedLead(msgspec.Struct):
    """A lead with its samples as bytes."""

    name: str
    dtype: str
    samples: bytes
    sampling_rate_hz: float | None
    unit: str | None
    resolution: float
    offset: float
    original_name: str
    is_ecg: bool
    is_derived: bool


class PackedRecording(msgspec.Struct):
    """A recording without arrays."""

    leads: list[PackedLead]
    source_format: str
    recorded_at: str | None
    patient: dict[str, str]
    metadata: dict[str, str]
    device: dict[str, str]
    annotations: list[Annotation]
    understood: dict[str, str]
    remarks: list[str]


class Answer(msgspec.Struct):
    """The recording, or what is wrong with the file or (``is_input``) with the options."""

    recording: PackedRecording | None = None
    problem: str = ""
    is_input: bool = False


def packed(recording: Recording) -> PackedRecording:
    """The recording as a message."""
    return PackedRecording(
        leads=[_packed_lead(lead) for lead in recording.leads],
        source_format=recording.source_format,
        recorded_at=recording.recorded_at.isoformat() if recording.recorded_at else None,
        patient=dict(recording.patient),
        metadata=dict(recording.metadata),
        device=dict(recording.device),
        annotations=list(recording.annotations),
        understood=dict(recording.understood),
        remarks=list(recording.remarks),
    )


def _packed_lead(lead: Lead) -> PackedLead:
    fields = {name: getattr(lead, name) for name in PackedLead.__struct_fields__ if name != "dtype"}
    return PackedLead(**{**fields, "dtype": lead.samples.dtype.str, "samples": lead.samples.tobytes()})


def unpacked(message: PackedRecording) -> Recording:
    """The recording of a message."""
    return Recording(
        leads=tuple(_unpacked_lead(lead) for lead in message.leads),
        source_format=message.source_format,
        recorded_at=datetime.fromisoformat(message.recorded_at) if message.recorded_at else None,
        patient=message.patient,
        metadata=message.metadata,
        device=message.device,
        annotations=tuple(message.annotations),
        understood=message.understood,
        remarks=tuple(message.remarks),
    )


def _unpacked_lead(lead: PackedLead) -> Lead:
    fields: Mapping[str, object] = {
        name: getattr(lead, name) for name in lead.__struct_fields__ if name != "dtype"
    }
    return Lead(**{**fields, "samples": np.frombuffer(lead.samples, np.dtype(lead.dtype))})  # type: ignore[arg-type]


def write_message(stream: IO[bytes], message: bytes) -> None:
    """Send one message."""
    stream.write(len(message).to_bytes(_LENGTH_BYTES, "little"))
    stream.write(message)
    stream.flush()


def read_message(stream: IO[bytes]) -> bytes | None:
    """Receive one message; None at the end of the stream."""
    length = stream.read(_LENGTH_BYTES)
    if len(length) < _LENGTH_BYTES:
        return None
    size = int.from_bytes(length, "little")
    message = stream.read(size)
    return message if len(message) == size else None

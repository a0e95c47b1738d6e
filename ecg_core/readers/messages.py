"""What the reading process and its parent say to each other: plain data, never code.

A message is a head after its length (8 bytes, little-endian), then the raw bytes of what is large, whose
sizes the head states. These go from memory to memory: a file or a lead is held once on either side, not a
second time within a message.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Annotation, Lead, Recording
from ecg_core.readers.options import ReadOptions

_LENGTH_BYTES = 8
_Head = TypeVar("_Head")


@dataclass(frozen=True)
class Request:
    """One file to be read by the reader of a name."""

    reader: str
    data: bytes | memoryview
    options: ReadOptions
    siblings: Mapping[str, bytes]


class _RequestHead(msgspec.Struct):
    """A request without its files, of which it has the sizes."""

    reader: str
    size: int
    options: ReadOptions
    siblings: dict[str, int]


class PackedLead(msgspec.Struct):
    """A lead without its samples."""

    name: str
    dtype: str
    number_of_samples: int
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
    """The recording as the head of a message."""
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


_OF_SAMPLES = ("dtype", "number_of_samples")


def _packed_lead(lead: Lead) -> PackedLead:
    fields = {name: getattr(lead, name) for name in PackedLead.__struct_fields__ if name not in _OF_SAMPLES}
    return PackedLead(**fields, dtype=lead.samples.dtype.str, number_of_samples=len(lead.samples))


def unpacked(message: PackedRecording, samples: list[NDArray[Any]]) -> Recording:
    """The recording of a message and of the samples of its leads."""
    return Recording(
        leads=tuple(_unpacked_lead(lead, each) for lead, each in zip(message.leads, samples, strict=True)),
        source_format=message.source_format,
        recorded_at=datetime.fromisoformat(message.recorded_at) if message.recorded_at else None,
        patient=message.patient,
        metadata=message.metadata,
        device=message.device,
        annotations=tuple(message.annotations),
        understood=message.understood,
        remarks=tuple(message.remarks),
    )


def _unpacked_lead(lead: PackedLead, samples: NDArray[Any]) -> Lead:
    fields = {name: getattr(lead, name) for name in lead.__struct_fields__ if name not in _OF_SAMPLES}
    return Lead(**fields, samples=samples)


def write_request(stream: IO[bytes], request: Request) -> None:
    """Send a file to be read."""
    sizes = {name: len(data) for name, data in request.siblings.items()}
    _write_head(stream, _RequestHead(request.reader, len(request.data), request.options, sizes))
    for data in (request.data, *request.siblings.values()):
        stream.write(data)
    stream.flush()


def read_request(stream: IO[bytes]) -> Request | None:
    """Receive a file to be read; None at the end of the stream."""
    head = _read_head(stream, _RequestHead)
    if head is None:
        return None
    data = stream.read(head.size)
    siblings = {name: stream.read(size) for name, size in head.siblings.items()}
    is_whole = len(data) == head.size and all(len(siblings[name]) == head.siblings[name] for name in siblings)
    return Request(head.reader, data, head.options, siblings) if is_whole else None


def write_answer(stream: IO[bytes], answer: Answer, samples: list[NDArray[Any]]) -> None:
    """Send an answer and the samples of its leads; each is taken from the list, and free once it is sent."""
    _write_head(stream, answer)
    samples.reverse()
    while samples:
        stream.write(np.ascontiguousarray(samples.pop()).view(np.uint8).data)
    stream.flush()


def read_answer(stream: IO[bytes]) -> tuple[Answer, list[NDArray[Any]]] | None:
    """Receive an answer with the samples of its leads; None at the end of the stream."""
    answer = _read_head(stream, Answer)
    if answer is None:
        return None
    samples = []
    for lead in answer.recording.leads if answer.recording else ():
        values = np.empty(lead.number_of_samples, lead.dtype)
        if stream.readinto(values.view(np.uint8).data) != values.nbytes:  # type: ignore[attr-defined]
            return None
        samples.append(values)
    return answer, samples


def _write_head(stream: IO[bytes], head: msgspec.Struct) -> None:
    message = msgspec.msgpack.encode(head)
    stream.write(len(message).to_bytes(_LENGTH_BYTES, "little"))
    stream.write(message)


def _read_head(stream: IO[bytes], kind: type[_Head]) -> _Head | None:
    length = stream.read(_LENGTH_BYTES)
    if len(length) < _LENGTH_BYTES:
        return None
    size = int.from_bytes(length, "little")
    message = stream.read(size)
    return msgspec.msgpack.decode(message, type=kind) if len(message) == size else None

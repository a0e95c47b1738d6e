"""AliveCor's ATC files (``.atc``) of Kardia recorders: one to twelve leads of 16-bit samples.

The layout is that of AliveCor's "ATC File Format Specification" 1.7 (2021): the signature and a version, then
blocks of a 4-byte identifier, the length of the data, the data, and a checksum; all numbers little-endian.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from ecg_core.domain import Annotation, Lead, Recording
from ecg_core.errors import UnreadableFileError
from ecg_core.readers.excerpt import excerpt
from ecg_core.readers.guarded import guarded
from ecg_core.readers.sample_buffer import narrowest_integers

_SIGNATURE = b"ALIVE\x00\x00\x00"
_MOST_BLOCKS = 1000
_MOST_BEATS = 100_000

_LEADS = {
    b"ecg ": "I", b"ecg2": "II", b"ecg3": "III", b"ecg4": "aVR", b"ecg5": "aVL", b"ecg6": "aVF",
    b"ecg7": "V1", b"ecg8": "V2", b"ecg9": "V3", b"ecga": "V4", b"ecgb": "V5", b"ecgc": "V6",
}  # fmt: skip
#: Name, place and length of the texts in the block ``info``.
_TEXTS = (
    ("recording id", 32, 40), ("phone id", 72, 44), ("phone", 116, 32),
    ("recorder software", 148, 32), ("recorder", 180, 32),
)  # fmt: skip
_FILTERS = {4: "mains", 8: "low pass", 16: "baseline", 32: "mains notch", 64: "enhanced"}
_BEATS = ("unknown beat", "normal beat", "ventricular beat", "atrial beat", "fusion beat", "junctional beat",
          "paced beat")  # fmt: skip


@dataclass(frozen=True)
class _Format:
    """The block ``fmt ``; a rate or resolution of zero is unknown."""

    sampling_rate_hz: float | None
    resolution_nv: int
    flags: int


def recognizes_kardia(data: bytes | memoryview) -> bool:
    """Whether the content begins with the signature of an ATC file."""
    return bytes(data[: len(_SIGNATURE)]) == _SIGNATURE


@guarded
def read_kardia(data: bytes | bytearray | memoryview) -> Recording:
    """The recording in an ATC file.

    Every block's checksum is compared. Samples stay the file's integers; one count is the stated number of
    nanovolts. The average and median beats that Kardia adds are not read.

    Raises
    ------
    UnreadableFileError
        Naming the block and the byte where it begins.
    """
    return _read(memoryview(data))


def _read(view: memoryview) -> Recording:
    version, blocks = _split(view)
    if b"fmt " not in blocks:
        raise UnreadableFileError("The ATC file has no block 'fmt ', which states the sampling rate")
    form = _format(blocks[b"fmt "])
    leads = tuple(_lead(_LEADS[name], body, form) for name, body in blocks.items() if name in _LEADS)
    if not leads:
        raise UnreadableFileError("The ATC file has no block of samples ('ecg ', 'ecg2' …)")
    info = bytes(blocks.get(b"info", b""))
    remarks = () if form.resolution_nv else ("The file states no amplitude resolution; samples are counts.",)
    return Recording(
        leads=leads,
        source_format="kardia",
        recorded_at=_date(_text(info[:32])),
        metadata=_metadata(version, info, form),
        annotations=_beats(blocks[b"ann "], leads) if b"ann " in blocks else (),
        remarks=remarks,
    )


def _split(view: memoryview) -> tuple[int, dict[bytes, memoryview]]:
    """The version, and the data of each block whose checksum is right."""
    if len(view) < 12:
        raise UnreadableFileError(f"The ATC file ends after {len(view)} bytes, inside its header")
    (version,) = struct.unpack_from("<I", view, 8)
    blocks: dict[bytes, memoryview] = {}
    at = 12
    while at < len(view):
        name, body = _block(view, at)
        if name in blocks:
            raise UnreadableFileError(f"{_place(name, at)} is there twice; each block may occur once")
        if len(blocks) == _MOST_BLOCKS:
            raise UnreadableFileError(f"The ATC file has more than {_MOST_BLOCKS:,} blocks")
        blocks[name] = body
        at += 12 + len(body)
    return version, blocks


def _block(view: memoryview, at: int) -> tuple[bytes, memoryview]:
    left = len(view) - at
    name = bytes(view[at : at + 4])
    length = struct.unpack_from("<I", view, at + 4)[0] if left >= 12 else 0
    if left < 12 + length:
        raise UnreadableFileError(
            f"{_place(name, at)} needs {12 + length:,} bytes, but {left:,} are left: the end is missing"
        )
    end = at + 8 + length
    (stated,) = struct.unpack_from("<I", view, end)
    # recorders add up the bytes; the specification's text speaks of a CRC
    if stated not in (_sum_of_bytes(view[at:end]), zlib.crc32(view[at:end])):
        raise UnreadableFileError(f"{_place(name, at)} is damaged: its checksum is wrong")
    return name, view[at + 8 : end]


def _sum_of_bytes(view: memoryview) -> int:
    return int(np.frombuffer(view, np.uint8).sum(dtype=np.uint64)) % 2**32


def _place(name: bytes, at: int) -> str:
    return f"Block {excerpt(name)} at byte {at:,}"


def _format(body: memoryview) -> _Format:
    if len(body) < 6:
        raise UnreadableFileError(f"Block 'fmt ' has {len(body)} bytes; 8 are needed")
    kind, rate, resolution, flags = struct.unpack_from("<BHHB", body)
    if kind != 1:
        raise UnreadableFileError(f"Block 'fmt ' states sample format {kind}; 1 (16-bit) is the one in use")
    return _Format(float(rate) or None, resolution, flags)


def _lead(name: str, body: memoryview, form: _Format) -> Lead:
    if len(body) % 2:
        raise UnreadableFileError(f"Lead {name}: {len(body):,} bytes are no whole number of 16-bit samples")
    return Lead(
        name=name,
        samples=narrowest_integers(np.frombuffer(body, "<i2").astype(np.int64)),
        sampling_rate_hz=form.sampling_rate_hz,
        unit="nV" if form.resolution_nv else None,
        resolution=float(form.resolution_nv or 1),
    )


def _beats(body: memoryview, leads: tuple[Lead, ...]) -> tuple[Annotation, ...]:
    """The beats that Kardia marked: ticks per second, then a tick (uint32) and a type (uint16) for each."""
    if len(body) < 4 or (len(body) - 4) % 6:
        raise UnreadableFileError(f"Block 'ann ' has {len(body):,} bytes; 4 and 6 for each beat are needed")
    (ticks_per_s,) = struct.unpack_from("<I", body)
    marks = np.sort(np.frombuffer(body[4:], np.dtype([("tick", "<u4"), ("type", "<u2")])), order="tick")
    if len(marks) > _MOST_BEATS:
        raise UnreadableFileError(f"Block 'ann ' has {len(marks):,} beats; at most {_MOST_BEATS:,} are read")
    end_s = max((lead.duration_s or np.inf for lead in leads), default=np.inf)
    if not ticks_per_s:
        return ()
    return tuple(
        Annotation(
            start_s=tick / ticks_per_s,
            text=_BEATS[kind] if kind < len(_BEATS) else f"type {kind}",
            kind="beat",
        )
        for tick, kind in marks.tolist()
        if tick / ticks_per_s <= end_s
    )


def _metadata(version: int, info: bytes, form: _Format) -> dict[str, str]:
    found = {"ATC version": str(version)}
    found |= {name: _text(info[at : at + length]) for name, at, length in _TEXTS}
    # the field of the location was given to the device's serial number and battery in version 4
    found["device data" if version >= 4 else "location"] = _text(info[212:264])
    found["mains frequency"] = "60 Hz" if form.flags & 2 else "50 Hz"
    found["filters"] = ", ".join(name for bit, name in _FILTERS.items() if form.flags & bit)
    return {name: text for name, text in found.items() if text}


def _text(field: bytes) -> str:
    text = field.partition(b"\x00")[0].decode("utf-8", "replace")
    return "".join(character for character in text if character.isprintable()).strip()


def _date(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if 1990 <= found.year < 2100 else None

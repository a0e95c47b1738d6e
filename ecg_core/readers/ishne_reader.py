"""ISHNE Holter files (version 1.0).

Badilini F. The ISHNE Holter Standard Output File Format. Ann Noninvasive Electrocardiol 1998;3:263-266:
``ISHNE1.0``, a CRC-CCITT of the header, a fixed block of 512 bytes, a variable block of text, then frames
of one little-endian 16-bit count per lead. The whole of the file's end belongs to the signal, since
recorders write the number of samples in different ways; a count of -32768 marks a lead fault.
"""

from __future__ import annotations

import binascii
import struct
from datetime import date, datetime, time

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Lead, Recording
from ecg_core.errors import UnreadableFileError
from ecg_core.readers.channels import lead_names
from ecg_core.readers.guarded import guarded
from ecg_core.readers.plain_text import plain_items
from ecg_core.readers.vendor import make_lead, plausible_time

_MAGIC = b"ISHNE1.0"
_HEADER_BYTES = 522
_MOST_LEADS = 12
_FAULT = -32768
#: Table 1 of the standard; 0 is unknown and 1 a bipolar lead without a name.
_LEADS = {
    **dict(enumerate(("X", "Y", "Z", "I", "II", "III", "aVR", "aVL", "aVF"), 2)),
    **dict(enumerate(("V1", "V2", "V3", "V4", "V5", "V6", "ES", "AS", "AI"), 11)),
}
_QUALITIES = {
    1: "good",
    2: "intermittent noise",
    3: "frequent noise",
    4: "intermittent disconnection",
    5: "frequent disconnection",
}
_PACEMAKERS = {
    1: "of unknown type",
    2: "single chamber unipolar",
    3: "dual chamber unipolar",
    4: "single chamber bipolar",
    5: "dual chamber bipolar",
}
_RACES = {1: "Caucasian", 2: "Black", 3: "Oriental"}


def recognizes_ishne(data: bytes | memoryview) -> bool:
    """Whether the content begins with ``ISHNE1.0``."""
    return bytes(data[:8]) == _MAGIC


@guarded
def read_ishne(data: bytes | bytearray | memoryview) -> Recording:
    """All leads of a Holter recording.

    Raises
    ------
    UnreadableFileError
        Naming the field of the header that cannot be.
    """
    return _read(memoryview(data))


def _read(view: memoryview) -> Recording:
    if len(view) < _HEADER_BYTES:
        raise UnreadableFileError(
            f"The ISHNE file ends after {len(view)} bytes, within its header of {_HEADER_BYTES}"
        )
    header = bytes(view[:_HEADER_BYTES])
    (text_bytes,) = struct.unpack_from("<i", header, 10)
    start = _HEADER_BYTES + text_bytes
    if text_bytes < 0 or start > len(view):
        raise UnreadableFileError(
            f"The ISHNE header states {text_bytes:,} bytes of text, but the file has "
            f"{len(view) - _HEADER_BYTES:,} bytes after its header"
        )
    counts, remarks = _counts(view[start:], _shorts(header, 156, 1)[0])
    return Recording(
        leads=_leads(header, counts),
        source_format="ishne",
        recorded_at=_recorded_at(header),
        patient=_patient(header),
        metadata=_metadata(header, len(counts[0]), bytes(view[_HEADER_BYTES:start])),
        remarks=(*_checksum_remark(header, bytes(view[10:start])), *remarks),
    )


def _counts(body: memoryview, leads: int) -> tuple[NDArray[np.int16], tuple[str, ...]]:
    """The counts in shape (leads, samples)."""
    if not 1 <= leads <= _MOST_LEADS:
        raise UnreadableFileError(f"The ISHNE header states {leads} leads; there can be 1 to {_MOST_LEADS}")
    frames, rest = divmod(len(body), 2 * leads)
    if not frames:
        raise UnreadableFileError("The ISHNE file holds no samples after its header")
    remarks = (
        (f"The last {rest} bytes are no complete sample of all leads and were left out.",) if rest else ()
    )
    counts = np.frombuffer(body[: frames * 2 * leads], "<i2").reshape(frames, leads)
    return counts.T, remarks


def _leads(header: bytes, counts: NDArray[np.int16]) -> tuple[Lead, ...]:
    number = len(counts)
    (rate,) = _shorts(header, 272, 1)
    originals = [
        _LEADS.get(code, f"channel {index}") for index, code in enumerate(_shorts(header, 158, number), 1)
    ]
    names = lead_names(originals)
    resolutions = _shorts(header, 206, number)  # in nanovolts
    return tuple(
        make_lead(
            name,
            original,
            _without_faults(counts[row]),
            rate=float(rate),
            unit="uV" if resolution > 0 else None,
            resolution=resolution / 1000,
        )
        for row, (name, original, resolution) in enumerate(zip(names, originals, resolutions, strict=True))
    )


def _without_faults(counts: NDArray[np.int16]) -> NDArray[np.generic]:
    faulty = counts == _FAULT
    if not faulty.any():
        return counts.astype(np.int16)
    return np.where(faulty, np.nan, counts.astype(np.float64))


def _recorded_at(header: bytes) -> datetime | None:
    day, (hour, minute, second) = _date(header, 138), _shorts(header, 150, 3)
    try:
        return plausible_time(datetime.combine(day, time(hour, minute, second))) if day else None
    except ValueError:
        return None


def _patient(header: bytes) -> dict[str, str]:
    sex, race = _shorts(header, 128, 2)
    (pacemaker,) = _shorts(header, 230, 1)
    birth = _date(header, 132)
    return plain_items(
        [
            ("patient id", _text(header, 108, 20)),
            ("name", f"{_text(header, 28, 40)} {_text(header, 68, 40)}"),
            ("sex", {1: "M", 2: "F"}.get(sex, "")),
            ("birth date", birth.isoformat() if birth else ""),
            ("race", _RACES.get(race, "")),
            ("pacemaker", _PACEMAKERS.get(pacemaker, "")),
        ]
    )


def _metadata(header: bytes, samples: int, text: bytes) -> dict[str, str]:
    (leads,) = _shorts(header, 156, 1)
    (stated,) = struct.unpack_from("<i", header, 14)
    qualities = [_QUALITIES.get(code, "unrated") for code in _shorts(header, 182, leads)]
    return plain_items(
        [
            ("recorder", _text(header, 232, 40)),
            ("signal quality", ", ".join(qualities) if set(qualities) != {"unrated"} else ""),
            ("samples stated", stated if stated != samples else ""),
            ("comment", text.split(b"\0")[0].decode("latin-1")),
            ("copyright", _text(header, 354, 80)),
        ]
    )


def _checksum_remark(header: bytes, summed: bytes) -> tuple[str, ...]:
    """Zero is a recorder that computes none; recorders differ in the order of the two bytes."""
    stored = header[8:10]
    computed = binascii.crc_hqx(summed, 0xFFFF)
    if stored == b"\0\0" or stored in (computed.to_bytes(2, "little"), computed.to_bytes(2, "big")):
        return ()
    return ("The checksum of the header is wrong: what it says may be damaged.",)


def _date(header: bytes, at: int) -> date | None:
    day, month, year = _shorts(header, at, 3)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _shorts(header: bytes, at: int, number: int) -> tuple[int, ...]:
    return struct.unpack_from(f"<{number}h", header, at)


def _text(header: bytes, at: int, length: int) -> str:
    return header[at : at + length].split(b"\0")[0].decode("latin-1")

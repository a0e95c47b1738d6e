"""Holter recordings of Edan SE-2012 recorders: ``patient.hea`` with ``ecgraw.dat``, or both in an ``.arc``.

There is no specification. The layout is what P. Bourke found (paulbourke.net/dataformats/edan) and the
library follows: 16-bit samples around 16,384 of all channels in turn. What a count is in volts is not
stated, so that amplitudes stay counts. Tested on generated files only.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Lead, Recording
from ecg_core.errors import UnreadableFileError
from ecg_core.readers.channels import lead_names
from ecg_core.readers.guarded import guarded
from ecg_core.readers.plain_text import plain
from ecg_core.readers.vendor import make_lead, parse_record, recording_of

_HEADER_BYTES = 3672
_LABELS, _LABEL_BYTES, _MOST_CHANNELS = 1796, 8, 12
_RATES = (100, 128, 200, 250, 256, 500, 1000)
#: 1990 to 2070, in seconds since 1970.
_FIRST_TIME, _LAST_TIME = 631_152_000, 3_155_760_000
_ZERO = 16_384
_SIGNAL = "ecgraw.dat"
#: Where an archive has the two names and what they name; below 20 is no sample but what follows the signal.
_ARC_HEADER_NAME, _ARC_HEADER, _ARC_SIGNAL_NAME, _ARC_SIGNAL = 90, 350, 4026, 4286
_ARC_LEAST_SAMPLE = 20
_OTHER_ARC = b"##NEUTRAL HOLTER RECORDING##"
#: So many frames of either kind show the library whether 12 channels are stored or those that are used.
_PROBE_FRAMES = 10_000
_SAID_OTHERWISE = ("EDAN support is experimental", "EDAN channel layout is ambiguous")


def recognizes_edan(data: bytes | memoryview) -> bool:
    """Whether the content begins as a plausible ``patient.hea`` or as an archive with one."""
    start = bytes(data[:4096])
    return _is_header(start[:_HEADER_BYTES]) or _is_archive(start) or start[4:].startswith(_OTHER_ARC)


def needed_edan_files(data: bytes | memoryview) -> tuple[str, ...]:
    """The signal file that a header needs beside it."""
    return (_SIGNAL,) if _is_header(bytes(data[:_HEADER_BYTES])) else ()


@guarded
def read_edan(
    data: bytes | bytearray | memoryview, siblings: Mapping[str, bytes | memoryview] = MappingProxyType({})
) -> Recording:
    """All channels of a recording in counts around zero, with a remark that their scale is unknown.

    Raises
    ------
    UnreadableFileError
        The signal is missing, or cannot be told from what surrounds it.
    """
    return _read(memoryview(data), siblings)


def _read(data: memoryview, siblings: Mapping[str, bytes | memoryview]) -> Recording:
    header = bytes(data[:_HEADER_BYTES])
    remarks = ["The file does not state what a count is in volts, so that amplitudes are counts."]
    if _is_header(header):
        beside = _signal_beside(siblings)
        raw = np.frombuffer(beside, "<u2", len(beside) // 2)
    elif _is_archive(bytes(data[:4096])):
        header = bytes(data[_ARC_HEADER : _ARC_HEADER + _HEADER_BYTES])
        raw = _signal_within(data)
        remarks.append(
            "The archive does not state where its signal ends; it is taken to end before the first value "
            f"below {_ARC_LEAST_SAMPLE}."
        )
    else:
        raise UnreadableFileError(
            "This kind of Holter archive states neither rate nor channels nor the scale of its signal and is "
            "not read; an export as EDF would be"
        )
    return _recording(header, raw, remarks)


def _signal_beside(siblings: Mapping[str, bytes | memoryview]) -> bytes | memoryview:
    for name, content in siblings.items():
        if name.casefold() == _SIGNAL:
            return content
    raise UnreadableFileError(f"patient.hea has no signal of its own; send {_SIGNAL} with it")


def _signal_within(data: memoryview) -> NDArray[np.uint16]:
    size = (len(data) - _ARC_SIGNAL) // 2
    raw = np.frombuffer(data, "<u2", size, _ARC_SIGNAL) if size > 0 else np.zeros(0, np.uint16)
    after = np.flatnonzero(raw < _ARC_LEAST_SAMPLE)
    return raw[: after[0]] if len(after) else raw


def _recording(header: bytes, raw: NDArray[np.uint16], remarks: list[str]) -> Recording:
    channels = header[12]
    probe = raw[: math.lcm(channels, _MOST_CHANNELS) * _PROBE_FRAMES]
    # The time of the end is left out: it does not fit the probe.
    told, warned = parse_record(
        _parser(probe.tobytes()), header[:8] + bytes(4) + header[12:], title="Edan Holter", suffix=".hea"
    )
    remarks += [each for each in warned if not each.startswith(_SAID_OTHERWISE)]
    stored = _stored_channels(header, len(raw), told.raw_metadata)
    frames = len(raw) // stored
    if told.recording.date is not None:
        remarks.append("The time is the recorder's own; its zone is not stated.")
    leads = _leads(told, raw[: frames * stored].reshape(frames, stored))
    return recording_of(told, "edan", leads, remarks=dict.fromkeys(remarks))


def _stored_channels(header: bytes, size: int, told: Mapping[str, Any]) -> int:
    """How many channels take turns: where two numbers are plausible, the one that fits the stated times."""
    found, basis = int(told["stored_channel_count"]), str(told["channel_layout_basis"])
    if basis == "single plausible layout":
        return found
    first, last, used = struct.unpack_from("<IIB", header, 4)
    expected = (last - first) * struct.unpack_from("<h", header, 32)[0]
    fitting = [each for each in (used, _MOST_CHANNELS) if abs(size / each - expected) <= 0.02 * expected]
    if len(fitting) == 1:
        return fitting[0]
    if basis.startswith("ambiguous"):
        raise UnreadableFileError(
            f"It is unclear whether the signal of the Edan recording holds {used} channels or "
            f"{_MOST_CHANNELS}: its times and {size:,} samples fit neither"
        )
    return found


def _leads(told: Any, frames: NDArray[np.uint16]) -> tuple[Lead, ...]:
    labels = [plain(lead.label) for lead in told.leads]
    return tuple(
        make_lead(
            name,
            label,
            frames[:, index].astype(np.int32) - _ZERO,
            rate=float(lead.sampling_rate),
            unit=None,
        )
        for index, (name, label, lead) in enumerate(zip(lead_names(labels), labels, told.leads, strict=True))
    )


def _parser(signal: bytes) -> Callable[[Path], Any]:
    def parse(path: Path) -> Any:
        from ecgdatakit.parsing.parsers.edan_arc import EDANARCHolterParser

        header = path.rename(path.with_name("patient.hea"))
        path.with_name(_SIGNAL).write_bytes(signal)
        return EDANARCHolterParser().parse(header)

    return parse


def _is_archive(start: bytes) -> bool:
    return (
        start[_ARC_HEADER_NAME:].startswith(b"patient.hea\0")
        and start[_ARC_SIGNAL_NAME:].startswith(b"ecgraw.dat\0")
        and _is_header(start[_ARC_HEADER : _ARC_HEADER + _HEADER_BYTES])
    )


def _is_header(header: bytes) -> bool:
    if len(header) < _HEADER_BYTES:
        return False
    first, last, channels = struct.unpack_from("<IIB", header, 4)
    rate = struct.unpack_from("<h", header, 32)[0]
    times = _FIRST_TIME <= first <= _LAST_TIME and (last == 0 or _FIRST_TIME <= last <= _LAST_TIME)
    if not times or not 1 <= channels <= _MOST_CHANNELS or rate not in _RATES:
        return False
    labels = struct.unpack_from(f"{_LABEL_BYTES}s" * channels, header, _LABELS)
    return all(_is_label(label) for label in labels)


def _is_label(label: bytes) -> bool:
    """Printable characters, then zeros."""
    text = label.rstrip(b"\0")
    return all(32 <= byte < 127 for byte in text)

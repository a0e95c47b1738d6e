"""AcqKnowledge files of BIOPAC (``.acq``), versions 2 to 5, decoded by bioread.

The layout is that of BIOPAC's application note 156 and of bioread's `headers`.
"""

from __future__ import annotations

import io
import logging
import math
import struct
import zlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Annotation, Lead, Recording, voltage_unit
from ecg_core.errors import UnreadableFileError
from ecg_core.readers.channels import is_ecg_channel, lead_names
from ecg_core.readers.excerpt import excerpt
from ecg_core.readers.guarded import guarded
from ecg_core.readers.lead_names import MOST_LEADS
from ecg_core.readers.options import sampling_rate_problem
from ecg_core.readers.sample_buffer import narrowest_integers

_START = 24
_REVISIONS = range(30, 1000)
_HEADER_SIZES = range(100, 100_000)
_MOST_READS = 100_000
_MOST_PATTERN = 5_000_000
_MOST_PER_COMPRESSED_BYTE = 200
_BEATS = frozenset(
    (
        *("nrml", "pace", "pfus", "lbbb", "rbbb", "bbb", "apc", "aber", "npc"),
        *("svpb", "pvc", "ront", "fusi", "aesc", "nesc", "sves", "vesc", "qrs"),
    )
)
_FIRST_SEGMENT = "apnd"


class _Source(io.BytesIO):
    """The content as a file that ends an endless search of the library."""

    reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        if self.reads > _MOST_READS:
            raise UnreadableFileError(
                f"The AcqKnowledge file has more than {_MOST_READS:,} parts in its headers"
            )
        return super().read(size)


def recognizes_biopac(data: bytes | memoryview) -> bool:
    """Whether the content begins with a graph header: no signature, but a revision, sizes and a rate."""
    start = bytes(data[:_START])
    return len(start) == _START and any(_is_graph_header(start, order) for order in "<>")


def _is_graph_header(start: bytes, order: str) -> bool:
    _, revision, size, channels, _, _, sample_ms = struct.unpack(f"{order}hiihhhd", start)
    possible = revision in _REVISIONS and size in _HEADER_SIZES and 1 <= channels <= MOST_LEADS
    return possible and math.isfinite(sample_ms) and 1e-3 <= sample_ms <= 1e7


@guarded
def read_biopac(data: bytes | bytearray | memoryview) -> Recording:
    """The channels of an AcqKnowledge file; 16-bit channels in the counts of the file, others in their unit.

    Raises
    ------
    UnreadableFileError
        Headers that cannot be, or fewer samples than they state.
    """
    return _read(memoryview(data))


def _read(view: memoryview) -> Recording:
    if not recognizes_biopac(view):
        raise UnreadableFileError("The file does not begin like an AcqKnowledge file")
    from bioread.reader import Reader

    logging.getLogger("bioread").disabled = True  # it prints what it also raises
    content = bytes(view)
    reader = Reader.read_headers(_Source(content))
    _check_headers(reader, len(content))
    if reader.is_compressed:
        raw = list(_decompressed(reader, view))
    else:
        raw = [channel.raw_data for channel in Reader.read(_Source(content)).datafile.channels]
    channels = reader.datafile.channels
    remarks: list[str] = []
    names = lead_names([_text(channel.name) for channel in channels])
    leads = tuple(
        _lead(channel, name, values, remarks)
        for channel, name, values in zip(channels, names, raw, strict=True)
    )
    return Recording(
        leads=leads,
        source_format="biopac",
        recorded_at=_recorded_at(reader.event_markers or []),
        metadata={"device": f"BIOPAC AcqKnowledge, file revision {int(reader.file_revision)}"},
        annotations=tuple(sorted(_annotations(reader, leads), key=lambda mark: mark.start_s)),
        remarks=tuple(remarks),
    )


def _check_headers(reader: Any, size: int) -> None:
    """Refuse what would make the library read beyond the file, or build a pattern without measure."""
    if reader.datafile is None or len(reader.channel_dtype_headers) != len(reader.channel_headers):
        raise UnreadableFileError("The headers of the AcqKnowledge file cannot be read; it may be cut off")
    channels = reader.datafile.channels
    for channel in channels:
        if channel.point_count < 0 or channel.frequency_divider < 1:
            raise UnreadableFileError(
                f"The channel {excerpt(_text(channel.name))} states {channel.point_count:,} samples, "
                f"one for {channel.frequency_divider} of the file's"
            )
    if reader.is_compressed:
        return
    needed = reader.data_start_offset + reader.data_length
    if needed > size:
        raise UnreadableFileError(
            f"The AcqKnowledge file has {size:,} bytes; its headers need {needed:,}: it is cut off"
        )
    if math.lcm(*(channel.frequency_divider for channel in channels)) * len(channels) > _MOST_PATTERN:
        raise UnreadableFileError("The channels' sampling rates have no common pattern of a possible length")


def _decompressed(reader: Any, view: memoryview) -> Iterator[NDArray[np.generic]]:
    channels, headers = reader.datafile.channels, reader.channel_compression_headers
    if len(headers) != len(channels):
        raise UnreadableFileError("The headers of the compressed channels cannot be read; it may be cut off")
    total = sum(channel.data_length for channel in channels)
    if total > _MOST_PER_COMPRESSED_BYTE * len(view) + 1_000_000:
        raise UnreadableFileError(f"The AcqKnowledge file is too small for {total:,} bytes of samples")
    for channel, header in zip(channels, headers, strict=True):
        start, length = header.compressed_data_offset, header.compressed_data_len
        if start < 0 or length < 0 or start + length > len(view):
            raise UnreadableFileError(f"The channel {excerpt(_text(channel.name))} is cut off")
        content = _inflated(view[start : start + length], channel)
        if len(content) != channel.data_length:
            raise UnreadableFileError(
                f"The channel {excerpt(_text(channel.name))} has {len(content):,} bytes; "
                f"its header states {channel.data_length:,}"
            )
        yield np.frombuffer(content, channel.dtype)


def _inflated(packed: memoryview, channel: Any) -> bytes:
    """At most one byte more than the channel should have; zlib verifies its own checksum."""
    try:
        return zlib.decompressobj().decompress(packed, channel.data_length + 1)
    except zlib.error:
        raise UnreadableFileError(f"The samples of {excerpt(_text(channel.name))} are damaged") from None


def _lead(channel: Any, name: str, raw: NDArray[np.generic], remarks: list[str]) -> Lead:
    original, rate = _text(channel.name), channel.samples_per_second
    problem = sampling_rate_problem(float(rate))
    if problem:
        raise UnreadableFileError(f"The channel {excerpt(original)}: the sampling rate {problem}")
    scale, offset = float(channel.raw_scale_factor), float(channel.raw_offset)
    unit = voltage_unit(_text(channel.units)) or _text(channel.units) or None
    if not 1e-30 < abs(scale) < 1e30 or not abs(offset) < 1e30:
        remarks.append(f"The scale of {excerpt(original)} cannot be; it is kept in counts.")
        scale, offset, unit = 1.0, 0.0, None
    samples = _samples(raw)
    if samples.dtype.kind == "f" and np.isnan(samples).any():
        remarks.append(f"Samples of {excerpt(original)} are missing.")
    return Lead(
        name=name,
        samples=samples,
        sampling_rate_hz=float(rate),
        unit=unit,
        resolution=scale,
        offset=offset,
        original_name=original if original != name else "",
        is_ecg=is_ecg_channel(original, unit),
    )


def _samples(raw: NDArray[np.generic]) -> NDArray[np.generic]:
    """Integers as narrow as they are, floats with NaN for what is not finite."""
    if raw.dtype.kind == "i":
        return narrowest_integers(raw.astype(np.int16))
    values = raw.astype(np.float64)
    values[~np.isfinite(values)] = np.nan
    return values


def _text(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:100]


def _recorded_at(markers: list[Any]) -> datetime | None:
    """When the marker of the first segment was made, if it stands at the first sample."""
    first = [marker for marker in markers if marker.type_code == _FIRST_SEGMENT and marker.sample_index == 0]
    created = first[0].date_created_utc if first else None
    return created if created and 1980 <= created.year <= 2100 else None


def _annotations(reader: Any, leads: tuple[Lead, ...]) -> Iterator[Annotation]:
    """The event markers within the recording; one before its first sample was cut off with its signal."""
    of_channel: Mapping[int, Lead] = {
        channel.order_num: lead for channel, lead in zip(reader.datafile.channels, leads, strict=True)
    }
    end = max((lead.duration_s or 0.0 for lead in leads), default=0.0)
    for marker in reader.event_markers or []:
        start_s = marker.sample_index / reader.samples_per_second
        code = _text(marker.type_code or "").lower()
        text = _text(marker.text) or (_text(marker.type) if code else "")
        if 0 <= start_s <= end and text and code != _FIRST_SEGMENT:
            lead = of_channel.get(marker.channel_number)
            kind = "beat" if code in _BEATS else "rhythm" if code == "rhyt" else "note"
            yield Annotation(start_s=start_s, text=text, kind=kind, lead=lead.name if lead else "")

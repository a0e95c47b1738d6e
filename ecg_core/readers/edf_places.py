"""Where the samples of an EDF or BDF file stand, so that they need not be kept twice."""

from __future__ import annotations

from dataclasses import dataclass

from ecg_core.errors import UnreadableFileError
from ecg_core.readers.edf_header import parse_header, recognizes_header


@dataclass(frozen=True)
class SamplePlaces:
    """The data records of a file.

    Attributes
    ----------
    offset, record_bytes, records : int
        Where they begin, the size of each in bytes, and how many are whole.
    signals : tuple of (int, int)
        For each lead its first byte in a data record, and its samples in each.
    width : int
        Bytes of a sample, a little-endian integer.
    """

    offset: int
    record_bytes: int
    records: int
    signals: tuple[tuple[int, int], ...]
    width: int


def find_sample_places(data: bytes | memoryview) -> SamplePlaces | None:
    """The places of all leads' samples, in the leads' order; None for other or interrupted files."""
    if not recognizes_header(data):
        return None
    try:
        header = parse_header(data)
    except UnreadableFileError:
        return None
    width, at, signals = header.bytes_per_sample, 0, []
    for signal in header.signals:
        if not signal.is_annotations:
            signals.append((at * width, signal.samples))
        at += signal.samples
    size = at * width
    if header.is_discontinuous or not size:
        return None
    held = (len(data) - header.size) // size
    records = held if header.records < 0 else header.records
    return SamplePlaces(header.size, size, records, tuple(signals), width) if 0 < records <= held else None

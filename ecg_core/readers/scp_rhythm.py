"""The signals of an SCP-ECG record: sections 3 to 6 (EN 1064, 5.6 to 5.9)."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ecg_core.errors import UnreadableFileError
from ecg_core.readers.scp_bimodal import Bimodal, read_bimodal
from ecg_core.readers.scp_huffman import DataEndsError, Table, decode, read_tables
from ecg_core.readers.scp_sections import ScpRecord

_SUBTRACTED = 1
#: Of all leads together; 65,535 bytes of a lead hold no more than half a million.
_MOST_SAMPLES = 10_000_000
_MOST_SPANS = 8


@dataclass(frozen=True)
class LeadDefinition:
    """A lead of section 3: its code, and its first and last sample, counted from 1."""

    first: int
    last: int
    code: int

    @property
    def samples(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, eq=False)
class Rhythm:
    """``nanovolts`` of a count are 0 where the file states none; ``interval_us`` is between samples.

    ``factor`` is how many samples between QRS complexes were stored as one.
    """

    definitions: tuple[LeadDefinition, ...]
    counts: tuple[NDArray[np.int64], ...]
    nanovolts: int
    interval_us: int
    factor: int = 1


@dataclass(frozen=True, eq=False)
class _Coded:
    nanovolts: int
    interval_us: int
    counts: tuple[NDArray[np.int64], ...]


def read_rhythm(record: ScpRecord) -> Rhythm:
    """The rhythm data, with the reference beat put back where it was taken out.

    Raises
    ------
    UnreadableFileError
        Naming the section and the lead.
    """
    if 6 not in record.sections and 12 in record.sections:
        raise UnreadableFileError(
            "The SCP-ECG file has its signal in section 12 (long-term ECG of version 3), which is not read"
        )
    definitions, flags = _definitions(record)
    tables = read_tables(record.section(2, 2)) if 2 in record.sections else None
    bimodal = read_bimodal(record)
    if bimodal is None:
        coded = _decode_section(record, 6, [lead.samples for lead in definitions], tables)
    else:
        definitions = tuple(
            replace(lead, last=bimodal.last_sample(lead.first, lead.last)) for lead in definitions
        )
        coded = _decode_bimodal(record, definitions, bimodal, tables)
    rhythm = Rhythm(definitions, coded.counts, coded.nanovolts, coded.interval_us)
    if flags & _SUBTRACTED:
        rhythm = _with_reference_beat(record, definitions, coded, tables)
    return replace(rhythm, factor=bimodal.factor if bimodal else 1)


def _decode_bimodal(
    record: ScpRecord, definitions: tuple[LeadDefinition, ...], bimodal: Bimodal, tables: list[Table] | None
) -> _Coded:
    stored = [bimodal.stored_samples(lead.first, lead.last) for lead in definitions]
    coded = _decode_section(record, 6, stored, tables)
    counts = tuple(
        bimodal.restored(values, lead.first, lead.last)
        for values, lead in zip(coded.counts, definitions, strict=True)
    )
    return _Coded(coded.nanovolts, bimodal.interval_us, counts)


def _definitions(record: ScpRecord) -> tuple[tuple[LeadDefinition, ...], int]:
    section = record.section(3, 2)
    number, flags = section[0], section[1]
    if not number or 2 + 9 * number > len(section):
        raise UnreadableFileError(
            f"Section 3 of the SCP-ECG file states {number} leads, but defines {(len(section) - 2) // 9}"
        )
    rows = struct.iter_unpack("<IIB", section[2 : 2 + 9 * number])
    definitions = tuple(LeadDefinition(*row) for row in rows)
    for index, lead in enumerate(definitions, 1):
        if not 1 <= lead.first <= lead.last <= _MOST_SAMPLES:
            raise UnreadableFileError(
                f"Lead {index} of the SCP-ECG file is from sample {lead.first:,} to {lead.last:,}"
            )
    if sum(lead.samples for lead in definitions) > _MOST_SAMPLES:
        raise UnreadableFileError(f"The SCP-ECG file states more than {_MOST_SAMPLES:,} samples")
    return definitions, flags


def _decode_section(
    record: ScpRecord, number: int, samples: Sequence[int], tables: list[Table] | None
) -> _Coded:
    at = 6 + 2 * len(samples)
    section = record.section(number, at)
    nanovolts, interval_us, differences = struct.unpack_from("<HHB", section)
    if not interval_us:
        raise UnreadableFileError(f"Section {number} of the SCP-ECG file states no sampling interval")
    if differences > 2:
        raise UnreadableFileError(
            f"Section {number} of the SCP-ECG file holds differences of order {differences}; 0 to 2 are known"
        )
    counts = []
    for index, wanted in enumerate(samples):
        (stated,) = struct.unpack_from("<H", section, 6 + 2 * index)
        place = f"Lead {index + 1} in section {number} of the SCP-ECG file"
        values, size = _spanning(section[at:], stated, _decoder(wanted, tables, place))
        counts.append(_undo_differences(values, differences))
        at += size
    return _Coded(nanovolts, interval_us, tuple(counts))


_Decoder = Callable[[bytes], NDArray[np.int64]]


def _spanning(data: bytes, stated: int, decoder: _Decoder) -> tuple[NDArray[np.int64], int]:
    """The values of one lead and its size in bytes.

    The size has 16 bits; of a longer lead, writers store what is left above whole spans of 65,536.
    """
    size = stated
    for _ in range(_MOST_SPANS):
        if size > len(data):
            break
        try:
            return decoder(data[:size]), size
        except DataEndsError:
            if size + 65_536 > len(data):
                raise
            size += 65_536
    raise UnreadableFileError(
        f"A lead of the SCP-ECG file has {size:,} bytes, but {len(data):,} are left in its section"
    )


def _decoder(samples: int, tables: list[Table] | None, place: str) -> _Decoder:
    def decoded(data: bytes) -> NDArray[np.int64]:
        if tables is not None:
            return decode(data, samples, tables, place)[0]
        if 2 * samples > len(data):
            raise DataEndsError(f"{place}: {len(data):,} bytes cannot hold {samples:,} samples")
        return np.frombuffer(data, "<i2", samples).astype(np.int64)

    return decoded


def _undo_differences(values: NDArray[np.int64], order: int) -> NDArray[np.int64]:
    """Amplitudes from first or second differences; the sums wrap at 16 bits, as writers' sums do."""
    if order == 0:
        return values
    if order == 1:
        summed = np.cumsum(values)
    else:
        # x[n] = d[n] + 2 x[n-1] - x[n-2]; the first two samples are stored as they are.
        slopes = np.concatenate((values[1:2] - values[:1], values[2:]))
        summed = np.concatenate((values[:1], values[:1] + np.cumsum(np.cumsum(slopes))))
    return summed.astype(np.int16).astype(np.int64)


def _with_reference_beat(
    record: ScpRecord, definitions: tuple[LeadDefinition, ...], coded: _Coded, tables: list[Table] | None
) -> Rhythm:
    """Add the reference beat of type 0 to what was left after subtracting it."""
    section = record.section(4, 6)
    length_ms, fiducial, beats = struct.unpack_from("<HHH", section)
    if 6 + 14 * beats > len(section):
        raise UnreadableFileError(f"Section 4 of the SCP-ECG file is cut off before its {beats} beats end")
    interval_us = struct.unpack_from("<H", record.section(5, 6), 2)[0]
    if interval_us != coded.interval_us or not coded.nanovolts:
        raise UnreadableFileError(
            f"The SCP-ECG file has its reference beat at {interval_us} µs a sample and the rest at "
            f"{coded.interval_us} µs, which is not read"
        )
    beat_samples = round(length_ms * 1000 / interval_us)
    reference = _decode_section(record, 5, [beat_samples] * len(definitions), tables)
    if not reference.nanovolts:
        raise UnreadableFileError("The reference beat of the SCP-ECG file states no amplitude of a count")
    common = math.gcd(coded.nanovolts, reference.nanovolts)
    zones = list(struct.iter_unpack("<HIII", section[6 : 6 + 14 * beats]))
    counts = tuple(
        _restored(
            left * (coded.nanovolts // common), beat * (reference.nanovolts // common), lead, zones, fiducial
        )
        for left, beat, lead in zip(coded.counts, reference.counts, definitions, strict=True)
    )
    return Rhythm(definitions, counts, common, coded.interval_us)


def _restored(
    signal: NDArray[np.int64],
    beat: NDArray[np.int64],
    lead: LeadDefinition,
    zones: list[tuple[int, ...]],
    fiducial: int,
) -> NDArray[np.int64]:
    for kind, start, center, end in zones:
        begin = center - fiducial + 1  # the recording's sample at which the reference beat begins
        first, last = max(start, lead.first, begin), min(end, lead.last, begin + len(beat) - 1)
        if kind == 0 and first <= last:
            signal[first - lead.first : last - lead.first + 1] += beat[first - begin : last - begin + 1]
    return signal

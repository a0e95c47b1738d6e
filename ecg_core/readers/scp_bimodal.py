"""Bimodal compression of SCP-ECG: between the QRS complexes the signal is stored at a lower rate.

EN 1064:2005+A1, 5.7 (protected areas), 5.9 (byte 6 of section 6) and annex C: inside the protected areas all
samples are stored, outside them the mean of each 2 to 4. Section 6 states the time between samples outside,
section 5 that of the original; the areas count the original's samples from 1, ends included. The standard's
text was not at hand: the layout is the one on which the readers of BioSig, the ECG Toolkit and PixelMed
agree, and where they differ (a stretch between two areas that is no multiple of the factor) nothing is read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ecg_core.errors import UnreadableFileError
from ecg_core.readers.scp_sections import ScpRecord

_VERSION_WITHOUT_BIMODAL = 30
_MOST_AREAS = 1000
_SUBTRACTION_BYTES, _AREA_BYTES = 14, 8
_GREATEST_FACTOR = 4


@dataclass(frozen=True)
class Bimodal:
    """Protected areas from ``first`` to ``last`` sample, ascending; a mean stands for ``factor`` samples."""

    factor: int
    interval_us: int
    areas: tuple[tuple[int, int], ...]

    def last_sample(self, first: int, last: int) -> int:
        """The last sample that can be restored: a rest that fills no mean is left off.

        Raises
        ------
        UnreadableFileError
            A stretch before the last one holds no whole number of means, or nothing can be restored.
        """
        stretches = list(self._stretches(first, last))
        for start, end, is_protected in stretches[:-1]:
            if not is_protected and (end - start + 1) % self.factor:
                raise UnreadableFileError(
                    f"Samples {start:,} to {end:,} of the SCP-ECG file lie between two QRS complexes and are "
                    f"no multiple of {self.factor}, so it is unclear how they are stored"
                )
        start, end, is_protected = stretches[-1]
        end -= 0 if is_protected else (end - start + 1) % self.factor
        if end < first:
            raise UnreadableFileError(f"A lead of the SCP-ECG file has fewer than {self.factor} samples")
        return end

    def stored_samples(self, first: int, last: int) -> int:
        """How many values the file holds for these samples."""
        return sum(
            (end - start + 1) // (1 if is_protected else self.factor)
            for start, end, is_protected in self._stretches(first, last)
        )

    def restored(self, values: NDArray[np.int64], first: int, last: int) -> NDArray[np.int64]:
        """The samples from first to last, shape (last - first + 1,).

        As both readers that interpolate do, each mean is taken for the sample in the middle of those that it
        stands for, with straight lines between them and a level beginning and end of each stretch.
        """
        pieces, at = [], 0
        for start, end, is_protected in self._stretches(first, last):
            number = end - start + 1
            stored = number if is_protected else number // self.factor
            piece = values[at : at + stored]
            pieces.append(piece if is_protected else self._interpolated(piece))
            at += stored
        return np.concatenate(pieces)

    def _interpolated(self, means: NDArray[np.int64]) -> NDArray[np.int64]:
        if not len(means):
            return means
        middles = self.factor // 2 + self.factor * np.arange(len(means))
        return np.rint(np.interp(np.arange(self.factor * len(means)), middles, means)).astype(np.int64)

    def _stretches(self, first: int, last: int) -> Iterator[tuple[int, int, bool]]:
        """First and last sample of each stretch, and whether all of its samples are stored."""
        at = first
        for start, end in self.areas:
            start, end = max(start, first), min(end, last)
            if start > end:
                continue
            if at < start:
                yield at, start - 1, False
            yield start, end, True
            at = end + 1
        if at <= last:
            yield at, last, False


def read_bimodal(record: ScpRecord) -> Bimodal | None:
    """How the rhythm data is decimated; None where it is not.

    Raises
    ------
    UnreadableFileError
        The factor or the protected areas are missing or impossible.
    """
    interval_us, _, is_used = struct.unpack_from("<HBB", record.section(6, 6), 2)
    if not is_used or record.protocol >= _VERSION_WITHOUT_BIMODAL:
        return None
    if 5 not in record.sections:
        raise UnreadableFileError(
            "The SCP-ECG file is compressed with loss (bimodal), but has no section 5 with the original rate"
        )
    original_us = struct.unpack_from("<H", record.section(5, 6), 2)[0]
    factor = interval_us // original_us if original_us else 0
    if not 1 <= factor <= _GREATEST_FACTOR or interval_us != factor * original_us:
        raise UnreadableFileError(
            f"The SCP-ECG file is compressed with loss (bimodal) from {original_us:,} µs a sample to "
            f"{interval_us:,} µs; a whole number of 1 to {_GREATEST_FACTOR} samples into one would be read"
        )
    return Bimodal(factor, original_us, _areas(record)) if factor > 1 else None


def _areas(record: ScpRecord) -> tuple[tuple[int, int], ...]:
    section = record.section(4, 6)
    beats = struct.unpack_from("<H", section, 4)[0]
    begin = 6 + _SUBTRACTION_BYTES * beats
    end = begin + _AREA_BYTES * beats
    if beats > _MOST_AREAS or end > len(section):
        raise UnreadableFileError(
            f"Section 4 of the SCP-ECG file has {len(section):,} bytes; the protected areas of "
            f"{beats:,} beats (at most {_MOST_AREAS:,}) would end at byte {end:,}"
        )
    # A beat without a protected area has one that ends before it begins, or zeros.
    stated = struct.iter_unpack("<II", section[begin:end])
    areas = tuple((first, last) for first, last in stated if 1 <= first <= last)
    for (_, before), (after, _) in pairwise(areas):
        if after <= before:
            raise UnreadableFileError(
                f"The protected areas in section 4 of the SCP-ECG file overlap: one ends at sample "
                f"{before:,}, the next begins at {after:,}"
            )
    return areas

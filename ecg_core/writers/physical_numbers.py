"""A lead as numbers for text formats, a block at a time so that a day does not fill the memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ecg_core.domain import Lead

BLOCK = 1 << 16


def blocks_of(length: int) -> Iterator[tuple[int, int]]:
    """First and last but one index of each block."""
    yield from ((start, min(start + BLOCK, length)) for start in range(0, length, BLOCK))


def numbers_of(lead: Lead, start: int, stop: int) -> list[int] | list[float]:
    """Whole counts where they are the physical values too, else the physical values; NaN where missing."""
    samples = lead.samples[start:stop]
    if lead.resolution == 1.0 and lead.offset == 0.0:
        return samples.tolist()  # type: ignore[no-any-return]
    physical: list[float] = replace(lead, samples=samples).physical().tolist()
    return physical

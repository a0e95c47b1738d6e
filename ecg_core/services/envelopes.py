"""A long window of an ECG as columns of extremes and counts: what a screen of that width can show."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import MILLIVOLTS_PER_UNIT, LeadSummary, User
from ecg_core.figures.envelope_strips import EnvelopeStrip
from ecg_core.services.pyramids import complete_pyramids, is_long, read_level
from ecg_core.services.recordings import LeadWindow, read_bounds, window_bounds
from ecg_core.services.room import ReadingRoom
from ecg_core.signal.pyramid import BLOCK_SAMPLES, FACTOR, Level, block_extremes, coarser, missing_per_block
from ecg_core.storage import recordings as store
from ecg_core.storage.database import Connection


def read_envelopes(
    room: ReadingRoom,
    user: User,
    ecg_id: UUID,
    *,
    start: float,
    length: float,
    names: Collection[str],
    columns: int,
) -> list[EnvelopeStrip]:
    """The envelopes of the same stretch of some leads, in the ECG's order.

    Parameters
    ----------
    start, length : float
        Seconds for a lead with a sampling rate, samples for one without.
    names : collection of str
        Of the leads.
    columns : int
        At least so many are given, and up to about twice as many, unless there are fewer samples.

    Raises
    ------
    EcgNotFoundError
    """
    with room.database.reading() as connection:
        leads = [lead for lead in store.get_leads(connection, user.id, ecg_id) if lead.summary.name in names]
    stretches = [_stretch(lead, start, length, columns) for lead in leads]
    complete_pyramids(room, [each.stored for each in stretches if each.width >= BLOCK_SAMPLES])
    with room.database.reading() as connection:
        levels = _read_levels(connection, stretches)
    return [
        _envelope(each.stored.summary, each.begin, each.width, levels[each.stored.position])
        for each in stretches
    ]


def envelope_of(window: LeadWindow, columns: int) -> EnvelopeStrip:
    """The envelope of a stretch of samples that are at hand; its first column begins with the first."""
    width = max(1, len(window.lead.samples) // max(1, columns))
    return _envelope(window.summary, window.first_sample, width, _of_samples(window, width))


@dataclass(frozen=True, eq=False)
class _Stretch:
    """Whole columns of ``width`` samples of a lead, from one sample to another."""

    stored: store.StoredLead
    begin: int
    end: int
    width: int

    @property
    def is_reduced(self) -> bool:
        return self.width >= BLOCK_SAMPLES and is_long(self.stored)


def _stretch(stored: store.StoredLead, start: float, length: float, columns: int) -> _Stretch:
    first, last = window_bounds(stored.summary, start, length)
    width = _column_samples(last - first, columns)
    end = min(-(-last // width) * width, stored.summary.number_of_samples)
    return _Stretch(stored, first // width * width, end, width)


def _read_levels(connection: Connection, stretches: Sequence[_Stretch]) -> dict[int, Level]:
    """The columns of each lead, by its position."""
    plain = [each for each in stretches if not each.is_reduced]
    windows = read_bounds(
        connection, [each.stored for each in plain], [(each.begin, each.end) for each in plain]
    )
    levels = {
        each.stored.position: _of_samples(window, each.width)
        for each, window in zip(plain, windows, strict=True)
    }
    for each in stretches:
        if each.is_reduced:
            level = read_level(connection, each.stored, each.width, each.begin, each.end)
            levels[each.stored.position] = coarser(level, each.width // level.block_samples)
    return levels


def _envelope(summary: LeadSummary, first_sample: int, width: int, level: Level) -> EnvelopeStrip:
    lowest, highest = _physical(level, summary)
    return EnvelopeStrip(
        lead_name=summary.name,
        unit=summary.unit,
        mv_per_unit=MILLIVOLTS_PER_UNIT.get(summary.unit or ""),
        rate=summary.sampling_rate_hz,
        first_sample=first_sample,
        samples_per_column=width,
        lowest=lowest,
        highest=highest,
        rising=level.rising,
        falling=level.falling,
        missing=level.missing,
        number_of_zero_crossings=summary.number_of_zero_crossings,
    )


def _column_samples(samples: int, columns: int) -> int:
    """Samples of a column: a whole number, of blocks of the coarsest level where there is more than one."""
    width = max(1, samples // max(1, columns))
    block = 1
    while width >= block * (BLOCK_SAMPLES if block == 1 else FACTOR):
        block *= BLOCK_SAMPLES if block == 1 else FACTOR
    return width // block * block


def _of_samples(window: LeadWindow, width: int) -> Level:
    samples, found = window.lead.samples, window.crossings
    number = -(-len(samples) // width)
    return Level(
        width,
        *block_extremes(samples, width),
        np.bincount(found.indices[found.rising] // width, minlength=number),
        np.bincount(found.indices[~found.rising] // width, minlength=number),
        missing_per_block(samples, width),
    )


def _physical(level: Level, of: LeadSummary) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lowest and highest in the unit of the lead; a negative resolution turns them round."""
    lowest = level.lowest.astype(np.float64) * of.resolution + of.offset
    highest = level.highest.astype(np.float64) * of.resolution + of.offset
    return (lowest, highest) if of.resolution >= 0 else (highest, lowest)

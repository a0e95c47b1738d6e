"""The reduced signals of long leads: made when an ECG is stored, or on first need where there are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ecg_core.domain import Lead
from ecg_core.services.room import ReadingRoom
from ecg_core.signal.pyramid import BLOCK_SAMPLES, FACTOR, Level, has_coarser, reduce_lead
from ecg_core.storage.database import Connection
from ecg_core.storage.pyramids import (
    LONG_SAMPLES,
    Blocks,
    encode_pyramid,
    insert_pyramids,
    read_blocks,
    reduced_leads,
)
from ecg_core.storage.recordings import StoredLead
from ecg_core.storage.signals import EncodedSignal, Span, encode_signal, read_spans


def encode_lead(lead: Lead) -> EncodedSignal:
    """One lead as it is stored; a long one with its reduced signal."""
    encoded = encode_signal(lead.samples)
    return replace(encoded, pyramid=_encode(lead)) if len(lead.samples) > LONG_SAMPLES else encoded


def is_long(stored: StoredLead) -> bool:
    """Whether the lead is one that has a reduced signal."""
    return stored.summary.number_of_samples > LONG_SAMPLES


def complete_pyramids(room: ReadingRoom, leads: Sequence[StoredLead]) -> None:
    """Make the reduced signals that long leads of a recording lack: stored before there were any."""
    long = [stored for stored in leads if is_long(stored)]
    if not long:
        return
    number = long[0].recording_number
    with room.database.reading() as connection:
        present = reduced_leads(connection, number)
    for stored in long:
        if stored.position not in present:
            with room.database.reading() as connection:
                rows = _encode(_whole(connection, stored))
            with room.database.writing() as connection:
                if stored.position not in reduced_leads(connection, number):
                    insert_pyramids(connection, number, {stored.position: rows})


def read_level(
    connection: Connection, stored: StoredLead, samples_per_column: int, first: int, stop: int
) -> Level:
    """The coarsest stored blocks of which a column of so many samples is made.

    Parameters
    ----------
    samples_per_column : int
        At least 256, and whole blocks of the finest level.
    first, stop : int
        Samples; ``first`` is a multiple of the column.

    Returns
    -------
    Level
        The blocks from ``first`` on, to that which holds the sample before ``stop``.
    """
    level, block = 0, BLOCK_SAMPLES
    total = stored.summary.number_of_samples
    while samples_per_column % (block * FACTOR) == 0 and has_coarser(total, block):
        level, block = level + 1, block * FACTOR
    columns = read_blocks(
        connection,
        stored.recording_number,
        stored.position,
        stored.dtype,
        level=level,
        first=first // block,
        stop=-(-stop // block),
    )
    return Level(block, *columns)  # type: ignore[arg-type]  # counts are int64 by `read_blocks`


def _encode(lead: Lead) -> tuple[tuple[int, int, bytes], ...]:
    levels = reduce_lead(lead.samples, lead.zero_level, lead.resolution < 0)
    return encode_pyramid([_columns(level) for level in levels])


def _columns(level: Level) -> Blocks:
    return (level.lowest, level.highest, level.rising, level.falling, level.missing)


def _whole(connection: Connection, stored: StoredLead) -> Lead:
    of = stored.summary
    span = Span(stored.position, stored.dtype, 0, of.number_of_samples)
    (samples,) = read_spans(connection, stored.recording_number, [span])
    return Lead(of.name, samples, of.sampling_rate_hz, of.unit, of.resolution, of.offset)

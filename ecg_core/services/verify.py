"""Checking every stored signal, annotation and file against its checksum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from ecg_core.services.room import ReadingRoom
from ecg_core.storage.verify import find_damage, list_recordings_after


@dataclass(frozen=True)
class Verified:
    """One ECG, and what of it is damaged."""

    ecg_id: UUID
    damage: tuple[str, ...]


def verify(room: ReadingRoom) -> Iterator[Verified]:
    """Every stored ECG of every user, oldest first, one at a time."""
    last = 0
    while True:
        with room.database.reading() as connection:
            page = list_recordings_after(connection, last)
        if not page:
            return
        for number, ecg_id in page:
            with room.database.reading() as connection:
                yield Verified(ecg_id, tuple(find_damage(connection, number)))
        last = page[-1][0]

"""Stepping through what a file marks: a day has a hundred thousand beats, so they are decoded once."""

from __future__ import annotations

import sys
from collections import Counter, OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Annotation, User
from ecg_core.services.room import ReadingRoom
from ecg_core.storage import recordings as store

#: Times closer than this are the same: an address and a page round them.
SAME_TIME_S = 1e-6
_MOST_KEPT = 400_000  # annotations in memory: four days of beats, some 16 MB


@dataclass(frozen=True, eq=False)
class _Table:
    """Annotations in the order of time, by column: a tenth of the memory of as many objects."""

    starts_s: NDArray[np.float64]
    durations_s: NDArray[np.float64]
    kinds: tuple[str, ...]
    texts: tuple[str, ...]
    leads: tuple[str, ...]

    def at(self, number: int) -> Annotation:
        lasts = float(self.durations_s[number])
        return Annotation(
            float(self.starts_s[number]),
            self.texts[number],
            self.kinds[number],
            None if np.isnan(lasts) else lasts,
            self.leads[number],
        )

    def wanted(self, kind: str, text: str) -> NDArray[np.int64]:
        """Numbers of the annotations of a kind and a text; an empty one is any."""
        if (kind, text) not in self._found:
            self._found[kind, text] = self._look_for(kind, text)
        return self._found[kind, text]

    @cached_property
    def _found(self) -> dict[tuple[str, str], NDArray[np.int64]]:
        return {}

    @cached_property
    def counts(self) -> Counter[tuple[str, str]]:
        """How many there are of each kind and text."""
        return Counter(zip(self.kinds, self.texts, strict=True))

    def _look_for(self, kind: str, text: str) -> NDArray[np.int64]:
        if not kind and not text:
            return np.arange(len(self.texts), dtype=np.int64)
        found = (
            number
            for number, each in enumerate(zip(self.kinds, self.texts, strict=True))
            if (not kind or each[0] == kind) and (not text or each[1] == text)
        )
        return np.fromiter(found, dtype=np.int64)


def _table(annotations: Sequence[Annotation]) -> _Table:
    ordered = sorted(annotations, key=lambda each: each.start_s)
    return _Table(
        np.array([each.start_s for each in ordered], dtype=np.float64),
        np.array([np.nan if each.duration_s is None else each.duration_s for each in ordered], np.float64),
        tuple(sys.intern(each.kind) for each in ordered),
        tuple(sys.intern(each.text) for each in ordered),
        tuple(sys.intern(each.lead) for each in ordered),
    )


_kept: OrderedDict[tuple[UUID, str], _Table] = OrderedDict()
_lock = Lock()


def _read(room: ReadingRoom, user: User, ecg_id: UUID) -> _Table:
    """The annotations of the user's ECG; who asks is checked each time, what was decoded is kept."""
    with room.database.reading() as connection:
        key = ecg_id, store.get_sha256(connection, user.id, ecg_id)
        with _lock:
            if key in _kept:
                _kept.move_to_end(key)
                return _kept[key]
        found = _table(store.get_annotations(connection, user.id, ecg_id))
    with _lock:
        _kept[key] = found
        while len(_kept) > 1 and sum(len(table.texts) for table in _kept.values()) > _MOST_KEPT:
            _kept.popitem(last=False)
    return found


def annotation_kinds(room: ReadingRoom, user: User, ecg_id: UUID) -> dict[str, int]:
    """How many annotations of each kind (``beat``, ``rhythm``, ``note``) there are.

    Raises
    ------
    EcgNotFoundError
    """
    found: dict[str, int] = {}
    for (kind, _), number in _read(room, user, ecg_id).counts.items():
        found[kind] = found.get(kind, 0) + number
    return found


def annotation_texts(room: ReadingRoom, user: User, ecg_id: UUID) -> dict[tuple[str, str], int]:
    """How many annotations of each kind and text there are, the most frequent first.

    Raises
    ------
    EcgNotFoundError
    """
    return dict(_read(room, user, ecg_id).counts.most_common())


def find_annotation(
    room: ReadingRoom,
    user: User,
    ecg_id: UUID,
    *,
    after_s: float,
    kind: str = "",
    text: str = "",
    backwards: bool = False,
) -> Annotation | None:
    """The first annotation after a time, or the last one before it; None where there is none.

    Parameters
    ----------
    after_s : float
        Seconds from the first sample; an annotation at this time is neither after nor before it.
    kind, text : str
        Only these; empty is any.
    backwards : bool
        Look for the last one before ``after_s``.

    Raises
    ------
    EcgNotFoundError
    """
    table = _read(room, user, ecg_id)
    numbers = table.wanted(kind, text)
    starts = table.starts_s[numbers]
    if backwards:
        place = int(np.searchsorted(starts, after_s - SAME_TIME_S, side="left")) - 1
    else:
        place = int(np.searchsorted(starts, after_s + SAME_TIME_S, side="right"))
    return table.at(int(numbers[place])) if 0 <= place < len(numbers) else None


def count_annotations_until(
    room: ReadingRoom, user: User, ecg_id: UUID, until_s: float, *, kind: str = "", text: str = ""
) -> int:
    """How many annotations of a kind and a text (empty is any) begin at or before a time.

    Raises
    ------
    EcgNotFoundError
    """
    table = _read(room, user, ecg_id)
    starts = table.starts_s[table.wanted(kind, text)]
    return int(np.searchsorted(starts, until_s + SAME_TIME_S, side="right"))


def list_annotations_between(
    room: ReadingRoom,
    user: User,
    ecg_id: UUID,
    start_s: float,
    stop_s: float,
    kinds: Collection[str] = (),
) -> list[Annotation]:
    """The annotations that begin in a window or reach into it, in the order of time.

    Parameters
    ----------
    start_s, stop_s : float
        Seconds from the first sample; the second is not included.
    kinds : collection of str
        Only these; none is all.

    Raises
    ------
    EcgNotFoundError
    """
    table = _read(room, user, ecg_id)
    first, last = np.searchsorted(table.starts_s, [start_s, stop_s], side="left").tolist()
    # a comparison with NaN, of an annotation at a point, is False
    reaching = np.flatnonzero(table.starts_s[:first] + table.durations_s[:first] > start_s).tolist()
    numbers = [*reaching, *range(first, last)]
    return [table.at(number) for number in numbers if not kinds or table.kinds[number] in kinds]

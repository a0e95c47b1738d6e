"""Stepping through what a file marks: a day has a hundred thousand beats, so they are decoded once."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from threading import Lock
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Annotation, User
from ecg_core.services.room import ReadingRoom
from ecg_core.storage import recordings as store
from ecg_core.storage.annotations import AnnotationColumns

#: Times closer than this are the same: an address and a page round them.
SAME_TIME_S = 1e-6
_MOST_KEPT = 400_000  # annotations in memory: four days of beats, some 16 MB


@dataclass(frozen=True, eq=False)
class _Table:
    """Annotations in the order of time, by column: a tenth of the memory of as many objects.

    ``names`` are the different kinds, texts and leads; ``codes`` says which of them an annotation has.
    """

    starts_s: NDArray[np.float64]
    durations_s: NDArray[np.float64]
    codes: NDArray[np.int32]
    names: tuple[tuple[str, str, str], ...]

    def at(self, number: int) -> Annotation:
        lasts = float(self.durations_s[number])
        kind, text, lead = self.names[self.codes[number]]
        return Annotation(float(self.starts_s[number]), text, kind, None if np.isnan(lasts) else lasts, lead)

    def wanted(self, kind: str, text: str) -> NDArray[np.int64]:
        """Numbers of the annotations of a kind and a text; an empty one is any."""
        if (kind, text) not in self._found:
            self._found[kind, text] = np.flatnonzero(self._are_of({kind} - {""}, text)[self.codes])
        return self._found[kind, text]

    def of_kinds(self, numbers: NDArray[np.int64], kinds: Collection[str]) -> NDArray[np.int64]:
        """Those of these numbers that are of one of the kinds; none is any."""
        return numbers[self._are_of(kinds, "")[self.codes[numbers]]]

    def _are_of(self, kinds: Collection[str], text: str) -> NDArray[np.bool_]:
        """Which names are meant."""
        are = [(not kinds or kind in kinds) and (not text or said == text) for kind, said, _ in self.names]
        return np.array(are, dtype=np.bool_)

    @cached_property
    def _found(self) -> dict[tuple[str, str], NDArray[np.int64]]:
        return {}

    @cached_property
    def counts(self) -> Counter[tuple[str, str]]:
        """How many there are of each kind and text."""
        found: Counter[tuple[str, str]] = Counter()
        numbers = np.bincount(self.codes, minlength=len(self.names)).tolist()
        for (kind, text, _), number in zip(self.names, numbers, strict=True):
            found[kind, text] += number
        return found


def _table(columns: AnnotationColumns) -> _Table:
    numbers: defaultdict[tuple[str, str, str], int] = defaultdict(count().__next__)
    named = zip(columns.kinds, columns.texts, columns.leads, strict=True)
    codes = np.array([numbers[name] for name in named], dtype=np.int32)
    starts = np.array(columns.starts_s, dtype=np.float64)
    durations = np.array(columns.durations_s, dtype=np.float64)  # None becomes NaN
    order = np.argsort(starts, kind="stable")
    return _Table(starts[order], durations[order], codes[order], tuple(numbers))


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
        found = _table(store.get_annotation_columns(connection, user.id, ecg_id))
    with _lock:
        _kept[key] = found
        while len(_kept) > 1 and sum(len(table.codes) for table in _kept.values()) > _MOST_KEPT:
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
    return [table.at(number) for number in _between(table, start_s, stop_s, kinds).tolist()]


def _between(table: _Table, start_s: float, stop_s: float, kinds: Collection[str]) -> NDArray[np.int64]:
    first, last = np.searchsorted(table.starts_s, [start_s, stop_s], side="left").tolist()
    # a comparison with NaN, of an annotation at a point, is False
    reaching = np.flatnonzero(table.starts_s[:first] + table.durations_s[:first] > start_s)
    return table.of_kinds(np.concatenate([reaching, np.arange(first, last)]), kinds)


@dataclass(frozen=True)
class AnnotationsFound:
    """Some of the annotations of a window, in the order of time, and how many there are in all."""

    total: int
    items: list[Annotation]


def page_of_annotations(
    room: ReadingRoom,
    user: User,
    ecg_id: UUID,
    *,
    start_s: float = 0.0,
    stop_s: float = np.inf,
    kinds: Collection[str] = (),
    limit: int,
    offset: int = 0,
) -> AnnotationsFound:
    """As `list_annotations_between`, but at most ``limit`` after the first ``offset``.

    Raises
    ------
    EcgNotFoundError
    """
    table = _read(room, user, ecg_id)
    numbers = _between(table, start_s, stop_s, kinds)
    return AnnotationsFound(
        len(numbers), [table.at(number) for number in numbers[offset : offset + limit].tolist()]
    )

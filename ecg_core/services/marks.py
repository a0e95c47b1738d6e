"""A reader's notes and calipers: kept with the ECG, measured on its stored signal."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from uuid import UUID, uuid4

from ecg_core.domain import Lead, LeadSummary, Mark, User
from ecg_core.errors import InvalidInputError, MarkNotFoundError, NoSuchLeadError
from ecg_core.services.audits import audit_action
from ecg_core.services.room import ReadingRoom, utc_now
from ecg_core.signal.marks import MeasuredMark, measure_mark
from ecg_core.storage import marks as store
from ecg_core.storage.database import Connection
from ecg_core.storage.recordings import StoredLead, get_leads
from ecg_core.storage.signals import CHUNK_SAMPLES, Span, read_spans

__all__ = [
    "LONGEST_TEXT",
    "MOST_MARKS",
    "MeasuredMark",
    "add_caliper",
    "add_note",
    "change_mark",
    "delete_mark",
    "list_marks",
]

#: Characters of a note or of a caliper's name.
LONGEST_TEXT = 2_000
#: Marks of one ECG.
MOST_MARKS = 500
_MOST_VALUES = 20_000  # samples under marks that are remembered: a day's are in hundreds of chunks
# Marks that turn the direction of the text around them: what is read would not be what is stored.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def list_marks(room: ReadingRoom, user: User, ecg_id: UUID) -> list[MeasuredMark]:
    """The notes and calipers of an ECG, measured, in the order of time.

    Those of leads without a sampling rate come last, in the order of their samples.

    Raises
    ------
    EcgNotFoundError
    """
    with room.database.reading() as connection:
        leads = get_leads(connection, user.id, ecg_id)
        found = _measure(connection, ecg_id, leads, store.list_marks(connection, user.id, ecg_id))
    return sorted(found, key=_time)


def _time(measured: MeasuredMark) -> tuple[bool, float, float]:
    mark, start, stop = measured.mark, measured.start_s, measured.stop_s
    if start is None or stop is None:
        return True, mark.start_sample, mark.stop_sample
    return False, start, stop


def add_note(
    room: ReadingRoom,
    user: User,
    ecg_id: UUID,
    *,
    lead: str,
    start_sample: int,
    stop_sample: int | None = None,
    text: str,
    is_about_all_leads: bool = False,
    address: str = "",
) -> MeasuredMark:
    """Keep a note at a sample of a lead, or from one sample to another.

    Parameters
    ----------
    lead : str
        The lead whose samples are meant, also where the note is about all leads.
    start_sample, stop_sample : int
        Counted from 0 in the whole lead; without the second, the note is at a point.
    text : str
        At most `LONGEST_TEXT` characters; lines are kept.

    Raises
    ------
    EcgNotFoundError, NoSuchLeadError
    InvalidInputError
        The text is empty or cannot be shown, a sample is not within the lead, or there are too many marks.
    """
    ends = _in_order(start_sample, start_sample if stop_sample is None else stop_sample)
    note = _new("note", user, lead, ends, text)
    return _add(room, user, ecg_id, replace(note, is_about_all_leads=is_about_all_leads), address)


def add_caliper(
    room: ReadingRoom,
    user: User,
    ecg_id: UUID,
    *,
    lead: str,
    start_sample: int,
    stop_sample: int,
    name: str = "",
    address: str = "",
) -> MeasuredMark:
    """Keep a caliper between two samples of a lead, given in any order.

    Parameters
    ----------
    name : str
        Without one it is the first of "Caliper 1", "Caliper 2" … that this ECG does not have.

    Raises
    ------
    EcgNotFoundError, NoSuchLeadError
    InvalidInputError
        Both ends are the same sample, one is not within the lead, the name cannot be shown, or there are
        too many marks.
    """
    ends = _in_order(start_sample, stop_sample)
    return _add(room, user, ecg_id, _new("caliper", user, lead, ends, name), address)


def change_mark(
    room: ReadingRoom,
    user: User,
    ecg_id: UUID,
    mark_id: UUID,
    *,
    text: str | None = None,
    start_sample: int | None = None,
    stop_sample: int | None = None,
    marches: bool | None = None,
    address: str = "",
) -> MeasuredMark:
    """Change what a note says or a caliper is called, or where it is; None leaves it as it is.

    A note at a point stays one where only its start is given.

    Raises
    ------
    EcgNotFoundError, MarkNotFoundError
    InvalidInputError
        As for a new one; or a note is to march.
    """
    with room.database.writing() as connection:
        store.lock_recording(connection, user.id, ecg_id)
        leads = get_leads(connection, user.id, ecg_id)
        mark = _find(store.list_marks(connection, user.id, ecg_id), mark_id)
        if marches and mark.kind != "caliper":
            raise InvalidInputError("A note cannot march; only a caliper's interval is repeated")
        start, stop = _moved(mark, start_sample, stop_sample)
        changed = replace(
            mark,
            text=mark.text if text is None else _check_text(text),
            start_sample=start,
            stop_sample=stop,
            marches=mark.marches if marches is None else marches,
        )
        _check_place(changed, _lead_of(leads, changed.lead, ecg_id))
        if changed != mark:
            changed = replace(changed, changed_at=utc_now())
            store.update_mark(connection, user.id, ecg_id, changed)
            audit_action(connection, user, "change mark", f"{ecg_id} {mark_id}", address)
        return _measure(connection, ecg_id, leads, [changed])[0]


def delete_mark(room: ReadingRoom, user: User, ecg_id: UUID, mark_id: UUID, *, address: str = "") -> None:
    """Delete a note or a caliper.

    Raises
    ------
    EcgNotFoundError, MarkNotFoundError
    """
    with room.database.writing() as connection:
        store.lock_recording(connection, user.id, ecg_id)
        store.delete_mark(connection, user.id, ecg_id, mark_id)
        audit_action(connection, user, "delete mark", f"{ecg_id} {mark_id}", address)


def _new(kind: str, user: User, lead: str, ends: tuple[int, int], text: str) -> Mark:
    now = utc_now()
    return Mark(uuid4(), kind, user.username, now, now, lead, *ends, text)


def _add(room: ReadingRoom, user: User, ecg_id: UUID, mark: Mark, address: str) -> MeasuredMark:
    with room.database.writing() as connection:
        store.lock_recording(connection, user.id, ecg_id)  # others wait: no name twice, no mark too many
        leads = get_leads(connection, user.id, ecg_id)
        _check_place(mark, _lead_of(leads, mark.lead, ecg_id))
        others = store.list_marks(connection, user.id, ecg_id)
        if len(others) >= MOST_MARKS:
            raise InvalidInputError(
                f"This ECG has {MOST_MARKS} notes and calipers, which is the most; delete one first"
            )
        is_unnamed = mark.kind == "caliper" and not mark.text.strip()
        mark = replace(mark, text=_free_name(others) if is_unnamed else _check_text(mark.text))
        store.insert_mark(connection, user.id, ecg_id, mark)
        audit_action(connection, user, mark.kind, f"{ecg_id} {mark.id}", address)
        return _measure(connection, ecg_id, leads, [mark])[0]


def _free_name(others: Iterable[Mark]) -> str:
    taken = {mark.text for mark in others}
    return next(name for number in count(1) if (name := f"Caliper {number}") not in taken)


def _check_text(text: str) -> str:
    """The text without what surrounds it, its lines ended alike."""
    checked = "\n".join(line.rstrip() for line in text.strip().splitlines())
    if not checked:
        raise InvalidInputError("The text is empty: write what is to be kept, or delete the mark")
    if len(checked) > LONGEST_TEXT:
        raise InvalidInputError(
            f"The text has {len(checked):,} characters; at most {LONGEST_TEXT:,} are kept"
        )
    for place, char in enumerate(checked, 1):
        if char != "\n" and not _can_be_shown(char):
            raise InvalidInputError(f"Character {place} of the text (U+{ord(char):04X}) cannot be shown")
    return checked


def _can_be_shown(char: str) -> bool:
    return unicodedata.category(char) not in ("Cc", "Cs", "Co") and char not in _TURNING


def _in_order(one: int, other: int) -> tuple[int, int]:
    return min(one, other), max(one, other)


def _moved(mark: Mark, start: int | None, stop: int | None) -> tuple[int, int]:
    is_point = mark.kind == "note" and mark.start_sample == mark.stop_sample
    first = mark.start_sample if start is None else start
    last = (first if is_point else mark.stop_sample) if stop is None else stop
    return _in_order(first, last)


def _find(marks: Iterable[Mark], mark_id: UUID) -> Mark:
    found = next((mark for mark in marks if mark.id == mark_id), None)
    if found is None:
        raise MarkNotFoundError(mark_id)
    return found


def _lead_of(leads: Sequence[StoredLead], name: str, ecg_id: UUID) -> LeadSummary:
    found = next((lead.summary for lead in leads if lead.summary.name == name), None)
    if found is None:
        names = ", ".join(lead.summary.name for lead in leads)
        raise NoSuchLeadError(f"ECG {ecg_id} has no lead {name!r}; its leads are {names}")
    return found


def _check_place(mark: Mark, lead: LeadSummary) -> None:
    for sample in (mark.start_sample, mark.stop_sample):
        if not 0 <= sample < lead.number_of_samples:
            known = f"samples 0 to {lead.number_of_samples - 1}" if lead.number_of_samples else "no samples"
            raise InvalidInputError(f"Sample {sample} is not within lead {lead.name!r}, which has {known}")
    if mark.kind == "caliper" and mark.start_sample == mark.stop_sample:
        raise InvalidInputError(f"Both ends of the caliper are sample {mark.start_sample}; they must differ")


def _measure(
    connection: Connection, ecg_id: UUID, leads: Sequence[StoredLead], marks: Sequence[Mark]
) -> list[MeasuredMark]:
    by_name = {lead.summary.name: lead for lead in leads}
    ends = {(mark.lead, sample) for mark in marks for sample in (mark.start_sample, mark.stop_sample)}
    values = _values(connection, ecg_id, by_name, ends)
    return [
        measure_mark(
            mark,
            by_name[mark.lead].summary,
            values[mark.lead, mark.start_sample],
            values[mark.lead, mark.stop_sample],
        )
        for mark in marks
    ]


_remembered: dict[tuple[UUID, str, int], float] = {}


def _values(
    connection: Connection, ecg_id: UUID, leads: Mapping[str, StoredLead], ends: Collection[tuple[str, int]]
) -> dict[tuple[str, int], float]:
    """The physical value of single samples; a stored sample never changes, so it is read once."""
    values = {end: value for end in ends if (value := _remembered.get((ecg_id, *end))) is not None}
    missing = set(ends) - values.keys()
    if missing:
        read = _read_values(connection, leads, missing)
        if len(_remembered) + len(read) > _MOST_VALUES:
            _remembered.clear()
        _remembered.update({(ecg_id, *end): value for end, value in read.items()})
        values |= read
    return values


def _read_values(
    connection: Connection, leads: Mapping[str, StoredLead], ends: Collection[tuple[str, int]]
) -> dict[tuple[str, int], float]:
    """Each chunk of the signal that holds an end is read once."""
    chunks: dict[tuple[str, int], list[int]] = {}
    for name, sample in ends:
        chunks.setdefault((name, sample // CHUNK_SAMPLES), []).append(sample)
    values: dict[tuple[str, int], float] = {}
    for (name, _), samples in chunks.items():
        lead = leads[name]
        span = Span(lead.position, lead.dtype, min(samples), max(samples) + 1)
        (window,) = read_spans(connection, lead.recording_number, [span])
        of = lead.summary
        physical = Lead(of.name, window, resolution=of.resolution, offset=of.offset).physical()
        values |= {(name, sample): float(physical[sample - span.start]) for sample in samples}
    return values

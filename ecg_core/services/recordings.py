"""ECGs of a user: list, open, complete, delete. Nothing here reaches another user's."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Annotation, Lead, LeadSummary, RecordingSummary, User, voltage_unit
from ecg_core.errors import InvalidInputError, LeadNotFoundError, StatedByFileError
from ecg_core.readers.options import sampling_rate_problem
from ecg_core.services.audits import audit_action
from ecg_core.services.room import ReadingRoom
from ecg_core.signal import ANALYSIS_VERSION
from ecg_core.signal.statistics import summarize_lead
from ecg_core.signal.zero_crossings import ZeroCrossings, find_lead_zero_crossings
from ecg_core.storage import recordings as store
from ecg_core.storage.analyses import delete_analyses
from ecg_core.storage.database import Connection
from ecg_core.storage.pyramids import delete_pyramids
from ecg_core.storage.signals import Span, read_spans

SortKey = store.SortKey
MOST_SAMPLES = 1_000_000  # of one lead in one answer
_MARGIN_SAMPLES = 256
_MEASURED = (
    "number_of_zero_crossings", "number_of_zero_touches", "minimum", "maximum", "mean",
    "standard_deviation", "missing_samples", "analysis_version",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class LeadWindow:
    """A stretch of a stored lead.

    Attributes
    ----------
    lead : Lead
        With the samples of the stretch only.
    first_sample : int
        The number of its first sample within the whole lead.
    crossings : ZeroCrossings
        Those in the stretch, counted from its first sample; the same as in the list of all.
    summary : LeadSummary
        Of the whole lead.
    """

    lead: Lead
    first_sample: int
    crossings: ZeroCrossings
    summary: LeadSummary


def list_ecgs(
    room: ReadingRoom,
    user: User,
    *,
    search: str = "",
    sort: SortKey = "uploaded_at",
    descending: bool = True,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[RecordingSummary], int]:
    """One page of the user's ECGs, newest first unless sorted otherwise, and how many match in all."""
    if "\0" in search:  # no stored text has it, and PostgreSQL refuses to look for it
        return [], 0
    with room.database.reading() as connection:
        return store.list_recordings(
            connection, user.id, search=search, sort=sort, descending=descending, limit=limit, offset=offset
        )


def get_ecg(room: ReadingRoom, user: User, ecg_id: UUID) -> RecordingSummary:
    """One ECG with the results of the present analysis, without its signals.

    Raises
    ------
    EcgNotFoundError
        There is none of this id, or it is somebody else's.
    """
    with room.database.reading() as connection:
        found = store.get_recording(connection, user.id, ecg_id)
    return found if _is_current(found) else _analyze_again(room, user, ecg_id)


def list_annotations(room: ReadingRoom, user: User, ecg_id: UUID) -> list[Annotation]:
    """What the file of an ECG marks, in the order of time; nothing where there is no such ECG of the user."""
    with room.database.reading() as connection:
        return store.get_annotations(connection, user.id, ecg_id)


def count_crossings(room: ReadingRoom, user: User, ecg_id: UUID) -> list[tuple[str, int]]:
    """Name and number of zero crossings of each lead: what `get_ecg` says of them, quicker.

    Raises
    ------
    EcgNotFoundError
    """
    with room.database.reading() as connection:
        found = store.get_crossings(connection, user.id, ecg_id)
    if any(version != ANALYSIS_VERSION for _, _, version in found):
        leads = _analyze_again(room, user, ecg_id).leads
        return [(lead.name, lead.number_of_zero_crossings) for lead in leads]
    return [(name, crossings) for name, crossings, _ in found]


def iterate_ecgs(room: ReadingRoom, user: User) -> Iterator[RecordingSummary]:
    """All of the user's ECGs as `get_ecg` gives them, oldest first."""
    last = 0
    while True:
        with room.database.reading() as connection:  # not held while a reader takes its time
            page, last = store.list_after(connection, user.id, last)
        if not page:
            return
        for found in page:
            yield found if _is_current(found) else _analyze_again(room, user, found.id)


def _is_current(ecg: RecordingSummary) -> bool:
    return all(lead.analysis_version == ANALYSIS_VERSION for lead in ecg.leads)


def _analyze_again(room: ReadingRoom, user: User, ecg_id: UUID) -> RecordingSummary:
    results = {lead.name: summarize_lead(lead) for lead, _ in iterate_leads(room, user, ecg_id)}
    with room.database.writing() as connection:
        leads = store.get_leads(connection, user.id, ecg_id)
        delete_pyramids(connection, leads[0].recording_number)  # they count crossings too
        for stored in leads:
            result = results[stored.summary.name]
            store.update_lead(connection, stored, **{name: getattr(result, name) for name in _MEASURED})
    with room.database.reading() as connection:
        return store.get_recording(connection, user.id, ecg_id)


def iterate_leads(room: ReadingRoom, user: User, ecg_id: UUID) -> Iterator[tuple[Lead, LeadSummary]]:
    """The leads of an ECG with their whole signals, one in memory at a time.

    Raises
    ------
    EcgNotFoundError
    """
    with room.database.reading() as connection:
        leads = store.get_leads(connection, user.id, ecg_id)
    for stored in leads:
        with room.database.reading() as connection:  # not held while a reader takes its time
            (lead,) = _read(connection, [stored], [0], [stored.summary.number_of_samples])
        yield lead, stored.summary


def read_windows(
    room: ReadingRoom, user: User, ecg_id: UUID, *, start: float, length: float, names: Collection[str]
) -> list[LeadWindow]:
    """The same stretch of some leads, in the ECG's order; only what is near it is read.

    Parameters
    ----------
    start, length : float
        Seconds for a lead with a sampling rate, samples for one without.
    names : collection of str
        Of the leads.

    Raises
    ------
    EcgNotFoundError
    """
    with room.database.reading() as connection:
        leads = [lead for lead in store.get_leads(connection, user.id, ecg_id) if lead.summary.name in names]
        return read_bounds(connection, leads, [window_bounds(lead.summary, start, length) for lead in leads])


def read_bounds(
    connection: Connection, leads: Sequence[store.StoredLead], bounds: Sequence[tuple[int, int]]
) -> list[LeadWindow]:
    """Of each lead of one recording the samples ``first <= index < last``, with their crossings."""
    begins = [max(0, first - _MARGIN_SAMPLES) for first, _ in bounds]
    read = _read(connection, leads, begins, [last for _, last in bounds])
    return [
        _window(connection, lead, around, begin, *each)
        for lead, around, begin, each in zip(leads, read, begins, bounds, strict=True)
    ]


def window_bounds(lead: LeadSummary, start: float, length: float) -> tuple[int, int]:
    """The first sample of a window of a lead, and the one after its last.

    Parameters
    ----------
    lead : LeadSummary
    start, length : float
        As in `read_windows`; the window may reach beyond the lead.
    """
    rate, total = lead.sampling_rate_hz or 1.0, lead.number_of_samples
    first = min(max(0, math.ceil(start * rate - 1e-6)), total)
    return first, min(max(first, math.ceil((start + length) * rate - 1e-6)), total)


def _window(
    connection: Connection, stored: store.StoredLead, around: Lead, begin: int, first: int, last: int
) -> LeadWindow:
    """The window and its crossings, which samples before it may decide: a sign before a run of zeros."""
    while begin > 0 and first > begin and np.all(around.samples[: first - begin] == around.zero_level):
        begin = max(0, first - 16 * (first - begin))
        (around,) = _read(connection, [stored], [begin], [last])
    crossings = _from(find_lead_zero_crossings(around), first - begin)
    lead = replace(around, samples=around.samples[first - begin :])
    return LeadWindow(lead, first, crossings, stored.summary)


def _from(found: ZeroCrossings, start: int) -> ZeroCrossings:
    kept = slice(int(np.searchsorted(found.indices, start)), None)
    return replace(
        found,
        indices=found.indices[kept] - start,
        positions=found.positions[kept] - start,
        rising=found.rising[kept],
    )


def read_lead(
    room: ReadingRoom, user: User, ecg_id: UUID, name: str, *, start: int = 0, stop: int | None = None
) -> tuple[Lead, LeadSummary]:
    """The samples ``start <= index < stop`` of one lead, and what is known of the whole.

    Raises
    ------
    EcgNotFoundError, LeadNotFoundError
    InvalidInputError
        These are more samples than are sent at once.
    """
    with room.database.reading() as connection:
        leads = {stored.summary.name: stored for stored in store.get_leads(connection, user.id, ecg_id)}
        if name not in leads:
            raise LeadNotFoundError(f"ECG {ecg_id} has no lead {name!r}; its leads are {', '.join(leads)}")
        stored = leads[name]
        total = stored.summary.number_of_samples
        first, last = min(start, total), total if stop is None else min(stop, total)
        if last - first > MOST_SAMPLES:
            raise InvalidInputError(
                f"The window has {last - first:,} samples; at most {MOST_SAMPLES:,} are sent at once"
            )
        return _read(connection, [stored], [first], [last])[0], stored.summary


def _read(
    connection: Connection, leads: Sequence[store.StoredLead], starts: Sequence[int], stops: Sequence[int]
) -> list[Lead]:
    """These samples of leads of one recording."""
    if not leads:
        return []
    spans = [
        Span(lead.position, lead.dtype, start, stop)
        for lead, start, stop in zip(leads, starts, stops, strict=True)
    ]
    signals = read_spans(connection, leads[0].recording_number, spans)
    return [_to_lead(lead.summary, samples) for lead, samples in zip(leads, signals, strict=True)]


def _to_lead(of: LeadSummary, samples: NDArray[np.generic]) -> Lead:
    return Lead(of.name, samples, of.sampling_rate_hz, of.unit, of.resolution, of.offset)


def enter_missing(
    room: ReadingRoom,
    user: User,
    ecg_id: UUID,
    *,
    sampling_rate_hz: float | None = None,
    unit: str | None = None,
    address: str = "",
) -> RecordingSummary:
    """Enter the sampling rate or unit that a file did not state, for all leads that lack it.

    What was entered can be entered again; what the file states stays.

    Raises
    ------
    EcgNotFoundError
    InvalidInputError
        The value cannot be one.
    StatedByFileError
        No lead lacks it.
    """
    rate, known_unit = _check_rate(sampling_rate_hz), _check_unit(unit)
    with room.database.writing() as connection:
        leads = store.get_leads(connection, user.id, ecg_id)
        if rate is not None:
            _enter(connection, leads, "sampling_rate_hz", "rate_was_entered", rate)
            delete_analyses(connection, leads[0].recording_number)  # beats were looked for at the old rate
        if known_unit is not None:
            _enter(connection, leads, "unit", "unit_was_entered", known_unit)
        store.update_duration(connection, user.id, ecg_id)
        audit_action(connection, user, "enter", ecg_id, address)
    return get_ecg(room, user, ecg_id)


def _check_rate(rate: float | None) -> float | None:
    problem = None if rate is None else sampling_rate_problem(rate)
    if problem:
        raise InvalidInputError(f"Sampling rate {rate} Hz: it {problem}")
    return rate


def _check_unit(unit: str | None) -> str | None:
    if unit is None:
        return None
    known = voltage_unit(unit)
    if known is None:
        raise InvalidInputError(f"Unit {unit!r}: it must be one of V, mV, uV, nV")
    return known


def _enter(
    connection: Connection, leads: list[store.StoredLead], field: str, flag: str, value: object
) -> None:
    lacking = [s for s in leads if getattr(s.summary, field) is None or getattr(s.summary, flag)]
    if not lacking:
        raise StatedByFileError("sampling rate" if field == "sampling_rate_hz" else "unit")
    for stored in lacking:
        store.update_lead(connection, stored, **{field: value, flag: True})


def delete_ecg(room: ReadingRoom, user: User, ecg_id: UUID, *, address: str = "") -> None:
    """Delete an ECG with its signals.

    Raises
    ------
    EcgNotFoundError
    """
    with room.database.writing() as connection:
        store.delete_recording(connection, user.id, ecg_id)
        audit_action(connection, user, "delete", ecg_id, address)

"""What the viewer shows of a stored signal: filtered for the eye, counted for this view, stepped through."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import MILLIVOLTS_PER_UNIT, Lead, LeadSummary, User
from ecg_core.figures.view import View
from ecg_core.services.recordings import LeadWindow, get_ecg, read_lead, read_windows, window_bounds
from ecg_core.services.room import ReadingRoom
from ecg_core.signal.dead_band import zero_dead_band
from ecg_core.signal.filters import apply_display_filter, filter_margin_s
from ecg_core.signal.stepping import ReadSamples, count_crossings_within, first_crossing, last_crossing
from ecg_core.signal.view_count import ViewCount

__all__ = ["ViewCount", "count_lead_crossings", "count_view_crossings", "next_crossing", "read_display"]

ReadLead = Callable[[int, int], Lead]
#: Margins of the filter around a piece whose crossings are counted: a count must not depend on where pieces
#: begin, and a microvolt, which no eye sees, can be a crossing.
_COUNTED_MARGINS = 3
_MOST_AT_ONCE = 1_000_000  # samples that are read together; more are read piece by piece


def read_display(
    room: ReadingRoom,
    user: User,
    ecg_id: UUID,
    *,
    start: float,
    length: float,
    names: Collection[str],
    view: View,
) -> list[LeadWindow]:
    """The same stretch of some leads as `read_windows` reads it, with the samples filtered for display.

    A filtered lead's samples are floats in its unit. Crossings are always those of the stored signal. Leads
    without a sampling rate and channels that are no ECG are not filtered. What is drawn does not depend
    on where the window begins.

    Parameters
    ----------
    start, length, names
        As in `read_windows`.
    view : View
        Its filter, notch and baseline are used.

    Raises
    ------
    EcgNotFoundError
    """
    if not view.is_filtered:
        return read_windows(room, user, ecg_id, start=start, length=length, names=names)
    leads = [lead for lead in get_ecg(room, user, ecg_id).leads if lead.name in names]
    margin = max((_margin_s(lead, view) for lead in leads), default=0.0)
    around = read_windows(room, user, ecg_id, start=start - margin, length=length + 2 * margin, names=names)
    return [_filtered_window(window, start, length, view) for window in around]


def _margin_s(lead: LeadSummary, view: View) -> float:
    rate = _filterable_rate_hz(lead)
    return filter_margin_s(rate, band=view.filter, notch=view.notch, baseline=view.baseline) if rate else 0.0


def _filterable_rate_hz(lead: LeadSummary) -> float | None:
    return lead.sampling_rate_hz if lead.is_ecg else None


def _filtered_window(around: LeadWindow, start: float, length: float, view: View) -> LeadWindow:
    first, last = window_bounds(around.summary, start, length)
    return _cut(_filtered(around, view), first, last)


def _filtered(window: LeadWindow, view: View) -> LeadWindow:
    rate = _filterable_rate_hz(window.summary)
    if rate is None:
        return window
    samples = apply_display_filter(
        window.lead.physical(), rate, band=view.filter, notch=view.notch, baseline=view.baseline
    )
    return replace(window, lead=replace(window.lead, samples=samples, resolution=1.0, offset=0.0))


def _cut(window: LeadWindow, first: int, last: int) -> LeadWindow:
    """The samples ``first <= index < last`` of the whole lead, and the crossings among them."""
    begin, end = first - window.first_sample, last - window.first_sample
    found = window.crossings
    kept = slice(*np.searchsorted(found.indices, [begin, end]).tolist())
    crossings = replace(
        found,
        indices=found.indices[kept] - begin,
        positions=found.positions[kept] - begin,
        rising=found.rising[kept],
    )
    lead = replace(window.lead, samples=window.lead.samples[begin:end])
    return replace(window, lead=lead, first_sample=first, crossings=crossings)


def count_view_crossings(
    room: ReadingRoom,
    user: User,
    ecg_id: UUID,
    *,
    start: float,
    length: float,
    names: Collection[str],
    view: View,
) -> list[ViewCount]:
    """The zero crossings of some leads in a window: the official count, and the view's own beside it.

    Counts of windows that follow each other add up: what was before a window decides its first crossing.
    A long lead is read piece by piece.

    Parameters
    ----------
    start, length, names
        As in `read_windows`.
    view : View
        Its dead band and ``detrend`` are used; its filters are not.

    Raises
    ------
    EcgNotFoundError
    """
    leads = [lead for lead in get_ecg(room, user, ecg_id).leads if lead.name in names]
    if not (view.dead_band or view.detrend) and _samples_within(leads, start, length) <= _MOST_AT_ONCE:
        windows = read_windows(room, user, ecg_id, start=start, length=length, names=names)
        return [ViewCount(one.summary.name, len(one.crossings.indices), None, "") for one in windows]
    return [
        count_lead_crossings(partial(_read, room, user, ecg_id, lead.name), lead, start, length, view)
        for lead in leads
    ]


def _samples_within(leads: Collection[LeadSummary], start: float, length: float) -> int:
    bounds = (window_bounds(lead, start, length) for lead in leads)
    return sum(last - first for first, last in bounds)


def count_lead_crossings(
    read: ReadLead, lead: LeadSummary, start: float, length: float, view: View
) -> ViewCount:
    """The zero crossings of one lead in a window; ``read(first, stop)`` gives a stretch of its samples."""
    first, last = window_bounds(lead, start, length)
    in_view = count_crossings_within(_samples(read), first, last, zero_level=read(0, 0).zero_level)
    reason = _why_not(lead, view)
    if reason or not (view.dead_band or view.detrend):
        return ViewCount(lead.name, in_view, None, reason)
    own = count_crossings_within(partial(_read_for_view, read, lead, view), first, last)
    return ViewCount(lead.name, in_view, own, _definition(view))


def _read_for_view(
    read: ReadLead, lead: LeadSummary, view: View, start: int, stop: int
) -> NDArray[np.float64]:
    """In mV where a dead band is wanted, else in the lead's unit; zero within the dead band."""
    rate = lead.sampling_rate_hz if view.detrend else None
    margin = round(_COUNTED_MARGINS * filter_margin_s(rate, band="none", baseline=True) * rate) if rate else 0
    begin = max(0, start - margin)
    around = read(begin, stop + margin)
    values = around.physical() * (around.millivolts_per_unit or 1.0)
    if rate:
        values = apply_display_filter(values, rate, band="none", baseline=True)
    return zero_dead_band(values[start - begin : stop - begin], band=view.dead_band)


def _definition(view: View) -> str:
    parts = [
        f"with a dead band of ±{view.dead_band:g} mV" if view.dead_band else "without a dead band",
        "baseline removed" if view.detrend else "",
    ]
    return ", ".join(part for part in parts if part)


def _why_not(lead: LeadSummary, view: View) -> str:
    if view.dead_band and (not lead.unit or lead.unit not in MILLIVOLTS_PER_UNIT):
        unit = f"is {lead.unit}" if lead.unit else "is unknown"
        return f"no count with a dead band in mV: the unit {unit}"
    if view.detrend and lead.sampling_rate_hz is None:
        return "no count with the baseline removed: the sampling rate is unknown"
    return ""


def next_crossing(
    room: ReadingRoom,
    user: User,
    ecg_id: UUID,
    lead: str,
    *,
    after: int,
    backwards: bool = False,
) -> int | None:
    """The next zero crossing of the stored signal, or the one before; the lead is read piece by piece.

    Parameters
    ----------
    lead : str
        Its name.
    after : int
        A sample's number: the crossing is after it, or before it where ``backwards``.

    Returns
    -------
    int or None
        The first sample with the new sign; None where there is no more crossing.

    Raises
    ------
    EcgNotFoundError, LeadNotFoundError
    """
    empty, summary = read_lead(room, user, ecg_id, lead, stop=0)
    read = _samples(partial(_read, room, user, ecg_id, lead))
    total = summary.number_of_samples
    if backwards:
        return last_crossing(read, min(max(after, 0), total), zero_level=empty.zero_level)
    return first_crossing(read, min(max(after + 1, 0), total), total, zero_level=empty.zero_level)


def _read(room: ReadingRoom, user: User, ecg_id: UUID, name: str, start: int, stop: int) -> Lead:
    return read_lead(room, user, ecg_id, name, start=start, stop=stop)[0]


def _samples(read: ReadLead) -> ReadSamples:
    return lambda start, stop: read(start, stop).samples

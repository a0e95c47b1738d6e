"""Where a print takes its ECG from: the database, or a recording that is stored nowhere."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

from ecg_core.domain import Annotation, Lead, LeadSummary, Recording, RecordingSummary, User
from ecg_core.figures.envelope_strips import EnvelopeStrip
from ecg_core.figures.strips import Strip
from ecg_core.figures.view import View
from ecg_core.reports.print_source import Source
from ecg_core.services.annotations import list_annotations_between
from ecg_core.services.display import count_lead_crossings, count_view_crossings, read_display
from ecg_core.services.envelopes import envelope_of, read_envelopes
from ecg_core.services.median_beats import find_beats_within, read_median_beats
from ecg_core.services.recordings import LeadWindow, window_bounds
from ecg_core.services.room import ReadingRoom
from ecg_core.signal.filters import apply_display_filter
from ecg_core.signal.median_beats import MedianBeats
from ecg_core.signal.view_count import ViewCount
from ecg_core.signal.zero_crossings import ZeroCrossings, find_lead_zero_crossings

Names = Collection[str]


def stored_source(
    room: ReadingRoom, user: User, ecg: RecordingSummary, view: View, *, is_filtered: bool
) -> Source:
    """A stored ECG; ``is_filtered``: whether what is drawn is seen through the view's filter."""
    seen = view if is_filtered else View()

    def read(start: float, length: float, names: Names) -> list[Strip]:
        windows = read_display(room, user, ecg.id, start=start, length=length, names=names, view=seen)
        return [_strip(window) for window in windows]

    def count(start: float, length: float, names: Names) -> list[ViewCount]:
        return count_view_crossings(room, user, ecg.id, start=start, length=length, names=names, view=view)

    def beats(start: float, length: float, names: Names) -> MedianBeats:
        return read_median_beats(room, user, ecg.id, start=start, length=length, names=names, view=seen)

    def envelopes(start: float, length: float, names: Names, columns: int) -> list[EnvelopeStrip]:
        return read_envelopes(room, user, ecg.id, start=start, length=length, names=names, columns=columns)

    return Source(read, partial(list_annotations_between, room, user, ecg.id), count, beats, envelopes)


def _strip(window: LeadWindow) -> Strip:
    return Strip(window.lead, window.crossings, window.summary.number_of_zero_crossings, window.first_sample)


def recording_source(recording: Recording, ecg: RecordingSummary, view: View, *, is_filtered: bool) -> Source:
    """A recording in memory, as `stored_source` has a stored one; ``ecg`` is its summary."""
    seen = view if is_filtered else View()
    leads = {
        lead.name: _WholeLead(lead, summary, seen)
        for lead, summary in zip(recording.leads, ecg.leads, strict=True)
    }

    def chosen(names: Names) -> list[_WholeLead]:
        return [lead for name, lead in leads.items() if name in names]

    def read(start: float, length: float, names: Names) -> list[Strip]:
        return [_strip(lead.shown(start, length)) for lead in chosen(names)]

    def count(start: float, length: float, names: Names) -> list[ViewCount]:
        return [
            count_lead_crossings(lead.samples, lead.summary, start, length, view) for lead in chosen(names)
        ]

    def beats(start: float, length: float, names: Names) -> MedianBeats:
        return find_beats_within(ecg, windows, start=start, length=length, names=names)

    def windows(start: float, length: float, names: Names) -> list[tuple[Lead, int]]:
        found = [lead.shown(start, length) for lead in chosen(names)]
        return [(window.lead, window.first_sample) for window in found]

    def envelopes(start: float, length: float, names: Names, columns: int) -> list[EnvelopeStrip]:
        return [envelope_of(lead.stored(start, length), columns) for lead in chosen(names)]

    return Source(read, partial(_between, recording.annotations), count, beats, envelopes)


def _between(annotations: Sequence[Annotation], start_s: float, stop_s: float) -> list[Annotation]:
    """As `list_annotations_between`."""
    found = [
        each
        for each in annotations
        if start_s <= each.start_s < stop_s
        or (each.start_s < start_s < each.start_s + (each.duration_s or 0.0))
    ]
    return sorted(found, key=lambda each: each.start_s)


@dataclass(frozen=True, eq=False)
class _WholeLead:
    """A lead with its crossings; it is filtered once, whatever stretches are read of it."""

    lead: Lead
    summary: LeadSummary
    view: View

    @cached_property
    def crossings(self) -> ZeroCrossings:
        return find_lead_zero_crossings(self.lead)

    @cached_property
    def filtered(self) -> Lead:
        """As `read_display` has it."""
        rate, view = self.lead.sampling_rate_hz, self.view
        if not view.is_filtered or rate is None or not self.lead.is_ecg:
            return self.lead
        values = apply_display_filter(
            self.lead.physical(), rate, band=view.filter, notch=view.notch, baseline=view.baseline
        )
        return replace(self.lead, samples=values, resolution=1.0, offset=0.0)

    def samples(self, first: int, stop: int) -> Lead:
        return replace(self.lead, samples=self.lead.samples[max(first, 0) : max(stop, 0)])

    def shown(self, start: float, length: float) -> LeadWindow:
        return self._window(self.filtered, start, length)

    def stored(self, start: float, length: float) -> LeadWindow:
        return self._window(self.lead, start, length)

    def _window(self, lead: Lead, start: float, length: float) -> LeadWindow:
        """A stretch of a lead; its crossings are those of the whole stored lead that fall into it."""
        first, last = window_bounds(self.summary, start, length)
        found = self.crossings
        here = (found.indices >= first) & (found.indices < last)
        crossings = replace(
            found,
            indices=found.indices[here] - first,
            positions=found.positions[here] - first,
            rising=found.rising[here],
        )
        return LeadWindow(replace(lead, samples=lead.samples[first:last]), first, crossings, self.summary)

"""What a print says: how an ECG is drawn, what was counted and marked, and what is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from ecg_core.domain import MILLIVOLTS_PER_UNIT, Annotation, LeadSummary
from ecg_core.figures.crossings import crossings_in
from ecg_core.figures.filters import filter_caption, st_warning
from ecg_core.figures.lanes import Lane, Sheet
from ecg_core.figures.page import Page
from ecg_core.figures.second_count import second_count_texts
from ecg_core.figures.times import elapsed
from ecg_core.figures.view import View
from ecg_core.reports.print_frame import Printout
from ecg_core.reports.print_source import Source

_MOST_MARKED, _FEW_ALIKE = 12, 3


def how_drawn(printout: Printout, page: Page, names: Collection[str], layout: str = "") -> list[str]:
    """Speed, gain, layout and filter, and what may not be measured; warnings begin with ``!``."""
    view = printout.view
    leads = [lead for lead in printout.leads if lead.name in names]
    parts = [
        f"{page.mm_per_x:g} mm/s" if page.timed else "no time scale",
        gain_text(view) if has_millivolts(leads) else "no millivolt scale",
        layout or _layout(page),
        filter_text(printout, names),
    ]
    said = [" · ".join(parts)]
    if page.note:
        said.append(f"{page.note}.")
    if warning := st_warning(view):
        said.append(f"!{warning}")
    if not page.timed:
        said.append("!The sampling rate is unknown: drawn by sample number; no distance across is a time.")
    if any(lead.unit is None for lead in leads):
        said.append("!The unit is unknown: drawn in counts; no height is a voltage.")
    return said


def has_millivolts(leads: Iterable[LeadSummary]) -> bool:
    """Whether the gain says anything of these leads."""
    return any(lead.unit in MILLIVOLTS_PER_UNIT for lead in leads)


def gain_text(view: View) -> str:
    """``10 mm/mV``, and that of the chest leads where it is another."""
    chest = f", chest leads {view.chest_gain:g} mm/mV" if view.chest_gain not in (0.0, view.gain) else ""
    return f"{view.gain:g} mm/mV{chest}"


def _layout(page: Page) -> str:
    if page.columns == 1:
        rows = "one lead a row"
    else:
        rows = f"{12 // page.columns} × {page.columns}"
        rows += f" and rhythm {', '.join(page.rhythm)}" if page.rhythm else ""
    return rows + (" in Cabrera's order" if page.view.order == "cabrera" else "")


def filter_text(printout: Printout, names: Collection[str]) -> str:
    """The filter as it applies to these leads."""
    leads = [lead for lead in printout.leads if lead.name in names]
    caption = filter_caption(
        printout.view,
        sampling_rates_hz={lead.sampling_rate_hz for lead in leads if lead.is_ecg},
        has_other_channels=any(not lead.is_ecg for lead in leads),
    )
    return f"Filter: {caption}" if printout.view.is_filtered else caption


def counts_text(counts: Sequence[tuple[str, int, int]]) -> str:
    """Crossings of leads (name, on this page, in all)."""
    said = [f"{name} {here:,} of {total:,}" for name, here, total in counts]
    return "Zero crossings on this page, of those in the whole recording: " + " · ".join(said)


def sheet_counts(printout: Printout, source: Source, sheet: Sheet) -> list[str]:
    """The official counts of a sheet's leads and, where the view wants one, its own count beside them."""
    longest: dict[str, Lane] = {}
    for lane in sorted(
        sheet.lanes, key=lambda lane: (lane.x0, lane.row)
    ):  # a rhythm strip has the crossings of its column
        if lane.name not in longest or lane.x1 - lane.x0 > longest[lane.name].x1 - longest[lane.name].x0:
            longest[lane.name] = lane
    here = {name: len(crossings_in(lane).x) for name, lane in longest.items()}
    totals = {name: lane.strip.number_of_zero_crossings for name, lane in longest.items()}
    said = [counts_text([(name, here[name], totals[name]) for name in longest])]
    view = printout.view
    if not (view.dead_band or view.detrend):
        return said
    own = []
    for x0, x1 in dict.fromkeys((lane.x0, lane.x1) for lane in longest.values()):
        labels = {lane.strip.lead.name: n for n, lane in longest.items() if (lane.x0, lane.x1) == (x0, x1)}
        for count in source.count(x0, x1 - x0, set(labels)):
            label = labels[count.lead]
            own.append(replace(count, lead=label, in_view=here[label]))
    own.sort(key=lambda count: list(longest).index(count.lead))
    return [*said, *second_count_texts(own)]


def marked_text(annotations: Sequence[Annotation], longest_s: float) -> list[str]:
    """What the file marks on a page: beats and frequent notes by their number, all else with its time."""
    codes = Counter(each.text for each in annotations if each.kind == "beat")
    notes = Counter(each.text for each in annotations if each.kind == "note")
    frequent = Counter({text: number for text, number in notes.items() if number > _FEW_ALIKE})
    rhythms = [each for each in annotations if each.kind == "rhythm"]
    others = rhythms + [each for each in annotations if each.kind == "note" and each.text not in frequent]
    parts = [f"{what} {_numbers(of)}" for what, of in (("beats", codes), ("notes", frequent)) if of]
    parts += [_marked(each, longest_s) for each in others[:_MOST_MARKED]]
    if len(others) > _MOST_MARKED:
        parts.append(f"and {len(others) - _MOST_MARKED} more")
    return [f"Marked by the file on this page: {' · '.join(parts)}"] if parts else []


def _numbers(of: Counter[str]) -> str:
    return ", ".join(f"{_one_line(text)} × {number}" for text, number in of.most_common(_MOST_MARKED))


def _marked(each: Annotation, longest_s: float) -> str:
    at = f"{each.start_s:.2f} s" if longest_s < 120 else elapsed(each.start_s, longest_s)
    lead = f" in {each.lead}" if each.lead else ""
    kind = "rhythm " if each.kind == "rhythm" else ""
    return f'{at} {kind}"{_one_line(each.text)}"{lead}'


def _one_line(text: str) -> str:
    return " ".join(text.split())


def left_out(printout: Printout, *, not_drawn: Sequence[str] = ()) -> list[str]:
    """What the ECG has and this page has not; empty where it has all."""
    printed = {lead.name for lead in printout.leads}
    others = [lead for lead in printout.ecg.leads if lead.name not in printed]
    parts = list(not_drawn)
    if others:
        kind = "lead" if any(lead.is_ecg for lead in others) else "non-ECG channel"
        names = ", ".join(lead.name for lead in others)
        parts.append(f"{kind}{'s' * (len(others) > 1)} {names}")
    return [f"Not on this page: {'; '.join(parts)}"] if parts else []

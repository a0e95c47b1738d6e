"""Measurements that the quality of the leads forbids are withheld, with the fault and where as the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ecg_core.domain import Measurement
from ecg_core.signal.quality import LeadQuality

_MOST = 0.5  # of the beats, or of the leads, may be blocked
#: In these no lead shows a heart: RR intervals over them do not count where they are in all leads.
NO_SIGNAL = ("missing", "lead off", "flat", "saturated")
_AROUND_S = (0.3, 0.5)  # before and after R: what a fault must touch to hurt a beat

Spell = tuple[float, float]


def spells_of_all(quality: Sequence[LeadQuality]) -> list[Spell]:
    """Begin and end in s of the spells in which no lead has a signal."""
    found: list[Spell] | None = None
    for lead in quality:
        spells = [(span.start_s, span.stop_s) for span in lead.spans if span.kind in NO_SIGNAL[:3]]
        found = spells if found is None else _both(found, spells)
    return found or []


def _both(one: Sequence[Spell], other: Sequence[Spell]) -> list[Spell]:
    return [
        (max(a[0], b[0]), min(a[1], b[1])) for a in one for b in other if max(a[0], b[0]) < min(a[1], b[1])
    ]


def withhold_blocked(
    measurements: Sequence[Measurement], quality: Sequence[LeadQuality], beats_s: NDArray[np.float64]
) -> tuple[Measurement, ...]:
    """Withhold what is measured of leads that are too poor for it in most of the beats.

    A measurement of one lead (``st_j60:V2``) is withheld where that lead forbids it, one of several leads
    where most of its leads do.

    Parameters
    ----------
    measurements : sequence of Measurement
    quality : sequence of LeadQuality
    beats_s : ndarray, shape (m,)
        The beats that were used, in s.
    """
    by_lead = {each.lead: each for each in quality}
    known: dict[tuple[str, str], str] = {}
    found = []
    for one in measurements:
        name = one.name.partition(":")[0]
        of = [by_lead[lead] for lead in one.leads if lead in by_lead] if one.is_measured else []
        reasons = []
        for lead in of:
            if (name, lead.lead) not in known:
                known[name, lead.lead] = _why(lead, name, beats_s)
            reasons += [known[name, lead.lead]] if known[name, lead.lead] else []
        is_blocked = bool(reasons) and len(reasons) > _MOST * len(of)
        found.append(_withheld(one, reasons) if is_blocked else one)
    return tuple(found)


def _why(lead: LeadQuality, name: str, beats_s: NDArray[np.float64]) -> str:
    """The fault that forbids a measurement in most of the beats, or empty."""
    spans = [span for span in lead.spans if {"*", name} & {*span.blocks}]
    if not spans or not len(beats_s):
        return ""
    hurt = np.zeros(len(beats_s), np.bool_)
    for span in spans:
        hurt |= (beats_s - _AROUND_S[0] < span.stop_s) & (beats_s + _AROUND_S[1] > span.start_s)
    if hurt.mean() <= _MOST:
        return ""
    worst = max(spans, key=lambda span: span.stop_s - span.start_s)
    much = f" of {worst.amount:.2g} {worst.unit}" if worst.unit == "mV" else ""
    return f"{worst.kind}{much} in {lead.lead}"


def _withheld(one: Measurement, reasons: Sequence[str]) -> Measurement:
    more = f" and in {len(reasons) - 1} more leads" if len(reasons) > 1 else ""
    return replace(one, value=None, status="withheld", reason=reasons[0] + more, spread=None, beats_used=None)

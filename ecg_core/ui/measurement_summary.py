"""The line of numbers over the paper: as high while it is empty, so that the paper stands still."""

from __future__ import annotations

from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ecg_core.domain import RecordingSummary
from ecg_core.figures.measurement_summary import SummaryNumber, summary_numbers
from ecg_core.services.measurements import MeasuredEcg

_STYLE = """<style>
.summary { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: end;
  margin: 0 !important; padding: 0 !important; min-height: 2.6rem; }
.summary dt { font-size: .75rem; line-height: 1.1rem; opacity: .8; white-space: nowrap; }
.summary dd { font-size: 1.1rem; line-height: 1.5rem; font-weight: 600; margin: 0; white-space: nowrap;
  font-variant-numeric: tabular-nums; }
.summary dd.said { text-decoration: underline dotted; text-underline-offset: .2em; cursor: help; }
.summary .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.summary p { margin: 0; font-size: .95rem; line-height: 1.5rem; }
</style>"""


def summary_place(ecg: RecordingSummary, measured: MeasuredEcg | None) -> DeltaGenerator:
    """The place of the line, filled with what is known before the paper is drawn."""
    place = st.empty()
    if measured is None:
        place.html(summary_line("Measuring …"))
    else:
        fill_summary(place, ecg, measured)
    return place


def fill_summary(place: DeltaGenerator, ecg: RecordingSummary, measured: MeasuredEcg) -> None:
    """The numbers, or why there are none."""
    if why := measured.analysis.notes.get("all"):
        place.html(summary_line(f"Not measured: {why}"))
        return
    numbers = summary_numbers(
        measured.measurements, automatic=measured.analysis.measurements, device=ecg.device
    )
    body = "".join(map(_number, numbers))
    place.html(f'{_STYLE}<dl class="summary" aria-label="Measurements, not diagnoses">{body}</dl>')


def summary_line(text: str) -> str:
    """A sentence in the place of the numbers."""
    return f'{_STYLE}<div class="summary"><p>{escape(text)}</p></div>'


def _number(number: SummaryNumber) -> str:
    """A number that something is to be said of is underlined, and says it under the pointer and when read."""
    head, value = f"<dt>{escape(number.label)}</dt>", escape(number.value)
    if not number.said:
        return f"<div>{head}<dd>{value}</dd></div>"
    mark, said = " ⚠" if number.is_marked else "", escape(number.said, quote=True)
    unseen = f'<span class="unseen">{said}</span>'
    return f'<div>{head}<dd class="said" title="{said}">{value}{mark}{unseen}</dd></div>'

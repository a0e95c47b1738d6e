"""The ECG on paper: plan the sheet for this screen, read what it shows, draw it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import streamlit as st

from ecg_core.domain import LeadSummary, RecordingSummary, User
from ecg_core.figures import (
    PLOTLY_CONFIG,
    Page,
    ReadyFigure,
    Strip,
    ecg_parts,
    figure_text,
    plan_page,
    split_by_axis,
)
from ecg_core.services import recordings
from ecg_core.ui.paper_width import paper_width
from ecg_core.ui.session import room
from ecg_core.ui.text import place

_SHEETS_KEPT = 100  # some 0.4 MB each, of all visitors together


def draw_ecg(user: User, ecg: RecordingSummary, *, show_crossings: bool, show_others: bool = False) -> None:
    """The ECG leads, and the other channels if wanted; those with a sampling rate on a sheet of their own."""
    width = paper_width()
    shown = [lead for lead in ecg.leads if lead.is_ecg or show_others]
    for number, leads in enumerate(split_by_axis(shown)):
        page = plan_page(leads, width)
        _draw_sheet(user, ecg, leads, page, number=number, show_crossings=show_crossings)


def _draw_sheet(
    user: User,
    ecg: RecordingSummary,
    leads: Sequence[LeadSummary],
    page: Page,
    *,
    number: int,
    show_crossings: bool,
) -> None:
    start = _turn_pages(ecg, leads, page, number)
    dark = st.context.theme.type == "dark"
    figure, words = _drawn(str(ecg.id), repr((leads, page)), start, dark, show_crossings, user, leads, page)
    st.plotly_chart(figure, width="content", theme=None, key=f"paper-{number}", config=dict(PLOTLY_CONFIG),
                    alt=words)  # fmt: skip


@st.cache_resource(max_entries=_SHEETS_KEPT, show_spinner=False)
def _drawn(
    ecg_id: str,
    drawn_of: str,
    start: float,
    dark: bool,
    show_crossings: bool,
    _user: User,
    _leads: Sequence[LeadSummary],
    _page: Page,
) -> tuple[ReadyFigure, str]:
    """The sheet and the same in words, made once: most reruns of a page change nothing of it.

    A stored signal never changes; all else that is drawn is in ``drawn_of``. Whose ECG it is was asked before
    this is called.
    """
    windows = recordings.read_windows(
        room(), _user, UUID(ecg_id), start=start, length=_page.span, names={lead.name for lead in _leads}
    )
    strips = [
        Strip(window.lead, window.crossings, window.summary.number_of_zero_crossings, window.first_sample)
        for window in windows
    ]
    parts = ecg_parts(strips, _page, dark=dark, show_crossings=show_crossings, start=start)
    return ReadyFigure(parts), figure_text(strips, _page)


def _turn_pages(ecg: RecordingSummary, leads: Sequence[LeadSummary], page: Page, number: int) -> float:
    """Where the sheet begins; buttons where the recording is longer than a sheet."""
    lengths = (lead.duration_s if page.timed else float(lead.number_of_samples) for lead in leads)
    total = max((length or 0.0 for length in lengths), default=0.0)
    key = f"start-{ecg.id}-{number}"
    last = max(0.0, total - page.span)
    start = min(float(st.session_state.get(key, 0.0)), last)
    if last == 0:
        return 0.0
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        _turn_button("« First", key, 0.0, start == 0)
        _turn_button("‹ Back", key, max(0.0, start - page.span), start == 0)
        _turn_button("Forward ›", key, min(last, start + page.span), start >= last)
        _turn_button("Last »", key, last, start >= last)
        st.caption(place(start, min(start + page.span, total), total, timed=page.timed))
    return start


def _turn_button(label: str, key: str, target: float, disabled: bool) -> None:
    st.button(label, key=f"{key}-{label}", disabled=disabled, on_click=_turn_to, args=(key, target))


def _turn_to(key: str, target: float) -> None:
    st.session_state[key] = target

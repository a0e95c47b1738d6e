"""The common leads of two ECGs on two sheets, beside each other where there is room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from ecg_core.domain import LeadSummary, RecordingSummary, User
from ecg_core.figures import (
    PLOTLY_CONFIG,
    Page,
    ReadyFigure,
    ecg_parts,
    figure_text,
    plan_page,
    split_by_axis,
)
from ecg_core.figures.view import View
from ecg_core.services.comparison import Comparison
from ecg_core.ui.comparing import pair_titles
from ecg_core.ui.paging import total_length
from ecg_core.ui.paper_width import paper_width
from ecg_core.ui.strips import read_strips
from ecg_core.ui.text import escape, moment

_SIDE_BY_SIDE_PX, _GAP_PX = 1000, 16
_KEPT = 50


def show_sheets(user: User, pair: Comparison, view: View) -> None:
    """The older one on the left, or above where the screen is narrow."""
    if not pair.leads:
        return
    st.subheader("Leads")
    width, beside = paper_width(), paper_width() >= _SIDE_BY_SIDE_PX
    blocks = st.columns(2, gap="small") if beside else [st.container(), st.container()]
    sides = (
        (pair.older, [lead.older for lead in pair.leads]),
        (pair.newer, [lead.newer for lead in pair.leads]),
    )
    for block, title, (ecg, leads) in zip(blocks, pair_titles(pair), sides, strict=True):
        with block:
            st.markdown(f"**{title}: {escape(moment(ecg.recorded_at))}** · {escape(ecg.display_name)}")
            for number, group in enumerate(split_by_axis(leads)):
                _show_sheet(user, ecg, group, view, (width - _GAP_PX) // 2 if beside else width, number)


def _show_sheet(
    user: User, ecg: RecordingSummary, leads: Sequence[LeadSummary], view: View, width_px: int, number: int
) -> None:
    page = plan_page(leads, width_px, view=replace(view, mode="paper", leads=()))
    start = _start(ecg, leads, page, number)
    dark = st.context.theme.type == "dark"
    figure, words = _sheet(str(ecg.id), repr((leads, page)), start, dark, user, leads, page)
    st.plotly_chart(figure, width="content", theme=None, key=f"compared-{ecg.id}-{number}",
                    config=dict(PLOTLY_CONFIG), alt=f"{ecg.display_name}. {words}")  # fmt: skip


def _start(ecg: RecordingSummary, leads: Sequence[LeadSummary], page: Page, number: int) -> float:
    """Where the sheet begins; asked for where the recording is longer."""
    last = total_length(leads, timed=page.timed) - page.span
    if last <= 0:
        return 0.0
    unit = "s" if page.timed else "samples"
    start = st.number_input(f"Begins at, {unit}", min_value=0.0, max_value=float(last), value=0.0,
                            step=float(page.span), key=f"begins-{ecg.id}-{number}", width=180)  # fmt: skip
    return float(start)


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _sheet(
    ecg_id: str,
    drawn_of: str,
    start: float,
    dark: bool,
    _user: User,
    _leads: Sequence[LeadSummary],
    _page: Page,
) -> tuple[ReadyFigure, str]:
    """A stored signal never changes; all else is in ``drawn_of``. Whose ECG it is was asked before."""
    strips = read_strips(ecg_id, start, _user, _leads, _page)
    return ReadyFigure(ecg_parts(strips, _page, dark=dark, start=start)), figure_text(strips, _page)

"""The common leads of two ECGs on two sheets of one scale, beside each other where there is room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from ecg_core.domain import LeadSummary, RecordingSummary, User
from ecg_core.figures import PLOTLY_CONFIG, Page, ReadyFigure, figure_text, lay_out, plan_page, sheet_parts
from ecg_core.figures.view import View
from ecg_core.services.comparison import CommonLead, Comparison
from ecg_core.ui.comparing import pair_titles
from ecg_core.ui.paging import Place, place_words, total_length
from ecg_core.ui.paper_width import paper_width
from ecg_core.ui.strips import read_strips
from ecg_core.ui.text import escape, moment

_SIDE_BY_SIDE_PX, _GAP_PX = 1000, 16
_KEPT = 50


@dataclass(frozen=True, eq=False)
class _Side:
    """One of the two: its leads that share an axis, and the sheet that they are drawn on."""

    ecg: RecordingSummary
    leads: Sequence[LeadSummary]
    page: Page

    @property
    def total(self) -> float:
        return total_length(self.leads, timed=self.page.timed)

    @property
    def last(self) -> float:
        """The latest beginning of a full sheet."""
        return max(0.0, self.total - self.page.span)


def show_sheets(user: User, pair: Comparison, view: View) -> None:
    """The older one on the left, or above where the screen is narrow."""
    if not pair.leads:
        return
    st.subheader("Leads")
    width, beside = paper_width(), paper_width() >= _SIDE_BY_SIDE_PX
    blocks: Sequence[Any] = st.columns(2, gap="small") if beside else [st.container(), st.container()]
    for block, title, ecg in zip(blocks, pair_titles(pair), (pair.older, pair.newer), strict=True):
        block.markdown(f"**{title}: {escape(moment(ecg.recorded_at))}** · {escape(ecg.display_name)}")
    for number, leads in enumerate(_groups(pair.leads)):
        sides = _sides(pair, leads, view, (width - _GAP_PX) // 2 if beside else width)
        _show_both(user, sides, blocks, number)


def _groups(leads: Sequence[CommonLead]) -> list[list[CommonLead]]:
    """Those that can share an axis on both sides."""
    groups: dict[tuple[bool, bool], list[CommonLead]] = {}
    for lead in leads:
        key = (lead.older.sampling_rate_hz is not None, lead.newer.sampling_rate_hz is not None)
        groups.setdefault(key, []).append(lead)
    return list(groups.values())


def _sides(pair: Comparison, leads: Sequence[CommonLead], view: View, width_px: int) -> list[_Side]:
    """Both on the sheet of the shorter one: a millimetre is as long, and a page as many seconds."""
    view = replace(view, mode="paper", leads=())
    older, newer = [lead.older for lead in leads], [lead.newer for lead in leads]
    pages = [plan_page(side, width_px, view=view) for side in (older, newer)]
    if all(page.timed for page in pages):
        pages = [min(pages, key=lambda page: page.span)] * 2
    return [_Side(pair.older, older, pages[0]), _Side(pair.newer, newer, pages[1])]


def _show_both(user: User, sides: Sequence[_Side], blocks: Sequence[Any], number: int) -> None:
    is_longer = any(side.last for side in sides)
    starts = []
    for block, side in zip(blocks, sides, strict=True):
        with block:
            starts.append(_start(side, number) if is_longer else 0.0)
    dark = st.context.theme.type == "dark"
    drawn_of = repr([(str(side.ecg.id), side.leads, side.page) for side in sides])
    drawn = _sheets(drawn_of, tuple(starts), dark, user, sides)
    for block, side, (figure, words) in zip(blocks, sides, drawn, strict=True):
        block.plotly_chart(figure, width="content", theme=None, key=f"compared-{side.ecg.id}-{number}",
                           config=dict(PLOTLY_CONFIG), alt=f"{side.ecg.display_name}. {words}")  # fmt: skip


def _start(side: _Side, number: int) -> float:
    """Where the sheet begins, and what it shows in words."""
    unit = "s" if side.page.timed else "samples"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        start = st.number_input(
            f"Begins at, {unit}", min_value=0.0, max_value=side.last, value=0.0, step=float(side.page.span),
            key=f"begins-{side.ecg.id}-{number}", width=180, disabled=side.last == 0.0,
        )  # fmt: skip
        shown = Place(float(start), side.page.span, side.total, side.page.timed)
        st.caption(place_words(side.ecg, shown), width="content")
    return float(start)


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _sheets(
    drawn_of: str, starts: tuple[float, ...], dark: bool, _user: User, _sides: Sequence[_Side]
) -> list[tuple[ReadyFigure, str]]:
    """A stored signal never changes; all else is in ``drawn_of``. Whose ECGs they are was asked before."""
    strips = [
        read_strips(str(side.ecg.id), start, _user, side.leads, side.page)
        for side, start in zip(_sides, starts, strict=True)
    ]
    is_alike = _sides[0].page == _sides[1].page
    drawn = []
    for own, other in ((0, 1), (1, 0)):
        page, beside = _sides[own].page, (strips[other], starts[other]) if is_alike else None
        sheet = lay_out(strips[own], page, starts[own], beside=beside)
        drawn.append((ReadyFigure(sheet_parts(sheet, page, dark=dark)), figure_text(strips[own], page)))
    return drawn

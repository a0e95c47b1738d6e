"""From zero crossing to zero crossing of one lead: the page turns to each, and it is pointed at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import streamlit as st

from ecg_core.domain import LeadSummary, RecordingSummary, User
from ecg_core.services import display
from ecg_core.ui.paging import Place, go_to
from ecg_core.ui.session import acting_user, room

_HERE, _LEAD = "stepped_to", "stepped_lead"
_EDGE = 0.1  # of the page; what is pointed at is not put at its very edge


def pointed_at(ecg: RecordingSummary) -> dict[str, Any] | None:
    """The lead and sample that the reader stepped to or clicked on, if it is of this ECG."""
    here: dict[str, Any] | None = st.session_state.get(_HERE)
    return here if here and here["ecg"] == str(ecg.id) else None


def point_at(ecg: RecordingSummary, lead: str, sample: int) -> None:
    """Step on from here next time."""
    st.session_state[_HERE] = {"ecg": str(ecg.id), "lead": lead, "sample": sample}
    st.session_state[_LEAD] = lead


def crossing_stepper(user: User, ecg: RecordingSummary, place: Place, leads: Sequence[LeadSummary]) -> None:
    """The lead to step through, the two buttons, and where it stands."""
    names = [lead.name for lead in leads]
    if st.session_state.get(_LEAD) not in names:
        st.session_state[_LEAD] = "II" if "II" in names else names[0]
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="crossing-stepper"):
        st.selectbox("Lead to step through", names, key=_LEAD, label_visibility="collapsed", width=110)
        for label, backwards in (("‹ Previous crossing", True), ("Next crossing ›", False)):
            st.button(label, on_click=step_crossings, args=(ecg, place, -1 if backwards else 1))
        if words := _words(ecg):
            st.caption(words, width="content")


def step_crossings(ecg: RecordingSummary, place: Place, steps: int) -> None:
    """So many zero crossings on, or back where negative; the page follows."""
    user = acting_user()
    lead = next((lead for lead in ecg.leads if lead.name == st.session_state.get(_LEAD)), ecg.leads[0])
    if user is None:
        return
    rate = lead.sampling_rate_hz or 1.0
    here = pointed_at(ecg)
    at = here["sample"] if here and here["lead"] == lead.name else _before(place, rate, steps)
    for _ in range(min(abs(steps), 100)):
        found = display.next_crossing(
            room(), user, UUID(str(ecg.id)), lead.name, after=at, backwards=steps < 0
        )
        if found is None:
            break
        at = found
        point_at(ecg, lead.name, at)
    turn_to(place, at / rate)


def _before(place: Place, rate: float, steps: int) -> int:
    """The first step goes into the page."""
    return round(place.start * rate) - 1 if steps > 0 else round(place.stop * rate)


def turn_to(place: Place, at: float) -> None:
    """Turn the page so that a moment is on it, if it is not."""
    if not place.start <= at < place.stop:
        go_to(min(max(at - place.span * _EDGE, 0.0), place.last), place.parameter)


def _words(ecg: RecordingSummary) -> str:
    here = pointed_at(ecg)
    lead = next((lead for lead in ecg.leads if here and lead.name == here["lead"]), None)
    if here is None or lead is None:
        return ""
    time = f"{here['sample'] / lead.sampling_rate_hz:.3f} s, " if lead.sampling_rate_hz else ""
    return f"{lead.name} at {time}sample {here['sample']:,}"

"""Where the page is in the recording: turning pages, how much is shown, jumping to a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import streamlit as st

from ecg_core.domain import LeadSummary, RecordingSummary
from ecg_core.errors import InvalidInputError
from ecg_core.ui.places import WINDOWS_S, parse_place, window_text
from ecg_core.ui.text import place
from ecg_core.ui.view_state import ask_number, asked_number

_SHORT_S = 30.0
_WINDOW, _JUMP, _PROBLEM = "window", "jump", "jump_problem"


@dataclass(frozen=True)
class Place:
    """What a page shows of a recording, in seconds (samples where no rate is known).

    ``last`` is the latest place where a full page begins; ``parameter`` is the address's name of ``start``.
    """

    start: float
    span: float
    total: float
    timed: bool
    parameter: str = "start"

    @property
    def last(self) -> float:
        return max(0.0, self.total - self.span)

    @property
    def stop(self) -> float:
        return min(self.start + self.span, self.total)


def total_length(leads: Sequence[LeadSummary], *, timed: bool) -> float:
    """Of the longest lead, in seconds or samples."""
    lengths = (lead.duration_s if timed else float(lead.number_of_samples) for lead in leads)
    return max((length or 0.0 for length in lengths), default=0.0)


def current_place(span: float, total: float, *, timed: bool, group: int = 0) -> Place:
    """The place of the address, kept within the recording; each group of leads of one axis has its own."""
    parameter = f"start{group or ''}"
    start = min(asked_number(parameter) or 0.0, max(0.0, total - span))
    return Place(start, span, total, timed, parameter)


def asked_span(total: float) -> float | None:
    """How much the reader wants to see at once; None is what fits."""
    span = asked_number("span")
    return min(span, max(total, 1.0)) if span else None


def go_to(start: float, parameter: str = "start") -> None:
    """Turn to a place; the page is made again by the click that asks for it."""
    ask_number(parameter, round(max(0.0, start), 6) or None)


def turn(place: Place, pages: int) -> None:
    """Turn pages on, or back where negative."""
    start = asked_number(place.parameter) or 0.0  # of now: several keys may have been pressed
    go_to(min(max(start + pages * place.span, 0.0), place.last), place.parameter)


def paging_row(ecg: RecordingSummary, place: Place) -> None:
    """Buttons, the place in words, the width of the page, and a field to jump to a time."""
    if place.last == 0.0 and (not place.timed or (asked_number("span") is None and place.total <= _SHORT_S)):
        return
    with st.container(
        horizontal=True, vertical_alignment="center", gap="xsmall", key=f"paging-{place.parameter}"
    ):
        at_first, at_last = place.start == 0.0, place.start >= place.last
        _turn_button(place, "« First", 0.0, at_first)
        _turn_button(place, "‹ Back", max(0.0, place.start - place.span), at_first)
        _turn_button(place, "Forward ›", min(place.last, place.start + place.span), at_last)
        _turn_button(place, "Last »", place.last, at_last)
        if place.timed and place.parameter == "start":
            _window_choice(place)
            st.text_input("Go to a time", key=_JUMP, placeholder="Go to a time", width=140, on_change=_jump,
                          args=(ecg, place.total), label_visibility="collapsed")  # fmt: skip
        st.caption(place_words(ecg, place), width="content")
    if problem := st.session_state.pop(_PROBLEM, ""):
        st.error(problem)


def place_words(ecg: RecordingSummary, shown: Place) -> str:
    """Where a page is in its recording, and at what time of day where that is known."""
    words = place(shown.start, shown.stop, shown.total, timed=shown.timed)
    if ecg.recorded_at is None or not shown.timed:
        return words
    first, last = (ecg.recorded_at + timedelta(seconds=at) for at in (shown.start, shown.stop))
    return f"{words} · {first:%Y-%m-%d %H:%M:%S}–{last:%H:%M:%S}"


def _turn_button(place: Place, label: str, target: float, disabled: bool) -> None:
    st.button(label, key=f"{place.parameter}-{label}", disabled=disabled, on_click=go_to,
              args=(target, place.parameter))  # fmt: skip


def _window_choice(place: Place) -> None:
    options = [0.0, *(window for window in WINDOWS_S if window < place.total)]
    if place.total > WINDOWS_S[0]:
        options.append(place.total)
    span = min(asked_number("span") or 0.0, place.total)
    if span not in options:  # drawn on the overview, or from an address
        options = sorted([*options, span])
    st.session_state[_WINDOW] = span
    st.selectbox("Window", options, key=_WINDOW, width=130, on_change=_choose_window,
                 format_func=lambda option: _window_text(option, place.total),
                 label_visibility="collapsed")  # fmt: skip


def _window_text(option: float, total: float) -> str:
    if option == 0.0:
        return "Automatic"
    return "All" if option == total else window_text(option)


def _choose_window() -> None:
    chosen = float(st.session_state[_WINDOW])
    ask_number("span", chosen or None)


def change_window(place: Place, steps: int) -> None:
    """The next wider window, or the next narrower one; its beginning stays."""
    options = [window for window in WINDOWS_S if window < place.total] + [place.total]
    nearest = min(range(len(options)), key=lambda number: abs(options[number] - place.span))
    ask_number("span", options[min(max(nearest + steps, 0), len(options) - 1)])


def _jump(ecg: RecordingSummary, total: float) -> None:
    text = st.session_state.get(_JUMP, "")
    if not text.strip():
        return
    try:
        go_to(parse_place(text, total, ecg.recorded_at))
    except InvalidInputError as error:
        st.session_state[_PROBLEM] = str(error)

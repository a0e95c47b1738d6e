"""The choices of the reader over the paper; what is used all day is in sight, the rest a click away."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from ecg_core.domain import RecordingSummary
from ecg_core.figures.view import (
    CROSSING_FORMS,
    FILTERS,
    GAINS_MM_MV,
    LAYOUTS,
    MODES,
    NOTCHES,
    ORDERS,
    PAPER_SPEEDS_MM_S,
    PAPERS,
    View,
)
from ecg_core.ui.keys import help_is_wanted, help_sheet, want_help
from ecg_core.ui.screen import measure_screen_if_asked, popover_key, true_size_choice
from ecg_core.ui.view_state import change_view, current_view, widget_key

SHOW_CROSSINGS, CALIPER_IN_HAND = "show_crossings", "caliper_in_hand"


def toolbar(ecg: RecordingSummary) -> View:
    """The controls of the view; what they say now."""
    view = current_view()
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="toolbar"):
        _select("Show", "mode", _modes(ecg), view.mode, width=148)
        is_disclosure = view.mode == "disclosure"  # a minute a line: no speed of paper, one lead
        speeds, gains = _numbers(PAPER_SPEEDS_MM_S, "mm/s"), _numbers(GAINS_MM_MV, "mm/mV")
        _select("Speed", "speed", speeds, view.speed, width=108, is_idle=is_disclosure)
        _select("Gain", "gain", gains, view.gain, width=118, is_idle=is_disclosure)
        _select("Layout", "layout", LAYOUTS, view.layout, width=200, is_idle=view.mode != "paper")
        _select("Filter", "filter", FILTERS, view.filter, width=120)
        with st.popover("More", icon=":material/tune:", key=popover_key()):
            _more(ecg, view)
        st.toggle("Caliper", key=CALIPER_IN_HAND, help="Draw it over a lead: Δt, rate and Δ mV")
        _toggle_crossings(view)
        _toggle("Median beats", "beats", view.beats)
        if any(lead.is_ecg and lead.sampling_rate_hz for lead in ecg.leads):
            _toggle("Waves", "waves", view.waves, is_idle=view.mode != "paper")
        if ecg.number_of_annotations:
            _toggle("Annotations", "marks", view.marks)
        st.button("Keys", icon=":material/keyboard:", on_click=want_help)
    measure_screen_if_asked()
    if help_is_wanted():
        help_sheet()
    return current_view()


def _modes(ecg: RecordingSummary) -> Mapping[str, str]:
    """Full disclosure is of long recordings; one without a rate has no minutes."""
    is_long = (ecg.duration_s or 0.0) >= 120.0
    return {name: text for name, text in MODES.items() if name != "disclosure" or is_long}


def _numbers(numbers: Sequence[float], unit: str) -> dict[float, str]:
    return {number: f"{number:g} {unit}" for number in numbers}


def _more(ecg: RecordingSummary, view: View) -> None:
    same = {0.0: "As the other leads"}
    _select("Gain of V1–V9", "chest_gain", same | _numbers(GAINS_MM_MV, "mm/mV"), view.chest_gain)
    _select("Order of the limb leads", "order", ORDERS, view.order)
    names = [lead.name for lead in ecg.leads]
    chosen = [name for name in view.leads if name in names]
    st.multiselect("Leads", names, chosen, key=widget_key("leads"), placeholder="All", on_change=_choose,
                   args=("leads", tuple))  # fmt: skip
    _select("Mains notch", "notch", NOTCHES, view.notch)
    _toggle("Remove the baseline from what is drawn", "baseline", view.baseline)
    _select("Paper", "paper", PAPERS, view.paper)
    forms = {name: text for name, text in CROSSING_FORMS.items() if name != "off"}
    true_size_choice()
    _select("Zero crossings as", "crossings", forms, view.crossings if view.crossings != "off" else "auto")
    st.number_input("Second count: dead band in mV", 0.0, 10.0, view.dead_band, step=0.01,
                    key=widget_key("dead_band"),
                    help="Counts zero crossings apart that go from this much above zero to this much "
                    "below, or back. The official count stays beside it.",
                    on_change=_choose, args=("dead_band", float))  # fmt: skip
    _toggle("Second count: baseline removed", "detrend", view.detrend)


def _select(
    label: str, name: str, choices: Mapping[Any, str], value: Any, *, width: int = 0, is_idle: bool = False
) -> None:
    """A choice of one field of the view; one of a width stands in the row without its label.

    One that changes nothing of what is shown is idle.
    """
    options = list(choices)
    index = options.index(value) if value in choices else 0
    in_sight: dict[str, Any] = {} if width == 0 else {"width": width, "label_visibility": "collapsed"}
    st.selectbox(label, options, index, key=widget_key(name), format_func=lambda option: choices[option],
                 on_change=_choose, args=(name, None), disabled=is_idle, **in_sight)  # fmt: skip


def _toggle(label: str, name: str, value: bool, *, is_idle: bool = False) -> None:
    st.toggle(label, value, key=widget_key(name), on_change=_choose, args=(name, bool), disabled=is_idle)


def _toggle_crossings(view: View) -> None:
    is_shown = view.crossings != "off"
    st.toggle("Highlight zero crossings", is_shown, key=SHOW_CROSSINGS, on_change=_switch_crossings,
              disabled=view.mode == "overlay")  # fmt: skip


def _switch_crossings() -> None:
    change_view(crossings="auto" if st.session_state[SHOW_CROSSINGS] else "off")


def switch_crossings(times: int) -> None:
    """What the key does, pressed so often: as the toggle."""
    is_shown = (current_view().crossings != "off") != (times % 2 == 1)
    change_view(crossings="auto" if is_shown else "off")
    st.session_state[SHOW_CROSSINGS] = is_shown


def _choose(name: str, as_type: Callable[[Any], Any] | None) -> None:
    value = st.session_state.get(widget_key(name))
    if value is None:
        return
    change_view(**{name: as_type(value) if as_type else value})
    if name == "crossings":
        st.session_state[SHOW_CROSSINGS] = True

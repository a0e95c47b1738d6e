"""What the keys do: the same as a click on what they stand for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from ecg_core.figures.view import FILTERS, GAINS_MM_MV, LAYOUTS, PAPER_SPEEDS_MM_S
from ecg_core.ui.keys import want_help
from ecg_core.ui.paging import Place, change_window, go_to, turn
from ecg_core.ui.toolbar import CALIPER_IN_HAND, switch_crossings
from ecg_core.ui.view_state import change_view, current_view


def act(action: str, times: int, place: Place) -> bool:
    """Do what a key stands for, as often as it was pressed; False for one that is none of these."""
    doing: Mapping[str, Callable[[], Any]] = {
        "next": lambda: turn(place, times),
        "back": lambda: turn(place, -times),
        "first": lambda: go_to(0.0),
        "last": lambda: go_to(place.last),
        "wider": lambda: change_window(place, times),
        "narrower": lambda: change_window(place, -times),
        "gain-up": lambda: _step("gain", GAINS_MM_MV, times),
        "gain-down": lambda: _step("gain", GAINS_MM_MV, -times),
        "speed": lambda: _cycle("speed", PAPER_SPEEDS_MM_S, times),
        "layout": lambda: _cycle("layout", list(LAYOUTS), times),
        "filter": lambda: _cycle("filter", list(FILTERS), times),
        "crossings": lambda: switch_crossings(times),
        "waves": lambda: _switch("waves", times),
        "caliper": lambda: _take_or_leave_caliper(times),
        "help": want_help,
    }
    if action not in doing:
        return False
    doing[action]()
    return True


def caliper_is_in_hand() -> bool:
    """Whether a drag over the paper makes a caliper."""
    return bool(st.session_state.get(CALIPER_IN_HAND, False))


def _take_or_leave_caliper(times: int) -> None:
    st.session_state[CALIPER_IN_HAND] = caliper_is_in_hand() != (times % 2 == 1)


def _switch(name: str, times: int) -> None:
    change_view(**{name: getattr(current_view(), name) != (times % 2 == 1)})


def _step(name: str, choices: Sequence[Any], steps: int) -> None:
    """Further among the choices, to the end at most."""
    number = choices.index(getattr(current_view(), name)) + steps
    change_view(**{name: choices[min(max(number, 0), len(choices) - 1)]})


def _cycle(name: str, choices: Sequence[Any], steps: int) -> None:
    """Further among the choices, and round."""
    number = choices.index(getattr(current_view(), name)) + steps
    change_view(**{name: choices[number % len(choices)]})

"""True size: a millimetre of the paper is one on the reader's screen, once that was measured."""

from __future__ import annotations

import streamlit as st

from ecg_core.ui.screen_size import screen_size_dialog, true_px_per_mm, watch_screen_size

_TRUE_SIZE, _MEASURE, _MEASURED = "true_size", "measure_screen", "times_measured"


def true_size_choice() -> None:
    """Whether the paper is of true size, and a way to measure the screen again."""
    st.toggle("True size on this screen", key=_TRUE_SIZE, on_change=_ask_if_unknown)
    st.button("Measure this screen", icon=":material/straighten:", on_click=_ask)


def measure_screen_if_asked() -> None:
    """Learn what the browser keeps of this screen, and open the dialog that the reader asked for."""
    watch_screen_size()
    if st.session_state.pop(_MEASURE, False):
        screen_size_dialog()


def wanted_px_per_mm() -> float | None:
    """Pixels a millimetre of this screen where true size is wanted and known."""
    return true_px_per_mm() if st.session_state.get(_TRUE_SIZE) else None


def popover_key() -> str:
    """Of the popover that holds the choice: a new one closes it, or it would lie over the dialog."""
    return f"more-{st.session_state.get(_MEASURED, 0)}"


def _ask() -> None:
    st.session_state[_MEASURE] = True
    st.session_state[_MEASURED] = st.session_state.get(_MEASURED, 0) + 1


def _ask_if_unknown() -> None:
    if st.session_state.get(_TRUE_SIZE) and true_px_per_mm() is None:
        _ask()

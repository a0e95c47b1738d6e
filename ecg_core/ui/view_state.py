"""How and where the reader looks: kept over reruns and pages, and in the address: a link shows the same."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import streamlit as st

from ecg_core.figures.view import View, parse_view, view_parameters

_VIEW = "view"
_NAMES = frozenset(one.name for one in fields(View))
_PLACES = ("start", "start1", "span")


def current_view() -> View:
    """What the reader chose; at first what the address says."""
    if _VIEW not in st.session_state:
        st.session_state[_VIEW] = parse_view({name: st.query_params[name] for name in st.query_params})
    view: View = st.session_state[_VIEW]
    return view


def change_view(**values: Any) -> None:
    """Choose something else; the widgets follow.

    A widget in a closed popover is not there to be told, and takes its default from the view when it opens.
    """
    st.session_state[_VIEW] = replace(current_view(), **values)
    for name, value in values.items():
        st.session_state[widget_key(name)] = list(value) if isinstance(value, tuple) else value


def widget_key(name: str) -> str:
    """The key of the widget that shows a field of the view."""
    return f"view-{name}"


def show_in_address(view: View) -> None:
    """Make the address name the view and the place; only what differs is touched."""
    wanted = view_parameters(view) | {name: f"{number:.12g}" for name, number in _numbers().items()}
    for name in [name for name in st.query_params if name in _NAMES or name in _PLACES]:
        if name not in wanted:
            del st.query_params[name]
    for name, text in wanted.items():
        if st.query_params.get(name) != text:
            st.query_params[name] = text


def asked_number(name: str) -> float | None:
    """A number of the place (``start``, ``span``); None where none was chosen."""
    return _numbers().get(name)


def ask_number(name: str, number: float | None) -> None:
    """Choose it, or leave it to what fits."""
    numbers = _numbers()
    numbers.pop(name, None)
    if number is not None:
        numbers[name] = number


def _numbers() -> dict[str, float]:
    """The place in the ECG that is looked at; at first what the address says.

    It is kept here and not in the address: a click that comes before the browser has the new address still
    tells the old one.
    """
    places: dict[str, dict[str, float]] = st.session_state.setdefault("places", {})
    ecg = st.query_params.get("ecg", "")
    if ecg not in places:
        said = {name: _parsed(st.query_params.get(name, "")) for name in _PLACES}
        places[ecg] = {name: number for name, number in said.items() if number is not None}
    return places[ecg]


def _parsed(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0.0 <= number < 1e12 else None

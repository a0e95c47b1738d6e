"""Links to the view on paper, and the page's other ways out: comparison, print."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

import streamlit as st

from ecg_core.domain import RecordingSummary
from ecg_core.figures.view import View, view_parameters
from ecg_core.services.prints import PAPERS
from ecg_core.ui.downloads import download_links
from ecg_core.ui.paging import Place

_SIZE = "print_size"
_LONG_S = 120.0
_HOUR_S = 3600.0
_LONGEST_STRIP_S = 300.0  # on paper at 25 mm/s thirty pages
_LONGEST_SHEETS_S = 60.0  # beyond, a window is printed as the envelope that the screen shows


def print_links(ecg: RecordingSummary, view: View, place: Place) -> None:
    """The view as PDF, PNG and SVG in true millimetres, and a long recording in full."""
    with st.expander("Print", icon=":material/print:"):
        st.segmented_control("Paper", list(PAPERS), default="A4", key=_SIZE)
        size = st.session_state.get(_SIZE) or "A4"
        shown = {**view_parameters(replace(view, waves=False)), "size": size, "start": f"{place.start:g}"}
        is_envelope = place.timed and view.mode != "disclosure" and place.span > _LONGEST_SHEETS_S
        page = {**shown, "length": f"{place.span:g}", **({"kind": "envelope"} if is_envelope else {})}
        links = [(f"This page ({name.upper()})", _address(ecg, name, page)) for name in ("pdf", "png", "svg")]
        if is_envelope:
            strips = {**shown, "length": f"{min(place.span, _LONGEST_STRIP_S):g}"}
            links.append((_strips_label(place), _address(ecg, "pdf", strips)))
        if place.timed and place.total >= _LONG_S:
            links += _disclosure_links(ecg, shown, place)
        download_links(links)
        st.caption(
            "Millimetres on the paper are true if it is printed at 100 %: measure the 50 mm bar. What a page "
            "of print has not, its foot says."
        )


def _strips_label(place: Place) -> str:
    if place.span > _LONGEST_STRIP_S:
        return f"Its first {_LONGEST_STRIP_S / 60:g} min at paper speed (PDF)"
    return "The same at paper speed (PDF)"


def _disclosure_links(ecg: RecordingSummary, shown: dict[str, str], place: Place) -> list[tuple[str, str]]:
    every = {**shown, "kind": "full-disclosure"}
    links = [("This hour in full (PDF)", _address(ecg, "pdf", {**every, "length": f"{_HOUR_S:g}"}))]
    if place.total > _HOUR_S:
        links.append(("All of it in full (PDF)", _address(ecg, "pdf", {**every, "start": "0"})))
    return links


def _address(ecg: RecordingSummary, name: str, parameters: dict[str, str]) -> str:
    return f"/ecgs/{ecg.id}/prints/{name}?{urlencode(parameters)}"

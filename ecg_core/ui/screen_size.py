"""How large a millimetre is on this screen: measured once with a bank card, kept by the browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

_REMEMBERED = "true_px_per_mm"
_FEWEST_PX, _MOST_PX = 1.5, 20.0
_JS = (Path(__file__).parent / "companion_js" / "screen_size.js").read_text("utf-8")
_CSS = """
[data-testid="stElementContainer"]:has(.screen-size-probe) { display: none; }
.screen-size .card { border: 1px solid currentColor; border-radius: 6px; box-sizing: border-box; height: 64px;
  margin: .5rem 0; display: grid; place-items: center; background: var(--st-secondary-background-color); }
.screen-size .row { display: flex; gap: .5rem; align-items: center; margin: .5rem 0; }
.screen-size input[type=range] { flex: 1; min-width: 0; }
.screen-size button { min-width: 2.5rem; min-height: 2.5rem; border: 1px solid currentColor;
  border-radius: 6px; background: transparent; color: inherit; padding: 0 .8rem; cursor: pointer; }
"""
_FORM = """
<div class="screen-size">
  <div class="card"><span class="card-name"></span></div>
  <div class="row">
    <button class="less" type="button" aria-label="Smaller">−</button>
    <input type="range" min="1.5" max="20" step="0.01" aria-label="Pixels per millimetre">
    <button class="more" type="button" aria-label="Larger">+</button>
  </div>
  <div class="row"><output></output></div>
  <div class="row">
    <button class="save" type="button">Save for this screen</button>
    <button class="forget" type="button">Forget</button>
  </div>
</div>
"""

_probe = st.components.v2.component(
    "screen_size_probe",
    html='<span class="screen-size-probe"></span>',
    css=_CSS,
    js=_JS,
    isolate_styles=False,
)
_form = st.components.v2.component("screen_size_form", html=_FORM, css=_CSS, js=_JS, isolate_styles=False)


def watch_screen_size() -> None:
    """Ask the browser what it keeps of this screen; an answer that is new makes the page run again."""
    key = "screen_size_probe"
    _probe(key=key, data={"known": true_px_per_mm()}, on_size_change=lambda: _remember(key))


@st.dialog("Size of this screen")
def screen_size_dialog() -> None:
    """Have the reader match a drawn card with a real one."""
    st.write(
        "Hold a bank card (85.60 mm × 53.98 mm) to the screen and make the box as long as the side that it "
        "names, with the slider, its arrow keys, or − and +. Kept in this browser for this screen; the zoom "
        "of the page is taken into account."
    )
    key = "screen_size_form"
    _form(key=key, data={"known": true_px_per_mm()}, on_size_change=lambda: _remember(key))
    if st.session_state.pop("screen_size_saved", False):
        st.rerun()


def true_px_per_mm() -> float | None:
    """CSS pixels a millimetre on the reader's screen; None until it has been measured."""
    known = st.session_state.get(_REMEMBERED)
    return float(known) if known else None


def _remember(key: str) -> None:
    """Keep what the browser told: a plausible number, or nothing."""
    told = st.session_state[key].get("size")
    number = told.get("px_per_mm") if isinstance(told, dict) else None
    st.session_state[_REMEMBERED] = _plausible(number)
    st.session_state["screen_size_saved"] = key == "screen_size_form"


def _plausible(number: Any) -> float | None:
    if isinstance(number, bool) or not isinstance(number, int | float):
        return None
    return float(number) if _FEWEST_PX <= number <= _MOST_PX else None

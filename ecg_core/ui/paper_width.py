"""How wide the page is, in pixels: the browser knows, and tells."""

from __future__ import annotations

import streamlit as st

_REMEMBERED = "paper_width_px"
_ASSUMED = 1040

# The probe itself is hidden and watches the block that it stands in. Widths are told in steps of 16 px, and
# growth of less than 32 px is passed over: a scroll bar that comes and goes with the height of the paper
# would else start a circle of reruns.
_CSS = """
[data-testid="stElementContainer"]:has(.paper-width-probe) {
  display: none;
}
"""
_HTML = '<span class="paper-width-probe"></span>'
_JS = """
export default function ({ parentElement, data, setStateValue }) {
  const block = parentElement.closest('[data-testid="stElementContainer"]')?.parentElement;
  if (!block) return;
  let told = data.width, timer = 0;
  const tell = () => {
    const width = Math.floor(block.clientWidth / 16) * 16;
    if (width <= 0 || (told && width >= told && width < told + 32)) return;
    told = width;
    setStateValue("width", width);
  };
  const observer = new ResizeObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(tell, told ? 150 : 0);
  });
  observer.observe(block);
  return () => { clearTimeout(timer); observer.disconnect(); };
}
"""

_probe = st.components.v2.component("paper_width", html=_HTML, css=_CSS, js=_JS, isolate_styles=False)


def watch_paper_width() -> None:
    """Ask the browser how wide the block is in which this is called; an answer makes the page run again.

    Called by the router on every page, so that the width is known when an ECG is opened.
    """
    known = st.session_state.get(_REMEMBERED)
    answer = _probe(
        key="paper_width", data={"width": known}, default={"width": known}, on_width_change=lambda: None
    )
    if answer.get("width"):
        st.session_state[_REMEMBERED] = int(answer["width"])


def paper_width() -> int:
    """Width in pixels, in steps of 16; an assumed one until the browser has answered."""
    return int(st.session_state.get(_REMEMBERED, _ASSUMED))

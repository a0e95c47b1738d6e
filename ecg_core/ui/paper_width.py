"""How wide the page is, in pixels: the browser knows, and tells."""

from __future__ import annotations

import streamlit as st

_REMEMBERED = "paper_width_px"

# The probe itself is hidden and watches the block that it stands in. Widths are told in steps of 16 px, and growth of
# less than 32 px is passed over: a scroll bar that comes and goes with the height of the paper would else start
# a circle of reruns.
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


def paper_width(*, key: str = "paper_width", default: int = 1040) -> int:
    """Width in pixels of the block in which this is called, in steps of 16.

    Call it on every page (the router is the place): the first run of a session can only assume
    ``default``, and the browser's answer makes it run again. From then on the width is remembered.

    Parameters
    ----------
    key : str
        Of the component.
    default : int
        Until the browser has answered.

    Returns
    -------
    int
    """
    known = st.session_state.get(_REMEMBERED)
    answer = _probe(
        key=key, data={"width": known}, default={"width": known}, on_width_change=lambda: None
    ).get("width")
    if answer:
        st.session_state[_REMEMBERED] = int(answer)
    return int(answer or known or default)

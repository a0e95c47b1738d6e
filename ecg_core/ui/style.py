"""The few rules of style that Streamlit has no setting for."""

from __future__ import annotations

import streamlit as st

_STYLE = """<style>
.stMainBlockContainer { padding: 4.25rem 1.5rem 4rem; overflow-wrap: anywhere; }
.stCode > div:last-child, .stCode > div:last-child > div {
  opacity: 1 !important; visibility: visible !important; }
.stMainBlockContainer :is(h1, h2) { padding-top: 0 !important; }
.stMainBlockContainer h2 { font-size: 1.9rem !important; }
:is([class*="st-key-row-"], [class*="st-key-preview-"]) .stPageLink a { padding-left: 0; }
[data-testid="stCaptionContainer"], [data-testid="stCaptionContainer"] * { color: inherit; }
[data-testid="stCaptionContainer"] { opacity: .8; }
@media (max-width: 640px) {
  .stMainBlockContainer { padding: 4.25rem .75rem 3rem; }
  .stMainBlockContainer h1 { font-size: 2rem !important; }
  .stMainBlockContainer h2 { font-size: 1.5rem !important; }
  [data-testid="stPopoverBody"] { inset: auto 0 0 0 !important; transform: none !important;
    max-width: none !important; max-height: 85dvh !important; border-radius: 1rem 1rem 0 0;
    box-shadow: 0 0 0 100vmax rgb(0 0 0 / .35); padding: 1rem; overscroll-behavior: contain; }
  :is(.st-key-toolbar, [class*="st-key-paging-"]) { gap: .25rem .375rem !important; }
  [class*="st-key-paging-"] button { padding: .25rem .5rem; }
  [class*="st-key-paging-"] :is(.st-key-window, .st-key-jump) { max-width: 7.25rem; min-width: 0; }
}
</style>"""


def page_style() -> None:
    """Less air around the page: the paper needs the width."""
    st.html(_STYLE)

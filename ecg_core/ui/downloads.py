"""Links to reports: addresses of the API that ask for the login, never Streamlit's open media files."""

from __future__ import annotations

from html import escape

import streamlit as st

from ecg_core.services.reports import Report

_STYLE = """<style>
.download { display: inline-block; padding: .35rem .8rem; border-radius: .5rem;
  text-decoration: none !important; color: inherit !important;
  border: 1px solid color-mix(in srgb, currentColor 30%, transparent);
  margin: 0 .5rem .5rem 0; font-size: .95rem; }
.download:hover, .download:focus-visible { border-color: #3d8bd9; color: #3d8bd9 !important; }
</style>"""


def download_links(links: list[tuple[str, str]]) -> None:
    """A row of links, each a label and an address on this server."""
    anchors = (
        f'<a class="download" download href="{escape(address, quote=True)}">⬇ {escape(label)}</a>'
        for label, address in links
    )
    st.html(_STYLE + "".join(anchors))


def column_list(report: Report) -> None:
    """What each column of a report means; a list reads on a phone too."""
    lines = (f"- `{c.name}`{f' ({c.unit})' if c.unit else ''}: {c.meaning}" for c in report.columns)
    st.markdown("\n".join(lines))

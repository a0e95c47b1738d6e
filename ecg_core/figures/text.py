"""User text made harmless: Plotly reads a little HTML in every text that it draws."""

from __future__ import annotations

import html

_LONGEST = 24


def plain(text: str) -> str:
    """Text that Plotly shows as it is, cut to what fits into a lane."""
    printable = "".join(char if char.isprintable() else " " for char in text).strip()
    cut = printable if len(printable) <= _LONGEST else printable[: _LONGEST - 1] + "…"
    return escape(cut)


def escape(text: str) -> str:
    """The same without cutting."""
    return html.escape(text, quote=False)

"""Text out of a file made fit to be shown: one line, printable, of bounded length."""

from __future__ import annotations

from collections.abc import Iterable

_LONGEST = 1000


def plain(value: object) -> str:
    """``value`` as one printable line of at most 1000 characters; empty for None."""
    text = "" if value is None else str(value)
    words = " ".join(text[: 4 * _LONGEST].split())
    return "".join(character for character in words if character.isprintable()).strip()[:_LONGEST]


def plain_items(items: Iterable[tuple[str, object]]) -> dict[str, str]:
    """The items whose value is not empty (nor dashes only), as plain text; the first of a key wins."""
    found: dict[str, str] = {}
    for key, value in items:
        name, text = plain(key), plain(value)
        if name and text.strip("- "):
            found.setdefault(name, text)
    return found


def sentence(text: object) -> str:
    """Plain text that begins with a capital and ends with a full stop."""
    words = plain(text).rstrip(".;: ")
    return f"{words[:1].upper()}{words[1:]}." if words else ""

"""Quoting a little of a file in a message, whatever is in it."""

from __future__ import annotations

_LONGEST = 40


def excerpt(content: object) -> str:
    """At most 40 characters of ``content`` in quotes (numbers without), control characters visible."""
    if isinstance(content, bytes | bytearray | memoryview):
        content = bytes(content[: 4 * _LONGEST]).decode("utf-8", "backslashreplace")
    if not isinstance(content, str):
        return _shortened(str(content))
    return f"'{_shortened(content)}'"


def _shortened(text: str) -> str:
    shown = "".join(_visible(character) for character in text[: _LONGEST + 1])
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"


def _visible(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")

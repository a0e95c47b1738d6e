"""Which names leads may have."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from ecg_core.errors import UnreadableFileError
from ecg_core.readers.excerpt import excerpt

LONGEST_NAME = 64
MOST_LEADS = 1000


def name_problem(name: str) -> str | None:
    """Why ``name``, already stripped, cannot be a lead's name; None if it can."""
    if not name:
        return "is empty"
    if len(name) > LONGEST_NAME:
        return f"is longer than {LONGEST_NAME} characters: {excerpt(name)}"
    if any(not c.isprintable() and unicodedata.category(c) != "Zs" for c in name):
        return f"contains a control character: {excerpt(name)}"
    return None


def check_distinct(names: Iterable[str], places: Iterable[str]) -> None:
    """Refuse a name that occurs twice, naming both places.

    Raises
    ------
    UnreadableFileError
    """
    seen: dict[str, str] = {}
    for name, place in zip(names, places, strict=True):
        key = unicodedata.normalize("NFC", name)
        if key in seen:
            raise UnreadableFileError(f"{seen[key]} and {place} have the same name {excerpt(name)}")
        seen[key] = place

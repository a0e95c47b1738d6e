"""A written file, and names for it that are safe on every disk."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_ENDING = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,4}$")
_LONGEST = 60


@dataclass(frozen=True)
class ExportedFile:
    """What is sent to a person: a suggested name, without a folder, and the content."""

    file_name: str
    data: bytes


def file_stem(name: str) -> str:
    """``name`` without folder and ending, of ASCII letters, digits, ``_`` and ``-`` only; never empty."""
    base = _ENDING.sub("", name.replace("\\", "/").rpartition("/")[2])
    return re.sub(r"[^A-Za-z0-9]*[^A-Za-z0-9_-]+", "_", plain_ascii(base)).strip("_-")[:_LONGEST] or "ecg"


def plain_ascii(text: str) -> str:
    """The text in ASCII: letters lose their accents, what has no such letter becomes ``?``."""
    spelled = unicodedata.normalize("NFKD", text.replace("µ", "u").replace("μ", "u").replace("ß", "ss"))
    bare = "".join(character for character in spelled if not unicodedata.combining(character))
    return "".join(c if " " <= c <= "~" else "?" for c in bare)

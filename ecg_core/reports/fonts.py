"""The typeface of prints: which letters it has, how wide they are, and what stands for those it lacks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

_MM_PER_POINT = 25.4 / 72.0
#: What stands for signs of our own where only the plainer typeface is at hand.
_PLAINER = {"↕": "crossings", "▲": "(up)", "▽": "(down)", "Δ": "difference", "\u202f": " "}


@cache
def font_names() -> tuple[str, str]:
    """Names of the regular and the bold typeface, ready for a canvas."""
    regular, bold = _font_files()
    pdfmetrics.registerFont(TTFont("EcgSans", str(regular)))
    pdfmetrics.registerFont(TTFont("EcgSansBold", str(bold)))
    return "EcgSans", "EcgSansBold"


def _font_files() -> tuple[Path, Path]:
    """DejaVu Sans, which comes with matplotlib; else reportlab's Vera, which has fewer letters."""
    for package, folder, names in (
        ("matplotlib", "mpl-data/fonts/ttf", ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")),
        ("reportlab", "fonts", ("Vera.ttf", "VeraBd.ttf")),
    ):
        spec = find_spec(package)
        for place in (spec.submodule_search_locations or []) if spec else []:
            files = [Path(place) / folder / name for name in names]
            if all(file.is_file() for file in files):
                return files[0], files[1]
    raise FileNotFoundError("neither matplotlib's nor reportlab's typefaces are installed")


@cache
def _letters() -> frozenset[int]:
    return frozenset.intersection(
        *(frozenset(pdfmetrics.getFont(name).face.charToGlyph) for name in font_names())
    )


def text_width(text: str, size: float, *, is_bold: bool = False) -> float:
    """Width in mm of text of ``size`` mm."""
    return float(pdfmetrics.stringWidth(shown_text(text), font_names()[is_bold], size))


def shown_text(text: str) -> str:
    """The text in letters that the typeface has, in the order in which they are set from left to right.

    A letter that it lacks stands as its Unicode number, ``[U+6F22]``: never as an empty box.
    """
    whole = "".join(char if char.isprintable() or char == "\u202f" else " " for char in text)
    return "".join(_shown(char) for char in _left_to_right(whole))


def _shown(char: str) -> str:
    if ord(char) in _letters():
        return char
    return _PLAINER.get(char, f"[U+{ord(char):04X}]")


def _is_right_to_left(char: str) -> bool:
    return unicodedata.bidirectional(char) in ("R", "AL")


def _left_to_right(text: str) -> str:
    """Runs of letters that are read from the right, turned; a canvas sets all from the left."""
    if not any(map(_is_right_to_left, text)):
        return text
    done, run, spaces = "", "", ""
    for char in text:
        if _is_right_to_left(char) or (run and unicodedata.combining(char)):
            run, spaces = run + spaces + char, ""
        elif run and char == " ":
            spaces += char
        else:
            done, run, spaces = done + run[::-1] + spaces + char, "", ""
    return done + run[::-1] + spaces


def font_remarks(texts: Iterable[str]) -> list[str]:
    """What a reader must know of letters that are not shown as they were written."""
    letters = set("".join(texts))
    remarks = []
    if any(ord(char) not in _letters() for char in letters if char.isprintable() and char not in _PLAINER):
        remarks.append("Letters that the typeface of this print lacks stand as their Unicode numbers, [U+…].")
    if any(unicodedata.bidirectional(char) == "AL" for char in letters):
        remarks.append("Arabic letters stand unjoined.")
    return remarks


def wrapped(text: str, width: float, size: float, *, most: int) -> list[str]:
    """The text in lines no wider than ``width`` mm; what does not fit into ``most`` of them ends in ``…``."""
    lines: list[str] = []
    line = ""
    for word in _unbroken(text, width, size):
        longer = f"{line} {word}" if line else word
        if not line or text_width(longer, size) <= width:
            line = longer
        else:
            lines.append(line)
            line = word
    lines.append(line)
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1]} …"]
    return [cut(line, width, size) for line in lines]


def _unbroken(text: str, width: float, size: float) -> list[str]:
    """What stands between two dots stays together where it can, else its words do."""
    parts = re.split(r"(?<= ·) ", text)
    return [
        word
        for part in parts
        for word in ([part] if text_width(part, size) <= width / 2 else part.split(" "))
    ]


def cut(text: str, width: float, size: float, *, is_bold: bool = False) -> str:
    """The text, cut to a width in mm with ``…`` at its end."""
    if text_width(text, size, is_bold=is_bold) <= width:
        return text
    short, long = 0, len(text)
    while short < long:
        middle = (short + long + 1) // 2
        fits = text_width(text[:middle] + "…", size, is_bold=is_bold) <= width
        short, long = (middle, long) if fits else (short, middle - 1)
    return text[:short].rstrip() + "…"

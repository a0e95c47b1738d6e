"""The colours and dashes that tell leads apart on one axis."""

from __future__ import annotations

from dataclasses import dataclass

from ecg_core.figures.palette import BLACK_AND_WHITE, DARK, Palette

# Each at least 3 : 1 against its paper; the stroke changes too, so that colour is not the only carrier.
_ON_LIGHT = (
    "#111111", "#0072b2", "#b8460e", "#00785a", "#8e3a9d", "#7a5c00",
    "#c2185b", "#2f4bd6", "#4d7c0f", "#a1282a", "#00707f", "#5f5552",
)  # fmt: skip
_ON_DARK = (
    "#e8f2e4", "#56b4e9", "#f0a33f", "#3fcf9f", "#d58be6", "#e5d04a",
    "#ff8fb8", "#93a7ff", "#a5d65b", "#ff8a80", "#4dd0e1", "#b9c3cc",
)  # fmt: skip
_GREYS = ("#000000", "#000000", "#6b6b6b")
_DASHES = ("solid", "6px,3px", "2px,2px", "8px,3px,2px,3px")


@dataclass(frozen=True)
class Stroke:
    """Colour and dash of a line, as Plotly takes them."""

    color: str
    dash: str


def lead_stroke(number: int, palette: Palette) -> Stroke:
    """How the lead of this number is drawn where leads share an axis: three leads have the same dash."""
    if palette is BLACK_AND_WHITE:
        return Stroke(_GREYS[number % 3], _DASHES[number // 3 % 4])
    colours = _ON_DARK if palette is DARK else _ON_LIGHT
    return Stroke(colours[number % 12], _DASHES[number // 3 % 4])

"""The colours of light and of dark ECG paper."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Palette:
    """What is drawn in which colour; ``neutral_*`` is paper that claims no millimetres.

    ``faint_grid`` is the minor grid where its lines are close.
    """

    paper: str
    minor_grid: str
    faint_grid: str
    major_grid: str
    neutral_paper: str
    neutral_grid: str
    trace: str
    label: str
    note: str
    zero_line: str
    rising: str
    falling: str


LIGHT = Palette(
    paper="#fff7f5",
    minor_grid="#fae2df",
    faint_grid="#fdece9",
    major_grid="#eda9a4",
    neutral_paper="#fafafa",
    neutral_grid="#dcdfe4",
    trace="#111111",
    label="#111111",
    note="#5f5552",
    zero_line="#4a3a38",
    rising="#0072b2",
    falling="#b8460e",
)

DARK = Palette(
    paper="#15181d",
    minor_grid="#22272e",
    faint_grid="#1d2228",
    major_grid="#39424d",
    neutral_paper="#15181d",
    neutral_grid="#2c333c",
    trace="#e8f2e4",
    label="#ffffff",
    note="#a9b3bd",
    zero_line="#93a0ad",
    rising="#56b4e9",
    falling="#f0a33f",
)

#: As a printer or a photocopier has it: rising and falling are told apart by their shape alone.
BLACK_AND_WHITE = Palette(
    paper="#ffffff",
    minor_grid="#ececec",
    faint_grid="#f4f4f4",
    major_grid="#c4c4c4",
    neutral_paper="#ffffff",
    neutral_grid="#d8d8d8",
    trace="#000000",
    label="#000000",
    note="#4a4a4a",
    zero_line="#4a4a4a",
    rising="#000000",
    falling="#000000",
)


def palette_of(paper: str, *, dark: bool) -> Palette:
    """The palette of a paper of `view.PAPERS`; ``auto`` follows the page, which is dark or not."""
    if paper == "bw":
        return BLACK_AND_WHITE
    return DARK if paper == "dark" or (paper == "auto" and dark) else LIGHT


def translucent(colour: str, opacity: float) -> str:
    """A colour of the form ``#rrggbb`` that shows what is under it."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"

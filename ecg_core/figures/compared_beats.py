"""The median beats of two ECGs of one patient over one another, aligned at R."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ecg_core.figures.beat_cells import Cell, Curve, cell_parts
from ecg_core.figures.median_beats import count_text
from ecg_core.figures.palette import palette_of
from ecg_core.figures.view import View
from ecg_core.signal.median_beats import LeadMedianBeat

#: How the two are told apart, in words; the caption and the page say the same.
OLDER, NEWER = "dashed", "solid"


def compared_beat_parts(
    pairs: Sequence[tuple[LeadMedianBeat, LeadMedianBeat]],
    *,
    names: tuple[str, str],
    view: View,
    width_px: int,
    dark: bool = False,
) -> dict[str, Any]:
    """Both beats of each lead in one cell: the first dashed and in colour, the second solid.

    Parameters
    ----------
    pairs : sequence of (LeadMedianBeat, LeadMedianBeat)
        Of one lead in the first and in the second ECG; a cell is named as the second.
    names : tuple of str
        What the first and the second ECG are called, e.g. by their dates.
    view, width_px, dark
        As in `median_beat_parts`.

    Returns
    -------
    dict
        ``data`` and ``layout``, for `ReadyFigure`.
    """
    palette = palette_of(view.paper, dark=dark)
    drawn = ((palette.rising, "6px,3px", 1.6, names[0]), (palette.trace, "solid", 1.2, names[1]))
    cells = [
        Cell(
            pair[1].name,
            tuple(
                Curve(lead.beat, lead.unit, color, dash, width, of)
                for lead, (color, dash, width, of) in zip(pair, drawn, strict=True)
                if lead.beat is not None
            ),
            _lacking(pair, names),
        )
        for pair in pairs
    ]
    caption = f"{names[0]}: {OLDER} · {names[1]}: {NEWER}"
    return cell_parts(cells, view=view, width_px=width_px, palette=palette, caption=caption)


def compared_beat_text(
    pairs: Sequence[tuple[LeadMedianBeat, LeadMedianBeat]], *, names: tuple[str, str]
) -> str:
    """What the figure says to somebody who does not see it."""
    said = "; ".join(f"{two.name}: {_said(one)} and {_said(two)}" for one, two in pairs)
    return f"Median beats of {names[0]} ({OLDER}) and {names[1]} ({NEWER}). {said}."


def _said(lead: LeadMedianBeat) -> str:
    return f"median of {count_text(lead.beat)}" if lead.beat else f"none, {lead.reason}"


def _lacking(pair: tuple[LeadMedianBeat, LeadMedianBeat], names: tuple[str, str]) -> str:
    without = [name for lead, name in zip(pair, names, strict=True) if lead.beat is None]
    return f"none of {' or '.join(without)}" if without else ""

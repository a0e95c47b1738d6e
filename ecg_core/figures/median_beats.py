"""The median beat of each lead on calibrated paper."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ecg_core.figures.beat_cells import Cell, Curve, cell_parts
from ecg_core.figures.palette import palette_of
from ecg_core.figures.view import View
from ecg_core.signal.median_beat import MedianBeat
from ecg_core.signal.median_beats import MedianBeats


def median_beat_parts(
    beats: MedianBeats, *, view: View, width_px: int, dark: bool = False, px_per_mm: float | None = None
) -> dict[str, Any]:
    """Each lead's median beat in a cell of its own, at the speed and the gains of the view.

    Parameters
    ----------
    beats : MedianBeats
    view : View
    width_px : int
        The room on screen.
    dark : bool
        Of the page; the view's own paper goes before it.
    px_per_mm : float, optional
        Of the sheet over it, so that both are of one size. By default what fits.

    Returns
    -------
    dict
        ``data`` and ``layout``, for `ReadyFigure`. What holds for most of the leads is said once, below.
    """
    palette = palette_of(view.paper, dark=dark)
    usual = _usual_count(beats)
    cells = []
    for lead in beats.leads:
        curves = (Curve(lead.beat, lead.unit, palette.trace),) if lead.beat else ()
        said = count_text(lead.beat) if lead.beat else "no median beat"
        cells.append(Cell(lead.name, curves, "" if said == usual else said))
    caption = f"median of {usual}" if usual else ""
    return cell_parts(
        cells, view=view, width_px=width_px, palette=palette, caption=caption, px_per_mm=px_per_mm
    )


def count_text(beat: MedianBeat) -> str:
    """``12 beats (1 left out)``."""
    left_out = f" ({beat.number_left_out} left out)" if beat.number_left_out else ""
    return f"{beat.number_of_beats} beats{left_out}"


def median_beat_text(beats: MedianBeats) -> str:
    """What the figure says to somebody who does not see it."""
    return "; ".join(
        f"{lead.name}: median of {count_text(lead.beat)}"
        if lead.beat
        else f"{lead.name}: none, {lead.reason}"
        for lead in beats.leads
    )


def _usual_count(beats: MedianBeats) -> str:
    said = Counter(count_text(lead.beat) for lead in beats.leads if lead.beat)
    return said.most_common(1)[0][0] if said else ""

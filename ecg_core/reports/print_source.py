"""Where a print takes its ECG from, and what a page of it is made of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from ecg_core.domain import Annotation
from ecg_core.figures.envelope_strips import EnvelopeStrip
from ecg_core.figures.strips import Strip
from ecg_core.reports.drawing import Drawing, Shape
from ecg_core.reports.print_frame import Printout, foot, head
from ecg_core.signal.median_beats import MedianBeats
from ecg_core.signal.view_count import ViewCount

Names = Collection[str]


@dataclass(frozen=True)
class Source:
    """What can be read of the ECG that is printed.

    Stretches are in seconds, or in samples for leads without a sampling rate.

    Attributes
    ----------
    read : callable
        ``read(start, length, names)``: the samples of some leads, as the view's filter shows them.
    annotations : callable
        ``annotations(start_s, stop_s)``: what the file marks there.
    count : callable
        ``count(start, length, names)``: the crossings there, counted as the view wants it.
    beats : callable
        ``beats(start_s, length_s, names)``: the median beats there.
    envelopes : callable
        ``envelopes(start, length, names, columns)``: the stored signal's extremes in columns of time.
    """

    read: Callable[[float, float, Names], list[Strip]]
    annotations: Callable[[float, float], Sequence[Annotation]]
    count: Callable[[float, float, Names], Sequence[ViewCount]]
    beats: Callable[[float, float, Names], MedianBeats]
    envelopes: Callable[[float, float, Names, int], list[EnvelopeStrip]]


@dataclass(frozen=True, eq=False)
class Body:
    """What one page shows between its head and its foot.

    Attributes
    ----------
    shown : str
        Which part of the recording.
    drawn : sequence of str
        How it is drawn; what begins with ``!`` is a warning.
    notes : sequence of str
        Said in the foot: what was counted, what is marked, what is left out.
    shapes : callable
        ``shapes(top)``: the page's own shapes from this height down, in mm.
    """

    shown: str
    drawn: Sequence[str]
    notes: Sequence[str]
    shapes: Callable[[float], Sequence[Shape]]


def room_mm(printout: Printout, drawn: Sequence[str], notes: Sequence[str]) -> float:
    """The height that such a head and such a foot leave."""
    _, top = head(printout, "0", drawn, "")
    _, bottom = foot(printout, notes)
    return bottom - top


def page_of(printout: Printout, body: Body, number: str) -> Drawing:
    """The page with its head and its foot; ``number`` is ``page 1 of 2``."""
    above, top = head(printout, body.shown, body.drawn, number)
    below, _ = foot(printout, body.notes)
    shapes = (*above, *body.shapes(top + 1.0), *below)
    return Drawing(printout.paper.width, printout.paper.height, shapes)

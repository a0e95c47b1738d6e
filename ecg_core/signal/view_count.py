"""How often a lead crosses zero in a window: officially, and as a reader wants it counted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ViewCount:
    """The zero crossings of one lead in a window.

    Attributes
    ----------
    lead : str
    in_view : int
        Official: of the stored signal as it is.
    with_dead_band : int or None
        The view's own count. None: not wanted, or it cannot be made (no millivolts, no sampling rate).
    definition : str
        What exactly ``with_dead_band`` counts, or why there is no such count; empty where none is wanted.
    """

    lead: str
    in_view: int
    with_dead_band: int | None
    definition: str

"""What is counted, in the words that stand on the screen and on paper."""

from __future__ import annotations

ZERO_CROSSING = (
    "A zero crossing is a change of sign of the stored signal, never of a filtered copy. A run of zero "
    "samples between opposite signs is one crossing; one that returns to the same side is a touch and is "
    "counted apart. Missing samples break the sequence."
)

"""The view's own count of zero crossings in words, the same on screen and on paper."""

from __future__ import annotations

from collections.abc import Iterable

from ecg_core.signal.view_count import ViewCount


def second_count_texts(counts: Iterable[ViewCount]) -> list[str]:
    """A line for each definition: each lead's own count beside the official one, or why there is none."""
    wanted = [count for count in counts if count.definition]
    return [
        f"Second count, on this page, {definition}: "
        + " · ".join(_count(count) for count in wanted if count.definition == definition)
        for definition in dict.fromkeys(count.definition for count in wanted)
    ]


def _count(count: ViewCount) -> str:
    if count.with_dead_band is None:
        return count.lead
    return f"{count.lead} {count.with_dead_band:,} (official {count.in_view:,})"

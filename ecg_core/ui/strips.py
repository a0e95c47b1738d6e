"""The strips of a page: what the reader sees of each lead, in the order of the page."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from ecg_core.domain import LeadSummary, User
from ecg_core.figures import Page, Strip
from ecg_core.services import display
from ecg_core.ui.session import room


def read_strips(
    ecg_id: str, start: float, user: User, leads: Sequence[LeadSummary], page: Page
) -> list[Strip]:
    """The window of each lead that the page shows from ``start`` on, through the filter of its view."""
    order = {lead.name: number for number, lead in enumerate(leads)}
    windows = display.read_display(
        room(), user, UUID(ecg_id), start=start, length=page.span, names=order, view=page.view
    )
    return [
        Strip(window.lead, window.crossings, window.summary.number_of_zero_crossings, window.first_sample)
        for window in sorted(windows, key=lambda window: order[window.summary.name])
    ]

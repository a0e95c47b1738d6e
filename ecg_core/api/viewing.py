"""What a reader of an ECG does with it: step through its zero crossings."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from ecg_core.api.answers import errors
from ecg_core.api.dependencies import CurrentUser, Room
from ecg_core.api.ecgs import EcgId
from ecg_core.api.schemas import CrossingAnswer
from ecg_core.services import display, recordings

router = APIRouter(tags=["ecgs"])
_LARGEST = 2**62


@router.get("/ecgs/{id}/crossings/next", responses=errors(401, 404, 413, 422, 503))
def get_next_crossing(
    room: Room,
    user: CurrentUser,
    ecg_id: EcgId,
    lead: Annotated[str | None, Query(description="Its name; the ECG's first lead if absent")] = None,
    after: Annotated[
        int | None,
        Query(ge=0, le=_LARGEST, description="A sample's number; the lead's beginning (or end) if absent"),
    ] = None,
    backwards: Annotated[bool, Query(description="The last crossing before that sample")] = False,
) -> CrossingAnswer:
    """The first zero crossing of a lead after a sample, or the last before it."""
    leads = recordings.get_ecg(room, user, ecg_id).leads
    name = leads[0].name if lead is None else lead
    start = after if after is not None else _LARGEST if backwards else 0
    sample = display.next_crossing(room, user, ecg_id, name, after=start, backwards=backwards)
    rate = next(each.sampling_rate_hz for each in leads if each.name == name)
    return CrossingAnswer(sample=sample, time_s=sample / rate if sample is not None and rate else None)

"""What is measured on the beats of an ECG."""

from __future__ import annotations

import math
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from ecg_core.api.answers import errors
from ecg_core.api.dependencies import CurrentUser, Room
from ecg_core.api.ecgs import EcgId
from ecg_core.services import median_beats
from ecg_core.services.median_beats import LeadMedianBeat, MedianBeats

router = APIRouter(tags=["ecgs"])


class LeadMedianBeatAnswer(BaseModel):
    name: str
    unit: str | None = Field(description="Of the values; null is counts")
    sampling_rate: float | None
    number_of_beats: int = Field(description="In the median")
    left_out: int = Field(description="Beats of another shape, or cut by an edge or a gap")
    r_index: int | None = Field(description="The value at which the beats are aligned")
    values: list[float | None] | None = Field(description="Null where there is no median beat")
    reason: str = Field(description="Why there is none; else empty")

    @classmethod
    def of(cls, lead: LeadMedianBeat) -> LeadMedianBeatAnswer:
        beat = lead.beat
        return cls(
            name=lead.name,
            unit=lead.unit,
            sampling_rate=beat.fs if beat else None,
            number_of_beats=beat.number_of_beats if beat else 0,
            left_out=beat.number_left_out if beat else 0,
            r_index=beat.r_index if beat else None,
            values=[float(v) if math.isfinite(v) else None for v in beat.values] if beat else None,
            reason=lead.reason,
        )


class MedianBeatsAnswer(BaseModel):
    start_s: float
    length_s: float = Field(description="What was looked at: 10 to 60 s, or all of a shorter ECG")
    lead_of_beats: str = Field(description="On which the beats were found; empty if there are none")
    number_of_beats: int = Field(description="Of every shape")
    heart_rate_bpm: float | None = Field(description="From the median RR interval")
    leads: list[LeadMedianBeatAnswer]

    @classmethod
    def of(cls, beats: MedianBeats) -> MedianBeatsAnswer:
        return cls(
            start_s=beats.start_s,
            length_s=beats.length_s,
            lead_of_beats=beats.lead_of_beats,
            number_of_beats=beats.number_of_beats,
            heart_rate_bpm=beats.heart_rate_bpm,
            leads=[LeadMedianBeatAnswer.of(lead) for lead in beats.leads],
        )


@router.get("/ecgs/{id}/median-beats", responses=errors(401, 404, 413, 422, 503))
def get_median_beats(
    room: Room,
    user: CurrentUser,
    ecg_id: EcgId,
    start: Annotated[float, Query(ge=0, le=1e12, description="In s")] = 0.0,
    length: Annotated[float, Query(gt=0, le=1e12, description="In s")] = median_beats.SHORTEST_S,
) -> MedianBeatsAnswer:
    """The median beat of each ECG lead over some seconds, of the stored signal."""
    return MedianBeatsAnswer.of(
        median_beats.read_median_beats(room, user, ecg_id, start=start, length=length)
    )

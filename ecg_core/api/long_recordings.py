"""Long recordings for programs: what the file marks, envelopes of any window, the whole at a glance."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from ecg_core.api.answers import errors
from ecg_core.api.dependencies import CurrentUser, Room
from ecg_core.api.ecgs import EcgId
from ecg_core.domain import Annotation, LeadSummary
from ecg_core.errors import InvalidInputError, LeadNotFoundError
from ecg_core.figures.envelope_strips import EnvelopeStrip
from ecg_core.services import envelopes, overview, recordings
from ecg_core.services.annotations import page_of_annotations
from ecg_core.services.overview import Overview

router = APIRouter(tags=["ecgs"])
_FARTHEST = 1e12  # seconds or samples

Place = Annotated[float, Query(ge=0, le=_FARTHEST)]
Columns = Annotated[int, Query(ge=1, le=4000, description="At least so many, and up to about twice as many")]
Values = list[float | None]


class AnnotationAnswer(BaseModel):
    start_s: float = Field(description="From the first sample")
    duration_s: float | None = Field(description="Null: a point in time")
    kind: str = Field(description="beat, rhythm or note")
    text: str = Field(description="In the file's own words or code, as N for a normal beat")
    lead: str = Field(description="Empty: about all leads")

    @classmethod
    def of(cls, found: Annotation) -> AnnotationAnswer:
        return cls.model_validate(vars(found))


class AnnotationsAnswer(BaseModel):
    total: int = Field(description="How many there are of the kind in the window")
    items: list[AnnotationAnswer] = Field(description="`limit` of them at most, in the order of time")


@router.get("/ecgs/{id}/annotations", responses=errors(401, 404, 413, 422, 503))
def list_annotations(
    room: Room,
    user: CurrentUser,
    ecg_id: EcgId,
    start: Annotated[Place, Query(description="In s, from the first sample")] = 0.0,
    stop: Annotated[Place | None, Query(description="In s, not included; the end if absent")] = None,
    kind: Annotated[Literal["beat", "rhythm", "note"] | None, Query(description="All if absent")] = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
    offset: Annotated[int, Query(ge=0, le=1_000_000_000)] = 0,
) -> AnnotationsAnswer:
    """Beats, rhythms and notes that the file brought: those that begin in a window or reach into it."""
    if stop is not None and stop <= start:
        raise InvalidInputError(f"'stop' is {stop:g} s: it must be after 'start', which is {start:g} s")
    found = page_of_annotations(
        room,
        user,
        ecg_id,
        start_s=start,
        stop_s=math.inf if stop is None else stop,
        kinds=() if kind is None else (kind,),
        limit=limit,
        offset=offset,
    )
    return AnnotationsAnswer(total=found.total, items=[AnnotationAnswer.of(each) for each in found.items])


class EnvelopeAnswer(BaseModel):
    """Of each column of a lead: the stored signal's extremes, its zero crossings, its missing samples."""

    name: str
    unit: str | None = Field(description="Of lowest and highest; null: unknown (counts)")
    sampling_rate: float | None = Field(description="In Hz; null: unknown")
    number_of_samples: int = Field(description="Of the whole lead")
    number_of_zero_crossings: int = Field(description="Of the whole lead")
    first_sample: int = Field(description="Of the first column; columns begin at multiples of their width")
    samples_per_column: int
    lowest: Values = Field(description="Null where all samples of the column are missing")
    highest: Values
    rising: list[int] = Field(description="Zero crossings upwards")
    falling: list[int] = Field(description="Zero crossings downwards")
    missing: list[int] = Field(description="Missing samples")

    @classmethod
    def of(cls, found: EnvelopeStrip, lead: LeadSummary) -> EnvelopeAnswer:
        return cls(
            name=lead.name,
            unit=found.unit,
            sampling_rate=found.rate,
            number_of_samples=lead.number_of_samples,
            number_of_zero_crossings=lead.number_of_zero_crossings,
            first_sample=found.first_sample,
            samples_per_column=found.samples_per_column,
            lowest=_values(found.lowest.tolist()),
            highest=_values(found.highest.tolist()),
            rising=found.rising.tolist(),
            falling=found.falling.tolist(),
            missing=found.missing.tolist(),
        )


class EnvelopesAnswer(BaseModel):
    leads: list[EnvelopeAnswer]


@router.get("/ecgs/{id}/envelopes", responses=errors(401, 404, 413, 422, 503))
def get_envelopes(
    room: Room,
    user: CurrentUser,
    ecg_id: EcgId,
    start: Annotated[Place, Query(description="In s; in samples of a lead whose rate is unknown")] = 0.0,
    length: Annotated[
        float | None, Query(gt=0, le=_FARTHEST, description="As `start`; up to the end if absent")
    ] = None,
    columns: Columns = 1200,
    lead: Annotated[list[str] | None, Query(description="Repeated for several; all if absent")] = None,
) -> EnvelopesAnswer:
    """Lowest and highest of the stored signal in each column of a window, with its zero crossings."""
    leads = {each.name: each for each in recordings.get_ecg(room, user, ecg_id).leads}
    if unknown := [name for name in lead or () if name not in leads]:
        raise LeadNotFoundError(f"ECG {ecg_id} has no lead {unknown[0]!r}; its leads are {', '.join(leads)}")
    found = envelopes.read_envelopes(
        room,
        user,
        ecg_id,
        start=start,
        length=length or _FARTHEST,
        names=lead or list(leads),
        columns=columns,
    )
    return EnvelopesAnswer(leads=[EnvelopeAnswer.of(each, leads[each.lead_name]) for each in found])


class Gap(BaseModel):
    start: float
    stop: float


class OverviewAnswer(BaseModel):
    """The whole of a recording in columns, from one lead: II, else the first ECG lead."""

    lead: str
    unit: str | None = Field(description="Of lowest and highest; null: unknown (counts)")
    samples_per_column: int
    column_s: float | None = Field(description="Null: the sampling rate is unknown")
    duration_s: float | None
    lowest: Values = Field(description="Null where all samples of the column are missing")
    highest: Values
    crossings: list[int] = Field(description="Zero crossings of the stored signal in each column")
    missing_share: float = Field(description="Of the lead's samples, from 0 to 1")
    gaps: list[Gap] = Field(description="Missing stretches, in s; in samples where the rate is unknown")
    rates_bpm: Values | None = Field(
        description="Median heart rate of each column, null where no beat is; null where none are known"
    )
    beats_source: str = Field(description="`file`: it marks them; `detected`: found by us; empty: none known")

    @classmethod
    def of(cls, seen: Overview) -> OverviewAnswer:
        return cls(
            lead=seen.lead.name,
            unit=seen.lead.unit,
            samples_per_column=seen.samples_per_column,
            column_s=seen.column_s,
            duration_s=seen.duration_s,
            lowest=_values(seen.lowest.tolist()),
            highest=_values(seen.highest.tolist()),
            crossings=seen.crossings.tolist(),
            missing_share=seen.missing_share,
            gaps=[Gap(start=start, stop=stop) for start, stop in seen.gaps],
            rates_bpm=None if seen.rates_bpm is None else _values(seen.rates_bpm.tolist()),
            beats_source=seen.beats_source,
        )


@router.get("/ecgs/{id}/overview", responses=errors(401, 404, 413, 422, 503))
def get_overview(room: Room, user: CurrentUser, ecg_id: EcgId, columns: Columns = 1200) -> OverviewAnswer:
    """The whole recording at a glance: envelope, zero crossings, gaps and heart rate of one lead."""
    return OverviewAnswer.of(overview.read_overview(room, user, ecg_id, columns=columns))


def _values(found: list[float]) -> Values:
    """NaN is no JSON: a value that is not there is null."""
    return [None if math.isnan(value) else value for value in found]

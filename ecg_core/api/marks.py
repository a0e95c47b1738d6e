"""Notes and calipers of the user whose token comes with the request."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Path
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from ecg_core.api.answers import errors
from ecg_core.api.dependencies import Address, CurrentUser, Room
from ecg_core.api.ecgs import EcgId
from ecg_core.errors import MarkNotFoundError
from ecg_core.services import marks
from ecg_core.services.marks import LONGEST_TEXT, MeasuredMark

router = APIRouter(tags=["marks"])


def _whole(value: object) -> object:
    """JSON knows one kind of number: 2.0 is the integer 2."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Sample = Annotated[int, Field(ge=0, description="Of the lead, counted from 0"), BeforeValidator(_whole)]
Text = Annotated[str, Field(max_length=LONGEST_TEXT)]


class NewNote(BaseModel):
    """A note at a sample of a lead, or from one sample to another."""

    model_config = ConfigDict(strict=True, extra="forbid")
    kind: Literal["note"]
    lead: str = Field(description="The lead whose samples are meant, also of a note about all leads")
    start_sample: Sample
    stop_sample: Sample | None = None
    text: Annotated[Text, Field(pattern=r"\S")]
    is_about_all_leads: bool = False


class NewCaliper(BaseModel):
    """A caliper between two samples of a lead, in any order."""

    model_config = ConfigDict(strict=True, extra="forbid")
    kind: Literal["caliper"]
    lead: str
    start_sample: Sample
    stop_sample: Sample
    text: Text = Field(default="", description='Its name; "Caliper 1", "Caliper 2" … where there is none')


class ChangedMark(BaseModel):
    """What is to be different; what is absent or null stays."""

    model_config = ConfigDict(strict=True, extra="forbid")
    text: Text | None = None
    start_sample: Sample | None = None
    stop_sample: Sample | None = None
    marches: bool | None = Field(default=None, description="Of a caliper: its interval is repeated")


class MarkAnswer(BaseModel):
    """A note or caliper and what it measures on the stored signal; what is unknown is null."""

    id: UUID
    kind: Literal["note", "caliper"]
    author: str
    created_at: AwareDatetime
    changed_at: AwareDatetime
    lead: str
    is_about_all_leads: bool
    start_sample: int
    stop_sample: int
    text: str = Field(description="What the note says, or the caliper's name")
    marches: bool
    start_s: float | None = Field(description="From the first sample; null: unknown sampling rate")
    stop_s: float | None
    interval_ms: float | None = Field(description="Null: a point, or unknown sampling rate")
    rate_bpm: float | None = Field(description="Of a caliper: 60,000 / interval_ms")
    start_mv: float | None = Field(description="Null: no voltage, unit unknown, or the sample is missing")
    stop_mv: float | None
    difference_mv: float | None = Field(description="Of a caliper: the signal at its stop less that at start")
    difference: float | None = Field(description="The same in `unit`")
    unit: str | None = Field(description="The lead's; null: unknown (counts)")

    @classmethod
    def of(cls, measured: MeasuredMark) -> MarkAnswer:
        return cls.model_validate(vars(measured) | vars(measured.mark))


async def _parse_mark_id(
    mark_id: Annotated[str, Path(description="As given when the mark was made")],
) -> UUID:
    """Text that is no id at all is a mark that is not there, like any other."""
    try:
        return UUID(mark_id)
    except ValueError:
        raise MarkNotFoundError(mark_id[:64]) from None


MarkId = Annotated[UUID, Depends(_parse_mark_id)]


@router.get("/ecgs/{id}/marks", responses=errors(401, 404, 413, 422, 503))
def list_marks(room: Room, user: CurrentUser, ecg_id: EcgId) -> list[MarkAnswer]:
    """Your notes and calipers on an ECG, in the order of time."""
    return [MarkAnswer.of(found) for found in marks.list_marks(room, user, ecg_id)]


@router.post("/ecgs/{id}/marks", status_code=201, responses=errors(401, 404, 409, 413, 422, 503, 507))
def add_mark(
    room: Room,
    user: CurrentUser,
    address: Address,
    ecg_id: EcgId,
    body: Annotated[NewNote | NewCaliper, Body(discriminator="kind")],
) -> MarkAnswer:
    """Keep a note or a caliper with an ECG. The answer comes after the commit."""
    if isinstance(body, NewCaliper):
        return MarkAnswer.of(
            marks.add_caliper(
                room, user, ecg_id, lead=body.lead, start_sample=body.start_sample,
                stop_sample=body.stop_sample, name=body.text, address=address,
            )
        )  # fmt: skip
    return MarkAnswer.of(
        marks.add_note(
            room, user, ecg_id, lead=body.lead, start_sample=body.start_sample, stop_sample=body.stop_sample,
            text=body.text, is_about_all_leads=body.is_about_all_leads, address=address,
        )
    )  # fmt: skip


@router.patch("/ecgs/{id}/marks/{mark_id}", responses=errors(401, 404, 413, 422, 503, 507))
def change_mark(
    room: Room, user: CurrentUser, address: Address, ecg_id: EcgId, mark_id: MarkId, body: ChangedMark
) -> MarkAnswer:
    """Change what a note says or a caliper is called, where it is, or whether it marches."""
    changed = marks.change_mark(room, user, ecg_id, mark_id, **body.model_dump(), address=address)
    return MarkAnswer.of(changed)


@router.delete("/ecgs/{id}/marks/{mark_id}", status_code=204, responses=errors(401, 404, 413, 422, 503, 507))
def delete_mark(room: Room, user: CurrentUser, address: Address, ecg_id: EcgId, mark_id: MarkId) -> None:
    """Delete a note or a caliper."""
    marks.delete_mark(room, user, ecg_id, mark_id, address=address)

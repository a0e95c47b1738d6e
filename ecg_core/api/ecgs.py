"""ECGs of the user whose token comes with the request."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Literal
from urllib.parse import quote
from uuid import UUID

import anyio.to_thread
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.datastructures import UploadFile

from ecg_core.api.answers import errors
from ecg_core.api.dependencies import Address, CurrentUser, Reader, Room, ask, received_body, viewed
from ecg_core.api.schemas import (
    ECG_BODY,
    CreatedEcg,
    EcgAnswer,
    EcgPage,
    Insights,
    LeadInsights,
    LeadSamples,
    MissingValues,
    UploadedFile,
)
from ecg_core.domain import Lead, LeadSummary
from ecg_core.errors import EcgNotFoundError, InvalidInputError
from ecg_core.services import recordings, reports, uploads
from ecg_core.services.reports import Download
from ecg_core.services.uploads import ReadOptions

_AT_ONCE = 4  # uploads that are decoded at the same time: bounds the memory, others wait on disk

router = APIRouter(tags=["ecgs"])
_decoders = anyio.CapacityLimiter(_AT_ONCE)


async def _parse_id(
    ecg_id: Annotated[str, Path(alias="id", description="As given when the ECG was stored")],
) -> UUID:
    """Text that is no id at all is an ECG that is not there, like any other."""
    try:
        return UUID(ecg_id)
    except ValueError:
        raise EcgNotFoundError(ecg_id[:64]) from None


EcgId = Annotated[UUID, Depends(_parse_id)]


def _body(media_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {media_type: {"schema": schema}}}}


@router.post(
    "/ecgs",
    status_code=201,
    responses=errors(401, 413, 422, 503, 507),
    openapi_extra=_body("application/json", ECG_BODY),
)
async def create_ecg(request: Request, room: Room, user: CurrentUser, address: Address) -> CreatedEcg:
    """Store an ECG. The answer comes after the commit: what it names is kept."""
    async with received_body(request) as body:
        stored = await run_limited(uploads.add_json, room, user, body, address=address)
    return CreatedEcg(id=stored.id)


_FILE_FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary"},
        "sampling_rate": {"type": "string", "description": "In Hz, where the file states none"},
        "unit": {"type": "string", "description": "V, mV, uV or nV, where the file states none"},
        "encoding": {"type": "string"},
        "delimiter": {"type": "string"},
        "decimal": {"type": "string"},
        "header": {"type": "string", "description": "true or false"},
        "time_column": {
            "type": "string",
            "description": "Name or number; empty: none",
        },
        "time_unit": {"type": "string"},
        "layout": {"type": "string", "description": "wide (a column a lead) or long (lead, sample, value)"},
    },
}


@router.post(
    "/ecgs/files",
    status_code=201,
    responses={
        200: {"model": UploadedFile, "description": "This user has the file already"},
        **errors(401, 413, 422, 503, 507),
    },
    openapi_extra={
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FILE_FORM}}}
    },
)
async def upload_file(
    request: Request, response: Response, room: Room, user: CurrentUser, address: Address
) -> UploadedFile:
    """Store one file of any supported format. The same file again is found, not stored twice."""
    async with request.form(max_files=1, max_fields=20) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise InvalidInputError("The form has no file in its field 'file' (multipart/form-data)")
        options = _read_options({k: v for k, v in form.items() if isinstance(v, str)})
        with viewed(file.file) as data:  # type: ignore[arg-type]
            added = await run_limited(
                uploads.add_file, room, user, file.filename or "", data, options=options, address=address
            )
    response.status_code = 201 if added.is_new else 200
    return UploadedFile(id=added.ecg.id, already_stored=not added.is_new, remarks=list(added.ecg.remarks))


def _read_options(fields: dict[str, str]) -> ReadOptions:
    known: dict[str, Any] = {
        name: fields[name]
        for name in ("unit", "encoding", "delimiter", "decimal", "time_column", "time_unit", "layout")
        if name in fields
    }
    unknown = set(fields) - {*known, "sampling_rate", "header"}
    if unknown:
        raise InvalidInputError(f"The form has unknown fields: {', '.join(sorted(unknown))}")
    if "sampling_rate" in fields:
        try:
            known["sampling_rate_hz"] = float(fields["sampling_rate"])
        except ValueError:
            raise InvalidInputError("Field 'sampling_rate' must be a number in Hz") from None
    if "header" in fields:
        if fields["header"] not in ("true", "false"):
            raise InvalidInputError("Field 'header' must be true or false")
        known["header"] = fields["header"] == "true"
    return ReadOptions(**known)


async def run_limited(function: Any, *args: Any, **kwargs: Any) -> Any:
    """Run a service function in a thread; only some uploads are decoded at the same time."""
    return await anyio.to_thread.run_sync(partial(function, *args, **kwargs), limiter=_decoders)


@router.get("/ecgs", responses=errors(401, 413, 422, 503))
def list_ecgs(
    room: Room,
    user: CurrentUser,
    search: Annotated[str, Query(max_length=200, description="Part of a file name or patient field")] = "",
    sort: Literal["uploaded_at", "recorded_at", "file_name", "duration_s"] = "uploaded_at",
    order: Literal["asc", "desc"] = "desc",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000_000)] = 0,
) -> EcgPage:
    """One page of your ECGs, newest first unless sorted otherwise."""
    items, total = recordings.list_ecgs(
        room, user, search=search, sort=sort, descending=order == "desc", limit=limit, offset=offset
    )
    return EcgPage(total=total, items=[EcgAnswer.of(ecg) for ecg in items])


@router.get(
    "/ecgs/reports/cohort.csv",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}}, **errors(401, 413, 503, 507)},
)
def download_cohort(room: Room, user: Reader, address: Address) -> StreamingResponse:
    """One CSV over all of your ECGs: a row for each lead of each."""
    return _csv(reports.cohort_report(room, user, address=address))


@router.get("/ecgs/{id}", responses=errors(401, 404, 413, 422, 503))
def get_ecg(room: Room, user: CurrentUser, ecg_id: EcgId) -> EcgAnswer:
    """What is known of an ECG, without its signals."""
    return EcgAnswer.of(recordings.get_ecg(room, user, ecg_id))


@router.patch("/ecgs/{id}", responses=errors(401, 404, 409, 413, 422, 503, 507))
def enter_missing(
    room: Room, user: CurrentUser, address: Address, ecg_id: EcgId, body: MissingValues
) -> EcgAnswer:
    """Enter the sampling rate or unit that the file did not state."""
    ecg = recordings.enter_missing(
        room, user, ecg_id, sampling_rate_hz=body.sampling_rate, unit=body.unit, address=address
    )
    return EcgAnswer.of(ecg)


@router.delete("/ecgs/{id}", status_code=204, responses=errors(401, 404, 413, 422, 503, 507))
def delete_ecg(room: Room, user: CurrentUser, address: Address, ecg_id: EcgId) -> None:
    """Delete an ECG with its signals."""
    recordings.delete_ecg(room, user, ecg_id, address=address)


@router.get("/ecgs/{id}/insights", responses=errors(401, 404, 413, 422, 503))
async def get_insights(room: Room, user: CurrentUser, ecg_id: EcgId) -> Insights:
    """The number of zero crossings of each lead."""
    counts = await ask(room, recordings.count_crossings, room, user, ecg_id)
    leads = [LeadInsights(name=name, number_of_zero_crossings=crossings) for name, crossings in counts]
    return Insights(ecg_id=ecg_id, leads=leads)


@router.get(
    "/ecgs/{id}/reports/{report}.csv",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}}, **errors(401, 404, 413, 422, 503, 507)},
)
def download_report(
    room: Room,
    user: Reader,
    address: Address,
    ecg_id: EcgId,
    report: Annotated[str, Path(json_schema_extra={"enum": ["leads", "crossings"]})],
) -> StreamingResponse:
    """A report of one ECG as CSV; a login in the browser opens it too."""
    return _csv(reports.ecg_report(room, user, ecg_id, report, address=address))


def _csv(download: Download) -> StreamingResponse:
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(download.file_name)}",
        "Cache-Control": "private, no-store",
    }
    return StreamingResponse(download.chunks, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/ecgs/{id}/leads/{name:path}", responses=errors(401, 404, 413, 422, 503))
def get_lead(
    room: Room,
    user: CurrentUser,
    ecg_id: EcgId,
    name: str,
    start: Annotated[int, Query(ge=0, le=2**62)] = 0,
    stop: Annotated[int | None, Query(ge=0, le=2**62, description="Not included; the end if absent")] = None,
) -> LeadSamples:
    """A window of a lead's samples, as they were sent."""
    lead, summary = recordings.read_lead(room, user, ecg_id, name, start=start, stop=stop)
    return _samples_answer(lead, summary, min(start, summary.number_of_samples))


def _samples_answer(lead: Lead, summary: LeadSummary, start: int) -> LeadSamples:
    values = lead.samples.tolist()
    if lead.samples.dtype.kind == "f" and bool((lead.samples != lead.samples).any()):
        values = [None if value != value else value for value in values]
    return LeadSamples.model_construct(
        name=lead.name,
        sampling_rate=lead.sampling_rate_hz,
        unit=lead.unit,
        resolution=lead.resolution,
        offset=lead.offset,
        start=start,
        stop=start + len(values),
        number_of_samples=summary.number_of_samples,
        samples=values,
    )

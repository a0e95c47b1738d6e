"""ECGs of the user whose token comes with the request."""

from __future__ import annotations

from contextlib import ExitStack
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
    FileAnswer,
    Insights,
    LeadInsights,
    LeadSamples,
    MissingValues,
    UnreadAnswer,
    UploadedFile,
)
from ecg_core.domain import Lead, LeadSummary, User
from ecg_core.errors import EcgNotFoundError, InvalidInputError, UnreadableFileError
from ecg_core.services import derived, exports, recordings, reports, unread, uploads
from ecg_core.services.exports import WRITERS
from ecg_core.services.reports import Download
from ecg_core.services.room import ReadingRoom
from ecg_core.services.uploads import FileResult, ReadOptions, Source

_MOST_FILES = 1000  # of one request
_REASONS = 5  # told of an upload in which nothing can be read
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
        "file": {
            "type": "string",
            "format": "binary",
            "description": "An ECG file, zip or gzip archive; repeated for files that belong together",
        },
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
        200: {"model": UploadedFile, "description": "This user has every file already"},
        **errors(401, 413, 422, 503, 507),
    },
    openapi_extra={
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FILE_FORM}}}
    },
)
async def upload_file(
    request: Request, response: Response, room: Room, user: CurrentUser, address: Address
) -> UploadedFile:
    """Store ECG files of any supported format. A file that you have is found, not stored twice.

    A zip archive may hold many; the answer tells what became of each. 422 where none can be read.
    """
    async with request.form(max_files=_MOST_FILES, max_fields=20) as form:
        files = [file for file in form.getlist("file") if isinstance(file, UploadFile)]
        if not files:
            raise InvalidInputError("The form has no file in its field 'file' (multipart/form-data)")
        options = _read_options({k: v for k, v in form.items() if isinstance(v, str)})
        with ExitStack() as stack:
            sources = [
                Source.of(file.filename or "", stack.enter_context(viewed(file.file)))  # type: ignore[arg-type]
                for file in files
            ]
            results = await run_limited(_add_all, room, user, sources, options, address)
    added = [result.added for result in results if result.added is not None]
    if not added:
        raise UnreadableFileError(_reasons(results))
    is_new = any(each.is_new for each in added)
    response.status_code = 201 if is_new else 200
    return UploadedFile(
        id=added[0].ecg.id if len(results) == 1 else None,
        already_stored=not is_new,
        remarks=list(added[0].ecg.remarks) if len(results) == 1 else [],
        files=[FileAnswer.of(result) for result in results],
    )


def _add_all(
    room: ReadingRoom, user: User, sources: list[Source], options: ReadOptions, address: str
) -> list[FileResult]:
    return [
        unread.add_or_keep(room, user, bundle, options=options, address=address)
        for bundle in uploads.find_bundles(sources)
    ]


def _reasons(results: list[FileResult]) -> str:
    if len(results) == 1:
        return results[0].problem
    shown = "; ".join(f"{result.name}: {result.problem}" for result in results[:_REASONS])
    more = f"; and {len(results) - _REASONS} more" if len(results) > _REASONS else ""
    return f"None of the {len(results)} files can be read. {shown}{more}"


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
    search: Annotated[
        str, Query(max_length=200, description="Part of a file name, patient field or note")
    ] = "",
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


@router.get(
    "/ecgs/reports/measurements.csv",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}}, **errors(401, 413, 503, 507)},
)
def download_measurements(room: Room, user: Reader, address: Address) -> StreamingResponse:
    """What is measured of each of your ECGs as CSV, one row each."""
    return _csv(reports.cohort_measurements(room, user, address=address))


@router.get("/ecgs/unread", responses=errors(401, 413, 503))
def list_unread(room: Room, user: CurrentUser) -> list[UnreadAnswer]:
    """Your files that could not be read, newest first, with the reason."""
    return [UnreadAnswer.model_validate(vars(file)) for file in unread.list_unread(room, user)]


@router.get(
    "/ecgs/unread/{id}",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}, **errors(401, 404, 413, 422, 503, 507)},
)
def download_unread(room: Room, user: Reader, address: Address, ecg_id: EcgId) -> StreamingResponse:
    """A file that could not be read, as it was uploaded; several that belong together as a zip archive."""
    return attachment(unread.unread_file(room, user, ecg_id, address=address), "application/octet-stream")


@router.delete("/ecgs/unread/{id}", status_code=204, responses=errors(401, 404, 413, 422, 503, 507))
def delete_unread(room: Room, user: CurrentUser, address: Address, ecg_id: EcgId) -> None:
    """Delete a file that could not be read."""
    unread.delete_unread(room, user, ecg_id, address=address)


@router.post("/ecgs/unread/{id}", responses=errors(401, 404, 413, 422, 503, 507))
async def read_again(room: Room, user: CurrentUser, address: Address, ecg_id: EcgId) -> list[FileAnswer]:
    """Read it again, as after an update; what is read now is an ECG and no longer in this list."""
    results = await run_limited(unread.read_again, room, user, ecg_id, address=address)
    return [FileAnswer.of(result) for result in results]


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


@router.post("/ecgs/{id}/derived-leads", responses=errors(401, 404, 409, 413, 422, 503, 507))
async def add_derived_leads(room: Room, user: CurrentUser, address: Address, ecg_id: EcgId) -> EcgAnswer:
    """Add those of III, aVR, aVL and aVF that are absent, computed from I and II and marked as derived."""
    ecg = await run_limited(derived.add_derived_leads, room, user, ecg_id, address=address)
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
    report: Annotated[str, Path(json_schema_extra={"enum": list(reports.OF_ONE_ECG)})],
) -> StreamingResponse:
    """A report of one ECG as CSV; a login in the browser opens it too."""
    return _csv(reports.ecg_report(room, user, ecg_id, report, address=address))


@router.get(
    "/ecgs/{id}/original",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}, **errors(401, 404, 413, 422, 503, 507)},
)
def download_original(room: Room, user: Reader, address: Address, ecg_id: EcgId) -> StreamingResponse:
    """The uploaded file, byte for byte; a zip archive where several belong together."""
    download = reports.original_file(room, user, ecg_id, address=address)
    return attachment(download, "application/octet-stream")


@router.get(
    "/ecgs/{id}/exports/{format}",
    response_class=Response,
    responses={
        200: {"content": {writer.media_type: {} for writer in WRITERS}},
        **errors(401, 404, 409, 413, 422, 503, 507),
    },
)
def export_ecg(
    room: Room,
    user: Reader,
    address: Address,
    ecg_id: EcgId,
    format_name: Annotated[
        str, Path(alias="format", json_schema_extra={"enum": [writer.name for writer in WRITERS]})
    ],
) -> StreamingResponse:
    """The ECG as a file of another format; 409 with the reason where that would change a number of it."""
    download, media_type = exports.export_ecg(room, user, ecg_id, format_name, address=address)
    return attachment(download, media_type)


def _csv(download: Download) -> StreamingResponse:
    return attachment(download, "text/csv; charset=utf-8")


def attachment(download: Download, media_type: str) -> StreamingResponse:
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(download.file_name)}",
        "Cache-Control": "private, no-store",
    }
    return StreamingResponse(download.chunks, media_type=media_type, headers=headers)


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

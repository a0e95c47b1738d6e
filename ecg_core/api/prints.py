"""An ECG on paper: the view of the reader as PDF, PNG or SVG."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from ecg_core.api.answers import errors
from ecg_core.api.dependencies import Address, Reader, Room
from ecg_core.api.ecgs import EcgId, attachment
from ecg_core.errors import InvalidInputError
from ecg_core.figures.view import (
    CHOICES,
    CROSSING_FORMS,
    FILTERS,
    GAINS_MM_MV,
    LARGEST_DEAD_BAND_MV,
    LAYOUTS,
    MODES,
    NOTCHES,
    ORDERS,
    PAPER_SPEEDS_MM_S,
    PAPERS,
    View,
)
from ecg_core.services import prints
from ecg_core.services.prints import PrintRequest, stretches

router = APIRouter(tags=["ecgs"])
_Moment = Annotated[float, Field(ge=0, le=1e12)]
_Length = Annotated[float, Field(gt=0, le=1e12)]


def _one_of(choices: Collection[Any], description: str = "") -> Any:
    return Query(description=description, json_schema_extra={"enum": list(choices)})


def _check(name: str, value: Any, choices: Collection[Any]) -> None:
    if value not in choices:
        known = ", ".join(f"{each:g}" if isinstance(each, float) else repr(each) for each in choices)
        raise InvalidInputError(f"Parameter {name!r}: {value!r} is none of {known}")


def _asked_view(
    speed: Annotated[float, _one_of(PAPER_SPEEDS_MM_S, "Paper speed in mm/s")] = 25.0,
    gain: Annotated[float, _one_of(GAINS_MM_MV, "In mm/mV")] = 10.0,
    chest_gain: Annotated[float, _one_of((0.0, *GAINS_MM_MV), "Of V1 to V9; 0: as the others")] = 0.0,
    layout: Annotated[str, _one_of(LAYOUTS)] = "auto",
    order: Annotated[str, _one_of(ORDERS)] = "standard",
    leads: Annotated[str, Query(max_length=10_000, description="Names with commas; empty: all")] = "",
    paper: Annotated[str, _one_of(PAPERS, "Colours")] = "auto",
    crossings: Annotated[str, _one_of(CROSSING_FORMS)] = "auto",
    band: Annotated[str, Query(alias="filter", json_schema_extra={"enum": list(FILTERS)})] = "none",
    notch: Annotated[str, _one_of(NOTCHES)] = "",
    baseline: Annotated[
        bool, Query(description="Whether the baseline is removed from what is drawn")
    ] = False,
    marks: Annotated[
        bool, Query(description="Whether notes, calipers and what the file marks are drawn")
    ] = True,
    mode: Annotated[str, _one_of(MODES)] = "paper",
    dead_band: Annotated[
        float, Query(ge=0, le=LARGEST_DEAD_BAND_MV, description="In mV, of a second count; 0: none")
    ] = 0.0,
    detrend: Annotated[
        bool, Query(description="Whether the second count is made after the baseline is removed")
    ] = False,
    beats: Annotated[bool, Query(description="Whether median beats are printed")] = False,
) -> View:
    """The view that the parameters name; a wrong one is refused with those that are right."""
    chosen: dict[str, Any] = {
        "speed": speed, "gain": gain, "chest_gain": chest_gain, "layout": layout, "order": order,
        "paper": paper, "crossings": crossings, "filter": band, "notch": notch, "mode": mode,
    }  # fmt: skip
    for name, value in chosen.items():
        _check(name, value, CHOICES[name])
    names = tuple(name for name in leads.split(",") if name)
    return View(
        **chosen,
        leads=names,
        baseline=baseline,
        marks=marks,
        dead_band=dead_band,
        detrend=detrend,
        beats=beats,
    )


def _asked_print(
    view: Annotated[View, Depends(_asked_view)],
    start: Annotated[
        list[_Moment] | None,
        Query(
            max_length=50, description="Seconds (samples where no rate is known); repeated for more strips"
        ),
    ] = None,
    length: Annotated[
        list[_Length] | None,
        Query(max_length=50, description="Of each strip; absent: 10 s, else all that follows"),
    ] = None,
    size: Annotated[str, _one_of(prints.PAPERS, "Of the sheet, on its side")] = "A4",
    kind: Annotated[str, _one_of(prints.KINDS)] = "page",
    lead: Annotated[str, Query(max_length=200, description="Of full disclosure; empty: the first")] = "",
    page: Annotated[int, Query(ge=1, le=10_000, description="Of PNG and SVG, which hold one page")] = 1,
) -> PrintRequest:
    """What is to be printed."""
    _check("size", size, prints.PAPERS)
    _check("kind", kind, prints.KINDS)
    return PrintRequest(view, stretches(start or [], length or []), size, kind, lead, page)


@router.get(
    "/ecgs/{id}/prints/{format}",
    response_class=Response,
    responses={
        200: {"content": {media_type: {} for media_type in prints.FORMATS.values()}},
        **errors(401, 404, 409, 413, 422, 503, 507),
    },
)
def print_ecg(
    room: Room,
    user: Reader,
    address: Address,
    ecg_id: EcgId,
    file_format: Annotated[str, Path(alias="format", json_schema_extra={"enum": list(prints.FORMATS)})],
    request: Annotated[PrintRequest, Depends(_asked_print)],
) -> StreamingResponse:
    """The ECG on paper, in true millimetres, as the view's parameters say; all strips or an hour a page."""
    download, media_type = prints.print_ecg(room, user, ecg_id, request, file_format, address=address)
    return attachment(download, media_type)

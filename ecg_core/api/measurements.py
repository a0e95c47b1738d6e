"""What is measured of an ECG, its beats and waves, and corrections by clinicians."""

from __future__ import annotations

import math
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Path, Query, Response
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from ecg_core.api.answers import errors
from ecg_core.api.dependencies import Address, CurrentUser, Reader, Room
from ecg_core.api.ecgs import EcgId, attachment, run_limited
from ecg_core.domain import Correction, Measurement
from ecg_core.errors import CorrectionNotFoundError
from ecg_core.services import fhir, measurements
from ecg_core.services.measured_lists import BeatList, WaveOfLead, list_beats, list_waves
from ecg_core.services.measurements import MeasuredEcg

router = APIRouter(tags=["measurements"])
RETRY_AFTER_S = 2
MOST_MS = 10_000.0


class MeasurementAnswer(BaseModel):
    """One number, or why there is none."""

    name: str = Field(description="As `qrs_duration`; of a single lead with its name, as `st_j60:V2`")
    value: float | None = Field(description="As corrected; null: not measured")
    unit: str = Field(description="bpm, ms, deg, mV, mV/s, %, ms²; 1 for a plain number")
    status: Literal["measured", "withheld", "not applicable"]
    reason: str = Field(description="Why it is not measured, or what to know of it; empty: nothing")
    method: str
    leads: list[str] = Field(description="Used for it")
    beats_used: int | None
    spread: float | None = Field(description="Standard deviation over the beats, in `unit`")
    automatic_value: float | None = Field(description="Before corrections")
    is_corrected: bool

    @classmethod
    def of(cls, now: Measurement, automatic: Measurement | None) -> MeasurementAnswer:
        before = automatic or now
        return cls.model_validate(
            vars(now)
            | {
                "leads": list(now.leads),
                "automatic_value": before.value,
                "is_corrected": (before.value, before.status) != (now.value, now.status),
            }
        )


class FiducialAnswer(BaseModel):
    """An onset or offset of all leads on the median beat, in ms from R; null: not found."""

    name: Literal["p_onset", "p_offset", "qrs_onset", "qrs_offset", "t_offset"]
    offset_ms: float | None = Field(description="As corrected")
    automatic_ms: float | None


class CorrectionAnswer(BaseModel):
    id: UUID
    kind: Literal["beat", "no beat", "fiducial"]
    author: str
    created_at: AwareDatetime
    beat_sample: int | None = Field(
        description="Of a beat left out: its R peak, in samples of the first ECG lead"
    )
    fiducial: str = Field(description="That was moved; empty: none")
    offset_ms: float | None = Field(description="Where it was moved to, from R of the median beat")
    undone_at: AwareDatetime | None = Field(description="Null: it counts")
    undone_by: str

    @classmethod
    def of(cls, correction: Correction) -> CorrectionAnswer:
        return cls.model_validate(vars(correction))


class MeasurementsAnswer(BaseModel):
    """Measurements, not diagnoses."""

    lead: str = Field(description="The first ECG lead, in whose samples beats count; empty: none")
    sampling_rate: float | None = Field(description="Of that lead, in Hz; null: unknown")
    number_of_beats: int
    measurements: list[MeasurementAnswer]
    fiducials: list[FiducialAnswer]
    corrections: list[CorrectionAnswer] = Field(description="All, those taken back too")
    notes: dict[str, str] = Field(description="By subject, why a part is missing")

    @classmethod
    def of(cls, measured: MeasuredEcg) -> MeasurementsAnswer:
        analysis = measured.analysis
        before = {one.name: one for one in analysis.measurements}
        automatic = measurements.automatic_places_ms(measured)
        now = measurements.places_ms(measured)
        return cls(
            lead=analysis.lead,
            sampling_rate=analysis.fs or None,
            number_of_beats=len(analysis.beats),
            measurements=[
                MeasurementAnswer.of(one, before.get(one.name)) for one in measurements.told(measured)
            ],
            fiducials=[
                FiducialAnswer(name=name, offset_ms=now.get(name), automatic_ms=automatic.get(name))
                for name in measurements.MOVABLE
            ],
            corrections=[CorrectionAnswer.of(one) for one in measured.corrections],
            notes=dict(analysis.notes),
        )


class BeatAnswer(BaseModel):
    beat: int = Field(description="Its number, from 0")
    sample: int = Field(description="Its R peak, at the rate of the first ECG lead")
    time_s: float
    rr_ms: float | None = Field(description="Null: the first beat, one left out, the one after that")
    kind: Literal["normal", "supraventricular", "ventricular", "paced", "unclassified"]
    confidence: float = Field(description="In the kind, from 0 to 1")
    is_in_median: bool = Field(description="Whether the median beat has it")
    is_left_out: bool = Field(description="By a reader")
    is_no_beat: bool = Field(description="A reader says that there is no beat")


class BeatsAnswer(BaseModel):
    lead: str = Field(description="The first ECG lead, in whose samples the beats count")
    sampling_rate: float | None
    total: int
    items: list[BeatAnswer] = Field(description="`limit` of them at most, in the order of time")

    @classmethod
    def of(cls, found: BeatList) -> BeatsAnswer:
        items = [BeatAnswer.model_validate(vars(beat)) for beat in found.items]
        return cls(lead=found.lead, sampling_rate=found.fs or None, total=found.total, items=items)


class WaveAnswer(BaseModel):
    """In samples of the lead; null: not found."""

    lead: str
    beat: int
    wave: Literal["P", "QRS", "T"]
    onset: int | None
    peak: int | None
    offset: int | None
    amplitude: float | None = Field(description="Of the peak, in the lead's unit")

    @classmethod
    def of(cls, wave: WaveOfLead) -> WaveAnswer:
        amplitude = wave.amplitude if math.isfinite(wave.amplitude) else None
        return cls.model_validate(vars(wave) | {"amplitude": amplitude})


class WavesAnswer(BaseModel):
    number_of_beats: int
    items: list[WaveAnswer] = Field(
        description="Of `limit` beats at most, lead by lead; absent waves are left out"
    )


class Waiting(BaseModel):
    detail: str


_BEING_MEASURED = "A long ECG is being measured; ask again in some seconds"
_WAIT: dict[int | str, dict[str, object]] = {
    202: {
        "model": Waiting,
        "description": "A long ECG is being measured; `Retry-After` says in how many seconds to ask again",
        "headers": {"Retry-After": {"schema": {"type": "integer"}}},
    }
}


def _later() -> JSONResponse:
    headers = {"Retry-After": str(RETRY_AFTER_S), "Cache-Control": "no-store"}
    return JSONResponse({"detail": _BEING_MEASURED}, 202, headers)


@router.get(
    "/ecgs/{id}/measurements",
    response_model=MeasurementsAnswer,
    responses={**_WAIT, **errors(401, 404, 413, 422, 503)},
)
async def get_measurements(room: Room, user: CurrentUser, ecg_id: EcgId) -> MeasurementsAnswer | Response:
    """The measurements of an ECG, corrected and automatic; 202 while a long one is measured."""
    measured = await run_limited(measurements.read_measurements, room, user, ecg_id)
    return _later() if measured is None else MeasurementsAnswer.of(measured)


From = Annotated[int, Query(ge=0, le=1_000_000_000, description="The first beat's number")]


@router.get(
    "/ecgs/{id}/beats", response_model=BeatsAnswer, responses={**_WAIT, **errors(401, 404, 413, 422, 503)}
)
async def get_beats(
    room: Room,
    user: CurrentUser,
    ecg_id: EcgId,
    offset: From = 0,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
) -> BeatsAnswer | Response:
    """The beats of an ECG, with the kind that is suggested; 202 while a long one is measured."""
    found = await run_limited(measurements.read_measurements, room, user, ecg_id)
    return _later() if found is None else BeatsAnswer.of(list_beats(found, offset, limit))


@router.get(
    "/ecgs/{id}/waves", response_model=WavesAnswer, responses={**_WAIT, **errors(401, 404, 413, 422, 503)}
)
async def get_waves(
    room: Room,
    user: CurrentUser,
    ecg_id: EcgId,
    offset: From = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="Beats")] = 100,
    lead: Annotated[list[str] | None, Query(description="Repeated for several; all if absent")] = None,
) -> WavesAnswer | Response:
    """P, QRS and T of each lead and beat; 202 while a long ECG is measured."""
    found = await run_limited(measurements.read_measurements, room, user, ecg_id)
    if found is None:
        return _later()
    items = [WaveAnswer.of(wave) for wave in list_waves(found, offset, limit, lead)]
    return WavesAnswer(number_of_beats=len(found.analysis.beats), items=items)


def _whole(value: object) -> object:
    """JSON knows one kind of number: 2.0 is the integer 2."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class LeftOutBeat(BaseModel):
    """A beat is not to be used, nor the RR intervals beside it; or it is none, and RR goes over it."""

    model_config = ConfigDict(strict=True, extra="forbid")
    kind: Literal["beat", "no beat"]
    beat_sample: Annotated[
        int,
        Field(ge=0, le=2**62, description="Its R peak as in the list of beats"),
        BeforeValidator(_whole),
    ]


class MovedFiducial(BaseModel):
    """An onset or offset of all leads is to be moved."""

    model_config = ConfigDict(strict=True, extra="forbid")
    kind: Literal["fiducial"]
    fiducial: Literal["p_onset", "p_offset", "qrs_onset", "qrs_offset", "t_offset"]
    offset_ms: float = Field(
        ge=-MOST_MS,
        le=MOST_MS,
        description="From R of the median beat; negative before it",
        allow_inf_nan=False,
    )


async def _parse_correction_id(
    correction_id: Annotated[str, Path(description="As given when the correction was made")],
) -> UUID:
    """Text that is no id at all is a correction that is not there, like any other."""
    try:
        return UUID(correction_id)
    except ValueError:
        raise CorrectionNotFoundError(correction_id[:64]) from None


CorrectionId = Annotated[UUID, Depends(_parse_correction_id)]


@router.get("/ecgs/{id}/corrections", responses=errors(401, 404, 413, 422, 503))
def list_corrections(room: Room, user: CurrentUser, ecg_id: EcgId) -> list[CorrectionAnswer]:
    """What was corrected of the measurements, in the order in which it was, that taken back too."""
    return [CorrectionAnswer.of(one) for one in measurements.list_corrections(room, user, ecg_id)]


@router.post("/ecgs/{id}/corrections", status_code=201, responses=errors(401, 404, 413, 422, 503, 507))
def add_correction(
    room: Room,
    user: CurrentUser,
    address: Address,
    ecg_id: EcgId,
    body: Annotated[LeftOutBeat | MovedFiducial, Body(discriminator="kind")],
) -> CorrectionAnswer:
    """Leave out a beat or move a fiducial; the automatic values stay beside the corrected ones."""
    if isinstance(body, LeftOutBeat):
        made = measurements.reject_beat(
            room, user, ecg_id, body.beat_sample, is_beat=body.kind == "beat", address=address
        )
    else:
        made = measurements.move_fiducial(room, user, ecg_id, body.fiducial, body.offset_ms, address=address)
    return CorrectionAnswer.of(made)


@router.delete(
    "/ecgs/{id}/corrections/{correction_id}", status_code=204, responses=errors(401, 404, 413, 422, 503, 507)
)
def undo_correction(
    room: Room, user: CurrentUser, address: Address, ecg_id: EcgId, correction_id: CorrectionId
) -> None:
    """Take a correction back; it stays in the list, with who did it and when."""
    measurements.undo_correction(room, user, ecg_id, correction_id, address=address)


@router.get(
    "/ecgs/{id}/fhir",
    response_class=Response,
    responses={200: {"content": {fhir.MEDIA_TYPE: {}}}, **_WAIT, **errors(401, 404, 413, 422, 503, 507)},
)
async def get_fhir(room: Room, user: Reader, address: Address, ecg_id: EcgId) -> Response:
    """The measurements and the leads as a FHIR R4 bundle; a login in the browser opens it too."""
    download = await run_limited(fhir.fhir_bundle, room, user, ecg_id, address=address)
    return _later() if download is None else attachment(download, fhir.MEDIA_TYPE)

"""The bodies of requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from ecg_core.domain import LeadSummary, RecordingSummary
from ecg_core.services.uploads import FileResult
from ecg_core.services.users import USERNAME_PATTERN

VoltageUnit = Literal["V", "mV", "uV", "nV"]
SamplingRate = Annotated[float, Field(ge=0.001, le=1_000_000, allow_inf_nan=False, description="In Hz")]


class ErrorAnswer(BaseModel):
    detail: str


class RegisterUser(BaseModel):
    model_config = ConfigDict(strict=True)
    username: str = Field(pattern=USERNAME_PATTERN, min_length=1, max_length=64)


class RegisteredUser(BaseModel):
    username: str
    token: str = Field(description="Shown this once; an earlier token of the user no longer works")


class UserAnswer(BaseModel):
    username: str
    is_active: bool
    created_at: AwareDatetime


class CreatedEcg(BaseModel):
    id: UUID


class FileAnswer(BaseModel):
    """What became of one file of an upload."""

    file_name: str = Field(description="With the archive that it was in")
    id: UUID | None = Field(description="Of the ECG; null where the file could not be read")
    already_stored: bool = Field(description="This user had the same file before; nothing was stored again")
    problem: str | None = Field(description="Why the file could not be read")
    remarks: list[str] = Field(description="What the reader of the file wants you to know")

    @classmethod
    def of(cls, result: FileResult) -> FileAnswer:
        added = result.added
        return cls(
            file_name=result.name,
            id=added.ecg.id if added else None,
            already_stored=added is not None and not added.is_new,
            problem=result.problem or None,
            remarks=list(added.ecg.remarks) if added else [],
        )


class UploadedFile(BaseModel):
    id: UUID | None = Field(description="Of the ECG, where the upload holds a single one")
    already_stored: bool = Field(description="This user had every file before; nothing was stored again")
    remarks: list[str] = Field(description="What the reader of a single file wants you to know")
    files: list[FileAnswer] = Field(description="Each file, in the order of the upload")


class UnreadAnswer(BaseModel):
    """A file that could not be read."""

    id: UUID
    name: str
    sha256: str = Field(description="Of the uploaded bytes")
    size: int = Field(description="In bytes")
    reason: str = Field(description="Why it could not be read")
    uploaded_at: AwareDatetime


class LeadInsights(BaseModel):
    name: str
    number_of_zero_crossings: int


class Insights(BaseModel):
    ecg_id: UUID
    leads: list[LeadInsights]


class CrossingAnswer(BaseModel):
    """A zero crossing of a stored lead; both null where there is no more."""

    sample: int | None = Field(description="The first sample with the new sign")
    time_s: float | None = Field(description="Of that sample; null where the sampling rate is unknown")


class LeadAnswer(BaseModel):
    """A lead without its signal; what is unknown is null."""

    name: str
    number_of_samples: int
    sampling_rate: float | None = Field(description="In Hz")
    unit: str | None = Field(description="Of minimum, maximum, mean, standard deviation; null: counts")
    resolution: float = Field(description="physical = samples × resolution + offset")
    offset: float
    duration_s: float | None
    number_of_zero_crossings: int
    number_of_zero_touches: int
    minimum: float | None
    maximum: float | None
    mean: float | None
    standard_deviation: float | None
    missing_samples: int
    original_name: str = Field(description="What the file calls it, where that is not the name")
    is_ecg: bool = Field(description="False for a pressure, respiration or other channel beside the ECG")
    is_derived: bool = Field(description="Computed from other leads, not recorded")

    @classmethod
    def of(cls, lead: LeadSummary) -> LeadAnswer:
        return cls.model_validate(
            {name: getattr(lead, name, None) for name in cls.model_fields}
            | {"sampling_rate": lead.sampling_rate_hz}
        )


class EcgAnswer(BaseModel):
    id: UUID
    file_name: str
    source_format: str
    sha256: str = Field(description="Of the uploaded bytes")
    uploaded_at: AwareDatetime
    recorded_at: datetime | None = Field(
        description="Without a zone where the file states none", json_schema_extra={"format": "iso-8601"}
    )
    duration_s: float | None
    patient: dict[str, str]
    metadata: dict[str, str]
    device: dict[str, str] = Field(description="The device's own measurements and statements")
    number_of_annotations: int
    number_of_files: int = Field(description="Uploaded files that are kept: `GET /ecgs/{id}/original`")
    remarks: list[str]
    leads: list[LeadAnswer]

    @classmethod
    def of(cls, ecg: RecordingSummary) -> EcgAnswer:
        values: dict[str, Any] = {name: getattr(ecg, name) for name in cls.model_fields}
        return cls.model_validate(values | {"leads": [LeadAnswer.of(lead) for lead in ecg.leads],
                                            "remarks": list(ecg.remarks)})  # fmt: skip


class EcgPage(BaseModel):
    total: int = Field(description="How many match in all")
    items: list[EcgAnswer]


class MissingValues(BaseModel):
    """What a file did not state, for every lead that lacks it."""

    model_config = ConfigDict(strict=True, extra="forbid")
    sampling_rate: SamplingRate | None = None
    unit: VoltageUnit | None = None


class LeadSamples(BaseModel):
    """Samples ``start`` to ``stop`` (not included) as they were sent; a missing one is null."""

    name: str
    sampling_rate: float | None
    unit: str | None
    resolution: float
    offset: float
    start: int
    stop: int
    number_of_samples: int = Field(description="Of the whole lead")
    samples: list[int | float | None]


_SIGNAL = {
    "type": "array",
    "items": {"type": ["number", "null"]},
    "description": "Samples in counts or in `unit`; null is a missing one",
}  # fmt: skip
_COMMON = {
    "sampling_rate": {"anyOf": [{"type": "number", "minimum": 0.001, "maximum": 1e6}, {"type": "null"}],
                      "description": "In Hz; unknown when absent"},
    "unit": {"anyOf": [{"enum": ["V", "mV", "uV", "µV", "nV"]}, {"type": "null"}],
             "description": "Of one count; unknown when absent"},
}  # fmt: skip
_NAME = {
    "type": "string",
    "minLength": 1,
    "maxLength": 64,
    "pattern": "^[^\\x00-\\x20\\x7f-\\xa0]",
    "description": "Unique within the ECG, without control characters",
}

#: The body of ``POST /ecgs``. It is read by the JSON reader, the same that reads an uploaded JSON file.
ECG_BODY: dict[str, Any] = {
    "type": "object",
    "required": ["leads"],
    "properties": {
        "leads": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["name", "signal"],
                "properties": {
                    "name": _NAME,
                    "number_of_samples": {
                        "anyOf": [{"type": "integer", "minimum": 0}, {"type": "null"}],
                        "description": "If given, the length of the signal",
                    },
                    "signal": _SIGNAL,
                    **_COMMON,
                },
            },
        },
        "recorded_at": {
            "anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}],
            "description": "ISO 8601; without a zone, the zone is unknown",
        },
        **_COMMON,
    },
    "example": {
        "leads": [{"name": "I", "number_of_samples": 8, "signal": [1, 0, -1, 0, 1, 0, 0, 1]}],
        "sampling_rate": 500,
        "unit": "uV",
    },
}

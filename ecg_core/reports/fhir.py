"""What was measured of an ECG, and its leads, as a bundle of HL7 FHIR R4 (4.0.1).

A DiagnosticReport with an Observation for each measurement, one Observation with the leads as SampledData,
the Device that measured (this program) and, if the file tells of one, the Patient. Nothing is stated
that the file does not: without a zone the time of the recording is its date alone, since FHIR wants a zone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import numpy as np

from ecg_core import __version__
from ecg_core.domain import Lead, Measurement, RecordingSummary
from ecg_core.reports.fhir_codes import EKG_STUDY, absent, category, concept, lead_concept, quantity

#: Of each lead, so much from its beginning is in the bundle.
MOST_S = 60.0
#: And of all leads together not more than this.
MOST_SAMPLES = 3_000_000
NOT_A_DIAGNOSIS = "Measurements by a program, not diagnoses; nobody has confirmed them."
_GENDERS = {"m": "male", "male": "male", "f": "female", "female": "female"}
_BIRTH_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def fhir_bundle(
    ecg: RecordingSummary, measurements: Sequence[Measurement], leads: Sequence[Lead], *, now: datetime
) -> bytes:
    """The bundle as JSON.

    Parameters
    ----------
    measurements : sequence of Measurement
        As corrected, and saying so.
    leads : sequence of Lead
        The beginning of each lead, at most `MOST_S` of it.
    now : datetime
        With a zone.
    """
    of = _Resources(ecg)
    results = [of.measurement(one) for one in measurements]
    study = of.study(leads)
    report = of.report([*results, study], now)
    patient = [of.patient()] if ecg.patient else []
    resources = [report, *patient, of.device(), study, *results]
    bundle = {
        "resourceType": "Bundle",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": ecg.id.urn},
        "type": "collection",
        "timestamp": now.isoformat(timespec="seconds"),
        "entry": [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in resources],
    }
    return json.dumps(bundle, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


class _Resources:
    """The resources of one ECG; their ids come from its id, so that they are the same every time."""

    def __init__(self, ecg: RecordingSummary) -> None:
        self.ecg = ecg
        self.recorded = _when(ecg.recorded_at)

    def _id(self, what: str) -> str:
        return str(uuid5(UUID(int=self.ecg.id.int), what))

    def _common(self, kind: str, what: str) -> dict[str, Any]:
        subject = {"subject": {"reference": f"urn:uuid:{self._id('patient')}"}} if self.ecg.patient else {}
        recorded = {"effectiveDateTime": self.recorded} if self.recorded else {}
        head = {"resourceType": kind, "id": self._id(what), "status": "preliminary", "category": category()}
        return head | subject | recorded

    def measurement(self, one: Measurement) -> dict[str, Any]:
        said = [{"text": text} for text in (one.reason, _leads_text(one)) if text]
        return {
            **self._common("Observation", one.name),
            "code": concept(one.name),
            "device": {"reference": f"urn:uuid:{self._id('device')}"},
            **({"method": {"text": one.method}} if one.method else {}),
            **_value(one),
            **({"note": said} if said else {}),
            **_statistics(one),
        }

    def study(self, leads: Sequence[Lead]) -> dict[str, Any]:
        kept = _bounded(leads)
        notes = _left_out(self.ecg, kept)
        return {
            **self._common("Observation", "study"),
            "code": {"coding": [EKG_STUDY], "text": "The recorded leads"},
            **({"note": [{"text": text} for text in notes]} if notes else {}),
            **({"component": [_component(lead) for lead in kept]} if kept else _no_leads()),
        }

    def report(self, results: Sequence[dict[str, Any]], now: datetime) -> dict[str, Any]:
        said = [NOT_A_DIAGNOSIS]
        if self.ecg.recorded_at is not None and self.ecg.recorded_at.tzinfo is None:
            said.append(f"Recorded at {self.ecg.recorded_at:%Y-%m-%d %H:%M:%S}, zone unknown.")
        return {
            **self._common("DiagnosticReport", "report"),
            "identifier": [{"system": "urn:ietf:rfc:3986", "value": self.ecg.id.urn}],
            "code": {"coding": [EKG_STUDY], "text": self.ecg.display_name},
            "issued": now.isoformat(timespec="seconds"),
            "result": [{"reference": f"urn:uuid:{one['id']}"} for one in results],
            "conclusion": " ".join(said),
        }

    def device(self) -> dict[str, Any]:
        return {
            "resourceType": "Device",
            "id": self._id("device"),
            "deviceName": [{"name": "ECG Reading Room", "type": "user-friendly-name"}],
            "version": [{"value": __version__}],
            "type": {"text": "ECG measurement software"},
        }

    def patient(self) -> dict[str, Any]:
        """What the file says, each only where it is what FHIR means by it."""
        said = {what.strip().casefold(): text.strip() for what, text in self.ecg.patient.items()}
        number = said.get("patient id", "")
        name = said.get("name", "") or f"{said.get('first name', '')} {said.get('last name', '')}".strip()
        gender, born = _GENDERS.get(said.get("sex", "").casefold(), ""), said.get("birth date", "")
        return {
            "resourceType": "Patient",
            "id": self._id("patient"),
            **({"identifier": [{"value": number}]} if number else {}),
            **({"name": [{"text": name}]} if name else {}),
            **({"gender": gender} if gender else {}),
            **({"birthDate": born} if _is_date(born) else {}),
        }


def _when(moment: datetime | None) -> str:
    if moment is None:
        return ""
    return moment.isoformat(timespec="seconds") if moment.tzinfo else moment.date().isoformat()


def _is_date(text: str) -> bool:
    if not _BIRTH_DATE.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _value(one: Measurement) -> dict[str, Any]:
    if one.value is not None:
        return {"valueQuantity": quantity(one.value, one.unit)}
    code = "not-applicable" if one.status == "not applicable" else "unknown"
    return {"dataAbsentReason": absent(code, one.reason)}


def _statistics(one: Measurement) -> dict[str, Any]:
    parts: list[dict[str, Any]] = []
    if one.spread is not None:
        spread = quantity(one.spread, one.unit)
        parts.append({"code": {"text": "standard deviation over the beats"}, "valueQuantity": spread})
    if one.beats_used is not None:
        parts.append({"code": {"text": "number of beats used"}, "valueInteger": one.beats_used})
    return {"component": parts} if parts else {}


def _leads_text(one: Measurement) -> str:
    return f"Leads: {', '.join(one.leads)}" if one.leads else ""


def _bounded(leads: Sequence[Lead]) -> list[Lead]:
    """As many leads, in their order, as there is room for."""
    kept, room = [], MOST_SAMPLES
    for lead in leads:
        if lead.is_ecg and len(lead.samples) <= room:
            kept.append(lead)
            room -= len(lead.samples)
    return kept


def _left_out(ecg: RecordingSummary, kept: Sequence[Lead]) -> list[str]:
    lengths = {lead.name: len(lead.samples) for lead in kept}
    notes = []
    cut = [lead for lead in ecg.leads if 0 < lengths.get(lead.name, 0) < lead.number_of_samples]
    if cut:
        longest = max(lead.duration_s or 0.0 for lead in cut)
        notes.append(
            f"The first {MOST_S:g} s of {longest:g} s are here; the measurements are of the whole recording."
        )
    missing = [lead.name for lead in ecg.leads if lead.name not in lengths]
    if missing:
        notes.append(f"Not here: {', '.join(missing)} (no ECG, or too long).")
    return notes


def _no_leads() -> dict[str, Any]:
    return {"dataAbsentReason": absent("unknown", "The recording has no ECG lead that fits here")}


def _component(lead: Lead) -> dict[str, Any]:
    code = lead_concept(lead.name)
    if lead.sampling_rate_hz is None:
        return {"code": code, "dataAbsentReason": absent("unknown", "The sampling rate is unknown")}
    if not len(lead.samples):
        return {"code": code, "dataAbsentReason": absent("unknown", "The lead is empty")}
    sampled = {
        "origin": quantity(lead.offset, lead.unit),
        "period": 1000.0 / lead.sampling_rate_hz,
        "factor": lead.resolution,
        "dimensions": 1,
        "data": _data(lead),
    }
    return {"code": code, "valueSampledData": sampled}


def _data(lead: Lead) -> str:
    """The samples as numbers with a space between; ``E`` is a missing one."""
    samples = lead.samples
    if samples.dtype.kind != "f":
        return " ".join(map(str, samples.tolist()))
    found = np.isfinite(samples).tolist()
    return " ".join(repr(v) if is_there else "E" for v, is_there in zip(samples.tolist(), found, strict=True))

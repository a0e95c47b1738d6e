"""The FHIR bundle, checked by a FHIR library and read back as numbers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import numpy as np
import pytest
from fhir.resources.R4B.bundle import Bundle  # R4B has these resources as R4 has them
from pydicom.sr.codedict import codes

from ecg_core.domain import Lead, Measurement, RecordingSummary
from ecg_core.reports import fhir
from ecg_core.reports.fhir import fhir_bundle
from ecg_core.reports.fhir_codes import LOINC, MDC, concept, lead_concept
from ecg_core.signal.analyze import analyze
from ecg_core.signal.statistics import summarize_lead
from ecg_core.signal.synthetic import TWELVE_LEADS, synthesize_ecg

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def twelve(rate=500.0, unit="uV"):
    signals = np.round(synthesize_ecg(10, 500) * 1000).astype(np.int16)
    return [Lead(name, values, rate, unit) for name, values in zip(TWELVE_LEADS, signals, strict=True)]


def summary(leads, **fields):
    known = {
        "id": UUID(int=7), "owner": "demo", "file_name": "a.xml", "source_format": "aecg", "sha256": "0" * 64,
        "uploaded_at": NOW, "recorded_at": datetime(2026, 2, 1, 8, 0, tzinfo=UTC),
        "leads": tuple(summarize_lead(lead) for lead in leads),
    }  # fmt: skip
    return RecordingSummary(**known | fields)


def checked(leads, measurements, **fields):
    """The bundle as a dictionary, after FHIR's own rules were held."""
    data = fhir_bundle(summary(leads, **fields), measurements, leads, now=NOW)
    Bundle.model_validate_json(data)
    return json.loads(data)


def resources(bundle, kind):
    return [each["resource"] for each in bundle["entry"] if each["resource"]["resourceType"] == kind]


def observation(bundle, name):
    return next(
        one for one in resources(bundle, "Observation") if one["code"].get("coding", [{}])[-1]["code"] == name
    )


def test_a_bundle_has_what_was_measured_and_the_leads():
    leads = twelve()
    measurements = analyze(leads).measurements
    patient = {"patient id": "17", "name": "A. Žák", "sex": "F", "birth date": "1971-01-23"}
    bundle = checked(leads, measurements, patient=patient)
    assert len(resources(bundle, "Observation")) == len(measurements) + 1
    (report,), (device,) = resources(bundle, "DiagnosticReport"), resources(bundle, "Device")
    assert len(report["result"]) == len(measurements) + 1 and "not diagnoses" in report["conclusion"]
    known = {each["fullUrl"] for each in bundle["entry"]}
    assert {each["reference"] for each in report["result"]} | {report["subject"]["reference"]} <= known
    (person,) = resources(bundle, "Patient")
    assert (person["gender"], person["birthDate"]) == ("female", "1971-01-23")
    assert person["name"] == [{"text": "A. Žák"}] and device["deviceName"][0]["name"] == "ECG Reading Room"
    qrs = observation(bundle, "qrs_duration")
    value = next(one.value for one in measurements if one.name == "qrs_duration")
    assert qrs["valueQuantity"] == {
        "value": value, "unit": "ms", "system": "http://unitsofmeasure.org", "code": "ms",
    }  # fmt: skip
    assert [(each["system"], each["code"]) for each in qrs["code"]["coding"][:2]] == [
        (LOINC, "8633-0"),
        (MDC, "147228"),
    ]
    assert qrs["effectiveDateTime"] == "2026-02-01T08:00:00+00:00"


def test_the_leads_can_be_read_back():
    samples = np.array([1.5, np.nan, -0.25, 1e-5])
    lead = Lead("V2", samples, 250.0, "mV", 0.5, 0.125)
    bundle = checked([lead], [])
    (part,) = observation(bundle, "11524-6")["component"]
    sampled = part["valueSampledData"]
    assert sampled["period"] == 4.0 and sampled["data"] == "1.5 E -0.25 1e-05"
    back = [float(text) if text != "E" else np.nan for text in sampled["data"].split()]
    physical = np.array(back) * sampled["factor"] + sampled["origin"]["value"]
    assert np.array_equal(physical, lead.physical(), equal_nan=True)
    assert part["code"]["coding"][0]["code"] == str((2 << 16) + 256 + 4)


def test_what_is_withheld_or_unknown_is_said_and_not_invented():
    leads = twelve(rate=None, unit=None)
    withheld = Measurement("pr_interval", None, "ms", "withheld", "no P wave")
    never = Measurement("q_amplitude:II", None, "mV", "not applicable", "there is no Q wave")
    bundle = checked(leads, [withheld, never], recorded_at=datetime(2026, 2, 1, 8, 0))
    absent = observation(bundle, "pr_interval")["dataAbsentReason"]
    assert absent["text"] == "no P wave" and absent["coding"][0]["code"] == "unknown"
    assert observation(bundle, "q_amplitude")["dataAbsentReason"]["coding"][0]["code"] == "not-applicable"
    study = observation(bundle, "11524-6")
    assert all("sampling rate" in part["dataAbsentReason"]["text"] for part in study["component"])
    assert study["effectiveDateTime"] == "2026-02-01" and "subject" not in study
    assert "zone unknown" in resources(bundle, "DiagnosticReport")[0]["conclusion"]
    nobody = checked(leads, [withheld], patient={"sex": "9", "birth date": "31.02.1970"}, recorded_at=None)
    assert resources(nobody, "Patient")[0].keys() == {"resourceType", "id"}


@pytest.mark.parametrize(
    "leads", [[], [Lead("I", np.zeros(0, np.int16), 500.0, "mV")]], ids=["none", "empty"]
)
def test_an_ecg_without_signal_is_a_bundle_too(leads):
    checked(leads, analyze(leads).measurements)


def test_a_long_lead_is_bounded_and_said(monkeypatch):
    lead = Lead("II", np.zeros(1000, np.int16), 10.0, "mV")
    ecg = replace(summary([lead]), leads=(replace(summarize_lead(lead), number_of_samples=90_000),))
    study = observation(json.loads(fhir_bundle(ecg, [], [lead], now=NOW)), "11524-6")
    assert study["note"][0]["text"].startswith("The first 60 s of 9000 s are here")
    monkeypatch.setattr(fhir, "MOST_SAMPLES", 999)
    study = observation(checked([lead], []), "11524-6")
    assert "II" in study["note"][0]["text"] and "dataAbsentReason" in study


@pytest.mark.parametrize(
    "name, code",
    [
        ("pr_interval", codes.MDC.PRIntervalGlobal),
        ("qrs_duration", codes.MDC.QRSDurationGlobal),
        ("qt_interval", codes.MDC.QTIntervalGlobal),
        ("rr_mean", codes.MDC.RRIntervalGlobal),
        ("p_axis", codes.MDC.PAxis),
        ("qrs_axis", codes.MDC.QRSAxis),
        ("t_axis", codes.MDC.TAxis),
    ],
)
def test_mdc_codes_are_those_that_dicom_lists(name, code):
    (found,) = (each["code"] for each in concept(name)["coding"] if each["system"] == MDC)
    partition, number = code.value.split(":")
    assert int(found) == (int(partition) << 16) + int(number)


def test_leads_have_the_numbers_that_dicom_lists():
    for name, code in (("I", codes.MDC.LeadI), ("III", codes.MDC.LeadIII), ("V9R", codes.MDC.LeadV9R)):
        number = int(code.value.split(":")[1])
        assert lead_concept(name)["coding"][0]["code"] == str((2 << 16) + 256 + number)
    assert concept("r_amplitude:V5")["coding"][0]["code"] == "133127"
    assert lead_concept("ES") == {"text": "ES"}

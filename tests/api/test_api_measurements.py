"""Measurements, beats, waves, corrections and FHIR through the API."""

from __future__ import annotations

import csv
import io
import time
import uuid

import numpy as np
import pytest
from fhir.resources.R4B.bundle import Bundle

from ecg_core.signal.synthetic import TWELVE_LEADS, synthesize_ecg


def body(seconds=10, leads=TWELVE_LEADS, fs=500):
    signals = np.round(synthesize_ecg(seconds, fs, leads=leads, heart_rate_bpm=75) * 1000).astype(int)
    named = [{"name": n, "signal": s.tolist()} for n, s in zip(leads, signals, strict=True)]
    return {"leads": named, "sampling_rate": fs, "unit": "uV"}


@pytest.fixture
def client(server):
    with server.client() as opened:
        yield opened


@pytest.fixture
def ecg(client):
    return f"/ecgs/{client.post('/ecgs', json=body()).raise_for_status().json()['id']}"


def table(answer):
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def by_name(answer):
    return {one["name"]: one for one in answer.json()["measurements"]}


def test_an_ecg_is_measured(client, ecg):
    answer = client.get(f"{ecg}/measurements")
    assert answer.status_code == 200
    found = by_name(answer)
    assert found["heart_rate"]["value"] == pytest.approx(75, abs=1.5)
    assert not found["heart_rate"]["is_corrected"] and found["hrv_sdnn"]["status"] == "withheld"
    beats = client.get(f"{ecg}/beats", params={"offset": 1, "limit": 3}).json()
    assert beats["total"] == answer.json()["number_of_beats"] and [b["beat"] for b in beats["items"]] == [
        1,
        2,
        3,
    ]
    assert beats["items"][0]["rr_ms"] == pytest.approx(800, abs=60)
    waves = client.get(f"{ecg}/waves", params={"offset": 2, "limit": 1, "lead": "II"}).json()["items"]
    assert [(one["lead"], one["beat"], one["wave"]) for one in waves] == [
        ("II", 2, w) for w in ("P", "QRS", "T")
    ]
    assert client.get(f"{ecg}/waves", params={"lead": "V9"}).status_code == 404
    assert client.get(f"{ecg}/beats", params={"offset": 10**6}).json()["items"] == []


def test_corrections_reach_every_report_and_can_be_taken_back(client, ecg):
    before = by_name(client.get(f"{ecg}/measurements"))["qrs_duration"]["value"]
    moved = {"kind": "fiducial", "fiducial": "qrs_offset", "offset_ms": 90}
    made = client.post(f"{ecg}/corrections", json=moved)
    assert made.status_code == 201 and made.json()["offset_ms"] == 90
    answer = client.get(f"{ecg}/measurements")
    now = by_name(answer)["qrs_duration"]
    assert now["is_corrected"] and now["automatic_value"] == before and now["value"] > before + 10
    assert {"name": "qrs_offset", "offset_ms": 90.0}.items() <= answer.json()["fiducials"][3].items()
    row = next(r for r in table(client.get(f"{ecg}/reports/measurements.csv")) if r["name"] == "qrs_duration")
    assert float(row["value"]) == now["value"] and row["reason"].startswith(
        "corrected by a reader, automatic:"
    )
    (wide,) = table(client.get(f"{ecg}/reports/measurements_wide.csv"))
    (cohort,) = table(client.get("/ecgs/reports/measurements.csv"))
    assert wide == cohort and float(wide["qrs_duration"]) == now["value"]
    sample = client.get(f"{ecg}/beats").json()["items"][3]["sample"]
    client.post(f"{ecg}/corrections", json={"kind": "beat", "beat_sample": float(sample)}).raise_for_status()
    beats = table(client.get(f"{ecg}/reports/beats.csv"))
    assert (beats[3]["kind"], beats[3]["rr_ms"]) == ("left out", "")
    assert client.get(f"{ecg}/beats").json()["items"][3]["is_left_out"]
    details = [r for r in table(client.get(f"{ecg}/reports/details.csv")) if r["section"] == "correction"]
    assert [(r["name"], r["value"]) for r in details] == [
        ("qrs_offset", "moved to 90 ms from R"),
        ("beat", "left out"),
    ]
    assert details[1]["start_sample"] == str(sample) and float(details[1]["start_s"]) == sample / 500
    bundle = client.get(f"{ecg}/fhir")
    assert (
        bundle.headers["content-type"] == "application/fhir+json" and "corrected by a reader" in bundle.text
    )
    Bundle.model_validate_json(bundle.content)
    for one in client.get(f"{ecg}/corrections").json():
        assert client.delete(f"{ecg}/corrections/{one['id']}").status_code == 204
        assert client.delete(f"{ecg}/corrections/{one['id']}").status_code == 404
    assert by_name(client.get(f"{ecg}/measurements"))["qrs_duration"]["value"] == before
    assert all(one["undone_by"] for one in client.get(f"{ecg}/corrections").json())
    assert "taken back by" in client.get(f"{ecg}/reports/details.csv").text


@pytest.mark.parametrize(
    "sent, words",
    [
        ({"kind": "beat", "beat_sample": 1}, "list of beats"),
        ({"kind": "beat", "beat_sample": -1}, "greater than or equal to 0"),
        ({"kind": "beat"}, "beat_sample"),
        ({"kind": "beat", "beat_sample": 1, "offset_ms": 2}, "offset_ms"),
        ({"kind": "fiducial", "fiducial": "u_onset", "offset_ms": 1}, "'p_onset'"),
        ({"kind": "fiducial", "fiducial": "t_offset", "offset_ms": -100}, "t_offset"),
        ({"kind": "fiducial", "fiducial": "t_offset", "offset_ms": "x"}, "valid number"),
        ({"kind": "fiducial", "fiducial": "t_offset", "offset_ms": 1e9}, "less than or equal to 10000"),
        ({"kind": "wave"}, "kind"),
        ([], "dict"),
    ],
)
def test_what_cannot_be_corrected_is_422(client, ecg, sent, words):
    answer = client.post(f"{ecg}/corrections", json=sent)
    assert answer.status_code == 422 and words in answer.json()["detail"], answer.text
    assert client.get(f"{ecg}/corrections").json() == []


def test_somebody_elses_measurements_are_not_there(server, client, ecg):
    with server.client() as other:
        answers = [
            other.get(f"{ecg}/{what}") for what in ("measurements", "beats", "waves", "corrections", "fhir")
        ]
        answers += [other.get(f"{ecg}/reports/{name}.csv") for name in ("measurements", "beats", "waves")]
        answers += [other.post(f"{ecg}/corrections", json={"kind": "beat", "beat_sample": 1})]
        answers += [other.delete(f"{ecg}/corrections/{uuid.uuid4()}")]
        assert table(other.get("/ecgs/reports/measurements.csv")) == []
    assert {answer.status_code for answer in answers} == {404}
    assert client.delete(f"{ecg}/corrections/nonsense").status_code == 404


def test_a_long_ecg_is_202_until_it_is_measured(client):
    sent = body(seconds=600, leads=("I", "II"), fs=250)
    ecg = f"/ecgs/{client.post('/ecgs', json=sent).raise_for_status().json()['id']}"
    first = client.get(f"{ecg}/measurements")
    assert first.status_code == 202 and int(first.headers["retry-after"]) > 0
    end = time.monotonic() + 60
    while (answer := client.get(f"{ecg}/measurements")).status_code == 202 and time.monotonic() < end:
        time.sleep(0.2)
    assert by_name(answer)["heart_rate"]["value"] == pytest.approx(75, abs=1.5)
    assert "The first 60 s of 600 s" in client.get(f"{ecg}/fhir").text


def test_an_ecg_without_a_rate_says_why_it_is_not_measured(client):
    ecg = client.post("/ecgs", json={"leads": [{"name": "I", "signal": [1, 0, -1]}]}).json()["id"]
    found = client.get(f"/ecgs/{ecg}/measurements").json()
    assert {one["status"] for one in found["measurements"]} == {"withheld"} and found["sampling_rate"] is None
    assert client.get(f"/ecgs/{ecg}/fhir").status_code == 200
    assert table(client.get(f"/ecgs/{ecg}/reports/beats.csv")) == []

"""Median beats over HTTP."""

from __future__ import annotations

import uuid

import numpy as np
import pytest

from ecg_core.signal.synthetic import TWELVE_LEADS, synthesize_ecg


@pytest.fixture(scope="module")
def client(server):
    with server.client() as opened:
        yield opened


def post(client, seconds=20.0, **fields) -> str:
    signals = synthesize_ecg(seconds, 250.0)
    leads = [
        {"name": name, "signal": np.round(values, 4).tolist()}
        for name, values in zip(TWELVE_LEADS, signals, strict=True)
    ]
    answer = client.post("/ecgs", json={"leads": leads, **fields})
    return answer.raise_for_status().json()["id"]


def test_the_median_beat_of_every_lead(client):
    ecg_id = post(client, sampling_rate=250, unit="mV")
    found = client.get(f"/ecgs/{ecg_id}/median-beats", params={"start": 2, "length": 15}).json()
    assert (found["start_s"], found["length_s"], found["lead_of_beats"]) == (2.0, 15.0, "II")
    assert 60 < found["heart_rate_bpm"] < 72 and len(found["leads"]) == 12
    two = found["leads"][1]
    assert (two["name"], two["unit"], two["sampling_rate"], two["reason"]) == ("II", "mV", 250.0, "")
    assert two["number_of_beats"] + two["left_out"] == found["number_of_beats"]
    assert int(np.argmax(two["values"])) == two["r_index"] and 0.9 < max(two["values"]) < 1.3


def test_without_a_sampling_rate_the_reason_is_said(client):
    found = client.get(f"/ecgs/{post(client)}/median-beats").json()
    assert {(lead["values"], lead["reason"]) for lead in found["leads"]} == {
        (None, "its sampling rate is unknown")
    }
    assert (found["heart_rate_bpm"], found["lead_of_beats"]) == (None, "")


@pytest.mark.parametrize("query", ["start=-1", "length=0", "length=nan", "start=x"])
def test_a_stretch_that_is_none_is_refused(client, query):
    assert client.get(f"/ecgs/{uuid.uuid4()}/median-beats?{query}").status_code == 422


def test_nobody_elses(client, server):
    ecg_id = post(client, seconds=5.0)
    with server.client() as other:
        assert other.get(f"/ecgs/{ecg_id}/median-beats").status_code == 404
    assert client.get(f"/ecgs/{ecg_id}/median-beats", headers={"x-user-token": "no"}).status_code == 401

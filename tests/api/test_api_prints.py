"""Prints through the API: for whom, of what kind, and what is refused."""

from __future__ import annotations

import uuid

import pytest

from ecg_core.signal.synthetic import TWELVE_LEADS, synthesize_ecg
from tests.reports.printed import page_sizes, pdf_texts


@pytest.fixture(scope="module")
def client(server):
    with server.client() as opened:
        yield opened


@pytest.fixture(scope="module")
def ecg_id(client):
    signals = (synthesize_ecg(20, 250) * 1000).round()
    leads = [
        {"name": name, "signal": values.tolist()} for name, values in zip(TWELVE_LEADS, signals, strict=True)
    ]
    body = {"leads": leads, "sampling_rate": 250, "unit": "uV"}
    return client.post("/ecgs", json=body).raise_for_status().json()["id"]


@pytest.mark.parametrize(
    "name, media_type, beginning",
    [
        ("pdf", "application/pdf", b"%PDF"),
        ("png", "image/png", b"\x89PNG"),
        ("svg", "image/svg+xml", b"<?xml"),
    ],
)
def test_each_format(client, ecg_id, name, media_type, beginning):
    answer = client.get(f"/ecgs/{ecg_id}/prints/{name}")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith(media_type)
    assert answer.content.startswith(beginning)
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["content-disposition"].endswith(f"_{ecg_id[:8]}.{name}")


def test_the_parameters_of_a_view(client, ecg_id):
    view = {"speed": "50", "gain": "5", "filter": "0.05-40", "notch": "50", "baseline": "1", "leads": "II,V1"}
    answer = client.get(
        f"/ecgs/{ecg_id}/prints/pdf", params={**view, "start": 3, "length": 5, "size": "Letter"}
    )
    (text,) = pdf_texts(answer.content)
    assert page_sizes(answer.content) == [(279.4, 215.9)]
    for words in ("50 mm/s · 5 mm/mV", "0.05–40 Hz · 50 Hz notch · baseline removed", "3–8 s of 20 s"):
        assert words in text, (words, text)
    assert "Not on this page: leads I, III, aVR, aVL, aVF, V2, V3, V4, V5, V6" in " ".join(text.split())


@pytest.mark.parametrize("kind", ["page", "envelope", "full-disclosure"])
@pytest.mark.parametrize("start", [0, 20])
def test_the_shortest_stretch_there_is(client, ecg_id, kind, start):
    params = {"start": start, "length": 5e-324, "kind": kind}
    assert client.get(f"/ecgs/{ecg_id}/prints/pdf", params=params).status_code in (200, 422)
    answer = client.get(f"/ecgs/{ecg_id}/envelopes", params={"start": start, "length": 5e-324})
    assert answer.status_code in (200, 422)


def test_full_disclosure_and_strips(client, ecg_id):
    answer = client.get(f"/ecgs/{ecg_id}/prints/pdf", params={"kind": "full-disclosure", "lead": "V5"})
    assert "Full disclosure of lead V5" in pdf_texts(answer.content)[0]
    answer = client.get(f"/ecgs/{ecg_id}/prints/pdf", params={"start": [0, 10], "length": [5, 5]})
    assert len(pdf_texts(answer.content)) == 2


def test_what_the_view_shows_beside_the_traces(client, ecg_id):
    shown = {"mode": "overlay", "dead_band": "0.05", "detrend": "1", "beats": "1", "leads": "II,V1"}
    first, second = pdf_texts(client.get(f"/ecgs/{ecg_id}/prints/pdf", params=shown).content)
    assert "all leads on one axis" in first and "with a dead band of ±0.05 mV, baseline removed: II " in first
    assert "median of " in second
    answer = client.get(f"/ecgs/{ecg_id}/prints/pdf", params={"kind": "envelope"})
    assert "Lowest to highest in columns of time" in pdf_texts(answer.content)[0]


@pytest.mark.parametrize(
    "parameters, words",
    [
        ({"speed": 30}, "12.5, 25, 50"),
        ({"layout": "4x4"}, "'3x4+1'"),
        ({"filter": "x"}, "'0.05-150'"),
        ({"size": "A3"}, "'A4', 'Letter'"),
        ({"kind": "poster"}, "full-disclosure"),
        ({"mode": "sideways"}, "'overlay'"),
        ({"dead_band": 11}, "dead_band"),
        ({"dead_band": "nan"}, "dead_band"),
        ({"beats": "perhaps"}, "beats"),
        ({"length": 0}, "length"),
        ({"start": "nan"}, "start"),
        ({"start": "soon"}, "start"),
        ({"page": 0}, "page"),
    ],
)
def test_what_is_wrong_is_said(client, ecg_id, parameters, words):
    answer = client.get(f"/ecgs/{ecg_id}/prints/pdf", params=parameters)
    assert answer.status_code == 422 and words in answer.json()["detail"], answer.text
    assert client.get(f"/ecgs/{ecg_id}/prints/gif").status_code == 422


def test_a_lead_or_page_that_is_not_there(client, ecg_id):
    answer = client.get(f"/ecgs/{ecg_id}/prints/pdf", params={"leads": "V9"})
    assert answer.status_code == 404 and "the leads are I, II" in answer.json()["detail"]
    assert client.get(f"/ecgs/{ecg_id}/prints/svg", params={"page": 2}).status_code == 404


def test_only_for_its_owner(server, client, ecg_id):
    assert client.get(f"/ecgs/{uuid.uuid4()}/prints/pdf").status_code == 404
    with server.client() as other:
        assert other.get(f"/ecgs/{ecg_id}/prints/pdf").status_code == 404
    assert client.get(f"/ecgs/{ecg_id}/prints/pdf", headers={"x-user-token": "no"}).status_code == 401

"""Annotations, envelopes and the overview over HTTP: the stored numbers, bounded, and nobody else's."""

from __future__ import annotations

import uuid

import numpy as np
import pytest
import wfdb

from ecg_core.signal.synthetic import synthesize_ecg

RATE = 250
SECONDS = 600
SYMBOLS = ["N", "N", "V", "N"]


@pytest.fixture(scope="module")
def client(server):
    with server.client() as opened:
        yield opened


@pytest.fixture(scope="module")
def counts() -> np.ndarray:
    """Ten minutes of two leads in steps of 5 µV, with a gap in the second."""
    leads = synthesize_ecg(SECONDS, RATE, leads=("II", "V1"), seed=5)
    return np.round(leads / 0.005).astype(np.int64).T


@pytest.fixture(scope="module")
def ecg_id(client, counts, tmp_path_factory) -> str:
    """As a WFDB record of 150,000 samples, with a mark each second and a change of rhythm each minute."""
    folder = tmp_path_factory.mktemp("wfdb")
    stored = counts.copy()
    stored[50_000:60_000, 1] = -32768  # the format's missing sample
    wfdb.wrsamp(
        "ten", fs=RATE, units=["mV", "mV"], sig_name=["II", "V1"], d_signal=stored, fmt=["16", "16"],
        adc_gain=[200.0, 200.0], baseline=[0, 0], write_dir=str(folder),
    )  # fmt: skip
    at = np.arange(SECONDS) * RATE
    symbols = ["+" if n % 60 == 0 else SYMBOLS[n % 4] for n in range(SECONDS)]
    notes = ["(AFIB" if n % 60 == 0 else "" for n in range(SECONDS)]
    wfdb.wrann("ten", "atr", at, symbol=symbols, aux_note=notes, write_dir=str(folder))
    parts = [("file", (f"ten.{end}", (folder / f"ten.{end}").read_bytes())) for end in ("hea", "dat", "atr")]
    return client.post("/ecgs/files", files=parts).raise_for_status().json()["id"]


def test_annotations_of_a_window_and_a_kind(client, ecg_id):
    found = client.get(f"/ecgs/{ecg_id}/annotations", params={"start": 59, "stop": 62}).json()
    assert found["total"] == 3
    assert [(one["start_s"], one["kind"], one["text"]) for one in found["items"]] == [
        (59.0, "beat", "N"), (60.0, "rhythm", "(AFIB"), (61.0, "beat", "N")
    ]  # fmt: skip
    assert found["items"][0] == {"start_s": 59.0, "duration_s": None, "kind": "beat", "text": "N", "lead": ""}
    rhythms = client.get(f"/ecgs/{ecg_id}/annotations", params={"kind": "rhythm"}).json()
    assert rhythms["total"] == 10 and [one["start_s"] for one in rhythms["items"]] == list(range(0, 600, 60))


def test_annotations_come_in_pages(client, ecg_id):
    pages = [
        client.get(f"/ecgs/{ecg_id}/annotations", params={"limit": 250, "offset": offset}).json()
        for offset in (0, 250, 500, 750)
    ]
    assert [(page["total"], len(page["items"])) for page in pages] == [
        (600, 250), (600, 250), (600, 100), (600, 0)
    ]  # fmt: skip
    assert [one["start_s"] for page in pages for one in page["items"]] == list(range(600))


def test_an_ecg_without_annotations_has_none(client):
    ecg_id = client.post("/ecgs", json={"leads": [{"name": "I", "signal": [1, -1]}]}).json()["id"]
    assert client.get(f"/ecgs/{ecg_id}/annotations").json() == {"total": 0, "items": []}


def test_envelopes_are_the_extremes_of_the_stored_signal(client, ecg_id, counts):
    query = {"start": 100, "length": 300, "columns": 200, "lead": ["V1", "II"]}
    two, v1 = client.get(f"/ecgs/{ecg_id}/envelopes", params=query).json()["leads"]
    assert (two["name"], v1["name"], two["unit"], two["sampling_rate"]) == ("II", "V1", "mV", 250.0)
    width, begin = two["samples_per_column"], two["first_sample"]
    assert begin <= 25_000 < begin + width and 200 <= len(two["lowest"]) <= 402
    for column in (0, 57, 199):
        part = counts[begin + column * width : begin + (column + 1) * width, 0] * 0.005
        assert (two["lowest"][column], two["highest"][column]) == pytest.approx((part.min(), part.max()))
    crossings = int((np.diff(np.sign(counts[counts[:, 0] != 0, 0])) != 0).sum())
    assert two["number_of_zero_crossings"] == crossings
    assert sum(v1["missing"]) == 10_000 and None in v1["lowest"] and None not in two["lowest"]
    whole = client.get(f"/ecgs/{ecg_id}/envelopes", params={"lead": "II", "columns": 10}).json()["leads"][0]
    assert sum(whole["rising"]) + sum(whole["falling"]) == crossings


def test_envelopes_without_rate_and_unit_are_in_samples_and_counts(client):
    body = {"leads": [{"name": "I", "signal": [1, 0, -1, None, 1, 0, 0, 7]}]}
    ecg_id = client.post("/ecgs", json=body).json()["id"]
    query = {"start": 2, "length": 6, "columns": 3}
    (lead,) = client.get(f"/ecgs/{ecg_id}/envelopes", params=query).json()["leads"]
    assert (lead["unit"], lead["sampling_rate"], lead["number_of_samples"]) == (None, None, 8)
    assert (lead["first_sample"], lead["samples_per_column"]) == (2, 2)
    assert (lead["lowest"], lead["highest"]) == ([-1.0, 0.0, 0.0], [-1.0, 1.0, 7.0])
    assert lead["missing"] == [1, 0, 0]
    beyond = client.get(f"/ecgs/{ecg_id}/envelopes", params={"start": 99}).json()["leads"][0]
    assert beyond["lowest"] == [] and beyond["first_sample"] == 8


def test_the_overview_says_where_its_beats_are_from(client, ecg_id):
    seen = client.get(f"/ecgs/{ecg_id}/overview", params={"columns": 60}).json()
    assert (seen["lead"], seen["unit"], seen["duration_s"], seen["beats_source"]) == (
        "II",
        "mV",
        600.0,
        "file",
    )
    assert 60 <= len(seen["lowest"]) <= 122 and len(seen["lowest"]) == len(seen["crossings"])
    assert seen["column_s"] == seen["samples_per_column"] / 250
    assert (seen["gaps"], seen["missing_share"]) == ([], 0.0)
    assert 59 < np.median([rate for rate in seen["rates_bpm"] if rate is not None]) < 61


def test_an_overview_without_a_rate_has_no_times_and_no_heart_rate(client):
    body = {"leads": [{"name": "I", "signal": [1, 0, -1, None, None, 1, 0, 7]}]}
    ecg_id = client.post("/ecgs", json=body).json()["id"]
    seen = client.get(f"/ecgs/{ecg_id}/overview").json()
    assert [seen[name] for name in ("unit", "column_s", "duration_s", "rates_bpm")] == [None] * 4
    assert (seen["beats_source"], seen["gaps"], seen["missing_share"]) == (
        "",
        [{"start": 3.0, "stop": 5.0}],
        0.25,
    )


@pytest.mark.parametrize(
    "address, said",
    [
        ("annotations?start=-1", "start"),
        ("annotations?start=nan", "start"),
        ("annotations?start=9&stop=9", "'stop' is 9 s: it must be after 'start', which is 9 s"),
        ("annotations?kind=beats", "'beat', 'rhythm' or 'note'"),
        ("annotations?limit=10001", "limit"),
        ("envelopes?length=0", "length"),
        ("envelopes?columns=4001", "less than or equal to 4000"),
        ("envelopes?start=x", "start"),
        ("overview?columns=0", "greater than or equal to 1"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_reason(client, ecg_id, address, said):
    answer = client.get(f"/ecgs/{ecg_id}/{address}")
    assert answer.status_code == 422 and said in answer.json()["detail"]


def test_a_lead_that_is_not_there_is_named_with_those_that_are(client, ecg_id):
    answer = client.get(f"/ecgs/{ecg_id}/envelopes", params={"lead": ["II", "aVX"]})
    assert answer.status_code == 404
    assert answer.json()["detail"] == f"ECG {ecg_id} has no lead 'aVX'; its leads are II, V1"


@pytest.mark.parametrize("what", ["annotations", "envelopes", "overview"])
def test_nobody_elses(client, server, ecg_id, what):
    with server.client() as other:
        answer = other.get(f"/ecgs/{ecg_id}/{what}")
        assert answer.status_code == 404 and answer.json() == {"detail": f"ECG not found for id {ecg_id}"}
    assert client.get(f"/ecgs/{uuid.uuid4()}/{what}").status_code == 404
    assert client.get(f"/ecgs/none/{what}").status_code == 404
    assert client.get(f"/ecgs/{ecg_id}/{what}", headers={"x-user-token": "no"}).status_code == 401

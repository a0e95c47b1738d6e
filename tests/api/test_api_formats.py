"""Files of many formats, archives and files that belong together, sent by a real client."""

import io
import json
import zipfile

import numpy as np
import pytest

from tests.readers.test_readers_kardia import atc, ecg, form, info
from tests.wfdb_example import WAVE, wfdb_record

BAD = b'{"leads": []}'


@pytest.fixture
def client(server):
    with server.client() as opened:
        yield opened


def packed(files):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        for name, data in files.items():
            zipped.writestr(name, data)
    return archive.getvalue()


def send(client, files):
    return client.post("/ecgs/files", files=[("file", (name, data)) for name, data in files.items()])


def test_files_that_belong_together_become_one_ecg(client):
    record = wfdb_record()
    answer = send(client, record)
    assert answer.status_code == 201
    (file,) = answer.json()["files"]
    assert file["file_name"] == "r.hea" and file["id"] == answer.json()["id"]
    found = client.get(f"/ecgs/{file['id']}").json()
    assert (found["source_format"], found["number_of_annotations"], found["number_of_files"]) == (
        "wfdb",
        2,
        3,
    )
    samples = client.get(f"/ecgs/{file['id']}/leads/II").json()
    assert samples["samples"] == WAVE.tolist() and samples["resolution"] == 0.001
    assert send(client, record).status_code == 200
    original = client.get(f"/ecgs/{file['id']}/original")
    with zipfile.ZipFile(io.BytesIO(original.content)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == record
    details = client.get(f"/ecgs/{file['id']}/reports/details.csv").text
    assert f"{file['id']},annotation,beat,N,1.0,,," in details


def test_an_archive_of_many_says_what_became_of_each(client):
    archive = packed({
        **{f"day 1/{name}": data for name, data in wfdb_record("a").items()},
        "kardia.atc": atc(info(), form(), ecg()),
        "bad.json": BAD,
    })  # fmt: skip
    answer = send(client, {"study.zip": archive})
    assert answer.status_code == 201 and answer.json()["id"] is None
    files = {file["file_name"]: file for file in answer.json()["files"]}
    assert set(files) == {"study.zip/day 1/a.hea", "study.zip/kardia.atc", "study.zip/bad.json"}
    assert files["study.zip/bad.json"]["id"] is None
    assert '"leads" is empty' in files["study.zip/bad.json"]["problem"]
    assert client.get("/ecgs").json()["total"] == 2


def test_what_cannot_be_read_is_refused_and_kept(client):
    assert send(client, {"bad.json": BAD}).json() == {
        "detail": '"leads" is empty; at least one lead is needed'
    }
    both = send(client, {"a.json": BAD, "b.bin": b"\0\1\2"})
    assert both.status_code == 422 and "None of the 2 files can be read" in both.json()["detail"]
    kept = client.get("/ecgs/unread").json()
    assert [file["name"] for file in kept] == ["b.bin", "bad.json"]
    path = f"/ecgs/unread/{kept[1]['id']}"
    assert client.get(path).content == BAD
    assert client.post(path).json()[0]["problem"] == kept[1]["reason"]
    assert client.delete(path).status_code == 204 and client.get(path).status_code == 404


def test_an_ecg_is_exported_and_read_again(client):
    ecg_id = send(client, wfdb_record("x")).json()["id"]
    for name in ("wfdb", "edf", "dicom", "csv", "json"):
        exported = client.get(f"/ecgs/{ecg_id}/exports/{name}")
        assert exported.status_code == 200, exported.text
        again = send(client, {"again": exported.content}).json()["id"]
        lead = client.get(f"/ecgs/{again}/leads/II").json()
        volts = np.array(lead["samples"]) * lead["resolution"] + lead["offset"]
        scale = {"mV": 1, "uV": 1e-3}[lead["unit"]]
        assert np.allclose(volts * scale, WAVE / 1000, rtol=0, atol=1e-9), name


def test_derived_leads_are_added_once(client):
    body = {"leads": [{"name": "I", "signal": [1, 2]}, {"name": "II", "signal": [3, 5]}]}
    ecg_id = client.post("/ecgs", json=body).json()["id"]
    answer = client.post(f"/ecgs/{ecg_id}/derived-leads").json()
    assert [(lead["name"], lead["is_derived"]) for lead in answer["leads"]][2:] == [
        ("III", True), ("aVR", True), ("aVL", True), ("aVF", True),
    ]  # fmt: skip
    assert client.post(f"/ecgs/{ecg_id}/derived-leads").status_code == 409


def test_every_real_file_is_stored_or_refused_with_a_true_reason(client, real_data):
    folder = real_data / "formats"
    names = sorted(path for path in folder.rglob("*") if path.is_file())
    archive = packed({str(path.relative_to(folder)): path.read_bytes() for path in names})
    answer = client.post("/ecgs/files", files={"file": ("formats.zip", archive)}).json()
    refused = {file["file_name"]: file["problem"] for file in answer["files"] if file["id"] is None}
    assert len(answer["files"]) >= 19 and json.dumps(refused).count("Heal Force") == len(refused) <= 1

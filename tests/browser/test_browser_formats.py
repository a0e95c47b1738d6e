"""An archive of several formats, dropped in a real Chromium: previewed, stored, read, given back."""

from __future__ import annotations

import io
import zipfile

import pytest
from playwright.sync_api import expect

from tests.api.test_api_formats import BAD, packed
from tests.browser.steps import figure, log_in, main_area, open_ecg, upload, wait_for_paper, wait_until_idle
from tests.readers.test_readers_kardia import atc, ecg, form, info
from tests.wfdb_example import wfdb_record

pytestmark = pytest.mark.browser


def test_an_archive_from_the_drop_to_the_download(server, page, tmp_path):
    record = wfdb_record()
    files = {**record, "kardia.atc": atc(info(), form(), ecg(), ecg(1)), "bad.json": BAD}
    (tmp_path / "study.zip").write_bytes(packed(files))
    log_in(page, server, server.register())
    expect(main_area(page).get_by_text("Patient fields in the files are kept.")).to_be_visible()
    upload(page, tmp_path / "study.zip")
    expect(main_area(page).get_by_text("II, V1 · 8 s · 250 Hz · mV")).to_be_visible()
    expect(main_area(page).get_by_text("with r.dat, r.atr")).to_be_visible()
    page.get_by_role("button", name="Store 2 ECGs").click()
    expect(main_area(page).get_by_text("study.zip/r.hea: stored")).to_be_visible()
    page.get_by_text("Could not be read (1)").click()
    expect(main_area(page).get_by_text('"leads" is empty; at least one lead is needed').last).to_be_visible()
    wait_until_idle(page)
    page.get_by_role("button", name="Delete", exact=True).first.click()
    expect(main_area(page).get_by_text("Could not be read")).to_have_count(0)

    open_ecg(page, "r.hea")
    wait_for_paper(page)
    assert figure(page)["labels"]
    page.get_by_text("Show the file's annotations (2)").click()
    with page.expect_download() as download:
        main_area(page).get_by_role("link", name="Uploaded file").click()
    with zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes())) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == record
    page.get_by_text("Export the ECG").click()
    with page.expect_download() as download:
        main_area(page).get_by_role("link", name="EDF+ or BDF+").click()
    assert download.value.path().read_bytes()[:8] == b"0       "


def test_limb_leads_are_derived_on_demand(server, page):
    token = server.register()
    wave = list(range(-300, 300)) * 4
    body = {"sampling_rate": 250, "unit": "uV",
            "leads": [{"name": "I", "signal": wave}, {"name": "II", "signal": wave[::-1]}]}  # fmt: skip
    with server.client(token) as client:
        ecg_id = client.post("/ecgs", json=body).json()["id"]
    log_in(page, server, token, f"/viewer?ecg={ecg_id}")
    wait_for_paper(page)
    wait_until_idle(page)
    page.get_by_role("button", name="Add III, aVR, aVL, aVF derived from I and II").click()
    expect(page.get_by_role("button", name="derived from I and II")).to_have_count(0)
    with server.client(token) as client:
        assert len(client.get(f"/ecgs/{ecg_id}").json()["leads"]) == 6

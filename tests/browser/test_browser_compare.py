"""Two ECGs compared in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from ecg_core.signal.synthetic import synthesize_ecg
from tests.browser.steps import PATIENCE_MS, log_in, main_area, wait_until_idle

pytestmark = pytest.mark.browser


def csv_file(patient: str, year: int) -> bytes:
    leads = ("I", "II")
    signals = synthesize_ecg(10.0, 250.0, leads=leads, heart_rate_bpm=year - 1950.0)
    head = f"patient id: {patient}\nrecorded: {year}-03-01 10:00\nsampling rate: 250 Hz\nunit: mV\nI,II\n"
    return (head + "\n".join(",".join(f"{v:.3f}" for v in row) for row in signals.T)).encode()


def test_a_reader_chooses_the_other_ecg_and_both_are_shown(server, chromium):
    token = server.register()
    with server.client(token) as client:
        ids = {
            name: client.post("/ecgs/files", files={"file": (name, csv_file(patient, year))}).json()["id"]
            for name, patient, year in (("new.csv", "A", 2020), ("old.csv", "A", 2010), ("b.csv", "B", 2015))
        }
    page = chromium.new_page(viewport={"width": 1600, "height": 1000})
    log_in(page, server, token)
    page.goto(f"{server.url}/compare?ecg={ids['new.csv']}")
    wait_until_idle(page)
    page.get_by_role("combobox").click()
    assert "same patient" in page.get_by_role("option").first.inner_text()
    page.get_by_role("option").first.click()
    expect(page.get_by_text("Same patient")).to_be_visible(timeout=PATIENCE_MS)
    page.wait_for_url(f"**with={ids['old.csv']}*")
    plots = page.locator(".js-plotly-plot")
    expect(plots).to_have_count(3, timeout=PATIENCE_MS)
    left, right = (plots.nth(number).bounding_box() for number in (1, 2))
    assert left["height"] == right["height"] and left["width"] == right["width"]
    assert left["y"] == right["y"] and left["x"] + left["width"] < right["x"]
    expect(main_area(page).get_by_text("Older: 2010-03-01 10:00")).to_be_visible()

    page.goto(f"{server.url}/compare?ecg={ids['new.csv']}&with={ids['b.csv']}")
    expect(page.get_by_text("Different patients")).to_be_visible(timeout=PATIENCE_MS)
    expect(plots).to_have_count(0)
    page.get_by_role("button", name="Show them all the same").click()
    expect(plots).to_have_count(3, timeout=PATIENCE_MS)
    page.close()


def test_somebody_elses_ecg_is_as_one_that_is_not_there(server, chromium):
    with server.client() as other, server.client(token := server.register()) as client:
        theirs = other.post("/ecgs/files", files={"file": ("x.csv", csv_file("A", 2011))}).json()["id"]
        mine = client.post("/ecgs/files", files={"file": ("y.csv", csv_file("A", 2012))}).json()["id"]
    page = chromium.new_page()
    log_in(page, server, token)
    for ecg, other_ecg in ((mine, theirs), (theirs, mine), (mine, "x")):
        page.goto(f"{server.url}/compare?ecg={ecg}&with={other_ecg}")
        expect(page.get_by_text("You have no ECG with this address")).to_be_visible(timeout=PATIENCE_MS)
        assert page.locator(".js-plotly-plot").count() == 0
    page.close()

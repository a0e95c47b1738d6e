"""The whole story of a user, in a real Chromium against the running server."""

from __future__ import annotations

import csv
import io
import json

import httpx
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from ecg_core.services.logins import WRONG_TOKEN
from tests.browser.steps import (
    PATIENCE_MS,
    eventually,
    figure,
    log_in,
    main_area,
    open_ecg,
    open_expander,
    search_box,
    submit_token,
    upload,
    wait_for_paper,
    wait_until_idle,
)

pytestmark = pytest.mark.browser
TIME = np.arange(2000) / 250
WAVE = np.round(500 * np.sin(2 * np.pi * TIME + 0.3)).astype(int)


@pytest.fixture
def files(tmp_path):
    """A good file, one with a word among the numbers, and one that states neither rate nor unit."""
    rows = "\n".join(f"{t:.3f},{v}" for t, v in zip(TIME, WAVE, strict=True))
    (tmp_path / "good.csv").write_text(f"time (s),II (uV)\n{rows}\n")
    (tmp_path / "bad.csv").write_text("time (s),II (uV)\n0.000,1\n0.004,oops\n0.008,2\n0.012,3\n")
    body = {"leads": [{"name": "V1", "signal": WAVE.tolist()}]}
    (tmp_path / "bare.json").write_text(json.dumps(body))
    return tmp_path


def downloaded(page: Page, label: str) -> tuple[str, list[dict[str, str]]]:
    with page.expect_download() as download:
        main_area(page).get_by_role("link", name=label).click()
    content = download.value.path().read_bytes().decode()
    return download.value.suggested_filename, list(csv.DictReader(io.StringIO(content, newline="")))


def test_from_login_to_logout(server, page, files):
    token = server.register()
    page.goto(server.url)
    submit_token(page, "no-such-token")
    expect(main_area(page).get_by_role("alert")).to_have_text(WRONG_TOKEN)
    submit_token(page, token)
    page.get_by_role("heading", name="Library").wait_for()

    upload(page, files / "good.csv", files / "bad.csv")
    expect(main_area(page).get_by_text("II · 8 s · 250 Hz · µV")).to_be_visible()
    expect(main_area(page).get_by_text("Row 3, column 'II': 'oops' is not a number")).to_be_visible()
    page.get_by_role("button", name="Store 1 ECG").click()
    expect(main_area(page).get_by_text("good.csv: stored")).to_be_visible()
    expect(main_area(page).get_by_text("bad.csv: not stored")).to_be_visible()

    page.get_by_role("link", name="Open it").click()
    assert {"rising ▲", "falling ▽"} <= set(figure(page)["names"])
    page.get_by_text("Highlight zero crossings").click()
    eventually(lambda: not {"rising ▲", "falling ▽"} & set(figure(page)["names"]))

    ecg_id = page.url.split("ecg=")[1].split("&")[0]
    name, leads = downloaded(page, "Lead report")
    assert name == f"good_{ecg_id[:8]}_leads.csv"
    crossings = downloaded(page, "Zero crossings (CSV)")[1]
    with server.client(token) as client:
        insights = client.get(f"/ecgs/{ecg_id}/insights").json()["leads"]
    assert insights == [{"name": "II", "number_of_zero_crossings": 16}]
    assert leads[0]["number_of_zero_crossings"] == "16" and len(crossings) == 16
    assert len(downloaded(page, "All ECGs")[1]) == 1

    cookies = {c["name"]: c["value"] for c in page.context.cookies()}
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_label("Access token")).to_be_visible()
    report = f"{server.url}/ecgs/{ecg_id}/reports/leads.csv"
    assert httpx.get(report, cookies={"ecg_session": cookies["ecg_session"]}).status_code == 401


def test_login_holds_for_reload_second_tab_and_deep_link_and_ends_everywhere(server, page, chromium):
    log_in(page, server, server.demo_token)
    open_ecg(page, "twelve-leads")
    wait_for_paper(page)
    page.reload()
    wait_for_paper(page)
    second = page.context.new_page()
    second.goto(page.url)
    wait_for_paper(second)
    copied = page.context.cookies()

    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_label("Access token")).to_be_visible()
    second.get_by_text("Highlight zero crossings").click()
    expect(second.get_by_label("Access token")).to_be_visible(timeout=PATIENCE_MS)

    thief = chromium.new_context()
    thief.add_cookies(copied)
    stolen = thief.new_page()
    stolen.goto(server.url)
    expect(stolen.get_by_label("Access token")).to_be_visible(timeout=PATIENCE_MS)
    thief.close()


def test_a_deep_link_asks_for_the_token_and_then_leads_there(server, page):
    with server.client(server.demo_token) as client:
        ecg_id = client.get("/ecgs?search=twelve").json()["items"][0]["id"]
    log_in(page, server, server.demo_token, f"/viewer?ecg={ecg_id}")
    wait_for_paper(page)
    assert page.url == f"{server.url}/viewer?ecg={ecg_id}"


def test_missing_rate_and_unit_are_said_and_can_be_entered(server, page, files):
    log_in(page, server, server.register())
    upload(page, files / "bare.json")
    page.get_by_role("button", name="Store 1 ECG").click()
    page.get_by_role("link", name="Open it").click()
    expect(main_area(page).get_by_text("The sampling rate is unknown: drawn")).to_be_visible()
    expect(main_area(page).get_by_text("The unit is unknown")).to_be_visible()
    before = figure(page)
    wait_until_idle(page)
    open_expander(page, "Enter what the file does not state")
    page.get_by_label("Sampling rate in Hz").fill("250")
    page.get_by_role("button", name="Save").click()
    expect(main_area(page).get_by_text("The sampling rate is unknown")).to_have_count(0)
    wait_until_idle(page)
    after = figure(page)
    assert before["x"]["range"][1] > 1000 and 5 < after["x"]["range"][1] < 15


def test_a_known_file_is_said_and_linked_and_not_stored_twice(server, page, files):
    token = server.register()
    log_in(page, server, token)
    upload(page, files / "good.csv")
    page.get_by_role("button", name="Store 1 ECG").click()
    expect(main_area(page).get_by_text("good.csv: stored")).to_be_visible()
    upload(page, files / "good.csv")
    expect(main_area(page).get_by_text("You have this file already")).to_be_visible()
    main_area(page).get_by_role("link", name="Open it").first.click()
    wait_for_paper(page)
    with server.client(token) as client:
        assert client.get("/ecgs").json()["total"] == 1


def test_corrections_change_how_a_table_is_read(server, page, tmp_path):
    (tmp_path / "table.csv").write_text("I,II\n" + "\n".join(f"{v},{-v}" for v in WAVE[:400]) + "\n")
    log_in(page, server, server.register())
    upload(page, tmp_path / "table.csv")
    expect(main_area(page).get_by_text("sampling rate unknown")).to_be_visible()
    wait_until_idle(page)
    open_expander(page, "Enter the sampling rate and unit")
    page.get_by_label("Sampling rate in Hz").fill("100")
    page.get_by_role("button", name="Read again").click()
    expect(main_area(page).get_by_text("I, II · 4 s · 100 Hz · unit unknown")).to_be_visible()


def test_a_long_recording_is_turned_page_by_page(server, page):
    log_in(page, server, server.demo_token)
    open_ecg(page, "two-leads")
    first = figure(page)["x"]["range"]
    page.get_by_role("button", name="Forward").click()
    eventually(lambda: figure(page)["x"]["range"][0] > first[0] + 5)
    second = figure(page)["x"]["range"]
    assert second[0] - first[0] == pytest.approx(10)


def test_the_paper_is_calibrated_on_screen(server, page):
    """25 mm are a second and 10 mm a millivolt, in the same pixels."""
    log_in(page, server, server.demo_token)
    open_ecg(page, "twelve-leads")
    drawn = figure(page)
    across = drawn["x"]["length"] / abs(np.subtract(*drawn["x"]["range"])) / 25
    down = drawn["y"]["length"] / abs(np.subtract(*drawn["y"]["range"])) / 10
    assert across == pytest.approx(down, rel=0.01)
    assert across == pytest.approx(round(across), rel=0.01)


def test_the_library_finds_sorts_turns_and_deletes(server, page):
    token = server.register()
    with server.client(token) as client:
        for number in range(45):
            signal = [1, -1] * (number + 1)
            content = json.dumps({"sampling_rate": 100, "leads": [{"name": "I", "signal": signal}]})
            client.post("/ecgs/files", files={"file": (f"ecg-{number:02}.json", content)}).raise_for_status()
    log_in(page, server, token)
    names = main_area(page).get_by_role("link", name="ecg-")
    expect(names).to_have_count(20)
    assert names.first.inner_text().strip().endswith("ecg-44.json")
    page.get_by_role("button", name="Next").click()
    expect(names.first).to_contain_text("ecg-24.json")
    search_box(page).fill("ecg-07")
    search_box(page).press("Enter")
    expect(names).to_have_count(1)
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("ecg-07.json")
    dialog.get_by_role("button", name="Delete").click()
    expect(main_area(page).get_by_text("No ECG matches.")).to_be_visible()
    with server.client(token) as client:
        assert client.get("/ecgs").json()["total"] == 44


def test_the_log_in_form_works_with_the_keyboard_alone(server, page):
    page.goto(server.url)
    page.get_by_label("Access token").focus()
    page.keyboard.type(server.demo_token)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Library").wait_for()

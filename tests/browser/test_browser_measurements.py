"""Measurements in a real Chromium: the line over the paper, the panel, and what a clinician corrects."""

from __future__ import annotations

import csv
import io

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.steps import (
    figure,
    log_in,
    main_area,
    open_ecg,
    open_expander,
    wait_for_paper,
    wait_until_idle,
)  # fmt: skip
from tests.parts import Server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One that may be stopped."""
    running = Server(tmp_path_factory.mktemp("server"))
    yield running
    running.stop()


def opened(page, server, name="twelve-leads"):
    log_in(page, server, server.demo_token)
    open_ecg(page, name)
    wait_for_paper(page)
    wait_until_idle(page)


def with_panel(page, server):
    opened(page, server)
    open_expander(page, "All measurements")
    wait_until_idle(page)


def ecg_of(client, search):
    return client.get(f"/ecgs?search={search}").json()["items"][0]["id"]


def measured(client, ecg_id):
    found = client.get(f"/ecgs/{ecg_id}/measurements").raise_for_status().json()["measurements"]
    return {one["name"]: one for one in found}


def in_summary(page, label):
    """The number under a head of the line over the paper."""
    line = page.locator("dl.summary > div").filter(has=page.locator("dt", has_text=label))
    return line.first.locator("dd")


def test_the_line_over_the_paper_has_the_numbers_that_programs_get(server, page):
    opened(page, server)
    with server.client(server.demo_token) as client:
        found = measured(client, ecg_of(client, "twelve"))
    for label, name in (("Heart rate", "heart_rate"), ("PR", "pr_interval"), ("QRS", "qrs_duration")):
        unit = found[name]["unit"]
        expect(in_summary(page, label)).to_have_text(f"{found[name]['value']:.0f} {unit}")


def test_the_panel_opens_stays_open_for_the_next_ecg_and_everybody_can_read_it(server, page):
    with_panel(page, server)
    main = main_area(page)
    expect(main.get_by_text("Measurements, not diagnoses.")).to_be_visible()
    expect(main.get_by_role("table").filter(has_text="QT interval")).to_be_visible()
    words = page.locator(".st-key-fiducials").get_by_test_id("stPlotlyChart").evaluate("e => e.outerHTML")
    assert "QRS onset" in words
    open_expander(page, "Correct the measurements")
    wait_until_idle(page)
    found = Axe().run(page).response["violations"]
    assert [
        (one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")
    ] == []
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Library").click()
    open_ecg(page, "two-leads")
    expect(main_area(page).get_by_text("Measurements, not diagnoses.")).to_be_visible(timeout=30_000)


def test_a_moved_fiducial_and_a_beat_left_out_survive_a_restart_and_reach_reports_until_undone(server, page):
    token = server.demo_token
    with server.client(token) as client:
        ecg_id = ecg_of(client, "twelve")
        before = measured(client, ecg_id)
    with_panel(page, server)
    open_expander(page, "Correct the measurements")
    offset = page.get_by_role("spinbutton", name="QRS offset")
    offset.fill(f"{float(offset.input_value()) + 20:.0f}")
    page.get_by_role("button", name="Save", exact=True).click()
    wait_until_idle(page)
    expect(in_summary(page, "QRS")).to_contain_text("corrected; automatic")
    page.get_by_role("button", name="Leave out beat").click()
    wait_until_idle(page)
    expect(main_area(page).get_by_text("left out · ")).to_be_visible()

    server.stop()
    server.start()
    with server.client(token) as client:
        after = measured(client, ecg_id)
        text = client.get(f"/ecgs/{ecg_id}/reports/measurements.csv").raise_for_status().text
    reported = {row["name"]: row for row in csv.DictReader(io.StringIO(text))}
    assert after["qrs_duration"]["value"] == pytest.approx(before["qrs_duration"]["value"] + 20, abs=1.5)
    assert float(reported["qrs_duration"]["value"]) == pytest.approx(after["qrs_duration"]["value"], abs=0.1)
    assert after["heart_rate"]["beats_used"] < before["heart_rate"]["beats_used"]
    assert after["heart_rate"]["value"] == pytest.approx(before["heart_rate"]["value"], rel=0.02)

    page.goto(f"{server.url}/viewer?ecg={ecg_id}")  # still logged in
    wait_for_paper(page)
    wait_until_idle(page)
    open_expander(page, "All measurements")
    expect(in_summary(page, "QRS")).to_contain_text("corrected; automatic")
    open_expander(page, "Correct the measurements")
    for left in (1, 0):
        page.get_by_role("button", name="Undo", exact=True).first.click()
        wait_until_idle(page)
        expect(page.get_by_role("button", name="Undo", exact=True)).to_have_count(left)
    expect(in_summary(page, "QRS")).to_have_text(f"{before['qrs_duration']['value']:.0f} ms")
    with server.client(token) as client:
        again = {name: one["value"] for name, one in measured(client, ecg_id).items()}
    assert again == {name: one["value"] for name, one in before.items()}


def test_a_fiducial_on_the_wrong_side_of_another_is_refused_with_the_reason(server, page):
    with_panel(page, server)
    open_expander(page, "Correct the measurements")
    page.get_by_role("spinbutton", name="QRS onset").fill("900")
    page.get_by_role("button", name="Save", exact=True).click()
    wait_until_idle(page)
    expect(main_area(page).get_by_text("qrs_onset cannot be there")).to_be_visible()


def test_waves_are_drawn_on_the_paper_where_the_reader_asks_for_them(server, page):
    opened(page, server)
    assert not [name for name in figure(page)["names"] if "waves" in name]
    page.get_by_text("Waves", exact=True).click()
    wait_until_idle(page)
    drawn = {name for name in figure(page)["names"] if name.endswith(" waves") and len(name) < 10}
    assert drawn == {"P waves", "QRS waves", "T waves"}
    assert "waves=1" in page.evaluate("location.href")


def test_an_ecg_without_a_rate_says_once_why_nothing_is_measured(server, page):
    token = server.register()
    with server.client(token) as client:
        body = {"leads": [{"name": "II", "signal": [0, 5, 9, -4, 2] * 200}]}
        ecg_id = client.post("/ecgs", json=body).raise_for_status().json()["id"]
    log_in(page, server, token, f"/viewer?ecg={ecg_id}")
    wait_for_paper(page)
    wait_until_idle(page)
    expect(main_area(page).get_by_text("Not measured: the sampling rate is unknown")).to_have_count(1)
    expect(main_area(page).get_by_text("All measurements")).to_have_count(0)

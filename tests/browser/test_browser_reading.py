"""Reading in a real Chromium: the paper by the reader's choices, which the address keeps for a colleague."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.steps import (
    PATIENCE_MS,
    figure,
    log_in,
    main_area,
    open_ecg,
    pick,
    submit_token,
    wait_for_paper,
    wait_until_idle,
)  # fmt: skip

pytestmark = pytest.mark.browser


def opened(page, server, name="twelve-leads"):
    log_in(page, server, server.demo_token)
    open_ecg(page, name)
    wait_for_paper(page)
    wait_until_idle(page)


def mm(drawn):
    """Pixels of a second and of a millivolt at the page's gain, as drawn."""
    across = drawn["x"]["length"] / (drawn["x"]["range"][1] - drawn["x"]["range"][0])
    down = drawn["y"]["length"] / abs(drawn["y"]["range"][1] - drawn["y"]["range"][0])
    return across, down


@pytest.mark.parametrize("speed, gain", [("12.5 mm/s", "5 mm/mV"), ("50 mm/s", "20 mm/mV")])
def test_a_second_and_a_millivolt_are_as_long_as_they_say(server, page, speed, gain):
    opened(page, server)
    pick(page, "Speed", speed)
    pick(page, "Gain", gain)
    across, down = mm(figure(page))
    assert across / float(speed.split()[0]) == pytest.approx(down / float(gain.split()[0]), rel=0.01)
    assert f"{speed} · {gain}" in figure(page)["labels"][-1]


def test_a_link_shows_a_colleague_the_same_view(server, page, chromium):
    opened(page, server)
    pick(page, "Layout", "12 × 1")
    pick(page, "Filter", "0.5–40 Hz")
    expect(main_area(page).get_by_text("Do not judge the ST segment")).to_be_visible()
    address = page.url
    assert "layout=12x1" in address and "filter=0.5-40" in address
    context = chromium.new_context(viewport={"width": 1440, "height": 1000})
    other = context.new_page()
    other.set_default_timeout(PATIENCE_MS)
    other.goto(address)  # the form keeps what the link says
    submit_token(other, server.demo_token)
    wait_for_paper(other)
    wait_until_idle(other)
    assert figure(other) == figure(page)
    context.close()


def test_choices_stay_when_another_page_was_looked_at(server, page):
    opened(page, server)
    pick(page, "Gain", "20 mm/mV")
    page.get_by_role("link", name="Guide").click()
    page.get_by_role("heading", name="Guide").wait_for()
    page.get_by_role("link", name="Viewer").click()
    wait_for_paper(page)
    assert "20 mm/mV" in figure(page)["labels"][-1]


def test_from_crossing_to_crossing(server, page):
    opened(page, server)
    main_area(page).get_by_role("button", name="Next crossing").click()
    first = main_area(page).get_by_text("II at ")
    first.wait_for()
    said = first.inner_text()
    main_area(page).get_by_role("button", name="Next crossing").click()
    expect(main_area(page).get_by_text(said)).to_have_count(0)
    main_area(page).get_by_role("button", name="Previous crossing").click()
    expect(main_area(page).get_by_text(said)).to_be_visible()


def test_a_second_count_with_a_dead_band_leaves_the_official_one(server, page):
    opened(page, server)
    page.get_by_role("button", name="More").click()
    field = page.get_by_role("spinbutton", name="Second count")
    field.fill("0.05")
    field.press("Enter")
    page.keyboard.press("Escape")
    wait_until_idle(page)
    assert "dead_band=0.05" in page.url
    said = main_area(page).get_by_text("Second count, on this page, with a dead band of ±0.05 mV")
    assert "II " in said.inner_text() and "(official " in said.inner_text()

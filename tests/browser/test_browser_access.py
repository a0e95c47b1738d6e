"""Pages for everybody: no serious violation of axe-core at four widths, and a text for each figure."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.steps import log_in, open_ecg, wait_for_paper, wait_until_idle
from tests.parts import ADMIN_TOKEN

pytestmark = pytest.mark.browser


def serious(page):
    """What axe-core finds that keeps a person from using the page, with the places."""
    found = Axe().run(page).response["violations"]
    return [
        (each["id"], [node["target"] for node in each["nodes"]][:5], each["nodes"][0]["html"][:200])
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


def test_the_form_to_log_in(server, page):
    page.goto(server.url)
    page.get_by_label("Access token").wait_for()
    wait_until_idle(page)
    assert serious(page) == []


PATHS = ("/", "/viewer", "/compare", "/report", "/guide")


@pytest.mark.parametrize(
    "path, scheme",
    [
        *((path, "light") for path in PATHS),
        ("/viewer", "dark"),
        *(pytest.param(path, "dark", marks=pytest.mark.slow) for path in PATHS if path != "/viewer"),
    ],
)
def test_the_pages_of_a_reader(server, page, path, scheme):
    page.emulate_media(color_scheme=scheme)
    log_in(page, server, server.demo_token)
    page.goto(server.url + path)
    page.get_by_role("heading", level=1).or_(page.get_by_role("heading", level=2)).first.wait_for()
    wait_until_idle(page)
    assert serious(page) == []


def test_the_page_of_the_administrator(server, page):
    log_in(page, server, ADMIN_TOKEN)
    wait_until_idle(page)
    assert serious(page) == []


def test_each_figure_has_its_counts_in_words(server, page):
    log_in(page, server, server.demo_token)
    open_ecg(page, "twelve-leads")
    wait_for_paper(page)
    words = page.get_by_test_id("stPlotlyChart").first.evaluate("e => e.outerHTML")
    assert "Zero crossings of the whole recording: I: " in words and "V6: " in words


@pytest.mark.parametrize(
    "width", [390, 2560, *(pytest.param(width, marks=pytest.mark.slow) for width in (768, 1280))]
)
def test_nothing_is_wider_than_the_screen(server, page, width):
    page.set_viewport_size({"width": width, "height": 900})
    log_in(page, server, server.demo_token)
    open_ecg(page, "twelve-leads")
    wait_for_paper(page)
    wait_until_idle(page)
    main = page.get_by_test_id("stMain")
    assert main.evaluate("e => e.scrollWidth - e.clientWidth") <= 1
    box = page.locator(".js-plotly-plot").first.bounding_box()
    assert box["width"] <= width and box["width"] > 0.6 * min(width, 1000)

"""What a person does in the browser, as steps; each waits for what the person would wait for."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.parts import Server

CHROMIUM_ARGUMENTS = ["--disable-gpu", "--disable-background-networking", "--disable-component-update"] + (
    ["--no-sandbox"] if os.geteuid() == 0 else []
)
PATIENCE_MS = 20_000
_DRAWN = """() => {
  const isPaper = p => (p.data ?? []).some(t => t.name === 'labels');  // not the overview over it
  const plot = [...document.querySelectorAll('.js-plotly-plot')].find(isPaper);
  const full = plot && plot._fullLayout;
  if (!full || !plot.querySelector('.scatterlayer .trace')) return null;  // about to be drawn
  const axis = a => ({length: a._length, range: a.range.map(Number)});
  const labels = plot.data.find(t => t.name === 'labels').text;
  return {names: plot.data.map(t => t.name), x: axis(full.xaxis), y: axis(full.yaxis),
          labels, paper: full.plot_bgcolor};
}"""


def submit_token(page: Page, token: str) -> None:
    page.get_by_label("Access token").fill(token)
    page.get_by_role("button", name="Log in").click()


def log_in(page: Page, server: Server, token: str, path: str = "/") -> None:
    """From the form to the first page of whoever's token it is."""
    page.set_default_timeout(PATIENCE_MS)
    page.goto(server.url + path)
    submit_token(page, token)
    expect(page.get_by_label("Access token")).to_have_count(0, timeout=PATIENCE_MS)
    page.get_by_role("heading", level=1).or_(page.get_by_role("heading", level=2)).first.wait_for()


def main_area(page: Page) -> Any:
    return page.get_by_test_id("stMain")


def search_box(page: Page) -> Any:
    """The library's; every table has a button of that name too."""
    return page.get_by_role("textbox", name="Search")


def open_ecg(page: Page, name: str) -> None:
    main_area(page).get_by_role("link", name=name).first.click()
    page.wait_for_url("**/viewer?ecg=*")


def wait_for_paper(page: Page) -> None:
    """Until the leads are drawn."""
    page.locator(".js-plotly-plot .scatterlayer .trace").first.wait_for(state="attached")


def figure(page: Page) -> dict[str, Any]:
    """What the drawn figure holds, from the page itself: traces by name, and the axes as laid out."""
    drawn: list[dict[str, Any]] = []
    eventually(lambda: bool(drawn.append(page.evaluate(_DRAWN)) or drawn[-1]))
    return drawn[-1]


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something about the page holds; its policy keeps playwright from asking in the page."""
    end = time.monotonic() + PATIENCE_MS / 1000
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        time.sleep(0.05)


def wait_until_idle(page: Page) -> None:
    """Until Streamlit's script has run, and no rerun follows, as one does that tells the page's width."""
    state = page.get_by_test_id("stApp")
    quiet_since = time.monotonic()
    while time.monotonic() - quiet_since < 0.6:
        if state.get_attribute("data-test-script-state") != "notRunning":
            quiet_since = time.monotonic()
        page.wait_for_timeout(30)


def open_expander(page: Page, label: str) -> None:
    """Open it and wait until nothing moves any more, as a person does before aiming at a button."""
    page.get_by_text(label).click()
    page.wait_for_timeout(600)


def upload(page: Page, *paths: Path) -> None:
    """Choose files once the page is still, as a person does."""
    wait_until_idle(page)
    page.locator("input[type=file]").set_input_files([str(path) for path in paths])


def pick(page: Page, label: str, option: str) -> None:
    """Choose from a list; it closes again if the page still scrolls to it."""
    choice = page.get_by_role("option", name=option, exact=True)
    page.get_by_label(label).scroll_into_view_if_needed()

    def is_open() -> bool:
        page.get_by_label(label).click()
        page.wait_for_timeout(300)
        return choice.count() == 1

    eventually(is_open)
    choice.click()
    wait_until_idle(page)

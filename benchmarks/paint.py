"""From the click on an ECG in the library to its paper painted, in Chromium, on a warm server.

Measured inside the page: from the click's own event to the second animation frame after all leads of that ECG
are in the drawing.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.rows import Row
from tests.browser.steps import CHROMIUM_ARGUMENTS, log_in, main_area
from tests.parts import Server, find_chromium

_TARGET_S = 0.7
_WATCH = """() => { window.painted = null;
  addEventListener('click', () => { const begin = performance.now();
    const look = () => { const plot = document.querySelector('.js-plotly-plot');
      const drawn = plot && plot.data && plot.data.some(t => t.name === 'V6')
        && plot.querySelectorAll('.scatterlayer .trace').length >= 12;
      if (!drawn) return requestAnimationFrame(look);
      const done = () => { window.painted = performance.now() - begin; };
      requestAnimationFrame(() => requestAnimationFrame(done)); };
    requestAnimationFrame(look); }, {capture: true, once: true}); }"""


def _open_once(page: Page) -> float:
    page.evaluate(_WATCH)
    main_area(page).get_by_role("link", name="twelve-leads").first.click()
    while (milliseconds := page.evaluate("window.painted")) is None:
        page.wait_for_timeout(20)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Library").click()
    page.get_by_label("Search").wait_for()
    page.wait_for_timeout(300)
    return milliseconds / 1000


def measure(short: bool) -> list[Row]:
    """One row: the median over warm openings."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder, sync_playwright() as playwright:
        server = Server(Path(folder))
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGUMENTS)
        try:
            page = browser.new_page(viewport={"width": 1440, "height": 1000})
            log_in(page, server, server.demo_token)
            times = [_open_once(page) for _ in range(5 if short else 17)][2:]
        finally:
            browser.close()
            server.stop()
    median, slowest = statistics.median(times), max(times)
    seen = f"median {median:.2f} s, slowest {slowest:.2f} s"
    return [
        Row(
            "click on an ECG to painted", seen, "–", f"{median:.2f} s", f"< {_TARGET_S} s", median < _TARGET_S
        )
    ]

"""Makes the pictures of the documentation from the real app: ``python -m tests.browser.screenshots``."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.steps import CHROMIUM_ARGUMENTS, log_in, open_ecg, wait_for_paper
from tests.parts import ROOT, Server, find_chromium

IMAGES = ROOT / "docs" / "images"


def shoot(browser: Browser, server: Server, name: str, width: int, height: int, scheme: str) -> None:
    """The viewer with the twelve-lead example."""
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    log_in(page, server, server.demo_token)
    if name == "library":
        page.get_by_role("link", name="two-leads").wait_for()
    else:
        open_ecg(page, "twelve-leads")
        wait_for_paper(page)
    page.mouse.move(width - 5, height - 5)
    page.wait_for_timeout(800)  # fonts and fades; nothing depends on it but the picture
    page.screenshot(path=IMAGES / f"{name}.png")
    page.close()


def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder))
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGUMENTS)
        shoot(browser, server, "viewer", 1440, 900, "light")
        shoot(browser, server, "viewer-dark", 1440, 900, "dark")
        shoot(browser, server, "viewer-phone", 390, 844, "light")
        shoot(browser, server, "library", 1440, 600, "light")
        browser.close()
        server.stop()


if __name__ == "__main__":
    main()

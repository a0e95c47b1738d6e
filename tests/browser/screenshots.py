"""Makes the pictures of the documentation from the real app: ``python -m tests.browser.screenshots``.

Every ECG in them is generated.
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pypdfium2
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from ecg_core.signal.synthetic import TWELVE_LEADS, synthesize_ecg
from tests.browser.steps import CHROMIUM_ARGUMENTS, log_in, wait_for_paper, wait_until_idle
from tests.parts import ROOT, Server, find_chromium

IMAGES = ROOT / "docs" / "images"
MOST_BYTES = 250_000
_HOURS, _RATE_HZ = 4, 125


def save(image: Image.Image, name: str) -> None:
    """In few colours, which is all that paper has."""
    path = IMAGES / f"{name}.png"
    image.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    assert path.stat().st_size < MOST_BYTES, f"{name}: {path.stat().st_size} bytes"


def shoot(
    browser: Browser,
    server: Server,
    name: str,
    address: str,
    size: tuple[int, int],
    *,
    scheme: str = "light",
    before: Callable[[Page], None] = wait_for_paper,
) -> None:
    """What the browser shows at an address."""
    width, height = size
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    log_in(page, server, server.demo_token)
    page.goto(server.url + address)
    before(page)
    wait_until_idle(page)
    page.mouse.move(width - 5, height - 5)
    page.wait_for_timeout(800)  # fonts and fades; nothing depends on it but the picture
    save(Image.open(io.BytesIO(page.screenshot())), name)
    page.close()


def wait_for_examples(page: Page) -> None:
    page.get_by_role("link", name="two-leads").wait_for()


def twelve_leads(client: httpx.Client) -> str:
    """The example of the first start, with a caliper and a note."""
    ecg_id = client.get("/ecgs", params={"search": "twelve-leads"}).json()["items"][0]["id"]
    peaks = r_peaks(client, ecg_id)
    mark(client, ecg_id, kind="caliper", lead="II", start_sample=peaks[1], stop_sample=peaks[2], text="RR")
    mark(client, ecg_id, kind="note", lead="V2", start_sample=peaks[6], text="Deep S wave")
    return ecg_id


def mark(client: httpx.Client, ecg_id: str, **fields: object) -> None:
    client.post(f"/ecgs/{ecg_id}/marks", json=fields).raise_for_status()


def r_peaks(client: httpx.Client, ecg_id: str) -> list[int]:
    """Of lead II."""
    samples = np.array(client.get(f"/ecgs/{ecg_id}/leads/II").json()["samples"])
    high = samples > 0.6 * samples.max()
    edges = np.flatnonzero(np.diff(high.astype(int), prepend=0, append=0)).reshape(-1, 2)
    return [int(first + samples[first:last].argmax()) for first, last in edges]


def long_recording(client: httpx.Client) -> str:
    """Four hours of three leads, with rest, exercise and a gap."""
    blocks = [
        synthesize_ecg(600, _RATE_HZ, leads=("II", "V1", "V5"), heart_rate_bpm=rate, seed=number)
        for number, rate in enumerate(66 + 34 * np.sin(np.arange(6 * _HOURS) / 3.1) ** 2)
    ]
    microvolts = np.round(np.concatenate(blocks, axis=1) * 1000).astype(int).astype(object)
    microvolts[:, 5_000 * _RATE_HZ : 5_400 * _RATE_HZ] = None
    leads = [
        {"name": name, "signal": signal.tolist()}
        for name, signal in zip(("II", "V1", "V5"), microvolts, strict=True)
    ]
    body = {"leads": leads, "sampling_rate": _RATE_HZ, "unit": "uV", "recorded_at": "2026-03-02T08:00:00"}
    ecg_id = upload_file(client, "holter-4h.json", json.dumps(body))
    mark(client, ecg_id, kind="note", lead="V5", start_sample=9_000 * _RATE_HZ, text="Climbed the stairs")
    return ecg_id


def of_one_patient(client: httpx.Client, year: int, heart_rate_bpm: float, t_waves: float) -> str:
    """One of two ECGs that are compared; their T waves differ."""
    signals = synthesize_ecg(10, 250, heart_rate_bpm=heart_rate_bpm, seed=7)
    slow = np.apply_along_axis(np.convolve, 1, signals, np.hanning(41) / np.hanning(41).sum(), "same")
    head = f"patient id: demo 17\nrecorded: {year}-03-01 10:00\nsampling rate: 250 Hz\nunit: mV\n"
    rows = (",".join(f"{value:.3f}" for value in row) for row in (signals + t_waves * slow).T)
    text = head + ",".join(TWELVE_LEADS) + "\n" + "\n".join(rows)
    return upload_file(client, f"demo-{year}.csv", text)


def upload_file(client: httpx.Client, name: str, text: str) -> str:
    files = {"file": (name, text.encode())}
    return client.post("/ecgs/files", files=files).raise_for_status().json()["id"]


def print_page(client: httpx.Client, ecg_id: str) -> None:
    """The PDF as a picture, at a size that can be read in a browser."""
    parameters = {"filter": "0.05-150", "notch": "50"}
    data = client.get(f"/ecgs/{ecg_id}/prints/pdf", params=parameters).raise_for_status().content
    save(pypdfium2.PdfDocument(data)[0].render(scale=110 / 72).to_pil(), "print")


def take(browser: Browser, server: Server, client: httpx.Client, wanted: Callable[[str], bool]) -> None:
    """The pictures, one after the other."""

    def picture(name: str, address: str, size: tuple[int, int], **how: Any) -> None:
        if wanted(name):
            shoot(browser, server, name, address, size, **how)

    picture("library", "/", (1440, 600), before=wait_for_examples)
    twelve = twelve_leads(client)
    picture("viewer", f"/viewer?ecg={twelve}", (1440, 900))
    picture("viewer-dark", f"/viewer?ecg={twelve}&layout=3x4%2B3", (1440, 1020), scheme="dark")
    picture("viewer-phone", f"/viewer?ecg={twelve}", (390, 844))
    if wanted("print"):
        print_page(client, twelve)
    if wanted("compare"):
        older, newer = of_one_patient(client, 2024, 62, 0.0), of_one_patient(client, 2026, 84, -0.9)
        picture("compare", f"/compare?ecg={newer}&with={older}", (1440, 1000))
    if wanted("long"):
        picture("long", f"/viewer?ecg={long_recording(client)}&start=8900&span=180", (1440, 900))


def main(chosen: Collection[str]) -> None:
    """All pictures, or those that are named."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder))
        try:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGUMENTS)
            with server.client(server.demo_token) as client:
                client.timeout = httpx.Timeout(300)
                take(browser, server, client, lambda name: not chosen or name in chosen)
            browser.close()
        finally:
            server.stop()


if __name__ == "__main__":
    main(sys.argv[1:])

"""How soon the viewer shows what was asked for, in Chromium, on a warm server: twelve leads, and a day.

Measured inside the page, from the pointer's press to the second animation frame after the new chart, with all
its traces, is in the page. Every chart is one that the server has not drawn before: each round opens another
ECG of twelve leads, and each page of the day is turned to for the first time.
"""

from __future__ import annotations

import re
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from playwright.sync_api import Page, WebSocket, sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg

from benchmarks.rows import Row
from ecg_core.domain import Lead, Recording
from ecg_core.signal.synthetic import TWELVE_LEADS, synthesize_ecg
from ecg_core.writers.edf_writer import write_edf
from tests.browser.steps import CHROMIUM_ARGUMENTS, log_in, main_area, wait_until_idle
from tests.parts import Server, find_chromium

_DAY_S, _DAY_FS, _DAY_LEADS = 24 * 3600, 250, ("II", "V1", "V5")
_WARM_UP = 2
_WIDE = {"10 s": 10, "1 min": 60, "1 h": 3600}
_ANSWER_WITHIN_MS = 20_000

# A chart is a new one where what identifies it differs: names, some of the samples, size.
_WATCH = """keys => { window.painted = null;
  const charts = () => keys.map(key => document.querySelector(`.st-key-${key} .js-plotly-plot`));
  const some = values => typeof values?.bdata === 'string'
    ? [values.bdata.length, values.bdata.substr(values.bdata.length / 2, 80)] : [values?.length];
  const identity = plot => plot?._fullLayout && JSON.stringify([
    plot._fullLayout.width, plot._fullLayout.height, plot._fullLayout.yaxis?.range,
    plot.data.map(t => [t.name, t.x0, ...some(t.x), ...some(t.y)]), (plot.layout.shapes ?? []).slice(0, 9)]);
  const isDrawn = plot => { const traces = (plot._fullData ?? []).filter(t => t.visible === true).length;
    return traces > 0 && plot.querySelectorAll('.scatterlayer .trace').length >= traces; };
  const before = charts().map(identity);
  addEventListener('pointerdown', () => { const begin = performance.now();
    const look = () => {
      const isPainted = charts().every((plot, n) => plot && isDrawn(plot) && identity(plot) !== before[n]);
      if (!isPainted) return requestAnimationFrame(look);
      const done = () => { window.painted = performance.now() - begin; };
      requestAnimationFrame(() => requestAnimationFrame(done)); };
    requestAnimationFrame(look); }, {capture: true, once: true}); }"""


@dataclass
class _Reader:
    """Who looks at the page: how long each click took, and how often the page's script ran for it."""

    page: Page
    runs: int = 0
    times: dict[str, list[float]] = field(default_factory=dict)
    reruns: dict[str, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framesent", self._count)

    def _count(self, payload: str | bytes) -> None:
        data = payload if isinstance(payload, bytes) else payload.encode()
        self.runs += BackMsg.FromString(data).WhichOneof("type") == "rerun_script"

    def time(self, work: str, click: Callable[[], None], *charts: str) -> None:
        """Click, and note when all of these charts are new; then wait until the page is still."""
        before = self.runs
        self.page.evaluate(_WATCH, list(charts or ("paper-0",)))
        click()
        for _ in range(_ANSWER_WITHIN_MS // 20):
            if (milliseconds := self.page.evaluate("window.painted")) is not None:
                break
            self.page.wait_for_timeout(20)
        else:
            raise RuntimeError(f"{work}: no new chart")
        wait_until_idle(self.page)
        self.times.setdefault(work, []).append(milliseconds / 1000)
        self.reruns.setdefault(work, []).append(self.runs - before)

    def open_library(self, search: str) -> Any:
        """The link to an ECG in the library."""
        self.page.get_by_test_id("stSidebarNav").get_by_role("link", name="Library").click()
        link = main_area(self.page).get_by_role("link", name=search).first
        link.wait_for()
        wait_until_idle(self.page)
        return link

    def option(self, label: str, option: str) -> Callable[[], None]:
        """Open a list of the toolbar; the click on one of its options."""
        self.page.get_by_label(re.compile(f"{label}$")).first.click()
        choice = self.page.get_by_role("option", name=option, exact=True)
        choice.wait_for()
        self.page.wait_for_timeout(300)  # until the list has opened
        return choice.click


def measure(short: bool) -> list[Row]:
    """A row for each click: the median over rounds."""
    rounds = 2 if short else 7
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder, _reader(Path(folder)) as (reader, client):
        for number in range(rounds + _WARM_UP):
            _upload_twelve(client, f"twelve-{chr(97 + number)}", number)
        _upload_day(client, 3600 * 2 if short else _DAY_S)
        for number in range(rounds + _WARM_UP):
            _twelve_leads(reader, f"twelve-{chr(97 + number)}")
        for _ in range(rounds + _WARM_UP):
            link = reader.open_library("day")
            reader.time("day: click in the library", link.click, "paper-0", "overview")
        for words, span in _WIDE.items():
            _turn_pages(reader, words, span, 1 if short and span == 3600 else rounds + _WARM_UP)
        return [_row(reader, work) for work in reader.times]


@contextmanager
def _reader(folder: Path) -> Iterator[tuple[_Reader, httpx.Client]]:
    server = Server(folder, ECG_DEMO="0")
    try:
        token = server.register()
        with sync_playwright() as playwright, server.client(token) as client:
            client.timeout = httpx.Timeout(300)
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGUMENTS)
            reader = _Reader(browser.new_page(viewport={"width": 1440, "height": 1000}))
            log_in(reader.page, server, token)
            yield reader, client
            browser.close()
    finally:
        server.stop()


def _upload_twelve(client: httpx.Client, name: str, seed: int) -> None:
    counts = np.round(synthesize_ecg(10, 500, seed=seed + 1) * 1000).astype(np.int16)
    _upload(client, name, TWELVE_LEADS, counts, 500)


def _upload_day(client: httpx.Client, seconds: int) -> None:
    """Three leads: ten synthetic minutes again and again, under noise that makes every page another."""
    minutes = synthesize_ecg(600, _DAY_FS, leads=_DAY_LEADS)
    counts = np.empty((len(minutes), seconds * _DAY_FS), np.int16)
    rng = np.random.default_rng(2)
    for number, lead in enumerate(minutes):
        counts[number] = np.resize(np.round(lead * 1000).astype(np.int16), seconds * _DAY_FS)
        counts[number] += rng.integers(-5, 6, seconds * _DAY_FS, dtype=np.int16)
    _upload(client, "day", _DAY_LEADS, counts, _DAY_FS)


def _upload(client: httpx.Client, name: str, names: tuple[str, ...], counts: Any, fs: float) -> None:
    leads = tuple(Lead(lead, samples, fs, "mV", 0.001) for lead, samples in zip(names, counts, strict=True))
    file = write_edf(Recording(leads, "synthetic"), name=name)
    client.post("/ecgs/files", files=[("file", (f"{name}.edf", file.data))]).raise_for_status()


def _twelve_leads(reader: _Reader, name: str) -> None:
    """Open it and change what is used all day, then put it back for the next one."""
    link = reader.open_library(name)
    reader.time("12 leads × 10 s: click in the library", link.click)
    toggle = reader.page.get_by_text("Highlight zero crossings")
    reader.time("12 leads: zero crossings off", toggle.click)
    reader.time("12 leads: zero crossings on (drawn before)", toggle.click)
    for label, option, usual in (
        ("Gain", "20 mm/mV", "10 mm/mV"),
        ("Speed", "50 mm/s", "25 mm/s"),
        ("Layout", "6 × 2", "Automatic"),
    ):
        reader.time(f"12 leads: {label.lower()}", reader.option(label, option))
        reader.option(label, usual)()
        wait_until_idle(reader.page)


def _turn_pages(reader: _Reader, words: str, span_s: int, times: int) -> None:
    reader.page.goto(re.sub(r"&(start|span)=[^&]*", "", reader.page.url) + f"&span={span_s}")
    forward = reader.page.get_by_role("button", name="Forward ›")
    forward.wait_for()
    wait_until_idle(reader.page)
    for _ in range(times):
        reader.time(f"day: next page of {words}", forward.click, "paper-0", "overview")


def _row(reader: _Reader, work: str) -> Row:
    times = reader.times[work][_WARM_UP:] or reader.times[work]
    runs = reader.reruns[work][_WARM_UP:] or reader.reruns[work]
    target = _target(work)
    median, most = statistics.median(times), max(runs)
    seen = f"median {median:.2f} s, slowest {max(times):.2f} s"
    figure = f"{median:.2f} s, {most} run{'s' * (most > 1)}"
    return Row(work, seen, "–", figure, f"≤ {target:g} s, 1 run", median <= target and most == 1)


def _target(work: str) -> float:
    if "library" not in work:
        return 0.4
    return 1.0 if work.startswith("day") else 0.5

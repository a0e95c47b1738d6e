"""The reader's hand in the viewer itself: calipers and notes are kept, keys turn pages, a zoom stays."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from playwright.sync_api import expect

from ecg_core.signal.synthetic import synthesize_ecg
from tests.browser.steps import (
    eventually,
    figure,
    log_in,
    main_area,
    open_ecg,
    search_box,
    upload,
    wait_for_paper,
    wait_until_idle,
)

pytestmark = pytest.mark.browser
RATE = 250
_AXES = """() => {
  const full = document.querySelectorAll('.js-plotly-plot')[%d]._fullLayout, x = full.xaxis;
  return {x: x.range.map(Number), xl: x._length, left: x._offset,
          height: full._size.h, top: full._size.t};
}"""


@pytest.fixture
def reader(server, page, tmp_path):
    """Logged in as somebody new, whose library is empty."""
    token = server.register()
    log_in(page, server, token)
    return token


def add(page, tmp_path, seconds, name="rhythm"):
    """Upload a made ECG of one lead, and open it."""
    (wave,) = synthesize_ecg(seconds, RATE, leads=("II",), heart_rate_bpm=75.0, seed=3)
    counts = np.round(wave * 1000).astype(int)
    rows = "\n".join(f"{i / RATE:.3f},{v}" for i, v in enumerate(counts))
    (tmp_path / f"{name}.csv").write_text(f"time (s),II (uV)\n{rows}\n")
    upload(page, tmp_path / f"{name}.csv")
    page.get_by_role("button", name="Store").first.click()
    main_area(page).get_by_role("link", name=name).first.wait_for()
    wait_until_idle(page)
    open_ecg(page, name)
    wait_for_paper(page)
    wait_until_idle(page)
    return counts


def address(page):
    """Of now: the page itself is asked."""
    return page.evaluate("location.href")


def start_of(page):
    """What the address says of where the page begins."""
    _, named, rest = address(page).partition("start=")
    return float(rest.split("&")[0]) if named else 0.0


def place(page, seconds, chart=0, height=0.5):
    """Where a time is on the screen, and a share of the height of the chart."""
    axes = page.evaluate(_AXES % chart)
    box = page.locator(".js-plotly-plot").nth(chart).bounding_box()
    across = (seconds - axes["x"][0]) / (axes["x"][1] - axes["x"][0]) * axes["xl"]
    return round(box["x"] + axes["left"] + across), round(box["y"] + axes["top"] + height * axes["height"])


def figure_range(page):
    """Lowest and highest y of the figure under the overview."""
    script = "document.querySelectorAll('.js-plotly-plot')[1]._fullLayout.yaxis.range.map(Number)"
    return page.evaluate(script)


def drag(page, start, stop):
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + stop[0]) / 2, stop[1])
    page.mouse.move(*stop)
    page.mouse.up()


def marks(server, token, page):
    ecg_id = address(page).split("ecg=")[1].split("&")[0]
    with server.client(token) as client:
        return ecg_id, client.get(f"/ecgs/{ecg_id}/marks").json()


def test_a_caliper_is_kept_measured_and_in_the_report(server, page, reader, tmp_path):
    counts = add(page, tmp_path, 10)
    page.keyboard.press("c")
    wait_until_idle(page)
    drag(page, place(page, 2.0), place(page, 2.8))
    eventually(lambda: len(marks(server, reader, page)[1]) == 1)
    ecg_id, (caliper,) = marks(server, reader, page)
    assert caliper["start_sample"] == pytest.approx(2.0 * RATE, abs=3)
    assert caliper["stop_sample"] == pytest.approx(2.8 * RATE, abs=3)
    samples = caliper["stop_sample"] - caliper["start_sample"]
    assert caliper["interval_ms"] == pytest.approx(samples / RATE * 1000)
    assert caliper["rate_bpm"] == pytest.approx(60_000 / caliper["interval_ms"])
    difference = (counts[caliper["stop_sample"]] - counts[caliper["start_sample"]]) / 1000
    assert caliper["difference_mv"] == pytest.approx(difference)
    label = page.locator(".ecg-glass").first
    expect(label).to_contain_text(f"{caliper['interval_ms']:.0f} ms")
    page.get_by_text("Highlight zero crossings").click()
    wait_until_idle(page)
    expect(label).to_contain_text(f"{caliper['interval_ms']:.0f} ms")
    expect(main_area(page).get_by_text("Notes and calipers (1)")).to_be_visible()
    with server.client(reader) as client:
        rows = list(csv.DictReader(io.StringIO(client.get(f"/ecgs/{ecg_id}/reports/details.csv").text)))
    assert [float(row["interval_ms"]) for row in rows if row["section"] == "caliper"] == [
        pytest.approx(caliper["interval_ms"])
    ]


def test_keys_turn_pages_however_fast(server, page, reader, tmp_path):
    add(page, tmp_path, 60)
    span = figure(page)["x"]["range"]
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    eventually(lambda: "start=30" in address(page))
    page.keyboard.press("ArrowLeft")
    eventually(lambda: "start=20" in address(page))
    page.keyboard.press("Home")
    eventually(lambda: "start=" not in address(page))
    wait_until_idle(page)
    assert figure(page)["x"]["range"] == span
    page.get_by_label("Go to a time").fill("0:45")
    page.get_by_label("Go to a time").press("Enter")
    eventually(lambda: "start=45" in address(page))
    page.get_by_role("heading", level=2).click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Next zero crossing")


def test_a_zoom_stays_when_the_crossings_are_switched_off(server, page, reader, tmp_path):
    add(page, tmp_path, 10)
    drag(page, place(page, 2.0, height=0.2), place(page, 6.0, height=0.8))
    eventually(lambda: figure(page)["x"]["range"][1] < 9)  # in the shape of the paper
    zoomed = figure(page)["x"]["range"]
    page.keyboard.press("z")
    wait_until_idle(page)
    eventually(lambda: "rising ▲" not in figure(page)["names"])
    assert figure(page)["x"]["range"] == pytest.approx(zoomed, abs=0.01)


def test_a_note_is_on_the_paper_and_found_in_the_library(server, page, reader, tmp_path):
    add(page, tmp_path, 10)
    page.get_by_text("Notes and calipers (0)").click()
    page.wait_for_timeout(500)
    page.get_by_label("Text of the note").fill("delta wave?")
    page.get_by_role("button", name="Keep the note").click()
    expect(main_area(page).get_by_text("Notes and calipers (1)")).to_be_visible()
    _, (note,) = marks(server, reader, page)
    assert note["text"] == "delta wave?" and note["kind"] == "note"
    page.get_by_role("link", name="Library").click()
    page.get_by_role("heading", name="Library").wait_for()
    search_box(page).fill("delta")
    search_box(page).press("Enter")
    main_area(page).get_by_role("link", name="rhythm").wait_for()


def test_a_drag_over_the_overview_chooses_the_page(server, page, reader, tmp_path):
    add(page, tmp_path, 300)
    drag(page, place(page, 100.0, chart=0), place(page, 220.0, chart=0))
    eventually(lambda: "span=" in address(page))
    start = float(address(page).split("start=")[1].split("&")[0])
    span = float(address(page).split("span=")[1].split("&")[0])
    assert start == pytest.approx(100, abs=2) and span == pytest.approx(120, abs=3)
    wait_until_idle(page)
    assert "mode=" not in address(page)
    page.mouse.click(*place(page, 150.0, chart=1, height=0.3))
    eventually(lambda: "span=" not in address(page))
    assert float(address(page).split("start=")[1].split("&")[0]) == pytest.approx(149, abs=1)


def test_a_drag_over_the_overview_may_begin_at_any_height(server, page, reader, tmp_path):
    add(page, tmp_path, 300)
    layout = "document.querySelector('.js-plotly-plot')._fullLayout"
    edges = page.evaluate(f"['yaxis', 'yaxis2', 'yaxis3'].map(axis => {layout}[axis]?.domain)")
    between = sorted({round(1 - edge, 3) for lane in edges if lane for edge in lane} - {0.0, 1.0})
    assert len(between) == 2
    for number, height in enumerate([0.01, *between, 0.99]):
        start = 40.0 + 50.0 * number
        drag(page, place(page, start, height=height), place(page, start + 30.0, height=height))
        eventually(lambda: abs(start_of(page) - start) < 2)  # noqa: B023
        wait_until_idle(page)


def test_labels_of_calipers_beside_each_other_do_not_overlap(server, page, reader, tmp_path):
    add(page, tmp_path, 10)
    ecg_id, _ = marks(server, reader, page)
    with server.client(reader) as client:
        for start in (500, 750, 875):
            caliper = {"kind": "caliper", "lead": "II", "start_sample": start, "stop_sample": start + 100}
            client.post(f"/ecgs/{ecg_id}/marks", json=caliper).raise_for_status()
    page.reload()
    wait_for_paper(page)
    wait_until_idle(page)
    expect(page.locator(".ecg-glass .measure")).to_have_count(3)
    boxes = [each.bounding_box() for each in page.locator(".ecg-glass .measure").all()]
    assert len(boxes) == 3
    for one in boxes:
        for other in boxes:
            is_apart = abs(one["y"] - other["y"]) >= 12 or abs(one["x"] - other["x"]) >= one["width"]
            assert one is other or is_apart


def test_on_a_narrow_screen_the_other_choices_stand_at_its_foot(server, page, reader, tmp_path):
    add(page, tmp_path, 10)
    page.set_viewport_size({"width": 390, "height": 844})
    wait_until_idle(page)
    page.get_by_role("button", name="More").click()
    sheet = page.get_by_test_id("stPopoverBody")
    expect(sheet).to_be_visible()
    page.wait_for_timeout(500)
    box = sheet.bounding_box()
    assert box["x"] == 0 and box["width"] == 390 and box["height"] > 600
    assert (
        box["y"] + box["height"] == pytest.approx(844, abs=1) and box["y"] > 80
    )  # above it, a tap closes it
    page.mouse.click(195, 40)
    expect(sheet).to_have_count(0)


def test_a_caliper_survives_paging_is_repeated_and_deleted_by_keys(server, page, reader, tmp_path):
    add(page, tmp_path, 60)
    page.keyboard.press("c")
    wait_until_idle(page)
    drag(page, place(page, 2.0), place(page, 2.8))
    eventually(lambda: len(marks(server, reader, page)[1]) == 1)
    wait_until_idle(page)
    page.keyboard.press("m")
    eventually(lambda: marks(server, reader, page)[1][0]["marches"])
    wait_until_idle(page)
    label = page.locator(".ecg-glass").first
    expect(label).to_contain_text(" ms")
    page.keyboard.press("PageDown")  # an arrow would move the end of the caliper that is chosen
    eventually(lambda: "start=10" in address(page))
    page.keyboard.press("PageUp")
    eventually(lambda: "start=" not in address(page))
    wait_until_idle(page)
    expect(label).to_contain_text(" ms")
    page.mouse.click(*place(page, 2.8))
    page.keyboard.press("Delete")
    eventually(lambda: marks(server, reader, page)[1] == [])


def test_a_click_in_full_disclosure_goes_to_that_moment(server, page, reader, tmp_path):
    add(page, tmp_path, 300)
    page.goto(address(page) + "&mode=disclosure")
    wait_for_paper(page)
    wait_until_idle(page)
    low, high = figure_range(page)
    page.mouse.click(*place(page, 30.0, chart=1, height=(high + 2) / (high - low)))  # on the third line
    eventually(lambda: "mode=" not in address(page))
    assert float(address(page).split("start=")[1].split("&")[0]) == pytest.approx(149, abs=1.5)


def labels(page):
    return page.locator(".ecg-glass .measure").all_text_contents()


def test_an_episode_is_measured_in_a_long_window_and_stands_on_its_samples(server, page, reader, tmp_path):
    add(page, tmp_path, 1200)
    page.goto(address(page) + "&span=1200")
    wait_for_paper(page)
    wait_until_idle(page)
    page.keyboard.press("c")
    wait_until_idle(page)
    expect(page.get_by_text("for pauses and episodes")).to_contain_text("A pixel is 1.")
    drag(page, place(page, 300.0, chart=1, height=0.4), place(page, 900.0, chart=1, height=0.4))
    eventually(lambda: len(marks(server, reader, page)[1]) == 1)
    _, (caliper,) = marks(server, reader, page)
    assert caliper["start_s"] == pytest.approx(300.0, abs=2.0)  # of a pixel and a half
    assert caliper["stop_s"] == pytest.approx(900.0, abs=2.0)
    wait_until_idle(page)
    eventually(lambda: any("9 min 5" in text or "10 min" in text for text in labels(page)))
    assert not any("bpm" in text for text in labels(page))
    page.keyboard.press("Escape")
    eventually(lambda: labels(page) == ["Caliper 1"])
    at = [float(line) for line in page.locator(".ecg-glass .end").evaluate_all(
        "lines => lines.map(line => line.getAttribute('x1'))")]  # fmt: skip
    axes = page.evaluate(_AXES % 1)
    for x, seconds in zip(at, (caliper["start_s"], caliper["stop_s"]), strict=True):
        share = (seconds - axes["x"][0]) / (axes["x"][1] - axes["x"][0])
        assert x == pytest.approx(axes["left"] + share * axes["xl"], abs=0.1)


def test_full_disclosure_draws_calipers_on_their_lines(server, page, reader, tmp_path):
    add(page, tmp_path, 300)
    ecg_id, _ = marks(server, reader, page)
    with server.client(reader) as client:
        for name, start, stop in (("on one", 70, 80), ("over two", 175, 190), ("a whole", 240, 300)):
            body = {"kind": "caliper", "lead": "II", "start_sample": start * RATE, "text": name,
                    "stop_sample": min(stop * RATE, 300 * RATE - 1)}  # fmt: skip
            assert client.post(f"/ecgs/{ecg_id}/marks", json=body).status_code == 201
    page.goto(address(page) + "&mode=disclosure")
    wait_for_paper(page)
    wait_until_idle(page)
    eventually(lambda: sorted(labels(page)) == ["a whole", "on one", "over two"])
    bars = page.locator(".ecg-glass .bar")
    assert bars.count() == 4  # the second is on two lines
    widths = bars.evaluate_all("lines => lines.map(l => l.getAttribute('x2') - l.getAttribute('x1'))")
    per_s = page.evaluate(_AXES % 1)["xl"] / 60
    assert widths == pytest.approx([10 * per_s, 5 * per_s, 10 * per_s, 60 * per_s], abs=0.5)

"""What happens under the reader's hand, in a real Chromium: calipers, zoom, keys, the size of the screen."""

import json
import os
import signal
import subprocess
import sys
import time

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.steps import eventually, wait_until_idle
from tests.parts import ROOT, free_port

pytestmark = pytest.mark.browser
RATE = 500
_VIEW = """() => {
  const full = document.querySelector('.js-plotly-plot')._fullLayout;
  return {x: full.xaxis.range.map(Number), y: full.yaxis.range.map(Number), paper: full.plot_bgcolor,
          left: full.xaxis._offset, top: full.yaxis._offset, xl: full.xaxis._length, yl: full.yaxis._length};
}"""
_LINES = (
    """() => [...document.querySelectorAll('.ecg-glass .end')].map(line => Number(line.getAttribute('x1')))"""
)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The test's own page, served by Streamlit."""
    port, folder = free_port(), tmp_path_factory.mktemp("companion")
    command = [sys.executable, "-m", "streamlit", "run", "tests/browser/pages/companion_page.py"]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [*command, "--server.port", str(port)],
            cwd=ROOT,
            stdout=log,
            stderr=log,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            start_new_session=True,
        )
    url = f"http://localhost:{port}/"
    end = time.monotonic() + 60
    while True:
        try:
            httpx.get(f"{url}_stcore/health", timeout=5).raise_for_status()
            break
        except httpx.HTTPError:
            assert time.monotonic() < end and process.poll() is None, (folder / "log").read_text()[-2000:]
            time.sleep(0.1)
    yield url
    os.killpg(process.pid, signal.SIGTERM)
    process.wait(timeout=10)


@pytest.fixture
def opened(page, address):
    visit(page, address)
    return page


def visit(page, address):
    page.goto(address)
    page.locator(".ecg-glass .field").wait_for(state="attached")
    wait_until_idle(page)


def told(page):
    """What has reached Python, in order."""
    return json.loads(page.locator("#told").text_content())


def facts(page):
    return json.loads(page.locator("#facts").text_content())


def lane(page, label, number=0):
    return [one for one in facts(page)["lanes"] if one["label"] == label][number]


def switch(page, label):
    page.get_by_test_id("stCheckbox").filter(has_text=label).locator("label").click()
    wait_until_idle(page)


def point(page, of_lane, seconds, height=0.5):
    """Where a time within a lane is on the screen, by the arithmetic of its axes."""
    view, box = page.evaluate(_VIEW), page.locator(".ecg-glass").bounding_box()
    y = of_lane["bottom"] + height * (of_lane["top"] - of_lane["bottom"])
    share_x = (seconds - view["x"][0]) / (view["x"][1] - view["x"][0])
    share_y = (view["y"][1] - y) / (view["y"][1] - view["y"][0])
    x, y = view["left"] + share_x * view["xl"], view["top"] + share_y * view["yl"]
    return round(box["x"] + x), round(box["y"] + y)  # a mouse stands on whole pixels


def drag(page, start, stop, *, release=True):
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + stop[0]) / 2, stop[1])
    page.mouse.move(*stop)
    if release:
        page.mouse.up()


def seconds_at(page, x):
    view, box = page.evaluate(_VIEW), page.locator(".ecg-glass").bounding_box()
    return view["x"][0] + (x - box["x"] - view["left"]) / view["xl"] * (view["x"][1] - view["x"][0])


def make_caliper(page, label="II", start=0.4, stop=1.2):
    of_lane = lane(page, label)
    before = len(told(page))
    drag(page, point(page, of_lane, start), point(page, of_lane, stop, 0.7))
    eventually(lambda: len(told(page)) > before)
    wait_until_idle(page)
    return told(page)[-1]


def test_a_drag_makes_a_caliper_of_exact_samples(opened):
    switch(opened, "Caliper")
    of_lane = lane(opened, "V2")
    start, stop = point(opened, of_lane, 5.403), point(opened, of_lane, 6.207)
    expected = [round(seconds_at(opened, x) * RATE) for x in (start[0], stop[0])]

    drag(opened, start, stop, release=False)
    written = opened.locator(".ecg-glass .measure").text_content()
    opened.mouse.up()
    eventually(lambda: bool(told(opened)))

    assert told(opened) == [
        ["caliper", {"lead": "V2", "start_sample": expected[0], "stop_sample": expected[1]}]
    ]
    ms = (expected[1] - expected[0]) / RATE * 1000
    wave = [(n % 400 * 5 - 1000 + 7) / 1000 for n in expected]  # the page's signal of V2 in mV
    difference = wave[1] - wave[0]
    sign = "−" if difference < 0 else "+"
    assert written == f"{ms:.0f} ms · {60000 / ms:.0f} bpm · Δ {sign}{abs(difference):.2f} mV"


@pytest.mark.slow
def test_the_lines_stand_on_their_samples_in_every_lane_of_the_lead(opened):
    switch(opened, "Caliper")
    _, caliper = make_caliper(opened, "II", 0.4, 1.2)
    view = opened.evaluate(_VIEW)
    pixels = [
        view["left"] + (caliper[end] / RATE - view["x"][0]) / (view["x"][1] - view["x"][0]) * view["xl"]
        for end in ("start_sample", "stop_sample")
    ]
    assert opened.evaluate(_LINES) == pytest.approx(
        pixels * 2, abs=0.01
    )  # in the 3 × 4 and in the rhythm strip
    assert (
        opened.locator(".ecg-glass .measure").first.text_content().startswith("PR <b>: ")
    )  # text, not markup


@pytest.mark.slow
def test_a_drag_backwards_comes_in_the_order_of_time_and_stays_within_its_lane(opened):
    switch(opened, "Caliper")
    of_lane = lane(opened, "I")
    drag(opened, point(opened, of_lane, 2.0), point(opened, of_lane, -0.3))
    eventually(lambda: bool(told(opened)))
    ((_, caliper),) = told(opened)
    assert caliper["start_sample"] == 0
    assert caliper["stop_sample"] == pytest.approx(1000, abs=3)


@pytest.mark.slow
def test_an_end_is_dragged_and_moved_by_keys(opened):
    switch(opened, "Caliper")
    _, made = make_caliper(opened)
    of_lane = lane(opened, "II")
    x = point(opened, of_lane, made["stop_sample"] / RATE)[0]
    target = point(opened, of_lane, 1.6)
    drag(opened, (x, target[1]), target)
    eventually(lambda: len(told(opened)) == 2)
    name, moved = told(opened)[-1]
    assert (name, moved["start_sample"]) == ("moved", made["start_sample"])
    assert moved["stop_sample"] == round(seconds_at(opened, target[0]) * RATE)

    wait_until_idle(opened)
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowLeft"):
        opened.keyboard.press(key)
    eventually(lambda: len(told(opened)) == 3)
    assert told(opened)[-1] == ["moved", {**moved, "stop_sample": moved["stop_sample"] + 2 - 10}]


def test_a_caliper_marches_and_is_deleted_by_keys(opened):
    switch(opened, "Caliper")
    _, made = make_caliper(opened, "II", 4 / 10, 1.2)
    opened.keyboard.press("m")
    eventually(lambda: opened.locator(".ecg-glass .marches").count() == 1)
    wait_until_idle(opened)
    interval = made["stop_sample"] - made["start_sample"]
    view = opened.evaluate(_VIEW)
    script = (
        "() => [...document.querySelectorAll('.ecg-glass .march')].map(l => Number(l.getAttribute('x1')))"
    )
    seconds = [
        view["x"][0] + (x - view["left"]) / view["xl"] * (view["x"][1] - view["x"][0])
        for x in opened.evaluate(script)
    ]
    steps = [(at * RATE - made["start_sample"]) / interval for at in seconds]
    assert steps == pytest.approx([round(step) for step in steps], abs=0.01)
    assert max(steps) >= 11  # to the end of the rhythm strip
    assert "11" not in opened.locator(".ecg-glass .march-number").all_text_contents()[:2]

    opened.keyboard.press("Delete")
    eventually(lambda: told(opened)[-1][0] == "deleted")
    eventually(lambda: opened.locator(".ecg-glass .caliper").count() == 0)


@pytest.mark.slow
def test_escape_lets_go(opened):
    switch(opened, "Caliper")
    of_lane = lane(opened, "II")
    drag(opened, point(opened, of_lane, 0.4), point(opened, of_lane, 1.2), release=False)
    assert opened.locator(".ecg-glass .caliper").count() == 1
    opened.keyboard.press("Escape")
    opened.mouse.up()
    wait_until_idle(opened)
    assert opened.locator(".ecg-glass .caliper").count() == 0
    assert told(opened) == []


@pytest.mark.slow
def test_calipers_are_drawn_again_when_the_figure_changes(opened):
    switch(opened, "Caliper")
    make_caliper(opened)
    opened.evaluate("() => { document.querySelector('.js-plotly-plot').isOld = true; }")
    switch(opened, "Dark paper")
    eventually(lambda: not opened.evaluate("() => document.querySelector('.js-plotly-plot').isOld ?? false"))
    eventually(lambda: opened.locator(".ecg-glass.dark .caliper .measure").count() == 2)
    assert len(told(opened)) == 1


def test_zoom_outlives_a_toggle_and_not_another_gain(opened):
    first = opened.evaluate(_VIEW)
    of_lane = lane(opened, "V2")
    drag(opened, point(opened, of_lane, 5.2, 0.9), point(opened, of_lane, 6.4, 0.1))
    eventually(lambda: opened.evaluate(_VIEW)["x"] != first["x"])
    opened.wait_for_timeout(400)
    zoomed = opened.evaluate(_VIEW)

    switch(opened, "Crossings")
    eventually(lambda: opened.evaluate(_VIEW)["x"] == pytest.approx(zoomed["x"]))
    assert opened.evaluate(_VIEW)["y"] == pytest.approx(zoomed["y"])
    switch(opened, "Dark paper")
    eventually(lambda: opened.evaluate(_VIEW)["x"] == pytest.approx(zoomed["x"]))

    switch(opened, "High gain")
    eventually(lambda: opened.evaluate(_VIEW)["x"] == pytest.approx(first["x"]))
    switch(opened, "High gain")
    eventually(lambda: opened.evaluate(_VIEW)["x"] == pytest.approx(zoomed["x"]))

    opened.mouse.dblclick(*point(opened, of_lane, 5.8))
    eventually(lambda: opened.evaluate(_VIEW)["x"] == pytest.approx(first["x"]))
    opened.wait_for_timeout(400)
    switch(opened, "Crossings")
    opened.wait_for_timeout(400)
    assert opened.evaluate(_VIEW)["x"] == pytest.approx(first["x"])
    assert told(opened) == []  # neither click of the two was told as a place


@pytest.mark.slow
def test_calipers_follow_the_zoom(opened):
    switch(opened, "Caliper")
    _, made = make_caliper(opened, "V2", 5.4, 6.2)
    switch(opened, "Caliper")
    of_lane = lane(opened, "V2")
    drag(opened, point(opened, of_lane, 5.2, 0.9), point(opened, of_lane, 6.5, 0.1))
    opened.wait_for_timeout(600)
    view = opened.evaluate(_VIEW)
    at = [
        view["x"][0] + (x - view["left"]) / view["xl"] * (view["x"][1] - view["x"][0])
        for x in opened.evaluate(_LINES)
    ]
    assert at == pytest.approx([made["start_sample"] / RATE, made["stop_sample"] / RATE], abs=1e-4)


def test_twenty_fast_presses_are_twenty(opened):
    for _ in range(20):
        opened.keyboard.press("n")
    eventually(lambda: sum(fields["times"] for _, fields in told(opened)) == 20)
    wait_until_idle(opened)
    assert {fields["action"] for _, fields in told(opened)} == {"next-crossing"}
    assert sum(fields["times"] for _, fields in told(opened)) == 20


@pytest.mark.slow
def test_different_keys_keep_their_order(opened):
    for key in ("n", "ArrowRight", "n", "n", "ArrowRight"):
        opened.keyboard.press(key)
    eventually(lambda: sum(fields["times"] for _, fields in told(opened)) == 5)
    presses = [fields["action"] for _, fields in told(opened) for _ in range(fields["times"])]
    assert presses == ["next-crossing", "next", "next-crossing", "next-crossing", "next"]


def test_keys_rest_while_typing_and_with_modifiers(opened):
    field = opened.get_by_label("Text")
    field.click()
    opened.keyboard.type("nn?n")
    opened.keyboard.press("ArrowRight")
    expect(field).to_have_value("nn?n")
    opened.get_by_role("button", name="Screen size").focus()
    opened.keyboard.press("Control+n")
    opened.keyboard.press("Shift+ArrowRight")
    wait_until_idle(opened)
    assert told(opened) == []
    opened.keyboard.press("?")
    eventually(lambda: told(opened) == [["action", {"action": "help", "times": 1}]])


@pytest.mark.slow
def test_a_click_on_the_paper_tells_the_place(opened):
    x, y = point(opened, lane(opened, "aVF"), 3.3)
    expected = round(seconds_at(opened, x) * RATE)
    opened.get_by_label("Text").focus()
    opened.mouse.click(x, y)
    eventually(lambda: told(opened) == [["place", {"lead": "aVF", "sample": expected}]])
    opened.keyboard.press("n")  # the click took the focus out of the field
    eventually(lambda: told(opened)[-1] == ["action", {"action": "next-crossing", "times": 1}])


@pytest.mark.slow
def test_the_highlighted_sample_has_its_line(opened):
    view = opened.evaluate(_VIEW)
    x = opened.locator(".ecg-glass .highlight")
    assert x.count() == 1
    expected = view["left"] + (8.4 - view["x"][0]) / (view["x"][1] - view["x"][0]) * view["xl"]
    assert float(x.get_attribute("x1")) == pytest.approx(expected, abs=0.01)


def test_a_caliper_with_the_keyboard_alone(opened):
    switch(opened, "Caliper")
    chart = opened.get_by_role("group", name="Chart of the ECG")
    chart.focus()
    opened.keyboard.press("Enter")
    eventually(lambda: len(told(opened)) == 1)
    wait_until_idle(opened)
    name, made = told(opened)[0]
    assert (name, made["lead"]) == ("caliper", "V5")  # of the highlighted sample
    assert made["start_sample"] == 4200
    opened.keyboard.press("ArrowRight")
    eventually(lambda: told(opened)[-1][0] == "moved")
    assert told(opened)[-1][1]["stop_sample"] == made["stop_sample"] + 1


@pytest.mark.slow
def test_without_a_rate_samples_are_counted(page, address):
    visit(page, f"{address}?rate=unknown")
    switch(page, "Caliper")
    of_lane = facts(page)["lanes"][0]
    span = of_lane["x1"] - of_lane["x0"]
    drag(
        page,
        point(page, of_lane, of_lane["x0"] + span * 0.2),
        point(page, of_lane, of_lane["x0"] + span * 0.4),
        release=False,
    )
    written = page.locator(".ecg-glass .measure").text_content()
    page.mouse.up()
    eventually(lambda: bool(told(page)))
    caliper = told(page)[0][1]
    start, stop = caliper["start_sample"], caliper["stop_sample"]
    difference = stop % 400 * 5 - start % 400 * 5
    assert written == f"{stop - start} samples · Δ {'−' if difference < 0 else '+'}{abs(difference)} counts"


@pytest.fixture
def phone(chromium, address):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.set_default_timeout(20_000)
    visit(page, f"{address}?width=352")
    yield page
    context.close()


def swipe(page, start, stop):
    session = page.context.new_cdp_session(page)
    steps = [
        (start[0] + (stop[0] - start[0]) * k / 10, start[1] + (stop[1] - start[1]) * k / 10)
        for k in range(11)
    ]
    for number, (x, y) in enumerate(steps):
        kind = "touchStart" if number == 0 else "touchMove"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        page.wait_for_timeout(16)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def scrolled(page):
    return page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollTop")


def test_a_finger_scrolls_the_page_and_draws_with_the_tool(phone):
    phone.locator(".ecg-glass").scroll_into_view_if_needed()
    of_lane = facts(phone)["lanes"][0]
    before = scrolled(phone)
    x, y = point(phone, of_lane, of_lane["x0"] + 1.0)
    swipe(phone, (x, y + 150), (x, y - 50))
    eventually(lambda: scrolled(phone) > before + 100)

    phone.get_by_test_id("stCheckbox").filter(has_text="Caliper").locator("label").tap()
    wait_until_idle(phone)
    phone.locator(".ecg-glass").scroll_into_view_if_needed()
    before = scrolled(phone)
    start, stop = point(phone, of_lane, of_lane["x0"] + 0.4), point(phone, of_lane, of_lane["x0"] + 1.2)
    swipe(phone, start, stop)
    eventually(lambda: len(told(phone)) == 1)
    name, caliper = told(phone)[0]
    assert (name, caliper["lead"]) == ("caliper", of_lane["lead"])
    per_pixel = RATE / abs(point(phone, of_lane, 1.0)[0] - point(phone, of_lane, 0.0)[0])
    assert caliper["stop_sample"] - caliper["start_sample"] == pytest.approx(400, abs=2 * per_pixel)
    assert scrolled(phone) == before


@pytest.mark.slow
def test_the_size_of_the_screen_is_kept_in_the_browser(opened, address):
    opened.get_by_role("button", name="Screen size").click()
    slider = opened.get_by_role("slider", name="Pixels per millimetre")
    slider.wait_for()
    slider.fill("4.25")
    assert opened.locator(".screen-size .card").bounding_box()["width"] == pytest.approx(
        4.25 * 53.98, abs=1.5
    )
    opened.get_by_role("button", name="Larger").click()
    opened.get_by_role("button", name="Save for this screen").click()
    expect(opened.get_by_role("dialog")).to_have_count(0)
    eventually(lambda: json.loads(opened.locator("#px-per-mm").text_content()) == 4.26)
    visit(opened, address)
    eventually(lambda: json.loads(opened.locator("#px-per-mm").text_content()) == 4.26)

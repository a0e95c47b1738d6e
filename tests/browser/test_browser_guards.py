"""Who may see what, and that nothing of a file is ever run, in a real Chromium."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.steps import (
    PATIENCE_MS,
    log_in,
    main_area,
    open_ecg,
    search_box,
    submit_token,
    wait_for_paper,
    wait_until_idle,
)
from tests.parts import ADMIN_TOKEN, CONTRACT_BODY, Server

pytestmark = pytest.mark.browser

NASTY = [
    "<img src=x onerror=alert(1)>",
    "<script>window.pwned=1</script>",
    "[click](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "https://evil.example www.evil.example a@evil.example",
    "</style><svg/onload=alert(1)>",
    "$\\href{javascript:alert(1)}{x}$ :red[x] `code`",
    "javascript:alert(1)",
    "<a href='https://evil.example'>x</a>",
]


def test_nobody_sees_a_page_of_a_fresh_server_without_logging_in(chromium, tmp_path):
    """Streamlit's old discovery of pages/*.py would serve them until the first session."""
    server = Server(tmp_path)
    try:
        for path in ("viewer", "library", "report", "guide", "admin", "main", "login", "upload"):
            context = chromium.new_context()
            page = context.new_page()
            page.goto(f"{server.url}/{path}")
            if path != "login":  # that address is the API's, and only takes the form
                expect(page.get_by_label("Access token")).to_be_visible(timeout=PATIENCE_MS)
            assert page.get_by_test_id("stSidebarNav").count() == 0
            assert page.get_by_test_id("stFileUploader").count() == 0
            context.close()
    finally:
        server.stop()


def test_somebody_elses_ecg_is_none_of_yours(server, page):
    with server.client() as client:
        ecg_id = client.post("/ecgs", json=CONTRACT_BODY).json()["id"]
    log_in(page, server, server.register())
    page.goto(f"{server.url}/viewer?ecg={ecg_id}")
    expect(main_area(page).get_by_text("You have no ECG with this address")).to_be_visible()
    assert page.locator(".js-plotly-plot").count() == 0


def test_the_administrator_sees_users_and_no_ecg(server, page):
    with server.client() as client:
        ecg_id = client.post("/ecgs", json=CONTRACT_BODY).json()["id"]
    log_in(page, server, ADMIN_TOKEN)
    for path in ("/", f"/viewer?ecg={ecg_id}", "/library", "/report"):
        page.goto(server.url + path)
        page.get_by_role("heading", name="Users", exact=True).wait_for()
        assert page.locator(".js-plotly-plot").count() == 0
        assert page.get_by_test_id("stFileUploader").count() == 0


def test_the_administrator_registers_renews_and_deactivates(server, page, chromium):
    log_in(page, server, ADMIN_TOKEN)
    page.get_by_label("Username").fill("dr.meier")
    page.get_by_role("button", name="Register").click()
    token = page.get_by_test_id("stCode").inner_text().strip()
    assert token.startswith("ecgu_")
    expect(page.get_by_role("button", name="Copy to clipboard")).to_be_visible()
    page.get_by_role("button", name="I have copied it").click()
    expect(page.get_by_text(token)).to_have_count(0)

    other = chromium.new_context()
    reader = other.new_page()
    log_in(reader, server, token)
    wait_until_idle(reader)  # a rerun that comes late would find the form already
    row = page.locator("[class*='st-key-user-']").filter(has_text="dr.meier")
    row.get_by_role("button", name="Deactivate").click()
    page.get_by_role("dialog").get_by_role("button", name="Deactivate").click()
    expect(row).to_contain_text("deactivated")
    search_box(reader).fill("anything")
    search_box(reader).press("Enter")
    expect(reader.get_by_label("Access token")).to_be_visible(timeout=PATIENCE_MS)
    submit_token(reader, token)
    expect(main_area(reader).get_by_role("alert")).to_be_visible()
    other.close()


def test_nothing_of_a_file_is_run_or_linked(server, page):
    """A corpus in file names, lead names and the lines above a table, on every page that shows them."""
    token = server.register()
    with server.client(token) as client:
        for number, text in enumerate(NASTY):
            body = {"leads": [{"name": text[:64], "signal": [1, -1, 2]}], "sampling_rate": 100}
            name = f"{text}.{number}.json".replace("/", "∕")
            client.post("/ecgs/files", files={"file": (name, json.dumps(body))}).raise_for_status()
        rows = "\n".join(str(n % 7 - 3) for n in range(50))
        csv = f"Name,{NASTY[0]}\nDevice,{NASTY[2]}\nSample Rate,100 hertz\n\nII (mV)\n{rows}\n"
        client.post("/ecgs/files", files={"file": ("meta.csv", csv)}).raise_for_status()
    requests, dialogs = [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    log_in(page, server, token)
    links = main_area(page).get_by_test_id("stPageLink-NavLink")
    expect(links).to_have_count(len(NASTY) + 1)
    seen = [page.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.href)")]
    for number in range(len(NASTY) + 1):
        links.nth(number).click()
        wait_for_paper(page)
        seen.append(
            page.evaluate("[...document.querySelectorAll('a[href], svg a')].map(a => String(a.href))")
        )
        page.get_by_test_id("stSidebarNav").get_by_role("link", name="Library").click()
        search_box(page).wait_for()
    assert dialogs == [] and page.evaluate("window.pwned") is None
    hosts = {urlsplit(url).hostname for url in requests if url.startswith("http")}
    assert hosts == {"localhost"}
    assert {urlsplit(link).hostname for links in seen for link in links} <= {"localhost", None}


def test_no_page_breaks_its_own_policy(server, page):
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    log_in(page, server, server.demo_token)
    open_ecg(page, "twelve-leads")
    wait_for_paper(page)
    for name in ("Reports", "Guide", "Library"):
        page.get_by_test_id("stSidebarNav").get_by_role("link", name=name).click()
        page.get_by_role("heading", name=name, exact=False).first.wait_for()
    assert complaints == []

"""Pages without a browser: nobody who is not logged in gets anything, and texts of files stay texts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from ecg_core.services.room import reading_room
from ecg_core.ui import text
from tests.parts import ROOT


@pytest.fixture(autouse=True)
def own_room(tmp_path, monkeypatch):
    """The process's reading room, in a folder of the test's own."""
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path))
    reading_room.cache_clear()
    yield
    reading_room().database.close()
    reading_room.cache_clear()


def run(page: str) -> AppTest:
    return AppTest.from_file(str(ROOT / "pages" / page), default_timeout=30).run()


def test_the_router_shows_the_form_to_whoever_is_not_logged_in():
    app = run("main.py")
    assert not app.exception and [title.value for title in app.title] == ["ECG Reading Room"]
    assert not app.sidebar.button and not app.get("file_uploader")


@pytest.mark.parametrize("page", sorted(path.name for path in (ROOT / "pages").glob("*.py")
                                        if path.name not in ("main.py", "login.py")))  # fmt: skip
def test_a_page_on_its_own_shows_nothing_but_the_request_to_log_in(page):
    app = run(page)
    assert not app.exception and len(app.error) == 1 and "Log in" in app.error[0].value
    assert not (app.title or app.header or app.button or app.dataframe or app.markdown)


@pytest.mark.parametrize(
    "written", ["[a](b)", "**b**", "`c`", ":red[x]", "$x$", "<b>", "# h", "a_b_c", "~~d~~"]
)
def test_no_mark_of_a_text_is_markdown(written):
    shown = text.escape(written)
    assert shown.replace("\\", "") == written
    assert all(
        mark == "\\" or mark.isalnum() or shown[i - 1] == "\\" for i, mark in enumerate(shown) if mark != " "
    )


@pytest.mark.parametrize("written", ["https://evil.example", "www.evil.example", "a@evil.example"])
def test_no_address_in_a_text_becomes_a_link(written):
    assert "\u2060" in text.escape(written)


def test_times_and_durations_say_what_is_known():
    assert text.duration(None) == "duration unknown" and text.duration(10) == "10 s"
    assert text.duration(300) == "5 min 0 s" and text.duration(86_400) == "24 h 0 min"
    assert text.place(0, 3, 10, timed=True) == "0–3 of 10 s"
    assert text.place(86_390, 86_400, 86_400, timed=True) == "23:59:50–24:00:00 of 24:00:00"
    assert text.place(0, 2000, 5000, timed=False) == "samples 0–2,000 of 5,000"
    assert text.moment(None) == "time unknown"
    assert text.moment(datetime(2026, 1, 15, 9, 30)) == "2026-01-15 09:30"
    assert text.moment(datetime(2026, 1, 15, 9, 30, tzinfo=UTC)) == "2026-01-15 09:30 UTC"

"""A page of its own for every test, and what was on it when the test failed."""

import pytest

from tests.browser.steps import PATIENCE_MS

_LAST_LINES = 40


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    page = item.funcargs.get("page") if report.when == "call" and report.failed else None
    if page is not None and not page.is_closed():
        report.sections.append(("page", f"{page.url}\n{page.locator('body').inner_text()}"))
        report.sections.append(("page's events", "\n".join(page.events[-_LAST_LINES:])))
    return report


@pytest.fixture
def page(chromium):
    context = chromium.new_context(viewport={"width": 1440, "height": 1000})
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE_MS)
    opened.events = events = []
    opened.on("console", lambda message: events.append(f"{message.type}: {message.text}"))
    opened.on("response", lambda answer: _note(events, answer))
    opened.on("requestfailed", lambda request: events.append(f"{request.method} failed {request.url}"))
    opened.on("websocket", lambda socket: events.append(f"websocket {socket.url}"))
    yield opened
    context.close()


def _note(events, answer):
    if "/static/" not in answer.url:
        events.append(f"{answer.request.method} {answer.status} {answer.url}")

"""Real parts for all tests: both databases, the running server, a Chromium. Nothing of ours is mocked."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from ecg_core.services import users
from ecg_core.services.room import open_reading_room
from ecg_core.settings import Settings
from tests.parts import ADMIN_TOKEN, Postgres, Server, find_chromium

# How long an example takes says more about a shared machine than about the code.
hypothesis_settings.register_profile("any", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("any")

ROOT = Path(__file__).resolve().parents[1]
REAL_DATA = Path(os.environ.get("ECG_REAL_DATA", ROOT.parent / "shared" / "data"))


def skip(reason: str) -> None:
    """Skip with a reason; where nothing may be skipped (CI), fail with it."""
    if os.environ.get("ECG_TEST_SKIP_NOTHING"):
        pytest.fail(f"must not be skipped here: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real recordings, which is not part of the project."""
    if not REAL_DATA.is_dir():
        pytest.skip(f"the real recordings are not at {REAL_DATA}; ECG_REAL_DATA names another folder")
    return REAL_DATA


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    """An own PostgreSQL server for this run."""
    found = Postgres.find()
    if found is None:
        skip("PostgreSQL is not installed")
    folder = tmp_path_factory.mktemp("postgres")
    server = Postgres(found, folder)
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    """The address of an empty database, of one kind and the other."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ecg.db'}"
    return request.getfixturevalue("postgres").new_database()


@pytest.fixture
def settings(database_url, tmp_path):
    return Settings(
        database_url=database_url, data_dir=tmp_path / "data", admin_token=ADMIN_TOKEN, demo=False
    )


@pytest.fixture
def room(settings):
    """A reading room over an empty database of either kind."""
    opened = open_reading_room(settings)
    yield opened
    opened.database.close()


@pytest.fixture
def make_user(room):
    """``make_user("name") -> User``, registered in `room`; its token is forgotten."""

    def make(username="reader"):
        return users.user_of(room, users.register(room, username))

    return make


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The whole product as a newcomer runs it, with the demo; shared by tests that do not stop it."""
    running = Server(tmp_path_factory.mktemp("server"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def chromium():
    """A real Chromium, driven by playwright."""
    executable = find_chromium()
    if executable is None:
        skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def free_space():
    """At least the room on disk that a test of large bodies needs."""
    if shutil.disk_usage("/tmp").free < 2_000_000_000:
        skip("less than 2 GB free in /tmp")

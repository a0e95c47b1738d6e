"""The FastAPI application, and where its paths begin."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import fastapi_offline
from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from starlette.middleware import Middleware

from ecg_core import __version__
from ecg_core.api import (
    beats,
    browser,
    ecgs,
    health,
    long_recordings,
    marks,
    measurements,
    prints,
    users,
    viewing,
)
from ecg_core.api.answers import AnswerBugs, add_error_handlers
from ecg_core.api.limits import LimitBody
from ecg_core.services.room import ReadingRoom, reading_room

#: First segments of the paths that belong to the API; no page of the dashboard may be called one of these.
SEGMENTS = frozenset({"health", "users", "ecgs", "login", "docs", "openapi.json"})

_DESCRIPTION = """Store ECGs and read what is measured on them. A user's token goes into the header
`x-user-token`; the administrator's, which opens `/users` and nothing else, into `x-admin-token`.
Every error is `{"detail": "…"}`."""


def create_api(open_room: Callable[[], ReadingRoom] = reading_room) -> FastAPI:
    """The API over a reading room, which is opened at the first request or before it."""
    api = FastAPI(
        title="ECG Reading Room",
        version=__version__,
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        middleware=[
            Middleware(AnswerBugs),
            Middleware(LimitBody, upload_limit=lambda: open_room().settings.max_upload_bytes),
        ],
    )
    api.state.open_room = open_room
    add_error_handlers(api)
    for module in (
        health,
        users,
        beats,
        ecgs,
        long_recordings,
        marks,
        measurements,
        prints,
        viewing,
        browser,
    ):
        api.include_router(module.router)
    _add_docs(api)
    return api


def _add_docs(api: FastAPI) -> None:
    """Swagger UI from an installed package: nothing comes from the internet."""
    assets = Path(fastapi_offline.__file__).parent / "static"
    api.mount("/docs/assets", StaticFiles(directory=assets))

    @api.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="/openapi.json",
            title="ECG Reading Room API",
            swagger_js_url="/docs/assets/swagger-ui-bundle.js",
            swagger_css_url="/docs/assets/swagger-ui.css",
            swagger_favicon_url="/docs/assets/favicon.png",
        )

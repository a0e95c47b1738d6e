"""The API beside the dashboard, at its own paths and on the same port."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from ecg_core.api.app import SEGMENTS


class ApiBeside:
    """ASGI middleware that hands a request whose path begins with one of `SEGMENTS` to the API, untouched.

    The API's own middleware, 404 and 405 therefore work as if it were served alone, and its requests do not
    pass through Streamlit's middleware (cookie sessions, compression), which costs time and is not for them.
    """

    def __init__(self, app: ASGIApp, api: ASGIApp) -> None:
        self.app = app
        self.api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        ours = scope["type"] == "http" and scope["path"].lstrip("/").split("/", 1)[0] in SEGMENTS
        await (self.api if ours else self.app)(scope, receive, send)

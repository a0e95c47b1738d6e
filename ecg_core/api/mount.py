"""The API behind the dashboard, at its own paths and on the same port."""

from __future__ import annotations

from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from ecg_core.api.app import SEGMENTS


class ApiRoute(BaseRoute):
    """Hands every HTTP request whose path begins with one of `SEGMENTS` to the API, untouched.

    The API's own middleware, 404 and 405 therefore work as if it were served alone.
    """

    def __init__(self, api: ASGIApp) -> None:
        self.api = api

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        ours = scope["type"] == "http" and scope["path"].lstrip("/").split("/", 1)[0] in SEGMENTS
        return (Match.FULL if ours else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.api(scope, receive, send)

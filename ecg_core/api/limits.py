"""No request body above the limit, whether or not it says beforehand how long it is."""

from __future__ import annotations

import json
from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SMALL_BODY_BYTES = 100_000
_UPLOADS = ("/ecgs", "/ecgs/files")
_DRAINED = 256_000_000  # read and dropped beyond the limit, so that the sender gets to read the answer


class LimitBody:
    """ASGI middleware that answers 413.

    Parameters
    ----------
    upload_limit : callable
        Gives the limit of a body with an ECG in bytes; asked at each request, since settings are not read at
        import time. Other bodies are small, and some are read before it is known who sends them.
    """

    def __init__(self, app: ASGIApp, upload_limit: Callable[[], int]) -> None:
        self.app = app
        self.upload_limit = upload_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self.upload_limit() if scope["path"].rstrip("/") in _UPLOADS else SMALL_BODY_BYTES
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > limit:
            await _drain(receive, limit + _DRAINED)
            await _refuse(send, limit)
            return
        await self.app(scope, _counted(receive, limit), send)


def _counted(receive: Receive, limit: int) -> Receive:
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            if message.get("more_body", False):
                await _drain(receive, _DRAINED)
            raise HTTPException(413, too_large(limit))
        return message

    return counted


async def _drain(receive: Receive, most: int) -> None:
    read = 0
    while read < most:
        message = await receive()
        read += len(message.get("body", b""))
        if not message.get("more_body", False):
            return


def too_large(limit: int) -> str:
    setting = "" if limit == SMALL_BODY_BYTES else " (setting ECG_MAX_UPLOAD_MB)"
    return f"The body is larger than the limit of {limit / 1e6:g} MB{setting}"


async def _refuse(send: Send, limit: int) -> None:
    body = json.dumps({"detail": too_large(limit)}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()),
               (b"connection", b"close")]  # fmt: skip
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})

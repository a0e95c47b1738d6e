"""One shape for every error, and every status declared."""

from __future__ import annotations

import errno
import logging
import re
import traceback
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ecg_core.api.schemas import ErrorAnswer
from ecg_core.errors import EcgError, StorageFullError, TooManyAttemptsError

_log = logging.getLogger(__name__)

_MEANING = {
    401: "The token is missing or wrong",
    404: "There is no such thing, or it is somebody else's",
    409: "Not possible for this ECG as it is; `detail` says why",
    413: "The body is larger than the limit",
    422: "What was sent cannot be understood; the text says what, where, and what would be right",
    503: "The database does not answer; nothing was changed; try again",
    507: "The disk is full; nothing was stored",
}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route that may answer with these statuses (500 is always possible)."""
    return {status: {"model": ErrorAnswer, "description": _MEANING[status]} for status in statuses}


def add_error_handlers(api: FastAPI) -> None:
    """Answer every error as ``{"detail": "…"}``."""
    api.add_exception_handler(EcgError, _answer_ours)
    api.add_exception_handler(RequestValidationError, _answer_invalid)
    api.add_exception_handler(HTTPException, _answer_http)
    api.add_exception_handler(OSError, _answer_os)


def _answer(status: int, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"detail": detail}, status, {"Cache-Control": "no-store", **(headers or {})})


def _answer_ours(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, EcgError)
    if error.status >= 500:
        _log.error("%s: %s", type(error).__name__, error)
    wait = error.retry_after_s if isinstance(error, TooManyAttemptsError) else 5
    headers = {"Retry-After": str(wait)} if error.status in (429, 503) else {}
    return _answer(error.status, str(error), headers)


def _answer_invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = (f"{' → '.join(str(part) for part in e['loc'])}: {e['msg']}" for e in error.errors())
    return _answer(422, "; ".join(faults))


def _answer_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    status = 422 if error.status_code == 400 else error.status_code  # Starlette's 400: a body it cannot parse
    headers = dict(error.headers or {})
    if status == 405:  # each route knows only its own method
        headers["Allow"] = ", ".join(_methods_at(request))
    return _answer(status, str(error.detail), headers)


def _methods_at(request: Request) -> list[str]:
    """All methods of the path asked for; one named outright wins over one with a parameter."""
    paths, asked = request.app.openapi()["paths"], request.url.path
    if asked not in paths:
        patterns = {template: re.sub(r"\{\w+\}", "[^/]+", template.replace(".", r"\.")) for template in paths}
        asked = next((template for template in paths if re.fullmatch(patterns[template], asked)), asked)
    return sorted(method.upper() for method in paths.get(asked, {}))


def _answer_os(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, OSError)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _answer_ours(
            request, StorageFullError("The disk is full: nothing was stored. Free some space")
        )
    raise error


class AnswerBugs:
    """ASGI middleware that answers 500 to what nobody foresaw.

    A handler for `Exception` would do, but for one thing: Starlette raises the error again after it, and the
    server logs it. Its text may quote a patient's file, so only the kind of error and its place are logged.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_begun = False

        async def noting_send(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self.app(scope, receive, noting_send)
        except Exception as error:
            kind, route = type(error).__name__, _route(scope)
            _log.error("%s %s: %s at %s", scope.get("method"), route, kind, _place(error))
            # Half an answer is not taken for all of it: the server cuts the connection.
            if not has_begun:
                await _answer(500, "Internal error; it was logged")(scope, receive, send)


def _route(scope: Scope) -> str:
    """The template of the path, since the path itself may hold a name."""
    return getattr(scope.get("route"), "path", "(no route)")


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    shown = [frame for frame in frames if "ecg_core" in frame.filename or frame is frames[-1]]
    return " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(shown))

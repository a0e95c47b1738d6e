"""One shape for every error, and every status declared."""

from __future__ import annotations

import errno
import logging
import re
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from ecg_core.api.schemas import ErrorAnswer
from ecg_core.errors import EcgError, StorageFullError, TooManyAttemptsError

_log = logging.getLogger(__name__)

_MEANING = {
    401: "The token is missing or wrong",
    404: "There is no such thing, or it is somebody else's",
    409: "The file states it; only what is missing can be entered",
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
    api.add_exception_handler(Exception, _answer_bug)


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
    return _answer_bug(request, error)


def _answer_bug(request: Request, error: Exception) -> JSONResponse:
    # The traceback's text may quote a patient's file: only the kind of error and its place are logged.
    _log.error("%s %s: %s", request.method, request.scope.get("route"), type(error).__name__)
    return _answer(500, "Internal error; it was logged")

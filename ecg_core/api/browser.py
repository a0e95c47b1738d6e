"""Logging in from the dashboard: a form that sets the session cookie. Not part of the API's documentation."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse

from ecg_core.api.dependencies import Address, Room
from ecg_core.errors import AuthenticationError, ForbiddenError, TooManyAttemptsError
from ecg_core.services import logins

router = APIRouter(include_in_schema=False)


@router.post("/login")
def log_in(
    request: Request,
    room: Room,
    address: Address,
    token: Annotated[str, Form(max_length=500)] = "",
    next: Annotated[str, Form(max_length=2000)] = "/",
) -> RedirectResponse:
    """Check the token, set the cookie, and go back to the page that was asked for."""
    _refuse_other_sites(request)
    destination = _own_path(next)
    try:
        cookie = logins.log_in(room, token, address=address)
    except TooManyAttemptsError as error:
        return _see_other(f"/?{urlencode({'login': error.retry_after_s, 'next': destination})}")
    except AuthenticationError:
        return _see_other(f"/?{urlencode({'login': 'failed', 'next': destination})}")
    answer = _see_other(destination)
    answer.set_cookie(
        logins.SESSION_COOKIE,
        cookie,
        httponly=True,
        samesite="strict",
        secure=room.settings.cookie_secure,
        path="/",
    )
    return answer


def _refuse_other_sites(request: Request) -> None:
    own = {f"{scheme}://{request.headers.get('host')}" for scheme in ("http", "https")}
    if not own.issuperset(request.headers.getlist("origin")):
        raise ForbiddenError("Log in from this site's own page")


def _own_path(path: str) -> str:
    """The path if it leads to this site, else the front page: a link cannot send anyone elsewhere."""
    ours = (
        path.startswith("/")
        and not path.startswith(("//", "/\\"))
        and path.isprintable()
        and "\\" not in path
    )
    return path if ours else "/"


def _see_other(path: str) -> RedirectResponse:
    return RedirectResponse(path, 303, {"Cache-Control": "no-store"})

"""Who asks, in which room, with what body."""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, APIKeyHeader
from starlette.concurrency import run_in_threadpool

from ecg_core.domain import User
from ecg_core.errors import InvalidUserTokenError, NotLoggedInError
from ecg_core.services import logins, users
from ecg_core.services.room import ReadingRoom

T = TypeVar("T")
_IN_MEMORY = 4_000_000  # bytes of a body kept in memory; the rest goes to a file

_user_token = APIKeyHeader(name="x-user-token", scheme_name="user token", auto_error=False)
_admin_token = APIKeyHeader(name="x-admin-token", scheme_name="admin token", auto_error=False)
_cookie = APIKeyCookie(name=logins.SESSION_COOKIE, scheme_name="login cookie", auto_error=False)


async def get_room(request: Request) -> ReadingRoom:
    room: ReadingRoom = request.app.state.open_room()
    return room


async def get_address(request: Request) -> str:
    """Where a request comes from, for the audit table."""
    return request.client.host if request.client else ""


async def ask(room: ReadingRoom, question: Callable[..., T], *arguments: Any, **named: Any) -> T:
    """A short question to the database; the embedded one answers sooner than a thread could ask it."""
    if room.database.is_embedded:
        return question(*arguments, **named)
    return await run_in_threadpool(question, *arguments, **named)


Room = Annotated[ReadingRoom, Depends(get_room)]
Address = Annotated[str, Depends(get_address)]


async def get_user(room: Room, address: Address, token: Annotated[str | None, Security(_user_token)]) -> User:
    """The user of the token."""
    user = await ask(room, users.user_of, room, token) if token else None
    if user is not None:
        return user
    return await run_in_threadpool(users.authenticate_user, room, token, address=address)


def get_reader(
    room: Room,
    address: Address,
    token: Annotated[str | None, Security(_user_token)],
    cookie: Annotated[str | None, Security(_cookie)],
) -> User:
    """The user of a token or, for a download in the browser, of a login."""
    if token is None and cookie is not None:
        try:
            return logins.require_user(room, cookie)
        except NotLoggedInError:
            raise InvalidUserTokenError from None
    return users.authenticate_user(room, token, address=address)


def check_admin(room: Room, address: Address, token: Annotated[str | None, Security(_admin_token)]) -> None:
    users.authenticate_admin(room, token, address=address)


CurrentUser = Annotated[User, Depends(get_user)]
Reader = Annotated[User, Depends(get_reader)]


@asynccontextmanager
async def received_body(request: Request) -> AsyncIterator[memoryview]:
    """The whole body; above some megabytes it lies in a file, not in memory."""
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        async for chunk in request.stream():
            file.write(chunk)
        with viewed(file) as view:
            yield view


class viewed:
    """A spooled file's bytes without a copy of what lies on disk."""

    def __init__(self, file: tempfile.SpooledTemporaryFile[bytes]) -> None:
        self._file = file
        self._map: mmap.mmap | None = None

    def __enter__(self) -> memoryview:
        if not self._file._rolled:  # type: ignore[attr-defined]
            self._file.seek(0)
            return memoryview(self._file.read())
        self._file.flush()
        self._map = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        return memoryview(self._map)

    def __exit__(self, *_: object) -> None:
        # The map is freed with its last view; closing it here fails while a traceback holds one.
        self._map = None

"""Logging in and out in a browser: a random cookie, of which only the keyed hash is stored."""

from __future__ import annotations

import math
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from ecg_core.domain import User
from ecg_core.errors import AuthenticationError, NotLoggedInError, StorageFullError, TooManyAttemptsError
from ecg_core.services.room import ReadingRoom, utc_now
from ecg_core.services.users import ADMINISTRATOR, is_admin_token, user_of
from ecg_core.storage import audit, users

SESSION_COOKIE = "ecg_session"
WRONG_TOKEN = (
    "This token is not known here. Check that it was pasted whole, or ask your administrator for a new one."
)
_FAILED = "login_failed"
_WINDOW = timedelta(minutes=1)
_TOUCH_EVERY = timedelta(seconds=30)  # a rerun writes nothing more often than this


@dataclass(frozen=True)
class Visitor:
    """Who is logged in: a user, or the administrator (no user)."""

    user: User | None

    @property
    def is_admin(self) -> bool:
        return self.user is None

    @property
    def name(self) -> str:
        return self.user.username if self.user else ADMINISTRATOR


def log_in(room: ReadingRoom, token: str, *, address: str = "") -> str:
    """Begin a login.

    Returns
    -------
    str
        The value of the session cookie.

    Raises
    ------
    TooManyAttemptsError
        Too many wrong tokens came from this address within a minute.
    AuthenticationError
        Neither a user nor the administrator has this token.
    """
    now = utc_now()
    _refuse_if_hurried(room, address, now)
    token = token.strip()
    user = user_of(room, token) if token else None
    if user is None and not (token and is_admin_token(room, token)):
        with room.database.writing() as connection:
            audit.insert_audit(connection, at=now, actor="", action=_FAILED, address=address)
        raise AuthenticationError(WRONG_TOKEN)
    return _begin(room, Visitor(user), address, now)


def _refuse_if_hurried(room: ReadingRoom, address: str, now: datetime) -> None:
    with room.database.reading() as connection:
        count, first = audit.recent_actions(connection, action=_FAILED, address=address, since=now - _WINDOW)
    if first is not None and count >= room.settings.login_failures_per_minute:
        raise TooManyAttemptsError(max(1, math.ceil((first + _WINDOW - now).total_seconds())))


def _begin(room: ReadingRoom, visitor: Visitor, address: str, now: datetime) -> str:
    cookie = f"ecgs_{secrets.token_urlsafe(32)}"
    idle, absolute = _limits(room)
    with room.database.writing() as connection:
        users.delete_old_logins(connection, seen_before=now - idle, created_before=now - absolute)
        users.insert_login(connection, room.keyed_hash(cookie), visitor.user, now)
        audit.insert_audit(connection, at=now, actor=visitor.name, action="login", address=address)
    return cookie


def _limits(room: ReadingRoom) -> tuple[timedelta, timedelta]:
    settings = room.settings
    return timedelta(minutes=settings.session_idle_minutes), timedelta(hours=settings.session_absolute_hours)


def find_visitor(room: ReadingRoom, cookie: str | None) -> Visitor | None:
    """Who holds this cookie now; None once the login has ended, by whatever way."""
    if not cookie:
        return None
    now, id_hash = utc_now(), room.keyed_hash(cookie)
    idle, absolute = _limits(room)
    with room.database.reading() as connection:
        login = users.find_login(connection, id_hash)
    if login is None:
        return None
    if now - login.last_seen_at > idle or now - login.created_at > absolute:
        return None
    if now - login.last_seen_at > min(_TOUCH_EVERY, idle / 4):
        # A full disk takes no ECG; those that are there can be read all the same.
        with suppress(StorageFullError), room.database.writing() as connection:
            users.touch_login(connection, id_hash, now)
    return Visitor(login.user)


def require_user(room: ReadingRoom, cookie: str | None) -> User:
    """The user who holds this cookie.

    Raises
    ------
    NotLoggedInError
        Nobody does, or it is the administrator, who sees no ECG.
    """
    visitor = find_visitor(room, cookie)
    if visitor is None or visitor.user is None:
        raise NotLoggedInError
    return visitor.user


def log_out(room: ReadingRoom, cookie: str | None, *, address: str = "") -> None:
    """End a login in every tab; the cookie is worth nothing afterwards."""
    visitor = find_visitor(room, cookie)
    if visitor is None or not cookie:
        return
    with room.database.writing() as connection:
        users.delete_login(connection, room.keyed_hash(cookie))
        audit.insert_audit(connection, at=utc_now(), actor=visitor.name, action="logout", address=address)

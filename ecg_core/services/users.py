"""Users and their tokens: register, deactivate, recognise. The administrator does no more than this."""

from __future__ import annotations

import hmac
import re
import secrets
import unicodedata
from contextlib import suppress
from datetime import timedelta

from ecg_core.domain import User
from ecg_core.errors import (
    InvalidAdminTokenError,
    InvalidInputError,
    InvalidUserTokenError,
    StorageFullError,
    UserNotFoundError,
)
from ecg_core.services.room import ReadingRoom, utc_now
from ecg_core.storage import audit
from ecg_core.storage import users as store

ADMINISTRATOR = "(administrator)"  # in the audit table; no username can begin with a bracket
USERNAME_PATTERN = r"^[A-Za-z0-9_À-ɏ]([A-Za-z0-9_À-ɏ .@+\-]{0,62}[A-Za-z0-9_À-ɏ.@+\-])?$"
_FAILURES_RECORDED_PER_MINUTE = (
    10  # an address that floods us with wrong tokens does not flood the audit table
)


def new_token(kind: str) -> str:
    """A random token of 256 bits with a prefix that says what it opens (``ecgu`` user, ``ecga`` admin)."""
    return f"{kind}_{secrets.token_urlsafe(32)}"


def register(room: ReadingRoom, username: str, *, address: str = "", actor: str = ADMINISTRATOR) -> str:
    """Register a user, or give a known one a new token; the old one and its logins end.

    Returns
    -------
    str
        The token. It is shown this once: only its keyed hash is stored.

    Raises
    ------
    InvalidInputError
        The username has a wrong character or length.
    """
    username = unicodedata.normalize("NFC", username)
    if not re.fullmatch(USERNAME_PATTERN, username):
        raise InvalidInputError(
            "A username has 1 to 64 letters, digits and the signs . _ @ + - with spaces inside, "
            "and begins with a letter or digit"
        )
    token, now = new_token("ecgu"), utc_now()
    with room.database.writing() as connection:
        store.upsert_user(connection, username, token_hash=room.keyed_hash(token), now=now)
        audit.insert_audit(
            connection, at=now, actor=actor, action="register", target=username, address=address
        )
    return token


def deactivate(room: ReadingRoom, username: str, *, address: str = "") -> None:
    """End a user's token and logins at once. The ECGs stay; registering again opens them to the new token.

    Raises
    ------
    UserNotFoundError
    """
    username = unicodedata.normalize("NFC", username)
    if not re.fullmatch(USERNAME_PATTERN, username):  # nobody has such a name; a database may refuse to look
        raise UserNotFoundError(username)
    with room.database.writing() as connection:
        store.deactivate_user(connection, username)
        audit.insert_audit(
            connection,
            at=utc_now(),
            actor=ADMINISTRATOR,
            action="deactivate",
            target=username,
            address=address,
        )


def list_users(room: ReadingRoom) -> list[User]:
    """All users, by name."""
    with room.database.reading() as connection:
        return store.list_users(connection)


def user_of(room: ReadingRoom, token: str) -> User | None:
    """The active user whose token this is."""
    with room.database.reading() as connection:
        return store.find_active_user(connection, room.keyed_hash(token))


def is_admin_token(room: ReadingRoom, token: str) -> bool:
    with room.database.reading() as connection:
        stored = store.get_admin_token_hash(connection)
    return stored is not None and hmac.compare_digest(stored, room.keyed_hash(token))


def authenticate_user(room: ReadingRoom, token: str | None, *, address: str = "") -> User:
    """The user of a token.

    Raises
    ------
    InvalidUserTokenError
    """
    user = user_of(room, token) if token else None
    if user is None:
        record_failure(room, "wrong_user_token", address)
        raise InvalidUserTokenError
    return user


def authenticate_admin(room: ReadingRoom, token: str | None, *, address: str = "") -> None:
    """Do nothing if the token is the administrator's.

    Raises
    ------
    InvalidAdminTokenError
    """
    if not (token and is_admin_token(room, token)):
        record_failure(room, "wrong_admin_token", address)
        raise InvalidAdminTokenError


def record_failure(room: ReadingRoom, action: str, address: str) -> None:
    """Audit a wrong token, a few times a minute for each address; a full disk makes it no less wrong."""
    now = utc_now()
    since = now - timedelta(minutes=1)
    with room.database.reading() as connection:
        count, _ = audit.recent_actions(connection, action=action, address=address, since=since)
    if count >= _FAILURES_RECORDED_PER_MINUTE:
        return
    with suppress(StorageFullError), room.database.writing() as connection:
        audit.insert_audit(connection, at=now, actor="", action=action, address=address)

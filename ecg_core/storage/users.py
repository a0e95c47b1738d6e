"""Users, the administrator's token and logins: only keyed hashes of tokens are ever stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ecg_core.domain import User
from ecg_core.errors import UserNotFoundError
from ecg_core.storage.tables import AdminToken, AppUser, LoginSession

_INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_USER = [AppUser.__table__.c[name] for name in User.__dataclass_fields__]
_LOGIN = LoginSession.__table__
_FIND_LOGIN = (
    select(_LOGIN.c.user_id, _LOGIN.c.created_at, _LOGIN.c.last_seen_at, *_USER)
    .join_from(_LOGIN, AppUser.__table__, _LOGIN.c.user_id == AppUser.__table__.c.id, isouter=True)
    .where(_LOGIN.c.id_hash == bindparam("id_hash"))
)
_FIND_ACTIVE = select(*_USER).where(AppUser.token_hash == bindparam("token_hash"), AppUser.is_active)


def upsert_user(connection: Connection, username: str, *, token_hash: str, now: datetime) -> None:
    """Register a user, or give a known one a new token, which also lets a deactivated one in again."""
    new = _INSERTS[connection.dialect.name](AppUser).values(
        username=username, token_hash=token_hash, is_active=True, created_at=now
    )
    upsert = new.on_conflict_do_update(  # asking first would fail when another registers the same name now
        index_elements=["username"], set_={"token_hash": token_hash, "is_active": True}
    )
    number = connection.execute(upsert.returning(AppUser.id)).scalar_one()
    connection.execute(delete(LoginSession).where(LoginSession.user_id == number))


def deactivate_user(connection: Connection, username: str) -> None:
    """End a user's token and logins; the user's ECGs stay.

    Raises
    ------
    UserNotFoundError
    """
    found = update(AppUser).where(AppUser.username == username).values(is_active=False)
    number = connection.execute(found.returning(AppUser.id)).scalar_one_or_none()
    if number is None:
        raise UserNotFoundError(username)
    connection.execute(delete(LoginSession).where(LoginSession.user_id == number))


def find_active_user(connection: Connection, token_hash: str) -> User | None:
    row = connection.execute(_FIND_ACTIVE, {"token_hash": token_hash}).one_or_none()
    return None if row is None else User(*row)


def list_users(connection: Connection) -> list[User]:
    return [User(*row) for row in connection.execute(select(*_USER).order_by(AppUser.username))]


def count_users(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(AppUser)).scalar_one()


def get_admin_token_hash(connection: Connection) -> str | None:
    return connection.execute(select(AdminToken.token_hash)).scalar_one_or_none()


def set_admin_token_hash(connection: Connection, token_hash: str) -> None:
    """Make this the administrator's token; logins with an earlier one end."""
    connection.execute(delete(LoginSession).where(LoginSession.user_id.is_(None)))
    connection.execute(delete(AdminToken))
    connection.execute(insert(AdminToken).values(id=1, token_hash=token_hash))


def insert_login(connection: Connection, id_hash: str, user: User | None, now: datetime) -> None:
    """Keep a login of a user, or of the administrator (None)."""
    row = {"id_hash": id_hash, "user_id": user.id if user else None, "created_at": now, "last_seen_at": now}
    connection.execute(insert(LoginSession), row)


@dataclass(frozen=True)
class Login:
    """A login in a browser; no user means the administrator."""

    created_at: datetime
    last_seen_at: datetime
    user: User | None


def find_login(connection: Connection, id_hash: str) -> Login | None:
    """A login of the administrator or of an active user; None for any other."""
    found = connection.execute(_FIND_LOGIN, {"id_hash": id_hash}).one_or_none()
    if found is None:
        return None
    user_id, created_at, last_seen_at, *row = found
    if user_id is None:
        return Login(created_at, last_seen_at, None)
    user = User(*row)
    return Login(created_at, last_seen_at, user) if user.is_active else None


def touch_login(connection: Connection, id_hash: str, now: datetime) -> None:
    connection.execute(update(LoginSession).where(LoginSession.id_hash == id_hash).values(last_seen_at=now))


def delete_login(connection: Connection, id_hash: str) -> None:
    connection.execute(delete(LoginSession).where(LoginSession.id_hash == id_hash))


def delete_old_logins(connection: Connection, *, seen_before: datetime, created_before: datetime) -> None:
    connection.execute(
        delete(LoginSession).where(
            (LoginSession.last_seen_at < seen_before) | (LoginSession.created_at < created_before)
        )
    )

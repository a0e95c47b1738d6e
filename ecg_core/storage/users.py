"""Users, the administrator's token and logins: only keyed hashes of tokens are ever stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

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


def upsert_user(session: Session, username: str, *, token_hash: str, now: datetime) -> None:
    """Register a user, or give a known one a new token, which also lets a deactivated one in again."""
    new = _INSERTS[session.get_bind().dialect.name](AppUser).values(
        username=username, token_hash=token_hash, is_active=True, created_at=now
    )
    upsert = new.on_conflict_do_update(  # asking first would fail when another registers the same name now
        index_elements=["username"], set_={"token_hash": token_hash, "is_active": True}
    )
    number = session.execute(upsert.returning(AppUser.id)).scalar_one()
    session.execute(delete(LoginSession).where(LoginSession.user_id == number))


def deactivate_user(session: Session, username: str) -> None:
    """End a user's token and logins; the user's ECGs stay.

    Raises
    ------
    UserNotFoundError
    """
    row = session.execute(select(AppUser).where(AppUser.username == username)).scalar_one_or_none()
    if row is None:
        raise UserNotFoundError(username)
    row.is_active = False
    session.execute(delete(LoginSession).where(LoginSession.user_id == row.id))


def find_active_user(session: Session, token_hash: str) -> User | None:
    row = session.connection().execute(_FIND_ACTIVE, {"token_hash": token_hash}).one_or_none()
    return None if row is None else User(*row)


def list_users(session: Session) -> list[User]:
    return [_to_user(row) for row in session.execute(select(AppUser).order_by(AppUser.username)).scalars()]


def count_users(session: Session) -> int:
    return session.execute(select(func.count()).select_from(AppUser)).scalar_one()


def get_admin_token_hash(session: Session) -> str | None:
    return session.execute(select(AdminToken.token_hash)).scalar_one_or_none()


def set_admin_token_hash(session: Session, token_hash: str) -> None:
    """Make this the administrator's token; logins with an earlier one end."""
    session.execute(delete(LoginSession).where(LoginSession.user_id.is_(None)))
    session.merge(AdminToken(id=1, token_hash=token_hash))


def insert_login(session: Session, id_hash: str, user: User | None, now: datetime) -> None:
    """Keep a login of a user, or of the administrator (None)."""
    session.add(
        LoginSession(id_hash=id_hash, user_id=user.id if user else None, created_at=now, last_seen_at=now)
    )


@dataclass(frozen=True)
class Login:
    """A login in a browser; no user means the administrator."""

    created_at: datetime
    last_seen_at: datetime
    user: User | None


def find_login(session: Session, id_hash: str) -> Login | None:
    """A login of the administrator or of an active user; None for any other."""
    found = session.connection().execute(_FIND_LOGIN, {"id_hash": id_hash}).one_or_none()
    if found is None:
        return None
    user_id, created_at, last_seen_at, *row = found
    if user_id is None:
        return Login(created_at, last_seen_at, None)
    user = User(*row)
    return Login(created_at, last_seen_at, user) if user.is_active else None


def touch_login(session: Session, id_hash: str, now: datetime) -> None:
    session.execute(update(LoginSession).where(LoginSession.id_hash == id_hash).values(last_seen_at=now))


def delete_login(session: Session, id_hash: str) -> None:
    session.execute(delete(LoginSession).where(LoginSession.id_hash == id_hash))


def delete_old_logins(session: Session, *, seen_before: datetime, created_before: datetime) -> None:
    session.execute(
        delete(LoginSession).where(
            (LoginSession.last_seen_at < seen_before) | (LoginSession.created_at < created_before)
        )
    )


def _to_user(row: AppUser) -> User:
    assert row.id is not None
    return User(id=row.id, username=row.username, is_active=row.is_active, created_at=row.created_at)

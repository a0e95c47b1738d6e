"""The engine: SQLite that cannot lose a commit, or PostgreSQL; one transaction a unit of work."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError, TimeoutError

from ecg_core.errors import ConfigurationError, EcgError, StorageFullError, StorageUnavailableError

__all__ = ["Connection", "Database"]

_BUSY_MS = 30_000
_SQLITE_PRAGMAS = {"busy_timeout": _BUSY_MS, "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
# A server that vanished from the network is noticed within a minute, not after the quarter of an hour of TCP.
_POSTGRESQL_PATIENCE = {"connect_timeout": 10, "keepalives_idle": 30, "tcp_user_timeout": 30_000}
_START = 0x_EC6  # the number of PostgreSQL's advisory lock
_FULL = ("disk is full", "no space left", "could not extend file", "disk full")


class Database:
    """One database and its connections.

    Parameters
    ----------
    url : str
        ``sqlite:///…`` or ``postgresql+psycopg://…``.
    """

    def __init__(self, url: str) -> None:
        self.engine = _create_engine(url)
        self.is_embedded = self.engine.dialect.name == "sqlite"
        self._writer = self.engine.execution_options(writes=True)
        # SQLite has one writer; queueing here is fair, its own busy handler is not.
        self._write_lock = threading.Lock() if self.is_embedded else nullcontext()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that changes nothing; each of its statements sees what was committed when it began."""
        with _translated(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection whose work is committed when the block ends, and undone whole if it raises."""
        with _translated(), self._write_lock, self._writer.begin() as connection:
            yield connection

    @contextmanager
    def starting(self) -> Iterator[Connection]:
        """As `writing`, and alone: other processes that start together wait until it is committed."""
        with self.writing() as connection:
            if not self.is_embedded:  # SQLite has one writer in any case
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _START})
            yield connection

    def ping(self) -> None:
        """Ask the database for an answer.

        Raises
        ------
        StorageUnavailableError
        """
        with self.reading() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        self.engine.dispose()


def _create_engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigurationError("ECG_DATABASE_URL is not the address of a database") from None
    if parsed.get_backend_name() == "sqlite":
        return _create_sqlite_engine(url)
    if parsed.get_backend_name() == "postgresql":
        patience = {name: value for name, value in _POSTGRESQL_PATIENCE.items() if name not in parsed.query}
        return create_engine(
            url,
            pool_size=20,
            max_overflow=20,
            pool_pre_ping=True,
            pool_timeout=30,
            hide_parameters=True,
            connect_args=patience,
        )
    raise ConfigurationError(
        f"ECG_DATABASE_URL names {parsed.get_backend_name()!r}; SQLite and PostgreSQL can be used"
    )


def _create_sqlite_engine(url: str) -> Engine:
    path = make_url(url).database
    if not path or path == ":memory:":
        raise ConfigurationError("ECG_DATABASE_URL must name a SQLite file: one in memory loses every ECG")
    Path(path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_engine(
        url,
        pool_size=20,
        max_overflow=-1,
        hide_parameters=True,  # they are patients' and would go into error texts, and so into logs
        connect_args={"check_same_thread": False, "isolation_level": None},
    )
    event.listen(engine, "connect", _make_durable)
    event.listen(engine, "begin", _begin)
    return engine


def _make_durable(connection: Any, _record: object) -> None:
    """Set the PRAGMAs that durability rests on, and do not go on with a connection that lacks one."""
    cursor = connection.cursor()
    for name, wanted in _SQLITE_PRAGMAS.items():
        _patiently(cursor, f"PRAGMA {name} = {wanted}")
        (found,) = cursor.execute(f"PRAGMA {name}").fetchone()
        if found != wanted:
            raise ConfigurationError(f"SQLite refuses {name} = {wanted} (it says {found}); use a local disk")
    cursor.close()


def _patiently(cursor: sqlite3.Cursor, statement: str) -> None:
    """Try again while it is locked: SQLite's own patience does not cover the change of a new file to WAL."""
    end = time.monotonic() + _BUSY_MS / 1000
    while True:
        try:
            cursor.execute(statement)
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(0.01)


def _begin(connection: Connection) -> None:
    # A writer takes its lock at once: upgrading a read transaction would fail when another wrote in
    # between. A reader needs no transaction, as on PostgreSQL, where each statement sees its own moment.
    if connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what the database driver raises into our errors; bugs in a statement stay as they are."""
    try:
        yield
    except EcgError:
        raise
    except (OperationalError, InterfaceError, TimeoutError) as error:
        if any(sign in str(error).lower() for sign in _FULL):
            raise StorageFullError(
                "The disk is full: nothing was stored. Free some space, then try again"
            ) from error
        raise StorageUnavailableError("The database does not answer; try again later") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise StorageUnavailableError("The database connection was lost; try again") from error
        raise

"""Migrations, run at start; of several processes that start together one migrates and the others wait."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlmodel import text

from ecg_core.storage.database import Database

_LOCK = 0x_EC6  # the number of PostgreSQL's advisory lock


def migrate(database: Database, revision: str = "head") -> None:
    """Bring the database's schema to a revision, all of it or nothing."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    with database.writing() as session:
        connection = session.connection()
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

"""Migrations, run at start; of several processes that start together one migrates and the others wait."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from ecg_core.storage.database import Database


def migrate(database: Database, revision: str = "head") -> None:
    """Bring the database's schema to a revision, all of it or nothing."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    with database.starting() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

"""The migrations give exactly the models' schema, on either database."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from ecg_core.storage.database import Database
from ecg_core.storage.migrate import migrate
from ecg_core.storage.tables import SQLModel


def differences(database):
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, SQLModel.metadata)


def test_migrations_give_the_models_schema(database_url):
    database = Database(database_url)
    migrate(database)
    assert differences(database) == []
    database.close()


def test_a_second_migration_changes_nothing(database_url):
    database = Database(database_url)
    migrate(database)
    migrate(database)
    assert differences(database) == []
    database.close()


def test_processes_that_start_together_all_get_the_schema(database_url):
    """One migrates, the others wait: none fails."""
    databases = [Database(database_url) for _ in range(4)]
    failures = []

    def start(database):
        try:
            migrate(database)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=start, args=(database,)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert differences(databases[0]) == []
    for database in databases:
        database.close()


def test_connections_that_open_a_new_file_at_once_all_get_it(tmp_path):
    """Changing a new file to WAL fails at once, without patience, where another does the same."""
    together = threading.Barrier(4)

    def open_together(database):
        together.wait()
        database.ping()

    for number in range(30):
        databases = [Database(f"sqlite:///{tmp_path / str(number)}") for _ in range(4)]
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(open_together, databases))
        for database in databases:
            database.close()

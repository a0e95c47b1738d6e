"""Alembic's entry: runs on the connection and in the transaction that `migrate` hands over."""

from alembic import context

from ecg_core.storage.tables import SQLModel

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    transactional_ddl=False,  # the transaction around it is ours
    render_as_batch=True,
)
context.run_migrations()

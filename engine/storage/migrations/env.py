"""Alembic's entry: runs the versions on the one connection that the store already holds."""

from alembic import context

from engine.storage.jobs import METADATA

context.configure(
    connection=context.config.attributes["connection"], target_metadata=METADATA, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()

"""Alembic's entry: runs the migrations on the connection that the store hands over.

Rule: no configuration of its own; the store knows the database.
"""

from alembic import context

from bot.storage.store import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()

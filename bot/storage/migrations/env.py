"""Alembic's entry: runs the migrations on the connection that `bot.storage.database` hands over.

Rule: no configuration of its own, and no knowledge of the tables as they are now.
"""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()

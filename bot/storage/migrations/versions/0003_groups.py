"""The owner's guild in a ticket's request as its group, as the engine calls it now."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    for ticket, text in connection.execute(sa.text("SELECT id, request FROM tickets")).all():
        request = json.loads(text)
        owner = request["owner"]
        request["owner"] = {"group": owner["guild"], "user": owner["user"]}
        connection.execute(
            sa.text("UPDATE tickets SET request = :request WHERE id = :id"),
            {"request": json.dumps(request), "id": ticket},
        )


def downgrade() -> None:
    """There is none: an earlier bot cannot read what a later one has added to a request."""
    raise sa.exc.NotSupportedError("downgrade", None, ValueError("version 3 of the database cannot go back"))

"""The owner's guild in a ticket's request as its group, as the engine calls it now."""

import json
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    _rewrite(lambda owner: {"group": owner["guild"], "user": owner["user"]})


def downgrade() -> None:
    """Undo."""
    _rewrite(lambda owner: {"guild": owner["group"], "user": owner["user"]})


def _rewrite(change: Callable[[dict[str, str]], dict[str, str]]) -> None:
    connection = op.get_bind()
    for ticket, text in connection.execute(sa.text("SELECT id, request FROM tickets")).all():
        request = json.loads(text)
        request["owner"] = change(request["owner"])
        connection.execute(
            sa.text("UPDATE tickets SET request = :request WHERE id = :id"),
            {"request": json.dumps(request), "id": ticket},
        )

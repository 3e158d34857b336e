"""A ticket belongs to a place, which need not have a server or a channel."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("tickets") as tickets:
        tickets.alter_column(
            "guild_id",
            new_column_name="server_id",
            existing_type=sa.BigInteger,
            existing_nullable=False,
            nullable=True,
        )
        tickets.alter_column(
            "channel_id", existing_type=sa.BigInteger, existing_nullable=False, nullable=True
        )


def downgrade() -> None:
    """There is none: tickets of direct messages have no server."""
    raise sa.exc.NotSupportedError("downgrade", None, ValueError("version 4 of the database cannot go back"))

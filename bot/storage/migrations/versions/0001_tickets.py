"""Tickets and counted reactions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "tickets",
        sa.Column("id", sa.String(25), primary_key=True),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("style", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("spoiler", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("source_message_id", sa.BigInteger),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("result_message_id", sa.BigInteger),
        sa.Column("job_id", sa.String(64)),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("wish", sa.String(16), nullable=False),
    )
    op.create_index("ix_tickets_message_id", "tickets", ["message_id"])
    op.create_index("ix_tickets_state", "tickets", ["state"])
    op.create_table(
        "reactions",
        sa.Column("message_id", sa.BigInteger, primary_key=True),
        sa.Column("user_id", sa.BigInteger, primary_key=True),
        sa.Column("style", sa.String(64), primary_key=True),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("reactions")
    op.drop_table("tickets")

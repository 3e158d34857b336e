"""What an author has said yes to, and what moderators are told."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("tickets", sa.Column("agreed", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_index("ix_tickets_server_id_created_at", "tickets", ["server_id", "created_at"])
    op.create_table(
        "ledger",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("server_id", sa.BigInteger, nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("by_id", sa.BigInteger, nullable=False),
        sa.Column("member_id", sa.BigInteger),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("batch", sa.Integer),
    )
    op.create_index("ix_ledger_server_id", "ledger", ["server_id"])


def downgrade() -> None:
    """There is none: an earlier bot would forget what it is not to paint."""
    raise sa.exc.NotSupportedError("downgrade", None, ValueError("version 11 of the database cannot go back"))

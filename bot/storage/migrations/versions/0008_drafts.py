"""What is about to be posted."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "drafts",
        sa.Column("nonce", sa.String(25), primary_key=True),
        sa.Column("ticket_id", sa.String(25), nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("server_id", sa.BigInteger),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("after", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_drafts_ticket_id", "drafts", ["ticket_id"])


def downgrade() -> None:
    """There is none: an earlier bot would post anew what it does not look for."""
    raise sa.exc.NotSupportedError("downgrade", None, ValueError("version 8 of the database cannot go back"))

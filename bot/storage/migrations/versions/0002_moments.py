"""Moments of a painting that were taken as pictures of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "moments",
        sa.Column("ticket_id", sa.String(25), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("message_id", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("moments")

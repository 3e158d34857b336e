"""By which shard's process something was taken that belongs to no server; and in which server what is to be erased is."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply: whatever there is was taken by the only process that there was."""
    for table in ("tickets", "interactions", "drafts"):
        op.add_column(table, sa.Column("shard", sa.Integer, nullable=False, server_default="0"))
    op.add_column("erasures", sa.Column("server_id", sa.BigInteger))


def downgrade() -> None:
    """Undo."""
    op.drop_column("erasures", "server_id")
    for table in ("drafts", "interactions", "tickets"):
        op.drop_column(table, "shard")

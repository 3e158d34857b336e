"""In which language whoever has asked is spoken to."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply: nothing is known of those who asked a former version."""
    op.add_column("tickets", sa.Column("language", sa.String(8)))
    op.add_column("interactions", sa.Column("language", sa.String(8), nullable=False, server_default="en"))


def downgrade() -> None:
    """Undo."""
    op.drop_column("interactions", "language")
    op.drop_column("tickets", "language")

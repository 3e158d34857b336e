"""By which id the logs know what was asked."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("tickets", sa.Column("request_id", sa.String(64), nullable=False, server_default=""))


def downgrade() -> None:
    """Undo."""
    op.drop_column("tickets", "request_id")

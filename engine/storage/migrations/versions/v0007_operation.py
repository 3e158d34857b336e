"""What an operator lets the engine do, over restarts; and by which id the logs know what was asked."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the table, which is empty for as long as nobody has changed anything, and the column."""
    op.create_table(
        "flow",
        sa.Column("flow", sa.Text, nullable=False),
        sa.Column("since", sa.Float, nullable=False),
    )
    op.add_column("jobs", sa.Column("request_id", sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    """Drop both."""
    op.drop_table("flow")
    op.drop_column("jobs", "request_id")

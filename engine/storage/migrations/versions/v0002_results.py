"""What a result is, besides its size: its format, its moments, how like it is, what to note; and its content.

An older job's result is a PNG without any of the rest, which the defaults say.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns."""
    for column in (
        sa.Column("content", sa.Text, nullable=False, server_default=""),
        sa.Column("format", sa.Text, nullable=False, server_default="PNG"),
        sa.Column("moments", sa.Integer, nullable=False, server_default="0"),
        sa.Column("likeness", sa.JSON),
        sa.Column("notes", sa.JSON, nullable=False, server_default="[]"),
    ):
        op.add_column("jobs", column)


def downgrade() -> None:
    """Drop the columns."""
    for name in ("content", "format", "moments", "likeness", "notes"):
        op.drop_column("jobs", name)

"""Where the masks and the earlier result came from, which a recipe tells.

A job from before does not know, which the defaults say.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("jobs", sa.Column("masks", sa.JSON, nullable=False, server_default="[]"))
    op.add_column("jobs", sa.Column("previous", sa.Text))


def downgrade() -> None:
    """Drop the columns."""
    for name in ("masks", "previous"):
        op.drop_column("jobs", name)

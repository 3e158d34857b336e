"""How far a job has got, and how often it was interrupted without its fault."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_NEW = ("reached", "interrupted")


def upgrade() -> None:
    """Add the columns."""
    for name in _NEW:
        op.add_column("jobs", sa.Column(name, sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    """Drop the columns."""
    for name in _NEW:
        op.drop_column("jobs", name)

"""The jobs, and how often the engine has been started."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "jobs",
        sa.Column("serial", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("request", sa.JSON, nullable=False),
        sa.Column("sources", sa.JSON, nullable=False),
        sa.Column("plan", sa.JSON, nullable=False),
        sa.Column("state", sa.Text, nullable=False, index=True),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("lost", sa.Integer, nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("ended", sa.Float),
        sa.Column("losses", sa.JSON, nullable=False),
        sa.Column("seconds", sa.Float),
        sa.Column("width", sa.Integer),
        sa.Column("height", sa.Integer),
        sa.Column("stopped_early", sa.Boolean, nullable=False),
        sa.Column("error", sa.JSON),
        sqlite_autoincrement=True,
    )
    op.create_table("starts", sa.Column("count", sa.Integer, nullable=False))
    op.execute(sa.text("INSERT INTO starts (count) VALUES (0)"))


def downgrade() -> None:
    """Drop both tables."""
    op.drop_table("starts")
    op.drop_table("jobs")

"""Interactions that are not answered yet, where the images of a ticket come from, and refused reactions."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "interactions",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("application_id", sa.BigInteger, nullable=False),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("manner", sa.String(16), nullable=False),
        sa.Column("ticket_id", sa.String(25)),
    )
    op.create_index("ix_interactions_ticket_id", "interactions", ["ticket_id"])
    with op.batch_alter_table("reactions") as reactions:
        reactions.add_column(sa.Column("refused", sa.Boolean, nullable=False, server_default=sa.false()))
    with op.batch_alter_table("reactions") as reactions:
        reactions.alter_column(
            "refused", existing_type=sa.Boolean, existing_nullable=False, server_default=None
        )
    with op.batch_alter_table("tickets") as tickets:
        tickets.add_column(sa.Column("sources", sa.Text, nullable=False, server_default="[]"))
    with op.batch_alter_table("tickets") as tickets:
        tickets.alter_column("sources", existing_type=sa.Text, existing_nullable=False, server_default=None)


def downgrade() -> None:
    """There is none: a ticket without its images cannot be painted by an earlier bot."""
    raise sa.exc.NotSupportedError("downgrade", None, ValueError("version 6 of the database cannot go back"))

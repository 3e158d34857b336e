"""What servers have as styles of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "server_styles",
        sa.Column("id", sa.String(25), primary_key=True),
        sa.Column("server_id", sa.BigInteger, nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("message_id", sa.BigInteger, nullable=False),
        sa.Column("identity", sa.String(16), nullable=False),
        sa.Column("author_id", sa.BigInteger, nullable=False),
        sa.Column("proposer_id", sa.BigInteger, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("credit", sa.String(64), nullable=False),
        sa.Column("emoji", sa.String(16), nullable=False),
        sa.Column("nsfw", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("wording", sa.Integer),
        sa.Column("consented_at", sa.Float),
        sa.Column("approved", sa.Boolean, nullable=False),
        sa.Column("question_id", sa.BigInteger),
        sa.Column("until", sa.Float),
        sa.Column("sha256", sa.String(64)),
        sa.Column("withdrawn_at", sa.Float),
    )
    for column in ("server_id", "message_id", "author_id"):
        op.create_index(f"ix_server_styles_{column}", "server_styles", [column])
    op.create_table(
        "style_votes",
        sa.Column("style_id", sa.String(25), primary_key=True),
        sa.Column("member_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.Float, nullable=False),
    )


def downgrade() -> None:
    """There is none: an earlier bot would not know whose consent was taken back."""
    raise sa.exc.NotSupportedError("downgrade", None, ValueError("version 10 of the database cannot go back"))

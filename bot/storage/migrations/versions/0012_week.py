"""What happens later, styles of the week, duels, and whose results are on the sheets of these."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "timers",
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("about", sa.String(25), primary_key=True),
        sa.Column("due", sa.Float, nullable=False),
        sa.Column("server_id", sa.BigInteger),
    )
    _index("timers", "due", "server_id")
    op.create_table(
        "weeks",
        sa.Column("id", sa.String(25), primary_key=True),
        sa.Column("server_id", sa.BigInteger, nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("style", sa.String(64), nullable=False),
        sa.Column("by_id", sa.BigInteger),
        sa.Column("begins", sa.Float, nullable=False),
        sa.Column("ends", sa.Float, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("collage_id", sa.BigInteger),
    )
    _index("weeks", "server_id")
    op.create_table(
        "entries",
        sa.Column("week_id", sa.String(25), primary_key=True),
        sa.Column("member_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("ticket_id", sa.String(25)),
    )
    op.create_table(
        "exhibits",
        sa.Column("sheet_id", sa.String(25), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("ticket_id", sa.String(25), nullable=False),
        sa.Column("server_id", sa.BigInteger, nullable=False),
        sa.Column("rings", sa.String(16), nullable=False),
    )
    _index("exhibits", "ticket_id", "server_id")
    _duels()


def _duels() -> None:
    op.create_table(
        "duels",
        sa.Column("id", sa.String(25), primary_key=True),
        sa.Column("server_id", sa.BigInteger, nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("challenger_id", sa.BigInteger, nullable=False),
        sa.Column("opponent_id", sa.BigInteger, nullable=False),
        sa.Column("seconds", sa.Integer, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("ends", sa.Float),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("end", sa.String(16)),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("source_id", sa.BigInteger),
        sa.Column("sheet_message_id", sa.BigInteger),
        sa.Column("first_ticket", sa.String(25)),
        sa.Column("second_ticket", sa.String(25)),
        sa.Column("first_votes", sa.Integer),
        sa.Column("second_votes", sa.Integer),
        sa.Column("told", sa.Boolean, nullable=False),
    )
    _index("duels", "server_id", "challenger_id", "opponent_id", "message_id", "source_id")
    _index("duels", "sheet_message_id", "first_ticket", "second_ticket")
    op.create_table(
        "votes",
        sa.Column("duel_id", sa.String(25), primary_key=True),
        sa.Column("member_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, nullable=False),
    )


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    """There is none: an earlier bot would not know what its collages show."""
    raise sa.exc.NotSupportedError("downgrade", None, ValueError("version 12 of the database cannot go back"))

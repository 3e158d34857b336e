"""Which channels had an age restriction until when; and a server's own emoji that was starred with is kept by its id."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_STARS = sa.table("stars", *(sa.column(each) for each in ("message_id", "user_id", "emoji", "burst")))


def upgrade() -> None:
    """Apply: an emoji that was renamed meanwhile is one, and of two stars with it one stays."""
    op.create_table(
        "restrictions",
        sa.Column("channel_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("server_id", sa.BigInteger, nullable=False),
        sa.Column("lifted_at", sa.Float),
    )
    op.create_index("ix_restrictions_server_id", "restrictions", ["server_id"])
    connection = op.get_bind()
    own = _STARS.c.emoji.like("<%")
    rows = connection.execute(sa.select(_STARS).where(own)).all()
    seen = set()
    for row in rows:
        its = sa.and_(*(column == value for column, value in zip(_STARS.c, row, strict=True)))
        emoji = row.emoji.rstrip(">").rpartition(":")[2]
        key = (row.message_id, row.user_id, emoji, row.burst)
        change = sa.delete(_STARS) if key in seen else sa.update(_STARS).values(emoji=emoji)
        connection.execute(change.where(its))
        seen.add(key)


def downgrade() -> None:
    """Undo; what an emoji was called is not known any more."""
    op.drop_index("ix_restrictions_server_id", "restrictions")
    op.drop_table("restrictions")

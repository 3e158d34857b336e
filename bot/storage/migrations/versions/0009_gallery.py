"""The gallery of what members have starred; and the channel for all results is called the results channel."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "pieces",
        sa.Column("id", sa.String(25), primary_key=True),
        sa.Column("server_id", sa.BigInteger, nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("settings_id", sa.BigInteger, nullable=False),
        sa.Column("message_id", sa.BigInteger, nullable=False),
        sa.Column("author_id", sa.BigInteger),
        sa.Column("asker_id", sa.BigInteger),
        sa.Column("ticket_id", sa.String(25)),
        sa.Column("picture", sa.String(16)),
        sa.Column("restricted", sa.Boolean, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("out", sa.String(16)),
        sa.Column("gone", sa.Boolean, nullable=False),
    )
    for column in ("server_id", "settings_id", "message_id", "author_id", "asker_id", "ticket_id"):
        op.create_index(f"ix_pieces_{column}", "pieces", [column])
    op.create_table(
        "stars",
        sa.Column("message_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("emoji", sa.String(64), primary_key=True),
        sa.Column("burst", sa.Boolean, primary_key=True),
        sa.Column("piece_id", sa.String(25), nullable=False),
        sa.Column("server_id", sa.BigInteger, nullable=False),
        sa.Column("account_days", sa.Integer, nullable=False),
        sa.Column("member_days", sa.Integer, nullable=False),
    )
    for column in ("user_id", "piece_id", "server_id"):
        op.create_index(f"ix_stars_{column}", "stars", [column])
    op.create_table(
        "gallery",
        sa.Column("piece_id", sa.String(25), primary_key=True),
        sa.Column("server_id", sa.BigInteger, nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("nonce", sa.String(25), nullable=False),
        sa.Column("after", sa.BigInteger, nullable=False),
        sa.Column("shown", sa.Integer, nullable=False),
        sa.Column("frozen", sa.Boolean, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    for column in ("server_id", "channel_id", "message_id"):
        op.create_index(f"ix_gallery_{column}", "gallery", [column])
    op.create_table(
        "gallery_refusals",
        sa.Column("member_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("server_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    _call_it_results_channel()


def _call_it_results_channel() -> None:
    op.execute("update tickets set output = 'results' where output = 'gallery'")
    for table in ("posts", "drafts"):
        op.execute(f"update {table} set role = 'copy' where role = 'gallery'")  # noqa: S608 - names of ours
    for table, columns in (
        ("servers", ("settings",)),
        ("channels", ("settings",)),
        ("audit", ("before", "after")),
    ):
        there = sa.table(
            table, sa.column("id", sa.BigInteger), *(sa.column(each, sa.Text) for each in columns)
        )
        for row in op.get_bind().execute(sa.select(there)).mappings().all():
            texts = {each: _renamed(row[each]) for each in columns}
            if any(texts[each] != row[each] for each in columns):
                op.execute(sa.update(there).where(there.c.id == row["id"]).values(texts))


def _renamed(text: str) -> str:
    try:
        values: Any = json.loads(text)
    except ValueError:  # what cannot be read counts as not set, as before
        return text
    if not isinstance(values, dict):
        return text
    if "gallery_id" in values:
        values["results_id"] = values.pop("gallery_id")
    if values.get("output") == "gallery":
        values["output"] = "results"
    return json.dumps(values)


def downgrade() -> None:
    """There is none: an earlier bot would take the gallery for the results channel."""
    raise sa.exc.NotSupportedError("downgrade", None, ValueError("version 9 of the database cannot go back"))

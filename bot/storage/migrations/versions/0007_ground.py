"""What servers have set, what authors let others do, who is blocked, what was posted, whose a picture is."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "servers",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("settings", sa.Text, nullable=False),
        sa.Column("greeted_at", sa.Float),
        sa.Column("removed_at", sa.Float),
    )
    op.create_table(
        "channels",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("server_id", sa.BigInteger, nullable=False),
        sa.Column("settings", sa.Text, nullable=False),
    )
    op.create_index("ix_channels_server_id", "channels", ["server_id"])
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("act_id", sa.Integer, nullable=False),
        sa.Column("server_id", sa.BigInteger, nullable=False),
        sa.Column("channel_id", sa.BigInteger),
        sa.Column("member_id", sa.BigInteger, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("after", sa.Text, nullable=False),
    )
    op.create_index("ix_audit_server_id", "audit", ["server_id"])
    op.create_table(
        "consents",
        sa.Column("author_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("server_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("answer", sa.String(16), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_table(
        "consents_asked",
        sa.Column("id", sa.String(25), primary_key=True),
        sa.Column("server_id", sa.BigInteger, nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("author_id", sa.BigInteger, nullable=False),
        sa.Column("asker_id", sa.BigInteger, nullable=False),
        sa.Column("message_id", sa.BigInteger, nullable=False),
        sa.Column("question_id", sa.BigInteger),
        sa.Column("order", sa.Text, nullable=False),
        sa.Column("agreed", sa.Boolean, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    for column in ("server_id", "author_id", "message_id"):
        op.create_index(f"ix_consents_asked_{column}", "consents_asked", [column])
    op.create_table(
        "blocks",
        sa.Column("server_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("member_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("by_id", sa.BigInteger, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_table(
        "posts",
        sa.Column("message_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("server_id", sa.BigInteger),
        sa.Column("ticket_id", sa.String(25), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    for column in ("channel_id", "server_id", "ticket_id"):
        op.create_index(f"ix_posts_{column}", "posts", [column])
    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("ticket_id", sa.String(25), nullable=False),
        sa.Column("channel_id", sa.BigInteger),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("at", sa.Float, nullable=False),
    )
    with op.batch_alter_table("moments") as moments:
        moments.alter_column(
            "message_id", existing_type=sa.BigInteger, existing_nullable=False, nullable=True
        )
    op.create_table(
        "marks",
        sa.Column("message_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("emoji", sa.String(16), primary_key=True),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("server_id", sa.BigInteger, nullable=False),
        sa.Column("until", sa.Float, nullable=False),
    )
    for column in ("server_id", "until"):
        op.create_index(f"ix_marks_{column}", "marks", [column])
    with op.batch_alter_table("tickets") as tickets:
        tickets.add_column(sa.Column("source_channel_id", sa.BigInteger))
        tickets.add_column(sa.Column("author_id", sa.BigInteger))
        tickets.add_column(sa.Column("parent_id", sa.String(25)))
        tickets.add_column(sa.Column("root_id", sa.String(25)))
        tickets.add_column(sa.Column("nsfw", sa.Boolean, nullable=False, server_default=sa.false()))
        tickets.add_column(sa.Column("output", sa.String(16), nullable=False, server_default="channel"))
        tickets.add_column(sa.Column("output_id", sa.BigInteger))
        tickets.add_column(sa.Column("upload_limit", sa.BigInteger))
        tickets.add_column(sa.Column("images", sa.Text, nullable=False, server_default="[]"))
    with op.batch_alter_table("tickets") as tickets:
        tickets.alter_column("nsfw", existing_type=sa.Boolean, existing_nullable=False, server_default=None)
        tickets.alter_column(
            "output", existing_type=sa.String(16), existing_nullable=False, server_default=None
        )
        tickets.alter_column("images", existing_type=sa.Text, existing_nullable=False, server_default=None)
    for column in ("author_id", "user_id", "source_message_id", "source_channel_id", "root_id"):
        op.create_index(f"ix_tickets_{column}", "tickets", [column])
    op.execute(
        "insert into posts (message_id, channel_id, server_id, ticket_id, role, at) "
        "select result_message_id, channel_id, server_id, id, 'result', created_at from tickets "
        "where result_message_id is not null and channel_id is not null"
    )
    op.execute(
        "insert into posts (message_id, channel_id, server_id, ticket_id, role, at) "
        "select m.message_id, t.channel_id, t.server_id, t.id, 'snapshot', t.created_at "
        "from moments m join tickets t on t.id = m.ticket_id where t.channel_id is not null"
    )


def downgrade() -> None:
    """There is none: an earlier bot would paint pictures whose authors have said no."""
    raise sa.exc.NotSupportedError("downgrade", None, ValueError("version 7 of the database cannot go back"))

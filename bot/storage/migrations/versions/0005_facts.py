"""A ticket keeps facts of its styles and picture instead of sentences; its wish is a stop request."""

import json
import re
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BUNDLED = re.compile(r"“(?P<title>.+?)” by (?P<artist>.+?), (?P<year>[^,]+?)(?= and “| and the |$)")
_NO_DESCRIPTION = "A member's picture"
_tickets = sa.table(
    "tickets",
    sa.column("id", sa.String),
    sa.column("request", sa.Text),
    sa.column("style", sa.Text),
    sa.column("styles", sa.Text),
    sa.column("description", sa.Text),
)


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("tickets") as tickets:
        tickets.alter_column(
            "subject",
            new_column_name="description",
            existing_type=sa.Text,
            existing_nullable=False,
            nullable=True,
        )
        tickets.alter_column(
            "wish", new_column_name="stop_request", existing_type=sa.String(16), existing_nullable=False
        )
        tickets.add_column(sa.Column("styles", sa.Text, nullable=False, server_default="[]"))
    _describe()
    with op.batch_alter_table("tickets") as tickets:
        tickets.drop_column("style")
        tickets.alter_column("styles", existing_type=sa.Text, existing_nullable=False, server_default=None)


def _describe() -> None:
    connection = op.get_bind()
    described = sa.update(_tickets)
    connection.execute(described.where(_tickets.c.description == _NO_DESCRIPTION).values(description=None))
    rows = connection.execute(sa.select(_tickets.c.id, _tickets.c.request, _tickets.c.style)).all()
    for ticket, request, line in rows:
        styles = json.dumps(_styles(json.loads(request)["styles"], line))
        connection.execute(described.where(_tickets.c.id == ticket).values(styles=styles))


def _styles(choices: list[dict[str, Any]], line: str) -> list[dict[str, str] | None]:
    """The styles of a request, called as the line does that a member has read; null is an attached image."""
    described = [found.groupdict() for found in _BUNDLED.finditer(line)]
    names = [choice["name"] for choice in choices if choice.get("name") is not None]
    if len(described) != len(names):  # not a line of ours: the name has to do
        described = [{"title": name, "artist": "", "year": ""} for name in names]
    known = dict(zip(names, described, strict=True))
    return [
        {"name": name, **known[name]} if (name := choice.get("name")) is not None else None
        for choice in choices
    ]


def downgrade() -> None:
    """There is none: the sentences are gone."""
    raise sa.exc.NotSupportedError("downgrade", None, ValueError("version 5 of the database cannot go back"))

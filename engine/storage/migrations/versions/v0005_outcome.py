"""What came of a job in one column, so that a new fact of it needs no new version."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_JSON = ("losses", "likeness", "notes")
_PLAIN = ("seconds", "width", "height", "format", "moments", "stopped_early")


def upgrade() -> None:
    """Gather the columns in the new one and drop them."""
    op.add_column("jobs", sa.Column("outcome", sa.JSON, nullable=False, server_default="{}"))
    connection = op.get_bind()
    for row in connection.execute(sa.text("SELECT * FROM jobs")).mappings().all():
        connection.execute(
            sa.text("UPDATE jobs SET outcome = :outcome WHERE serial = :serial"),
            {"outcome": json.dumps(_outcome(row)), "serial": row["serial"]},
        )
    for name in (*_PLAIN, *_JSON):
        op.drop_column("jobs", name)


def downgrade() -> None:
    """There is none: columns that must not be empty cannot be added where rows are."""
    raise sa.exc.NotSupportedError("downgrade", None, ValueError("version 5 of the database cannot go back"))


def _outcome(row: sa.RowMapping) -> dict[str, Any]:
    plain = {name: row[name] for name in _PLAIN} | {"stopped_early": bool(row["stopped_early"])}
    return plain | {name: _decoded(row[name]) for name in _JSON if row[name] is not None}


def _decoded(text: str) -> Any:
    """Damaged text stays as it is: the store leaves a row alone that it cannot read."""
    try:
        return json.loads(text)
    except (ValueError, TypeError):
        return text

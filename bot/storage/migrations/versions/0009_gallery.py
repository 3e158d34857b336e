"""The channel for all results is called the results channel."""

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

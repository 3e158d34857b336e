"""What is kept about a member, wherever it is kept: to be shown to them, and to be forgotten.

Rule: every table is declared here with the columns that name a member, or as one that names nobody; a test finds a table or
a column that is not. Others' rows stay whole: only the member's name goes from them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage import (
    blocks,
    consents,
    drafts,
    erasures,
    gallery,
    interactions,
    marks,
    posts,
    reactions,
    settings,
    snapshots,
    stars,
    tickets,
)
from bot.storage.consents import Answer

NOBODY = 0  # in place of a member who is forgotten, or is not known
_SECRETS = {"sources", "request", "order", "token"}  # addresses that open pictures, and what names others

# The columns that hold a member's id, by table.
NAMING: dict[Table, tuple[str, ...]] = {
    tickets.table: ("user_id", "author_id"),
    reactions.table: ("user_id",),
    consents.answers: ("author_id",),
    consents.asked: ("author_id", "asker_id"),
    blocks.table: ("member_id", "by_id"),
    settings.changes: ("member_id",),
    stars.table: ("user_id",),
    stars.pieces: ("author_id", "asker_id"),
    gallery.refusals: ("member_id",),
}
# Tables whose rows belong to a ticket, by its id.
OF_TICKETS: tuple[Table, ...] = (
    posts.table,
    drafts.table,
    snapshots.table,
    interactions.table,
    erasures.table,
)
# Tables in which there is no member.
OF_NOBODY: tuple[Table, ...] = (settings.servers, settings.channels, marks.table, gallery.table)


@dataclass(frozen=True)
class Kept:
    """The rows about a member, by table, as they are shown to them: others are not named in them."""

    rows: Mapping[str, list[dict[str, Any]]]

    def count(self, table: str) -> int:
        """How many there are of a kind."""
        return len(self.rows.get(table, ()))


class Members:
    """What all tables say of a member."""

    def __init__(self, database: AsyncEngine) -> None:
        self._database = database

    async def kept(self, member_id: int) -> Kept:
        """Everything about a member."""
        rows: dict[str, list[dict[str, Any]]] = {}
        async with self._database.connect() as connection:
            for table, columns in NAMING.items():
                query = select(table).where(_names(table, member_id))
                found = [dict(row) for row in (await connection.execute(query)).mappings()]
                rows[table.name] = [_shown(row, columns, member_id) for row in found]
            mine = select(tickets.table.c.id).where(_names(tickets.table, member_id))
            for table in OF_TICKETS:
                query = select(table).where(table.c.ticket_id.in_(mine))
                found = [dict(row) for row in (await connection.execute(query)).mappings()]
                rows[table.name] = [_shown(row, (), member_id) for row in found]
        return Kept({name: found for name, found in rows.items() if found})

    async def forget(self, member_id: int, keeps_no: bool, at: float) -> None:
        """Forget a member in all but their own tickets, which `Deletions` does.

        What moderators have decided about them stays, and what they have decided themselves without their name. Reactions
        that a restarted bot would find, and paint anew, stay for these few days as seen.
        """
        given = reactions.table.c
        is_late = given.message_id < reactions.seen_since(at)
        said = consents.answers.c.author_id == member_id
        if keeps_no:
            said = and_(said, consents.answers.c.answer != Answer.NEVER)
        of_others = and_(tickets.table.c.author_id == member_id, tickets.table.c.user_id != member_id)
        # Nobody knows whose it is any more, which is not to say that it is there for all to use.
        unlinked = {
            "author_id": NOBODY,
            "description": None,
            "images": "[]",
            "source_message_id": None,
            "source_channel_id": None,
        }
        async with self._database.begin() as connection:
            await connection.execute(delete(reactions.table).where(given.user_id == member_id, is_late))
            await connection.execute(
                update(reactions.table).where(given.user_id == member_id).values(refused=True)
            )
            await connection.execute(delete(consents.answers).where(said))
            await connection.execute(delete(consents.asked).where(_names(consents.asked, member_id)))
            await connection.execute(update(tickets.table).where(of_others).values(unlinked))
            await connection.execute(update(blocks.table).filter_by(by_id=member_id).values(by_id=NOBODY))
            await stars.forget_giver(connection, member_id)
            if not keeps_no:
                await connection.execute(delete(gallery.refusals).filter_by(member_id=member_id))
            for whose in ("author_id", "asker_id"):
                theirs = update(stars.pieces).where(stars.pieces.c[whose] == member_id)
                await connection.execute(theirs.values({whose: NOBODY}))
            await connection.execute(
                update(settings.changes).filter_by(member_id=member_id).values(member_id=NOBODY)
            )


def _names(table: Table, member_id: int) -> ColumnElement[bool]:
    return or_(*(table.c[column] == member_id for column in NAMING[table]))


def _shown(row: Mapping[str, Any], naming: tuple[str, ...], member_id: int) -> dict[str, Any]:
    """A row as the member may see it."""
    shown = {name: value for name, value in row.items() if name not in _SECRETS}
    if "request" in row:
        shown["request"] = {k: v for k, v in json.loads(row["request"]).items() if k != "owner"}
    for name in naming:
        shown[name] = "you" if row[name] == member_id else row[name] and "somebody else"
    return shown

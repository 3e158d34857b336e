"""What is kept about a member, wherever it is kept: to be shown to them, and to be forgotten.

Rule: every table is declared here with the columns that name a member, or as one that names nobody; a test finds a table or
a column that is not. Others' rows stay whole: only the member's name goes from them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage import (
    blocks,
    consents,
    counted,
    drafts,
    duels,
    erasures,
    exhibits,
    gallery,
    interactions,
    ledger,
    marks,
    museum,
    posts,
    reactions,
    restrictions,
    settings,
    snapshots,
    stars,
    tickets,
    timers,
    weeks,
)
from bot.storage.consents import Answer
from bot.storage.others import News, Others
from bot.storage.postgresql import begun_anew

NOBODY = 0  # in place of a member who is forgotten, or is not known
_SECRETS = {"sources", "request", "order", "token"}  # addresses that open pictures, and what names others

# The columns that hold a member's id, by table.
NAMING: dict[Table, tuple[str, ...]] = {
    tickets.table: ("user_id", "author_id"),
    reactions.table: ("user_id",),
    consents.answers: ("author_id",),
    consents.asked: ("author_id", "asker_id"),
    blocks.table: ("member_id", "by_id"),
    museum.table: ("author_id", "proposer_id"),
    museum.votes: ("member_id",),
    settings.changes: ("member_id",),
    stars.table: ("user_id",),
    stars.pieces: ("author_id", "asker_id"),
    gallery.refusals: ("member_id",),
    weeks.table: ("by_id",),
    weeks.entries: ("member_id",),
    duels.table: ("challenger_id", "opponent_id"),
    duels.votes: ("member_id",),
    ledger.table: ("by_id", "member_id"),
    counted.table: ("user_id",),
}
_IN_LEDGER = tuple((ledger.table, column) for column in NAMING[ledger.table])
# Tables whose rows belong to a ticket, by its id.
OF_TICKETS: tuple[Table, ...] = (
    posts.table,
    drafts.table,
    snapshots.table,
    interactions.table,
    erasures.table,
    exhibits.table,
)
# Tables in which there is no member.
OF_NOBODY: tuple[Table, ...] = (
    settings.servers,
    settings.channels,
    marks.table,
    timers.table,
    gallery.table,
    restrictions.table,
)


@dataclass(frozen=True)
class Kept:
    """The rows about a member, by table, as they are shown to them: others are not named in them."""

    rows: Mapping[str, list[dict[str, Any]]]

    def count(self, table: str) -> int:
        """How many there are of a kind."""
        return len(self.rows.get(table, ()))


class Members:
    """What all tables say of a member."""

    def __init__(self, database: AsyncEngine, others: Others) -> None:
        self._database, self._others = database, others

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

    @begun_anew
    async def forget(self, member_id: int, keeps_no: bool, at: float) -> None:
        """Forget a member in all but their own tickets, which `Deletions` does.

        What moderators have decided about them stays, and what they have decided themselves without their name; so does what
        a limit of today's needs (`bot.storage.counted`). Reactions that a restarted bot would find, and paint anew, stay for these few days as seen.
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
                named_in = update(stars.pieces).where(stars.pieces.c[whose] == member_id)
                await connection.execute(named_in.values({whose: NOBODY}))
            await _forget_styles(connection, member_id)
            await self._others.tell(connection, News.MUSEUM)
            await connection.execute(update(weeks.table).filter_by(by_id=member_id).values(by_id=NOBODY))
            theirs = select(duels.table.c.id).where(_names(duels.table, member_id))
            await connection.execute(delete(duels.votes).where(duels.votes.c.duel_id.in_(theirs)))
            await connection.execute(delete(exhibits.table).where(exhibits.table.c.sheet_id.in_(theirs)))
            for table in (duels.table, duels.votes, weeks.entries):
                await connection.execute(delete(table).where(_names(table, member_id)))
            for table, column in ((settings.changes, "member_id"), *_IN_LEDGER):
                named = table.c[column] == member_id
                await connection.execute(update(table).where(named).values({column: NOBODY}))


async def _forget_styles(connection: AsyncConnection, member_id: int) -> None:
    """Nobody is told of a member's styles any more, also in what was painted in them; others' that they proposed stay."""
    styles = museum.table
    await connection.execute(delete(museum.votes).filter_by(member_id=member_id))
    theirs = [*await connection.scalars(select(styles.c.id).filter_by(author_id=member_id))]
    await connection.execute(delete(museum.votes).where(museum.votes.c.style_id.in_(theirs)))
    await connection.execute(delete(styles).filter_by(author_id=member_id))
    await connection.execute(update(styles).filter_by(proposer_id=member_id).values(proposer_id=NOBODY))
    of = tickets.table.c
    for row in await connection.execute(
        select(of.id, of.styles).where(of.styles.contains(museum.KEY_START, autoescape=True))
    ):
        named = json.loads(row.styles)
        for style in named:
            if style and style.get("author_id") == member_id:
                style |= {"author_id": NOBODY, "artist": ""}
        if (text := json.dumps(named)) != row.styles:
            await connection.execute(update(tickets.table).where(of.id == row.id).values(styles=text))


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

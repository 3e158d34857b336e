"""Deleting, in one transaction: what is in the database goes, and what is outside of it is owed (`erasures`).

Rule: a ticket that is deleted for itself leaves a stone: a row that tells whoever presses a button that is left, and
nothing of the picture. Of one that goes with its server, channel or member, nothing is left.
"""

from collections.abc import Collection, Iterator

from sqlalchemy import and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage import (
    counted,
    erasures,
    exhibits,
    gallery,
    interactions,
    posts,
    reactions,
    snapshots,
    stars,
    tickets,
)
from bot.storage.counted import Counted
from bot.storage.erasures import Erasure, Kind
from bot.storage.ledger import Entry, Ledger
from bot.storage.others import News, Others
from bot.storage.postgresql import begun_anew
from bot.storage.tickets import StopRequest, TicketState

_AT_ONCE = 500  # tickets in one statement
ALL = frozenset({Kind.MESSAGE, Kind.IMAGES, Kind.JOB})

# What a stone does not tell any more.
_FORGOTTEN = {
    "state": TicketState.DELETED,
    "description": None,
    "sources": "[]",
    "images": "[]",
    "source_message_id": None,
    "source_channel_id": None,
    "message_id": None,
    "result_message_id": None,
    "job_id": None,
}


class Deletions:
    """What makes tickets go."""

    def __init__(self, database: AsyncEngine, ledger: Ledger, others: Others) -> None:
        self._database, self._ledger, self._others = database, ledger, others

    @begun_anew
    async def withdraw(
        self, ids: Collection[str], at: float, why: StopRequest = StopRequest.WITHDRAWN
    ) -> None:
        """Have open tickets stopped, whoever follows them; the engine keeps nothing of them."""
        async with self._database.begin() as connection:
            await self._others.tell(connection, News.TICKETS, ids)
            for some in _slices(ids):
                is_open = and_(tickets.table.c.id.in_(some), tickets.table.c.state == TicketState.OPEN)
                stopped = update(tickets.table).where(is_open).values(stop_request=why)
                await connection.execute(stopped)
                await erasures.owe(connection, [Erasure(Kind.JOB, each, at) for each in some])

    @begun_anew
    async def erase(
        self,
        ids: Collection[str],
        at: float,
        kinds: Collection[Kind] = ALL,
        told: Collection[Entry] = (),
    ) -> None:
        """Delete tickets and leave stones; without MESSAGE what is still posted stays.

        `told`: what moderators are to be told of that.
        """
        async with self._database.begin() as connection:
            await self._ledger.write(connection, told)
            await self._others.tell(connection, News.TICKETS, ids)
            await erase_in(connection, ids, at, kinds)

    async def drop(self, ids: Collection[str], at: float, *kinds: Kind) -> None:
        """Delete images of tickets, or what the engine keeps of them, and nothing else."""
        async with self._database.begin() as connection:
            await erasures.owe(connection, [Erasure(kind, each, at) for each in ids for kind in kinds])

    @begun_anew
    async def purge(
        self,
        ids: Collection[str],
        at: float,
        kinds: Collection[Kind] = ALL,
        with_reactions: bool = True,
        counting: Collection[Counted] = (),
    ) -> None:
        """Delete tickets, and leave nothing of them; `with_reactions`: also of others to the same pictures.

        `counting`: what goes on being counted of them.
        """
        async with self._database.begin() as connection:
            await counted.count(connection, counting)
            await self._others.tell(connection, News.TICKETS, ids)
            for some in _slices(ids):
                await _owe(connection, some, at, kinds)
                if Kind.MESSAGE in kinds:
                    await exhibits.withdraw(connection, some, at)
                for each in (exhibits.table, posts.table, snapshots.table, interactions.table):
                    await connection.execute(delete(each).where(each.c.ticket_id.in_(some)))
                theirs = tickets.table.c.id.in_(some)
                if with_reactions:
                    pictures = select(tickets.table.c.source_message_id).where(theirs)
                    given = reactions.table.c.message_id.in_(pictures)
                    await connection.execute(delete(reactions.table).where(given))
                await connection.execute(delete(tickets.table).where(theirs))


async def erase_in(
    connection: AsyncConnection, ids: Collection[str], at: float, kinds: Collection[Kind] = ALL
) -> None:
    """Delete tickets as `Deletions.erase` does, in the transaction of whoever deletes more."""
    for some in _slices(ids):
        await _owe(connection, some, at, kinds)
        await exhibits.withdraw(connection, some, at)
        await connection.execute(update(tickets.table).where(tickets.table.c.id.in_(some)).values(_FORGOTTEN))


async def _owe(connection: AsyncConnection, ids: Collection[str], at: float, kinds: Collection[Kind]) -> None:
    owed = [Erasure(kind, each, at) for each in ids for kind in kinds if kind is not Kind.MESSAGE]
    if Kind.MESSAGE in kinds:
        of_tickets = posts.table.c.ticket_id.in_(ids)
        rows = await connection.execute(select(posts.table).where(of_tickets))
        owed = [
            *(
                Erasure(
                    Kind.MESSAGE, row.ticket_id, at, row.channel_id, row.message_id, server_id=row.server_id
                )
                for row in rows
            ),
            *owed,
        ]
        await connection.execute(delete(posts.table).where(of_tickets))
        known = {each.message_id for each in owed}
        owed += [each for each in await _forget_pieces(connection, ids, at) if each.message_id not in known]
    await erasures.owe(connection, owed)


async def _forget_pieces(connection: AsyncConnection, ids: Collection[str], at: float) -> list[Erasure]:
    """Their entries, which may be no posts yet; one that is not noted is looked for by whoever keeps galleries."""
    found = select(stars.pieces.c.id).where(stars.pieces.c.ticket_id.in_(ids))
    theirs = [str(each) for each in await connection.scalars(found)]
    if not theirs:
        return []
    noted = gallery.table.c.message_id.is_not(None) & gallery.table.c.piece_id.in_(theirs)
    rows = (await connection.execute(select(gallery.table).where(noted))).all()
    await connection.execute(delete(gallery.table).where(noted))
    await stars.forget_pieces(connection, theirs)
    return [
        Erasure(Kind.MESSAGE, "", at, row.channel_id, row.message_id, server_id=row.server_id) for row in rows
    ]


def _slices(ids: Collection[str]) -> Iterator[list[str]]:
    every = list(ids)
    for start in range(0, len(every), _AT_ONCE):
        yield every[start : start + _AT_ONCE]

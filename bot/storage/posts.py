"""What the bot has posted for a ticket: so that deletion, galleries and children find it.

Rule: every message that shows something of a ticket's picture is noted, with what it is for the ticket, right after it
was posted; cut off in between, the next process finds it in its channel and notes it then. A message of a ticket that was
deleted meanwhile is not noted but erased.
"""

import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from sqlalchemy import BigInteger, Column, ColumnElement, Float, String, Table, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage import erasures, tickets
from bot.storage.batch import Batch
from bot.storage.database import metadata
from bot.storage.erasures import Erasure, Kind
from bot.storage.tickets import TicketState

_AT_ONCE = 500  # tickets in one statement
_GONE = 10_000  # deleted messages that are remembered, for whoever is just noting one


class Role(StrEnum):
    """What a message is for its ticket."""

    PROGRESS = "progress"  # shows how the ticket stands, and goes when it is finished
    RESULT = "result"
    SNAPSHOT = "snapshot"  # of the painting, as a picture of its own
    COPY = "copy"  # the result once more
    ENTRY = "entry"  # the result in the gallery of what members have starred
    NOTICE = "notice"  # words about it, without a picture


table = Table(
    "posts",
    metadata,
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("channel_id", BigInteger, nullable=False, index=True),
    Column("server_id", BigInteger, index=True),
    Column("ticket_id", String(25), nullable=False, index=True),
    Column("role", String(16), nullable=False),
    Column("at", Float, nullable=False),
)


@dataclass(frozen=True)
class Posted:
    """A message of the bot's."""

    message_id: int
    channel_id: int
    server_id: int | None
    ticket_id: str
    role: Role
    at: float  # seconds since 1970


@dataclass(eq=False)
class _Noting:
    """A message that is to be noted."""

    post: Posted
    is_kept: bool = False  # not if its ticket was deleted meanwhile


class Posts:
    """The messages that are still there, as far as the bot has heard."""

    def __init__(self, database: AsyncEngine) -> None:
        self._database = database
        self._new: Batch[_Noting] = Batch(self._add)
        self._gone: dict[int, None] = {}  # messages of whomever, the newest last

    async def add(self, post: Posted) -> bool:
        """A message was posted; noted again, it is the same.

        False if it is gone already, or its ticket was deleted meanwhile: then it is erased. Those of many at once are
        one transaction.
        """
        if post.message_id in self._gone:
            return False
        noting = _Noting(post)
        await self._new.add(noting)
        return noting.is_kept

    async def _add(self, new: Sequence[_Noting]) -> None:
        ids = {each.post.ticket_id for each in new}
        alive = select(tickets.table.c.id).where(
            tickets.table.c.id.in_(ids), tickets.table.c.state != TicketState.DELETED
        )
        async with self._database.begin() as connection:
            kept = set(await connection.scalars(alive))
            # Noted twice at once, the later one counts.
            posts = {each.post.message_id: each.post for each in new if each.post.ticket_id in kept}
            if lost := [each.post for each in new if each.post.ticket_id not in kept]:
                await erasures.owe(connection, [erasure_of(post, post.at) for post in lost])
            if posts:
                await connection.execute(delete(table).where(table.c.message_id.in_(posts)))
                await connection.execute(insert(table), [asdict(post) for post in posts.values()])
        for each in new:
            each.is_kept = each.post.ticket_id in kept

    async def idle(self) -> None:
        """Wait until nothing is being kept any more."""
        await self._new.idle()

    async def find(self, message_id: int) -> Posted | None:
        """What a message of ours is."""
        return next(iter(await self._posts(table.c.message_id == message_id)), None)

    async def of_ticket(self, ticket_id: str) -> list[Posted]:
        """The messages of a ticket, oldest first."""
        return await self._posts(table.c.ticket_id == ticket_id)

    async def of_tickets(self, ticket_ids: Collection[str]) -> list[Posted]:
        """The messages of many tickets, oldest first."""
        every = list(ticket_ids)
        slices = (every[start : start + _AT_ONCE] for start in range(0, len(every), _AT_ONCE))
        found = [post for some in slices for post in await self._posts(table.c.ticket_id.in_(some))]
        return sorted(found, key=lambda post: post.at)

    async def in_channel(self, channel_id: int) -> list[Posted]:
        """The messages in a channel, of whichever tickets."""
        return await self._posts(table.c.channel_id == channel_id)

    async def having(self, ticket_ids: Collection[str]) -> set[str]:
        """Those of these tickets that have any message left, besides copies that members have for themselves."""
        is_theirs = table.c.server_id.is_(None) & (table.c.role == Role.COPY)
        theirs = table.c.ticket_id.in_(ticket_ids) & ~is_theirs
        query = select(table.c.ticket_id).where(theirs).distinct()
        async with self._database.connect() as connection:
            return set(await connection.scalars(query))

    async def styles_in(self, server_id: int, newest: int) -> Counter[str]:
        """How often each bundled style is in the newest results of a server, by its name."""
        query = (
            select(tickets.table.c.styles)
            .join(table, table.c.ticket_id == tickets.table.c.id)
            .where(table.c.server_id == server_id, table.c.role == Role.RESULT)
            .order_by(table.c.at.desc())
            .limit(newest)
        )
        async with self._database.connect() as connection:
            rows = [json.loads(styles) for styles in await connection.scalars(query)]
        return Counter(style["name"] for styles in rows for style in styles if style)

    async def forget_server(self, server_id: int) -> None:
        """Messages in a server that is gone are out of reach."""
        async with self._database.begin() as connection:
            await connection.execute(delete(table).filter_by(server_id=server_id))

    async def gone(self, *message_ids: int) -> list[Posted]:
        """Messages were deleted, of whomever; those that were ours, which are known until they are forgotten."""
        self._gone |= dict.fromkeys(message_ids)
        while len(self._gone) > _GONE:
            del self._gone[next(iter(self._gone))]
        return await self._posts(table.c.message_id.in_(message_ids))

    async def forget(self, *message_ids: int) -> None:
        """Nothing is left to do about messages that are gone."""
        async with self._database.begin() as connection:
            await connection.execute(delete(table).where(table.c.message_id.in_(message_ids)))

    def is_gone(self, message_id: int | None) -> bool:
        """Whether a message was deleted a moment ago."""
        return message_id in self._gone

    async def _posts(self, where: ColumnElement[bool]) -> list[Posted]:
        query = select(table).where(where).order_by(table.c.at)
        async with self._database.connect() as connection:
            rows = (await connection.execute(query)).mappings()
            return [Posted(**{**row, "role": Role(row["role"])}) for row in rows]


def erasure_of(post: Posted, at: float) -> Erasure:
    """What makes a message go."""
    return Erasure(
        Kind.MESSAGE, post.ticket_id, at, post.channel_id, post.message_id, server_id=post.server_id
    )

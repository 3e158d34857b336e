"""What the bot has posted for a ticket: so that deletion, galleries and children find it.

Rule: every message that shows something of a ticket's picture is noted, with what it is for the ticket, right after it
was posted; cut off in between, the next process finds it in its channel and notes it then. A message of a ticket that was
deleted meanwhile is not noted but erased.
"""

import json
from collections import Counter
from collections.abc import Collection
from dataclasses import asdict, dataclass
from enum import StrEnum

from sqlalchemy import BigInteger, Column, ColumnElement, Float, String, Table, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage import erasures, tickets
from bot.storage.database import metadata
from bot.storage.erasures import Erasure, Kind
from bot.storage.tickets import TicketState

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


class Posts:
    """The messages that are still there, as far as the bot has heard."""

    def __init__(self, database: AsyncEngine) -> None:
        self._database = database
        self._gone: dict[int, None] = {}  # messages of whomever, the newest last

    async def add(self, post: Posted) -> bool:
        """A message was posted; noted again, it is the same.

        False if it is gone already, or its ticket was deleted meanwhile: then it is erased.
        """
        if post.message_id in self._gone:
            return False
        alive = select(tickets.table.c.id).where(
            tickets.table.c.id == post.ticket_id, tickets.table.c.state != TicketState.DELETED
        )
        async with self._database.begin() as connection:
            is_alive = (await connection.execute(alive)).first() is not None
            if not is_alive:
                await erasures.owe(connection, [erasure_of(post, post.at)])
                return False
            await connection.execute(delete(table).filter_by(message_id=post.message_id))
            await connection.execute(insert(table).values(asdict(post)))
        return True

    async def find(self, message_id: int) -> Posted | None:
        """What a message of ours is."""
        return next(iter(await self._posts(table.c.message_id == message_id)), None)

    async def of_ticket(self, ticket_id: str) -> list[Posted]:
        """The messages of a ticket, oldest first."""
        return await self._posts(table.c.ticket_id == ticket_id)

    async def in_channel(self, channel_id: int) -> list[Posted]:
        """The messages in a channel, of whichever tickets."""
        return await self._posts(table.c.channel_id == channel_id)

    async def having(self, ticket_ids: Collection[str]) -> set[str]:
        """Those of these tickets that have any message left."""
        query = select(table.c.ticket_id).where(table.c.ticket_id.in_(ticket_ids)).distinct()
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
        """Messages were deleted, of whomever; those that were ours."""
        self._gone |= dict.fromkeys(message_ids)
        while len(self._gone) > _GONE:
            del self._gone[next(iter(self._gone))]
        these = table.c.message_id.in_(message_ids)
        ours = await self._posts(these)
        if ours:
            async with self._database.begin() as connection:
                await connection.execute(delete(table).where(these))
        return ours

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
    return Erasure(Kind.MESSAGE, post.ticket_id, at, post.channel_id, post.message_id)

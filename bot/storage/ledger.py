"""What moderators are still to be told in their channel: one row a line, until it is posted.

Rule: written in the transaction of what it tells, so that nothing is told that was not done, and nothing is forgotten that
was. A row knows its channel: the change that takes the channel away is told in it, too. The lines of one message are a batch,
which is kept before it is posted, so that the next process posts the same ones, and Discord takes them once.
"""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Column, Float, Integer, String, Table, Text, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage import others
from bot.storage.database import metadata
from bot.storage.shards import Shards


class What(StrEnum):
    """What has happened."""

    PAINTED = "painted"
    CHANGED = "changed"  # settings
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    REMOVED = "removed"  # a result, by a moderator
    PURGED = "purged"
    STYLE_ADDED = "style_added"  # to a server's museum
    STYLE_VOTED = "style_voted"  # the same by members' votes
    STYLE_BACK = "style_back"  # its author has taken it back
    STYLE_ENDED = "style_ended"  # its picture is gone, or its author
    STYLE_REMOVED = "style_removed"  # by a moderator
    WEEK_BEGUN = "week_begun"  # by a moderator, as is its end
    WEEK_ENDED = "week_ended"
    ENTRY_OUT = "entry_out"  # of the gallery, by a moderator


table = Table(
    "ledger",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("server_id", BigInteger, nullable=False, index=True),
    Column("channel_id", BigInteger, nullable=False),
    Column("what", String(16), nullable=False),
    Column("by_id", BigInteger, nullable=False),
    Column("member_id", BigInteger),
    Column("facts", Text, nullable=False),
    Column("at", Float, nullable=False),
    Column("batch", Integer),
)


@dataclass(frozen=True)
class Entry:
    """One thing that has happened in a server, and in which channel it is told."""

    server_id: int
    channel_id: int
    what: What
    by_id: int
    at: float  # seconds since 1970
    member_id: int | None = None  # to whom, or to whose picture
    facts: dict[str, Any] = field(default_factory=dict)
    id: int = 0
    batch: int | None = None


class Ledger:
    """The lines that are not posted yet."""

    def __init__(self, database: AsyncEngine, shards: Shards) -> None:
        self._database, self._shards = database, shards
        self._hear: Callable[[], None] | None = None

    def listen(self, hear: Callable[[], None]) -> None:
        """Have somebody told that there is something to post, or will be a moment later."""
        self._hear = hear

    async def write(self, connection: AsyncConnection, entries: Collection[Entry]) -> None:
        """Keep what is to be told, in the transaction of whoever does it."""
        if not entries:
            return
        rows = [
            {
                "server_id": each.server_id,
                "channel_id": each.channel_id,
                "what": each.what.value,
                "by_id": each.by_id,
                "member_id": each.member_id,
                "facts": json.dumps(each.facts),
                "at": each.at,
            }
            for each in entries
        ]
        await connection.execute(insert(table), rows)
        if not all(self._shards.have(each.server_id) for each in entries):
            await others.stir(connection)
        if self._hear is not None:
            self._hear()

    async def channels(self) -> list[int]:
        """The channels in which this process is to tell something."""
        query = select(table.c.channel_id).where(self._shards.where(table.c.server_id)).distinct()
        async with self._database.connect() as connection:
            return [*await connection.scalars(query)]

    async def next(self, channel_id: int, limit: int) -> list[Entry]:
        """What is to be told next in a channel: the batch of a former process, or else the oldest entries."""
        there = table.c.channel_id == channel_id
        first = select(table.c.batch).where(there, table.c.batch.is_not(None)).limit(1)
        async with self._database.connect() as connection:
            batch = await connection.scalar(first)
            query = select(table).where(there, table.c.batch == batch).order_by(table.c.id).limit(limit)
            return [_entry(row) for row in (await connection.execute(query)).mappings()]

    async def begin(self, entries: Collection[Entry]) -> int:
        """These are told together from now on; the number of the batch."""
        batch = min(each.id for each in entries)
        those = table.c.id.in_([each.id for each in entries])
        async with self._database.begin() as connection:
            await connection.execute(update(table).where(those).values(batch=batch))
        return batch

    async def done(self, entries: Collection[Entry]) -> None:
        """These are told, or can be told to nobody."""
        async with self._database.begin() as connection:
            await connection.execute(delete(table).where(table.c.id.in_([each.id for each in entries])))

    async def forget(self, before: float) -> None:
        """Forget what could not be told for so long."""
        async with self._database.begin() as connection:
            await connection.execute(delete(table).where(table.c.at < before))

    async def forget_server(self, server_id: int) -> None:
        """The bot was sent away."""
        async with self._database.begin() as connection:
            await connection.execute(delete(table).filter_by(server_id=server_id))


def _entry(row: Any) -> Entry:
    return Entry(**{**row, "what": What(row["what"]), "facts": json.loads(row["facts"])})

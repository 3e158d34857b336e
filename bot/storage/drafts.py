"""What is about to be posted and not noted yet: so that the next process knows where to look for it.

Rule: stored before Discord hears of the message, and forgotten once that is noted (`posts`). What belongs to a ticket that was
deleted meanwhile stays, so that its message is found and erased.
"""

import re
from dataclasses import asdict, dataclass, fields

from sqlalchemy import BigInteger, Column, ColumnElement, Integer, String, Table, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.database import metadata
from bot.storage.posts import Role
from bot.storage.shards import Shards

table = Table(
    "drafts",
    metadata,
    Column("nonce", String(25), primary_key=True),
    Column("ticket_id", String(25), nullable=False, index=True),
    Column("channel_id", BigInteger, nullable=False),
    Column("server_id", BigInteger),
    Column("role", String(16), nullable=False),
    Column("after", BigInteger, nullable=False),
    Column("shard", Integer, nullable=False),  # whose process posts it, if it is in no server
)


_SNAPSHOT = re.compile(r"[0-9a-f]+m([0-9]+)")


@dataclass(frozen=True)
class Draft:
    """A message of the bot's that may be in a channel; in a forum it is a post."""

    nonce: str
    ticket_id: str
    channel_id: int
    server_id: int | None
    role: Role
    after: int  # the newest message there that was known before

    @property
    def snapshot(self) -> int | None:
        """The number of the snapshot that it is, if it is one."""
        found = _SNAPSHOT.fullmatch(self.nonce)
        return int(found[1]) if found is not None else None


def snapshot_nonce(ticket_id: str, n: int) -> str:
    """The nonce of snapshot `n` of a ticket, whoever posts it."""
    return f"{ticket_id}m{n}"


class Drafts:
    """Everything of which it is not known whether it was posted."""

    def __init__(self, database: AsyncEngine, shards: Shards) -> None:
        self._database, self._shards = database, shards
        self.underway: set[str] = set()  # the nonces of what this process is about to post

    async def begin(self, draft: Draft) -> None:
        """It is about to be posted, in place of what had the same nonce."""
        self.underway.add(draft.nonce)
        async with self._database.begin() as connection:
            await connection.execute(delete(table).filter_by(nonce=draft.nonce))
            await connection.execute(insert(table).values(asdict(draft) | {"shard": self._shards.home}))

    async def find(self, nonce: str) -> Draft | None:
        """What is known by a nonce."""
        return next(iter(await self._drafts(table.c.nonce == nonce)), None)

    async def left(self) -> list[Draft]:
        """What a former process of these shards has left."""
        mine = self._shards.where(table.c.server_id, table.c.shard)
        return [draft for draft in await self._drafts(mine) if draft.nonce not in self.underway]

    async def done(self, nonce: str) -> None:
        """It is noted, or will not be posted."""
        async with self._database.begin() as connection:
            await connection.execute(delete(table).filter_by(nonce=nonce))
        self.underway.discard(nonce)

    async def _drafts(self, which: ColumnElement[bool]) -> list[Draft]:
        query = select(*(table.c[each.name] for each in fields(Draft))).where(which)
        async with self._database.connect() as connection:
            rows = (await connection.execute(query)).mappings()
            return [Draft(**{**row, "role": Role(row["role"])}) for row in rows]

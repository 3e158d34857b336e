"""What is about to be posted and not noted yet: so that the next process knows where to look for it.

Rule: stored before Discord hears of the message, and forgotten once that is noted (`posts`). What belongs to a ticket that was
deleted meanwhile stays, so that its message is found and erased.
"""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import BigInteger, Column, String, Table, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.database import metadata
from bot.storage.posts import Role

table = Table(
    "drafts",
    metadata,
    Column("nonce", String(25), primary_key=True),
    Column("ticket_id", String(25), nullable=False, index=True),
    Column("channel_id", BigInteger, nullable=False),
    Column("server_id", BigInteger),
    Column("role", String(16), nullable=False),
    Column("after", BigInteger, nullable=False),
)


@dataclass(frozen=True)
class Draft:
    """A message of the bot's that may be in a channel; in a forum it is a post."""

    nonce: str
    ticket_id: str
    channel_id: int
    server_id: int | None
    role: Role
    after: int  # the newest message there that was known before


class Drafts:
    """Everything of which it is not known whether it was posted."""

    def __init__(self, database: AsyncEngine) -> None:
        self._database = database

    async def begin(self, draft: Draft) -> None:
        """It is about to be posted, in place of what had the same nonce."""
        async with self._database.begin() as connection:
            await connection.execute(delete(table).filter_by(nonce=draft.nonce))
            await connection.execute(insert(table).values(asdict(draft)))

    async def find(self, nonce: str) -> Draft | None:
        """What is known by a nonce."""
        return next(iter(await self._drafts(nonce=nonce)), None)

    async def all(self) -> list[Draft]:
        """What a former process has left."""
        return await self._drafts()

    async def done(self, nonce: str) -> None:
        """It is noted, or will not be posted."""
        async with self._database.begin() as connection:
            await connection.execute(delete(table).filter_by(nonce=nonce))

    async def _drafts(self, **which: Any) -> list[Draft]:
        async with self._database.connect() as connection:
            rows = (await connection.execute(select(table).filter_by(**which))).mappings()
            return [Draft(**{**row, "role": Role(row["role"])}) for row in rows]

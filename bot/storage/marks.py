"""The bot's own reactions by which it says no to others', each with its end.

Rule: stored before Discord hears of it, so that none stays for good because a process has ended.
"""

from dataclasses import asdict, dataclass

from sqlalchemy import BigInteger, Column, ColumnElement, Float, String, Table, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.database import metadata
from bot.storage.shards import Shards

table = Table(
    "marks",
    metadata,
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("emoji", String(16), primary_key=True),
    Column("channel_id", BigInteger, nullable=False),
    Column("server_id", BigInteger, nullable=False, index=True),
    Column("until", Float, nullable=False, index=True),
)


@dataclass(frozen=True)
class Mark:
    """A reaction of ours at a message of others."""

    message_id: int
    emoji: str
    channel_id: int
    server_id: int
    until: float  # seconds since 1970


class Marks:
    """The marks that are there."""

    def __init__(self, database: AsyncEngine, shards: Shards) -> None:
        self._database, self._shards = database, shards

    async def add(self, mark: Mark) -> None:
        """Keep a mark, until its end or that of the one that is there."""
        key = {"message_id": mark.message_id, "emoji": mark.emoji}
        async with self._database.begin() as connection:
            there = (await connection.execute(select(table.c.until).filter_by(**key))).first()
            if there is None:
                await connection.execute(insert(table).values(asdict(mark)))
            elif there.until < mark.until:
                await connection.execute(table.update().filter_by(**key).values(until=mark.until))

    async def earliest(self) -> float | None:
        """When the first of this process's goes."""
        query = select(func.min(table.c.until)).where(self._shards.where(table.c.server_id))
        async with self._database.connect() as connection:
            first: float | None = await connection.scalar(query)
        return first

    async def take_of_message(self, *message_ids: int) -> list[Mark]:
        """Forget the marks of messages; those there were."""
        return await self._take(table.c.message_id.in_(message_ids))

    async def take_due(self, now: float) -> list[Mark]:
        """Forget this process's marks whose end has come; those there were."""
        return await self._take((table.c.until <= now) & self._shards.where(table.c.server_id))

    async def forget_server(self, server_id: int) -> None:
        """Forget those of a server."""
        await self._take(table.c.server_id == server_id)

    async def _take(self, which: ColumnElement[bool]) -> list[Mark]:
        async with self._database.begin() as connection:
            rows = (await connection.execute(select(table).where(which))).mappings().all()
            await connection.execute(delete(table).where(which))
        return [Mark(**row) for row in rows]

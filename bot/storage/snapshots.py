"""The snapshots of paintings that somebody has posted as pictures of their own: the table `moments`."""

from sqlalchemy import BigInteger, Column, Integer, String, Table, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage import tickets
from bot.storage.database import metadata
from bot.storage.shards import Shards

table = Table(
    "moments",
    metadata,
    Column("ticket_id", String(25), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("message_id", BigInteger),  # none while it is being posted
)


class Snapshots:
    """Which message shows which snapshot of a painting."""

    def __init__(self, database: AsyncEngine, shards: Shards) -> None:
        self._database, self._shards = database, shards

    async def begin(self, ticket_id: str, number: int) -> None:
        """A snapshot is about to be posted: cut off before `add`, the next process looks whether it was."""
        async with self._database.begin() as connection:
            await connection.execute(table.delete().filter_by(ticket_id=ticket_id, number=number))
            await connection.execute(table.insert().values(ticket_id=ticket_id, number=number))

    async def begun(self) -> list[tuple[str, int]]:
        """This process's snapshots, by ticket and number, of which it is not known whether they were posted."""
        of = tickets.table.c
        mine = self._shards.where_personal(of.server_id, of.channel_id, of.shard)
        joined = table.outerjoin(tickets.table, of.id == table.c.ticket_id)
        query = select(table.c.ticket_id, table.c.number).select_from(joined)
        query = query.where(table.c.message_id.is_(None), mine)
        async with self._database.connect() as connection:
            return [(row.ticket_id, row.number) for row in await connection.execute(query)]

    async def forget(self, ticket_id: str, number: int) -> None:
        """A snapshot was not posted after all."""
        async with self._database.begin() as connection:
            await connection.execute(table.delete().filter_by(ticket_id=ticket_id, number=number))

    async def message(self, ticket_id: str, number: int) -> int | None:
        """The message in which this snapshot was posted last, if anybody has."""
        query = select(table.c.message_id).filter_by(ticket_id=ticket_id, number=number)
        async with self._database.connect() as connection:
            return await connection.scalar(query)

    async def add(self, ticket_id: str, number: int, message_id: int) -> None:
        """A snapshot is shown in a message."""
        key = {"ticket_id": ticket_id, "number": number}
        async with self._database.begin() as connection:
            await connection.execute(table.delete().filter_by(**key))
            await connection.execute(table.insert().values(key | {"message_id": message_id}))

"""The snapshots of paintings that somebody has posted as pictures of their own: the table `moments`."""

from sqlalchemy import BigInteger, Column, Integer, String, Table, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.database import metadata

table = Table(
    "moments",
    metadata,
    Column("ticket_id", String(25), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("message_id", BigInteger, nullable=False),
)


class Snapshots:
    """Which message shows which snapshot of a painting."""

    def __init__(self, database: AsyncEngine) -> None:
        self._database = database

    async def message(self, ticket_id: str, number: int) -> int | None:
        """The message in which this snapshot was posted last, if anybody has."""
        query = select(table.c.message_id).filter_by(ticket_id=ticket_id, number=number)
        async with self._database.connect() as connection:
            return await connection.scalar(query)

    async def add(self, ticket_id: str, number: int, message_id: int) -> None:
        """A snapshot is shown in a message, perhaps in place of an earlier one."""
        key = {"ticket_id": ticket_id, "number": number}
        async with self._database.begin() as connection:
            await connection.execute(table.delete().filter_by(**key))
            await connection.execute(table.insert().values(key | {"message_id": message_id}))

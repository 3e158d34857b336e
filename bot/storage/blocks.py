"""The members that a server's moderators keep from having anything painted there.

Rule: read at every request, so they are kept in memory too; written before the memory changes.
"""

from collections.abc import Collection

from sqlalchemy import BigInteger, Column, Float, Table, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.database import metadata
from bot.storage.ledger import Entry, Ledger
from bot.storage.others import Ids, News, Others

table = Table(
    "blocks",
    metadata,
    Column("server_id", BigInteger, primary_key=True, autoincrement=False),
    Column("member_id", BigInteger, primary_key=True, autoincrement=False),
    Column("by_id", BigInteger, nullable=False),
    Column("at", Float, nullable=False),
)


class Blocks:
    """Who is blocked where."""

    def __init__(self, database: AsyncEngine, ledger: Ledger, others: Others) -> None:
        self._database, self._ledger, self._others = database, ledger, others
        self._blocked: set[tuple[int, int]] = set()  # server, member

    async def load(self) -> None:
        """Read all rows."""
        async with self._database.connect() as connection:
            rows = await connection.execute(select(table.c.server_id, table.c.member_id))
            self._blocked = {(row.server_id, row.member_id) for row in rows}

    async def heard(self, _: Ids | None) -> None:
        """Another process has changed something."""
        await self.load()

    def is_blocked(self, server_id: int, member_id: int) -> bool:
        """Whether a member is blocked in a server."""
        return (server_id, member_id) in self._blocked

    def blocked(self, server_id: int) -> list[int]:
        """The members who are blocked in a server."""
        return sorted(member for server, member in self._blocked if server == server_id)

    async def block(
        self, server_id: int, member_id: int, by_id: int, at: float, told: Collection[Entry] = ()
    ) -> bool:
        """Block a member; False if they were. `told`: what moderators are to be told of that."""
        if self.is_blocked(server_id, member_id):
            return False
        async with self._database.begin() as connection:
            row = {"server_id": server_id, "member_id": member_id, "by_id": by_id, "at": at}
            await connection.execute(insert(table).values(row))
            await self._ledger.write(connection, told)
            await self._others.tell(connection, News.BLOCKS)
        self._blocked.add((server_id, member_id))
        return True

    async def unblock(self, server_id: int, member_id: int, told: Collection[Entry] = ()) -> bool:
        """Let a member in again; False if they were not blocked. `told`: what moderators are to be told of that."""
        if not self.is_blocked(server_id, member_id):
            return False
        async with self._database.begin() as connection:
            await connection.execute(delete(table).filter_by(server_id=server_id, member_id=member_id))
            await self._ledger.write(connection, told)
            await self._others.tell(connection, News.BLOCKS)
        self._blocked.discard((server_id, member_id))
        return True

    async def forget_server(self, server_id: int) -> None:
        """Remove the blocks of a server."""
        async with self._database.begin() as connection:
            await connection.execute(delete(table).filter_by(server_id=server_id))
            await self._others.tell(connection, News.BLOCKS)
        self._blocked = {key for key in self._blocked if key[0] != server_id}

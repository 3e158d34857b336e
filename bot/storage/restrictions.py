"""In which channels there is an age restriction, or was one until when.

Rule: what was posted while there was one is shown nowhere else, also once it is lifted; so the channel is remembered for as
long as it is there.
"""

from collections.abc import Collection

from sqlalchemy import BigInteger, Column, Float, Table, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.database import metadata

table = Table(
    "restrictions",
    metadata,
    Column("channel_id", BigInteger, primary_key=True, autoincrement=False),
    Column("server_id", BigInteger, nullable=False, index=True),
    Column("lifted_at", Float),  # seconds since 1970; none: it is in force
)


class Restrictions:
    """The channels with an age restriction, of now and of earlier."""

    def __init__(self, database: AsyncEngine) -> None:
        self._database = database

    async def note(
        self, server_id: int, restricted: Collection[int], others: Collection[int], now: float
    ) -> None:
        """There is a restriction in these channels of a server, and in the others there is none (any more)."""
        query = select(table.c.channel_id, table.c.lifted_at).filter_by(server_id=server_id)
        async with self._database.connect() as connection:
            known = {row.channel_id: row.lifted_at for row in await connection.execute(query)}
        new = [each for each in restricted if known.get(each, now) is not None]
        lifted = [each for each in others if known.get(each, now) is None]
        if not (new or lifted):
            return
        async with self._database.begin() as connection:
            gone = update(table).where(table.c.channel_id.in_(lifted)).values(lifted_at=now)
            await connection.execute(gone)
            await connection.execute(delete(table).where(table.c.channel_id.in_(new)))
            if new:
                rows = [{"channel_id": each, "server_id": server_id} for each in new]
                await connection.execute(insert(table), rows)

    async def was_in_force(self, channel_ids: Collection[int | None], at: float) -> bool:
        """Whether there has been one in any of these channels since then."""
        since = or_(table.c.lifted_at.is_(None), table.c.lifted_at >= at)
        ids = [each for each in channel_ids if each is not None]
        query = select(table.c.channel_id).where(table.c.channel_id.in_(ids), since).limit(1)
        async with self._database.connect() as connection:
            return (await connection.execute(query)).first() is not None

    async def forget_channel(self, channel_id: int) -> None:
        """A channel is gone."""
        async with self._database.begin() as connection:
            await connection.execute(delete(table).filter_by(channel_id=channel_id))

    async def forget_server(self, server_id: int) -> None:
        """The bot was sent away."""
        async with self._database.begin() as connection:
            await connection.execute(delete(table).filter_by(server_id=server_id))

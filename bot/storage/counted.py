"""That pictures were asked for of which nothing else is kept any more, so that the limits of a day go on counting them.

Rule: only where a limit needs it, by name only where one of a member's does, and only for as long as it looks back.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass

from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, Table, delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage.database import metadata

KEPT_SECONDS = 24 * 3600.0  # which is how far limits look back

table = Table(
    "counted",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", BigInteger, nullable=False),
    Column("server_id", BigInteger, index=True),
    Column("personal", Boolean, nullable=False),
    Column("at", Float, nullable=False),
)


@dataclass(frozen=True)
class Counted:
    """One picture that was asked for at `at`, in seconds since 1970; `personal`: by a member for themselves alone."""

    user_id: int
    server_id: int | None
    personal: bool
    at: float


async def count(connection: AsyncConnection, counted: Collection[Counted]) -> None:
    """Go on counting these, in the transaction of whoever deletes all else of them."""
    if counted:
        await connection.execute(insert(table), [asdict(each) for each in counted])


class Counts:
    """What is only counted."""

    def __init__(self, database: AsyncEngine) -> None:
        self._database = database

    async def forget(self, before: float) -> None:
        """Forget what no limit looks back at, in seconds since 1970."""
        async with self._database.begin() as connection:
            await connection.execute(delete(table).where(table.c.at < before))

    async def forget_server(self, server_id: int) -> None:
        """The bot was sent away."""
        async with self._database.begin() as connection:
            await connection.execute(delete(table).filter_by(server_id=server_id))

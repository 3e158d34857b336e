"""What is to happen later: one row a thing, by its kind and what it is about, until it is done.

Rule: at most one timer of a kind for each thing; setting it again moves it. It is removed once what it is for is done, so what
was cut off is done by the next process: whoever does it looks first whether it is done already. A timer that was moved
meanwhile is another one.
"""

from dataclasses import asdict, dataclass
from enum import StrEnum

from sqlalchemy import BigInteger, Column, Float, String, Table, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage import database
from bot.storage.database import metadata
from bot.storage.shards import Shards


class TimerKind(StrEnum):
    """What happens then."""

    WEEK_BEGINS = "week_begins"  # in a server: its style is announced
    WEEK_ENDS = "week_ends"  # in a server: the collage
    WEEK_GONE = "week_gone"  # its style is on offer no more
    COLLAGE = "collage"  # something on it was deleted, so it is drawn without
    DUEL = "duel"  # it goes on, or its time is over


table = Table(
    "timers",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("about", String(25), primary_key=True),
    Column("due", Float, nullable=False, index=True),
    Column("server_id", BigInteger, index=True),
)


@dataclass(frozen=True)
class Timer:
    """One thing that happens at `due`, in seconds since 1970; `about` is an id of a row or of a server."""

    kind: TimerKind
    about: str
    due: float
    server_id: int | None = None


async def put(connection: AsyncConnection, *timers: Timer) -> None:
    """Set timers, in the transaction of whoever wants them."""
    for timer in timers:
        await database.put(connection, table, asdict(timer))


class Timers:
    """All that is still to happen."""

    def __init__(self, database: AsyncEngine, shards: Shards) -> None:
        self._database, self._shards = database, shards

    async def set(self, *timers: Timer) -> None:
        """Let things happen at their times, and not at those that were set before."""
        async with self._database.begin() as connection:
            await put(connection, *timers)

    async def drop(self, kind: TimerKind, about: str) -> None:
        """Let it not happen."""
        async with self._database.begin() as connection:
            await connection.execute(delete(table).filter_by(kind=kind, about=about))

    async def done(self, timer: Timer) -> None:
        """It has happened; one that was moved meanwhile stays."""
        async with self._database.begin() as connection:
            await connection.execute(delete(table).filter_by(**asdict(timer)))

    async def find(self, kind: TimerKind, about: str) -> Timer | None:
        """The timer of a thing, if there is one."""
        query = select(table).filter_by(kind=kind, about=about)
        async with self._database.connect() as connection:
            row = (await connection.execute(query)).mappings().first()
        return Timer(**{**row, "kind": TimerKind(row["kind"])}) if row is not None else None

    async def next_after(self, now: float) -> float | None:
        """When the next thing of this process happens that is not due by `now`."""
        query = select(func.min(table.c.due)).where(table.c.due > now, self._shards.where(table.c.server_id))
        async with self._database.connect() as connection:
            first: float | None = await connection.scalar(query)
        return first

    async def due(self, now: float) -> list[Timer]:
        """What this process does by `now`, in its order."""
        query = select(table).where(table.c.due <= now, self._shards.where(table.c.server_id))
        query = query.order_by(table.c.due, table.c.kind, table.c.about)
        async with self._database.connect() as connection:
            rows = (await connection.execute(query)).mappings()
            return [Timer(**{**row, "kind": TimerKind(row["kind"])}) for row in rows]

    async def forget_server(self, server_id: int) -> None:
        """Nothing happens in a server any more."""
        async with self._database.begin() as connection:
            await connection.execute(delete(table).filter_by(server_id=server_id))

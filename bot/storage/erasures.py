"""What is still to be erased outside of the database: messages, images, what the engine keeps.

Rule: written in the transaction that deletes, and removed when it is done, so that what is deleted once is erased however
often Discord, the engine or this process are away. Everything in here may be done twice.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from sqlalchemy import BigInteger, Column, Float, Integer, String, Table, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage import others
from bot.storage.database import metadata
from bot.storage.shards import Shards


class Kind(StrEnum):
    """What is to be erased."""

    MESSAGE = "message"  # of ours
    IMAGES = "images"  # of a ticket, in the inbox and on the shelf
    JOB = "job"  # all that the engine keeps of a ticket
    STYLE = "style"  # the picture of a style of a server, by its id in place of a ticket's


table = Table(
    "erasures",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("ticket_id", String(25), nullable=False),
    Column("channel_id", BigInteger),
    Column("message_id", BigInteger),
    Column("at", Float, nullable=False),
    Column("server_id", BigInteger),
)


@dataclass(frozen=True)
class Erasure:
    """One thing to be erased; a message has a channel and an id."""

    kind: Kind
    ticket_id: str
    at: float  # seconds since 1970
    channel_id: int | None = None
    message_id: int | None = None
    id: int | None = None
    server_id: int | None = None  # that a message is in, if it is in one


async def owe(connection: AsyncConnection, erasures: Sequence[Erasure]) -> None:
    """Keep what is to be erased, in the transaction of whoever deletes."""
    rows = [{name: value for name, value in asdict(each).items() if name != "id"} for each in erasures]
    if rows:
        await connection.execute(insert(table), rows)
        await others.stir(connection)


class Erasures:
    """Whatever is to be erased."""

    def __init__(self, database: AsyncEngine, shards: Shards) -> None:
        self._database, self._shards = database, shards

    async def add(self, *erasures: Erasure) -> None:
        """Something is to be erased."""
        async with self._database.begin() as connection:
            await owe(connection, erasures)

    async def after(
        self, erasure_id: int, limit: int, kinds: Collection[Kind] = tuple(Kind)
    ) -> list[Erasure]:
        """Some of what this process is to erase, of these kinds, in order, after the one with this id."""
        mine = self._shards.where(table.c.server_id)
        query = select(table).where(table.c.id > erasure_id, table.c.kind.in_(kinds), mine)
        query = query.order_by(table.c.id).limit(limit)
        async with self._database.connect() as connection:
            rows = (await connection.execute(query)).mappings()
            return [Erasure(**{**row, "kind": Kind(row["kind"])}) for row in rows]

    async def done(self, *erasure_ids: int) -> None:
        """They are erased."""
        async with self._database.begin() as connection:
            await connection.execute(delete(table).where(table.c.id.in_(erasure_ids)))

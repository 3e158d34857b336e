"""What the bot has posted for a ticket: so that deletion, galleries and children find it.

Rule: every message that shows something of a ticket's picture is noted, with what it is for the ticket.
"""

from dataclasses import asdict, dataclass
from enum import StrEnum

from sqlalchemy import BigInteger, Column, Float, String, Table, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.database import metadata


class Role(StrEnum):
    """What a message is for its ticket."""

    PROGRESS = "progress"  # shows how the ticket stands, and goes when it is finished
    RESULT = "result"
    SNAPSHOT = "snapshot"  # of the painting, as a picture of its own
    GALLERY = "gallery"  # the result once more, among others
    NOTICE = "notice"  # words about it, without a picture


table = Table(
    "posts",
    metadata,
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("channel_id", BigInteger, nullable=False, index=True),
    Column("server_id", BigInteger, index=True),
    Column("ticket_id", String(25), nullable=False, index=True),
    Column("role", String(16), nullable=False),
    Column("at", Float, nullable=False),
)


@dataclass(frozen=True)
class Posted:
    """A message of the bot's."""

    message_id: int
    channel_id: int
    server_id: int | None
    ticket_id: str
    role: Role
    at: float  # seconds since 1970


class Posts:
    """The messages that are still there, as far as the bot has heard."""

    def __init__(self, database: AsyncEngine) -> None:
        self._database = database

    async def add(self, post: Posted) -> None:
        """A message was posted; noted again, it is the same."""
        async with self._database.begin() as connection:
            await connection.execute(delete(table).filter_by(message_id=post.message_id))
            await connection.execute(insert(table).values(asdict(post)))

    async def find(self, message_id: int) -> Posted | None:
        """What a message of ours is."""
        return next(iter(await self._posts(message_id=message_id)), None)

    async def of_ticket(self, ticket_id: str) -> list[Posted]:
        """The messages of a ticket, oldest first."""
        return await self._posts(ticket_id=ticket_id)

    async def gone(self, *message_ids: int) -> None:
        """Messages were deleted."""
        async with self._database.begin() as connection:
            await connection.execute(delete(table).where(table.c.message_id.in_(message_ids)))

    async def _posts(self, **of: object) -> list[Posted]:
        query = select(table).filter_by(**of).order_by(table.c.at)
        async with self._database.connect() as connection:
            rows = (await connection.execute(query)).mappings()
            return [Posted(**{**row, "role": Role(row["role"])}) for row in rows]

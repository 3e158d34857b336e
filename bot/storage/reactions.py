"""The reactions that have had their picture painted, or are about to.

Rule: a member, a message and a style count once, from the moment their ticket is stored.
"""

from dataclasses import asdict, dataclass

from sqlalchemy import BigInteger, Column, Insert, String, Table, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.database import metadata

table = Table(
    "reactions",
    metadata,
    Column("message_id", BigInteger, primary_key=True),
    Column("user_id", BigInteger, primary_key=True),
    Column("style", String(64), primary_key=True),
)


@dataclass(frozen=True)
class Reaction:
    """A member's reaction to a message with the emoji of a style, which is given by its name."""

    message_id: int
    user_id: int
    style: str


def counting(reaction: Reaction) -> Insert:
    """The statement by which a reaction counts; whoever stores its ticket executes it along."""
    return table.insert().values(asdict(reaction))


class Reactions:
    """The reactions that count."""

    def __init__(self, database: AsyncEngine) -> None:
        self._database = database

    async def has_counted(self, reaction: Reaction) -> bool:
        """Whether this reaction has had its picture painted, or is about to."""
        query = select(table).filter_by(**asdict(reaction))
        async with self._database.connect() as connection:
            return (await connection.execute(query)).first() is not None

    async def release(self, reaction: Reaction) -> None:
        """Forget a reaction whose ticket ends without a picture, so that the member may try again."""
        async with self._database.begin() as connection:
            await connection.execute(table.delete().filter_by(**asdict(reaction)))

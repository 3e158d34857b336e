"""The reactions that have had their picture painted, or are about to, and those that were refused.

Rule: a member, a message and a style count once, from the moment their ticket is stored. One that was refused may
be given again, but is not taken for one that nobody has seen.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
from sqlalchemy import BigInteger, Boolean, Column, String, Table, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage.batch import Batch
from bot.storage.database import metadata

table = Table(
    "reactions",
    metadata,
    Column("message_id", BigInteger, primary_key=True),
    Column("user_id", BigInteger, primary_key=True),
    Column("style", String(64), primary_key=True),
    Column("refused", Boolean, nullable=False),
)


SEEN = timedelta(days=4)  # after its message: for longer than a restarted bot looks for reactions


def seen_since(at: float) -> int:
    """The least id of a message whose reactions a restarted bot may still look at; `at`: in seconds since 1970."""
    return discord.utils.time_snowflake(datetime.fromtimestamp(max(at, 0.0), UTC) - SEEN)


ALL_STYLES = "*"  # is no style's name


@dataclass(frozen=True)
class Reaction:
    """A member's reaction to a message with the emoji of a style, which is given by its name, or of ALL_STYLES."""

    message_id: int
    user_id: int
    style: str


_EARLIER = table.delete().where(
    *(table.c[name] == bindparam(f"its_{name}") for name in ("message_id", "user_id", "style"))
)


async def count(connection: AsyncConnection, counted: Sequence[Reaction]) -> None:
    """Let reactions count, along with their tickets; one that counts does not count again."""
    earlier = _EARLIER.where(table.c.refused)
    await connection.execute(earlier, [_its(each) for each in counted])
    await connection.execute(table.insert(), [asdict(each) | {"refused": False} for each in counted])


def _its(reaction: Reaction) -> dict[str, Any]:
    return {f"its_{name}": value for name, value in asdict(reaction).items()}


class Reactions:
    """The reactions that were seen."""

    def __init__(self, database: AsyncEngine) -> None:
        self._database = database
        self._refusing: Batch[Reaction] = Batch(self._keep_refused)

    async def has_counted(self, reaction: Reaction) -> bool:
        """Whether this reaction has had its picture painted, or is about to."""
        return await self._is_there(**asdict(reaction), refused=False)

    async def is_known(self, reaction: Reaction) -> bool:
        """Whether this reaction has counted, or was refused and its member told why."""
        return await self._is_there(**asdict(reaction))

    async def to_message(self, message_id: int) -> list[Reaction]:
        """Those of a message that have counted or were refused."""
        query = select(table.c.message_id, table.c.user_id, table.c.style).filter_by(message_id=message_id)
        async with self._database.connect() as connection:
            return [Reaction(**row) for row in (await connection.execute(query)).mappings()]

    async def refuse(self, reaction: Reaction) -> None:
        """Its member has been told why there is no picture, and may try again.

        Those of the many who may react to a picture at once are kept in one transaction.
        """
        await self._refusing.add(reaction)

    async def _keep_refused(self, refused: Sequence[Reaction]) -> None:
        each_once = dict.fromkeys(refused)
        async with self._database.begin() as connection:
            await connection.execute(_EARLIER, [_its(each) for each in each_once])
            await connection.execute(table.insert(), [asdict(each) | {"refused": True} for each in each_once])

    async def idle(self) -> None:
        """Wait until nothing is being kept any more."""
        await self._refusing.idle()

    async def take_back(self, reaction: Reaction) -> bool:
        """A refused reaction is taken back; whether it was the last refused one of its message."""
        of_message = {"message_id": reaction.message_id, "refused": True}
        async with self._refusing.paused():
            was_coming = self._refusing.drop(reaction)
            async with self._database.begin() as connection:
                gone = await connection.execute(table.delete().filter_by(**asdict(reaction), refused=True))
                rest = (await connection.execute(select(table).filter_by(**of_message))).first()
        is_coming = self._refusing.waits(lambda each: each.message_id == reaction.message_id)
        return (was_coming or bool(gone.rowcount)) and rest is None and not is_coming

    async def release(self, reaction: Reaction) -> None:
        """Forget a reaction whose ticket ends without a picture, and of which nobody has been told."""
        self._refusing.drop(reaction)
        async with self._database.begin() as connection:
            await connection.execute(table.delete().filter_by(**asdict(reaction)))

    async def forget_pictures(self, *message_ids: int) -> None:
        """The messages that were reacted to are gone."""
        async with self._database.begin() as connection:
            await connection.execute(table.delete().where(table.c.message_id.in_(message_ids)))

    async def _is_there(self, **values: object) -> bool:
        async with self._database.connect() as connection:
            return (await connection.execute(select(table).filter_by(**values))).first() is not None

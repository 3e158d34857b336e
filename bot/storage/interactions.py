"""The interactions that somebody still has to be answered: so that a restart need not leave them at "thinking…".

Where nothing but its token shows a picture, an interaction is answered when that is there.

Rule: a token opens its channel to whoever has it. It is kept only while an answer is owed, and little longer
than Discord takes it; it stands in no log and no repr, and a backup has none.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

import discord
import structlog
from sqlalchemy import BigInteger, Column, Integer, String, Table, Text, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.languages import DEFAULT, Language
from bot.storage.database import metadata
from bot.storage.shards import Shards

log = structlog.get_logger(__name__)

TOKEN_LIFE = timedelta(minutes=15)


class Manner(StrEnum):
    """How an interaction is acknowledged, which decides where its answer goes."""

    THINKING = "thinking"  # "thinking…", which only they see; what all may see comes beside it
    OPEN = "open"  # "thinking…", which all see, and which becomes what they shall see: no other message is needed
    CLICK = "click"  # the message that was clicked stays, and the answer comes beside it


@dataclass(frozen=True)
class OwedAnswer:
    """An interaction of which Discord has been told, or is about to be, that it will be answered."""

    id: int  # of the interaction
    application_id: int
    token: str = field(repr=False)
    manner: Manner
    ticket_id: str | None = None  # that is shown as the answer, or first told of beside it
    language: Language = DEFAULT  # of whoever is answered


table = Table(
    "interactions",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("application_id", BigInteger, nullable=False),
    Column("token", Text, nullable=False),
    Column("manner", String(16), nullable=False),
    Column("ticket_id", String(25), index=True),
    Column("language", String(8), nullable=False),
    Column("shard", Integer, nullable=False),  # whose process owes the answer
)


async def owe(connection: AsyncConnection, answers: Sequence[OwedAnswer], shard: int) -> None:
    """Keep interactions, perhaps such as are kept already; whoever stores their tickets does so along."""
    same = table.delete().where(table.c.id == bindparam("its_id"))
    await connection.execute(same, [{"its_id": answer.id} for answer in answers])
    await connection.execute(table.insert(), [asdict(answer) | {"shard": shard} for answer in answers])


class OwedAnswers:
    """The answers that are owed."""

    def __init__(self, database: AsyncEngine, shards: Shards) -> None:
        self._database, self._shards = database, shards

    async def add(self, answer: OwedAnswer) -> None:
        """Keep an interaction until it is answered."""
        async with self._database.begin() as connection:
            await owe(connection, [answer], self._shards.home)

    async def all(self) -> list[OwedAnswer]:
        """Whatever is owed by this process, oldest first; what cannot be read is left alone until it is too late for it."""
        # None is a server's: whoever was asked answers, or whoever has the same shard after them.
        mine = self._shards.where_taken(table.c.shard)
        query = select(*(each for each in table.c if each.name != "shard")).where(mine).order_by(table.c.id)
        async with self._database.connect() as connection:
            rows = (await connection.execute(query)).mappings().all()
        answers = []
        for row in rows:
            try:
                answer = OwedAnswer(**{**row, "application_id": int(row["application_id"])})
                answer = replace(answer, manner=Manner(answer.manner), language=Language(answer.language))
            except ValueError:
                log.error("interaction not readable", interaction=row["id"])
            else:
                answers.append(answer)
        return answers

    async def settle(self, interaction_id: int, but_tickets: bool = False) -> None:
        """Forget an interaction: it is answered, or it is too late; `but_tickets`: not if a ticket will answer it."""
        done = table.delete().filter_by(id=interaction_id)
        async with self._database.begin() as connection:
            await connection.execute(done.where(table.c.ticket_id.is_(None)) if but_tickets else done)

    async def forget_late(self, now: datetime) -> None:
        """Forget those whose tokens Discord no longer takes."""
        latest = discord.utils.time_snowflake(now - TOKEN_LIFE)
        async with self._database.begin() as connection:
            await connection.execute(table.delete().where(table.c.id < latest))

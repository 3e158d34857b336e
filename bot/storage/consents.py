"""What authors have said to others' painting of their pictures, and whom they were asked for and have not answered yet.

Rule: an answer holds in the server where it was given, or everywhere; that for the server counts first, and where there
is none, that for everywhere. What is asked outlives the process.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from enum import StrEnum

from sqlalchemy import BigInteger, Boolean, Column, Float, String, Table, Text, delete, insert, select, true
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage import database, others
from bot.storage.database import metadata
from bot.storage.shards import Shards

EVERYWHERE = 0  # in place of a server's id


class Answer(StrEnum):
    """What an author lets others do."""

    ALWAYS = "always"
    NEVER = "never"
    ASK = "ask"  # before each, also where the server lets all pictures be painted


answers = Table(
    "consents",
    metadata,
    Column("author_id", BigInteger, primary_key=True, autoincrement=False),
    Column("server_id", BigInteger, primary_key=True, autoincrement=False),
    Column("answer", String(16), nullable=False),
    Column("at", Float, nullable=False),
)
asked = Table(
    "consents_asked",
    metadata,
    Column("id", String(25), primary_key=True),
    Column("server_id", BigInteger, nullable=False, index=True),
    Column("channel_id", BigInteger, nullable=False),
    Column("author_id", BigInteger, nullable=False, index=True),
    Column("asker_id", BigInteger, nullable=False),
    Column("message_id", BigInteger, nullable=False, index=True),  # of the picture
    Column("question_id", BigInteger),  # our message that asks
    Column("order", Text, nullable=False),  # what shall be painted, as whoever asks has stored it
    Column("agreed", Boolean, nullable=False),  # the author has said yes, and it is still to be painted
    Column("at", Float, nullable=False),
)


@dataclass(frozen=True)
class Question:
    """An author is asked whether somebody may have one of their pictures painted."""

    id: str
    server_id: int
    channel_id: int
    author_id: int
    asker_id: int
    message_id: int
    question_id: int | None
    order: str
    at: float  # seconds since 1970
    agreed: bool = False


class Consents:
    """The authors' answers, and the questions that are open."""

    def __init__(self, database: AsyncEngine, shards: Shards) -> None:
        self._database, self._shards = database, shards

    async def answer(self, author_id: int, server_id: int) -> Answer | None:
        """What an author has said for a server, or for everywhere if they said nothing for it."""
        found = await self.answers(author_id)
        return found.get(server_id, found.get(EVERYWHERE))

    async def answers(self, author_id: int) -> dict[int, Answer]:
        """All that an author has said, by server."""
        query = select(answers.c.server_id, answers.c.answer).filter_by(author_id=author_id)
        async with self._database.connect() as connection:
            return {row.server_id: Answer(row.answer) for row in await connection.execute(query)}

    async def remember(self, author_id: int, server_id: int, answer: Answer | None, at: float) -> None:
        """Keep what an author has said; None: they want to be asked again."""
        key = {"author_id": author_id, "server_id": server_id}
        async with self._database.begin() as connection:
            if answer is not None:
                await database.put(connection, answers, {**key, "answer": answer.value, "at": at})
            else:
                await connection.execute(delete(answers).filter_by(**key))

    async def ask(self, question: Question) -> None:
        """Keep a question."""
        async with self._database.begin() as connection:
            await connection.execute(insert(asked).values(asdict(question)))

    async def shown(self, message_id: int, question_id: int) -> None:
        """The questions about a picture are asked in a message of ours."""
        about = {"message_id": message_id, "agreed": False}
        async with self._database.begin() as connection:
            await connection.execute(asked.update().filter_by(**about).values(question_id=question_id))

    async def open_questions(self, **of: int) -> list[Question]:
        """The questions that wait for an answer, oldest first, of those columns' values; without, this process's."""
        return await self._questions(agreed=False, **of)

    async def of_pictures(self, message_ids: Collection[int]) -> list[Question]:
        """The questions about the pictures of these messages, answered or not."""
        query = select(asked).where(asked.c.message_id.in_(message_ids))
        async with self._database.connect() as connection:
            return [Question(**row) for row in (await connection.execute(query)).mappings()]

    async def agreed(self, **of: int) -> list[Question]:
        """Those that were answered with yes and are still to be painted, likewise."""
        return await self._questions(agreed=True, **of)

    async def agree(self, *question_ids: str) -> None:
        """The author says yes; nothing is lost of that any more."""
        async with self._database.begin() as connection:
            await connection.execute(asked.update().where(asked.c.id.in_(question_ids)).values(agreed=True))
            await others.stir(connection)

    async def close(self, *question_ids: str) -> None:
        """Questions are painted, answered with no, or void."""
        async with self._database.begin() as connection:
            await connection.execute(delete(asked).where(asked.c.id.in_(question_ids)))

    async def forget_left(self, member_id: int, server_id: int) -> None:
        """Forget what a member who has left let others do there; a no stays, for their pictures are still there."""
        yes = {"author_id": member_id, "server_id": server_id, "answer": Answer.ALWAYS}
        async with self._database.begin() as connection:
            await connection.execute(delete(answers).filter_by(**yes))

    async def forget_server(self, server_id: int) -> None:
        """Remove what was said and asked in a server."""
        async with self._database.begin() as connection:
            for table in (answers, asked):
                await connection.execute(delete(table).filter_by(server_id=server_id))

    async def _questions(self, *, agreed: bool, **of: int) -> list[Question]:
        mine = true() if of else self._shards.where(asked.c.server_id)
        query = select(asked).where(mine).filter_by(agreed=agreed, **of).order_by(asked.c.at)
        async with self._database.connect() as connection:
            rows = (await connection.execute(query)).mappings()
            return [Question(**row) for row in rows]

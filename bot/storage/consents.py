"""What authors have said to others' painting of their pictures, and whom they were asked for and have not answered yet.

Rule: an answer holds in the server where it was given, or everywhere; that for the server counts first, and where there
is none, that for everywhere. What is asked outlives the process.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from enum import StrEnum

from sqlalchemy import BigInteger, Column, Float, String, Table, Text, delete, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.database import metadata

EVERYWHERE = 0  # in place of a server's id


class Answer(StrEnum):
    """What an author lets others do."""

    ALWAYS = "always"
    NEVER = "never"


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


class Consents:
    """The authors' answers, and the questions that are open."""

    def __init__(self, database: AsyncEngine) -> None:
        self._database = database

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
            await connection.execute(delete(answers).filter_by(**key))
            if answer is not None:
                await connection.execute(insert(answers).values(**key, answer=answer.value, at=at))

    async def ask(self, question: Question) -> bool:
        """Keep a question; False if the same asker has asked the same of the same picture, and it is still open."""
        same = {
            "asker_id": question.asker_id,
            "message_id": question.message_id,
            "order": question.order,
        }
        async with self._database.begin() as connection:
            if (await connection.execute(select(asked.c.id).filter_by(**same))).first() is not None:
                return False
            await connection.execute(insert(asked).values(asdict(question)))
        return True

    async def shown(self, question_id: str, message_id: int) -> None:
        """A question is asked in a message of ours."""
        async with self._database.begin() as connection:
            await connection.execute(
                asked.update().where(asked.c.id == question_id).values(question_id=message_id)
            )

    async def question(self, question_id: str) -> Question | None:
        """A question that is open."""
        return next(iter(await self._questions(id=question_id)), None)

    async def open_questions(self, **of: int) -> list[Question]:
        """The questions that are open, oldest first, of those columns' values."""
        return await self._questions(**of)

    async def of_pictures(self, message_ids: Collection[int]) -> list[Question]:
        """The questions that are open about the pictures of these messages."""
        query = select(asked).where(asked.c.message_id.in_(message_ids))
        async with self._database.connect() as connection:
            return [Question(**row) for row in (await connection.execute(query)).mappings()]

    async def close(self, *question_ids: str) -> list[str]:
        """Questions are answered or void; those that were still open, so that each is acted upon once."""
        closed = []
        async with self._database.begin() as connection:
            for question_id in question_ids:
                done = await connection.execute(delete(asked).filter_by(id=question_id))
                closed += [question_id] if done.rowcount else []
        return closed

    async def forget_member(self, member_id: int, server_id: int | None = None) -> None:
        """Remove what a member has said and asked, in a server or everywhere."""
        where = {} if server_id is None else {"server_id": server_id}
        async with self._database.begin() as connection:
            await connection.execute(delete(answers).filter_by(author_id=member_id, **where))
            theirs = or_(asked.c.author_id == member_id, asked.c.asker_id == member_id)
            await connection.execute(delete(asked).where(theirs).filter_by(**where))

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

    async def _questions(self, **of: object) -> list[Question]:
        async with self._database.connect() as connection:
            rows = (await connection.execute(select(asked).filter_by(**of).order_by(asked.c.at))).mappings()
            return [Question(**row) for row in rows]

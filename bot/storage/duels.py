"""Duels: a member's picture in the style of another's, the other one's in the style of theirs, and who voted for which.

Rule: a change of a duel's state is stored with when it goes on by itself (`timers`), in one transaction. Who has voted how is
forgotten in the one that ends it; the numbers stay.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Float,
    Integer,
    String,
    Table,
    delete,
    func,
    insert,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage import exhibits, timers
from bot.storage.database import metadata
from bot.storage.tickets import new_id
from bot.storage.timers import Timer, TimerKind


class DuelState(StrEnum):
    """asked -> accepted -> painting -> voting -> over; from any to ended, without a winner."""

    ASKED = "asked"
    ACCEPTED = "accepted"  # not handed in to be painted yet
    PAINTING = "painting"
    VOTING = "voting"
    OVER = "over"
    ENDED = "ended"


class End(StrEnum):
    """Why a duel has ended without a winner."""

    REFUSED = "refused"
    CANCELLED = "cancelled"
    NO_ANSWER = "no_answer"
    NOT_PAINTED = "not_painted"
    TAKEN_BACK = "taken_back"  # one of the two pictures


UNDERWAY = (DuelState.ASKED, DuelState.ACCEPTED, DuelState.PAINTING, DuelState.VOTING)

table = Table(
    "duels",
    metadata,
    Column("id", String(25), primary_key=True),
    Column("server_id", BigInteger, nullable=False, index=True),
    Column("channel_id", BigInteger, nullable=False),
    Column("challenger_id", BigInteger, nullable=False, index=True),
    Column("opponent_id", BigInteger, nullable=False, index=True),
    Column("seconds", Integer, nullable=False),  # to vote
    Column("at", Float, nullable=False),
    Column("ends", Float),  # the vote
    Column("state", String(16), nullable=False),
    Column("end", String(16)),
    Column("message_id", BigInteger, index=True),  # the challenge, with the challenger's picture
    Column("source_id", BigInteger, index=True),  # the message of the opponent's, if it is in one
    Column("sheet_message_id", BigInteger, index=True),  # both results, to vote
    Column("first_ticket", String(25), index=True),  # of the challenger's picture
    Column("second_ticket", String(25), index=True),
    Column("first_votes", Integer),
    Column("second_votes", Integer),
    Column("told", Boolean, nullable=False),  # who has won
)
votes = Table(
    "votes",
    metadata,
    Column("duel_id", String(25), primary_key=True),
    Column("member_id", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),  # 1: the challenger's picture
)


@dataclass(frozen=True)
class Duel:
    """One duel; times are in seconds since 1970."""

    server_id: int
    channel_id: int
    challenger_id: int
    opponent_id: int
    seconds: int
    at: float
    ends: float | None = None
    state: DuelState = DuelState.ASKED
    end: End | None = None
    message_id: int | None = None
    source_id: int | None = None
    sheet_message_id: int | None = None
    first_ticket: str | None = None
    second_ticket: str | None = None
    first_votes: int | None = None
    second_votes: int | None = None
    told: bool = False
    id: str = field(default_factory=new_id)

    @property
    def members(self) -> tuple[int, int]:
        """Whose it is."""
        return self.challenger_id, self.opponent_id

    @property
    def shown(self) -> list[int]:
        """The ids of our messages that show a picture of it."""
        return [each for each in (self.message_id, self.sheet_message_id) if each is not None]

    @property
    def tickets(self) -> list[str]:
        """The ids of its paintings, as far as there are any."""
        return [each for each in (self.first_ticket, self.second_ticket) if each is not None]


class Duels:
    """The duels of all servers."""

    def __init__(self, database: AsyncEngine) -> None:
        self._database = database
        self._shown: set[int] = set()  # messages of duels: of most that are deleted nothing has to be asked

    async def load(self) -> None:
        """Read which messages are of duels."""
        columns = (table.c.message_id, table.c.source_id, table.c.sheet_message_id)
        async with self._database.connect() as connection:
            found = await connection.scalars(union(*(select(column) for column in columns)))
            self._shown = {message for message in found if message is not None}

    async def add(self, duel: Duel, due: float) -> None:
        """Keep a new duel, which goes on by itself at `due`."""
        async with self._database.begin() as connection:
            await connection.execute(insert(table).values(asdict(duel)))
            await timers.put(connection, Timer(TimerKind.DUEL, duel.id, due, duel.server_id))

    async def save(
        self, duel: Duel, *names: str, due: float | None = None, was: DuelState | None = None
    ) -> bool:
        """Write the named fields, and when it goes on by itself; False if it is not there any more, or not as it `was`."""
        values = {name: getattr(duel, name) for name in names}
        messages = (duel.message_id, duel.source_id, duel.sheet_message_id)
        self._shown |= {each for each in messages if each is not None}
        async with self._database.begin() as connection:
            change = update(table).where(table.c.id == duel.id)
            change = change.where(table.c.state == was) if was is not None else change
            done = await connection.execute(change.values(values))
            if done.rowcount and due is not None:
                await timers.put(connection, Timer(TimerKind.DUEL, duel.id, due, duel.server_id))
            if done.rowcount and duel.state not in UNDERWAY:
                await connection.execute(delete(votes).filter_by(duel_id=duel.id))
        return bool(done.rowcount)

    async def close_vote(self, duel: Duel, blocked: Collection[int], due: float) -> None:
        """It is over: count the votes, but for those of who is blocked by now, and forget them."""
        counting = (votes.c.duel_id == duel.id) & votes.c.member_id.not_in(blocked)
        query = select(votes.c.number, func.count()).where(counting).group_by(votes.c.number)
        its = (table.c.id == duel.id) & (table.c.state == DuelState.VOTING)
        async with self._database.begin() as connection:
            found: dict[int, int] = {row[0]: row[1] for row in await connection.execute(query)}
            counted = {"first_votes": found.get(1, 0), "second_votes": found.get(2, 0)}
            over = update(table).where(its).values(state=DuelState.OVER, **counted)
            if (await connection.execute(over)).rowcount:
                await connection.execute(delete(votes).filter_by(duel_id=duel.id))
                await timers.put(connection, Timer(TimerKind.DUEL, duel.id, due, duel.server_id))

    async def find(self, duel_id: str) -> Duel | None:
        """A duel by its id."""
        return next(iter(await self._duels(table.c.id == duel_id)), None)

    async def of_ticket(self, ticket_id: str) -> Duel | None:
        """The duel that a picture is painted for."""
        of = or_(table.c.first_ticket == ticket_id, table.c.second_ticket == ticket_id)
        return next(iter(await self._duels(of)), None)

    async def of_messages(self, message_ids: Collection[int]) -> list[Duel]:
        """The duels that any of these messages are part of."""
        ours = self._shown & {*message_ids}
        columns = (table.c.message_id, table.c.source_id, table.c.sheet_message_id)
        return await self._duels(or_(*(column.in_(ours) for column in columns))) if ours else []

    async def of_member(self, member_id: int, server_id: int | None = None) -> list[Duel]:
        """The duels of a member, in a server or everywhere."""
        of = or_(table.c.challenger_id == member_id, table.c.opponent_id == member_id)
        return await self._duels(of if server_id is None else of & (table.c.server_id == server_id))

    async def underway(self, **of: Any) -> list[Duel]:
        """Those that are not over, of those columns' values."""
        query = table.c.state.in_(UNDERWAY)
        for name, value in of.items():
            query = query & (table.c[name] == value)
        return await self._duels(query)

    async def vote(self, duel_id: str, member_id: int, number: int, at: float) -> bool:
        """A member votes, in place of what they voted before; False if there is no vote any more."""
        key = {"duel_id": duel_id, "member_id": member_id}
        is_open = (table.c.state == DuelState.VOTING) & (table.c.ends > at)
        async with self._database.begin() as connection:
            if await connection.scalar(select(table.c.id).where(table.c.id == duel_id, is_open)) is None:
                return False
            await connection.execute(delete(votes).filter_by(**key))
            await connection.execute(insert(votes).values(**key, number=number))
        return True

    async def forget(self, *duel_ids: str) -> None:
        """Forget duels."""
        await self._forget(table.c.id.in_(duel_ids))

    async def forget_server(self, server_id: int) -> None:
        """Forget those of a server."""
        await self._forget(table.c.server_id == server_id)

    async def forget_channel(self, channel_id: int) -> None:
        """Forget those in a channel that is gone."""
        await self._forget(table.c.channel_id == channel_id)

    async def _forget(self, which: ColumnElement[bool]) -> None:
        async with self._database.begin() as connection:
            await connection.execute(
                delete(votes).where(votes.c.duel_id.in_(select(table.c.id).where(which)))
            )
            sheets = select(table.c.id).where(which)
            await connection.execute(delete(exhibits.table).where(exhibits.table.c.sheet_id.in_(sheets)))
            await connection.execute(delete(table).where(which))

    async def _duels(self, which: ColumnElement[bool]) -> list[Duel]:
        query = select(table).where(which).order_by(table.c.at)
        async with self._database.connect() as connection:
            rows: Any = (await connection.execute(query)).mappings()
            return [_duel(row) for row in rows]


def _duel(row: Any) -> Duel:
    end = End(row["end"]) if row["end"] is not None else None
    return Duel(**{**row, "state": DuelState(row["state"]), "end": end})

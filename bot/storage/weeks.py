"""The styles of the week, and what members have said of their own part in them.

Rule: what takes part is not kept here: it follows from the results that there are, so that one that was deleted is out. Kept
is only what a member has chosen, and which week a server has.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Float,
    String,
    Table,
    delete,
    insert,
    select,
    union,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage import exhibits, timers
from bot.storage.database import metadata
from bot.storage.ledger import Entry, Ledger
from bot.storage.tickets import new_id
from bot.storage.timers import Timer, TimerKind


class WeekState(StrEnum):
    """How a week stands."""

    PLANNED = "planned"  # by a moderator: the style of the next one
    BEGUN = "begun"  # about to be announced, or announced and not noted yet
    OPEN = "open"
    ENDING = "ending"  # its collage is about to be posted
    WITHDRAWN = "withdrawn"  # by whoever's style it was, or by the server, which is to be told
    OVER = "over"


RUNNING = (WeekState.BEGUN, WeekState.OPEN, WeekState.ENDING)

table = Table(
    "weeks",
    metadata,
    Column("id", String(25), primary_key=True),
    Column("server_id", BigInteger, nullable=False, index=True),
    Column("channel_id", BigInteger, nullable=False),
    Column("style", String(64), nullable=False),
    Column("by_id", BigInteger),  # who has chosen the style, if it was not the bot
    Column("begins", Float, nullable=False),
    Column("ends", Float, nullable=False),
    Column("state", String(16), nullable=False),
    Column("message_id", BigInteger),  # that announces it
    Column("collage_id", BigInteger),  # the message with the collage
)
entries = Table(
    "entries",
    metadata,
    Column("week_id", String(25), primary_key=True),
    Column("member_id", BigInteger, primary_key=True, autoincrement=False),
    Column("ticket_id", String(25)),  # whose result they want in it; none: they want to be left out
)


@dataclass(frozen=True)
class Week:
    """One week of a server; times are in seconds since 1970."""

    server_id: int
    channel_id: int
    style: str  # its key
    begins: float
    ends: float
    state: WeekState = WeekState.BEGUN
    by_id: int | None = None
    message_id: int | None = None
    collage_id: int | None = None
    id: str = field(default_factory=new_id)


_FIELDS = tuple(each.name for each in fields(Week))


async def withdraw(connection: AsyncConnection, styles: Collection[str], at: float) -> None:
    """Styles are on offer no more: their weeks end too, in the transaction of whoever ends these."""
    theirs = table.c.style.in_(styles)
    running = theirs & table.c.state.in_(RUNNING)
    rows = (await connection.execute(select(table.c.id, table.c.server_id).where(running))).all()
    await timers.put(connection, *(Timer(TimerKind.WEEK_GONE, row.id, at, row.server_id) for row in rows))
    await connection.execute(update(table).where(running).values(state=WeekState.WITHDRAWN))
    await connection.execute(delete(table).where(theirs, table.c.state == WeekState.PLANNED))


class Weeks:
    """The weeks of all servers."""

    def __init__(self, database: AsyncEngine, ledger: Ledger) -> None:
        self._database, self._ledger = database, ledger
        self._shown: set[int] = set()  # messages of weeks: of most that are deleted nothing has to be asked

    async def load(self) -> None:
        """Read which messages are of weeks."""
        columns = (table.c.message_id, table.c.collage_id)
        async with self._database.connect() as connection:
            found = await connection.scalars(union(*(select(column) for column in columns)))
            self._shown = {message for message in found if message is not None}

    async def add(self, week: Week, told: Collection[Entry] = ()) -> None:
        """Keep a new week; a plan is used up by the week that begins, or by another plan.

        `told`: what moderators are to be told of that.
        """
        plan = delete(table).filter_by(server_id=week.server_id, state=WeekState.PLANNED)
        async with self._database.begin() as connection:
            await connection.execute(plan)
            await connection.execute(insert(table).values(asdict(week)))
            await self._ledger.write(connection, told)

    async def save(self, week: Week, *names: str, told: Collection[Entry] = ()) -> None:
        """Write the named fields of a week, and what moderators are to be told of that; one that is withdrawn stays so."""
        values = {name: getattr(week, name) for name in names}
        self._shown |= {each for each in (week.message_id, week.collage_id) if each is not None}
        its_state = {"state": values.pop("state")} if "state" in values else {}
        async with self._database.begin() as connection:
            its = update(table).where(table.c.id == week.id)
            if values:
                await connection.execute(its.values(values))
            if its_state:
                await connection.execute(its.where(table.c.state != WeekState.WITHDRAWN).values(its_state))
            await self._ledger.write(connection, told)

    async def close(self, week: Week) -> None:
        """One that is withdrawn is over, as all know now."""
        async with self._database.begin() as connection:
            await connection.execute(update(table).where(table.c.id == week.id).values(state=WeekState.OVER))

    async def find(self, week_id: str) -> Week | None:
        """A week by its id."""
        return next(iter(await self._weeks(table.c.id == week_id)), None)

    async def planned(self, server_id: int) -> Week | None:
        """What a moderator has chosen for the next week."""
        of = (table.c.server_id == server_id) & (table.c.state == WeekState.PLANNED)
        return next(iter(await self._weeks(of)), None)

    async def running(self, server_id: int) -> Week | None:
        """The week that a server has now."""
        return next(
            iter(await self._weeks((table.c.server_id == server_id) & table.c.state.in_(RUNNING))), None
        )

    async def styles(self, server_id: int, newest: int) -> list[str]:
        """The styles of a server's last weeks, the newest first."""
        query = select(table.c.style).where(
            table.c.server_id == server_id, table.c.state != WeekState.PLANNED
        )
        async with self._database.connect() as connection:
            return [*await connection.scalars(query.order_by(table.c.begins.desc()).limit(newest))]

    async def forget_plan(self, server_id: int) -> None:
        """Nobody has chosen the style of the next week."""
        await self._forget((table.c.server_id == server_id) & (table.c.state == WeekState.PLANNED))

    async def choose(self, week_id: str, member_id: int, ticket_id: str | None) -> None:
        """A member wants this result in the collage, or (None) to be left out."""
        key = {"week_id": week_id, "member_id": member_id}
        async with self._database.begin() as connection:
            await connection.execute(delete(entries).filter_by(**key))
            await connection.execute(insert(entries).values(**key, ticket_id=ticket_id))

    async def unchoose(self, week_id: str, member_id: int) -> None:
        """A member takes part like everybody: with their newest result."""
        async with self._database.begin() as connection:
            await connection.execute(delete(entries).filter_by(week_id=week_id, member_id=member_id))

    async def chosen(self, week_id: str) -> dict[int, str | None]:
        """What members have chosen, by member."""
        query = select(entries.c.member_id, entries.c.ticket_id).filter_by(week_id=week_id)
        async with self._database.connect() as connection:
            return {row.member_id: row.ticket_id for row in await connection.execute(query)}

    async def leave(self, server_id: int, member_id: int) -> None:
        """A member who has left a server takes part in nothing there any more."""
        running = await self.running(server_id)
        if running is not None:
            await self.choose(running.id, member_id, None)

    async def messages_gone(self, message_ids: Collection[int]) -> None:
        """Messages were deleted, of whomever: what announced a week, or showed its collage."""
        gone_ids = self._shown & {*message_ids}
        if not gone_ids:
            return
        self._shown -= gone_ids
        async with self._database.begin() as connection:
            shown = select(table.c.id).where(table.c.collage_id.in_(gone_ids))
            await connection.execute(delete(exhibits.table).where(exhibits.table.c.sheet_id.in_(shown)))
            for column in (table.c.message_id, table.c.collage_id):
                gone = update(table).where(column.in_(gone_ids))
                await connection.execute(gone.values({column.name: None}))

    async def forget_channel(self, channel_id: int) -> None:
        """A channel is gone, and what was announced there."""
        await self._forget(table.c.channel_id == channel_id)

    async def forget_server(self, server_id: int) -> None:
        """Forget the weeks of a server."""
        await self._forget(table.c.server_id == server_id)

    async def _forget(self, which: ColumnElement[bool]) -> None:
        async with self._database.begin() as connection:
            ids = select(table.c.id).where(which)
            await connection.execute(delete(entries).where(entries.c.week_id.in_(ids)))
            await connection.execute(delete(exhibits.table).where(exhibits.table.c.sheet_id.in_(ids)))
            await connection.execute(delete(table).where(which))

    async def _weeks(self, which: ColumnElement[bool]) -> list[Week]:
        query = select(table).where(which).order_by(table.c.begins.desc())
        async with self._database.connect() as connection:
            rows: Any = (await connection.execute(query)).mappings()
            return [Week(**{**row, "state": WeekState(row["state"])}) for row in rows]

"""Whose results are on the sheets that were posted: collages of a week, and the two pictures of a duel.

Rule: noted before a sheet is posted. Whoever deletes a ticket asks here which sheets show it (`withdraw`), in the same
transaction: these are drawn without it, or go.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import BigInteger, Column, ColumnElement, Integer, String, Table, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage import tickets, timers
from bot.storage.database import metadata
from bot.storage.timers import Timer, TimerKind

table = Table(
    "exhibits",
    metadata,
    Column("sheet_id", String(25), primary_key=True),  # of the week or the duel
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("ticket_id", String(25), nullable=False, index=True),
    Column("server_id", BigInteger, nullable=False, index=True),
    Column("rings", String(16), nullable=False),  # the kind of timer that sees to the sheet
)


@dataclass(frozen=True)
class Exhibit:
    """One result on a sheet, by its number there."""

    sheet_id: str
    number: int
    ticket_id: str
    server_id: int
    rings: TimerKind


async def withdraw(connection: AsyncConnection, ticket_ids: Collection[str], at: float) -> None:
    """Results are deleted: have the sheets that show them drawn without, in the transaction of whoever deletes."""
    shown = table.c.ticket_id.in_(ticket_ids)
    query = select(table.c.sheet_id, table.c.server_id, table.c.rings).where(shown).distinct()
    rows = (await connection.execute(query)).all()
    await timers.put(
        connection, *(Timer(TimerKind(row.rings), row.sheet_id, at, row.server_id) for row in rows)
    )
    await connection.execute(delete(table).where(shown))


class Exhibits:
    """What is on all sheets."""

    def __init__(self, database: AsyncEngine) -> None:
        self._database = database

    async def hang(self, sheet_id: str, exhibits: Sequence[Exhibit]) -> None:
        """These are on a sheet, and nothing else."""
        async with self._database.begin() as connection:
            await connection.execute(delete(table).filter_by(sheet_id=sheet_id))
            if exhibits:
                await connection.execute(insert(table), [asdict(each) for each in exhibits])

    async def on(self, sheet_id: str) -> list[Exhibit]:
        """What is on a sheet, in its order."""
        return await self._of(table.c.sheet_id == sheet_id)

    async def of_server(self, server_id: int, rings: TimerKind) -> list[Exhibit]:
        """What is on the sheets of a server that are of one kind."""
        return await self._of(table.c.server_id == server_id, table.c.rings == rings)

    async def of_member(self, member_id: int, rings: TimerKind) -> list[Exhibit]:
        """What is on sheets of one kind that a member has asked for, or that is made of a picture of theirs."""
        of = tickets.table.c
        theirs = select(of.id).where((of.user_id == member_id) | (of.author_id == member_id))
        return await self._of(table.c.ticket_id.in_(theirs), table.c.rings == rings)

    async def take_down(self, exhibits: Collection[Exhibit], at: float) -> None:
        """These are not to be shown among others any more: have their sheets drawn without."""
        async with self._database.begin() as connection:
            await timers.put(
                connection,
                *(Timer(each.rings, each.sheet_id, at, each.server_id) for each in exhibits),
            )
            for each in exhibits:
                key = {"sheet_id": each.sheet_id, "number": each.number}
                await connection.execute(delete(table).filter_by(**key))

    async def forget_server(self, server_id: int) -> None:
        """Forget the sheets of a server."""
        async with self._database.begin() as connection:
            await connection.execute(delete(table).filter_by(server_id=server_id))

    async def _of(self, *which: ColumnElement[bool]) -> list[Exhibit]:
        query = select(table).where(*which).order_by(table.c.sheet_id, table.c.number)
        async with self._database.connect() as connection:
            rows = (await connection.execute(query)).mappings()
            return [Exhibit(**{**row, "rings": TimerKind(row["rings"])}) for row in rows]

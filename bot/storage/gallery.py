"""What is in the galleries of servers, and who wants to be in none.

Rule: an entry is stored before Discord hears of it, with what its message will be known by, and noted once it is there; so
there is one at most for a picture, and a process that was cut off in between tells the next where to look. An entry
that goes is owed to be erased in the transaction in which it is forgotten.
"""

import secrets
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, fields
from enum import StrEnum

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
    select,
    union,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage import database, erasures, posts, stars
from bot.storage.consents import EVERYWHERE
from bot.storage.database import metadata
from bot.storage.erasures import Erasure, Kind
from bot.storage.settings import OnGone
from bot.storage.stars import Out, Piece, Rules

_DAY_SECONDS = 24 * 3600.0

table = Table(
    "gallery",
    metadata,
    Column("piece_id", String(25), primary_key=True),
    Column("server_id", BigInteger, nullable=False, index=True),
    Column("channel_id", BigInteger, nullable=False, index=True),
    Column("message_id", BigInteger, index=True),
    Column("nonce", String(25), nullable=False),
    Column("after", BigInteger, nullable=False),
    Column("shown", Integer, nullable=False),
    Column("frozen", Boolean, nullable=False),
    Column("at", Float, nullable=False),
)
refusals = Table(
    "gallery_refusals",
    metadata,
    Column("member_id", BigInteger, primary_key=True, autoincrement=False),
    Column("server_id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Float, nullable=False),
)


@dataclass(frozen=True)
class Entry:
    """A picture in a gallery; without a message it is about to be posted, or was just before a crash."""

    piece_id: str
    server_id: int
    channel_id: int
    message_id: int | None
    nonce: str
    after: int  # the newest message there that was known before
    shown: int  # stars, as it says
    frozen: bool  # its picture was deleted, and it stays as it is
    at: float  # seconds since 1970


class Act(StrEnum):
    """What is to be done about a picture."""

    NOTHING = "nothing"
    POST = "post"
    SHOW = "show"  # how many stars it has now
    REMOVE = "remove"


@dataclass(frozen=True)
class Standing:
    """How things stand with a picture."""

    piece: Piece
    entry: Entry | None
    count: int
    rules: Rules

    def act(self, is_welcome: bool, now: float) -> Act:
        """What is to be done; `is_welcome`: the policy lets it be in the gallery."""
        if self.entry is None:
            return Act.POST if is_welcome and self._enters(now) else Act.NOTHING
        if not is_welcome or self.piece.restricted or self.piece.out is not None:
            return Act.REMOVE
        if self.entry.frozen:
            return Act.NOTHING
        if self.entry.message_id is None:
            return Act.POST if self.count >= self.rules.needed else Act.REMOVE
        if self.count < self.rules.kept:
            return Act.REMOVE
        return Act.SHOW if self.entry.shown != self.count else Act.NOTHING

    def _enters(self, now: float) -> bool:
        piece, newest = self.piece, self.rules.newest_days
        if piece.restricted or piece.gone or piece.out is not None:
            return False
        is_new = not newest or piece.at >= now - newest * _DAY_SECONDS
        return is_new and self.count >= self.rules.needed


class Gallery:
    """All entries, and the refusals."""

    def __init__(self, database: AsyncEngine, given: stars.Stars) -> None:
        self._database, self._stars = database, given

    async def standing(self, piece_id: str, rules: Callable[[Piece], Rules]) -> Standing | None:
        """How things stand with a picture by its rules; None if it is not known any more."""
        hung = [table.c[each.name].label(f"entry_{each.name}") for each in fields(Entry)]
        joined = stars.pieces.outerjoin(table, table.c.piece_id == stars.pieces.c.id)
        query = select(stars.pieces, *hung).select_from(joined).where(stars.pieces.c.id == piece_id)
        async with self._database.connect() as connection:
            row = (await connection.execute(query)).mappings().first()
        if row is None:
            return None
        piece, entry = stars.piece_of(row), None
        if row["entry_piece_id"] is not None:
            entry = Entry(**{each.name: row[f"entry_{each.name}"] for each in fields(Entry)})
        its = rules(piece)
        return Standing(piece, entry, await self._stars.count(piece.id, its), its)

    async def find(self, piece_id: str) -> Entry | None:
        """The entry of a picture."""
        return next(iter(await self.of(table.c.piece_id == piece_id)), None)

    async def by_message(self, message_id: int) -> Entry | None:
        """The entry that a message of ours is."""
        return next(iter(await self.of(table.c.message_id == message_id)), None)

    async def of(self, *where: ColumnElement[bool]) -> list[Entry]:
        """The entries for which all of this is so, the newest first."""
        query = select(table).where(*where).order_by(table.c.at.desc())
        async with self._database.connect() as connection:
            return [Entry(**row) for row in (await connection.execute(query)).mappings()]

    async def waiting(self, server_id: int, needed: int, since: float, limit: int) -> list[str]:
        """The newest pictures of a server since then that are in no gallery, though they have so many stars of whomever."""
        its, hung = stars.pieces.c, select(table.c.piece_id).where(table.c.piece_id == stars.pieces.c.id)
        given = select(func.count(stars.table.c.user_id.distinct())).where(stars.table.c.piece_id == its.id)
        query = select(its.id).where(its.server_id == server_id, its.at >= since, ~hung.exists())
        query = query.where(its.restricted.is_(False), its.gone.is_(False), its.out.is_(None))
        query = query.where(given.scalar_subquery() >= needed).order_by(its.at.desc()).limit(limit)
        async with self._database.connect() as connection:
            return [str(each) for each in await connection.scalars(query)]

    async def touched(self, message_ids: Collection[int]) -> set[int]:
        """Those of these messages that are entries, show a picture that was starred, or have stars."""
        columns = (table.c.message_id, stars.pieces.c.message_id, stars.table.c.message_id)
        found = union(*(select(each).where(each.in_(message_ids)) for each in columns))
        async with self._database.connect() as connection:
            return {int(each) for each in await connection.scalars(found)}

    async def begin(self, piece: Piece, channel_id: int, after: int, now: float) -> Entry:
        """An entry is about to be posted."""
        nonce = f"g{secrets.token_hex(10)}"
        entry = Entry(piece.id, piece.server_id, channel_id, None, nonce, after, 0, False, now)
        async with self._database.begin() as connection:
            await connection.execute(delete(table).filter_by(piece_id=piece.id))
            await connection.execute(insert(table).values(asdict(entry)))
        return entry

    async def posted(self, entry: Entry, message_id: int, shown: int, at: float) -> bool:
        """It is there, and says so many stars. False if it is not wanted any more: then it is to be erased."""
        async with self._database.begin() as connection:
            there = table.c.nonce == entry.nonce
            values = {"message_id": message_id, "shown": shown}
            done = await connection.execute(update(table).where(there).values(values))
            if not done.rowcount:
                message = Erasure(
                    Kind.MESSAGE, "", at, entry.channel_id, message_id, server_id=entry.server_id
                )
                await erasures.owe(connection, [message])
        return bool(done.rowcount)

    async def shows(self, piece_id: str, shown: int) -> None:
        """An entry says so many stars now."""
        async with self._database.begin() as connection:
            await connection.execute(update(table).filter_by(piece_id=piece_id).values(shown=shown))

    async def remove(self, piece_ids: Collection[str], at: float) -> None:
        """Entries go, and what was starred at them with them."""
        async with self._database.begin() as connection:
            await _remove(connection, table.c.piece_id.in_(piece_ids), at)

    async def entry_deleted(self, message_id: int, out: Out) -> str | None:
        """Somebody has deleted an entry of ours, so its picture does not come back; which that is."""
        async with self._database.begin() as connection:
            found: str | None = await connection.scalar(
                select(table.c.piece_id).where(table.c.message_id == message_id)
            )
            if found is not None:
                await connection.execute(update(stars.pieces).filter_by(id=found).values(out=out))
                await connection.execute(delete(stars.table).filter_by(message_id=message_id))
                await connection.execute(delete(table).filter_by(piece_id=found))
        return found

    async def forget_unposted(self, entry: Entry) -> None:
        """It was not posted, and will not be for now."""
        async with self._database.begin() as connection:
            await connection.execute(delete(table).where(table.c.nonce == entry.nonce))

    async def pictures_gone(self, piece_ids: Collection[str], choice: OnGone, at: float) -> None:
        """The messages of pictures were deleted: their entries go, stay, or stay as they are.

        One that is not noted yet goes: it is looked for, and taken down.
        """
        mine = table.c.piece_id.in_(piece_ids) & table.c.message_id.is_not(None)
        async with self._database.begin() as connection:
            if choice is OnGone.REMOVE:
                await _remove(connection, mine, at)
            if choice is OnGone.FREEZE:
                await connection.execute(update(table).where(mine).values(frozen=True))
            staying = {str(each) for each in await connection.scalars(select(table.c.piece_id).where(mine))}
            await stars.forget_pieces(connection, set(piece_ids) - staying)
            gone = update(stars.pieces).where(stars.pieces.c.id.in_(staying)).values(gone=True)
            await connection.execute(gone)

    async def forget(self, piece_ids: Collection[str], at: float) -> None:
        """Pictures are gone for good: their entries go, and all their stars."""
        async with self._database.begin() as connection:
            await _remove(connection, table.c.piece_id.in_(piece_ids), at)
            await stars.forget_pieces(connection, piece_ids)

    async def channel_gone(self, channel_id: int) -> None:
        """A channel was deleted with all entries in it; their pictures may come into another one."""
        async with self._database.begin() as connection:
            there = select(table.c.message_id).filter_by(channel_id=channel_id)
            await connection.execute(delete(stars.table).where(stars.table.c.message_id.in_(there)))
            await connection.execute(delete(table).filter_by(channel_id=channel_id))

    async def forget_server(self, server_id: int) -> None:
        """Remove all entries and refusals of a server; its messages are out of reach."""
        async with self._database.begin() as connection:
            for each in (table, refusals):
                await connection.execute(delete(each).where(each.c.server_id == server_id))

    # --- who wants to be in none --------------------------------------------------------------------------

    async def refused_by(self, member_ids: Collection[int | None], server_id: int) -> bool:
        """Whether one of these members wants to be in no gallery of this server."""
        query = select(refusals.c.member_id).where(
            refusals.c.member_id.in_([each for each in member_ids if each is not None]),
            refusals.c.server_id.in_([server_id, EVERYWHERE]),
        )
        async with self._database.connect() as connection:
            return (await connection.execute(query)).first() is not None

    async def refusals_of(self, member_id: int) -> set[int]:
        """The servers in whose galleries a member does not want to be; EVERYWHERE is one of them."""
        query = select(refusals.c.server_id).filter_by(member_id=member_id)
        async with self._database.connect() as connection:
            return {int(each) for each in await connection.scalars(query)}

    async def refuse(self, member_id: int, server_id: int, at: float) -> None:
        """A member wants to be in no gallery of a server, or of any (EVERYWHERE)."""
        key = {"member_id": member_id, "server_id": server_id}
        async with self._database.begin() as connection:
            await database.put(connection, refusals, {**key, "at": at})

    async def allow(self, member_id: int, server_id: int) -> None:
        """A member may be in the gallery of a server again: what they have said for everywhere is taken back too."""
        both = refusals.c.server_id.in_([server_id, EVERYWHERE])
        async with self._database.begin() as connection:
            await connection.execute(delete(refusals).where(refusals.c.member_id == member_id, both))


async def _remove(connection: AsyncConnection, which: ColumnElement[bool], at: float) -> None:
    # One that is not noted may be there all the same: whoever looks for it takes it down.
    which = which & table.c.message_id.is_not(None)
    rows = (await connection.execute(select(table).where(which))).mappings().all()
    owed = [
        Erasure(Kind.MESSAGE, "", at, row["channel_id"], row["message_id"], server_id=row["server_id"])
        for row in rows
    ]
    await erasures.owe(connection, owed)
    ids = [row["message_id"] for row in rows]
    await connection.execute(delete(stars.table).where(stars.table.c.message_id.in_(ids)))
    await connection.execute(delete(posts.table).where(posts.table.c.message_id.in_(ids)))
    await connection.execute(delete(table).where(which))

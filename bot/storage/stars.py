"""The stars that members have given, and the pictures that they are given to.

Rule: a star is a row for a member, a message, an emoji and whether it is a super reaction, as Discord takes one back; a picture
may be in several messages, and a member counts once for it. Nothing is added up and kept: what counts is counted when it is
asked for, by what is set then.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Float,
    Integer,
    Select,
    String,
    Table,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage import blocks
from bot.storage.batch import Batch
from bot.storage.database import metadata
from bot.storage.ledger import Entry, Ledger
from bot.storage.settings import ChannelSettings, ServerSettings

_NOBODY = 0  # is no member's id


class Out(StrEnum):
    """Who has taken a picture out of the gallery for good."""

    MEMBER = "member"  # whose it is, or who asked for it
    MODERATOR = "moderator"  # or whoever else has deleted its entry


pieces = Table(
    "pieces",
    metadata,
    Column("id", String(25), primary_key=True),
    Column("server_id", BigInteger, nullable=False, index=True),
    Column("channel_id", BigInteger, nullable=False),
    Column("settings_id", BigInteger, nullable=False, index=True),
    Column("message_id", BigInteger, nullable=False, index=True),
    Column("author_id", BigInteger, index=True),
    Column("asker_id", BigInteger, index=True),
    Column("ticket_id", String(25), index=True),
    Column("picture", String(16)),
    Column("restricted", Boolean, nullable=False),
    Column("at", Float, nullable=False),
    Column("out", String(16)),
    Column("gone", Boolean, nullable=False),
)
table = Table(
    "stars",
    metadata,
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", BigInteger, primary_key=True, autoincrement=False, index=True),
    Column("emoji", String(64), primary_key=True),
    Column("burst", Boolean, primary_key=True),
    Column("piece_id", String(25), nullable=False, index=True),
    Column("server_id", BigInteger, nullable=False, index=True),
    Column("account_days", Integer, nullable=False),
    Column("member_days", Integer, nullable=False),
)


@dataclass(frozen=True)
class Piece:
    """A picture that can be starred: a result, by its ticket's id, or a picture of a member's, by its message's."""

    id: str
    server_id: int
    channel_id: int  # where it was posted
    settings_id: int  # the channel whose settings hold there
    message_id: int
    author_id: int | None  # whose picture it is, if that is known
    asker_id: int | None  # for whom it was painted
    ticket_id: str | None
    restricted: bool  # hidden, or from where there is an age restriction: never shown anywhere else
    at: float  # when it was posted, in seconds since 1970
    picture: str | None = None  # which of those of a member's message it is
    out: Out | None = None
    gone: bool = False  # its message was deleted, and the entry stays


@dataclass(frozen=True)
class Star:
    """A member's star; the days are those for which there were the account and the membership when it was given."""

    message_id: int
    user_id: int
    emoji: str
    burst: bool
    piece_id: str
    server_id: int
    account_days: int
    member_days: int


@dataclass(frozen=True)
class Taken:
    """A star is taken back."""

    message_id: int
    user_id: int
    emoji: str
    burst: bool


@dataclass(frozen=True)
class Cleared:
    """All stars of a message are taken away, or those of one emoji."""

    message_id: int
    emoji: str | None = None


@dataclass(frozen=True)
class Recounted:
    """What stars a message has, as Discord tells it now."""

    message_id: int
    stars: tuple[Star, ...]


Change = Star | Taken | Cleared | Recounted


@dataclass(frozen=True)
class Rules:
    """How many stars a picture needs, and which count."""

    needed: int
    kept: int  # with fewer its entry goes
    newest_days: int  # that it may be old when it enters; 0: however old it is
    self_stars: bool
    account_days: int
    member_days: int

    @classmethod
    def of(cls, server: ServerSettings, channel: ChannelSettings) -> "Rules":
        """Those that are set for a channel of a server."""
        needed = server.stars_needed if channel.stars_needed is None else channel.stars_needed
        return cls(
            needed=needed,
            kept=min(server.stars_kept, needed),
            newest_days=server.stars_newest_days,
            self_stars=server.self_stars,
            account_days=server.star_account_days,
            member_days=server.star_member_days,
        )


_Key = tuple[int, int, str, bool]


class Stars:
    """All stars and all pictures that have any."""

    def __init__(self, database: AsyncEngine, ledger: Ledger) -> None:
        self._database, self._ledger = database, ledger
        self._changes: Batch[Change] = Batch(self._keep)

    async def change(self, change: Change) -> None:
        """Keep what has happened; what happens to many at once is kept in one transaction, in its order."""
        await self._changes.add(change)

    async def add(self, piece: Piece) -> None:
        """Know a picture; one that is known stays as it is."""
        async with self._database.begin() as connection:
            known = select(pieces.c.id).filter_by(id=piece.id)
            if (await connection.execute(known)).first() is None:
                await connection.execute(insert(pieces).values(asdict(piece)))

    async def find(self, piece_id: str) -> Piece | None:
        """A picture by its id."""
        return next(iter(await self.of(pieces.c.id == piece_id)), None)

    async def of(self, *where: ColumnElement[bool]) -> list[Piece]:
        """The pictures for which all of this is so, the newest first."""
        query = select(pieces).where(*where).order_by(pieces.c.at.desc(), pieces.c.id)
        async with self._database.connect() as connection:
            return [piece_of(row) for row in (await connection.execute(query)).mappings()]

    async def starred(self, message_id: int) -> str | None:
        """The picture that the stars of a message are given to, if it has any."""
        query = select(table.c.piece_id).filter_by(message_id=message_id).limit(1)
        async with self._database.connect() as connection:
            found: str | None = await connection.scalar(query)
        return found

    async def given(self, message_id: int) -> list[Star]:
        """The stars of a message."""
        query = select(table).filter_by(message_id=message_id)
        async with self._database.connect() as connection:
            return [Star(**row) for row in (await connection.execute(query)).mappings()]

    async def givers(self, piece_id: str) -> set[int]:
        """Who has given a picture a star, whether it counts or not."""
        query = select(table.c.user_id).filter_by(piece_id=piece_id).distinct()
        async with self._database.connect() as connection:
            return {int(each) for each in await connection.scalars(query) if each > _NOBODY}

    async def pieces_of(self, user_id: int, server_id: int) -> list[str]:
        """The pictures that a member has given stars to in a server."""
        query = select(table.c.piece_id).filter_by(user_id=user_id, server_id=server_id).distinct()
        async with self._database.connect() as connection:
            return [str(each) for each in await connection.scalars(query)]

    async def count(self, piece_id: str, rules: Rules) -> int:
        """How many members' stars count for a picture."""
        async with self._database.connect() as connection:
            found: int | None = await connection.scalar(_counting(rules).where(pieces.c.id == piece_id))
        return found or 0

    async def counts(self, piece_ids: Collection[str], rules: Rules) -> dict[str, int]:
        """How many count for each of these pictures; those without any are left out."""
        query = _counting(rules).add_columns(pieces.c.id).where(pieces.c.id.in_(piece_ids))
        async with self._database.connect() as connection:
            rows = await connection.execute(query.group_by(pieces.c.id))
            return {piece_id: counted for counted, piece_id in rows}

    async def top(self, server_id: int, since: float, rules: Rules, limit: int) -> list[tuple[Piece, int]]:
        """The pictures of a server with the most stars that were posted since then, none that is hidden or gone."""
        counted = _counting(rules).add_columns(pieces.c.id, pieces.c.at)
        query = (
            counted.where(pieces.c.server_id == server_id, pieces.c.at >= since)
            .where(pieces.c.restricted.is_(False), pieces.c.gone.is_(False), pieces.c.out.is_(None))
            .group_by(pieces.c.id, pieces.c.at)
            .order_by(counted.selected_columns[0].desc(), pieces.c.at.desc())
            .limit(limit)
        )
        async with self._database.connect() as connection:
            rows = {piece_id: counted for counted, piece_id, _ in await connection.execute(query)}
        known = {piece.id: piece for piece in await self.of(pieces.c.id.in_(rows))}
        return [(known[piece_id], counted) for piece_id, counted in rows.items() if piece_id in known]

    async def mark(
        self, *where: ColumnElement[bool], told: Collection[Entry] = (), **values: Any
    ) -> list[str]:
        """Write something of the pictures for which all of this is so; which they are.

        `told`: what moderators are to be told of that.
        """
        async with self._database.begin() as connection:
            found = [str(each) for each in await connection.scalars(select(pieces.c.id).where(*where))]
            await connection.execute(update(pieces).where(pieces.c.id.in_(found)).values(values))
            await self._ledger.write(connection, told)
        return found

    async def forget(self, piece_ids: Collection[str]) -> None:
        """Pictures are gone, and their stars with them."""
        async with self._database.begin() as connection:
            await forget_pieces(connection, piece_ids)

    async def forget_server(self, server_id: int) -> None:
        """Remove all stars of a server."""
        async with self._database.begin() as connection:
            for each in (table, pieces):
                await connection.execute(delete(each).filter_by(server_id=server_id))

    async def forget_left(self, user_id: int, server_id: int) -> list[str]:
        """A member is no longer there, and their stars count no more; the pictures that they were given to."""
        theirs = {"user_id": user_id, "server_id": server_id}
        async with self._database.begin() as connection:
            found = await connection.scalars(select(table.c.piece_id).filter_by(**theirs).distinct())
            there = [str(each) for each in found]
            await connection.execute(delete(table).filter_by(**theirs))
        return there

    async def _keep(self, changes: Sequence[Change]) -> None:
        async with self._database.begin() as connection:
            known = await _known(connection, changes)
            messages = {change.message_id for change in changes}
            query = select(table).where(table.c.message_id.in_(messages))
            before = {
                _key(star): star
                for star in (Star(**row) for row in (await connection.execute(query)).mappings())
            }
            after = dict(before)
            for change in changes:
                _apply(after, change, known)
            gone = [key for key, star in before.items() if after.get(key) != star]
            new = [star for key, star in after.items() if before.get(key) != star]
            if gone:
                its = [dict(zip(_ITS, key, strict=True)) for key in gone]
                await connection.execute(_THE_ONE, its)
            if new:
                await connection.execute(insert(table), [asdict(star) for star in new])


async def forget_pieces(connection: AsyncConnection, piece_ids: Collection[str]) -> None:
    """Remove pictures with their stars, in the transaction of whoever deletes."""
    await connection.execute(delete(table).where(table.c.piece_id.in_(piece_ids)))
    await connection.execute(delete(pieces).where(pieces.c.id.in_(piece_ids)))


async def forget_giver(connection: AsyncConnection, user_id: int) -> None:
    """Keep the stars of a member without their name, so that what others have got stays; their own for themselves go."""
    theirs = table.c.user_id == user_id
    own = select(pieces.c.id).where(or_(pieces.c.author_id == user_id, pieces.c.asker_id == user_id))
    await connection.execute(delete(table).where(theirs, table.c.piece_id.in_(own)))
    found = await connection.scalars(select(table.c.piece_id).where(theirs).distinct())
    for piece_id in [str(each) for each in found]:
        least: int = (
            await connection.scalar(select(func.min(table.c.user_id)).filter_by(piece_id=piece_id)) or 0
        )
        nameless = min(least, _NOBODY) - 1
        mine = theirs & (table.c.piece_id == piece_id)
        await connection.execute(update(table).where(mine).values(user_id=nameless))


async def _known(connection: AsyncConnection, changes: Iterable[Change]) -> set[str]:
    """Those of the pictures that stars are given to that are still there."""
    wanted = {star.piece_id for change in changes for star in _stars(change)}
    found = await connection.scalars(select(pieces.c.id).where(pieces.c.id.in_(wanted)))
    return {str(each) for each in found}


def _stars(change: Change) -> tuple[Star, ...]:
    match change:
        case Star():
            return (change,)
        case Recounted():
            return change.stars
        case _:
            return ()


def _key(star: Star | Taken) -> _Key:
    return (star.message_id, star.user_id, star.emoji, star.burst)


_ITS = ("its_message", "its_user", "its_emoji", "its_burst")
_THE_ONE = delete(table).where(
    table.c.message_id == bindparam("its_message"),
    table.c.user_id == bindparam("its_user"),
    table.c.emoji == bindparam("its_emoji"),
    table.c.burst == bindparam("its_burst"),
)


def _apply(given: dict[_Key, Star], change: Change, known: Collection[str]) -> None:
    """Let a change happen to the stars of some messages; to pictures that are not known nothing is given."""
    match change:
        case Star():
            given |= {_key(change): change} if change.piece_id in known else {}
        case Taken():
            given.pop(_key(change) if _key(change) in given else _nameless(given, change), None)
        case Cleared(message_id, emoji):
            for key in [each for each in given if each[0] == message_id and emoji in (None, each[2])]:
                del given[key]
        case Recounted(message_id, stars):
            _apply(given, Cleared(message_id), known)
            given |= {_key(star): star for star in stars if star.piece_id in known}


def _nameless(given: Collection[_Key], taken: Taken) -> _Key:
    """The star of somebody whose name was forgotten, who has perhaps taken back this one."""
    same = (taken.message_id, taken.emoji, taken.burst)
    found = [each for each in given if each[1] < _NOBODY and (each[0], each[2], each[3]) == same]
    return max(found, key=lambda each: each[1], default=_key(taken))


def _counting(rules: Rules) -> Select[int]:
    """How many members' stars count, of pictures that are still to be named."""
    is_blocked = exists().where(
        blocks.table.c.server_id == table.c.server_id, blocks.table.c.member_id == table.c.user_id
    )
    query = (
        select(func.count(table.c.user_id.distinct()))
        .join(pieces, pieces.c.id == table.c.piece_id)
        .where(table.c.account_days >= rules.account_days, table.c.member_days >= rules.member_days)
        .where(~is_blocked)
    )
    if not rules.self_stars:
        for whose in (pieces.c.author_id, pieces.c.asker_id):
            query = query.where(table.c.user_id != func.coalesce(whose, _NOBODY))
    return query


_FIELDS = tuple(each.name for each in fields(Piece))


def piece_of(row: Any) -> Piece:
    """The picture of a row."""
    values = {name: row[name] for name in _FIELDS}
    return Piece(**values | {"out": Out(row["out"]) if row["out"] is not None else None})

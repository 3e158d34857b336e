"""The tickets: pictures that members wait for, or have got.

Rule: a ticket is stored before Discord is told that it is taken, with all that it takes to fetch its images, and
leaves the open ones only when its result is posted or its member has been told why there is none. It stays for
as long as its result can be pressed at, which is for good: a row is small.
"""

import json
import secrets
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from itertools import groupby
from typing import Any

import structlog
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Float,
    Index,
    Integer,
    Select,
    String,
    Table,
    Text,
    bindparam,
    func,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.errors import BotError, BotErrorCode
from bot.languages import Language
from bot.place import Place
from bot.storage import counted, interactions, reactions
from bot.storage.batch import Batch
from bot.storage.database import metadata
from bot.storage.interactions import OwedAnswer
from bot.storage.ledger import Entry, Ledger
from bot.storage.others import News, Others
from bot.storage.postgresql import begun_anew
from bot.storage.reactions import ALL_STYLES, Reaction, Spent
from bot.storage.settings import Output
from bot.storage.shards import Shards
from engine.protocol import JobRequest

log = structlog.get_logger(__name__)


class TicketState(StrEnum):
    """open -> delivering -> delivered, or open -> closed with a sentence instead of a picture; and then -> deleted."""

    OPEN = "open"
    DELIVERING = "delivering"  # the result is about to be posted, or was just before a crash
    DELIVERED = "delivered"
    CLOSED = "closed"
    DELETED = (
        "deleted"  # its result is gone for good: the row only tells whoever presses something that is left
    )


class StopRequest(StrEnum):
    """What was asked of a ticket by a button or otherwise, kept until it is carried out."""

    NONE = "none"
    CANCEL = "cancel"
    FINISH = "finish"
    WITHDRAWN = "withdrawn"  # the picture that it is made of was deleted
    TAKEN_BACK = "taken_back"  # whoever has reacted took it back before painting began
    SWITCHED_OFF = "switched_off"  # nothing is painted in its server any more
    STYLE_GONE = "style_gone"  # a style of the server's is no longer on offer

    @property
    def is_void(self) -> bool:
        """Whether what the ticket is made of is gone, so that nothing may come of it."""
        return self in (StopRequest.WITHDRAWN, StopRequest.STYLE_GONE)


def new_id() -> str:
    """An id for a ticket: short enough for a nonce with a suffix, too long to be guessed."""
    return secrets.token_hex(10)


def parts_of(request: JobRequest) -> set[str]:
    """The names of the images that a request needs, besides an earlier result."""
    styles = request.styles
    parts = {"content", *(style.part for style in styles), *(style.mask for style in styles)}
    return {part for part in parts if part is not None}


@dataclass(frozen=True)
class BundledStyle:
    """A style that has a name, as it was called when it was chosen: the engine's, or one of the server's museum.

    author_id: of one of a museum; NOBODY if they want to be named no more.
    """

    name: str  # its key
    title: str
    artist: str
    year: str
    emoji: str = ""
    author_id: int | None = None

    @property
    def is_own(self) -> bool:
        """Whether it is the server's: its image is sent along."""
        return self.author_id is not None


@dataclass(frozen=True)
class Source:
    """Where an image of a ticket comes from: an attachment, or the images of an earlier ticket."""

    part: str
    url: str = field(default="", repr=False)  # Discord's, signed: whoever has it sees the picture
    earlier: str = ""  # the id of a ticket
    size: int | None = None  # bytes at most, if that is known
    job: str = ""  # the engine's, whose result it is: in full, as long as the engine keeps it
    named: str = ""  # what the image is called among those of the earlier ticket, if that is another name


@dataclass(frozen=True)
class GivenImage:
    """An image of a ticket as it was given: its name, and which it is among others of that name."""

    part: str
    name: str = ""
    identity: str = ""
    kind: str = ""  # what it was where it was found


@dataclass(frozen=True)
class Ticket:
    """One picture that a member waits for. `id` is the idempotency key and the nonce of the result."""

    place: Place
    user_id: int
    request: JobRequest
    styles: tuple[
        BundledStyle | None, ...
    ]  # those of the request; None is an image that a member has sent along
    description: str | None  # of the picture, by whoever sent it
    spoiler: bool
    created_at: float  # seconds since 1970
    source_message_id: int | None = None  # the picture's message, if it is in one
    source_channel_id: int | None = None  # in which that is; of a former version's, its place's
    message_id: int | None = None  # where the ticket is shown
    result_message_id: int | None = None
    job_id: str | None = None
    state: TicketState = TicketState.OPEN
    stop_request: StopRequest = StopRequest.NONE
    sources: tuple[Source, ...] = ()  # of the images that are not in the inbox yet
    author_id: int | None = None  # whose picture the first of its line was, if that is known
    parent_id: str | None = None  # the ticket from whose result it was made
    root_id: str | None = None  # the first ticket of its line, if it is not this one
    nsfw: bool = False  # the picture comes from where there is an age restriction
    output: Output = Output.CHANNEL  # where its result is wanted
    output_id: int | None = None  # the thread or the results channel, once it is known
    upload_limit: int | None = None  # bytes that a file of the bot's may have there, if Discord has said so
    images: tuple[GivenImage, ...] = ()  # those that were given, not those of an earlier ticket
    agreed: bool = False  # its author was asked, and said yes to this very one
    language: Language | None = None  # the member's, if Discord has said it
    request_id: str = ""  # by which the logs know what was asked
    id: str = field(default_factory=new_id)

    @property
    def reaction(self) -> Reaction | None:
        """The reaction that asks for such a picture, if one can: it names a message, and a style or all."""
        first = self.styles[0]
        style = ALL_STYLES if self.request.audition else first.name if first is not None else None
        if self.source_message_id is None or style is None:
            return None
        return Reaction(self.source_message_id, self.user_id, style)

    @property
    def one_style(self) -> str | None:
        """The name of the bundled style that it is painted in, if that is all."""
        if self.request.audition or len(self.styles) != 1 or self.styles[0] is None:
            return None
        return self.styles[0].name

    @property
    def own_styles(self) -> dict[str, str]:
        """The parts of the request that are styles of the server's museum, with these styles' ids."""
        pairs = zip(self.request.styles, self.styles, strict=False)
        return {choice.part: style.name for choice, style in pairs if choice.part and style and style.is_own}

    @property
    def source_place(self) -> Place:
        """Where the picture's message is, which need not be where it was asked for."""
        return Place(self.place.server_id, self.source_channel_id or self.place.channel_id)

    @property
    def places(self) -> tuple[int | None, ...]:
        """The channels that its picture is from, and that it was wanted in."""
        return self.source_channel_id, self.place.channel_id, self.output_id

    @property
    def wanted(self) -> tuple[int | None, JobRequest, frozenset[GivenImage]]:
        """What tells it from other orders: the same picture of the same message, in the same way, for the same member."""
        return self.source_message_id, self.request, frozenset(self.images)


@dataclass(frozen=True)
class Known:
    """As much of a ticket's row as deleting needs."""

    id: str
    state: str
    server_id: int | None
    channel_id: int | None
    user_id: int
    author_id: int | None
    parent_id: str | None

    @property
    def is_open(self) -> bool:
        """Whether its result is not being posted yet."""
        return self.state == TicketState.OPEN

    @property
    def is_unfinished(self) -> bool:
        """Whether somebody still follows it."""
        return self.state in UNFINISHED


table = Table(
    "tickets",
    metadata,
    Column("id", String(25), primary_key=True),
    Column("server_id", BigInteger),
    Column("channel_id", BigInteger),
    Column("user_id", BigInteger, nullable=False, index=True),
    Column("request", Text, nullable=False),
    Column("styles", Text, nullable=False),
    Column("description", Text),
    Column("spoiler", Boolean, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("source_message_id", BigInteger, index=True),
    Column("source_channel_id", BigInteger, index=True),
    Column("message_id", BigInteger, index=True),
    Column("result_message_id", BigInteger),
    Column("job_id", String(64)),
    Column("state", String(16), nullable=False, index=True),
    Column("stop_request", String(16), nullable=False),
    Column("sources", Text, nullable=False),
    Column("author_id", BigInteger, index=True),
    Column("parent_id", String(25)),
    Column("root_id", String(25), index=True),
    Column("nsfw", Boolean, nullable=False),
    Column("output", String(16), nullable=False),
    Column("output_id", BigInteger),
    Column("upload_limit", BigInteger),
    Column("images", Text, nullable=False),
    Column("agreed", Boolean, nullable=False),
    Column("language", String(8)),
    Column("shard", Integer, nullable=False),  # whose process has taken it, if it is in no server
    Column("request_id", String(64), nullable=False, server_default=""),
    Index("ix_tickets_server_id_created_at", "server_id", "created_at"),
)

_FIELDS = tuple(each.name for each in fields(Ticket))
UNFINISHED = (TicketState.OPEN, TicketState.DELIVERING)
FINISHED = (TicketState.DELIVERING, TicketState.DELIVERED)  # there is a result


_New = tuple[Ticket, Reaction | None, OwedAnswer | None]


@dataclass(eq=False)
class _Change:
    """Some fields of a ticket as they are to be; once it is answered, no answer is owed for it any more."""

    ticket_id: str
    values: dict[str, Any]
    is_answered: bool
    told: Collection[Entry]  # to moderators
    spent: Spent | None  # the reaction that it was asked for by
    is_kept: bool = False  # not if the ticket was deleted meanwhile


class Tickets:
    """All tickets, by id."""

    def __init__(
        self, database: AsyncEngine, ledger: Ledger, shards: Shards, others: Others, personal_open: int
    ) -> None:
        self._database, self._ledger, self._shards, self._others = database, ledger, shards, others
        self._personal_open = personal_open
        self._new: Batch[_New] = Batch(self._add)
        self._changes: Batch[_Change] = Batch(self._save)

    async def add(
        self, ticket: Ticket, reaction: Reaction | None = None, owed: OwedAnswer | None = None
    ) -> None:
        """Keep a new ticket; with it, all or nothing, that its reaction counts and whom it owes an answer.

        Those of many who ask at once are kept in one transaction: nobody is acknowledged before.
        """
        await self._new.add((ticket, reaction, owed))

    @begun_anew
    async def _add(self, new: Sequence[_New]) -> None:
        counted = [reaction for _, reaction, _ in new if reaction is not None]
        owed = [answer for _, _, answer in new if answer is not None]
        async with self._database.begin() as connection:
            if self._personal_open and not self._shards.are_all:
                await self._require_room(
                    connection, [ticket for ticket, _, _ in new if ticket.place.is_personal]
                )
            taken_by = {"shard": self._shards.home}
            await connection.execute(table.insert(), [_row(ticket) | taken_by for ticket, _, _ in new])
            if counted:
                await reactions.count(connection, counted)
            if owed:
                await interactions.owe(connection, owed, self._shards.home)

    async def _require_room(self, connection: AsyncConnection, new: Sequence[Ticket]) -> None:
        """See that nobody waits for more at once, whichever processes they have asked. Raises BotError TOO_MANY_OPEN."""
        for user_id, count in sorted(Counter(ticket.user_id for ticket in new).items()):
            # Of two processes that are asked at once, the second one looks when the first is done.
            await connection.execute(select(func.pg_advisory_xact_lock(user_id)))
            waits = (table.c.user_id == user_id) & _is_personal() & table.c.state.in_(UNFINISHED)
            waiting = await connection.scalar(select(func.count()).select_from(table).where(waits)) or 0
            if waiting + count > self._personal_open:
                raise BotError(BotErrorCode.TOO_MANY_OPEN, waiting=waiting)

    async def idle(self) -> None:
        """Wait until nothing is being kept any more."""
        await self._new.idle()
        await self._changes.idle()

    async def withdraw(self, ticket: Ticket) -> None:
        """Forget a ticket that Discord was never told of, as if it had not been asked for."""
        async with self._database.begin() as connection:
            await connection.execute(table.delete().filter_by(id=ticket.id))
            await connection.execute(interactions.table.delete().filter_by(ticket_id=ticket.id))

    async def forget_untold(self, ticket_id: str) -> bool:
        """Forget a ticket that was closed before it was shown, so that its member may not know why; whether it was so."""
        unseen = (table.c.message_id.is_(None)) & (table.c.stop_request == StopRequest.NONE)
        closed = (table.c.id == ticket_id) & (table.c.state == TicketState.CLOSED)
        async with self._database.begin() as connection:
            gone = await connection.execute(table.delete().where(closed & unseen))
        return bool(gone.rowcount)

    async def save(
        self,
        ticket: Ticket,
        *names: str,
        answered: bool = False,
        told: Collection[Entry] = (),
        spent: Spent | None = None,
    ) -> bool:
        """Write the named fields of a ticket; once it is `answered`, no answer is owed for it any more.

        `told`: what moderators are to be told of that; `spent`: the reaction that it ends without a picture for.

        False if the ticket was deleted meanwhile: what is deleted stays so. Those of many at once are one transaction.
        """
        change = _Change(ticket.id, _row(ticket, names), answered, told, spent)
        await self._changes.add(change)
        return change.is_kept

    @begun_anew
    async def _save(self, changes: Sequence[_Change]) -> None:
        ids = [change.ticket_id for change in changes]
        is_alive = table.c.state != TicketState.DELETED
        its = table.update().where(table.c.id == bindparam("its_id"), is_alive)
        async with self._database.begin() as connection:
            alive = await connection.scalars(select(table.c.id).where(table.c.id.in_(ids), is_alive))
            kept = set(alive)
            # In their order: one ticket may be changed twice.
            for _, alike in groupby(changes, lambda change: [*change.values]):
                await connection.execute(its, [{"its_id": each.ticket_id} | each.values for each in alike])
            if answered := [change.ticket_id for change in changes if change.is_answered]:
                theirs = interactions.table.c.ticket_id.in_(answered)
                await connection.execute(interactions.table.delete().where(theirs))
            told = [entry for change in changes if change.ticket_id in kept for entry in change.told]
            await self._ledger.write(connection, told)
            spent = [change.spent for change in changes if change.ticket_id in kept and change.spent]
            await reactions.spend(connection, spent)
        for change in changes:
            change.is_kept = change.ticket_id in kept

    async def unfinished(self) -> list[Ticket]:
        """Every ticket of this process that somebody still waits for, oldest first; one that cannot be read is left alone."""
        of = table.c
        mine = self._shards.where_personal(of.server_id, of.channel_id, of.shard)
        return [ticket for each in await self._unfinished(mine) if (ticket := await self._read(each))]

    async def _read(self, ticket_id: str) -> Ticket | None:
        try:
            return await self.find(ticket_id)
        except (KeyError, TypeError, ValueError) as error:
            log.error("ticket not readable", ticket=ticket_id, error=type(error).__name__)
            return None

    async def unfinished_ids(self) -> list[str]:
        """The ids of all tickets that somebody still waits for, oldest first, whichever process follows them."""
        return await self._unfinished(true())

    async def _unfinished(self, which: ColumnElement[bool]) -> list[str]:
        query = select(table.c.id).where(table.c.state.in_(UNFINISHED), which).order_by(table.c.created_at)
        async with self._database.connect() as connection:
            return [str(ticket_id) for ticket_id in await connection.scalars(query)]

    async def unfinished_of(self, user_id: int) -> list[Ticket]:
        """What a member waits for, whichever process follows it; what cannot be read is left out."""
        return [
            ticket
            for each in await self._unfinished(table.c.user_id == user_id)
            if (ticket := await self._read(each))
        ]

    async def request_stop(self, ticket_id: str, stop_request: StopRequest) -> None:
        """Have an open ticket stopped that another process follows, unless that was asked for before."""
        is_open = (table.c.id == ticket_id) & (table.c.state == TicketState.OPEN)
        change = table.update().where(is_open, table.c.stop_request == StopRequest.NONE)
        async with self._database.begin() as connection:
            await connection.execute(change.values(stop_request=stop_request))
            await self._others.tell(connection, News.TICKETS, [ticket_id])

    async def newest_of(self, user_id: int, server_id: int) -> float | None:
        """When a member last asked for a picture in a server that they got or wait for, in seconds since 1970."""
        found = await self.asked_at(server_id, user_id, 0.0, 1)
        return found[0] if found else None

    async def asked_at(
        self, server_id: int | None, user_id: int | None, since: float, limit: int
    ) -> list[float]:
        """When the newest pictures of a server, or without one those outside of servers, were asked for, by one member or
        by all (None), in seconds since 1970, the newest first; what ended without a picture is none."""
        of, alone = table.c, counted.table.c
        there = of.server_id == server_id if server_id is not None else _is_personal()
        query = select(of.created_at).where(there, of.created_at > since, of.state != TicketState.CLOSED)
        also = alone.server_id == server_id if server_id is not None else alone.personal
        counting = select(alone.at).where(also, alone.at > since)
        if user_id is not None:
            query, counting = query.where(of.user_id == user_id), counting.where(alone.user_id == user_id)
        newest = query.order_by(of.created_at.desc()).limit(limit)
        async with self._database.connect() as connection:
            found = [*await connection.scalars(newest), *await connection.scalars(counting)]
        return sorted(found, reverse=True)[:limit]

    async def counting(self, user_id: int, since: float) -> list[tuple[str, Place, float]]:
        """What limits count of a member's since then, by its id: where it was asked for, and when."""
        of = table.c
        query = select(of.id, of.server_id, of.channel_id, of.created_at)
        query = query.where(of.user_id == user_id, of.created_at > since, of.state != TicketState.CLOSED)
        async with self._database.connect() as connection:
            rows = (await connection.execute(query)).all()
        return [(row.id, Place(row.server_id, row.channel_id), row.created_at) for row in rows]

    async def state(self, ticket_id: str) -> str | None:
        """The state of a ticket, though nothing else of it may be readable; None if there is none of that id."""
        query = select(table.c.state).where(table.c.id == ticket_id)
        async with self._database.connect() as connection:
            return await connection.scalar(query)

    async def delivered_to(
        self, user_id: int, server_id: int | None, limit: int, offset: int = 0
    ) -> list[Ticket]:
        """The finished pictures of a member, the newest first: of a server, or wherever they were asked for."""
        query = (
            select(table)
            .where(table.c.user_id == user_id, table.c.state == TicketState.DELIVERED)
            .where(table.c.server_id == server_id if server_id is not None else true())
            .order_by(table.c.created_at.desc(), table.c.id)
            .limit(limit)
            .offset(offset)
        )
        async with self._database.connect() as connection:
            return [_ticket(row) for row in (await connection.execute(query)).mappings()]

    async def known(self, *where: ColumnElement[bool]) -> list[Known]:
        """What is known of the tickets for which all of this is so, oldest first, though a row may not be readable."""
        columns = [table.c[each.name] for each in fields(Known)]
        query = select(*columns).where(*where).order_by(table.c.created_at)
        async with self._database.connect() as connection:
            return [Known(**row) for row in (await connection.execute(query)).mappings()]

    async def line(self, source_ids: Collection[int]) -> list[Known]:
        """The tickets that were made from the pictures of these messages, and those made from their results."""
        is_first = table.c.parent_id.is_(None)
        found = await self.known(table.c.source_message_id.in_(source_ids), is_first)
        return await self.line_of([each.id for each in found])

    async def line_of(self, ids: Collection[str]) -> list[Known]:
        """These tickets, and those made from their results."""
        found = {each.id: each for each in await self.known(table.c.id.in_(ids))}
        newest = {*found}
        while newest:
            later = await self.known(table.c.root_id.in_(newest) | table.c.parent_id.in_(newest))
            newest = {each.id for each in later} - found.keys()
            found |= {each.id: each for each in later}
        return [*found.values()]

    async def in_style(self, server_id: int, style: str, since: float) -> list[Ticket]:
        """The finished pictures of a server in one bundled style alone, which all may see, oldest first."""
        query = (
            select(table)
            .where(table.c.server_id == server_id, table.c.state == TicketState.DELIVERED)
            .where(table.c.created_at >= since, table.c.nsfw.is_(False), table.c.spoiler.is_(False))
            .where(table.c.styles.contains(json.dumps({"name": style})[1:-1], autoescape=True))
            .order_by(table.c.created_at, table.c.id)
        )
        async with self._database.connect() as connection:
            found = [_ticket(row) for row in (await connection.execute(query)).mappings()]
        return [ticket for ticket in found if ticket.one_style == style]

    async def find(self, ticket_id: str) -> Ticket | None:
        """A ticket in whatever state, or None if there never was one of that id."""
        query = select(table).where(table.c.id == ticket_id)
        async with self._database.connect() as connection:
            row = (await connection.execute(query)).mappings().first()
        return _ticket(row) if row is not None else None


def all_made_of(where: ColumnElement[bool]) -> Select[str]:
    """The ids of the tickets for which this is so, and of those made from their results, for a statement."""
    line = select(table.c.id).where(where).cte("line", recursive=True)
    child = table.alias("child")
    line = line.union(select(child.c.id).join(line, child.c.parent_id == line.c.id))
    return select(line.c.id)


def _is_personal() -> ColumnElement[bool]:
    """As `Place.is_personal`."""
    return table.c.server_id.is_(None) | table.c.channel_id.is_(None)


def _row(ticket: Ticket, names: Collection[str] = _FIELDS) -> dict[str, Any]:
    """The columns of the named fields, and nothing of the others: most changes are of one or two."""
    row = {name: _column(name, getattr(ticket, name)) for name in names if name != "place"}
    return row | (asdict(ticket.place) if "place" in names else {})


def _column(name: str, value: Any) -> Any:
    match name:
        case "request":
            return value.model_dump_json()
        case "styles" | "sources" | "images":
            return json.dumps([each and asdict(each) for each in value])
        case _:
            return value


def _ticket(row: Any) -> Ticket:
    values = {name: row[name] for name in row if name != "shard"}
    values["place"] = Place(values.pop("server_id"), values.pop("channel_id"))
    values["styles"] = tuple(style and BundledStyle(**style) for style in json.loads(values["styles"]))
    values["request"] = JobRequest.model_validate_json(values["request"])
    values["state"] = TicketState(values["state"])
    values["stop_request"] = StopRequest(values["stop_request"])
    values["output"] = Output(values["output"])
    values["sources"] = tuple(Source(**source) for source in json.loads(values["sources"]))
    values["language"] = Language(values["language"]) if values["language"] is not None else None
    values["images"] = tuple(GivenImage(**image) for image in json.loads(values["images"]))
    return Ticket(**values)

"""A server's museum: pictures of members that are styles there, each with its author's consent, and when it was taken back.

Rule: who has said yes to what, when, and in which wording is in the row from the moment that it holds. What ends a style
ends it in one transaction: the row tells only whoever asks from then on, what waits for it stops, its picture is owed to
the eraser. Read at every request, so all rows are kept in memory too; what ends goes from there first.
"""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Integer,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.errors import BotError, BotErrorCode
from bot.storage import deletions, tickets, weeks
from bot.storage.database import metadata
from bot.storage.erasures import Erasure, Kind, owe
from bot.storage.ledger import Entry, Ledger
from bot.storage.others import Ids, News, Others
from bot.storage.shards import Shards
from bot.storage.tickets import FINISHED, BundledStyle, StopRequest, Ticket, TicketState
from engine.protocol import CrashPoint, StyleCard, reach

WORDING = 1  # of what an author agrees to (`bot.words.museum.PURPOSE`): another number for each that says something else
KEY_START = "own_"
UNSURE = 0  # in place of a message: it is about to be posted, or was and is not noted
IMAGE, THUMBNAIL, DIGEST = "style", "thumbnail", "sha256"  # what is kept of a style's picture


class State(StrEnum):
    """asked -> offered -> shown, or right away to the last; and then, or before, to one of its ends."""

    ASKED = "asked"  # its author still has to say yes
    OFFERED = "offered"  # they have, and the server still has to
    SHOWN = "shown"  # whoever is there can have pictures painted in it
    DECLINED = "declined"  # by its author, or by the server
    TAKEN_BACK = "taken_back"  # by its author, as also by leaving or by deleting the picture
    REMOVED = "removed"  # by the server


WAITING = (State.ASKED, State.OFFERED)
ALIVE = (*WAITING, State.SHOWN)
ENDED = tuple(state for state in State if state not in ALIVE)

table = Table(
    "server_styles",
    metadata,
    Column("id", String(25), primary_key=True),
    Column("server_id", BigInteger, nullable=False, index=True),
    Column("channel_id", BigInteger, nullable=False),
    Column("message_id", BigInteger, nullable=False, index=True),
    Column("identity", String(16), nullable=False),
    Column("author_id", BigInteger, nullable=False, index=True),
    Column("proposer_id", BigInteger, nullable=False),
    Column("name", String(64), nullable=False),
    Column("credit", String(64), nullable=False),
    Column("emoji", String(16), nullable=False),
    Column("nsfw", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    Column("at", Float, nullable=False),
    Column("wording", Integer),
    Column("consented_at", Float),
    Column("approved", Boolean, nullable=False),
    Column("question_id", BigInteger),
    Column("until", Float),
    Column("sha256", String(64)),
    Column("withdrawn_at", Float),
)
votes = Table(
    "style_votes",
    metadata,
    Column("style_id", String(25), primary_key=True),
    Column("member_id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Float, nullable=False),
)


class ServerStyleCard(StyleCard):
    """A style of a server's museum, as a style among others: its artist is its author, by the name that is credited."""

    author_id: int
    nsfw: bool


@dataclass(frozen=True)
class ServerStyle:
    """A picture that is, will be or was a style of a server; `id` is its name as a style."""

    id: str
    server_id: int
    channel_id: int  # of the message with the picture
    message_id: int
    identity: str  # which picture of that message
    author_id: int
    proposer_id: int
    name: str
    credit: str  # what its author is called
    emoji: str
    nsfw: bool  # it is from where there is an age restriction
    state: State
    at: float  # when it was proposed, in seconds since 1970
    wording: int | None = None  # what the author has agreed to, and when
    consented_at: float | None = None
    approved: bool = False  # by the server
    question_id: int | None = None  # our message about it, in the picture's channel, or UNSURE
    until: float | None = None  # members can vote for it
    sha256: str | None = None  # of the picture, as it is kept
    withdrawn_at: float | None = None

    @property
    def card(self) -> ServerStyleCard:
        """As a style among others."""
        return ServerStyleCard(
            name=self.id,
            title=self.name,
            artist=self.credit,
            year="",
            emoji=self.emoji,
            colours=(),
            author_id=self.author_id,
            nsfw=self.nsfw,
        )


class Museum:
    """The styles of all servers."""

    def __init__(self, database: AsyncEngine, ledger: Ledger, shards: Shards, others: Others) -> None:
        self._database, self._ledger, self._shards, self._others = database, ledger, shards, others
        self._known: dict[str, ServerStyle] = {}  # by id

    async def load(self) -> None:
        """Read all rows."""
        async with self._database.connect() as connection:
            rows = (await connection.execute(select(table).order_by(table.c.at))).mappings()
            self._known = {row["id"]: _style(row) for row in rows}

    async def heard(self, _: Ids | None) -> None:
        """Another process has changed something."""
        await self.load()

    async def read_anew(self) -> None:
        """Rows were removed by their age."""
        async with self._database.begin() as connection:
            await self._others.tell(connection, News.MUSEUM)
        await self.load()

    def find(self, style_id: str) -> ServerStyle | None:
        """One, in whatever state."""
        return self._known.get(style_id)

    def of_server(self, server_id: int | None, *states: State) -> list[ServerStyle]:
        """Those of a server in one of these states, the oldest first."""
        return [each for each in self._known.values() if each.server_id == server_id and each.state in states]

    def of_author(self, author_id: int, *states: State) -> list[ServerStyle]:
        """Those of an author, in all servers, in one of these states."""
        return [each for each in self._known.values() if each.author_id == author_id and each.state in states]

    def of_messages(self, message_ids: Collection[int]) -> list[ServerStyle]:
        """Those whose pictures are in these messages, in whatever state."""
        return [each for each in self._known.values() if each.message_id in message_ids]

    def in_states(self, *states: State) -> list[ServerStyle]:
        """Those of all servers of this process that are in one of these states."""
        known = self._known.values()
        return [each for each in known if each.state in states and self._shards.have(each.server_id)]

    def are_on_offer(self) -> set[str]:
        """The ids of those that are not over, in all servers."""
        return {each.id for each in self._known.values() if each.state in ALIVE}

    def by_picture(self, server_id: int | None, sha256: str) -> ServerStyle | None:
        """The style of a server that was made of this file, if it is shown."""
        shown = self.of_server(server_id, State.SHOWN)
        return next((each for each in shown if each.sha256 == sha256), None)

    def cards(self, server_id: int | None, *, nsfw: bool) -> tuple[ServerStyleCard, ...]:
        """What is shown in a server; without `nsfw` only what may be seen by everybody."""
        shown = self.of_server(server_id, State.SHOWN) if server_id is not None else []
        return tuple(each.card for each in shown if nsfw or not each.nsfw)

    def gone(self, server_id: int | None, state: State, since: float = 0.0) -> tuple[ServerStyleCard, ...]:
        """What has come to this end in a server, the newest first; `since`: in seconds since 1970."""
        gone = self.of_server(server_id, state) if server_id is not None else []
        gone = [each for each in gone if (each.withdrawn_at or 0.0) >= since]
        return tuple(each.card for each in sorted(gone, key=lambda each: -(each.withdrawn_at or 0.0)))

    def require(self, ticket: Ticket) -> None:
        """See that all styles of a ticket are on offer where it is painted.

        Raises BotError STYLE_TAKEN_BACK, STYLE_REMOVED, STYLE_ELSEWHERE.
        """
        for style in ticket.styles:
            if style is not None and style.is_own:
                self._require(style, ticket.place.server_id)

    def _require(self, style: BundledStyle, server_id: int | None) -> None:
        known = self._known.get(style.name)
        if known is None or known.state is State.REMOVED:
            raise BotError(BotErrorCode.STYLE_REMOVED, title=style.title)
        if known.state is not State.SHOWN:
            raise BotError(BotErrorCode.STYLE_TAKEN_BACK, title=style.title)
        if known.server_id != server_id:
            raise BotError(BotErrorCode.STYLE_ELSEWHERE, title=style.title)

    async def add(self, style: ServerStyle) -> None:
        """Keep one that is proposed; of the same picture, what was said before goes."""
        earlier = [
            each.id
            for each in self.of_messages([style.message_id])
            if each.identity == style.identity and each.state not in ALIVE
        ]
        async with self._database.begin() as connection:
            await connection.execute(delete(table).where(table.c.id.in_(earlier)))
            await connection.execute(insert(table).values(asdict(style)))
            await self._others.tell(connection, News.MUSEUM)
        for each in earlier:
            self._known.pop(each, None)
        self._known[style.id] = style

    async def save(
        self, style: ServerStyle, *states: State, told: Collection[Entry] = (), **values: Any
    ) -> ServerStyle | None:
        """Change a style that is in one of these states; None if it is in none of them any more.

        `told`: what moderators are to be told of that.
        """
        key = table.c.id == style.id
        async with self._database.begin() as connection:
            change = update(table).where(key, table.c.state.in_(states)).values(values)
            done = await connection.execute(change)
            if done.rowcount:
                await self._ledger.write(connection, told)
                await self._others.tell(connection, News.MUSEUM)
        known = self._known.get(style.id)
        if not done.rowcount or known is None or known.state not in states:
            return None
        changed = self._known[style.id] = replace(known, **values)
        return changed

    async def end(
        self,
        styles: Iterable[ServerStyle],
        state: State,
        at: float,
        *,
        results: bool = False,
        told: Collection[Entry] = (),
    ) -> list[str]:
        """Let styles be on offer no more, and with `results` delete what was painted in them.

        `told`: what moderators are to be told of that.

        The tickets that end with it, whoever follows them: those that are open are stopped, the others deleted.
        """
        ending = [each for each in styles if each.state in ALIVE]
        over: dict[str, Any] = {"state": state, "withdrawn_at": at, "sha256": None}
        ended = {
            each.id: replace(each, **over, question_id=UNSURE if each.question_id == UNSURE else None)
            for each in ending
        }
        self._known |= ended
        try:
            gone = await self._end(ending, over, at, results=results, told=told)
        except BaseException:
            self._known |= {each.id: each for each in ending}
            raise
        self._known |= ended  # it may have been read anew in between
        return gone

    async def _end(
        self,
        ending: list[ServerStyle],
        over: dict[str, Any],
        at: float,
        *,
        results: bool,
        told: Collection[Entry],
    ) -> list[str]:
        ids, ended = [each.id for each in ending], list[str]()
        messages = [
            Erasure(Kind.MESSAGE, "", at, each.channel_id, each.question_id, server_id=each.server_id)
            for each in ending
            if each.question_id
        ]
        of = tickets.table.c
        async with self._database.begin() as connection:
            theirs = update(table).where(table.c.id.in_(ids))
            await connection.execute(theirs.values(over))
            await connection.execute(theirs.where(table.c.question_id != UNSURE).values(question_id=None))
            await connection.execute(delete(votes).where(votes.c.style_id.in_(ids)))
            await weeks.withdraw(connection, ids, at)
            await owe(connection, messages)
            await self._ledger.write(connection, told)
            await self._others.tell(connection, News.MUSEUM)
            for each in ids:
                query = select(of.id, of.state).where(of.styles.contains(each, autoescape=True))
                rows = (await connection.execute(query)).all()
                waiting = [row.id for row in rows if row.state == TicketState.OPEN]
                stopped = update(tickets.table).where(of.id.in_(waiting))
                await connection.execute(stopped.values(stop_request=StopRequest.STYLE_GONE))
                await owe(connection, [Erasure(Kind.JOB, ticket_id, at) for ticket_id in waiting])
                made = [row.id for row in rows if row.state in FINISHED]
                if results:
                    await deletions.erase_in(connection, made, at)
                ended += waiting + (made if results else [])
            await self._others.tell(connection, News.TICKETS, ended)
            await owe(
                connection, [Erasure(Kind.STYLE, each, at) for each in ids]
            )  # once nothing paints in it
        reach(CrashPoint.BOT_STYLE_ENDED)
        return ended

    async def vote(self, style_id: str, member_id: int, at: float) -> None:
        """A member would like a style, or does not any more if they said so before."""
        key = {"style_id": style_id, "member_id": member_id}
        async with self._database.begin() as connection:
            if not (await connection.execute(delete(votes).filter_by(**key))).rowcount:
                await connection.execute(insert(votes).values(**key, at=at))

    async def voters(self, style_id: str) -> list[int]:
        """The members who would like a style."""
        async with self._database.connect() as connection:
            query = select(votes.c.member_id).filter_by(style_id=style_id).order_by(votes.c.at)
            return [*await connection.scalars(query)]

    async def forget(self, *style_ids: str) -> None:
        """Remove the rows of styles that are over; who asks of one hears that it is gone."""
        async with self._database.begin() as connection:
            await connection.execute(delete(votes).where(votes.c.style_id.in_(style_ids)))
            await connection.execute(delete(table).where(table.c.id.in_(style_ids)))
            await self._others.tell(connection, News.MUSEUM)
        for each in style_ids:
            self._known.pop(each, None)


def _style(row: Any) -> ServerStyle:
    return ServerStyle(**{**row, "state": State(row["state"])})

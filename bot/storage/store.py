"""The bot's memory: tickets, counted reactions and moments taken, in one database that outlives the process.

Rule: a ticket is stored before anything is asked of the engine, and leaves the open ones only when its result
is posted or its member has been told why there is none. It stays for as long as its result can be pressed at,
which is for good: a row is small. SQLAlchemy Core, SQLite by default (WAL, FULL, one
connection that holds the file exclusively), PostgreSQL by URL.
"""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    event,
    make_url,
    select,
)
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.errors import BadConfig, DatabaseInUse
from engine.protocol import JobRequest


class TicketState(StrEnum):
    """open -> delivering -> delivered, or open -> closed with a sentence instead of a picture."""

    OPEN = "open"
    DELIVERING = "delivering"  # the result is about to be posted, or was just before a crash
    DELIVERED = "delivered"
    CLOSED = "closed"


class Wish(StrEnum):
    """What the member asked of a ticket by a button, kept until the engine has heard it."""

    NONE = "none"
    CANCEL = "cancel"
    FINISH = "finish"


def new_id() -> str:
    """An id for a ticket: short enough for a nonce with a suffix, too long to be guessed."""
    return secrets.token_hex(10)


@dataclass(frozen=True)
class Ticket:
    """One picture that a member waits for. `id` is the idempotency key and the nonce of the result."""

    guild_id: int
    channel_id: int
    user_id: int
    request: JobRequest
    style: str  # as a member reads it: title, artist, year
    subject: str  # what the picture shows, for the alt text
    spoiler: bool
    created_at: float  # seconds since 1970
    source_message_id: int | None = None  # the picture's message, if it is in the channel
    message_id: int | None = None  # where the ticket is shown
    result_message_id: int | None = None
    job_id: str | None = None
    state: TicketState = TicketState.OPEN
    wish: Wish = Wish.NONE
    id: str = field(default_factory=new_id)


metadata = MetaData()
tickets = Table(
    "tickets",
    metadata,
    Column("id", String(25), primary_key=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("request", Text, nullable=False),
    Column("style", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("spoiler", Boolean, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("source_message_id", BigInteger),
    Column("message_id", BigInteger, index=True),
    Column("result_message_id", BigInteger),
    Column("job_id", String(64)),
    Column("state", String(16), nullable=False, index=True),
    Column("wish", String(16), nullable=False),
)
reactions = Table(
    "reactions",
    metadata,
    Column("message_id", BigInteger, primary_key=True),
    Column("user_id", BigInteger, primary_key=True),
    Column("style", String(64), primary_key=True),
)
moments = Table(
    "moments",
    metadata,
    Column("ticket_id", String(25), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("message_id", BigInteger, nullable=False),
)

_UNFINISHED = (TicketState.OPEN, TicketState.DELIVERING)


class Store:
    """Tickets, reactions and moments; opened by `open_store`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add(self, ticket: Ticket, by_reaction: bool = False) -> None:
        """Keep a new ticket, and with it, entirely or not at all, that its reaction counts."""
        async with self._engine.begin() as connection:
            await connection.execute(tickets.insert().values(_row(ticket)))
            if by_reaction:
                await connection.execute(reactions.insert().values(_reaction(ticket)))

    async def save(self, ticket: Ticket, *names: str) -> None:
        """Write the named fields of a ticket."""
        row = {name: value for name, value in _row(ticket).items() if name in names}
        async with self._engine.begin() as connection:
            await connection.execute(tickets.update().where(tickets.c.id == ticket.id).values(row))

    async def unfinished(self) -> list[Ticket]:
        """Every ticket that somebody still waits for, oldest first."""
        query = select(tickets).where(tickets.c.state.in_(_UNFINISHED)).order_by(tickets.c.created_at)
        async with self._engine.connect() as connection:
            return [_ticket(row) for row in (await connection.execute(query)).mappings()]

    async def ticket(self, ticket_id: str) -> Ticket | None:
        """A ticket in whatever state, or None if there never was one of that id."""
        query = select(tickets).where(tickets.c.id == ticket_id)
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).mappings().first()
        return _ticket(row) if row is not None else None

    async def moment(self, ticket_id: str, number: int) -> int | None:
        """The message that showed this moment of a painting when somebody took it, if anybody has."""
        query = select(moments.c.message_id).filter_by(ticket_id=ticket_id, number=number)
        async with self._engine.connect() as connection:
            return await connection.scalar(query)

    async def add_moment(self, ticket_id: str, number: int, message_id: int) -> None:
        """A moment of a painting is shown in a message, perhaps in place of an earlier one."""
        key = {"ticket_id": ticket_id, "number": number}
        async with self._engine.begin() as connection:
            await connection.execute(moments.delete().filter_by(**key))
            await connection.execute(moments.insert().values(key | {"message_id": message_id}))

    async def has_counted(self, message_id: int, user_id: int, style: str) -> bool:
        """Whether this reaction has had its picture painted, or is about to."""
        query = select(reactions).filter_by(message_id=message_id, user_id=user_id, style=style)
        async with self._engine.connect() as connection:
            return (await connection.execute(query)).first() is not None

    async def release(self, ticket: Ticket) -> None:
        """Forget the reaction of a ticket that ends without a picture, so that the member may try again."""
        async with self._engine.begin() as connection:
            await connection.execute(reactions.delete().filter_by(**_reaction(ticket)))


def _row(ticket: Ticket) -> dict[str, Any]:
    return asdict(ticket) | {"request": ticket.request.model_dump_json()}


def _reaction(ticket: Ticket) -> dict[str, Any]:
    style = ticket.request.styles[0].name
    return {"message_id": ticket.source_message_id, "user_id": ticket.user_id, "style": style}


def _ticket(row: Any) -> Ticket:
    values = dict(row)
    values["request"] = JobRequest.model_validate_json(values["request"])
    values["state"], values["wish"] = TicketState(values["state"]), Wish(values["wish"])
    return Ticket(**values)


@asynccontextmanager
async def open_store(url: str) -> AsyncIterator[Store]:
    """The store at an SQLAlchemy URL, brought to the newest schema. Raises DatabaseInUse, BadConfig."""
    try:
        place = make_url(url).render_as_string(hide_password=True)
        engine = _engine(url)
    except (ArgumentError, ImportError) as error:
        raise BadConfig(f"database_url in [bot] cannot be used: {error}.") from error
    try:
        await _bring_up_to_date(engine, place)
        yield Store(engine)
    finally:
        await engine.dispose()


def sqlite_url(path: Path) -> str:
    """The URL of an SQLite file."""
    return f"sqlite+aiosqlite:///{path}"


def _engine(url: str) -> AsyncEngine:
    if not url.startswith("sqlite"):
        return create_async_engine(url, pool_pre_ping=True)
    # The lock is held for good by one process or not at all, so there is nothing to wait for.
    engine = create_async_engine(url, pool_size=1, max_overflow=0, connect_args={"timeout": 0.5})
    event.listen(engine.sync_engine, "connect", _harden)
    return engine


def _harden(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


async def _bring_up_to_date(engine: AsyncEngine, place: str) -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(migrate)
    except (DBAPIError, CommandError, OSError) as error:
        reason = getattr(error, "orig", error)
        if "locked" in str(reason):
            raise DatabaseInUse(place) from error
        raise BadConfig(f"The database {place} cannot be opened: {reason}.") from error


def migrate(connection: Connection, revision: str = "head") -> None:
    """Bring a database to a revision of the schema. Raises CommandError if it is of a newer version."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)

"""The bot's database: opened, hardened and brought to the newest schema.

Rule: SQLAlchemy Core; SQLite by default (WAL, FULL, one connection that holds the file exclusively),
PostgreSQL by URL. Each group of tables is a module beside this one, on the `metadata` declared here. What is
bound to a statement is in no error's text: it may be a token, or a member's words.
"""

import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from weakref import WeakSet

import structlog
from sqlalchemy import Connection, ExceptionContext, MetaData, Select, Table, event, inspect, make_url, select
from sqlalchemy import column as column_of
from sqlalchemy import table as table_of
from sqlalchemy.dialects import postgresql as postgres
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import BotError, BotErrorCode, CannotStart
from bot.storage import postgresql
from bot.storage.migrations import newest

log = structlog.get_logger(__name__)

metadata = MetaData()

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class NewerError(Exception):
    """The database was made by a newer version of the bot."""


class Health:
    """Whether the database was found to be damaged while it was open, which is for its owner to mend."""

    def __init__(self) -> None:
        self.is_damaged = False

    def require(self) -> None:
        """Raises BotError MEMORY_DAMAGED if nothing new should be entrusted to the database."""
        if self.is_damaged:
            raise BotError(BotErrorCode.MEMORY_DAMAGED)

    def notice(self, context: ExceptionContext) -> None:
        """Look at an error of the database; damage is said once."""
        code = getattr(context.original_exception, "sqlite_errorcode", None)
        if code is None or code & 0xFF not in _DAMAGED or self.is_damaged:
            return
        self.is_damaged = True
        log.error("database damaged, no more tickets are taken", reason=str(context.original_exception))


class ClosingConnection(sqlite3.Connection):
    """One that lets go of its file when it is closed.

    Whoever is cut off in the middle of a statement loses the connection, and their traceback may keep its cursor: with an
    open one SQLite would hold the lock until that is gone too, and the next connection would find the file locked.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._cursors: WeakSet[sqlite3.Cursor] = WeakSet()

    def cursor(self, factory: Any = sqlite3.Cursor) -> Any:
        """A cursor of it; `execute` of the connection itself makes others, which nobody here uses."""
        cursor = super().cursor(factory)
        self._cursors.add(cursor)
        return cursor

    def close(self) -> None:
        """Close it, with its cursors."""
        for cursor in self._cursors:
            cursor.close()
        super().close()


@asynccontextmanager
async def open_database(url: str, *, as_it_is: bool = False) -> AsyncIterator[tuple[AsyncEngine, Health]]:
    """The database at an SQLAlchemy URL, brought to the newest schema, or `as_it_is`. Raises CannotStart."""
    try:
        shown_url = shown(url)
        engine = _engine(url)
    except (ArgumentError, ImportError) as error:
        raise bad_url(url, error) from error
    health = Health()
    try:
        await _prepare(engine, shown_url, as_it_is)
        event.listen(engine.sync_engine, "handle_error", health.notice)
        yield engine, health
    finally:
        await engine.dispose()


async def put(connection: AsyncConnection, table: Table, row: Mapping[str, Any]) -> None:
    """Have a row be so, whether there is one of its key or another process makes one at this moment."""
    dialect = postgres if connection.dialect.name == "postgresql" else sqlite
    new = dialect.insert(table).values(row)
    key = [column.name for column in table.primary_key]
    others = {name: new.excluded[name] for name in row if name not in key}
    await connection.execute(new.on_conflict_do_update(index_elements=key, set_=others))


def shown(url: str) -> str:
    """An address without its password. Raises ArgumentError."""
    return make_url(url).render_as_string(hide_password=True)


def bad_url(url: str, error: Exception) -> CannotStart:
    """Why an address cannot be used."""
    if is_postgresql(url) and isinstance(error, ImportError):
        return CannotStart(BotErrorCode.NO_DATABASE_DRIVER)
    return CannotStart(BotErrorCode.BAD_DATABASE_URL, reason=error)


def not_opened(shown_url: str, error: Exception) -> CannotStart:
    """Why a database cannot be opened."""
    reason = getattr(error, "orig", error)
    if "locked" in str(reason) and shown_url.startswith("sqlite"):
        return CannotStart(BotErrorCode.DATABASE_IN_USE, database=shown_url)
    return CannotStart(BotErrorCode.DATABASE_NOT_OPENED, database=shown_url, reason=reason)


def is_postgresql(url: str) -> bool:
    """Whether it is the address of a PostgreSQL, as far as it can be used."""
    return url.startswith(f"{postgresql.DRIVER}:")


def sqlite_url(path: Path) -> str:
    """The URL of an SQLite file."""
    return f"sqlite+aiosqlite:///{path}"


def _engine(url: str) -> AsyncEngine:
    if is_postgresql(url):
        # One connection here too: what one transaction reads and then writes, no other of this process changes in between.
        return postgresql.create(url, pool_size=1, max_overflow=0, pool_timeout=None, pool_pre_ping=True)
    if not url.startswith("sqlite+aiosqlite:"):
        raise ArgumentError(f"it has to begin with {postgresql.DRIVER}: or sqlite+aiosqlite:")
    # The lock is held for good by one process or not at all, so there is nothing to wait for; but for the one
    # connection everybody waits for as long as it takes, as while a backup is made.
    engine = create_async_engine(
        url,
        pool_size=1,
        max_overflow=0,
        pool_timeout=None,
        connect_args={"timeout": 0.5, "factory": ClosingConnection},
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "connect", _harden)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _harden(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # sqlite3 would begin before some statements only: `_begin` does
    cursor = connection.cursor()
    for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


async def _prepare(engine: AsyncEngine, shown_url: str, as_it_is: bool) -> None:
    """Look whether it is sound, and bring it up to date unless it is to stay. Raises CannotStart."""
    try:
        async with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                await connection.run_sync(postgresql.lock_for_migration)
            await connection.run_sync(_require_sound)
            if not as_it_is:
                await connection.run_sync(migrate)
    except (KeyError, TypeError, ValueError) as error:  # a migration has read a row that no bot has written
        raise CannotStart(BotErrorCode.DATABASE_NOT_OPENED, database=shown_url, reason=repr(error)) from error
    except NewerError as error:
        raise CannotStart(BotErrorCode.DATABASE_NEWER, database=shown_url) from error
    except (DBAPIError, OSError) as error:
        raise not_opened(shown_url, error) from error


def _require_sound(connection: Connection) -> None:
    """Raises sqlite3.DatabaseError if SQLite finds its file damaged."""
    if connection.dialect.name != "sqlite":
        return
    found = connection.exec_driver_sql("pragma quick_check(1)").scalar()
    if found != "ok":
        raise OSError(f"it is damaged ({str(found).splitlines()[-1]}); a backup can be put in its place")


def migrate(connection: Connection, revision: str | None = None) -> None:
    """Bring a database up to a revision of the schema (None: the newest). Raises NewerError."""
    revision = revision or newest()
    if _revisions(connection) == [revision]:
        return
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, revision)
    except CommandError as error:  # its revision is not among ours
        raise NewerError from error


def _revisions(connection: Connection) -> list[str]:
    if not inspect(connection).has_table("alembic_version"):
        return []
    query: Select[str] = select(column_of("version_num")).select_from(table_of("alembic_version"))
    return [*connection.execute(query).scalars()]

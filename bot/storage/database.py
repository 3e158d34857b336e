"""The bot's database: opened, hardened and brought to the newest schema.

Rule: SQLAlchemy Core; SQLite by default (WAL, FULL, one connection that holds the file exclusively),
PostgreSQL by URL. Each group of tables is a module beside this one, on the `metadata` declared here.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, MetaData, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.errors import BotErrorCode, CannotStart

metadata = MetaData()


@asynccontextmanager
async def open_database(url: str) -> AsyncIterator[AsyncEngine]:
    """The database at an SQLAlchemy URL, of the newest schema. Raises CannotStart."""
    try:
        shown_url = make_url(url).render_as_string(hide_password=True)
        engine = _engine(url)
    except (ArgumentError, ImportError) as error:
        raise CannotStart(BotErrorCode.BAD_DATABASE_URL, reason=error) from error
    try:
        await _bring_up_to_date(engine, shown_url)
        yield engine
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


async def _bring_up_to_date(engine: AsyncEngine, shown_url: str) -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(migrate)
    except (
        KeyError,
        TypeError,
        ValueError,
    ) as error:  # of a migration that reads a row which no bot has written
        raise CannotStart(BotErrorCode.DATABASE_NOT_OPENED, database=shown_url, reason=repr(error)) from error
    except (DBAPIError, CommandError, OSError) as error:
        reason = getattr(error, "orig", error)
        if "locked" in str(reason):
            raise CannotStart(BotErrorCode.DATABASE_IN_USE, database=shown_url) from error
        raise CannotStart(BotErrorCode.DATABASE_NOT_OPENED, database=shown_url, reason=reason) from error


def migrate(connection: Connection, revision: str = "head") -> None:
    """Bring a database to a revision of the schema. Raises CommandError if it is of a newer version."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)

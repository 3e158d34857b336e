"""The engine's SQLite file: one engine has it, it is checked before it is used, and brought to the newest version.

Rule: a transaction is one, whatever it does (Python's sqlite3 would commit each change of the schema by itself), so
that a start which is cut off is as if it had not begun. What is damaged is moved aside, never used and never deleted,
and no loss goes unsaid. Nobody else opens the file in this process: closing it would give up SQLite's lock.
"""

import shutil
import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import DatabaseError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from engine.storage import wal
from engine.storage.migrations import newest

log = structlog.get_logger()

_LOCK_SECONDS = 1.0  # long enough for an engine that is just closing, short enough for a mistake to show
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_VERSION = "alembic_version"  # the table that says which version it is
_CORRUPT = ".corrupt-"  # in the names of what was moved aside


class NewerError(Exception):
    """The database was made by a newer engine."""


def connect(database: Path) -> AsyncEngine:
    """Nothing is opened before the first statement.

    For the one connection everybody waits as long as it takes: of an engine that was stopped for a minute, whoever waited is
    served when it goes on.
    """
    engine = create_async_engine(
        sa.URL.create("sqlite+aiosqlite", database=str(database)),
        pool_size=1,
        max_overflow=0,
        pool_timeout=None,
        connect_args={"timeout": _LOCK_SECONDS},
        hide_parameters=True,  # in an error's text, which is logged: they are what members sent
    )

    @sa.event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # BEGIN is ours, see below
        connection.driver_connection.text_factory = _text
        cursor = connection.cursor()
        # Exclusive before WAL: then there is no shared memory file, and the lock is held until the end.
        pragmas = (
            "locking_mode=EXCLUSIVE",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
        )
        try:
            for pragma in pragmas:
                cursor.execute(f"PRAGMA {pragma}")
        except sqlite3.Error:  # on a full disk, for one; nobody else would close it, and it may hold the lock
            cursor.close()
            connection.close()
            raise
        cursor.close()

    @sa.event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def _text(data: bytes) -> str:
    """Damaged text is read as far as it goes, or one row would keep all others from being read."""
    return data.decode("utf-8", "replace")


async def is_sound(engine: AsyncEngine) -> bool:
    """Take the lock, and check the whole file. Raises DatabaseError for what is no damage."""
    try:
        async with engine.connect() as connection:
            verdict: object = await connection.scalar(sa.text("PRAGMA quick_check"))
            return verdict == "ok"
    except DatabaseError as error:
        if is_damage(error):
            return False
        raise


def move_aside(paths: Iterable[Path], suffix: str | None = None) -> str:
    """Rename what belongs to a damaged database; nothing is deleted. Returns what their names end in now."""
    suffix = suffix or f"{_CORRUPT}{time.time():.6f}"
    for path in paths:
        if path.exists() and _CORRUPT not in path.name:
            path.rename(path.with_name(path.name + suffix))
    return suffix


def report_lost(database: Path) -> None:
    """Say it if the write-ahead log has lost something, and keep a copy of it: the next change overwrites it.

    To be called with the lock and before anything is written.
    """
    path = database.with_name(f"{database.name}-wal")
    verdict = wal.examine(path)
    if verdict.state is wal.WalState.WHOLE:
        return
    kept = path.with_name(f"{path.name}{_CORRUPT}{time.time():.6f}")
    try:
        shutil.copyfile(path, kept)
    except OSError:  # a full disk, for one
        kept.unlink(missing_ok=True)
        raise
    if verdict.state is wal.WalState.DAMAGED:
        log.critical("database has lost its last changes", at_least=verdict.lost, log_kept=str(kept))
    else:  # after a power cut this is as it should be: nobody was told of the change
        log.error("the database's last change was cut off or is damaged", log_kept=str(kept))


def migrate(connection: sa.Connection, version: str | None = None) -> None:
    """Bring the schema up to a version (None: the newest), within the connection's transaction. Raises NewerError."""
    version = version or newest()
    if _versions(connection) == [version]:
        return
    import alembic.command
    import alembic.config
    from alembic.util import CommandError

    _drop_unfinished(connection)
    config = alembic.config.Config()
    folder = str(Path(__file__).with_name("migrations"))
    config.set_main_option("script_location", folder.replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        alembic.command.upgrade(config, version)
    except CommandError as error:  # its version is not among ours
        raise NewerError from error


def _versions(connection: sa.Connection) -> list[str]:
    if not sa.inspect(connection).has_table(_VERSION):
        return []
    return [
        *connection.execute(sa.select(sa.column("version_num")).select_from(sa.table(_VERSION))).scalars()
    ]


def _drop_unfinished(connection: sa.Connection) -> None:
    """Remove the tables that an older engine was creating when it was killed, which could not start again."""
    tables = set(sa.inspect(connection).get_table_names())
    if (
        _VERSION not in tables
        or _rows(connection, _VERSION)
        or ("jobs" in tables and _rows(connection, "jobs"))
    ):
        return
    for table in sorted(tables - {_VERSION}):
        sa.Table(table, sa.MetaData()).drop(connection)


def _rows(connection: sa.Connection, table: str) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(sa.table(table))).scalar_one()


def code_of(error: DatabaseError | sqlite3.DatabaseError) -> int:
    """SQLite's primary result code."""
    code: int = getattr(getattr(error, "orig", error), "sqlite_errorcode", 0)
    return code & 0xFF  # the extended code's upper bytes only refine it


def is_damage(error: DatabaseError | sqlite3.DatabaseError) -> bool:
    """Whether it says that the file is not what it should be."""
    return code_of(error) in _DAMAGED


def is_locked(error: DatabaseError) -> bool:
    """Whether somebody else has the file."""
    return code_of(error) in _LOCKED

"""Whether the bot's memory can be opened, is whole, and is of a version that this bot knows."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from bot.doctor.patient import Finding, Patient
from bot.storage import postgresql
from bot.storage.backup import DATABASE
from bot.storage.migrations import newest
from engine.protocol import nearest

_VERSION = "select version_num from alembic_version"


async def check(patient: Patient) -> AsyncIterator[Finding]:
    """Read alone: nothing is brought up to date, and nothing is locked."""
    url = patient.config.database_url
    if url:
        yield await _of_server(url)
    else:
        yield await asyncio.to_thread(_of_file, patient.config.data_dir / DATABASE)


def _of_file(path: Path) -> Finding:
    if nearest(path) != path.absolute():
        return Finding(True, f"Database: none is at {path} yet")
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0.1)
        ) as database:
            (state,) = database.execute("pragma quick_check(1)").fetchone()
            (revision,) = database.execute(_VERSION).fetchone() or ("",)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return Finding(True, f"Database: a bot that runs has {path}, and looks after it")
        return Finding(False, f"Database: {path} cannot be read: {error}")
    except sqlite3.DatabaseError as error:
        return Finding(
            False, f"Database: {path} is damaged ({error}): put a backup back, see `python -m bot backup`"
        )
    if state != "ok":
        return Finding(
            False, f"Database: {path} is damaged ({state}): put a backup back, see `python -m bot backup`"
        )
    return _of_revision(revision, f"SQLite, {path}")


async def _of_server(url: str) -> Finding:
    try:
        shown = make_url(url).render_as_string(hide_password=True)
        engine = postgresql.create(url)
    except (ArgumentError, ImportError) as error:
        return Finding(
            False, f"Database: database_url cannot be used ({type(error).__name__}): see config.example.toml"
        )
    try:
        async with engine.connect() as connection:
            server = (await connection.execute(text("show server_version"))).scalar_one()
            is_set_up = (await connection.execute(text("select to_regclass('alembic_version')"))).scalar()
            revision = (await connection.execute(text(_VERSION))).scalar() if is_set_up else ""
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        return Finding(
            False,
            f"Database: {shown} cannot be opened: {reason}: see that it is there, and database_url right",
        )
    finally:
        await engine.dispose()
    return _of_revision(revision or "", f"PostgreSQL {server}, {shown}")


def _of_revision(revision: str, which: str) -> Finding:
    own = newest()
    if revision > own:
        return Finding(
            False, f"Database: {which} is of a newer bot ({revision}, and this knows {own}): update this one"
        )
    older = (
        f"; it is brought from {revision} to {own} at the next start" if revision and revision < own else ""
    )
    return Finding(True, f"Database: {which} is whole{older}")

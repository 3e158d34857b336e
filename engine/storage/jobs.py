"""What outlives the engine: the jobs in SQLite, their images as files beside it.

Rule: when a call returns, its effect is on the disk (WAL, synchronous=FULL). One connection with an exclusive
lock is all there is, which keeps a second engine out. A final state is written once. A database that is
damaged is moved aside, never used and never deleted.
"""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import alembic.command
import alembic.config
import sqlalchemy as sa
import structlog
from alembic.util import CommandError
from pydantic import BaseModel, ConfigDict
from sqlalchemy.exc import DatabaseError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from engine.protocol import (
    CrashPoint,
    ErrorCode,
    JobRequest,
    JobState,
    Outcome,
    Plan,
    Problem,
    Refusal,
    reach,
)
from engine.storage.files import JobFiles
from engine.storage.room import Room

log = structlog.get_logger()

METADATA = sa.MetaData()
JOBS = sa.Table(
    "jobs",
    METADATA,
    sa.Column("serial", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("request", sa.JSON, nullable=False),
    sa.Column("sources", sa.JSON, nullable=False),
    sa.Column("plan", sa.JSON, nullable=False),
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("lost", sa.Integer, nullable=False),
    sa.Column("reached", sa.Integer, nullable=False, server_default="0"),
    sa.Column("interrupted", sa.Integer, nullable=False, server_default="0"),
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("ended", sa.Float),
    sa.Column("error", sa.JSON(none_as_null=True)),
    sa.Column("content", sa.Text, nullable=False, server_default=""),
    sa.Column("masks", sa.JSON, nullable=False, server_default="[]"),
    sa.Column("previous", sa.Text),
    sa.Column("outcome", sa.JSON, nullable=False, server_default="{}"),
    sqlite_autoincrement=True,
)
STARTS = sa.Table("starts", METADATA, sa.Column("count", sa.Integer, nullable=False))

ROOM_SECONDS = 5.0  # before a disk that is too full for a start is asked again

T = TypeVar("T")

_OPEN = (JobState.QUEUED, JobState.RUNNING)
_LOCK_SECONDS = 1.0  # long enough for an engine that is just closing, short enough for a mistake to show


class StoreError(Exception):
    """The data directory cannot be used; its text is one sentence for the operator."""


class JobRecord(BaseModel):
    """A job as it is stored.

    digest: SHA-256 of the request and its images; empty for a job of an engine that reckoned it otherwise.
    content: "sha256:..." of the picture that was sent; empty for a job of an engine that did not store it.
    sources: where each style came from, its name or the same of its image; masks: the same of each style's
    mask, empty if there are none. previous: of an earlier result. attempt: how often a worker has begun, so that
    a late word of an earlier one is told apart. reached: the furthest evaluation that one was seen at. lost: how many
    in a row have died of this job since one got further; interrupted: how many were lost without its fault. turn: when
    its owner's turn was taken, 0 before. created and ended: seconds since the epoch. outcome: its notes are what came up while
    painting; the plan has those from before.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    key: str
    digest: str
    request: JobRequest
    content: str = ""
    sources: tuple[str, ...]
    masks: tuple[str | None, ...] = ()
    previous: str | None = None
    plan: Plan
    created: float
    state: JobState = JobState.QUEUED
    attempt: int = 0
    reached: int = 0
    lost: int = 0
    interrupted: int = 0
    turn: int = 0
    ended: float | None = None
    outcome: Outcome = Outcome()
    error: Problem | None = None

    def but(self, **changes: Any) -> "JobRecord":
        """Return the record with these fields changed."""
        return self.model_copy(update=changes)


class JobStore:
    """An open data directory; `open_store` makes one. `starts` counts the times it has been opened.

    Where the disk is full, what ends or removes something uses the reserve.
    """

    def __init__(self, engine: AsyncEngine, files: JobFiles, room: Room) -> None:
        self._engine = engine
        self.files = files
        self.room = room
        self.starts = 0
        self._start_is_stored = False

    async def insert(self, record: JobRecord) -> None:
        """Add a job. Raises Refusal STORAGE_FULL; a key that is there already is an IntegrityError."""
        await self._write(sa.insert(JOBS).values(record.model_dump(mode="json")), lends=False)

    async def save(self, record: JobRecord) -> None:
        """Store a job's new state. Raises Refusal STORAGE_FULL, and LookupError if it was final before."""
        change = sa.update(JOBS).where(JOBS.c.id == record.id, JOBS.c.state.in_(_OPEN))
        values = record.model_dump(mode="json")
        if await self._write(change.values(values), lends=record.state is not JobState.RUNNING) != 1:
            raise LookupError(f"job {record.id} is over already")

    async def by_id(self, job: str) -> JobRecord | None:
        """Find a job by its id."""
        return await self._one(JOBS.c.id == job)

    async def by_key(self, key: str) -> JobRecord | None:
        """Find a job by its idempotency key."""
        return await self._one(JOBS.c.key == key)

    async def open_jobs(self) -> list[JobRecord]:
        """All jobs that are waiting or running, by arrival."""
        return await self._all(JOBS.c.state.in_(_OPEN))

    async def served_jobs(self) -> list[JobRecord]:
        """All jobs whose owner's turn was taken."""
        return await self._all(JOBS.c.turn > 0)

    async def ended_before(self, when: float) -> list[str]:
        """The ids of all jobs that were over at `when`, in seconds since the epoch."""
        async with self._engine.connect() as connection:
            return list(await connection.scalars(sa.select(JOBS.c.id).where(JOBS.c.ended < when)))

    async def forget(self, job: str) -> None:
        """Remove a job. Raises Refusal STORAGE_FULL."""
        await self._write(sa.delete(JOBS).where(JOBS.c.id == job), lends=True)

    async def begin(self) -> None:
        """Bring the tables up to date, and count the start; on a full disk, with the first change that it has room for.

        Raises Refusal STORAGE_FULL if there is no room for the tables.
        """
        await self._with_room(self._migrated, lends=True)
        async with self._engine.connect() as connection:
            self.starts = 1 + int(await connection.scalar(sa.select(STARTS.c.count)) or 0)
        with suppress(Refusal):
            await self._write(lends=True)

    async def close(self) -> None:
        """Let go of the data directory."""
        await self._engine.dispose()

    async def _migrated(self) -> None:
        async with self._engine.begin() as connection:
            await connection.run_sync(_migrate)

    async def _write(self, *changes: sa.Update | sa.Insert | sa.Delete, lends: bool) -> int:
        """Make changes in one transaction; returns how many rows the last one was of. Raises Refusal STORAGE_FULL.

        lends: whether the reserve may be used.
        """

        async def write() -> int:
            start = () if self._start_is_stored else (sa.update(STARTS).values(count=self.starts),)
            async with self._engine.begin() as connection:
                results = [await connection.execute(change) for change in (*start, *changes)]
            self._start_is_stored = True
            return results[-1].rowcount if results else 0

        return await self._with_room(write, lends=lends)

    async def _with_room(self, write: Callable[[], Awaitable[T]], *, lends: bool) -> T:
        while True:
            try:
                return await write()
            except DatabaseError as error:
                if not await asyncio.to_thread(self.room.is_lacking, error):
                    raise
                self.room.note_full()
                if not lends or not await asyncio.to_thread(self.room.lend):
                    raise Refusal(ErrorCode.STORAGE_FULL) from error
                reach(CrashPoint.RESERVE_LENT)

    async def _one(self, condition: sa.ColumnElement[bool]) -> JobRecord | None:
        rows = await self._all(condition)
        return rows[0] if rows else None

    async def _all(self, condition: sa.ColumnElement[bool]) -> list[JobRecord]:
        async with self._engine.connect() as connection:
            rows = await connection.execute(sa.select(JOBS).where(condition).order_by(JOBS.c.serial))
            return [JobRecord.model_validate(row._asdict()) for row in rows]


async def open_store(data_dir: Path) -> JobStore:
    """Open, check and migrate the data directory, creating it if needed; a full disk is waited for. Raises StoreError."""
    while True:
        try:
            return await _open(data_dir)
        except Refusal:
            log.critical("the disk is too full to start", data_dir=str(data_dir), pause=ROOM_SECONDS)
            await asyncio.sleep(ROOM_SECONDS)


async def _open(data_dir: Path) -> JobStore:
    """Raises StoreError, and Refusal STORAGE_FULL."""
    database, images = data_dir / "jobs.db", data_dir / "images"
    engine = _connect(database)
    room = None
    try:
        room, files = await asyncio.to_thread(_open_files, data_dir, images)
        if not await _is_sound(engine):
            await engine.dispose()
            _move_aside(database, images)
            files = JobFiles(images, room)
        await asyncio.to_thread(room.look)
        store = JobStore(engine, files, room)
        await store.begin()
    except Refusal:
        await engine.dispose()
        raise
    except (OSError, DatabaseError) as error:
        await engine.dispose()
        if room is not None and await asyncio.to_thread(room.is_lacking, error):
            await asyncio.to_thread(room.lend)
            raise Refusal(ErrorCode.STORAGE_FULL) from error
        raise StoreError(_explain(error, data_dir)) from error
    except CommandError as error:  # it has a version that is not among ours
        await engine.dispose()
        raise StoreError(f"The database in {data_dir} was made by a newer engine than this.") from error
    return store


def _open_files(data_dir: Path, images: Path) -> tuple[Room, JobFiles]:
    data_dir.mkdir(parents=True, exist_ok=True)
    room = Room(data_dir)
    return room, JobFiles(images, room)


def _connect(database: Path) -> AsyncEngine:
    engine = create_async_engine(
        sa.URL.create("sqlite+aiosqlite", database=str(database)),
        pool_size=1,
        max_overflow=0,
        pool_timeout=60,
        connect_args={"timeout": _LOCK_SECONDS},
    )

    @sa.event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        # Exclusive before WAL: then there is no shared memory file, and the lock is held until the end.
        pragmas = ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")
        try:
            for pragma in pragmas:
                cursor.execute(f"PRAGMA {pragma}")
        except sqlite3.Error:  # on a full disk, for one; nobody else would close it, and it may hold the lock
            cursor.close()
            connection.close()
            raise
        cursor.close()

    return engine


async def _is_sound(engine: AsyncEngine) -> bool:
    try:
        async with engine.connect() as connection:
            verdict: object = await connection.scalar(sa.text("PRAGMA quick_check"))
            return verdict == "ok"
    except DatabaseError as error:
        if _code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return False
        raise


def _migrate(connection: sa.Connection, version: str = "head") -> None:
    config = alembic.config.Config()
    folder = str(Path(__file__).with_name("migrations"))
    config.set_main_option("script_location", folder.replace("%", "%%"))
    config.attributes["connection"] = connection
    alembic.command.upgrade(config, version)


def _move_aside(database: Path, images: Path) -> None:
    suffix = f".corrupt-{time.time():.6f}"
    moved = [*database.parent.glob(f"{database.name}*"), images]
    for path in moved:
        if path.exists() and ".corrupt-" not in path.name:
            path.rename(path.with_name(path.name + suffix))
    log.critical("database is damaged and was moved aside", database=str(database), suffix=suffix)


def _code(error: DatabaseError) -> int:
    code: int = getattr(error.orig, "sqlite_errorcode", 0)
    return code & 0xFF  # the extended code's upper bytes only refine it


def _explain(error: OSError | DatabaseError, data_dir: Path) -> str:
    if isinstance(error, OSError):
        return f"The data directory {data_dir} cannot be used: {error.strerror}."
    if _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"Another engine is using the data directory {data_dir}."
    return f"The database in {data_dir} cannot be used: {error.orig}."

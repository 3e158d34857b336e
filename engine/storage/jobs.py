"""What outlives the engine: the jobs in SQLite, their images as files beside it.

Rule: when a call returns, its effect is on the disk (WAL, synchronous=FULL). One connection with an exclusive
lock is all there is, which keeps a second engine out. A final state is written once. A row that cannot be read is
said and left alone: to all who ask it is not there, and its files stay. A database that turns out to be damaged
while it is used refuses everything from then on.
"""

import asyncio
import json
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa
import structlog
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from engine.protocol import (
    CrashPoint,
    ErrorCode,
    Flow,
    FlowView,
    ImageFormat,
    JobRequest,
    JobState,
    Outcome,
    Plan,
    Problem,
    Refusal,
    make_private,
    reach,
)
from engine.storage import backup
from engine.storage import database as db
from engine.storage.address import ADDRESS
from engine.storage.backup import DATABASE, IMAGES
from engine.storage.files import ORPHANS, JobFiles
from engine.storage.room import RESERVE, Room

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
    sa.Column("request_id", sa.Text, nullable=False, server_default=""),
    sqlite_autoincrement=True,
)
FLOW = sa.Table(
    "flow",
    METADATA,
    sa.Column("flow", sa.Text, nullable=False),
    sa.Column("since", sa.Float, nullable=False),
)
STARTS = sa.Table("starts", METADATA, sa.Column("count", sa.Integer, nullable=False))

ROOM_SECONDS = 5.0  # before a disk that is too full for a start is asked again

T = TypeVar("T")

# All that the engine and its workers put into the data directory.
OURS = (
    f"{DATABASE}*",
    f"{IMAGES}*",
    ORPHANS,
    RESERVE,
    "speed",
    "statistics",
    "uploads",
    ADDRESS,
    f"{backup.STAGING}*",
)

_OPEN = (JobState.QUEUED, JobState.RUNNING)
_JSON = tuple(column.name for column in JOBS.columns if isinstance(column.type, sa.JSON))
# As text: what is no JSON is then one row's trouble, and not the query's.
_COLUMNS = [sa.type_coerce(c, sa.Text).label(c.name) if c.name in _JSON else c for c in JOBS.columns]


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
    painting; the plan has those from before. request_id: by which the logs of both sides find what was asked; empty where
    nobody has said one.
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
    request_id: str = ""

    @property
    def named(self) -> dict[str, str]:
        """What it is called in a line of the log."""
        return {"job": self.id} | ({"request": self.request_id} if self.request_id else {})

    def but(self, **changes: Any) -> "JobRecord":
        """Return the record with these fields changed."""
        return self.model_copy(update=changes)


class Outline(NamedTuple):
    """What can be told of a row without reading all of it.

    state: None if the row cannot be read, or there is no such state. format, moments: of the outcome.
    """

    id: str
    state: JobState | None
    format: str
    moments: int


class JobStore:
    """An open data directory; `open_store` makes one. `starts` counts the times it has been opened.

    Every call raises Refusal STORAGE_DAMAGED once the database has turned out to be damaged, and those that write
    raise Refusal STORAGE_FULL; what ends or removes something uses the reserve before that.
    """

    def __init__(self, engine: AsyncEngine, files: JobFiles, room: Room) -> None:
        self._engine = engine
        self.files = files
        self.room = room
        self.starts = 0
        self._start_is_stored = False
        self.changes = (
            0  # how many this process has made, so that whoever has read knows whether to read again
        )
        self.is_damaged = False
        self._unreadable: set[str] = set()  # rows of which that was said
        self._ended: dict[str, float] = {}  # when, by the monotonic clock; of those that ended here

    async def insert(self, record: JobRecord) -> None:
        """Add a job; a key that is there already is an IntegrityError, unless its row cannot be read."""
        try:
            await self._write(sa.insert(JOBS).values(record.model_dump(mode="json")))
        except IntegrityError:
            if await self.by_key(record.key) is not None:
                raise
            old = sa.update(JOBS).where(JOBS.c.key == record.key).values(key=f"unreadable: {record.id}")
            await self._write(old, sa.insert(JOBS).values(record.model_dump(mode="json")))

    async def save(self, record: JobRecord) -> None:
        """Store a job's new state. Raises LookupError if it was final before."""
        found = await self._write(
            sa.update(JOBS)
            .where(JOBS.c.id == record.id, JOBS.c.state.in_(_OPEN))
            .values(record.model_dump(mode="json")),
            lends=record.state is not JobState.RUNNING,
        )
        if found != 1:
            raise LookupError(f"job {record.id} is over already")
        if record.ended is not None:
            self._ended[record.id] = time.monotonic()

    async def by_id(self, job: str) -> JobRecord | None:
        """Find a job by its id."""
        return await self._one(JOBS.c.id == job)

    async def by_key(self, key: str) -> JobRecord | None:
        """Find a job by its idempotency key."""
        return await self._one(JOBS.c.key == key)

    async def open_jobs(self) -> list[JobRecord]:
        """All jobs that are waiting or running, by arrival."""
        return await self._all(JOBS.c.state.in_(_OPEN))

    async def newest(self, state: JobState, most: int) -> list[JobRecord]:
        """The jobs that ended last in this state, newest first."""
        query = sa.select(*_COLUMNS).where(JOBS.c.state == state).order_by(JOBS.c.ended.desc()).limit(most)
        return [record for row in await self._rows(query) if (record := self._read(row)) is not None]

    async def flow(self) -> FlowView:
        """What an operator lets the engine do; a row that says something else is as good as none."""
        rows = await self._rows(sa.select(FLOW.c.flow, FLOW.c.since))
        if len(rows) != 1:
            return FlowView(flow=Flow.OPEN)
        try:
            return FlowView(flow=Flow(rows[0][0]), since=float(rows[0][1]))
        except (ValueError, TypeError):
            log.error("what the engine may do cannot be read: it may do all")
            return FlowView(flow=Flow.OPEN)

    async def set_flow(self, view: FlowView) -> None:
        """Keep what an operator lets the engine do."""
        row = {"flow": view.flow.value, "since": view.since}
        await self._write(sa.delete(FLOW), sa.insert(FLOW).values(row), lends=True)

    async def last_turns(self) -> list[tuple[str, str, int]]:
        """When each owner was served last: (group, user, turn)."""
        group, user = (_inside(JOBS.c.request, f"$.owner.{name}") for name in ("group", "user"))
        rows = await self._rows(
            sa.select(group, user, sa.func.max(JOBS.c.turn)).where(JOBS.c.turn > 0).group_by(group, user)
        )
        return [(str(group), str(user), int(turn)) for group, user, turn in rows if group is not None]

    async def ids(self) -> set[str]:
        """The ids of all jobs, of those that cannot be read too."""
        return {str(job) for (job,) in await self._rows(sa.select(JOBS.c.id))}

    async def outlines(self) -> list[Outline]:
        """All jobs by their ends, the open ones first."""
        readable = sa.and_(*(sa.func.json_valid(JOBS.c[name]) for name in ("request", "plan", "outcome")))
        kind = sa.func.coalesce(_inside(JOBS.c.outcome, "$.format"), ImageFormat.PNG.value)
        moments = sa.func.coalesce(_inside(JOBS.c.outcome, "$.moments"), 0)
        columns = (JOBS.c.id, sa.case((readable, JOBS.c.state)), kind, moments)
        rows = await self._rows(sa.select(*columns).order_by(JOBS.c.ended, JOBS.c.serial))
        states = {state.value: state for state in JobState}
        for job, state, *_ in rows:
            if state not in states:
                self._say_unreadable(job, "state" if state else "JSONDecodeError")
        return [Outline(job, states.get(state), kind, moments) for job, state, kind, moments in rows]

    async def ended_before(self, when: float) -> list[str]:
        """The ids of all jobs that were over at `when`, in seconds since the epoch."""
        return [row[0] for row in await self._rows(sa.select(JOBS.c.id).where(JOBS.c.ended < when))]

    def ended_here(self, after: float) -> set[str]:
        """The ids of all jobs that ended since this was opened, after a time of the monotonic clock."""
        return {job for job, when in self._ended.items() if when > after}

    async def latest(self) -> float | None:
        """When something was stored for the last time, in seconds since the epoch."""
        latest = [sa.func.max(sa.case((_is_number(when), when))) for when in (JOBS.c.created, JOBS.c.ended)]
        (times,) = await self._rows(sa.select(*latest))
        return max((float(when) for when in times if when is not None), default=None)

    async def forget(self, job: str) -> None:
        """Remove a job."""
        await self._write(sa.delete(JOBS).where(JOBS.c.id == job), lends=True)
        self._ended.pop(job, None)

    async def begin(self) -> None:
        """Bring the tables up to date, and count the start; on a full disk, with the first change that it has room for.

        Raises Refusal STORAGE_FULL if there is no room for the tables, and DatabaseError if they are not those that
        their version has.
        """
        try:
            self.starts = await self._with_room(self._start, lends=True)
        except Refusal:
            await self._with_room(self._migrate)
            self.starts = await self._count() + 1
        else:
            self._start_is_stored = True
        await self._rows(sa.select(*_COLUMNS).limit(0))

    async def copy(self, target: Path) -> None:
        """Copy the database as it is now, for a backup, into a file that is not there yet."""
        copy = sqlite3.connect(target, check_same_thread=False)
        try:
            with self._trouble_told():
                async with self._engine.connect() as connection:
                    raw = await connection.get_raw_connection()
                    source: Any = raw.driver_connection
                    await source.backup(copy)
                await asyncio.to_thread(backup.finish, copy)
        finally:
            copy.close()

    async def close(self) -> None:
        """Let go of the data directory."""
        await self._engine.dispose()

    async def _one(self, condition: sa.ColumnElement[bool]) -> JobRecord | None:
        rows = await self._all(condition)
        return rows[0] if rows else None

    async def _all(self, condition: sa.ColumnElement[bool]) -> list[JobRecord]:
        rows = await self._rows(sa.select(*_COLUMNS).where(condition).order_by(JOBS.c.serial))
        return [record for row in rows if (record := self._read(row)) is not None]

    def _read(self, values: Iterable[Any]) -> JobRecord | None:
        row = dict(zip(JOBS.columns.keys(), values, strict=True))
        try:
            decoded = {name: json.loads(row[name]) for name in _JSON if row[name] is not None}
            return JobRecord.model_validate(row | decoded)
        except (ValueError, TypeError, RecursionError) as error:
            self._say_unreadable(row["id"], _reason(error))
            return None

    def _say_unreadable(self, job: str, why: str) -> None:
        if job not in self._unreadable:
            self._unreadable.add(job)
            log.error("a job's row cannot be read and is left alone", job=job, why=why)

    async def _rows(self, query: sa.Select[Any]) -> list[tuple[Any, ...]]:
        """Read to the end whoever has left: a connection that is cut off is replaced while it still holds the lock."""
        reading = asyncio.create_task(self._read_rows(query), name="reading")
        try:
            return await asyncio.shield(reading)
        except asyncio.CancelledError:
            await asyncio.wait({reading})
            raise

    async def _read_rows(self, query: sa.Select[Any]) -> list[tuple[Any, ...]]:
        with self._trouble_told():
            async with self._engine.connect() as connection:
                return [tuple(row) for row in await connection.execute(query)]

    async def _start(self) -> int:
        async with self._engine.begin() as connection:
            await connection.run_sync(db.migrate)
            started = await connection.execute(sa.update(STARTS).values(count=STARTS.c.count + 1))
            if started.rowcount != 1:
                raise StoreError("it does not say how often an engine was started on it")
        return await self._count()

    async def _migrate(self) -> None:
        async with self._engine.begin() as connection:
            await connection.run_sync(db.migrate)

    async def _count(self) -> int:
        ((count,),) = await self._rows(sa.select(STARTS.c.count))
        return int(count)

    async def _write(self, *changes: sa.Executable, lends: bool = False) -> int:
        """Make changes in one transaction; returns how many rows the last one has changed.

        lends: whether the reserve may be used.
        """

        async def write() -> int:
            start = () if self._start_is_stored else (sa.update(STARTS).values(count=self.starts),)
            async with self._engine.begin() as connection:
                results = [await connection.execute(change) for change in (*start, *changes)]
            self._start_is_stored = True
            self.changes += 1
            return results[-1].rowcount if results else 0

        return await self._with_room(write, lends=lends)

    async def _with_room(self, write: Callable[[], Awaitable[T]], *, lends: bool = False) -> T:
        while True:
            try:
                with self._trouble_told():
                    return await write()
            except DatabaseError as error:
                if not await asyncio.to_thread(self.room.is_lacking, error):
                    raise
                self.room.note_full()
                if not lends or not await asyncio.to_thread(self.room.lend):
                    raise Refusal(ErrorCode.STORAGE_FULL) from error
                reach(CrashPoint.RESERVE_LENT)

    @contextmanager
    def _trouble_told(self) -> Iterator[None]:
        if self.is_damaged:
            raise Refusal(ErrorCode.STORAGE_DAMAGED)
        try:
            yield
        except DatabaseError as error:
            if db.is_damage(error):
                self.is_damaged = True
                log.critical(
                    "database is damaged: no more jobs are taken until a restart", why=str(error.orig)
                )
                raise Refusal(ErrorCode.STORAGE_DAMAGED) from error
            raise


def _inside(column: sa.Column[Any], path: str) -> sa.ColumnElement[Any]:
    """A value within JSON, NULL if it is none."""
    return sa.case((sa.func.json_valid(column), sa.func.json_extract(column, path)))


def _is_number(column: sa.Column[float]) -> sa.ColumnElement[bool]:
    """SQLite keeps a text where a number should be."""
    return sa.func.typeof(column).in_(("integer", "real"))


def _reason(error: Exception) -> str:
    """What is wrong, without what members sent."""
    if isinstance(error, ValidationError):
        problem = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(map(str, problem['loc']))}: {problem['type']}"
    return type(error).__name__


async def open_store(data_dir: Path) -> JobStore:
    """Open, check and migrate the data directory, creating it if needed; a full disk is waited for. Raises StoreError."""
    database = data_dir / DATABASE
    if database.is_dir():
        raise StoreError(f"{database} is a folder, where the database should be: move it away.")
    while True:
        engine = db.connect(database)
        room = None
        try:
            room = await asyncio.to_thread(_look_for_room, data_dir)
            return await _open(engine, data_dir, room)
        except asyncio.CancelledError:
            await engine.dispose()
            raise
        except (OSError, DatabaseError, db.NewerError, Refusal, StoreError) as error:
            await engine.dispose()
            if room is None or not await asyncio.to_thread(_is_lacking, room, error):
                raise StoreError(_explain(error, data_dir)) from error
            if not await asyncio.to_thread(room.lend):
                log.critical("the disk is too full to start", data_dir=str(data_dir), pause=ROOM_SECONDS)
                await asyncio.sleep(ROOM_SECONDS)


async def _open(engine: AsyncEngine, data_dir: Path, room: Room) -> JobStore:
    database, images = data_dir / DATABASE, data_dir / IMAGES
    files = JobFiles(images, room)
    if not await db.is_sound(engine):
        await engine.dispose()
        _move_aside(database, images)
        files = JobFiles(images, room)
        await db.is_sound(engine)
    await asyncio.to_thread(room.look)  # with the lock
    db.report_lost(database)
    store = JobStore(engine, files, room)
    await store.begin()
    _look_around(store, data_dir)
    return store


def _look_for_room(data_dir: Path) -> Room:
    data_dir.mkdir(parents=True, exist_ok=True)
    return Room(data_dir)


def _is_lacking(room: Room, error: Exception) -> bool:
    match error:
        case Refusal(code=ErrorCode.STORAGE_FULL):
            return True
        case OSError() | DatabaseError():
            return room.is_lacking(error)
    return False


def _look_around(store: JobStore, data_dir: Path) -> None:
    """Make all private, and say what an owner should know."""
    if exposed := make_private(data_dir, OURS):
        log.warning("other accounts can read the data directory", first=str(exposed[0]), count=len(exposed))
    if store.starts == 1 and (count := len(store.files.jobs())):
        log.critical("database is missing or was emptied, beside folders of jobs", folders=count)


def _move_aside(database: Path, images: Path) -> None:
    suffix = db.move_aside(sorted(database.parent.glob(f"{database.name}*")))
    log.critical("database is damaged and was moved aside, with all images", suffix=suffix)
    reach(CrashPoint.DATABASE_ASIDE)  # the images are orphans then
    db.move_aside([images], suffix)


def _explain(error: Exception, data_dir: Path) -> str:
    match error:
        case OSError(filename=str(path)):
            return f"The data directory {data_dir} cannot be used: {path}: {error.strerror}."
        case OSError():
            return f"The data directory {data_dir} cannot be used: {error.strerror}."
        case DatabaseError() if db.is_locked(error):
            return f"Another engine is using the data directory {data_dir}."
        case DatabaseError():
            return f"The database in {data_dir} cannot be used: {error.orig}."
        case StoreError():
            return f"The database in {data_dir} cannot be used: {error}."
    return f"The database in {data_dir} was made by a newer engine than this."

"""What is different where the bot's memory is in PostgreSQL: its errors, and the session by which processes know each other.

Rule: a process has its shards for as long as its session holds their locks, so no two have the same one, and whoever dies
leaves them at once. The session hears what the other processes tell. Lost, it is begun anew, and whoever finds its shards
taken meanwhile ends. What a row holds is in no error's text, as everywhere.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import structlog
from sqlalchemy import Connection, ExceptionContext, event, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from bot.errors import BotErrorCode, CannotStart, short
from bot.storage.others import CHANNEL, Others
from bot.storage.shards import Shards

log = structlog.get_logger(__name__)

DRIVER = "postgresql+asyncpg"
# Classes of advisory locks.
_MIGRATION, _SHARD, _COUNT, _SCHEMA = range(0x41544C01, 0x41544C05)
_TAKE_SECONDS, _TAKE_PAUSE = 2.0, 0.1  # for a predecessor that was just killed to let go of its locks
_LOOK_SECONDS, _AGAIN_SECONDS = 10.0, 1.0  # between two looks at the session, and two tries to begin it anew
_CONNECT_SECONDS = 10.0
# For the server to notice that a process is gone with its machine, and let others have its shards.
_ALIVE = {"tcp_keepalives_idle": "15", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3"}
_HELD_BUT = (
    "select objid::int from pg_locks where locktype = 'advisory' and classid::int = $1 and objid::int <> $2 "
    "and database = (select oid from pg_database where datname = current_database())"
)
_QUERY_ARGUMENT = "invalid input for query argument"
_DEADLOCK = "40P01"

P = ParamSpec("P")
T = TypeVar("T")


def create(url: str, **options: Any) -> AsyncEngine:
    """An engine whose errors are all SQLAlchemy's, and say nothing of what is in a row. Raises ImportError."""
    arguments = {"timeout": _CONNECT_SECONDS, "server_settings": {"application_name": "atelier"} | _ALIVE}
    engine = create_async_engine(url, connect_args=arguments, hide_parameters=True, **options)
    event.listen(engine.sync_engine, "do_connect", _connect)
    event.listen(engine.sync_engine, "handle_error", _be_discreet)
    return engine


def _connect(dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]) -> Any:
    """Connect, and call what the system or the server has against it by a name that the rest of the bot knows."""
    driver = dialect.loaded_dbapi
    try:
        return driver.connect(*arguments, **options)
    except (OSError, driver.asyncpg.PostgresError, driver.asyncpg.InterfaceError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise driver.OperationalError(reason, error) from None


def _be_discreet(context: ExceptionContext) -> None:
    """Leave nothing of a row in an error: PostgreSQL tells which row it does not want."""
    found: Any = context.original_exception
    while found is not None:
        if found.args and isinstance(found.args[0], str):
            line = found.args[0].partition("\n")[0]
            head, argument, _ = line.partition(_QUERY_ARGUMENT)
            found.args = (head + argument, *found.args[1:])
        if hasattr(found, "detail"):
            found.detail = None
        found = found.__cause__
    if context.sqlalchemy_exception is not None and context.original_exception.args:
        line = f"({type(context.original_exception).__name__}) {context.original_exception.args[0]}"
        context.sqlalchemy_exception.args = (line,)


def begun_anew(transaction: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """What is one transaction, done once more if the server has ended it because it and another one waited for each other."""

    @wraps(transaction)
    async def done(*arguments: P.args, **options: P.kwargs) -> T:
        try:
            return await transaction(*arguments, **options)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != _DEADLOCK:
                raise
            log.info("begun anew after a deadlock", what=transaction.__qualname__)
            return await transaction(*arguments, **options)

    return done


def lock_for_migration(connection: Connection) -> None:
    """Let one process at a time bring the database up to date, to the end of its transaction."""
    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _MIGRATION})


class Session:
    """The connection by which a process holds its shards, and hears the others; `on_lost`: it has them no more."""

    def __init__(self, engine: AsyncEngine, shards: Shards, others: Others) -> None:
        self._engine, self._shards, self._others = engine, shards, others
        self.on_lost: Callable[[CannotStart], None] | None = None
        self._connection: AsyncConnection | None = None
        self._told: asyncio.Queue[str] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []
        self._revision: int | None = None
        self._ended = asyncio.Event()  # the connection, as far as this side has noticed
        driver: Any = engine.dialect.loaded_dbapi
        self._foreign = (driver.asyncpg.PostgresError, driver.asyncpg.InterfaceError)

    async def open(self) -> None:
        """Take the shards, and listen. Raises CannotStart SHARD_TAKEN, SHARD_COUNTS_DIFFER; DBAPIError."""
        connection = await self._engine.connect()
        try:
            await self._take(connection)
            driver = await _driver(connection)
            await driver.add_listener(CHANNEL, lambda *told: self._told.put_nowait(told[3]))
            self._ended.clear()
            driver.add_termination_listener(lambda *_: self._ended.set())
        except BaseException:
            await connection.invalidate()
            await connection.close()
            raise
        self._connection = connection

    def watch(self) -> None:
        """Pass on what is heard, and look after the connection."""
        self._tasks = [
            asyncio.create_task(self._listen(), name="news of other processes"),
            asyncio.create_task(self._look(), name="session"),
        ]

    async def close(self) -> None:
        """Let go of the shards."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._drop()

    async def works_with(self, revision: int) -> None:
        """This process is at work with a revision of the schema. Raises DBAPIError."""
        assert self._connection is not None  # noqa: S101 - it is open
        self._revision = revision
        await self._fetch(self._connection, "select pg_advisory_lock_shared($1, $2)", _SCHEMA, revision)

    async def others_than(self, revision: int) -> bool:
        """Whether a process is at work with another revision, which is not to be changed beneath it. Raises DBAPIError."""
        assert self._connection is not None  # noqa: S101 - it is open
        return bool(await self._fetch(self._connection, _HELD_BUT, _SCHEMA, revision))

    async def _take(self, connection: AsyncConnection) -> None:
        shards = self._shards
        await self._fetch(connection, "select pg_advisory_lock_shared($1, $2)", _COUNT, shards.count)
        counts = await self._fetch(connection, _HELD_BUT, _COUNT, shards.count)
        if counts:
            raise CannotStart(BotErrorCode.SHARD_COUNTS_DIFFER, count=shards.count, other=counts[0][0])
        until = asyncio.get_running_loop().time() + _TAKE_SECONDS
        for shard in shards.ids:
            while not await self._is_locked(connection, shard):
                if asyncio.get_running_loop().time() > until:
                    raise CannotStart(BotErrorCode.SHARD_TAKEN, shard=shard)
                await asyncio.sleep(_TAKE_PAUSE)
        if self._revision is not None:
            await self._fetch(connection, "select pg_advisory_lock_shared($1, $2)", _SCHEMA, self._revision)

    async def _is_locked(self, connection: AsyncConnection, shard: int) -> bool:
        rows = await self._fetch(connection, "select pg_try_advisory_lock($1, $2)", _SHARD, shard)
        return bool(rows[0][0])

    async def _fetch(self, connection: AsyncConnection, query: str, *values: object) -> list[Any]:
        """The rows of a query past SQLAlchemy, whose errors are SQLAlchemy's all the same."""
        driver = await _driver(connection)
        try:
            rows: list[Any] = await driver.fetch(query, *values)
        except self._foreign as error:
            raise DBAPIError(query, None, error) from None
        return rows

    async def _listen(self) -> None:
        while True:
            await self._others.told(await self._told.get())

    async def _look(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._ended.wait()
            if not await self._is_there():
                log.warning("database session lost")
                await self._drop()
                if not await self._begin_anew():
                    return
                log.info("database session begun anew")
                await self._others.told_all()

    async def _is_there(self) -> bool:
        try:
            async with asyncio.timeout(_LOOK_SECONDS):
                assert self._connection is not None  # noqa: S101 - it is open
                await self._fetch(self._connection, "select 1")
        except (SQLAlchemyError, OSError):  # TimeoutError is one
            return False
        return True

    async def _begin_anew(self) -> bool:
        """Take the shards again, as soon as the server is there; False if others have them by now."""
        while True:
            try:
                await self.open()
            except CannotStart as error:
                log.error("shards taken by another process", error=str(error))
                if self.on_lost is not None:
                    self.on_lost(error)
                return False
            except (DBAPIError, OSError) as error:
                log.warning("database away", error=short(error))
                await asyncio.sleep(_AGAIN_SECONDS)
            else:
                return True

    async def _drop(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            with suppress(SQLAlchemyError, OSError):
                await connection.invalidate()
                await connection.close()


async def _driver(connection: AsyncConnection) -> Any:
    """asyncpg's own connection: its locks and its listener are no transaction's."""
    return (await connection.get_raw_connection()).driver_connection


@asynccontextmanager
async def session(url: str, shards: Shards, others: Others) -> AsyncIterator[Session]:
    """A process's session, for as long as it lives. Raises CannotStart, DBAPIError, ImportError."""
    engine = create(url, poolclass=NullPool)
    opened = Session(engine, shards, others)
    try:
        await opened.open()
        yield opened
    finally:
        await opened.close()
        await engine.dispose()

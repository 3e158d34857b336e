"""A backup: a folder that a bot can be started on, made while the bot runs or while it does not.

Rule: whoever holds the database makes it, because nobody else can read it: the bot that runs, asked over a socket
in its data directory, or else the command itself. Database and images are of one moment: nothing changes in the
database while the images are linked aside. A backup is there entirely or not at all, and has no tokens.
"""

import asyncio
import os
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from pathlib import Path

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.errors import BotErrorCode, CannotStart
from bot.storage.database import open_database, sqlite_url
from engine.protocol import make_private

log = structlog.get_logger(__name__)

DATABASE, FOLDERS, FILES = "bot.sqlite3", ("inbox", "kept", "museum"), ("catalogue.json",)
OURS = (
    f"{DATABASE}*",
    *FOLDERS,
    *FILES,
    "catalogue.draft",
    "orphans",
    "backup.sock",
    "backup-*",
    "heartbeat",
    "commands.sha256",
    "links.*",
    "shard-*",
    "opened-*",
)
_SOCKET, _STAGE = "backup.sock", "backup-"
_LONGEST_ADDRESS = 100  # bytes, of a socket


class Backup:
    """Makes backups of an open database and of the folders beside it."""

    def __init__(self, database: AsyncEngine, data: Path) -> None:
        self._database, self._data = database, data

    async def make(self, destination: Path) -> None:
        """Make a new folder. Raises OSError, DBAPIError, sqlite3.Error."""
        await asyncio.to_thread(_require_new, destination)
        stage = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix=_STAGE, dir=self._data))
        try:
            async with self._database.connect() as connection:
                raw = (await connection.get_raw_connection()).driver_connection
                assert raw is not None  # noqa: S101 - it is open
                with closing(sqlite3.connect(stage / DATABASE, check_same_thread=False)) as copy:
                    await raw.backup(copy)
                await asyncio.to_thread(_link_all, self._data, stage)
            await asyncio.to_thread(_forget_tokens, stage / DATABASE)
            await asyncio.to_thread(_copy_all, stage, destination)
        finally:
            await asyncio.to_thread(shutil.rmtree, stage, ignore_errors=True)

    @asynccontextmanager
    async def offered(self) -> AsyncIterator[None]:
        """Make one for whoever asks on the socket, for as long as this lasts; a full disk has no room for one."""
        try:
            await asyncio.to_thread(self._tidy)
            with _address(self._data) as address:
                server = await asyncio.start_unix_server(self._answer, address)
        except OSError as error:
            log.warning("no backups while this runs", reason=_reason(error))
            yield
            return
        try:
            yield
        finally:
            server.close()
            await asyncio.to_thread((self._data / _SOCKET).unlink, missing_ok=True)

    def _tidy(self) -> None:
        """Remove what a process that was cut off has left."""
        (self._data / _SOCKET).unlink(missing_ok=True)
        for stage in self._data.glob(f"{_STAGE}*"):
            shutil.rmtree(stage, ignore_errors=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, ValueError):  # whoever asked is gone, or it is no line of ours
            destination = Path(os.fsdecode((await reader.readline()).rstrip(b"\n")))
            try:
                await self.make(destination)
                answer = ""
                log.info("backup made", folder=str(destination))
            except (OSError, DBAPIError, sqlite3.Error) as error:
                answer = _reason(error)
                log.warning("backup failed", folder=str(destination), reason=answer)
            writer.write(os.fsencode(answer) + b"\n")
            await writer.drain()
            writer.close()
            await writer.wait_closed()


async def back_up(data: Path, database_url: str, destination: Path) -> None:
    """Have a backup made by the bot that runs on `data`, or make it; both paths are absolute. Raises CannotStart."""
    if database_url:
        raise CannotStart(BotErrorCode.BACKUP_ELSEWHERE)
    if await asyncio.to_thread(_is_within, data, destination):  # there the next start takes it for a leftover
        raise CannotStart(BotErrorCode.BACKUP_FAILED, folder=destination, reason=f"it is within {data}")
    try:
        reason = await _ask(data, destination)
    except OSError:  # nobody is there
        await _make(data, destination)
        return
    if reason:
        raise CannotStart(BotErrorCode.BACKUP_FAILED, folder=destination, reason=reason)


async def _ask(data: Path, destination: Path) -> str:
    """What the bot that runs says to it, "" if all is well. Raises OSError if there is none."""
    with _address(data) as address:
        reader, writer = await asyncio.open_unix_connection(address)
    writer.write(os.fsencode(destination) + b"\n")
    await writer.drain()
    answer = await reader.readline()
    writer.close()
    if not answer:
        return "the bot has stopped in between"
    return os.fsdecode(answer).strip()


async def _make(data: Path, destination: Path) -> None:
    try:
        is_there = (data / DATABASE).is_file()
    except OSError as error:  # this account may not look there
        raise CannotStart(BotErrorCode.BACKUP_FAILED, folder=destination, reason=_reason(error)) from error
    if not is_there:
        raise CannotStart(
            BotErrorCode.BACKUP_FAILED, folder=destination, reason=f"there is no {DATABASE} in {data}"
        )
    # Whoever is about to change the version wants it as it is, with a way back.
    async with open_database(sqlite_url(data / DATABASE), as_it_is=True) as (database, _):
        try:
            await Backup(database, data).make(destination)
        except (OSError, DBAPIError, sqlite3.Error) as error:
            raise CannotStart(
                BotErrorCode.BACKUP_FAILED, folder=destination, reason=_reason(error)
            ) from error


def _reason(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) else str(getattr(error, "orig", error))
    return (text or type(error).__name__).splitlines()[0]


def _require_new(destination: Path) -> None:
    if destination.exists() and (not destination.is_dir() or any(destination.iterdir())):
        raise FileExistsError(None, "there is something already")


def _is_within(folder: Path, path: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _link_all(data: Path, stage: Path) -> None:
    """Have the images a second time without their bytes; the inbox first, from which they move to the shelf."""
    for name in FOLDERS:
        for file in (data / name).glob("*/[!.]*"):
            target = stage / file.relative_to(data)
            target.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):  # moved, or removed, in between
                _link(file, target)
    for name in FILES:
        with suppress(FileNotFoundError):
            _link(data / name, stage / name)


def _link(file: Path, target: Path) -> None:
    try:
        target.hardlink_to(file)
    except FileNotFoundError:
        raise
    except OSError:  # a file system without links
        shutil.copy2(file, target)


def _forget_tokens(database: Path) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        if connection.execute("select 1 from sqlite_master where name = 'interactions'").fetchone():
            connection.execute("delete from interactions")  # of which former versions have none
        connection.execute("vacuum")


def _copy_all(stage: Path, destination: Path) -> None:
    """Copy to a draft beside the destination, then rename it."""
    destination.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{destination.name}-", dir=destination.parent))
    try:
        shutil.copytree(stage, draft, dirs_exist_ok=True, copy_function=_copy_synced)
        make_private(draft, ("*",))
        draft.replace(destination)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _copy_synced(source: str, target: str) -> str:
    shutil.copy2(source, target)
    Path(target).chmod(0o600)
    with Path(target).open("rb") as file:
        os.fsync(file.fileno())
    return target


@contextmanager
def _address(data: Path) -> Iterator[str]:
    """The address of the socket, also where the path is longer than an address may be."""
    address = str(data / _SOCKET)
    if len(os.fsencode(address)) <= _LONGEST_ADDRESS:
        yield address
        return
    folder = os.open(data, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{_SOCKET}"
    finally:
        os.close(folder)

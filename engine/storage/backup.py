"""Backups: folders that are data directories of their own, with the database of one moment and the files its rows need.

Rule: a copy is whole or absent. It is made under another name, checked, synced and renamed. A backup is private, as what
it is of. Event ids of an engine that starts on it are above all that were ever told, so that no reader misses an event.
Everything here blocks.
"""

import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from engine.protocol import CrashPoint, reach
from engine.storage.atomic import sync

DATABASE, IMAGES = "jobs.db", "images"
STAGING = "backup-"  # how the names of copies begin that a running engine has made, beside what they are of
_UNFINISHED = ".atelier-part"  # no name that anybody gives to what is theirs: such a folder is removed
_BESIDE = ("-wal", "-journal", "-shm")  # in the names of files that SQLite takes for a database's own
_STARTS_LATER = 10**6  # more than an engine is started in its life
_WAIT_SECONDS = 1.0


class BackupError(Exception):
    """It cannot be made or restored; its text is one sentence for the operator."""


class InUse(Exception):  # noqa: N818 - a state of affairs, not a mistake
    """An engine has the data directory."""


def finish(copy: sqlite3.Connection) -> None:
    """Check the copy of a database, and make it one to start on. Raises sqlite3.Error."""
    copy.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
    (sound,) = copy.execute("PRAGMA quick_check").fetchone()
    if sound != "ok":
        raise sqlite3.DatabaseError(sound)
    copy.execute("UPDATE starts SET count = count + ?", [_STARTS_LATER])
    copy.commit()


def link_files(images: Path, target: Path, names: Mapping[str, list[str]]) -> None:
    """Give files of jobs, by their ids, a second name; what is gone meanwhile is left out. Raises OSError."""
    target.mkdir()
    for job, files in names.items():
        (target / job).mkdir()
        for name in files:
            _link(images / job / name, target / job / name)


def _link(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except FileNotFoundError:
        return
    except OSError:  # the file system has no links
        shutil.copyfile(source, target)


def require_elsewhere(data_dir: Path, destination: Path) -> None:
    """Raises BackupError for a backup within what it is of, where it would be lost with it, or taken for a leftover."""
    if destination.resolve().is_relative_to(data_dir.resolve()):
        raise BackupError(
            f"{destination} is within {data_dir}, which it is to be a copy of: choose another place."
        )


def copy_closed(data_dir: Path, destination: Path) -> None:
    """Make a backup of a data directory that no engine has. Raises InUse, BackupError and OSError."""
    if not (data_dir / DATABASE).is_file():
        raise BackupError(f"There is nothing to back up in {data_dir}.")
    database = sqlite3.connect(data_dir / DATABASE, timeout=_WAIT_SECONDS)
    with closing(database) as source, _Whole(destination) as part:
        try:
            source.execute("PRAGMA locking_mode = EXCLUSIVE")
            source.execute("BEGIN IMMEDIATE")
            source.rollback()  # the lock stays
            with closing(sqlite3.connect(part / DATABASE)) as copy:
                source.backup(copy)
                finish(copy)
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
                raise InUse from error
            raise BackupError(f"The database in {data_dir} cannot be copied: {error}.") from error
        _copy_images(data_dir, part)


def copy_folder(source: Path, destination: Path) -> None:
    """Copy what a running engine has made. Raises BackupError and OSError."""
    with _Whole(destination) as part:
        shutil.copyfile(source / DATABASE, part / DATABASE)
        _copy_images(source, part)


def restore(source: Path, data_dir: Path) -> None:
    """Make a backup the data directory of an engine, which may have none of its own there. Raises BackupError, OSError."""
    if not (source / DATABASE).is_file() or not (source / IMAGES).is_dir():
        raise BackupError(f"{source} is no backup of an engine.")
    for name in (DATABASE, IMAGES, *(f"{DATABASE}{suffix}" for suffix in _BESIDE)):
        if (data_dir / name).exists():
            raise BackupError(
                f"{data_dir / name} exists already: move it away, so that nothing is written over."
            )
    data_dir.mkdir(parents=True, exist_ok=True)
    whole = data_dir / f"{STAGING}restored"
    shutil.rmtree(whole, ignore_errors=True)  # of one that was cut off
    with _Whole(whole) as part:
        shutil.copyfile(source / DATABASE, part / DATABASE)
        _check(part / DATABASE)
        _copy_images(source, part)
    # Cut off in between, there are images without a job, which is said, and not the other way round.
    (whole / IMAGES).rename(data_dir / IMAGES)
    reach(CrashPoint.IMAGES_RESTORED)
    (whole / DATABASE).rename(data_dir / DATABASE)
    whole.rmdir()


class _Whole:
    """A folder that is there in the end, with all that was written, or not at all."""

    def __init__(self, target: Path) -> None:
        self._target = target.resolve()  # "." has no name, and nothing beside it
        self._part = self._target.parent / f"{self._target.name}{_UNFINISHED}"

    def __enter__(self) -> Path:
        if self._target.exists() and (not self._target.is_dir() or any(self._target.iterdir())):
            raise BackupError(f"{self._target} exists already.")
        shutil.rmtree(self._part, ignore_errors=True)
        self._part.mkdir(parents=True)
        return self._part

    def __exit__(self, failure: object, *_: object) -> None:
        if failure is not None:
            shutil.rmtree(self._part, ignore_errors=True)
            return
        for path in (*self._part.rglob("*"), self._part):
            sync(path)
        reach(CrashPoint.BACKUP_COPIED)
        self._part.replace(self._target)
        sync(self._target.parent)


def _copy_images(source: Path, target: Path) -> None:
    shutil.copytree(source / IMAGES, target / IMAGES, copy_function=shutil.copyfile)


def _check(database: Path) -> None:
    try:
        with closing(sqlite3.connect(database)) as connection:
            (sound,) = connection.execute("PRAGMA quick_check").fetchone()
    except sqlite3.DatabaseError as error:
        sound = str(error)
    if sound != "ok":
        raise BackupError(f"The database of the backup is damaged: {sound}.")

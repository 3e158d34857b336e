"""The image files of the jobs: one folder per job under the data directory.

Rule: a file is whole or absent. It is written under a temporary name beside the folders, or by a worker into the folder
of its attempt, then synced and renamed. A folder is removed whole: it gets another name first, so that nobody who still
writes into it brings it back. A folder without a job (a crash came between the two, or the database is gone) is an
orphan: it is moved aside, beside the folder of the jobs, and goes a week later. A job's folder is never a link: what is
behind one is somebody else's, and nothing there is read, moved or removed. Everything here blocks: call it in a thread.
"""

import errno
import os
import re
import shutil
import uuid
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from engine.protocol import CrashPoint, ErrorCode, ImageFormat, Refusal, reach
from engine.storage.atomic import sync
from engine.storage.room import NO_ROOM, Room

# Whatever a file's name says, its format is known by its first bytes.
CONTENT = "content.png"
TIMELAPSE = "timelapse.webp"
CHECKPOINT = "checkpoint.npz"
_WRITTEN, _REMOVED = ".written-", ".removed-"  # how names begin of what is not there yet, or not any more

ORPHANS = "orphans"  # the folder of those
_ID = re.compile(r"[\w-]+", re.ASCII)
_NO_FOLDER = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)  # not there, a file, a link


def result_file(image_format: ImageFormat) -> str:
    """Name of the file of a painting in this format."""
    return f"result.{image_format.lower()}"


def snapshot_file(number: int) -> str:
    """Name of the file of a snapshot of the painting, counted from 1."""
    return f"moment-{number:02}"


def tile_file(number: int) -> str:
    """Name of the file of an audition's tile, counted from 1: what it is finished from."""
    return f"tile-{number:02}.npz"


def kept_files(image_format: ImageFormat, snapshots: int) -> tuple[str, ...]:
    """Names of all files that may be there of a painting that is finished.

    What it was painted from, too, to compare; and of an audition what its tiles, which are its snapshots, are finished from.
    """
    tiles = (tile_file(number + 1) for number in range(snapshots))
    return (*painted_files(image_format, snapshots), TIMELAPSE, CONTENT, *tiles)


def painted_files(image_format: ImageFormat, snapshots: int) -> tuple[str, ...]:
    """Names of all files that a worker leaves of a painting."""
    return (result_file(image_format), *(snapshot_file(number + 1) for number in range(snapshots)))


@contextmanager
def full_disk_refused() -> Iterator[None]:
    """Turn "no space left" into the refusal that says so."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise Refusal(ErrorCode.STORAGE_FULL) from error
        raise


def write_synced(path: Path, data: bytes, temporary: Path) -> None:
    """Write a file by way of a temporary one, of which nothing is left if there is no room for it. Raises OSError."""
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


class JobFiles:
    """The folder `root`, which is created if needed; `orphans` is where those without a job are moved.

    room: is told when the disk has none left.
    """

    def __init__(self, root: Path, room: Room | None = None) -> None:
        self._root = root
        self._room = room
        self.orphans = root.with_name(ORPHANS)
        root.mkdir(parents=True, exist_ok=True)

    def path(self, job: str, name: str) -> Path:
        """Where a file of a job is, or would be."""
        return self._folder(job) / name

    def write(self, job: str, files: Mapping[str, bytes]) -> None:
        """Put the files on the disk for good. Raises Refusal STORAGE_FULL."""
        folder = self._folder(job)
        with self._full_disk_refused():
            folder.mkdir(exist_ok=True)
            for name, data in files.items():
                self._write(folder / name, data)
            sync(folder)
            sync(self._root)

    def add(self, job: str, name: str, data: bytes) -> None:
        """Put one more file of a job on the disk for good.

        Raises Refusal STORAGE_FULL, and FileNotFoundError if the job has no folder (any more).
        """
        folder = self._folder(job)
        with self._full_disk_refused():
            self._write(folder / name, data)
            sync(folder)

    def outbox(self, job: str, attempt: int) -> Path:
        """The folder that a worker puts the painting into."""
        return self.path(job, f"attempt-{attempt}")

    def adopt(self, job: str, attempt: int, names: Collection[str]) -> None:
        """Put these files of an attempt on the disk for good; those that are already are left alone.

        Raises FileNotFoundError if one is neither here nor there, and Refusal STORAGE_FULL.
        """
        folder, outbox = self._folder(job), self.outbox(job, attempt)
        with self._full_disk_refused():
            for name in names:
                if (outbox / name).exists() or not (folder / name).exists():
                    sync(outbox / name)
                    (outbox / name).rename(folder / name)
            sync(folder)

    def keep_only(self, job: str, names: Collection[str]) -> None:
        """Remove all files of a job but these, and its folder if nothing is left."""
        if not _ID.fullmatch(job):
            return  # nothing is kept under what is no id
        folder = self._folder(job)
        if not names:
            self._remove_whole(folder)
            return
        for name in self.names(job):
            if name not in names:
                _remove(folder / name)

    def remove(self, job: str, name: str) -> None:
        """Remove one file of a job, and the job's folder if nothing is left."""
        folder = self._folder(job)
        _remove(folder / name)
        with suppress(OSError):  # something is left
            folder.rmdir()

    def jobs(self) -> list[str]:
        """The ids of all jobs that have a folder."""
        return [name for name in _names(self._root) if not name.startswith(".")]

    def names(self, job: str) -> list[str]:
        """Names of what there is of a job; nothing if it has no folder of its own. Raises OSError."""
        if not _ID.fullmatch(job):
            return []
        try:
            folder = os.open(f"{self._root}/{job}", os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError as error:
            if error.errno in _NO_FOLDER:
                return []
            raise
        try:
            return _names(folder)
        finally:
            os.close(folder)

    def size(self, job: str) -> int:
        """Bytes of all files of a job, as far as they can be seen."""
        with suppress(FileNotFoundError):
            folder = self._folder(job)
            return 0 if folder.is_symlink() else _size(folder)
        return 0

    def move_aside(self, job: str) -> None:
        """Make what there is of a job an orphan, as of now. Raises OSError."""
        self.orphans.mkdir(exist_ok=True)
        if self.orphans.is_symlink():
            raise NotADirectoryError(errno.ENOTDIR, "a link, and not a folder", str(self.orphans))
        os.utime(self._root / job, follow_symlinks=False)  # its age tells when it may go
        target = self.orphans / job
        while target.exists():
            target = target.with_name(f"{target.name}+")
        (self._root / job).rename(target)

    def orphans_before(self, when: float) -> list[str]:
        """Names of the orphans that were moved aside before `when`, in seconds since the epoch."""
        if self.orphans.is_symlink() or not self.orphans.is_dir():
            return []
        with os.scandir(self.orphans) as entries:
            return [entry.name for entry in entries if entry.stat(follow_symlinks=False).st_mtime < when]

    def drop_orphan(self, name: str) -> None:
        """Delete an orphan."""
        _remove(self.orphans / name)

    def remove_unfinished(self) -> None:
        """Remove what a crash has left half written or half removed; to be called before anybody writes."""
        for name in _names(self._root):
            if name.startswith((_WRITTEN, _REMOVED)):
                _remove(self._root / name)

    def _write(self, path: Path, data: bytes) -> None:
        write_synced(path, data, self._root / f"{_WRITTEN}{uuid.uuid4().hex}")

    @contextmanager
    def _full_disk_refused(self) -> Iterator[None]:
        try:
            with full_disk_refused():
                yield
        except Refusal:
            if self._room:
                self._room.note_full()
            raise

    def _remove_whole(self, folder: Path) -> None:
        aside = self._root / f"{_REMOVED}{uuid.uuid4().hex}"
        try:
            folder.rename(aside)
        except FileNotFoundError:
            return
        except OSError:  # a full disk may have no room for another name
            aside = folder
        reach(CrashPoint.FOLDER_SET_ASIDE)
        with suppress(OSError):
            _remove(aside)

    def _folder(self, job: str) -> Path:
        """Raises FileNotFoundError for what is no id of ours: damage must not lead elsewhere."""
        if not _ID.fullmatch(job):
            raise FileNotFoundError(errno.ENOENT, "no folder of a job", job)
        return self._root / job


def _names(folder: Path | int) -> list[str]:
    # A tenth of the time that pathlib takes, and there may be tens of thousands.
    with os.scandir(folder) as entries:
        return [entry.name for entry in entries]


def _size(folder: Path) -> int:
    total = 0
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):  # removed meanwhile
                is_folder = entry.is_dir(follow_symlinks=False)
                facts = entry.stat(follow_symlinks=False)
                total += _size(Path(entry.path)) if is_folder else facts.st_size
    return total


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)

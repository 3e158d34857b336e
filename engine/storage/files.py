"""The image files of the jobs: one folder per job under the data directory.

Rule: a file is whole or absent. It is written under a temporary name, or by a worker into the folder of its
attempt, then synced and renamed. A folder without a job (a crash came between the two, or the database is gone) is
an orphan: it is moved aside, beside the folder of the jobs, and goes a week later. Everything here blocks: call it in
a thread.
"""

import errno
import os
import re
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from engine.protocol import ErrorCode, ImageFormat, Refusal

# Whatever a file's name says, its format is known by its first bytes.
CONTENT = "content.png"
TIMELAPSE = "timelapse.webp"
CHECKPOINT = "checkpoint.npz"

ORPHANS = "orphans"  # the folder of those
_ID = re.compile(r"[\w-]+", re.ASCII)


def result_file(image_format: ImageFormat) -> str:
    """Name of the file of a painting in this format."""
    return f"result.{image_format.lower()}"


def snapshot_file(number: int) -> str:
    """Name of the file of a snapshot of the painting, counted from 1."""
    return f"moment-{number:02}"


def painted_files(image_format: ImageFormat, snapshots: int) -> tuple[str, ...]:
    """Names of all files that a worker leaves of a painting."""
    return (result_file(image_format), *(snapshot_file(number + 1) for number in range(snapshots)))


@contextmanager
def full_disk_refused() -> Iterator[None]:
    """Turn "no space left" into the refusal that says so."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Refusal(ErrorCode.STORAGE_FULL) from error
        raise


class JobFiles:
    """The folder `root`, which is created if needed; `orphans` is where those without a job are moved."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.orphans = root.with_name(ORPHANS)
        root.mkdir(parents=True, exist_ok=True)

    def path(self, job: str, name: str) -> Path:
        """Where a file of a job is, or would be."""
        return self._folder(job) / name

    def write(self, job: str, files: Mapping[str, bytes]) -> None:
        """Put the files on the disk for good. Raises Refusal STORAGE_FULL."""
        folder = self._folder(job)
        with full_disk_refused():
            folder.mkdir(exist_ok=True)
            for name, data in files.items():
                _write(folder / name, data)
            _sync(folder)
            _sync(self._root)

    def outbox(self, job: str, attempt: int) -> Path:
        """The folder that a worker puts the painting into."""
        return self.path(job, f"attempt-{attempt}")

    def adopt(self, job: str, attempt: int, names: Collection[str]) -> None:
        """Put these files of an attempt on the disk for good; those that are already are left alone.

        Raises FileNotFoundError if one is neither here nor there, and Refusal STORAGE_FULL.
        """
        folder, outbox = self._folder(job), self.outbox(job, attempt)
        with full_disk_refused():
            for name in names:
                if (outbox / name).exists() or not (folder / name).exists():
                    _sync(outbox / name)
                    (outbox / name).rename(folder / name)
            _sync(folder)

    def keep_only(self, job: str, names: Collection[str]) -> None:
        """Remove all files of a job but these, and its folder if nothing is left."""
        folder = self._folder(job)
        if not names:
            shutil.rmtree(folder, ignore_errors=True)
            return
        for path in folder.glob("*"):
            if path.name not in names:
                _remove(path)

    def remove(self, job: str, name: str) -> None:
        """Remove one file of a job, and the job's folder if nothing is left."""
        folder = self._folder(job)
        _remove(folder / name)
        with suppress(OSError):  # something is left
            folder.rmdir()

    def jobs(self) -> list[str]:
        """The ids of all jobs that have a folder."""
        return _names(self._root)

    def names(self, job: str) -> list[str]:
        """Names of what there is of a job; nothing if it has no folder. Raises OSError."""
        try:
            return _names(self._folder(job))
        except FileNotFoundError:
            return []

    def size(self, job: str) -> int:
        """Bytes of all files of a job, as far as they can be seen."""
        return _size(self._folder(job))

    def move_aside(self, job: str) -> None:
        """Make what there is of a job an orphan, as of now. Raises OSError."""
        self.orphans.mkdir(exist_ok=True)
        os.utime(self._root / job)  # its age tells when it may go
        target = self.orphans / job
        while target.exists():
            target = target.with_name(f"{target.name}+")
        (self._root / job).rename(target)

    def orphans_before(self, when: float) -> list[str]:
        """Names of the orphans that were moved aside before `when`, in seconds since the epoch."""
        if not self.orphans.is_dir():
            return []
        with os.scandir(self.orphans) as entries:
            return [entry.name for entry in entries if entry.stat(follow_symlinks=False).st_mtime < when]

    def drop_orphan(self, name: str) -> None:
        """Delete an orphan."""
        _remove(self.orphans / name)

    def _folder(self, job: str) -> Path:
        """Raises FileNotFoundError for what is no id of ours: damage must not lead elsewhere."""
        if not _ID.fullmatch(job):
            raise FileNotFoundError(errno.ENOENT, "no folder of a job", job)
        return self._root / job


def _names(folder: Path) -> list[str]:
    with os.scandir(
        folder
    ) as entries:  # a tenth of the time that pathlib takes, and there may be tens of thousands
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


def _write(path: Path, data: bytes) -> None:
    temporary = path.with_suffix(".part")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""The image files of the jobs: one folder per job under the data directory.

Rule: a file is whole or absent. It is written under a temporary name beside the folders, or by a worker into the folder
of its attempt, then synced and renamed. A folder is removed whole: it is set aside by another name first, so that nobody
who still writes into it brings it back. A folder without a job (a crash came between the two) is swept later.
Everything here blocks: call it in a thread.
"""

import os
import shutil
import uuid
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from engine.protocol import CrashPoint, ErrorCode, ImageFormat, Refusal, reach
from engine.storage.room import NO_ROOM, Room

# Whatever a file's name says, its format is known by its first bytes.
CONTENT = "content.png"
TIMELAPSE = "timelapse.webp"
CHECKPOINT = "checkpoint.npz"
_WRITTEN, _REMOVED = ".written-", ".removed-"  # how names begin of what is not there yet, or not any more


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
    """The folder `root`, which is created if needed; `room` is told when the disk has none left."""

    def __init__(self, root: Path, room: Room | None = None) -> None:
        self._root = root
        self._room = room
        root.mkdir(parents=True, exist_ok=True)

    def path(self, job: str, name: str) -> Path:
        """Where a file of a job is, or would be."""
        return self._root / job / name

    def write(self, job: str, files: Mapping[str, bytes]) -> None:
        """Put the files on the disk for good. Raises Refusal STORAGE_FULL."""
        folder = self._root / job
        with self._full_disk_refused():
            folder.mkdir(exist_ok=True)
            for name, data in files.items():
                self._write(folder / name, data)
            _sync(folder)
            _sync(self._root)

    def add(self, job: str, name: str, data: bytes) -> None:
        """Put one more file of a job on the disk for good.

        Raises Refusal STORAGE_FULL, and FileNotFoundError if the job has no folder (any more).
        """
        folder = self._root / job
        with self._full_disk_refused():
            self._write(folder / name, data)
            _sync(folder)

    def outbox(self, job: str, attempt: int) -> Path:
        """The folder that a worker puts the painting into."""
        return self.path(job, f"attempt-{attempt}")

    def adopt(self, job: str, attempt: int, names: Collection[str]) -> None:
        """Put these files of an attempt on the disk for good; those that are already are left alone.

        Raises FileNotFoundError if one is neither here nor there, and Refusal STORAGE_FULL.
        """
        folder, outbox = self._root / job, self.outbox(job, attempt)
        with self._full_disk_refused():
            for name in names:
                if (outbox / name).exists() or not (folder / name).exists():
                    _sync(outbox / name)
                    (outbox / name).rename(folder / name)
            _sync(folder)

    def keep_only(self, job: str, names: Collection[str]) -> None:
        """Remove all files of a job but these, and its folder if nothing is left."""
        folder = self._root / job
        if not names:
            self._remove(folder)
            return
        for path in folder.glob("*"):
            if path.name in names:
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def jobs(self) -> list[str]:
        """The ids of all jobs that have a folder."""
        return [folder.name for folder in self._root.iterdir() if not folder.name.startswith(".")]

    def remove_unfinished(self) -> None:
        """Remove what a crash has left half written or half removed; to be called before anybody writes."""
        for prefix in (_WRITTEN, _REMOVED):
            for path in self._root.glob(f"{prefix}*"):
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)

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

    def _remove(self, folder: Path) -> None:
        aside = self._root / f"{_REMOVED}{uuid.uuid4().hex}"
        try:
            folder.rename(aside)
        except FileNotFoundError:
            return
        except OSError:  # a full disk may have no room for another name
            aside = folder
        reach(CrashPoint.FOLDER_SET_ASIDE)
        shutil.rmtree(aside, ignore_errors=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

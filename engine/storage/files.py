"""The image files of the jobs: one folder per job under the data directory.

Rule: a file is whole or absent. It is written under a temporary name, or by a worker into the folder of its
attempt, then synced and renamed; a folder without a job (a crash came between the two) is swept at the next
start. Everything here blocks: call it in a thread.
"""

import errno
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from engine.protocol import ErrorCode, ImageFormat, Refusal

# Whatever a file's name says, its format is known by its first bytes.
CONTENT = "content.png"
TIMELAPSE = "timelapse.webp"
CHECKPOINT = "checkpoint.npz"


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
    """The folder `root`, which is created if needed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(parents=True, exist_ok=True)

    def path(self, job: str, name: str) -> Path:
        """Where a file of a job is, or would be."""
        return self._root / job / name

    def write(self, job: str, files: Mapping[str, bytes]) -> None:
        """Put the files on the disk for good. Raises Refusal STORAGE_FULL."""
        folder = self._root / job
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
        folder, outbox = self._root / job, self.outbox(job, attempt)
        with full_disk_refused():
            for name in names:
                if (outbox / name).exists() or not (folder / name).exists():
                    _sync(outbox / name)
                    (outbox / name).rename(folder / name)
            _sync(folder)

    def keep_only(self, job: str, names: Collection[str]) -> None:
        """Remove all files of a job but these, and its folder if nothing is left."""
        folder = self._root / job
        if not names:
            shutil.rmtree(folder, ignore_errors=True)
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
        return [folder.name for folder in self._root.iterdir()]


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

"""The files of a booth, on its machine, for as long as they are needed there.

Rule: they are others' pictures, so they are private, go when their batch is over, and do not outlive their booth: what one
that was killed has left, the next that begins on the machine removes.
"""

import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from engine.storage.atomic import UNFINISHED
from engine.workers.cluster.parcel import path_of
from engine.workers.ipc import Equipment

_PREFIX, _LOCK = "booth-", "lock"
_STATISTICS = "statistics"


class Scratch:
    """A folder of its own in `root`, a folder of this account's on this machine. Raises PermissionError for another's."""

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_ours(root.lstat()):  # anybody of the machine may have made it, to see what comes into it
            raise PermissionError(f"{root} is another account's, or others get into it")
        with _locked(root / _LOCK):  # several may begin at once
            _remove_abandoned(root)
            self._whole = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=root))
            self._lock: int | None = _lock(self._whole / _LOCK)
        self.folder = self._whole / "files"
        self.folder.mkdir()

    def folders(self, equipment: Equipment) -> dict[str, Any]:
        """What of the equipment is in folders of this machine: what was measured of it stays, what was of styles goes."""
        return {
            "speeds": equipment.speeds and str(self._root / "speed"),
            "statistics": equipment.statistics and str(self._whole / _STATISTICS),
            "studies_only": True,
        }

    def put(self, name: str, data: bytes, *, is_last: bool) -> None:
        """Add to a file; it is there after the last. Raises OSError and ValueError."""
        path = path_of(name, self.folder)
        unfinished = path.with_name(path.name + UNFINISHED)
        with unfinished.open("ab") as file:
            file.write(data)
        if is_last:
            unfinished.rename(path)

    def read(self, name: str, offset: int, most: int) -> bytes:
        """So much of a file at most, from there on. Raises OSError and ValueError."""
        with path_of(name, self.folder).open("rb") as file:
            file.seek(offset)
            return file.read(most)

    def remove(self, name: str) -> None:
        """Remove one file."""
        path_of(name, self.folder).unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove all files."""
        for path in self.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self._whole, ignore_errors=True)
        self.let_go()

    def let_go(self) -> None:
        """Hold it no more, as the end of the process does: whoever comes next removes it."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def default_root() -> Path:
    """Of this account, whose number keeps it apart from others'."""
    return Path(tempfile.gettempdir()) / f"atelier-{os.getuid()}"


def _is_ours(found: os.stat_result) -> bool:
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077


def _remove_abandoned(root: Path) -> None:
    """Remove what nobody holds any more."""
    for folder in root.glob(f"{_PREFIX}*"):
        with suppress(OSError), _locked(folder / _LOCK, fcntl.LOCK_NB):
            shutil.rmtree(folder, ignore_errors=True)


def _lock(path: Path, how: int = 0) -> int:
    """The descriptor by which it is held. Raises OSError."""
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | how)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


@contextmanager
def _locked(path: Path, how: int = 0) -> Iterator[None]:
    descriptor = _lock(path, how)
    try:
        yield
    finally:
        os.close(descriptor)

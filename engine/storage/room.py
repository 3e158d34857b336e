"""Room on the disk: whether there is any, and a reserve for what makes room.

SQLite needs room to delete a row, too. Rule: the reserve, a file that is given back piece by piece, is for what ends or
removes something, and for a start; what adds something is refused, or waits. The disk counts as full from the first
refusal of it, or while it has less room than the reserve takes, until the reserve is whole again and something can be
written. Everything here blocks: call it in a thread.
"""

import errno
import os
import shutil
import sqlite3
import threading
import time
from contextlib import suppress
from pathlib import Path

import structlog
from sqlalchemy.exc import DatabaseError

log = structlog.get_logger()

RESERVE = "reserve"
RESERVE_BYTES = 16 * 2**20
SHARE = 16  # a small disk gives one of so many parts
PIECES = 16
LEAST_PIECE = 2**16  # more than any change of the database takes
CALM_SECONDS = 10.0  # without a refusal, before the disk counts as not full
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
# What SQLite makes of a quota, and of a file that cannot be made; other faults look the same.
_UNCLEAR = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)


class Room:
    """That of the disk that a folder is on, which has to exist. Raises OSError if it does not, or has no place for a reserve."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._reserve = folder / RESERVE
        self._size = min(RESERVE_BYTES, shutil.disk_usage(folder).total // SHARE)
        self._piece = max(self._size // PIECES, LEAST_PIECE)
        self._is_full = False
        self._noted = -CALM_SECONDS  # when it was full, by the monotonic clock
        self._lock = threading.Lock()
        self._clear_place()

    @property
    def is_full(self) -> bool:
        """Whether nothing is to be added."""
        return self._is_full

    def note_full(self) -> None:
        """Something was refused."""
        self._noted = time.monotonic()
        if not self._is_full:
            self._is_full = True
            log.error("the disk is full: no more jobs are taken", free=self._free(), reserve=self._held())

    def look(self) -> bool:
        """Make the reserve whole if there is room for it; returns whether the disk is full."""
        with self._lock:
            if self._held() < self._size and self._free() >= 2 * self._size:
                self._fill()
            if self._held() < self._size or self._free() < self._size:
                self.note_full()
            elif self._is_full and time.monotonic() - self._noted >= CALM_SECONDS and not self._refuses():
                self._is_full = False
                log.info("there is room on the disk again", free=self._free())
        return self._is_full

    def lend(self) -> bool:
        """Give a piece of the reserve back to the disk; returns False if nothing is left of it."""
        with self._lock:
            held = self._held()
            if held == 0:
                return False
            try:
                os.truncate(self._reserve, max(held - self._piece, 0))
            except OSError as error:
                log.error("the reserve cannot be used", why=error.strerror)
                return False
            return True

    def is_lacking(self, error: OSError | DatabaseError) -> bool:
        """Whether it says, in its way, that there is no room."""
        if isinstance(error, OSError):
            return error.errno in NO_ROOM
        code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
        return code == sqlite3.SQLITE_FULL or (code in _UNCLEAR and self._refuses())

    def _clear_place(self) -> None:
        """See to it that a reserve can be kept: nothing is lost with a file of it that cannot be written."""
        if not os.path.lexists(self._reserve):
            return
        if self._reserve.is_symlink() or not self._reserve.is_file():
            raise FileExistsError(
                errno.EEXIST, "it is no file, and a file is to be kept here", str(self._reserve)
            )
        if not os.access(self._reserve, os.W_OK):
            self._reserve.unlink()

    def _free(self) -> int:
        return shutil.disk_usage(self._folder).free

    def _held(self) -> int:
        with suppress(OSError):
            return self._reserve.stat().st_size
        return 0

    def _fill(self) -> None:
        held = self._held()
        try:
            with self._reserve.open("ab") as file:
                if hasattr(os, "posix_fallocate"):
                    os.posix_fallocate(file.fileno(), 0, self._size)
                else:
                    file.write(os.urandom(self._size - held))
        except OSError as error:
            log.warning("the reserve cannot be made", why=error.strerror)
            with suppress(OSError):
                os.truncate(self._reserve, held)

    def _refuses(self) -> bool:
        """Try it: a quota is seen in no other way."""
        probe = self._folder / f".{RESERVE}-probe"
        try:
            probe.write_bytes(os.urandom(LEAST_PIECE))
        except OSError as error:
            return error.errno in NO_ROOM
        finally:
            with suppress(OSError):
                probe.unlink(missing_ok=True)
        return False

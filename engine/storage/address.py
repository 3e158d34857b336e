"""Where the engine can be asked that has a data directory, said in a file there for as long as it runs.

Rule: the text counts only while somebody holds the lock on it. What was killed leaves the file and not the lock, and by then
another process may listen there, which is to be sent no token. Everything here blocks.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ADDRESS = "address"


@contextmanager
def noted(data_dir: Path, url: str) -> Iterator[None]:
    """Say it meanwhile. Raises OSError."""
    path = data_dir / ADDRESS
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # whoever looks has it for a moment
        file.truncate(0)
        file.write(url)
        file.flush()
        try:
            yield
        finally:
            with suppress(OSError):  # it counts no more in any case
                path.unlink()


def address_of(data_dir: Path) -> str | None:
    """Where the engine can be asked that has the directory; None if it does not say so, or not yet. Raises OSError."""
    try:
        file = (data_dir / ADDRESS).open()
    except FileNotFoundError:
        return None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return file.read() or None
    return None

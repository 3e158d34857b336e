"""Files that are whole or absent, whoever else writes the same one at the time.

What may be lost in a power cut is written so; what may not is for `engine.storage.files`.
"""

import os
import tempfile
from pathlib import Path

UNFINISHED = ".part"  # the ending of a file that is being written; of a process that was killed it stays


def write_whole(path: Path, data: bytes) -> None:
    """Write a file, and its folder if that is missing, under a name of its own, and rename it. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(UNFINISHED, dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def sync(path: Path) -> None:
    """Put a file, or the names in a folder, on the disk for good. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

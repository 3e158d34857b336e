"""A disk of a few megabytes, which is really full when it is full."""

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class SmallDisk:
    """One that is mounted at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._filler = path / "filler"

    def fill(self) -> None:
        """Leave no room."""
        with self._filler.open("ab", buffering=0) as file:
            for size in (2**20, 2**12, 1):
                try:
                    while True:
                        file.write(os.urandom(size))
                except OSError as error:
                    assert error.errno == errno.ENOSPC  # noqa: PT017 - which fault it is, not whether there is one

    def clear(self) -> None:
        """Make the room that was filled."""
        self._filler.unlink()


@contextmanager
def small_disk(path: Path, megabytes: int = 8) -> Iterator[SmallDisk]:
    """Mount one, or skip the test and say so: that takes root, be it of a namespace (`unshare -rm`)."""
    path.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={megabytes}m", "none"]
    mounted = subprocess.run(["mount", *options, str(path)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip(f"NOT TESTED, as no disk can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        yield SmallDisk(path)
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)

"""What tidies up, copies or moves aside can be killed at each of its steps, and the next run ends what it began."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.protocol import CrashPoint, JobState
from engine.protocol.crash_points import CRASH_VARIABLE
from engine.storage.jobs import open_store
from tests.engine.scripted import FILES, record

# Killed at a point, then once more and not killed; one process that forks, as it takes seconds to load.
TIDY = """
import asyncio, os, sys
from pathlib import Path
from engine.protocol import crash_points
from engine.service.retention import LOOKS_APART, Retention
from engine.storage.jobs import open_store
async def main():
    passed = iter([0.0, 0.0] + [LOOKS_APART] * 99)
    store = await open_store(Path("data"))
    retention = Retention(store, 3600, 10**9, monotonic=lambda: next(passed))
    await retention.tidy()
    for _ in range(2):
        await retention.look()
    await store.close()
for point in (sys.argv[1], None):
    child = os.fork()
    if child == 0:
        crash_points._chosen = point
        asyncio.run(main())
        os._exit(0)
    print(os.waitpid(child, 0)[1])
"""
BACK_UP = (
    "from pathlib import Path; from engine.storage.backup import *; copy_closed(Path('data'), Path('copy'))"
)
RESTORE = (
    "from pathlib import Path; from engine.storage.backup import *; restore(Path('data'), Path('restored'))"
)


def run(script: str, folder: Path, point: CrashPoint | None = None) -> int:
    variables = {CRASH_VARIABLE: point} if point else {}
    environment = os.environ | {"PYTHONPATH": str(Path.cwd())} | variables
    return subprocess.run([sys.executable, "-c", script], cwd=folder, env=environment, check=False).returncode


def tidied(folder: Path, point: CrashPoint) -> list[int]:
    """How both runs ended."""
    command = [sys.executable, "-c", TIDY, point]
    environment = os.environ | {"PYTHONPATH": str(Path.cwd())}
    told = subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.PIPE).stdout
    return [int(line) for line in told.splitlines() if line.isdigit()]  # among lines of the log


async def data_directory(folder: Path) -> None:
    """One with a job that is old, a job that waits and an orphan."""
    store = await open_store(folder / "data")
    jobs = [record(id="old", state=JobState.CANCELLED, ended=time.time() - 7200), record(id="waits")]
    for job in jobs:
        await store.insert(job)
    for name in ("old", "waits", "stray"):
        store.files.write(name, FILES)
    await store.close()


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


@pytest.mark.parametrize(
    "point", [CrashPoint.EXPIRED_FILES_REMOVED, CrashPoint.EXPIRED, CrashPoint.ORPHAN_ASIDE]
)
async def test_a_tidying_that_is_killed_is_ended_by_the_next(tmp_path: Path, point: CrashPoint) -> None:
    await data_directory(tmp_path)
    assert tidied(tmp_path, point) == [signal.SIGKILL, 0]
    assert names(tmp_path / "data" / "images") == {"waits"}
    assert names(tmp_path / "data" / "orphans") == {"stray"}
    assert names(tmp_path / "data" / "images" / "waits") == FILES.keys()
    store = await open_store(tmp_path / "data")
    assert [outline.id for outline in await store.outlines()] == ["waits"]
    await store.close()


async def test_a_moving_aside_that_is_killed_loses_no_image(tmp_path: Path) -> None:
    await data_directory(tmp_path)
    spoil(tmp_path / "data" / "jobs.db")
    assert tidied(tmp_path, CrashPoint.DATABASE_ASIDE) == [signal.SIGKILL, 0]
    assert names(tmp_path / "data" / "orphans") == {"old", "waits", "stray"}


def spoil(database: Path) -> None:
    database.write_bytes(b"no database at all" * 1000)


async def test_a_backup_that_is_killed_leaves_none(tmp_path: Path) -> None:
    await data_directory(tmp_path)
    assert run(BACK_UP, tmp_path, CrashPoint.BACKUP_COPIED) == -signal.SIGKILL
    assert "copy" not in names(tmp_path)
    assert run(BACK_UP, tmp_path) == 0
    assert names(tmp_path / "copy") == {"jobs.db", "images"}


async def test_a_restore_that_is_killed_is_not_taken_for_whole(tmp_path: Path) -> None:
    await data_directory(tmp_path)
    for point in (CrashPoint.BACKUP_COPIED, CrashPoint.IMAGES_RESTORED):
        assert run(RESTORE, tmp_path, point) == -signal.SIGKILL
        assert "jobs.db" not in names(tmp_path / "restored")
    assert run(RESTORE, tmp_path) == 1  # there are images in the way

"""Kills real processes at each statement of a migration: `python -m tests.engine.storage.killed_migrations FOLDER`.

FOLDER has the database to begin with, or none. Every child has a copy of its own, opens it as the engine does, and ends by
SIGKILL right after its first, second, ... statement. Leaves the copies as FOLDER/1, FOLDER/2, ...; the last one was not killed.
One process that forks is ten times as quick as as many processes.
"""

import asyncio
import os
import shutil
import signal
import sys
from itertools import count
from pathlib import Path
from typing import Any

import alembic.command  # noqa: F401 - once for all children, which would each load it when it is needed
import sqlalchemy as sa

from engine.storage.jobs import open_store


def kill_after(statements: int) -> None:
    """End this process once it has executed so many."""
    counter = count(1)

    @sa.event.listens_for(sa.Engine, "after_cursor_execute")
    def _count(*_facts: Any) -> None:
        if next(counter) == statements:
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Fork, and wait for each child."""
    folder = Path(sys.argv[1])
    for statements in count(1):
        copy = folder / str(statements)
        copy.mkdir()
        if (folder / "jobs.db").exists():
            shutil.copy(folder / "jobs.db", copy)
        child = os.fork()
        if child == 0:
            kill_after(statements)
            asyncio.run(open_store(copy))
            os._exit(0)  # without closing it
        if os.waitpid(child, 0)[1] == 0:
            return


if __name__ == "__main__":
    main()

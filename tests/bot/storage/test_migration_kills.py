"""A migration that is cut off after any of its statements is as if it had not begun."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

from bot.storage.database import sqlite_url
from bot.storage.store import open_store

# One process that forks once for each statement: it is warm, and has no threads.
PROGRAM = """
import json, os, pathlib, signal, sqlite3, sys
from sqlalchemy import create_engine, event
from bot.storage import database

folder = pathlib.Path(sys.argv[1])


def migrated(path, die_after=None):
    engine = create_engine(f"sqlite:///{path}")
    event.listen(engine, "connect", database._harden)
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    event.listen(engine, "begin", database._begin)
    done = 0

    def count(*_):
        nonlocal done
        done += 1
        if done == die_after:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "after_cursor_execute", count)
    with engine.begin() as connection:
        database.migrate(connection)
    return done


statements = migrated(folder / "whole.sqlite3")
survivors = []
for n in range(1, statements + 1):
    path = folder / f"killed-{n}.sqlite3"
    child = os.fork()
    if child == 0:
        migrated(path, n)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []
    connection.close()
    survivors.append(path.name)
print(json.dumps(survivors))
"""


def test_a_migration_killed_after_any_statement_begins_anew(tmp_path: Path) -> None:
    program = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    done = subprocess.run(program, env=os.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    survivors = json.loads(done.stdout)
    assert len(survivors) > 50
    asyncio.run(opened(tmp_path / survivors[-1]))


async def opened(path: Path) -> None:
    async with open_store(sqlite_url(path)) as store:
        assert await store.tickets.unfinished() == []

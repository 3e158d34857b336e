"""A migration that is cut off after any of its statements is as if it had not begun."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

from bot.storage.database import sqlite_url
from bot.storage.store import open_store

# What a kill leaves is what is on the disk just then, so one run shows it for each statement; some are real. One process
# that forks for those: it is warm, and has no threads.
PROGRAM = """
import json, os, pathlib, shutil, signal, sqlite3, sys
from sqlalchemy import create_engine, event
from bot.storage import database

folder = pathlib.Path(sys.argv[1])
survivors = []


def migrated(path, after_statement):
    engine = create_engine(f"sqlite:///{path}")
    event.listen(engine, "connect", database._harden)
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    event.listen(engine, "begin", database._begin)
    done = 0

    def count(*_):
        nonlocal done
        done += 1
        after_statement(done)

    event.listen(engine, "after_cursor_execute", count)
    with engine.begin() as connection:
        database.migrate(connection)
    return done


def check(path):
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []
    connection.close()
    survivors.append(path.name)


def keep(n):
    for file in folder.glob("whole.sqlite3*"):
        shutil.copy(file, folder / file.name.replace("whole", f"left-{n}"))


statements = migrated(folder / "whole.sqlite3", keep)
for n in range(1, statements + 1):
    check(folder / f"left-{n}.sqlite3")
for last in range(1, statements + 1, statements // 8):
    path = folder / f"killed-{last}.sqlite3"
    child = os.fork()
    if child == 0:
        migrated(path, lambda n: os.kill(os.getpid(), signal.SIGKILL) if n == last else None)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    check(path)
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

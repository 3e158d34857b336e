"""A start that is cut off, at whatever statement, is as if it had not begun."""

import asyncio
import sqlite3
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.storage.database import connect, migrate
from engine.storage.jobs import open_store

FIRST_VERSION = Path(__file__).with_name("v0001.sql")


def contents(folder: Path) -> list[str]:
    """All but the number of starts, which is counted after the migration."""
    database = sqlite3.connect(folder / "jobs.db")
    dump = [line for line in database.iterdump() if not line.startswith('INSERT INTO "starts"')]
    database.close()
    return dump


def numbered(folder: Path) -> list[Path]:
    return sorted(
        (path for path in folder.iterdir() if path.name.isdecimal()), key=lambda path: int(path.name)
    )


@pytest.mark.parametrize("version", ["", FIRST_VERSION.read_text()], ids=["first start", "first version"])
async def test_a_start_that_is_killed_at_any_statement_has_not_begun(tmp_path: Path, version: str) -> None:
    database = sqlite3.connect(tmp_path / "jobs.db")
    database.executescript(version)
    database.close()
    script = "tests.engine.storage.killed_migrations"
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", script, str(tmp_path))
    assert await process.wait() == 0
    before, (*killed, whole) = contents(tmp_path), numbered(tmp_path)
    after = contents(whole)
    assert len(killed) > 20
    for folder in killed:
        assert contents(folder) in (before, after)
    for folder in (killed[0], killed[len(killed) // 2], killed[-1]):
        store = await open_store(folder)
        assert len(await store.outlines()) == (4 if version else 0)
        await store.close()


async def test_what_an_older_engine_left_when_it_was_killed_in_its_first_start_starts(tmp_path: Path) -> None:
    engine = connect(tmp_path / "jobs.db")
    async with engine.begin() as connection:
        await connection.run_sync(lambda sync: migrate(sync, "0001"))
        for statement in ("DELETE FROM alembic_version", "DROP TABLE starts"):
            await connection.execute(sa.text(statement))
    await engine.dispose()
    store = await open_store(tmp_path)
    assert store.starts == 1
    await store.close()

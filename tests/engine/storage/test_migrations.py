"""A start that is cut off, at whatever statement, is as if it had not begun."""

import asyncio
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from engine.storage import migrations
from engine.storage.database import connect, migrate
from engine.storage.jobs import open_store

FIRST_VERSION = Path(__file__).with_name("v0001.sql")
START = """
import asyncio, pathlib, sys
import engine.cli.app, engine.service.app
from engine.storage.jobs import open_store


async def start():
    await (await open_store(pathlib.Path(sys.argv[1]))).close()


asyncio.run(start())
sys.exit("alembic" in sys.modules)
"""


def contents(folder: Path) -> list[str]:
    """All but the number of starts, which is counted after the migration."""
    with closing(sqlite3.connect(folder / "jobs.db")) as database:
        return [line for line in database.iterdump() if not line.startswith('INSERT INTO "starts"')]


def numbered(folder: Path) -> list[Path]:
    return sorted(
        (path for path in folder.iterdir() if path.name.isdecimal()), key=lambda path: int(path.name)
    )


async def killed_starts(folder: Path, version: str) -> tuple[list[Path], list[Path]]:
    """Data directories of starts that were killed, one at each statement; and those in which it is as if half begun."""
    with closing(sqlite3.connect(folder / "jobs.db")) as database:
        database.executescript(version)
    script = "tests.engine.storage.killed_migrations"
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", script, str(folder))
    assert await process.wait() == 0
    before, (*killed, whole) = contents(folder), numbered(folder)
    after = contents(whole)
    return killed, [each for each in killed if contents(each) not in (before, after)]


@pytest.mark.parametrize("version", ["", FIRST_VERSION.read_text()], ids=["first start", "first version"])
async def test_a_start_that_is_killed_at_any_statement_has_not_begun(tmp_path: Path, version: str) -> None:
    killed, halfway = await killed_starts(tmp_path, version)
    assert len(killed) > 20
    assert halfway == []
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


async def test_a_start_that_has_nothing_to_migrate_does_without_alembic(tmp_path: Path) -> None:
    await (await open_store(tmp_path)).close()
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", START, str(tmp_path))
    assert await process.wait() == 0


def test_the_newest_version_is_the_one_that_alembic_would_take() -> None:
    scripts = ScriptDirectory(Path(migrations.__file__).parent)
    assert migrations.newest() == scripts.get_current_head()
    for script in scripts.walk_revisions():
        assert Path(script.path).name.startswith(f"v{script.revision}_")

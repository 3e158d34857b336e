"""A backup is a folder that a bot can be started on, and is private."""

import asyncio
import sqlite3
import stat
import sys
from contextlib import closing
from pathlib import Path

import pytest
from simcord import Env
from sqlalchemy.ext.asyncio import create_async_engine

from bot.app import Atelier
from bot.config import BotConfig
from bot.errors import BotErrorCode, CannotStart
from bot.storage.backup import DATABASE, back_up
from bot.storage.database import migrate, sqlite_url
from bot.tickets import desk
from tests.bot.fake_engine import FakeEngine
from tests.bot.world import FINISHED, World


async def restored(world: World, folder: Path) -> None:
    """The bot ends, and a new one begins on a backup."""
    await world.bot.close()
    config = BotConfig(engine_url=world.engine.url, data_dir=folder)
    await world.env.restart_bot(Atelier(config, external_wait=world._external_wait, shard_count=1))


@pytest.mark.parametrize("running", [True, False])
async def test_a_bot_goes_on_from_a_backup(
    world: World, engine: FakeEngine, tmp_path: Path, running: bool
) -> None:
    result = await world.result()
    answer = await world.stylize(seed=7)
    folder = tmp_path / "backups" / "monday"
    if not running:
        await world.bot.close()
    await back_up(tmp_path / "bot", "", folder)
    await restored(world, folder)
    engine.forget()  # so it gets the images again
    await world.env.advance_time(60)
    await world.until(lambda: engine.jobs)
    assert "content" in engine.jobs[0].parts
    await world.tell(FINISHED)
    await world.until(lambda: len(world.messages) == 2)
    assert answer.followups == []
    await world.alice.click(result, label="Again")
    await world.until(lambda: len(engine.jobs) == 2)


async def test_what_was_delivered_since_the_backup_is_not_delivered_again(
    world: World, env: Env, tmp_path: Path
) -> None:
    await world.stylize()
    await back_up(tmp_path / "bot", "", tmp_path / "monday")
    result = await world.finish(0)
    await restored(world, tmp_path / "monday")
    await env.advance_time(60)
    await world.until(lambda: world.bot.studio.desk._followers == {})
    assert [message.id for message in world.messages] == [result.id]


async def test_a_backup_has_no_tokens_and_is_private(
    world: World, tmp_path: Path, downloads: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "UNSEEN_SECONDS", 3600.0)  # or it would be answered
    await world.stylize()
    assert await world.bot.studio.store.owed.all() != []
    await back_up(tmp_path / "bot", "", tmp_path / "monday")
    assert b"simcord_interaction" not in (tmp_path / "monday" / "bot.sqlite3").read_bytes()
    assert stat.S_IMODE((tmp_path / "monday").stat().st_mode) == 0o700
    assert list((tmp_path / "bot").glob("backup-*")) == []
    downloads.set()


@pytest.mark.parametrize("running", [True, False])
async def test_the_command_makes_one(world: World, tmp_path: Path, running: bool) -> None:
    await world.result()
    if not running:
        await world.bot.close()
    config = tmp_path / "atelier.toml"
    config.write_text(f"[bot]\ndata_dir = '{tmp_path}/bot'\n")
    folder = tmp_path / "backups" / "monday"
    command = ("-m", "bot", "backup", str(folder), "--config", str(config))
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    assert (process.returncode, said) == (0, b"")
    assert {DATABASE, "kept"} <= {path.name for path in folder.iterdir()}
    exposed = [path for path in (folder, *folder.rglob("*")) if path.stat().st_mode & 0o077]
    assert exposed == []


@pytest.mark.parametrize("version", ["0003", "0006", "9999"])
async def test_a_backup_before_the_version_changes_is_of_what_there_was(tmp_path: Path, version: str) -> None:
    data = tmp_path / "bot"
    data.mkdir()
    engine = create_async_engine(sqlite_url(data / DATABASE))
    async with engine.begin() as connection:
        await connection.run_sync(migrate, min(version, "0006"))
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = ?", (version,))
    await engine.dispose()
    await back_up(data, "", tmp_path / "monday")
    assert [version_of(folder / DATABASE) for folder in (data, tmp_path / "monday")] == [version, version]


def version_of(database: Path) -> str:
    with closing(sqlite3.connect(database)) as connection:
        (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(version)


async def test_a_backup_replaces_nothing(world: World, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    (there / "file").touch()
    with pytest.raises(CannotStart, match=BotErrorCode.BACKUP_FAILED):
        await back_up(tmp_path / "bot", "", there)
    with pytest.raises(CannotStart, match=BotErrorCode.BACKUP_FAILED):
        await back_up(tmp_path / "nowhere", "", tmp_path / "new")
    with pytest.raises(CannotStart, match=BotErrorCode.BACKUP_FAILED):  # where nobody may look at all
        await back_up(tmp_path / ("long" * 100), "", tmp_path / "new")
    with pytest.raises(CannotStart, match=BotErrorCode.BACKUP_FAILED):  # the next start would remove it
        await back_up(tmp_path / "bot", "", tmp_path / "bot" / "backup-of-monday")
    with pytest.raises(CannotStart, match=BotErrorCode.BACKUP_ELSEWHERE):
        await back_up(tmp_path / "bot", "postgresql://x", tmp_path / "new")
    assert [path.name for path in there.iterdir()] == ["file"]

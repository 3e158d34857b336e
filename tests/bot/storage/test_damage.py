"""What becomes of tickets when the disk is full, or the database damaged, emptied or lost."""

import asyncio
import sqlite3
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from simcord import Env
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import AsyncAdaptedQueuePool
from structlog.testing import capture_logs

from bot.errors import BotError, BotErrorCode, CannotStart
from bot.storage.database import sqlite_url
from bot.storage.interactions import Manner, OwedAnswer
from bot.storage.store import open_store
from bot.storage.tickets import Ticket, Tickets, TicketState
from bot.words.errors import sentence
from engine.protocol import ErrorCode, Refusal
from tests.bot.fake_engine import FakeEngine
from tests.bot.storage.sample import ticket
from tests.bot.world import World, shown


async def pragma(world: World, text: str) -> Any:
    async with world.bot.studio.store.database.connect() as connection:
        return (await connection.exec_driver_sql(f"PRAGMA {text}")).scalar()


async def fill(world: World) -> None:
    """Leave the database no room at all: not a page, neither in the file nor among its free ones."""
    await pragma(world, f"max_page_count = {await pragma(world, 'page_count')}")
    with suppress(OperationalError):
        for n in range(1000):
            closed = replace(ticket(), id=f"{n:x}", state=TicketState.CLOSED)
            await world.bot.studio.store.tickets.add(closed)


async def test_on_a_full_disk_nothing_is_taken_and_nothing_is_lost(
    world: World, engine: FakeEngine, env: Env
) -> None:
    await world.stylize()
    await fill(world)
    answer = await world.stylize(seed=7)
    assert answer.response.ephemeral
    assert world.sentences() == [sentence(BotError(BotErrorCode.DISK_FULL))]
    await pragma(world, "max_page_count = 1000000")
    await env.advance_time(60)
    await world.finish(0)
    await world.stylize(seed=7)
    assert [job.request.seed for job in engine.jobs] == [0, 7]


async def test_a_ticket_whose_images_find_no_room_waits(
    world: World, engine: FakeEngine, env: Env, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("bot.storage.inbox.Inbox.put", full)
        answer = await world.stylize()
        assert "My disk is full at the moment: your picture waits" in shown(answer).content
    await env.advance_time(60)
    await world.until(lambda: engine.jobs)


async def test_damage_while_it_is_open_is_said_once_and_nothing_more_is_taken(
    world: World, tmp_path: Path, env: Env
) -> None:
    file = tmp_path / "bot" / "bot.sqlite3"
    await pragma(world, "wal_checkpoint(TRUNCATE)")
    data = bytearray(file.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    file.write_bytes(data)
    await world.bot.studio.store.database.dispose()  # what was read is in memory otherwise
    with capture_logs() as lines:
        for seed in (1, 2):
            await world.stylize(seed=seed)
        answer = await world.stylize(seed=3)
    assert answer.response.content == sentence(BotError(BotErrorCode.MEMORY_DAMAGED))
    assert len([line for line in lines if line["event"].startswith("database damaged")]) == 1
    world.sentences()


async def test_a_row_that_cannot_be_read_stops_no_start(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "bot.sqlite3")
    sound, odd, odder = ticket(1.0), ticket(2.0), ticket(3.0)
    async with open_store(url) as store:
        for each in (sound, odd, odder):
            await store.tickets.add(each)
    with sqlite3.connect(tmp_path / "bot.sqlite3") as connection:
        connection.execute("UPDATE tickets SET request = '{' WHERE id = ?", (odd.id,))
        connection.execute("UPDATE tickets SET styles = '7' WHERE id = ?", (odder.id,))
    connection.close()
    async with open_store(url) as store:
        with capture_logs() as lines:
            assert await store.tickets.unfinished() == [sound]
        assert await store.tickets.unfinished_ids() == [sound.id, odd.id, odder.id]
    assert [line["ticket"] for line in lines] == [odd.id, odder.id]


async def test_a_lost_database_takes_no_images_along(
    world: World, tmp_path: Path, downloads: asyncio.Event
) -> None:
    downloads.set()
    await world.result()
    await world.stylize()
    (waiting,) = await world.bot.studio.store.tickets.unfinished()
    await world.bot.close()
    for file in (tmp_path / "bot").glob("bot.sqlite3*"):
        file.unlink()
    await world.env.restart_bot(world._new_bot())
    aside = tmp_path / "bot" / "orphans" / waiting.id
    assert [file.name for file in aside.iterdir()] == ["content"]
    assert len(list((tmp_path / "bot" / "kept").iterdir())) == 1


async def test_a_database_that_is_damaged_before_it_is_opened_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "bot.sqlite3"
    async with open_store(sqlite_url(file)) as store:
        for _ in range(200):
            await store.tickets.add(ticket())
    data = bytearray(file.read_bytes())
    data[3 * 4096 : 12 * 4096] = bytes(range(256)) * (9 * 16)
    file.write_bytes(data)
    with pytest.raises(CannotStart, match="database_not_opened") as caught:
        await AsyncExitStack().enter_async_context(open_store(sqlite_url(file)))
    assert "\n" not in sentence(caught.value)


async def test_images_of_a_delivered_ticket_get_to_the_shelf_though_a_crash_came_between(
    world: World, tmp_path: Path
) -> None:
    await world.result()
    (kept,) = (tmp_path / "bot" / "kept").iterdir()
    kept.rename(tmp_path / "bot" / "inbox" / kept.name)
    await world.restart()
    assert [folder.name for folder in (tmp_path / "bot" / "kept").iterdir()] == [kept.name]


async def test_a_refusal_that_cannot_be_stored_is_told_once_it_can(
    world: World, engine: FakeEngine, env: Env, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = Refusal(ErrorCode.OUT_OF_MEMORY)
    engine.refusals = [refusal, refusal]
    save = Tickets.save

    async def full(self: Tickets, ticket: Ticket, *names: str, **options: Any) -> bool:
        if ticket.state is TicketState.CLOSED:
            monkeypatch.undo()
            raise OperationalError("update", None, sqlite3.OperationalError("database or disk is full"))
        return await save(self, ticket, *names, **options)

    monkeypatch.setattr(Tickets, "save", full)
    await world.stylize()
    await env.advance_time(60)
    await world.until(lambda: any(sentence(refusal) in message.content for message in world.messages))
    assert await world.bot.studio.store.tickets.unfinished() == []


async def test_an_owed_answer_that_cannot_be_read_stops_no_start(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "bot.sqlite3")
    sound = OwedAnswer(7, 8, "token", Manner.CLICK)
    async with open_store(url) as store:
        await store.owed.add(sound)
    with sqlite3.connect(tmp_path / "bot.sqlite3") as connection:
        connection.execute("INSERT INTO interactions VALUES (5, 6, 'token', 'sung', NULL, 'en', 0)")
        connection.execute("INSERT INTO interactions VALUES (6, 'x', 'token', 'click', NULL, 'en', 0)")
    connection.close()
    async with open_store(url) as store:
        with capture_logs() as lines:
            assert await store.owed.all() == [sound]
    assert [line["interaction"] for line in lines] == [5, 6]


async def test_whoever_needs_the_database_waits_for_it_as_long_as_it_takes(tmp_path: Path) -> None:
    async with open_store(sqlite_url(tmp_path / "bot.sqlite3")) as store:
        assert isinstance(store.database.pool, AsyncAdaptedQueuePool)
        assert store.database.pool.timeout() is None

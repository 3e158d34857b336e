"""What must outlive the process."""

import asyncio
import os
import threading
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from bot.errors import BadConfig, DatabaseInUse
from bot.storage.inbox import Inbox
from bot.storage.shelf import Shelf
from bot.storage.store import Ticket, TicketState, Wish, metadata, migrate, open_store, sqlite_url
from engine.protocol import Colours, JobRequest, Owner, StyleChoice

REQUEST = JobRequest(owner=Owner(group="1", user="2"), styles=(StyleChoice(name="great_wave"),), strength=70)


# As version 0.1.0 has written it.
FIRST_REQUEST = (
    '{"recipe":"standard","size":null,"strength":70,"seed":0,"budget":null,"evaluations":null,'
    '"owner":{"guild":"1","user":"2"},"styles":[{"name":"great_wave","part":null,"weight":1.0}]}'
)


def ticket(created_at: float = 1.0) -> Ticket:
    return Ticket(2**60, 2, 3, REQUEST, "the wave", "a cat", True, created_at)


async def test_tickets_come_back_whole_and_in_order(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "bot.sqlite3")
    late, early, over = ticket(2.0), ticket(1.0), ticket(0.0)
    async with open_store(url) as store:
        for each in (late, early, over):
            await store.add(each)
        await store.save(replace(over, state=TicketState.DELIVERED, result_message_id=9), "state")
        early = replace(early, job_id="j", message_id=7, wish=Wish.FINISH)
        await store.save(early, "job_id", "message_id", "wish")
    async with open_store(url) as store:
        assert await store.unfinished() == [early, late]


async def test_a_ticket_is_found_by_its_id_for_good(tmp_path: Path) -> None:
    async with open_store(sqlite_url(tmp_path / "bot.sqlite3")) as store:
        over = replace(ticket(), state=TicketState.DELIVERED)
        await store.add(over)
        assert await store.ticket(over.id) == over
        assert await store.ticket("nothing") is None


async def test_a_moment_is_where_it_was_posted(tmp_path: Path) -> None:
    async with open_store(sqlite_url(tmp_path / "bot.sqlite3")) as store:
        await store.add_moment("a", 3, 2**60)
        await store.add_moment("a", 3, 2**60 + 1)
        assert await store.moment("a", 3) == 2**60 + 1
        assert await store.moment("a", 4) is None
        assert await store.moment("b", 3) is None


async def test_tickets_of_the_first_version_are_kept(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "bot.sqlite3")
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(migrate, "0001")
        await connection.exec_driver_sql(
            "INSERT INTO tickets (id, guild_id, channel_id, user_id, request, style, subject, spoiler, created_at,"
            " state, wish) VALUES ('old', 1, 2, 3, ?, 'the wave', 'a cat', 0, 1.0, 'open', 'none')",
            (FIRST_REQUEST,),
        )
    await engine.dispose()
    async with open_store(url) as store:
        (old,) = await store.unfinished()
    assert (old.id, old.request.strength, old.request.colours) == ("old", 70, Colours.PAINTED)


async def test_a_reaction_counts_while_its_ticket_does(tmp_path: Path) -> None:
    by_reaction, by_menu = replace(ticket(), source_message_id=1), replace(ticket(), source_message_id=9)
    async with open_store(sqlite_url(tmp_path / "bot.sqlite3")) as store:
        await store.add(by_reaction, by_reaction=True)
        await store.add(by_menu)
        assert await store.has_counted(1, 3, "great_wave")
        assert not await store.has_counted(9, 3, "great_wave")
        assert not await store.has_counted(1, 3, "starry_night")
        assert not await store.has_counted(1, 4, "great_wave")
        await store.release(by_menu)
        assert await store.has_counted(1, 3, "great_wave")
        await store.release(by_reaction)
        assert not await store.has_counted(1, 3, "great_wave")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nonsense", "database_url in [bot] cannot be used"),
        ("oracle+nodriver://x:secret@y/z", "database_url in [bot] cannot be used"),
        ("sqlite+aiosqlite:////nowhere/bot.sqlite3", "cannot be opened: unable to open database file"),
    ],
)
async def test_a_database_that_cannot_be_opened_is_one_sentence(url: str, sentence: str) -> None:
    with pytest.raises(BadConfig) as caught:
        await AsyncExitStack().enter_async_context(open_store(url))
    for thread in threading.enumerate():  # aiosqlite does not wait for the thread of what it could not open
        if "_connection_worker_thread" in thread.name:
            await asyncio.to_thread(thread.join)
    assert sentence in caught.value.sentence
    assert "secret" not in caught.value.sentence
    assert "\n" not in caught.value.sentence


async def test_a_database_of_a_newer_version_is_one_sentence(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "bot.sqlite3")
    async with open_store(url):
        pass
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    await engine.dispose()
    with pytest.raises(BadConfig, match=r"cannot be opened: .*9999"):
        await AsyncExitStack().enter_async_context(open_store(url))


async def test_the_migrations_make_the_schema(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "bot.sqlite3")
    async with open_store(url):
        pass
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
        assert (await connection.exec_driver_sql("PRAGMA journal_mode")).scalar() == "wal"
    await engine.dispose()


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


async def test_a_database_has_one_owner(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "bot.sqlite3")
    async with open_store(url):
        with pytest.raises(DatabaseInUse, match="is in use by another bot process"):
            await AsyncExitStack().enter_async_context(open_store(url))


async def test_images_are_kept_until_dropped(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path / "inbox")
    assert await inbox.parts("a") == {}
    for name in ("a", "b", "c"):
        await inbox.put(name, "content", name.encode())
        await inbox.put(name, "style-1", b"s")
    await inbox.drop("a")
    await inbox.drop("a")
    await inbox.keep_only(["b"])
    parts = await Inbox(tmp_path / "inbox").parts("b")
    assert {part: path.read_bytes() for part, path in parts.items()} == {"content": b"b", "style-1": b"s"}
    assert [place.name for place in (tmp_path / "inbox").iterdir()] == ["b"]


async def shelve(shelf: Shelf, tmp_path: Path, ticket: str, age: float = 0) -> None:
    """Deliver a ticket with 10 bytes of images, so many seconds ago."""
    inbox = Inbox(tmp_path / "inbox")
    await inbox.put(ticket, "content", b"12345")
    await inbox.put(ticket, "style-1", b"67890")
    await inbox.put(ticket, "previous", b"not wanted again")
    await shelf.keep(ticket, inbox.place(ticket))
    place = tmp_path / "kept" / ticket
    os.utime(place, (place.stat().st_mtime - age,) * 2)


def kept(tmp_path: Path) -> set[str]:
    return {f"{file.parent.name}/{file.name}" for file in (tmp_path / "kept").glob("*/*")}


async def test_images_of_delivered_tickets_are_bounded_by_bytes(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "kept", max_bytes=25, max_seconds=3600)
    await shelve(shelf, tmp_path, "a", age=30)
    await shelve(shelf, tmp_path, "b", age=20)
    assert kept(tmp_path) == {"a/content", "a/style-1", "b/content", "b/style-1"}
    await shelve(shelf, tmp_path, "c")
    assert kept(tmp_path) == {"b/content", "b/style-1", "c/content", "c/style-1"}
    await shelf.keep("never there", tmp_path / "inbox" / "never there")


async def test_images_of_delivered_tickets_are_bounded_by_age(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "kept", max_bytes=1000, max_seconds=3600)
    await shelf.trim()
    await shelve(shelf, tmp_path, "a", age=4000)
    await shelve(shelf, tmp_path, "b", age=3000)
    await shelf.trim()
    assert kept(tmp_path) == {"b/content", "b/style-1"}

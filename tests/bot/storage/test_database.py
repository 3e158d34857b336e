"""The database: opened by one process, and brought to the newest schema."""

import asyncio
import json
import sqlite3
import sys
import threading
from collections.abc import Mapping
from contextlib import AsyncExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from bot.errors import CannotStart
from bot.place import Place
from bot.storage import migrations
from bot.storage.database import ClosingConnection, metadata, migrate, sqlite_url
from bot.storage.store import open_store
from bot.storage.tickets import BundledStyle
from bot.words.errors import sentence
from engine.protocol import Colours, Owner
from tests.bot.storage.sample import WAVE, ticket

# As version 0.1.0 has written it.
FIRST_REQUEST = (
    '{"recipe":"standard","size":null,"strength":70,"seed":0,"budget":null,"evaluations":null,'
    '"owner":{"guild":"1","user":"2"},"styles":[{"name":"great_wave","part":null,"weight":1.0}]}'
)
FIRST_STYLE = "“The Great Wave off Kanagawa” by Katsushika Hokusai, 1831"

OLD: dict[str, object] = {
    "id": "old",
    "guild_id": 1,
    "channel_id": 2,
    "user_id": 3,
    "request": FIRST_REQUEST,
    "style": FIRST_STYLE,
    "subject": "a cat",
    "spoiler": False,
    "created_at": 1.0,
    "state": "open",
    "wish": "none",
}

START = """
import asyncio, sys
import bot.app
from bot.storage.store import open_store


async def start():
    async with open_store(sys.argv[1]):
        pass


asyncio.run(start())
sys.exit("alembic" in sys.modules)
"""


async def insert(connection: AsyncConnection, name: str, row: Mapping[str, object]) -> None:
    """Keep a row of a table as it was in a former version."""
    await connection.execute(sa.insert(sa.table(name, *map(sa.column, row))).values(row))


async def test_tickets_of_the_first_version_are_kept(empty_url: str) -> None:
    engine = create_async_engine(empty_url)
    async with engine.begin() as connection:
        await connection.run_sync(migrate, "0001")
        await insert(connection, "tickets", OLD | {"request": FIRST_REQUEST})
    await engine.dispose()
    async with open_store(empty_url) as store:
        (old,) = await store.tickets.unfinished()
    assert (old.id, old.request.strength, old.request.colours) == ("old", 70, Colours.PAINTED)
    assert (old.request.owner, old.styles) == (Owner(group="1", user="2"), (WAVE,))


async def test_a_star_of_former_versions_is_known_by_its_emojis_id(empty_url: str) -> None:
    engine = create_async_engine(empty_url)
    async with engine.begin() as connection:
        await connection.run_sync(migrate, "0013")
        for emoji in ("⭐", "<:paint:12345678901234567>", "<a:brush:12345678901234567>"):
            star = {"message_id": 1, "user_id": 2, "emoji": emoji, "burst": False, "piece_id": "piece"}
            star |= {"server_id": 3, "account_days": 0, "member_days": 0}
            await insert(connection, "stars", star)
    await engine.dispose()
    async with open_store(empty_url) as store:
        assert {star.emoji for star in await store.stars.given(1)} == {"⭐", "12345678901234567"}


async def test_tickets_of_the_second_version_know_their_place(empty_url: str) -> None:
    engine = create_async_engine(empty_url)
    async with engine.begin() as connection:
        await connection.run_sync(migrate, "0002")
        await insert(connection, "tickets", OLD | {"request": FIRST_REQUEST, "message_id": 7})
    await engine.dispose()
    direct = replace(ticket(), place=Place(None, 5))
    by_token = replace(ticket(), place=Place())
    async with open_store(empty_url) as store:
        (old,) = await store.tickets.unfinished()
        await store.tickets.add(direct)
        await store.tickets.add(by_token)
        assert await store.tickets.find(direct.id) == direct
        assert await store.tickets.find(by_token.id) == by_token
    assert (old.place, old.user_id, old.message_id) == (Place(1, 2), 3, 7)


@pytest.mark.parametrize(
    ("line", "choices", "styles"),
    [
        (FIRST_STYLE, ("great_wave",), (WAVE,)),
        (
            f"{FIRST_STYLE} and the 2 attached style images",
            ("great_wave", None, None),
            (WAVE, None, None),
        ),
        ("the attached style image", (None,), (None,)),
        ("the wave", ("great_wave",), (BundledStyle("great_wave", "great_wave", "", ""),)),
    ],
)
async def test_what_a_ticket_of_former_versions_said_becomes_facts(
    tmp_path: Path, line: str, choices: tuple[str | None, ...], styles: tuple[BundledStyle | None, ...]
) -> None:
    url = sqlite_url(tmp_path / "bot.sqlite3")
    named = [{"name": name} if name else {"part": "style-1"} for name in choices]
    request = json.dumps({"owner": {"group": "1", "user": "2"}, "styles": named})
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(migrate, "0004")
        for name, subject in (("a", "A member's picture"), ("b", "My cat")):
            row = OLD | {"id": name, "request": request, "style": line, "subject": subject}
            del row["guild_id"], row["channel_id"]
            await insert(connection, "tickets", row)
    await engine.dispose()
    async with open_store(url) as store:
        found = [await store.tickets.find(name) for name in ("a", "b")]
    assert [(each.styles, each.description) for each in found if each] == [(styles, None), (styles, "My cat")]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "database_url in [bot] cannot be used"),
        ("oracle+nodriver://x:secret@y/z", "database_url in [bot] cannot be used"),
        ("sqlite+aiosqlite:////nowhere/bot.sqlite3", "cannot be opened: unable to open database file"),
    ],
)
async def test_a_database_that_cannot_be_opened_is_one_sentence(url: str, words: str) -> None:
    with pytest.raises(CannotStart) as caught:
        await AsyncExitStack().enter_async_context(open_store(url))
    for thread in threading.enumerate():  # aiosqlite does not wait for the thread of what it could not open
        if "_connection_worker_thread" in thread.name:
            await asyncio.to_thread(thread.join)
    told = sentence(caught.value)
    assert words in told
    assert "secret" not in told
    assert "\n" not in told


@pytest.mark.parametrize("request_", ["no JSON", "{}", '{"owner": null}', '{"owner": {"user": "2"}}'])
async def test_a_row_that_no_bot_has_written_is_one_sentence(tmp_path: Path, request_: str) -> None:
    url = sqlite_url(tmp_path / "bot.sqlite3")
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(migrate, "0002")
        await insert(connection, "tickets", OLD | {"request": request_})
    await engine.dispose()
    with pytest.raises(CannotStart, match="database_not_opened") as caught:
        await AsyncExitStack().enter_async_context(open_store(url))
    told = sentence(caught.value)
    assert "cannot be opened: " in told
    assert "\n" not in told


async def test_a_database_of_a_newer_version_is_one_sentence(empty_url: str) -> None:
    async with open_store(empty_url):
        pass
    engine = create_async_engine(empty_url)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    await engine.dispose()
    with pytest.raises(CannotStart, match="database_newer"):
        await AsyncExitStack().enter_async_context(open_store(empty_url))


async def test_a_start_that_has_nothing_to_migrate_does_without_alembic(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "bot.sqlite3")
    async with open_store(url):
        pass
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", START, url)
    assert await process.wait() == 0


def test_the_newest_revision_is_the_one_that_alembic_would_take() -> None:
    scripts = ScriptDirectory(Path(migrations.__file__).parent)
    assert migrations.newest() == scripts.get_current_head()
    for script in scripts.walk_revisions():
        assert Path(script.path).name.startswith(f"{script.revision}_")


async def test_the_migrations_make_the_schema(empty_url: str) -> None:
    async with open_store(empty_url):
        pass
    engine = create_async_engine(empty_url)
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
        if connection.dialect.name == "sqlite":
            assert (await connection.exec_driver_sql("PRAGMA journal_mode")).scalar() == "wal"
    await engine.dispose()


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


async def test_a_database_has_one_owner(url: str) -> None:
    async with open_store(url):
        with pytest.raises(CannotStart, match=r"database_in_use|shard_taken"):
            await AsyncExitStack().enter_async_context(open_store(url))


def test_a_closed_connection_lets_go_of_the_file_though_somebody_keeps_its_cursor(tmp_path: Path) -> None:
    path = tmp_path / "bot.sqlite3"
    first = sqlite3.connect(path, factory=ClosingConnection)
    for statement in ("pragma locking_mode=exclusive", "pragma journal_mode=wal", "create table n (i)"):
        first.execute(statement)
    first.executemany("insert into n values (?)", [(number,) for number in range(9)])
    first.commit()
    kept = first.cursor()  # as SQLAlchemy and aiosqlite do
    kept.execute("select i from n")
    assert kept.fetchone() == (0,)
    first.close()
    with closing(sqlite3.connect(path, timeout=0)) as second:
        second.execute("insert into n values (9)")
    with pytest.raises(sqlite3.ProgrammingError):
        kept.fetchone()

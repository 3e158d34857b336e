"""The world of the stories, and what simcord leaves out of it.

Its bot has been started before: to migrate a database from nothing takes longer than most stories, and how a first start
does it is told in `tests/bot/storage`.
"""

import asyncio
import io
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import discord
import pytest
from PIL import Image, UnidentifiedImageError
from simcord import Env
from simcord.backend.cdn import CdnStore
from simcord.backend.models import Message
from simcord.backend.ops.messages import MessageMixin
from simcord.enums import ChannelType
from simcord.http import router

from bot.orders import attachments
from bot.storage.backup import DATABASE
from bot.storage.database import sqlite_url
from bot.storage.store import open_store
from tests.bot.fake_engine import FakeEngine
from tests.bot.nonces import Nonces
from tests.bot.world import World
from tests.first_start import first_start
from tests.postgres import Postgres, running

TEMPLATE = "first_start"


@pytest.fixture(autouse=True)
def dimensions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Discord states the dimensions of an image; simcord does not."""
    store = CdnStore.store_attachment

    def with_dimensions(self: CdnStore, *arguments: Any) -> dict[str, Any]:
        payload: dict[str, Any] = store(self, *arguments)
        with suppress(UnidentifiedImageError):
            payload["width"], payload["height"] = Image.open(io.BytesIO(arguments[3])).size
        return payload

    monkeypatch.setattr(CdnStore, "store_attachment", with_dimensions)


@pytest.fixture(autouse=True)
def nonces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Discord posts a message of one nonce once; simcord posts it as often as it is asked to."""
    monkeypatch.setattr(router, "dispatch", Nonces().dispatch)


@pytest.fixture(autouse=True)
def starters(monkeypatch: pytest.MonkeyPatch) -> None:
    """In Discord the first message of a post in a forum has the id of the post."""
    commit = MessageMixin.commit_message

    def with_its_id(self: MessageMixin, message: Message, **options: Any) -> Message:
        channel = self.get_channel(message.channel_id)
        parent = self.get_channel(channel.parent_id) if channel.is_thread and channel.parent_id else None
        if parent is not None and parent.type is ChannelType.FORUM and channel.last_message_id is None:
            message.id = channel.id
        return commit(self, message, **options)

    monkeypatch.setattr(MessageMixin, "commit_message", with_its_id)


@pytest.fixture(autouse=True)
def cdn(monkeypatch: pytest.MonkeyPatch) -> None:
    """simcord hands out files at an address of its own."""
    monkeypatch.setattr(attachments, "HOSTS", (*attachments.HOSTS, "cdn.simcord.invalid"))


@pytest.fixture
def downloads(world: World, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Attachments arrive only once this is set, as over a slow line."""
    arrive, fast = asyncio.Event(), attachments.download

    async def slow(*arguments: Any) -> bytes:
        await world.env.external_wait(arrive.wait(), reason="a slow download")
        return await fast(*arguments)

    monkeypatch.setattr(attachments, "download", slow)
    return arrive


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses of all attachments that were asked for."""
    asked, fetch = list[str](), attachments.download

    async def noted(client: discord.Client, url: str, which: str) -> bytes:
        asked.append(url)
        return await fetch(client, url, which)

    monkeypatch.setattr(attachments, "download", noted)
    return asked


@pytest.fixture
def engine() -> Iterator[FakeEngine]:
    with FakeEngine() as running:
        yield running


@pytest.fixture
def settings() -> dict[str, Any]:
    """The [bot] settings of a test; override to change them."""
    return {}


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a first start leaves, with nothing in it."""
    return first_start(tmp_path_factory.mktemp("first-start"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL of this run, in which a first start has left its database as `TEMPLATE`."""
    with running() as server:
        server.run(f"create database {TEMPLATE}")

        async def start() -> None:
            async with open_store(server.url(TEMPLATE)):
                pass

        asyncio.run(start())
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database as a first start leaves it, of each kind that the bot can keep its memory in."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("database"), tmp_path)
        yield sqlite_url(tmp_path / DATABASE)
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.create(TEMPLATE)
    yield url
    server.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database in which nothing is yet, of each kind."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path / DATABASE)
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.create()
    yield url
    server.drop(url)


@pytest.fixture
async def here(
    engine: FakeEngine, tmp_path: Path, settings: dict[str, Any], database: Path
) -> AsyncIterator[World]:
    data = tmp_path / "bot"
    data.mkdir(mode=0o700)
    shutil.copy(database, data)
    running = World(engine, data, **settings)
    await running.open()
    yield running
    await running.close()
    running.raise_unread_errors()


@pytest.fixture
def env(here: World) -> Env:
    """simcord looks for it among a test's fixtures, to give the test the simulated clock."""
    return here.env


@pytest.fixture
def world(here: World, env: Env) -> World:
    assert here.env is env
    return here

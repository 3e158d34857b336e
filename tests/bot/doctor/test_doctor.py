"""What a doctor finds, of a bot's folder, its Discord and its engine, each real but for what they say."""

import re
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot import doctor
from bot.cli import main
from bot.config import BotConfig, LinkConfig
from bot.doctor.patient import Finding, Patient
from bot.storage.backup import DATABASE
from bot.storage.database import sqlite_url
from bot.storage.store import open_store
from engine.protocol import Flow
from engine.service.routes import JOBS
from tests.engine.engine_process import TOKEN
from tests.engine.service.operation.operated import Operated, operated

GRANTED = 1 << 19


@dataclass
class Discord:
    """What Discord says."""

    status: int = 200
    flags: int = GRANTED
    ahead: timedelta = timedelta()
    asked: list[str] = field(default_factory=list)

    def app(self) -> web.Application:
        async def answer(request: web.Request) -> web.Response:
            self.asked.append(request.headers.get("Authorization", ""))
            date = format_datetime(datetime.now(UTC) + self.ahead, usegmt=True)
            body = {"username": "Atelier", "id": "17", "flags": self.flags}
            return web.json_response(body, status=self.status, headers={"Date": date})

        app = web.Application()
        app.router.add_get("/{path:.*}", answer)
        return app


@dataclass
class Ward:
    """Where a patient is looked at."""

    discord: Discord
    engine: Operated
    origin: str
    folder: Path

    async def look(
        self,
        token: str | None = "secret",  # noqa: S107
        engine_token: str = TOKEN,
        **config: Any,
    ) -> list[Finding]:
        settings: dict[str, Any] = {"data_dir": self.folder, "engine_url": self.engine.url.rstrip("/")}
        async with aiohttp.ClientSession() as session:
            patient = Patient(BotConfig(**(settings | config)), session, self.origin, token, engine_token)
            return [finding async for finding in doctor.findings(patient)]

    async def amiss(self, **config: Any) -> list[str]:
        """What is amiss, but for the account, which is root's where tests run in a container."""
        return [
            f.line for f in await self.look(**config) if not f.is_well and not f.line.startswith("Account")
        ]


@pytest.fixture
async def ward(tmp_path: Path) -> AsyncIterator[Ward]:
    folder = tmp_path / "bot"
    folder.mkdir(mode=0o700)
    async with open_store(sqlite_url(folder / DATABASE)):
        pass
    discord = Discord()
    async with TestServer(discord.app()) as server, operated(tmp_path / "engine", workers=1) as engine:
        yield Ward(discord, engine, str(server.make_url("")).rstrip("/"), folder)


async def test_of_what_is_well_each_check_says_so(ward: Ward) -> None:
    found = await ward.look()
    assert await ward.amiss() == []
    subjects = [finding.line.partition(":")[0] for finding in found]
    assert subjects[1:] == [
        "Account",
        "Data",
        "Disk",
        "Database",
        "Process",
        "Token",
        "Intents",
        "Clock",
        "Engine",
    ]
    text = "\n".join(finding.line for finding in found)
    assert "Token: of the bot “Atelier” (17)" in text
    assert "secret" not in text
    assert TOKEN not in text
    assert set(ward.discord.asked) == {"Bot secret", ""}  # the clock needs none


CASES: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({}, {"token": None}, "Token: none in DISCORD_TOKEN"),
    ({"status": 401}, {}, "Token: Discord does not know that in DISCORD_TOKEN"),
    ({"status": 429}, {}, "Token: Discord turns this machine's address away"),
    ({"status": 503}, {}, "Token: Discord answers 503"),
    ({"flags": 0}, {}, "Intents: Message Content is not ticked"),
    ({"ahead": timedelta(minutes=2)}, {}, "Clock: 1[12]. s slow"),
    ({}, {"engine_token": "wrong"}, "Engine: it does not accept the token"),
    ({}, {"engine_url": "http://127.0.0.1:9"}, "Engine: nobody answers at http://127.0.0.1:9"),
    ({}, {"database_url": "postgresql+asyncpg://127.0.0.1:9/atelier"}, "Database: .* cannot be opened"),
    ({}, {"links": LinkConfig(address="http://127.0.0.1:9")}, "Links: nobody answers"),
]


async def test_a_bucket_that_is_not_there_is_said_and_what_to_look_at(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_such_bucket(_request: web.Request) -> web.Response:
        raise web.HTTPNotFound(text="<Error><Code>NoSuchBucket</Code></Error>")

    store = web.Application()
    store.router.add_route("*", "/{path:.*}", no_such_bucket)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
        monkeypatch.setenv(name, "some")
    async with TestServer(store) as server:
        for endpoint, why in (
            (str(server.make_url("")), "there is no such bucket"),
            ("http://127.0.0.1:9", ".*127.0.0.1:9.*"),
        ):
            monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint.rstrip("/"))
            (line,) = await ward.amiss(images="s3://pictures/atelier")
            assert re.match(rf"Images: images in \[bot\] cannot be used: {why}\. See that the bucket", line)


async def test_what_is_amiss_is_one_line(ward: Ward) -> None:
    for change, config, found in CASES:
        vars(ward.discord).update(vars(Discord()) | change)
        lines = await ward.amiss(**config)
        assert [re.match(found, line) is not None for line in lines] == [True], (found, lines)


async def test_data_that_are_not_there_yet_are_fine_unless_they_cannot_be(ward: Ward) -> None:
    assert await ward.amiss(data_dir=ward.folder / "new" / "data") == []
    (ward.folder / "file").touch()
    data = ward.folder / "file" / "data"
    assert await ward.amiss(data_dir=data) == [
        f"Data: {data} cannot be made: {ward.folder / 'file'} is no folder into which this account may write"
    ]


async def test_a_paused_engine_a_damaged_and_a_newer_database_are_said(ward: Ward) -> None:
    await ward.engine.app[JOBS].steer(Flow.PAUSED)
    (line,) = await ward.amiss()
    assert line.startswith("Engine: it is paused by its operator")
    await ward.engine.app[JOBS].steer(Flow.OPEN)
    path = ward.folder / DATABASE
    with sqlite3.connect(path) as database:
        database.execute("update alembic_version set version_num = '9999'")
    (line,) = await ward.amiss()
    assert "is of a newer bot (9999" in line
    database.close()
    path.write_bytes(b"no database at all, but long enough to be taken for one" * 99)
    (line,) = await ward.amiss()
    assert "is damaged" in line


async def test_a_database_that_a_running_bot_has_is_fine(ward: Ward) -> None:
    async with open_store(sqlite_url(ward.folder / DATABASE)):
        (line,) = [f.line for f in await ward.look() if f.line.startswith("Database")]
        assert line.startswith("Database: a bot that runs has")
        assert await ward.amiss() == []


def test_the_command_says_what_is_amiss_and_ends_with_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISCORD_TOKEN", raising=False)
    monkeypatch.setenv("ATELIER_DISCORD_API", "http://127.0.0.1:9")
    config = tmp_path / "config.toml"
    config.write_text(f"[bot]\ndata_dir = '{tmp_path / 'bot'}'\nengine_url = 'http://127.0.0.1:9'\n")
    assert main(["--config", str(config), "doctor"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("LOOK Token: none in DISCORD_TOKEN") for line in lines)
    assert any(line.startswith("ok   Database:") for line in lines)

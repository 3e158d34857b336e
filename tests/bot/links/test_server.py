"""Private links over HTTP: the file for who has one, and nothing for anybody else."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import aiohttp
import discord
import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from bot.config import LinkConfig
from bot.engine_client import open_engine
from bot.errors import CannotStart
from bot.links import server
from bot.links.server import LinkServer, listening, serving_links
from bot.links.signing import Links
from bot.storage.database import sqlite_url
from bot.storage.store import Store, open_store
from bot.storage.tickets import Ticket, TicketState
from bot.words import links as words
from bot.words.errors import sentence
from engine.protocol import JobRequest, Owner, StyleChoice
from tests.bot.fake_engine import FakeEngine, FakeJob
from tests.bot.storage.sample import ticket as sample

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 2048


@dataclass
class Served:
    """A server of links with one finished picture behind it."""

    links: Links
    store: Store
    ticket: Ticket
    port: int
    session: aiohttp.ClientSession

    @property
    def path(self) -> str:
        return self.links.link(self.ticket.id, discord.utils.utcnow().timestamp()).url.removeprefix(ADDRESS)

    def get(self, path: str, method: str = "GET", **headers: str) -> "aiohttp.client._RequestContextManager":
        return self.session.request(method, f"http://127.0.0.1:{self.port}{path}", headers=headers)


ADDRESS = "https://art.example.org"


@pytest.fixture
async def served(engine: FakeEngine, tmp_path: Path) -> AsyncIterator[Served]:
    engine.result = PICTURE
    owner = Owner(group="1", user="2")
    request = JobRequest(owner=owner, styles=(StyleChoice(name="great_wave"),))
    engine.jobs.append(FakeJob("job0", "key", request, {}))
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(sqlite_url(tmp_path / "bot.sqlite3")))
        client = await stack.enter_async_context(open_engine(engine.url, None))
        ticket = replace(sample(), state=TicketState.DELIVERED, job_id="job0")
        await store.tickets.add(ticket)
        links = Links(LinkConfig(address=ADDRESS, hours=1), b"k" * 32)
        app = LinkServer(links, store, client).app()
        port = await stack.enter_async_context(listening(app, "127.0.0.1", 0))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        yield Served(links, store, ticket, port, session)


async def test_who_has_a_link_gets_the_file_to_the_byte(served: Served) -> None:
    async with served.get(served.path) as answer:
        assert (answer.status, await answer.read()) == (200, PICTURE)
        assert answer.content_type == "image/png"
        assert answer.content_length == len(PICTURE)
        name = f"atelier-{served.ticket.id}.png"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Server"] == "atelier"


async def test_a_part_of_it_and_its_head(served: Served) -> None:
    async with served.get(served.path, Range="bytes=8-15") as answer:
        assert (answer.status, await answer.read()) == (206, PICTURE[8:16])
        assert answer.headers["Content-Range"] == f"bytes 8-15/{len(PICTURE)}"
    async with served.get(served.path, Range=f"bytes={len(PICTURE)}-") as answer:
        assert answer.status == 416
        assert answer.headers["Content-Range"] == f"bytes */{len(PICTURE)}"
    async with served.get(served.path, "HEAD") as answer:
        assert (answer.status, answer.content_length, await answer.read()) == (200, len(PICTURE), b"")


async def test_a_link_that_is_over_is_none(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    path, now = served.path, discord.utils.utcnow()
    monkeypatch.setattr(discord.utils, "utcnow", lambda: now + timedelta(hours=1))
    async with served.get(path) as answer:
        assert (answer.status, await answer.text()) == (404, f"{words.NOTHING_HERE}\n")


async def test_what_was_deleted_is_not_there_any_more(served: Served, engine: FakeEngine) -> None:
    path = served.path
    await served.store.deletions.erase([served.ticket.id], 0.0)
    asked = len(engine.requests)
    async with served.get(path) as answer:
        assert answer.status == 404
    await served.store.deletions.purge([served.ticket.id], 0.0)
    async with served.get(path) as answer:
        assert (answer.status, await answer.text()) == (404, f"{words.NOTHING_HERE}\n")
    assert engine.requests[asked:] == []


async def test_what_the_engine_no_longer_keeps_is_not_there(served: Served, engine: FakeEngine) -> None:
    engine.forget()
    async with served.get(served.path) as answer:
        assert (answer.status, await answer.text()) == (404, f"{words.NOTHING_HERE}\n")


async def test_an_engine_that_is_away_is_said(served: Served, engine: FakeEngine) -> None:
    engine.go_down()
    async with served.get(served.path) as answer:
        assert (answer.status, await answer.text()) == (503, f"{words.AWAY}\n")
        assert answer.headers["Retry-After"] == "60"


async def test_a_database_that_cannot_be_read_is_said_and_logged(served: Served) -> None:
    path = served.path
    async with served.store.database.begin() as connection:
        await connection.execute(sa.text("drop table tickets"))
    with capture_logs() as lines:
        async with served.get(path) as answer:
            assert (answer.status, await answer.text()) == (503, f"{words.AWAY}\n")
    assert [line["event"] for line in lines] == ["the picture of a private link is not known"]


async def test_what_nobody_foresaw_is_logged_and_not_shown(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served.links, "ticket_of", None)
    with capture_logs() as lines:
        async with served.get(served.path) as answer:
            assert (answer.status, await answer.text()) == (500, f"{words.NOTHING_HERE}\n")
            assert answer.headers["Cache-Control"] == "no-store"
    assert [line["event"] for line in lines] == ["a private link could not be answered"]


async def test_strangers_find_nothing(served: Served, engine: FakeEngine) -> None:
    asked = len(engine.requests)
    guessed = ("", "..%2f..%2fetc%2fpasswd", "../p/x", "%00", "A" * 40, "A" * 5000, "%F0%9F%8E%A8")
    others = ("/", "/v1/jobs/job0/result", "/favicon.ico", "/metrics", f"{served.path}/", f"{served.path}0")
    for path in (*(f"/p/{token}" for token in guessed), *others):
        async with served.get(path) as answer:
            assert (answer.status, await answer.text()) == (404, f"{words.NOTHING_HERE}\n"), path
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert engine.requests[asked:] == []


async def test_a_link_is_only_to_be_read(served: Served, engine: FakeEngine) -> None:
    asked = len(engine.requests)
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"):
        async with served.get(served.path, method) as answer:
            assert (answer.status, await answer.text()) == (405, f"{words.NOTHING_HERE}\n")
            assert answer.headers["Allow"] == "GET,HEAD"
    assert engine.requests[asked:] == []


async def test_an_engine_that_hangs_holds_nobody_for_ever(
    served: Served, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "TRANSFER_SECONDS", 0.01)
    engine.hangs = True
    async with served.get(served.path) as answer:
        assert (answer.status, await answer.text()) == (503, f"{words.AWAY}\n")


@pytest.mark.parametrize(
    "sent",
    [b"GET /secret\r\n\r\n", b"\x16\x03\x01secret\r\n\r\n", b"GET /secret HTTP/1.1\r\nHost\r\n\r\n"],
)
async def test_what_is_no_http_is_not_repeated(served: Served, sent: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(sent)
    answer = await reader.read()
    writer.close()
    assert answer.split()[1] in (b"400", b"404")
    assert b"secret" not in answer


async def test_only_so_many_fetch_a_picture_at_once(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MOST_OF_A_PICTURE", 0)
    async with served.get(served.path) as answer:
        assert (answer.status, await answer.text()) == (503, f"{words.BUSY}\n")


async def test_whoever_leaves_gives_the_place_back(served: Served, engine: FakeEngine) -> None:
    engine.result = PICTURE * 64  # more than any buffer on the way
    for _ in range(3 * server.MOST_OF_A_PICTURE):
        while (answer := await served.get(served.path)).status == 503:  # it is noticed in a moment
            answer.release()
        assert answer.status == 200
        answer.close()


async def test_too_many_connections_are_hung_up(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MOST_CONNECTIONS", 0)
    with pytest.raises(aiohttp.ClientConnectionError):
        await served.get(served.path)


async def test_nothing_listens_without_an_address(served: Served, tmp_path: Path) -> None:
    async with (
        open_engine("http://127.0.0.1:1", None) as engine,
        serving_links(LinkConfig(), tmp_path, served.store, engine) as links,
    ):
        assert not links.is_on
    assert not (tmp_path / "links.key").exists()


async def refused(served: Served, folder: Path, port: int) -> str:
    """Why links cannot be served on a port."""
    config = LinkConfig(address=ADDRESS, port=port)
    async with open_engine("http://127.0.0.1:1", None) as engine:
        with pytest.raises(CannotStart) as caught:
            await AsyncExitStack().enter_async_context(serving_links(config, folder, served.store, engine))
    return sentence(caught.value)


async def test_a_key_that_cannot_be_kept_is_one_sentence(served: Served, tmp_path: Path) -> None:
    (tmp_path / "links.key").mkdir()
    why = "Private links cannot be served on 127.0.0.1:0: links.key: Is a directory."
    assert await refused(served, tmp_path, 0) == why


async def test_a_port_that_is_taken_is_one_sentence(served: Served, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        why = f"Private links cannot be served on 127.0.0.1:{port}: Address already in use."
        assert await refused(served, tmp_path, port) == why


async def test_what_is_fetched_is_logged_nowhere(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    path = served.path
    async with served.get(path) as answer:
        await answer.read()
    async with served.get(f"{path}x") as answer:
        await answer.read()
    assert path not in caplog.text

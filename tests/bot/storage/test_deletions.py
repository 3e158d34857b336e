"""What a deletion leaves in the database: a stone or nothing, and what is still to be erased."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.storage import deletions
from bot.storage.database import sqlite_url
from bot.storage.erasures import Kind
from bot.storage.posts import Posted, Role
from bot.storage.store import open_store
from bot.storage.tickets import StopRequest, TicketState
from tests.bot.storage.sample import ticket

WORDS = "a cat by the name of Mortimer"
TICKET = ticket()
POST = Posted(7, 8, 9, TICKET.id, Role.RESULT, 1.0)


def files_with(folder: Path, words: str) -> list[str]:
    return [path.name for path in folder.iterdir() if words.encode() in path.read_bytes()]


async def test_a_stone_tells_nothing_of_the_picture(url: str) -> None:
    async with open_store(url) as store:
        await store.tickets.add(replace(TICKET, description=WORDS, source_message_id=3, job_id="j"))
        assert await store.posts.add(POST)
        await store.deletions.erase([TICKET.id], 1.0)
        stone = await store.tickets.find(TICKET.id)
        assert stone is not None
        assert stone.state is TicketState.DELETED
        assert (stone.description, stone.source_message_id, stone.job_id) == (None, None, None)
        owed = await store.erasures.after(0, 10)
        assert {each.kind for each in owed} == deletions.ALL
        assert [(each.channel_id, each.message_id) for each in owed if each.kind is Kind.MESSAGE] == [(8, 7)]


async def test_what_is_deleted_stays_so(url: str) -> None:
    async with open_store(url) as store:
        await store.tickets.add(TICKET)
        await store.deletions.erase([TICKET.id], 1.0, ())
        assert not await store.tickets.save(replace(TICKET, state=TicketState.DELIVERED), "state")
        assert await store.tickets.state(TICKET.id) == TicketState.DELETED
        assert not await store.posts.add(POST)  # it was on its way: so it goes
        assert [each.message_id for each in await store.erasures.after(0, 10)] == [POST.message_id]


async def test_a_message_that_is_gone_before_it_is_noted_is_not_noted(url: str) -> None:
    async with open_store(url) as store:
        await store.tickets.add(TICKET)
        await store.posts.gone(POST.message_id)
        assert not await store.posts.add(POST)
        assert await store.posts.find(POST.message_id) is None


async def test_only_open_tickets_are_withdrawn(url: str) -> None:
    delivered = replace(TICKET, id="1" * 20, state=TicketState.DELIVERED)
    async with open_store(url) as store:
        for each in (TICKET, delivered):
            await store.tickets.add(each)
        await store.deletions.withdraw([TICKET.id, delivered.id], 1.0)
        for each, wish in ((TICKET, StopRequest.WITHDRAWN), (delivered, StopRequest.NONE)):
            found = await store.tickets.find(each.id)
            assert found is not None
            assert found.stop_request is wish


@pytest.mark.parametrize("count", [1, 1200])
async def test_any_number_goes_at_once(url: str, count: int) -> None:
    async with open_store(url) as store:
        await store.tickets.add(TICKET)
        await store.deletions.purge([TICKET.id, *(f"{n:020x}" for n in range(count))], 1.0)
        assert await store.tickets.known() == []


async def test_of_what_is_deleted_nothing_is_on_the_disk(tmp_path: Path) -> None:
    async with open_store(sqlite_url(tmp_path / "bot.sqlite3")) as store:
        await store.tickets.add(replace(TICKET, description=WORDS))
        assert files_with(tmp_path, WORDS)
        await store.deletions.purge([TICKET.id], 1.0)
        await store.retention.overwrite()
        await store.tickets.add(replace(TICKET, id="2" * 20))  # and it goes on
        assert files_with(tmp_path, WORDS) == []

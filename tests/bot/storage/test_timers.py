"""Timers: one a thing, moved by setting it again, and gone once what it is for is done."""

from collections.abc import AsyncIterator

import pytest

from bot.storage.store import Store, open_store
from bot.storage.timers import Timer, TimerKind

DUEL = Timer(TimerKind.DUEL, "d", 20.0, server_id=1)
WEEK = Timer(TimerKind.WEEK_BEGINS, "1", 10.0, server_id=1)


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    async with open_store(url) as store:
        yield store


async def test_what_is_due_comes_in_its_order(store: Store) -> None:
    timers = store.timers
    assert await timers.next_after(0.0) is None
    await timers.set(DUEL, WEEK)
    assert [await timers.next_after(now) for now in (0.0, 10.0, 20.0)] == [10.0, 20.0, None]
    assert [await timers.due(now) for now in (9.0, 10.0, 99.0)] == [[], [WEEK], [WEEK, DUEL]]
    await timers.done(WEEK)
    assert await timers.due(99.0) == [DUEL]


async def test_one_that_was_moved_meanwhile_stays(store: Store) -> None:
    later = Timer(DUEL.kind, DUEL.about, 30.0, server_id=1)
    await store.timers.set(DUEL)
    await store.timers.set(later)
    await store.timers.done(DUEL)
    assert await store.timers.find(DUEL.kind, DUEL.about) == later
    await store.timers.drop(DUEL.kind, DUEL.about)
    assert await store.timers.due(99.0) == []


async def test_those_of_a_server_go_with_it(store: Store) -> None:
    other = Timer(TimerKind.WEEK_BEGINS, "2", 10.0, server_id=2)
    await store.timers.set(DUEL, WEEK, other)
    await store.timers.forget_server(1)
    assert await store.timers.due(99.0) == [other]

"""Alarms: what is due is done once, late if nobody was here, and again if it could not be done."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot import alarms as module
from bot.alarms import AT_ONCE, STALE_SECONDS, Alarms, Later
from bot.errors import EngineUnreachable
from bot.storage.database import sqlite_url
from bot.storage.store import Store, open_store
from bot.storage.timers import Timer, TimerKind

T = TypeVar("T")
KIND = TimerKind.WEEK_BEGINS


@dataclass
class Bench:
    """Alarms with a clock that is set by hand."""

    store: Store
    now: float = 1000.0
    rung: list[tuple[str, bool]] = field(default_factory=list)
    troubles: list[Exception] = field(default_factory=list)
    away: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.gate = asyncio.Event()  # for the next try
        self.alarms = Alarms(self.store.timers, lambda: self.now, self.wait, self.away.__contains__)
        self.alarms.handlers[KIND] = self.handle

    async def wait(self, awaitable: Awaitable[T], reason: str) -> T:
        if reason == "the next try":
            await self.gate.wait()
        return await awaitable

    async def handle(self, timer: Timer, is_stale: bool) -> None:
        if self.troubles:
            raise self.troubles.pop(0)
        self.rung.append((timer.about, is_stale))

    async def at(self, now: float, waits: int = 0) -> None:
        """Let it be so late, and the alarms look, until all that is due is done but what `waits` for its next try."""
        self.now = now
        self.alarms.start()
        self.alarms.wake()
        while len(await self.store.timers.due(now)) > waits or self.troubles:  # noqa: ASYNC110 - as rows come and go
            await asyncio.sleep(0.001)

    async def set(self, about: str, due: float) -> None:
        await self.store.timers.set(Timer(KIND, about, due))


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with open_store(sqlite_url(tmp_path / "bot.sqlite3")) as store:
        bench = Bench(store)
        yield bench
        await bench.alarms.close()


async def test_each_is_rung_once_when_it_is_due(bench: Bench) -> None:
    await bench.set("b", 1020.0)
    await bench.set("a", 1010.0)
    await bench.at(1009.0)
    assert bench.rung == []
    await bench.at(1025.0)
    await bench.at(1030.0)
    assert sorted(bench.rung) == [("a", False), ("b", False)]


async def test_what_was_due_while_nobody_was_here_is_told_how_late_it_is(bench: Bench) -> None:
    await bench.set("late", 1000.0 - STALE_SECONDS)
    await bench.set("very late", 999.0 - STALE_SECONDS)
    await bench.at(1000.0)
    assert sorted(bench.rung) == [("late", False), ("very late", True)]


async def test_a_clock_that_jumps_back_rings_nothing_twice(bench: Bench) -> None:
    await bench.set("a", 1010.0)
    await bench.at(1010.0)
    await bench.at(500.0)
    await bench.at(1010.0)
    assert bench.rung == [("a", False)]


async def test_what_cannot_be_done_is_tried_again_and_holds_up_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.0)
    bench.troubles.append(EngineUnreachable("away"))
    await bench.set("a", 1000.0)
    await bench.at(1000.0, waits=1)
    await bench.set("b", 1001.0)
    await bench.at(1002.0, waits=1)
    assert bench.rung == [("b", False)]
    bench.gate.set()
    await bench.at(1002.0)
    assert bench.rung == [("b", False), ("a", False)]


async def test_what_cannot_be_noted_as_done_is_not_done_again_at_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.0)
    done = bench.store.timers.done

    async def full(timer: Timer) -> None:
        raise OperationalError("delete", {}, sqlite3.OperationalError("database or disk is full"))

    monkeypatch.setattr(bench.store.timers, "done", full)
    await bench.set("a", 1000.0)
    await bench.at(1000.0, waits=1)
    for _ in range(50):
        await asyncio.sleep(0.001)
    assert bench.rung == [("a", False)]
    monkeypatch.setattr(bench.store.timers, "done", done)
    bench.gate.set()
    await bench.at(1000.0)


async def test_what_is_to_wait_is_tried_again(bench: Bench) -> None:
    bench.troubles.append(Later("not yet", 0.0))
    bench.gate.set()
    await bench.set("a", 1000.0)
    with capture_logs() as logs:
        await bench.at(1000.0)
    assert bench.rung == [("a", False)]
    assert [each["why"] for each in logs if each["event"] == "timer waits"] == ["not yet"]


async def test_many_of_one_kind_hold_up_none_of_another(bench: Bench) -> None:
    slow, duels = asyncio.Event(), list[str]()

    async def wait(_timer: Timer, _is_stale: bool) -> None:
        await slow.wait()

    async def note(timer: Timer, _is_stale: bool) -> None:
        duels.append(timer.about)

    bench.alarms.handlers |= {TimerKind.WEEK_ENDS: wait, TimerKind.DUEL: note}
    await bench.store.timers.set(*(Timer(TimerKind.WEEK_ENDS, str(n), 1000.0) for n in range(2 * AT_ONCE)))
    await bench.store.timers.set(Timer(TimerKind.DUEL, "d", 1001.0))
    await bench.at(1002.0, waits=2 * AT_ONCE)
    assert duels == ["d"]
    slow.set()
    await bench.at(1002.0)


async def test_what_nobody_foresaw_is_said_and_not_tried_for_ever(bench: Bench) -> None:
    bench.troubles.append(ValueError("unforeseen"))
    await bench.set("a", 1000.0)
    with capture_logs() as logs:
        await bench.at(1000.0)
    assert [each["event"] for each in logs if each["log_level"] == "error"] == ["timer failed"]
    assert bench.rung == []


async def test_one_that_is_moved_by_its_handler_stays(bench: Bench) -> None:
    async def move(timer: Timer, _is_stale: bool) -> None:
        await bench.set(timer.about, 2000.0)

    handler: Callable[[Timer, bool], Awaitable[None]] = move
    bench.alarms.handlers[KIND] = handler
    await bench.set("a", 1000.0)
    await bench.at(1000.0)
    assert await bench.store.timers.next_after(1000.0) == 2000.0


async def test_what_is_about_a_server_that_is_away_waits_for_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.0)
    bench.away.add(7)
    await bench.store.timers.set(Timer(KIND, "a", 1000.0, server_id=7))
    await bench.set("b", 1000.0)
    await bench.at(1000.0, waits=1)
    assert bench.rung == [("b", False)]
    bench.away.clear()
    bench.gate.set()
    await bench.at(1000.0)
    assert bench.rung == [("b", False), ("a", False)]

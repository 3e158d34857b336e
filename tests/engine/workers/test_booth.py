"""Who may have a booth, what an engine that was only slow hears of it, and that nobody who comes is its end; without Ray."""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NoReturn

import pytest

from engine.workers.cluster import booth as room
from engine.workers.cluster.booth import Booth, LeaseError
from engine.workers.cluster.parcel import Parcel
from engine.workers.cluster.scratch import Scratch
from engine.workers.cluster.wire import (
    Hello,
    Here,
    Kept,
    Leave,
    Lost,
    Put,
    Word,
    dump,
    read_word,
)
from engine.workers.ipc import Batch, End, Idle, Progress, Ready, Report, Result, Run, RunReport
from tests.engine.scripted import settle
from tests.engine.sketch import HANGING
from tests.engine.workers.hands import ENDLESS, LONG, Jobs, post

pytestmark = pytest.mark.integration


@pytest.fixture
async def left() -> asyncio.Event:
    """Whether the booth has ended by itself."""
    return asyncio.Event()


@pytest.fixture
async def scratch(tmp_path: Path) -> Scratch:
    return Scratch(tmp_path)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "BEAT_SECONDS", 0.02)
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "1")


@pytest.fixture
async def booth(scratch: Scratch, left: asyncio.Event) -> AsyncIterator[Booth]:
    """One whose painter never gets ready."""
    booth = Booth(post(program=HANGING), scratch, left.set)
    yield booth
    await booth.close()


@asynccontextmanager
async def attended(scratch: Scratch) -> AsyncIterator[tuple[Booth, AsyncGenerator[bytes, None]]]:
    """A booth with a painter that sketches, and what it says from when that is ready."""
    booth = Booth(post(), scratch, lambda: None)
    try:
        words = booth.attend("lease", "an engine", fresh=False)
        await heard(words, is_a(Ready))
        yield booth, words
    finally:
        await booth.close()


async def heard(
    words: AsyncGenerator[bytes, None], is_it: Callable[[Word], bool] = lambda _: False
) -> list[Word]:
    """What is said until it is this, or the end."""
    said = list[Word]()
    async with asyncio.timeout(LONG):
        with suppress(LeaseError):
            async for word in words:
                said.append(read_word(word))
                if is_it(said[-1]):
                    break
    return said


def is_a(kind: type[Word]) -> Callable[[Word], bool]:
    return lambda word: isinstance(word, kind)


def tells(kind: type[Report]) -> Callable[[Word], bool]:
    return lambda word: isinstance(word, RunReport) and isinstance(word.report, kind)


def painter_in(said: Sequence[Word]) -> int | None:
    return [word for word in said if isinstance(word, Here)][-1].painter


async def give(booth: Booth, lease: str, run: Run) -> None:
    """Have it painted."""
    parcel = Parcel.of([run])
    for name, path in parcel.sent.items():
        await booth.answer(lease, dump(Put(name=name, is_last=True)), path.read_bytes())
    await booth.answer(lease, dump(Batch(runs=tuple(parcel.works))), b"")


async def test_nobody_who_comes_is_its_end_and_nothing_stays(
    booth: Booth, scratch: Scratch, left: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "LINGER_SECONDS", 0.1)
    await asyncio.wait_for(left.wait(), LONG)
    assert not scratch.folder.exists()


async def test_whoever_has_the_lease_is_heard_and_no_other(
    booth: Booth, scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = booth.attend("lease-1", "an engine", fresh=False)
    assert isinstance(read_word(await anext(first)), Here)
    with pytest.raises(LeaseError, match="another engine"):
        await anext(booth.attend("lease-2", "another", fresh=False))
    await booth.answer("lease-1", dump(Hello()), b"")
    again = booth.attend("lease-3", "an engine", fresh=False)  # it was restarted
    assert isinstance(read_word(await anext(again)), Here)
    with pytest.raises(LeaseError):
        async for _ in first:
            pass
    with pytest.raises(LeaseError):
        await booth.answer("lease-1", dump(Put(name="sent-1", is_last=True)), b"late")
    monkeypatch.setattr(room, "LEASE_SECONDS", 0.0)  # nothing was heard of it for so long
    other = booth.attend("lease-2", "another", fresh=False)
    assert isinstance(read_word(await anext(other)), Here)
    assert not [*scratch.folder.iterdir()]
    await booth.answer("lease-2", dump(Leave()), b"")


async def test_an_engine_that_was_silent_for_long_hears_of_a_loss_and_that_nothing_was_stopped(
    scratch: Scratch, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For a job that it did not stop it would wait for ever; and the painter is as warm as before."""

    async def is_dropped() -> bool:
        return not [*scratch.folder.iterdir()]

    async with attended(scratch) as (booth, words):
        await give(booth, "lease", jobs.run(evaluations=ENDLESS))
        await heard(words, tells(Progress))
        before = painter_in(await heard(words, is_a(Here)))
        with monkeypatch.context() as patch:
            patch.setattr(room, "LEASE_SECONDS", 0.1)
            await settle(is_dropped)
            said = await heard(words)
        assert [word.of_its_work for word in said if isinstance(word, Lost)] == [False]
        assert not [word for word in said if isinstance(word, RunReport) and isinstance(word.report, End)]
        with pytest.raises(LeaseError):
            await booth.answer("lease", dump(Hello()), b"")
        again = booth.attend("lease-2", "another", fresh=False)
        assert painter_in(await heard(again, is_a(Ready))) == before
        await give(booth, "lease-2", jobs.run(name="next"))
        assert tells(Result)((await heard(again, tells(Result)))[-1])


async def test_a_disk_on_which_a_file_has_but_one_name_costs_checkpoints_and_no_painting(
    scratch: Scratch, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> NoReturn:
        raise PermissionError("Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    async with attended(scratch) as (booth, words):
        await give(booth, "lease", jobs.run(evaluations=100))
        said = await heard(words, is_a(Idle))
    assert [word for word in said if tells(Result)(word)]
    assert not [word for word in said if isinstance(word, Kept)]

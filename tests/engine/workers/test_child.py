"""What the engine does with a process that is silent for long, is stopped, talks nonsense; `test_contract` has the rest."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from engine.painting.pulse import Activity
from engine.workers.child import Child
from engine.workers.interface import WorkerLost
from engine.workers.ipc import (
    MAX_BATCH,
    MAX_MESSAGE_BYTES,
    Alive,
    Began,
    Idle,
    Progress,
    Result,
    RunReport,
    Stopped,
    pack,
)
from engine.workers.subprocess import LocalWorker
from engine.workers.vigil import Patience
from tests.engine.scripted import progress, settle
from tests.engine.sketch.moods import Mood
from tests.engine.workers.hands import ENDLESS, LONG, PATIENCE, Jobs, MoodyWorker, lost, reports_of

pytestmark = pytest.mark.integration


async def ended_as(worker: MoodyWorker, pid: int) -> None:
    """Wait until it is noticed that this process has ended."""
    await asyncio.wait_for(worker.ended(), LONG)
    assert not is_there(pid)


def is_there(pid: int) -> bool:
    """Whether there is such a process, be it a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@asynccontextmanager
async def started(**options: Any) -> AsyncIterator[MoodyWorker]:
    worker = MoodyWorker(**options)
    try:
        await worker.start()
        yield worker
    finally:
        await worker.close()


@pytest.fixture
async def worker() -> AsyncIterator[MoodyWorker]:
    async with started() as worker:
        yield worker


def pid_of(worker: LocalWorker) -> int:
    assert worker.pid is not None
    return worker.pid


# --- a sign of life ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("mood", [Mood.COMPILES, Mood.FORESEEN])
async def test_one_that_said_it_would_take_long_is_left_alone(
    worker: MoodyWorker, jobs: Jobs, mood: Mood
) -> None:
    pid = pid_of(worker)
    *_, last = await reports_of(worker, jobs.run(mood))
    assert isinstance(last, Result)
    assert pid_of(worker) == pid


async def test_one_that_compiles_for_ever_is_ended_too(jobs: Jobs) -> None:
    limits = dict(PATIENCE.limits) | {Activity.COMPILING: 1.0}
    async with started(patience=Patience(limits, tick=0.05)) as worker:
        assert (await lost(worker, jobs.run(Mood.COMPILES))).of_its_work


async def test_one_that_is_stopped_while_it_waits_is_ended(jobs: Jobs) -> None:
    limits = dict(PATIENCE.limits) | {Activity.IDLE: 1.0}  # less than the time between its signs
    async with started(patience=Patience(limits, tick=0.05)) as worker:
        pid = pid_of(worker)
        os.kill(pid, signal.SIGSTOP)
        await ended_as(worker, pid)
        assert not worker.is_alive
        assert not (await lost(worker, jobs.run())).of_its_work


async def test_one_that_hangs_before_it_is_ready_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MoodyWorker, "program", "tests.engine.sketch.hanging")
    worker = MoodyWorker(Patience(dict.fromkeys(Activity, 0.5), tick=0.05))
    with pytest.raises(WorkerLost):
        await asyncio.wait_for(worker.start(), LONG)
    assert not worker.is_alive


async def test_a_stopped_one_is_closed_all_the_same(
    worker: MoodyWorker, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.workers.child.GOODBYE_SECONDS", 0.1)
    pid = pid_of(worker)
    os.kill(pid, signal.SIGSTOP)
    await asyncio.wait_for(worker.close(), LONG)
    assert not is_there(pid)
    await worker.close()


# --- nonsense ---------------------------------------------------------------------------------------------


Saying = Callable[..., AbstractAsyncContextManager[Child]]


@pytest.fixture
def child_that_says(tmp_path: Path) -> Saying:
    """Start a process that says so much and then waits."""

    @asynccontextmanager
    async def child_that_says(*said: bytes) -> AsyncIterator[Child]:
        words = tmp_path / "words"
        words.write_bytes(b"".join(said))
        program = (
            "import sys; sys.stdout.buffer.write(open(sys.argv[1], 'rb').read()); sys.stdout.flush(); input()"
        )
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, str(words), stdin=PIPE, stdout=PIPE
        )
        child = Child(process, Patience())
        try:
            yield child
        finally:
            await child.close()
            assert process.returncode is not None

    return child_that_says


def numbered(number: int, report: Any) -> bytes:
    return pack(RunReport(number=number, report=report))


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\xff\xff\xff\xff",
        (MAX_MESSAGE_BYTES + 1).to_bytes(4),
        b"\0\0\0\2{}",
        b"\0\0\0\4\xff\xfe\0\0",
        b"\0\0\0\0",
        pack(Idle())[:-1] + b"!",
        pack(RunReport.model_construct(number=MAX_BATCH, report=Stopped())),
    ],
)
async def test_nonsense_ends_it_after_what_made_sense(child_that_says: Saying, nonsense: bytes) -> None:
    async with child_that_says(numbered(0, Stopped()), nonsense) as child:
        assert isinstance(await child.hear(), RunReport)
        with pytest.raises(WorkerLost):
            await asyncio.wait_for(child.hear(), LONG)
        await child.ended()
        assert not child.is_alive


def flood() -> Iterator[bytes]:
    for number in range(200):
        yield pack(Alive(activity=Activity.PAINTING))
        yield numbered(number % 2, progress(evaluation=number))
        yield numbered(number % 2, Began(compiling=()))


async def test_of_a_flood_that_nobody_fetches_only_the_newest_is_kept(child_that_says: Saying) -> None:
    async with child_that_says(*flood(), numbered(0, Stopped()), pack(Idle())) as child:

        async def is_heard() -> bool:
            return any(isinstance(each, Idle) for each in child._said)

        await settle(is_heard)
        said = [await child.hear() for _ in list(child._said)]
        reports = [each.report for each in said if isinstance(each, RunReport)]
        assert len(said) == 6
        assert [report.evaluation for report in reports if isinstance(report, Progress)] == [198, 199]
        assert isinstance(said[-1], Idle)


async def test_what_does_not_belong_to_its_work_ends_it(worker: MoodyWorker, jobs: Jobs) -> None:
    painting = worker.run([jobs.run(evaluations=ENDLESS)])
    await anext(painting)
    assert worker._child is not None
    worker._child._take(RunReport(number=1, report=Stopped()))
    with pytest.raises(WorkerLost):
        [report async for _, report in painting]

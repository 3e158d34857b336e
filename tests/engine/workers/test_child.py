"""What the engine does with a worker that hangs, is stopped, does not obey, talks nonsense: real processes that sketch."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from engine.painting.pulse import Activity
from engine.protocol import Level, Plan, RecipeName, Settings, Start
from engine.workers.child import Child
from engine.workers.interface import WorkerLost
from engine.workers.ipc import (
    MAX_BATCH,
    MAX_MESSAGE_BYTES,
    Alive,
    Began,
    Equipment,
    Idle,
    Progress,
    Report,
    Result,
    Run,
    RunReport,
    Stop,
    Stopped,
    WeightedStyle,
    Work,
    pack,
)
from engine.workers.subprocess import LocalWorker
from engine.workers.vigil import Patience
from tests.engine.scripted import progress, provenance, settle
from tests.engine.sketch.moods import PAUSE, PAUSES, Mood

pytestmark = pytest.mark.integration

LONG = 600.0  # nothing that is expected takes so long
SHORT = 1.5  # seconds of silence; a sketch gives many signs meanwhile
PATIENCE = Patience(
    {activity: SHORT if activity is Activity.PAINTING else LONG for activity in Activity},
    cancel=0.5,
    tick=0.05,
)
assert SHORT < PAUSE * PAUSES / 2
ENDLESS = 1_000_000


class MoodyWorker(LocalWorker):
    """A worker in a process that does as the seeds say."""

    program = "tests.engine.sketch.moods"

    def __init__(self, patience: Patience = PATIENCE, **options: Any) -> None:
        super().__init__(Equipment(weights="packaged", device="cpu", batch=2), patience, **options)

    async def ended_as(self, pid: int) -> None:
        """Wait until it is noticed that this process has ended."""
        await asyncio.wait_for(self.ended(), LONG)
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


@pytest.fixture
def run_of(tmp_path: Path, upload: dict[str, bytes]) -> Callable[..., Run]:
    """Work on two images for a job of this name, by a worker in this mood."""
    for name, data in upload.items():
        (tmp_path / name).write_bytes(data)

    def run_of(mood: Mood = Mood.WELL, name: str = "job", evaluations: int = 10, **changes: Any) -> Run:
        (tmp_path / name).mkdir(exist_ok=True)
        settings = Settings(seed=mood)
        level = Level(width=16, height=16, evaluations=evaluations)
        plan = Plan(recipe=RecipeName.DRAFT, levels=(level,), seconds=1.0, width=16, height=16)
        run = Run(
            job=name,
            attempt=1,
            content=str(tmp_path / "content"),
            styles=(WeightedStyle(image=str(tmp_path / "style-1"), weight=1.0),),
            settings=settings,
            plan=plan,
            outbox=str(tmp_path / name / "attempt-1"),
            checkpoint=str(tmp_path / name / "checkpoint.npz"),
            provenance=provenance(plan, settings),
        )
        return run.model_copy(update=changes)

    return run_of


async def reports_of(worker: LocalWorker, *batch: Run) -> list[Report]:
    async with asyncio.timeout(LONG):
        return [report async for _, report in worker.run(batch)]


async def lost(worker: LocalWorker, *batch: Run) -> WorkerLost:
    with pytest.raises(WorkerLost) as caught:
        await reports_of(worker, *batch)
    return caught.value


def pid_of(worker: LocalWorker) -> int:
    assert worker.pid is not None
    return worker.pid


def saved(run: Run) -> Callable[[], Awaitable[bool]]:
    path = Path(run.checkpoint or "")
    return partial(asyncio.to_thread, path.exists)


# --- a sign of life ---------------------------------------------------------------------------------------


async def test_one_that_was_stopped_is_ended_and_the_job_goes_on(
    worker: MoodyWorker, run_of: Callable[..., Run]
) -> None:
    run, pid = run_of(evaluations=ENDLESS), pid_of(worker)
    painting = asyncio.create_task(lost(worker, run))
    await settle(saved(run))
    os.kill(pid, signal.SIGSTOP)
    assert not (await painting).of_its_work
    await worker.ended_as(pid)
    assert not worker.is_alive
    await worker.start()
    async with aclosing(worker.run([run.model_copy(update={"attempt": 2})])) as reports:
        first = await anext(report async for _, report in reports if isinstance(report, Progress))
    assert first.taken_over > 0


async def test_one_whose_painting_thread_hangs_is_ended_though_its_others_live(
    worker: MoodyWorker, run_of: Callable[..., Run]
) -> None:
    pid = pid_of(worker)
    assert (await lost(worker, run_of(Mood.HANGS))).of_its_work
    await worker.ended_as(pid)


@pytest.mark.parametrize("mood", [Mood.SLOW, Mood.COMPILES, Mood.FORESEEN])
async def test_one_that_takes_long_and_lives_is_left_alone(
    worker: MoodyWorker, run_of: Callable[..., Run], mood: Mood
) -> None:
    pid = pid_of(worker)
    *_, last = await reports_of(worker, run_of(mood))
    assert isinstance(last, Result)
    assert pid_of(worker) == pid


async def test_one_that_compiles_for_ever_is_ended_too(run_of: Callable[..., Run]) -> None:
    limits = dict(PATIENCE.limits) | {Activity.COMPILING: 1.0}
    async with started(patience=Patience(limits, tick=0.05)) as worker:
        assert (await lost(worker, run_of(Mood.COMPILES))).of_its_work


async def test_one_that_is_stopped_while_it_waits_is_ended(run_of: Callable[..., Run]) -> None:
    limits = dict(PATIENCE.limits) | {Activity.IDLE: 1.0}  # less than the time between its signs
    async with started(patience=Patience(limits, tick=0.05)) as worker:
        pid = pid_of(worker)
        os.kill(pid, signal.SIGSTOP)
        await worker.ended_as(pid)
        assert not worker.is_alive
        assert not (await lost(worker, run_of())).of_its_work


async def test_one_that_hangs_before_it_is_ready_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MoodyWorker, "program", "tests.engine.sketch.hanging")
    worker = MoodyWorker(Patience(dict.fromkeys(Activity, 0.5), tick=0.05))
    with pytest.raises(WorkerLost):
        await asyncio.wait_for(worker.start(), LONG)
    assert not worker.is_alive


async def test_one_that_dies_between_two_reports_is_lost(
    worker: MoodyWorker, run_of: Callable[..., Run]
) -> None:
    pid = pid_of(worker)
    assert (await lost(worker, run_of(Mood.DIES))).of_its_work
    await worker.ended_as(pid)


async def test_a_stopped_one_is_closed_all_the_same(
    worker: MoodyWorker, run_of: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.workers.child.GOODBYE_SECONDS", 0.1)
    pid = pid_of(worker)
    os.kill(pid, signal.SIGSTOP)
    await asyncio.wait_for(worker.close(), LONG)
    assert not is_there(pid)
    await worker.close()


# --- a cancel ---------------------------------------------------------------------------------------------


async def beginning(worker: LocalWorker, *batch: Run) -> AsyncIterator[tuple[Work, Report]]:
    """What is said after the first run's beginning."""
    reports = worker.run(batch)
    _, first = await anext(reports)
    assert isinstance(first, Began)
    return reports


async def test_a_cancel_that_is_obeyed_leaves_the_model_warm(
    worker: MoodyWorker, run_of: Callable[..., Run]
) -> None:
    pid, run = pid_of(worker), run_of(evaluations=ENDLESS)
    reports = await beginning(worker, run)
    worker.stop(Stop(job="job", attempt=1, keep=False))
    *_, last = [report async for _, report in reports]
    assert isinstance(last, Stopped)
    assert isinstance((await reports_of(worker, run_of()))[-1], Result)
    assert pid_of(worker) == pid


async def test_a_cancel_that_is_not_obeyed_costs_the_worker_and_blames_nobody(
    worker: MoodyWorker, run_of: Callable[..., Run]
) -> None:
    pid = pid_of(worker)
    reports = await beginning(worker, run_of(Mood.DEAF))
    worker.stop(Stop(job="job", attempt=1, keep=False))
    with pytest.raises(WorkerLost) as caught:
        [report async for _, report in reports]
    assert not caught.value.of_its_work
    await worker.ended_as(pid)
    await worker.start()
    assert isinstance((await reports_of(worker, run_of()))[-1], Result)


async def test_to_finish_early_is_no_cancel(worker: MoodyWorker, run_of: Callable[..., Run]) -> None:
    reports = await beginning(worker, run_of(Mood.SLOW, evaluations=ENDLESS))
    worker.stop(Stop(job="job", attempt=1, keep=True))
    *_, last = [report async for _, report in reports]
    assert isinstance(last, Result)
    assert last.stopped_early


async def test_a_cancelled_one_that_waits_its_turn_harms_nobody(
    worker: MoodyWorker, run_of: Callable[..., Run]
) -> None:
    pid, batch = pid_of(worker), [run_of(Mood.SLOW), run_of(name="other", evaluations=ENDLESS)]
    # Guided, as it were: what cannot be painted side by side is painted one after the other.
    batch = [
        run.model_copy(update={"settings": run.settings.model_copy(update={"start": Start.NOISE})})
        for run in batch
    ]
    worker.stop(Stop(job="other", attempt=1, keep=False))
    said: dict[str, list[Report]] = {run.job: [] for run in batch}
    async for run, report in worker.run(batch):
        said[run.job].append(report)
    assert isinstance(said["job"][-1], Result)
    assert [type(report) for report in said["other"]] == [Stopped]
    assert pid_of(worker) == pid


# --- memory -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("grown", "spent"), [(-1, True), (2**40, False)])
async def test_one_that_has_grown_is_spent_between_jobs(
    run_of: Callable[..., Run], grown: int, spent: bool
) -> None:
    async with started(grown_bytes=grown) as worker:
        async for _, report in worker.run([run_of()]):
            assert not worker.is_spent or not isinstance(report, Progress)
        assert worker.is_spent is spent
        await worker.start()
        assert isinstance((await reports_of(worker, run_of()))[-1], Result)


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


async def test_what_does_not_belong_to_its_work_ends_it(
    worker: MoodyWorker, run_of: Callable[..., Run]
) -> None:
    painting = worker.run([run_of(evaluations=ENDLESS)])
    await anext(painting)
    assert worker._child is not None
    worker._child._take(RunReport(number=1, report=Stopped()))
    with pytest.raises(WorkerLost):
        [report async for _, report in painting]

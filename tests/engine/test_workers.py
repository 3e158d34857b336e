"""A worker process with the real network: what it says, that it stops, and that its death is noticed."""

import asyncio
import os
import resource
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from engine import images
from engine.protocol import ErrorCode, Level, Plan, RecipeName
from engine.workers import Failure, Progress, Result, Run, Stop, Stopped, WorkerLost
from engine.workers.local import LocalWorker
from engine.workers.messages import LENGTH_BYTES, REPORTS, Ready, WeightedStyle, pack
from tests.engine.engine_process import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="module")

ENDLESS = 100_000


def plan(side: int, evaluations: int) -> Plan:
    return Plan(
        recipe=RecipeName.STANDARD,
        levels=(Level(width=side, height=side, evaluations=evaluations),),
        seconds=1.0,
    )


@pytest.fixture(scope="module")
def work(upload: dict[str, bytes]) -> Run:
    return Run(
        job="job",
        attempt=1,
        content=upload["content"],
        styles=(WeightedStyle(image=upload["style-1"], weight=1.0),),
        plan=plan(64, 3),
        strength=50,
        seed=0,
        recipe='{"strength": 50}',
    )


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def worker() -> AsyncIterator[LocalWorker]:
    local = LocalWorker("packaged", "cpu")
    speed = await local.start()
    assert speed.per_megapixel > 0
    yield local
    await local.close()


def pid_of(worker: LocalWorker) -> int:
    assert worker._process is not None
    return worker._process.pid


def address_space_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * resource.getpagesize()


async def all_of(worker: LocalWorker, work: Run) -> list[Any]:
    return [report async for report in worker.run(work)]


async def test_it_paints_and_shows_the_first_frame_at_once(worker: LocalWorker, work: Run) -> None:
    first, *_, last = await all_of(worker, work)
    assert isinstance(first, Progress)
    assert (first.evaluation, first.evaluations) == (1, 3)
    assert images.decode(first.frame, "picture").width == 64
    assert isinstance(last, Result)
    painting = images.decode(last.image, "picture")
    assert (painting.width, painting.height) == (last.width, last.height) == (64, 64)
    assert images.read_recipe(last.image) == '{"strength": 50, "evaluations_done": 3}'
    assert not last.stopped_early


async def test_the_same_work_gives_the_same_painting(worker: LocalWorker, work: Run) -> None:
    once, again = [(await all_of(worker, work))[-1] for _ in range(2)]
    other = (await all_of(worker, work.model_copy(update={"seed": 1})))[-1]
    assert once.image == again.image
    assert once.image != other.image


@pytest.mark.parametrize("keep", [True, False])
async def test_it_stops_within_a_step(worker: LocalWorker, work: Run, keep: bool) -> None:
    endless = work.model_copy(update={"plan": plan(64, ENDLESS), "attempt": 2 + keep})
    reports = worker.run(endless)
    assert isinstance(await anext(reports), Progress)
    before = pid_of(worker)
    worker.stop(Stop(job="job", attempt=endless.attempt, keep=keep))
    last = [report async for report in reports][-1]
    if keep:
        assert isinstance(last, Result)
        assert last.stopped_early
        assert last.evaluation < ENDLESS
    else:
        assert isinstance(last, Stopped)
    assert pid_of(worker) == before


async def test_a_stop_before_the_work_holds_and_one_for_other_work_does_not(
    worker: LocalWorker, work: Run
) -> None:
    worker.stop(Stop(job="job", attempt=8, keep=False))
    worker.stop(Stop(job="other", attempt=9, keep=False))
    stopped = await all_of(worker, work.model_copy(update={"attempt": 8, "plan": plan(64, ENDLESS)}))
    painted = await all_of(worker, work.model_copy(update={"attempt": 9}))
    assert [type(report) for report in stopped] == [Stopped]
    assert isinstance(painted[-1], Result)


async def test_an_image_that_cannot_be_read_is_a_failure(worker: LocalWorker, work: Run) -> None:
    (report,) = await all_of(worker, work.model_copy(update={"content": b"no image"}))
    assert isinstance(report, Failure)
    assert report.error.code is ErrorCode.NOT_AN_IMAGE


async def test_too_little_memory_is_a_failure_and_the_model_stays(worker: LocalWorker, work: Run) -> None:
    pid = pid_of(worker)
    limits = resource.prlimit(pid, resource.RLIMIT_AS, (address_space_of(pid) + 512 * 2**20, -1))
    *_, report = await all_of(worker, work.model_copy(update={"plan": plan(2048, 1)}))
    resource.prlimit(pid, resource.RLIMIT_AS, limits)
    assert isinstance(report, Failure)
    assert report.error.code is ErrorCode.OUT_OF_MEMORY
    assert isinstance((await all_of(worker, work))[-1], Result)
    assert pid_of(worker) == pid


async def test_a_polite_end_is_left_to_the_engine(worker: LocalWorker, work: Run) -> None:
    pid = pid_of(worker)
    os.kill(pid, signal.SIGTERM)
    assert isinstance((await all_of(worker, work))[-1], Result)
    assert pid_of(worker) == pid


async def test_a_device_in_trouble_costs_the_worker_and_not_the_job(work: Run) -> None:
    # No device here breaks on demand: TensorFlow's own error for it is raised where the device would.
    script = (
        "import sys\n"
        "from tensorflow.errors import InternalError\n"
        "from engine.studio import Studio\n"
        "from engine.workers import child\n"
        "def paint(*_, **__):\n"
        "    raise InternalError(None, None, 'the device is lost')\n"
        "Studio.paint = paint\n"
        "child.main('packaged', 'cpu')\n"
    )
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdin=PIPE, stdout=PIPE)
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(pack(work))
    said = await asyncio.wait_for(child.stdout.read(), PATIENCE)
    assert isinstance(REPORTS.validate_json(said[LENGTH_BYTES:]), Ready)
    assert await child.wait() == 1


async def test_a_killed_worker_is_lost_and_comes_back(worker: LocalWorker, work: Run) -> None:
    reports = worker.run(work.model_copy(update={"plan": plan(64, ENDLESS)}))
    await anext(reports)
    os.kill(pid_of(worker), signal.SIGKILL)
    with pytest.raises(WorkerLost):
        await anext(reports)
    with pytest.raises(WorkerLost):
        await anext(worker.run(work))
    await worker.start()
    assert isinstance((await all_of(worker, work))[-1], Result)


async def test_unusable_weights_are_said_and_the_worker_is_lost(tmp_path: Path) -> None:
    weights = tmp_path / "weights.h5"
    weights.write_bytes(b"no weights")
    command = [sys.executable, "-m", "engine.workers.child", str(weights), "cpu"]
    child = await asyncio.create_subprocess_exec(*command, stdin=PIPE)
    # In order: an abort would leave a core file at every try.
    assert await asyncio.wait_for(child.wait(), PATIENCE) == 1
    with pytest.raises(WorkerLost):
        await LocalWorker(str(weights), "cpu").start()


async def test_a_missing_device_is_no_excuse_to_take_another() -> None:
    with pytest.raises(WorkerLost):
        await LocalWorker("packaged", "gpu:63").start()

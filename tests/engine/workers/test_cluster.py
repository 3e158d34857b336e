"""What only a cluster can lose: the driver, a booth, a machine, the engine itself; and who may have a booth."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from engine.protocol import Level, Plan, Precision, RecipeName, Settings
from engine.workers.cluster.office import Office
from engine.workers.cluster.wire import Post
from engine.workers.cluster.worker import RayWorker
from engine.workers.interface import WorkerLost
from engine.workers.ipc import Progress, Result, Run, Stop, Stopped
from tests.engine.scripted import provenance, settle
from tests.engine.sketch.moods import Mood
from tests.engine.workers.clusters import booth_of
from tests.engine.workers.hands import ENDLESS, EQUIPMENT, LONG, Jobs, loss_in, office_of, post, reports_of
from tests.engine.workers.test_contract import again, first_progress, is_there, same_pixels

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("ray")]

NUMBER = 7  # of a booth that no other tests have


def scratch_of(booth: int) -> Path:
    """The folder that a booth holds."""
    held = [link.readlink() for link in Path(f"/proc/{booth}/fd").iterdir()]
    return next(path.parent for path in held if path.name == "lock" and path.parent.name.startswith("booth-"))


@asynccontextmanager
async def office_at(cluster: Any, holder: str = "tests") -> AsyncIterator[Office]:
    office = office_of(cluster.address, holder)
    try:
        yield office
    finally:
        await office.close()


async def interrupted(worker: RayWorker, run: Run, harm: Callable[[], Awaitable[None]]) -> WorkerLost:
    """Do harm in the middle of this."""

    async def is_saved() -> bool:
        return is_there(run.checkpoint)

    reports = worker.run([run])
    await anext(reports)
    await settle(is_saved)
    await harm()
    return await loss_in(reports)


async def test_what_a_cluster_loses_costs_what_came_after_the_last_checkpoint(
    cluster: Any, jobs: Jobs
) -> None:
    whole = jobs.run(name="whole", evaluations=50)
    async with office_at(cluster) as office:
        worker = RayWorker(office, NUMBER, post())
        await worker.start()
        assert isinstance((await reports_of(worker, whole))[-1], Result)

        async def kill_driver() -> None:
            os.kill(office.pid or 0, signal.SIGKILL)

        async def kill_booth() -> None:
            os.kill(booth_of(worker.pid), signal.SIGKILL)

        for harm, stays in ((kill_driver, True), (kill_booth, False)):
            before, run = worker.pid, jobs.run(Mood.INTERRUPTED, harm.__name__, evaluations=50)
            assert not (await interrupted(worker, run, harm)).of_its_work
            await asyncio.wait_for(worker.ended(), LONG)
            await worker.start()
            assert (worker.pid == before) is stays  # found again, warm
            said = await reports_of(worker, again(run))
            assert first_progress(said).taken_over > 0
            assert same_pixels(again(run), whole)
        scratch = scratch_of(booth_of(worker.pid))
        assert scratch.exists()
        await worker.close()
        assert not scratch.exists()


@pytest.mark.slow
@pytest.mark.network
async def test_with_the_real_network_what_was_lost_twice_is_the_same_to_the_last_pixel(
    cluster: Any, jobs: Jobs
) -> None:
    """Once with its painter, and once with the whole booth."""
    level = Level(width=128, height=128, evaluations=60)
    plan = Plan(recipe=RecipeName.STANDARD, levels=(level,), seconds=1.0, width=128, height=128)
    changes: dict[str, Any] = {"plan": plan, "provenance": provenance(plan, Settings())}
    whole, run = jobs.run(name="whole", **changes), jobs.run(**changes)
    equipment = EQUIPMENT.model_copy(
        update={"precision": Precision.FLOAT32, "speeds": "there", "checkpoint_seconds": 0.0}
    )
    real = Post(version="0", equipment=equipment, num_cpus=2.0)
    async with office_at(cluster) as office:
        worker = RayWorker(office, NUMBER, real)

        async def kill_painter() -> None:
            os.kill(worker.pid or 0, signal.SIGKILL)

        async def kill_booth() -> None:
            os.kill(booth_of(worker.pid), signal.SIGKILL)

        await worker.start()
        assert isinstance((await reports_of(worker, whole))[-1], Result)
        for attempt, harm in enumerate((kill_painter, kill_booth), 1):
            assert not (await interrupted(worker, again(run, attempt), harm)).of_its_work
            await worker.start()
        said = await reports_of(worker, again(run, 3))
        assert first_progress(said).taken_over > 0
        assert same_pixels(again(run, 3), whole)
        await worker.close()


async def test_where_there_is_no_cluster_it_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here, as this account has no token."""
    monkeypatch.delenv("RAY_AUTH_TOKEN", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    office = office_of("127.0.0.1:1")
    with pytest.raises(WorkerLost, match=r"there is no cluster at 127.0.0.1:1: .* token"):
        await RayWorker(office, NUMBER, post()).start()
    await office.close()


@pytest.mark.slow
async def test_an_engine_that_comes_back_has_its_booth_at_once_and_what_was_painted_for_it_before_is_dropped(
    cluster: Any, jobs: Jobs
) -> None:
    """It was killed; another engine is not let in."""
    run = jobs.run(evaluations=ENDLESS)
    async with office_at(cluster) as office:
        worker = RayWorker(office, NUMBER, post())
        await worker.start()
        reports = worker.run([run])
        await anext(reports)
        async with office_at(cluster, "another") as other:
            with pytest.raises(WorkerLost, match="another engine"):
                await RayWorker(other, NUMBER, post()).start()
        assert isinstance((await anext(reports))[1], Progress)
        async with office_at(cluster) as later:
            heir = RayWorker(later, NUMBER, post())
            await heir.start()
            assert heir.pid == worker.pid
            await loss_in(reports)
            heir.stop(Stop(job="job", attempt=1, keep=True))  # of the attempt that is over
            said = await reports_of(heir, again(jobs.run(name="next")))
            assert isinstance(said[-1], Result)
            assert not is_there(run.outbox)
            await heir.close()


@pytest.mark.slow
async def test_a_booth_for_something_else_is_replaced(cluster: Any, jobs: Jobs) -> None:
    async with office_at(cluster) as office:
        first = RayWorker(office, NUMBER, post())
        await first.start()
        second = RayWorker(office, NUMBER, post(version="1"))
        await second.start()
        assert second.pid != first.pid
        assert isinstance((await reports_of(second, jobs.run()))[-1], Result)
        await second.close()


@pytest.mark.slow
async def test_a_machine_that_is_lost_costs_what_came_after_the_last_checkpoint(
    cluster: Any, jobs: Jobs
) -> None:
    """Its worker waits for a place, and goes on on the next machine."""
    here = {"num_cpus": 1, "node_ip_address": "127.0.0.1", "resources": {"elsewhere": 1}}
    async with office_at(cluster) as office:
        worker = RayWorker(office, NUMBER, post(resources={"elsewhere": 1.0}))
        node = cluster.add_node(**here)  # in this thread, as it wants
        await worker.start()
        run = jobs.run(evaluations=ENDLESS)

        async def lose_node() -> None:
            cluster.remove_node(node, allow_graceful=False)

        assert not (await interrupted(worker, run, lose_node)).of_its_work
        starting = asyncio.create_task(worker.start())
        other = cluster.add_node(**here)
        await starting
        reports = worker.run([again(run)])
        async for _, report in reports:
            if isinstance(report, Progress):
                assert report.taken_over > 0
                worker.stop(Stop(job="job", attempt=2, keep=False))
        assert isinstance(report, Stopped)
        await worker.close()
        cluster.remove_node(other)

"""What whoever has a worker may rely on, wherever it paints: the same tests over processes of this machine and over Ray.

The workers are real but for the network: processes that sketch, in a mood for each seed. `test_subprocess` has the pixels.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio

from engine import images
from engine.planning.placement import shape_of
from engine.protocol import ErrorCode, ImageFormat, Settings, Start
from engine.storage.files import snapshot_file
from engine.workers.ipc import (
    Began,
    Failure,
    Progress,
    Report,
    Result,
    Run,
    Stop,
    Stopped,
    Waiting,
    Work,
)
from tests.engine.scripted import provenance, settle
from tests.engine.sketch.moods import Mood
from tests.engine.small_disk import small_disk
from tests.engine.workers.hands import (
    ENDLESS,
    LONG,
    SIDE,
    Hand,
    Hands,
    Jobs,
    hands_of,
    loss_in,
    lost,
    reports_of,
)
from tests.engine.workers.test_audition import auditioned

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]

KINDS = ["processes", pytest.param("ray", marks=pytest.mark.xdist_group("ray"))]


@pytest_asyncio.fixture(loop_scope="module", scope="module", params=KINDS)
async def hands(request: pytest.FixtureRequest) -> AsyncIterator[Hands]:
    """Where workers are had from."""
    address = request.getfixturevalue("cluster").address if request.param == "ray" else None
    async with hands_of(address) as hands:
        yield hands


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def one_of_all(hands: Hands) -> AsyncIterator[Hand]:
    """One that most tests share, lost or not."""
    worker = hands.take()
    yield worker
    await worker.close()


@pytest_asyncio.fixture(loop_scope="module")
async def worker(one_of_all: Hand) -> Hand:
    """A worker that is warm."""
    if not one_of_all.is_alive:
        await one_of_all.start()
    return one_of_all


def again(run: Run, attempt: int = 2) -> Run:
    """The next attempt at it."""
    outbox = str(Path(run.outbox).with_name(f"attempt-{attempt}"))
    return run.model_copy(update={"attempt": attempt, "outbox": outbox})


def file_of(work: Work, name: str = "result.png") -> bytes:
    return (Path(work.outbox) / name).read_bytes()


def same_pixels(run: Run, other: Run) -> bool:
    one, two = [images.decode(file_of(each), "content").rgb for each in (run, other)]
    return np.array_equal(one, two)


def is_there(path: str | None) -> bool:
    return Path(path or "").exists()


async def said_of(worker: Hand, *batch: Work) -> dict[str, list[Report]]:
    """What is said of each job."""
    said: dict[str, list[Report]] = {work.job: [] for work in batch}
    async for work, report in worker.run(batch):
        said[work.job].append(report)
    return said


async def beginning(worker: Hand, *batch: Work) -> AsyncIterator[tuple[Work, Report]]:
    """What is said after the first beginning."""
    reports = worker.run(batch)
    _, first = await anext(reports)
    assert isinstance(first, Began)
    return reports


async def once_saved(*runs: Run) -> None:
    """Wait until there is a checkpoint of each."""

    async def are_saved() -> bool:
        return all(is_there(run.checkpoint) for run in runs)

    await settle(are_saved)


def first_progress(reports: Sequence[Report]) -> Progress:
    return next(report for report in reports if isinstance(report, Progress))


# --- a painting -------------------------------------------------------------------------------------------


async def test_it_begins_shows_and_leaves_its_files(worker: Hand, jobs: Jobs) -> None:
    run = jobs.run(evaluations=40)
    began, first, *_, last = await reports_of(worker, run)
    assert isinstance(began, Began)
    assert isinstance(first, Progress)
    assert 0 < first.evaluation <= first.evaluations == 40
    assert images.decode(first.preview, "content").width == SIDE
    assert isinstance(last, Result)
    assert (last.width, last.height, last.evaluation, last.stopped_early) == (SIDE, SIDE, 40, False)
    assert images.read_provenance(file_of(run)).evaluations_done == 40
    story = [file_of(run, snapshot_file(number)) for number in range(1, last.moments + 1)]
    done = [images.read_provenance(snapshot).evaluations_done for snapshot in story]
    assert len(done) >= 3
    assert done == sorted(set(done))


async def test_the_same_work_gives_the_same_files_and_is_at_hand(worker: Hand, jobs: Jobs) -> None:
    once, twice = jobs.run(), jobs.run(name="other")
    await reports_of(worker, once)
    await reports_of(worker, twice)
    assert file_of(once) == file_of(twice)
    assert shape_of(once.plan) in worker.at_hand.shapes
    assert {*once.provenance.styles} <= {*worker.at_hand.styles}


@pytest.mark.painter
async def test_an_image_that_cannot_be_read_fails_alone(worker: Hand, jobs: Jobs, tmp_path: Path) -> None:
    path = tmp_path / "broken"
    path.write_bytes(b"no image")
    said = await said_of(worker, jobs.run(content=str(path)), jobs.run(name="other"))
    failure, result = said["job"][-1], said["other"][-1]
    assert isinstance(failure, Failure)
    assert failure.error.code is ErrorCode.NOT_AN_IMAGE
    assert isinstance(result, Result)


async def test_an_audition_is_painted_and_each_of_its_tiles_is_kept(worker: Hand, tmp_path: Path) -> None:
    audition = auditioned(tmp_path)
    *_, last = await reports_of(worker, audition)
    assert isinstance(last, Result)
    assert last.moments == len(audition.tiles) == 3
    assert len({file_of(audition, snapshot_file(number)) for number in (1, 2, 3)}) == 3
    assert all(is_there(tile.checkpoint) for tile in audition.tiles)


async def test_without_room_it_waits_and_goes_on_when_there_is_some(
    worker: Hand, jobs: Jobs, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk") as disk:
        run = jobs.run(outbox=str(disk.path / "attempt-1"), checkpoint=None)
        disk.fill()
        said = list[Report]()
        async for _, report in worker.run([run]):
            if isinstance(report, Waiting) and not any(isinstance(each, Waiting) for each in said):
                disk.clear()
            said.append(report)
        assert isinstance(said[-2], Waiting)
        assert isinstance(said[-1], Result)
        assert images.read_provenance(file_of(run)).evaluations_done == 10
        disk.fill()
        reports = worker.run([again(run)])
        async for _, report in reports:
            if isinstance(report, Waiting):
                worker.stop(Stop(job="job", attempt=2, keep=False))
        assert isinstance(report, Stopped)


# --- orders -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("keep", [True, False])
async def test_it_stops_within_a_step_and_stays_warm(worker: Hand, jobs: Jobs, keep: bool) -> None:
    pid, run = worker.pid, jobs.run(evaluations=ENDLESS)
    reports = await beginning(worker, run)
    await anext(reports)
    worker.stop(Stop(job="job", attempt=1, keep=keep))
    last = [report async for _, report in reports][-1]
    if keep:
        assert isinstance(last, Result)
        assert last.stopped_early
        assert last.evaluation < ENDLESS
        assert images.decode(file_of(run), "content").width == SIDE
    else:
        assert isinstance(last, Stopped)
        assert not is_there(run.outbox)
    assert isinstance((await reports_of(worker, jobs.run(name="next")))[-1], Result)
    assert worker.pid == pid


async def test_a_stop_holds_for_its_attempt_alone_be_it_early_or_late(worker: Hand, jobs: Jobs) -> None:
    run = jobs.run(name="stopped", evaluations=ENDLESS)
    worker.stop(Stop(job="stopped", attempt=1, keep=False))
    worker.stop(Stop(job="other", attempt=2, keep=False))
    assert [type(report) for report in await reports_of(worker, run)] == [Stopped]
    worker.stop(Stop(job="stopped", attempt=1, keep=False))  # of one that is over
    assert isinstance((await reports_of(worker, again(jobs.run(name="stopped"))))[-1], Result)


@pytest.mark.painter
async def test_a_cancel_that_is_not_obeyed_costs_the_worker_and_blames_nobody(
    worker: Hand, jobs: Jobs
) -> None:
    reports = await beginning(worker, jobs.run(Mood.DEAF))
    worker.stop(Stop(job="job", attempt=1, keep=False))
    assert not (await loss_in(reports)).of_its_work
    await worker.start()
    assert isinstance((await reports_of(worker, jobs.run(name="next")))[-1], Result)


@pytest.mark.painter
async def test_to_finish_early_is_no_cancel(worker: Hand, jobs: Jobs) -> None:
    """It may take its time."""
    reports = await beginning(worker, jobs.run(Mood.SLOW, evaluations=ENDLESS))
    worker.stop(Stop(job="job", attempt=1, keep=True))
    *_, last = [report async for _, report in reports]
    assert isinstance(last, Result)
    assert last.stopped_early


# --- side by side -----------------------------------------------------------------------------------------


async def test_of_a_batch_each_gets_its_own_and_one_may_be_stopped(worker: Hand, jobs: Jobs) -> None:
    batch = [jobs.run(name=name, evaluations=ENDLESS) for name in ("a", "b")]
    seen, stopped = list[tuple[str, type[Report]]](), False
    async with aclosing(worker.run(batch)) as reports:
        async for work, report in reports:
            if isinstance(report, Progress) and not stopped:
                worker.stop(Stop(job="b", attempt=1, keep=False))
                stopped = True
            elif isinstance(report, Progress) and ("b", Stopped) in seen:
                worker.stop(Stop(job="a", attempt=1, keep=True))
            seen.append((work.job, type(report)))
    assert {each for each in seen if each[1] is Began} == {("a", Began), ("b", Began)}
    assert seen.index(("b", Stopped)) < seen.index(("a", Result))
    assert images.decode(file_of(batch[0]), "content").width == SIDE


@pytest.mark.painter
async def test_a_cancelled_one_that_waits_its_turn_harms_nobody(worker: Hand, jobs: Jobs) -> None:
    pid = worker.pid
    # Guided, as it were: what cannot be painted side by side is painted one after the other.
    batch = [
        run.model_copy(update={"settings": run.settings.model_copy(update={"start": Start.NOISE})})
        for run in (jobs.run(evaluations=100), jobs.run(name="other", evaluations=ENDLESS))
    ]
    worker.stop(Stop(job="other", attempt=1, keep=False))
    said = await said_of(worker, *batch)
    assert isinstance(said["job"][-1], Result)
    assert [type(report) for report in said["other"]] == [Stopped]
    assert worker.pid == pid


# --- losses -----------------------------------------------------------------------------------------------


async def test_a_killed_one_goes_on_from_its_last_checkpoint_bit_for_bit(worker: Hand, jobs: Jobs) -> None:
    whole, run = jobs.run(name="whole", evaluations=50), jobs.run(Mood.INTERRUPTED, evaluations=50)
    assert isinstance((await reports_of(worker, whole))[-1], Result)
    pid = worker.pid
    reports = await beginning(worker, run)
    await once_saved(run)
    os.kill(pid or 0, signal.SIGKILL)
    assert not (await loss_in(reports)).of_its_work
    assert not worker.is_alive
    assert not (await lost(worker, run)).of_its_work
    await worker.start()
    assert worker.pid != pid
    said = await reports_of(worker, again(run))
    assert 0 < first_progress(said).taken_over <= first_progress(said).evaluation
    assert same_pixels(again(run), whole)
    beginning_of_story = images.read_provenance(file_of(again(run), snapshot_file(1))).evaluations_done
    assert beginning_of_story <= first_progress(said).taken_over


async def test_one_that_is_closed_leaves_a_checkpoint_of_each_and_each_goes_on(
    worker: Hand, jobs: Jobs
) -> None:
    """Though it was far from due."""
    batch = [jobs.run(name=name, evaluations=ENDLESS) for name in ("a", "b")]
    reports = await beginning(worker, *batch)
    await anext(reports)
    await worker.close()
    await loss_in(reports)
    await once_saved(*batch)
    await worker.start()
    for run in batch:
        reports = await beginning(worker, again(run))
        _, first = await anext(reports)
        assert isinstance(first, Progress)
        assert 0 < first.taken_over <= first.evaluation
        worker.stop(Stop(job=run.job, attempt=2, keep=False))
        assert [type(report) async for _, report in reports][-1] is Stopped


@pytest.mark.painter
async def test_an_animation_comes_back_as_one_and_goes_on_too(
    worker: Hand, jobs: Jobs, tmp_path: Path
) -> None:
    still = images.decode((tmp_path / "content").read_bytes(), "content")
    frames = tuple(images.Picture(np.roll(still.rgb, 4 * number, axis=1)) for number in range(3))
    content = tmp_path / "animation.png"
    content.write_bytes(images.encode_animation(images.Animation(frames, (100, 200, 300)), ImageFormat.PNG))
    plan = jobs.run(evaluations=20).plan.model_copy(update={"frames": 3, "frame_evaluations": 15})
    changes: dict[str, Any] = {
        "content": str(content),
        "plan": plan,
        "provenance": provenance(plan, Settings()),
    }
    whole, run = jobs.run(name="whole", **changes), jobs.run(Mood.INTERRUPTED, **changes)
    assert isinstance((await reports_of(worker, whole))[-1], Result)
    reports = await beginning(worker, run)
    await once_saved(run)
    os.kill(worker.pid or 0, signal.SIGKILL)
    await loss_in(reports)
    await worker.start()
    *_, last = await reports_of(worker, again(run))
    assert isinstance(last, Result)
    assert (last.format, last.moments, last.evaluation) == (ImageFormat.WEBP, 0, 50)
    assert file_of(again(run), "result.webp") == file_of(whole, "result.webp")


async def test_one_that_dies_of_its_work_says_so(worker: Hand, jobs: Jobs) -> None:
    assert (await lost(worker, jobs.run(Mood.DIES))).of_its_work
    await asyncio.wait_for(worker.ended(), LONG)


@pytest.mark.painter
async def test_one_whose_painting_thread_hangs_is_ended_though_its_others_live(
    worker: Hand, jobs: Jobs
) -> None:
    assert (await lost(worker, jobs.run(Mood.HANGS))).of_its_work
    await asyncio.wait_for(worker.ended(), LONG)


@pytest.mark.painter
async def test_one_that_was_stopped_is_ended_and_blames_nobody(worker: Hand, jobs: Jobs) -> None:
    pid, run = worker.pid or 0, jobs.run(evaluations=ENDLESS)
    reports = await beginning(worker, run)
    await once_saved(run)
    os.kill(pid, signal.SIGSTOP)
    assert not (await loss_in(reports)).of_its_work
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        pytest.fail("it is still there")


@pytest.mark.painter
async def test_one_that_takes_long_and_lives_is_left_alone(worker: Hand, jobs: Jobs) -> None:
    pid = worker.pid
    *_, last = await reports_of(worker, jobs.run(Mood.SLOW))
    assert isinstance(last, Result)
    assert worker.pid == pid
    assert not worker.is_spent


@pytest.mark.painter
async def test_one_that_dies_while_it_waits_is_noticed(worker: Hand, jobs: Jobs) -> None:
    os.kill(worker.pid or 0, signal.SIGKILL)
    await asyncio.wait_for(worker.ended(), LONG)
    assert not worker.is_alive
    assert not (await lost(worker, jobs.run())).of_its_work


@pytest.mark.painter
async def test_one_that_has_grown_is_spent_between_jobs_and_replaced(hands: Hands, jobs: Jobs) -> None:
    worker = hands.take(grown_bytes=-1)
    await worker.start()
    try:
        pid = worker.pid
        async for _, report in worker.run([jobs.run()]):
            assert not worker.is_spent or not isinstance(report, Progress)
        assert worker.is_spent
        await worker.start()
        assert worker.pid != pid
    finally:
        await worker.close()
        await worker.close()  # twice is once

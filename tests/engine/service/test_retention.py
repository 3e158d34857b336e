"""What goes and what stays: of jobs that are over, of files that nobody needs, and by whatever a clock says."""

import os
import time
from collections.abc import AsyncIterator, Collection
from pathlib import Path

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from engine.protocol import ImageFormat, JobState, Outcome
from engine.service.retention import LOOKS_APART, ORPHAN_SECONDS, SPARED_SECONDS, Retention
from engine.storage.files import TIMELAPSE, JobFiles
from engine.storage.jobs import JobRecord, JobStore, open_store
from tests.engine.scripted import record

HOUR, DAY = 3600.0, 24 * 3600.0
KEEP = 7 * DAY


class Clocks:
    """One that can be set, and one that only goes on."""

    def __init__(self) -> None:
        self.off = 0.0
        self.passed = 0.0

    def wall(self) -> float:
        return time.time() + self.off + self.passed

    def monotonic(self) -> float:
        return time.monotonic() + self.passed


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[JobStore]:
    opened = await open_store(tmp_path / "data")
    yield opened
    await opened.close()


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


def retention(store: JobStore, clocks: Clocks, keep_bytes: int = 10**9) -> Retention:
    return Retention(store, KEEP, keep_bytes, clock=clocks.wall, monotonic=clocks.monotonic)


def finished(ended: float, **changes: object) -> JobRecord:
    """That long ago, in seconds."""
    outcome = Outcome(format=ImageFormat.PNG, moments=1)
    return record(state=JobState.FINISHED, ended=time.time() - ended, outcome=outcome).but(**changes)


async def keep(store: JobStore, *jobs: JobRecord, size: int = 10) -> None:
    """Store jobs that are over, each with its painting."""
    for job in jobs:
        await store.insert(job)
        put(store, job.id, ("result.png",), size)


def put(store: JobStore, job: str, names: Collection[str], size: int = 10) -> None:
    for name in names:
        path = store.files.path(job, name)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(bytes(size))


async def left(store: JobStore) -> set[str]:
    """Jobs of which there is all: the row and the folder."""
    rows = {outline.id for outline in await store.outlines()}
    assert rows == set(store.files.jobs())
    return rows


# --- clocks -----------------------------------------------------------------------------------------------


async def test_what_is_old_goes_at_the_second_look(store: JobStore, clocks: Clocks) -> None:
    old, young = finished(8 * DAY), finished(6 * DAY)
    await keep(store, old, young)
    looks = retention(store, clocks)
    await looks.look()
    clocks.passed += LOOKS_APART - 60
    await looks.look()
    assert await left(store) == {old.id, young.id}
    clocks.passed += 60
    await looks.look()
    assert await left(store) == {young.id}


async def test_a_clock_that_is_days_ahead_for_a_while_costs_nothing(store: JobStore, clocks: Clocks) -> None:
    job = finished(DAY)
    await keep(store, job)
    looks = retention(store, clocks)
    for off in (9 * DAY, 9 * DAY, 0, 9 * DAY, -9 * DAY, 0):
        clocks.off = off
        await looks.look()
        clocks.passed += LOOKS_APART * 0.7
    assert await left(store) == {job.id}


async def test_what_ended_while_the_clock_was_years_behind_is_kept_as_long(
    store: JobStore, clocks: Clocks
) -> None:
    job = record(state=JobState.RUNNING)
    await keep(store, job)
    await store.save(job.but(state=JobState.FINISHED, ended=5.0, outcome=Outcome()))
    looks = retention(store, clocks)
    for _ in range(3):
        await looks.look()
        clocks.passed += LOOKS_APART
    assert await left(store) == {job.id}
    clocks.passed += KEEP
    await looks.look()
    clocks.passed += LOOKS_APART
    await looks.look()
    assert await left(store) == set()


@pytest.mark.parametrize(
    ("off", "told"),
    [(-DAY, "the clock is behind the newest job"), (9 * DAY, "by the clock all that is kept is old")],
)
async def test_a_clock_that_cannot_be_right_is_said(
    store: JobStore, clocks: Clocks, off: float, told: str
) -> None:
    await keep(store, finished(HOUR))
    clocks.off = off
    with capture_logs() as logs:
        await retention(store, clocks).tidy()
    assert [line["event"] for line in logs] == [told]


async def test_on_a_full_disk_only_what_is_old_by_any_clock_goes_at_once(
    store: JobStore, clocks: Clocks
) -> None:
    old, young, newest = finished(9 * DAY), finished(6 * DAY), finished(DAY)
    await keep(store, *(job.but(created=1.0) for job in (old, young, newest)))
    clocks.off = 9 * DAY
    looks = retention(store, clocks)
    await looks.tidy()
    await store.insert(record(created=clocks.wall()))  # by a clock that is wrong
    await looks.make_room()
    assert {old.id}.isdisjoint(store.files.jobs())
    assert {young.id, newest.id}.issubset(store.files.jobs())


# --- bytes ------------------------------------------------------------------------------------------------


async def test_the_oldest_paintings_go_when_they_are_too_many(store: JobStore, clocks: Clocks) -> None:
    jobs = [finished(n * HOUR) for n in (5, 4, 3, 2)]
    waiting, failed = record(), record(state=JobState.FAILED, ended=1.0)
    await keep(store, *jobs, size=400)
    await store.insert(failed)
    await store.insert(waiting)
    put(store, waiting.id, ("content.png", "style-1.png"), 10_000)
    await retention(store, clocks, 1000).look()
    assert {outline.id for outline in await store.outlines()} == {
        jobs[2].id,
        jobs[3].id,
        failed.id,
        waiting.id,
    }
    assert set(store.files.jobs()) == {jobs[2].id, jobs[3].id, waiting.id}


async def test_a_painting_that_has_just_ended_can_be_fetched_however_little_is_kept(
    store: JobStore, clocks: Clocks
) -> None:
    job = record(state=JobState.RUNNING)
    await keep(store, job)
    await store.save(job.but(state=JobState.FINISHED, ended=5.0, outcome=Outcome()))
    looks = retention(store, clocks, 1)
    await looks.look()
    assert await left(store) == {job.id}
    clocks.passed += SPARED_SECONDS
    await looks.look()
    assert await left(store) == set()


# --- what nobody needs ------------------------------------------------------------------------------------


async def test_at_a_start_what_has_no_job_is_moved_aside_and_goes_a_week_later(
    store: JobStore, clocks: Clocks
) -> None:
    put(store, "stray", ("content.png",))
    (store.files.path("x", "y").parents[1] / "file").write_text("stray too")
    looks = retention(store, clocks)
    with capture_logs() as logs:
        await looks.tidy()
    assert [(line["count"], sorted(line["first"])) for line in logs] == [(2, ["file", "stray"])]
    assert store.files.jobs() == []
    assert (store.files.orphans / "stray" / "content.png").read_bytes() == bytes(10)
    for passed, there in ((ORPHAN_SECONDS - HOUR, 2), (2 * HOUR, 2), (HOUR, 0)):
        clocks.passed += passed
        await looks.look()
        assert len(list(store.files.orphans.iterdir())) == there


async def test_the_same_orphan_twice_is_kept_twice(store: JobStore, clocks: Clocks) -> None:
    for _ in range(3):
        put(store, "stray", ("content.png",))
        await retention(store, clocks).tidy()
    assert len(list(store.files.orphans.iterdir())) == 3


async def test_after_a_start_a_job_keeps_what_it_needs(store: JobStore, clocks: Clocks) -> None:
    over, failed, waiting = finished(HOUR), record(state=JobState.FAILED, ended=1.0), record()
    await keep(store, over, failed, waiting)
    needed = {
        over.id: {"result.png", "moment-01", TIMELAPSE, "content.png"},
        waiting.id: {"content.png", "style-1.png"},
    }
    for job in (over, failed, waiting):
        put(store, job.id, {"attempt-1", "content.png", "checkpoint.npz.part", *needed.get(job.id, ())})
    looks = retention(store, clocks)
    await looks.tidy()
    assert set(store.files.names(waiting.id)) == needed[waiting.id]  # before a worker goes on with it
    await looks.look()
    there = {job: set(store.files.names(job)) for job in store.files.jobs()}
    assert there == needed


async def test_what_came_after_the_start_is_nothing_that_a_crash_has_left(
    store: JobStore, clocks: Clocks
) -> None:
    waiting, arriving = record(), finished(0)
    await keep(store, waiting, finished(HOUR))
    looks = retention(store, clocks)
    await looks.tidy()
    await store.save(waiting.but(state=JobState.FINISHED, ended=time.time(), outcome=Outcome()))
    await keep(store, arriving)
    for job in (waiting, arriving):
        put(store, job.id, ("result.png", "attempt-1"))  # its worker has not said its last word
    await looks.look()
    assert (
        {*store.files.names(waiting.id)} == {*store.files.names(arriving.id)} == {"result.png", "attempt-1"}
    )


async def test_nothing_goes_of_a_job_whose_row_cannot_be_read(tmp_path: Path, clocks: Clocks) -> None:
    store = await open_store(tmp_path)
    jobs = [finished(HOUR), finished(HOUR, state=JobState.FAILED), record()]
    await keep(store, *jobs)
    async with store._engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE jobs SET request = '{'")
    looks = retention(store, clocks, 1)
    for _ in range(3):
        await looks.tidy()
        await looks.look()
        clocks.passed += LOOKS_APART
    assert {tuple(store.files.names(job.id)) for job in jobs} == {("result.png",)}
    await store.close()


async def test_what_somebody_writes_of_a_job_that_is_over_goes_within_two_looks(
    store: JobStore, clocks: Clocks
) -> None:
    cancelled, over, running = record(state=JobState.CANCELLED, ended=1.0), finished(HOUR), record()
    for job in (cancelled, over, running):
        await store.insert(job)
        put(store, job.id, ("result.png", "checkpoint.npz"))
    looks = retention(store, clocks)
    await looks.look()
    put(store, "arriving", ("content.png",))
    clocks.passed += LOOKS_APART
    await looks.look()
    assert store.files.names(cancelled.id) == []
    assert cancelled.id not in store.files.jobs()
    assert store.files.names(over.id) == ["result.png"]
    assert len(store.files.names(running.id)) == 2
    assert store.files.names("arriving") == ["content.png"]
    clocks.passed += LOOKS_APART
    await looks.look()
    assert os.listdir(store.files.orphans) == ["arriving"]  # noqa: PTH208 - a list of names


async def test_images_that_are_missing_are_said(store: JobStore, clocks: Clocks) -> None:
    job = finished(HOUR)
    await store.insert(job)
    waiting = record()
    await store.insert(waiting)
    looks = retention(store, clocks)
    with capture_logs() as logs:
        await looks.tidy()
        await looks.look()
        await looks.look()
    assert [line["first"] for line in logs] == [[waiting.id], [job.id]]


async def test_a_start_asks_the_database_as_often_however_much_is_kept(
    store: JobStore, clocks: Clocks
) -> None:
    asked = [0]  # in each round

    @sa.event.listens_for(store._engine.sync_engine, "before_cursor_execute")
    def _count(*_facts: object) -> None:
        asked[-1] += 1

    for _ in range(2):
        await keep(store, *(finished(HOUR) for _ in range(10)))
        asked.append(0)
        looks = retention(store, clocks)
        await looks.tidy()
        await looks.look()
        asked.append(0)
    assert asked[1] == asked[3] > 0


async def test_a_start_looks_into_the_folders_of_open_jobs_only(
    store: JobStore, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    names = JobFiles.names

    def counted(files: JobFiles, job: str) -> list[str]:
        seen.append(job)
        return names(files, job)

    monkeypatch.setattr(JobFiles, "names", counted)
    waiting = record()
    await keep(store, waiting, *(finished(HOUR) for _ in range(10)))
    await retention(store, clocks).tidy()
    assert {*seen} == {waiting.id}

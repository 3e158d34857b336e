"""What is deleted is gone: its row, its files, and what a worker or a client brings after it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from engine.protocol import ErrorCode, JobState, Refusal
from engine.service import jobs as service
from engine.service.app import STORE
from engine.service.routes import JOBS
from engine.storage.jobs import JobRecord
from engine.workers.ipc import Stopped
from tests.engine.engine_process import TOKEN
from tests.engine.scripted import FILES, record, result
from tests.engine.service.served import serve
from tests.engine.service.test_jobs import Atelier, atelier, rest_of


@pytest.fixture
async def working(tmp_path: Path) -> AsyncIterator[Atelier]:
    async with atelier(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
async def idle(tmp_path: Path) -> AsyncIterator[Atelier]:
    async with atelier(tmp_path / "data", at_work=False) as opened:
        yield opened


async def assert_gone(studio: Atelier, job: JobRecord) -> None:
    """Neither a row nor a file, nor a key by which it would be known."""
    with pytest.raises(Refusal) as refusal:
        await studio.jobs.view(job.id)
    assert refusal.value.code is ErrorCode.NOT_FOUND
    assert not await studio.jobs.knows(job.key)
    assert job.id not in studio.store.files.jobs()
    assert not studio.store.files.orphans.exists()


async def test_a_painting_is_deleted_with_its_time_lapse_and_its_moments(working: Atelier) -> None:
    job = record()
    working.worker.say(result(moments=3))
    await working.admit(job)
    await working.reaches(job, JobState.FINISHED)
    for _ in range(2):  # the second time there is none, which is what was wanted
        await working.jobs.delete(job.id)
        await assert_gone(working, job)


async def test_what_waits_is_deleted_and_the_next_is_painted(idle: Atelier) -> None:
    job, other = record("ann"), record("bob")
    await idle.admit(job, other)
    reading = await idle.jobs.events(job.id)
    await idle.jobs.delete(job.id)
    await assert_gone(idle, job)
    assert (await reading.after(0)) is not None  # its readers are told
    assert (await idle.jobs.claim(idle.worker)).id == other.id


async def test_what_is_painted_is_deleted_when_its_worker_has_stopped(working: Atelier) -> None:
    job = record()
    await working.admit(job)
    await working.is_handed_out(job)
    deleting = asyncio.create_task(working.jobs.delete(job.id))
    while not working.worker.stops:  # noqa: ASYNC110 - the worker is told, which has no event
        await asyncio.sleep(0.001)
    working.store.files.add(job.id, "checkpoint.npz", b"so far")
    assert not deleting.done()
    working.worker.say(Stopped())
    await deleting
    await assert_gone(working, job)


async def test_a_worker_that_does_not_stop_is_for_the_next_call(
    working: Atelier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "STOPPING_SECONDS", 0.01)
    job, other = record("ann"), record("bob")
    await working.admit(job)
    await working.is_handed_out(job)
    with pytest.raises(Refusal) as refusal:
        await working.jobs.delete(job.id)
    assert refusal.value.code is ErrorCode.BUSY
    assert (await working.jobs.view(job.id)).state is JobState.CANCELLED
    working.worker.say(result(), result())  # it was done before it heard
    await working.admit(other)
    await working.reaches(other, JobState.FINISHED)
    await working.jobs.delete(job.id)
    await assert_gone(working, job)


async def test_what_is_on_its_way_when_it_is_deleted_does_not_come_in(idle: Atelier) -> None:
    job = record(key="ticket")
    await idle.jobs.delete_sent(job.key)
    with pytest.raises(Refusal):
        await idle.jobs.admit(job, FILES)
    await assert_gone(idle, job)


async def test_a_job_that_was_deleted_stays_so_after_a_restart(tmp_path: Path) -> None:
    job = record(key="ticket")
    async with atelier(tmp_path / "data", at_work=False) as studio:
        await studio.admit(job)
        await studio.jobs.delete_sent(job.key)
    async with atelier(tmp_path / "data", at_work=False) as studio:
        await assert_gone(studio, job)
        await studio.admit(job)  # the next engine knows nothing of it


async def test_no_word_of_it_stays_in_the_file(tmp_path: Path) -> None:
    job = record(user="somebody-by-that-name")
    async with atelier(tmp_path / "data", at_work=False) as studio:
        await studio.admit(job)
        await studio.jobs.delete(job.id)
    kept = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert [path.name for path in kept if b"somebody-by-that-name" in path.read_bytes()] == []


async def test_deleting_over_http(tmp_path: Path) -> None:
    async with serve(tmp_path / "data") as served:
        jobs, store = served.app[JOBS], served.app[STORE]
        first, second = record("ann"), record("bob", key="a ticket")
        served.worker.say(result(), result(moments=2))
        for job in (first, second):
            await jobs.admit(job, FILES)
        for job in (first, second):
            await rest_of(await jobs.events(job.id))
        assert len(store.files.jobs()) == 2
        origin = f"http://{served.host}:{served.port}"
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with aiohttp.ClientSession(origin, headers=headers) as client:
            for _ in range(2):
                async with client.delete(f"/v1/jobs/{first.id}") as answer:
                    assert (answer.status, await answer.read()) == (204, b"")
                async with client.delete("/v1/jobs", headers={"Idempotency-Key": second.key}) as answer:
                    assert (answer.status, await answer.read()) == (204, b"")
            async with client.get(f"/v1/jobs/{first.id}") as answer:
                assert answer.status == 404
            async with client.delete("/v1/jobs") as answer:
                assert answer.status == 400
            async with client.delete(f"/v1/jobs/{'0' * 31}") as answer:
                assert answer.status == 404
        async with (
            aiohttp.ClientSession(origin) as stranger,
            stranger.delete(f"/v1/jobs/{first.id}") as answer,
        ):
            assert answer.status == 401
        assert store.files.jobs() == []

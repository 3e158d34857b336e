"""A disk without room fails no painting, keeps nobody from leaving, and everybody from coming; and it passes.

On a real small disk, with the engine's own database and files; the worker is scripted but for the last test.
"""

import asyncio
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from engine.protocol import ErrorCode, JobState, Preview
from engine.service import dispatcher
from engine.service.retention import Retention
from engine.storage import jobs as store_module
from engine.storage import room
from engine.storage.jobs import JobStore, open_store
from engine.storage.room import RESERVE
from engine.workers.ipc import Waiting
from tests.engine.engine_process import EngineProcess, request, talk
from tests.engine.scripted import FILES, progress, record, result, settle
from tests.engine.service.test_jobs import Atelier, atelier, code_of
from tests.engine.sketch.worker import PAUSE_VARIABLE
from tests.engine.small_disk import SmallDisk, small_disk


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallDisk]:
    monkeypatch.setattr(room, "CALM_SECONDS", 0.0)
    monkeypatch.setattr(store_module, "ROOM_SECONDS", 0.01)
    monkeypatch.setattr(dispatcher, "STORE_PAUSE", 0.01)
    with small_disk(tmp_path / "disk") as disk:
        yield disk


@pytest.fixture
async def working(disk: SmallDisk) -> AsyncIterator[Atelier]:
    async with atelier(disk.path / "data") as opened:
        yield opened


@pytest.fixture
async def idle(disk: SmallDisk) -> AsyncIterator[Atelier]:
    async with atelier(disk.path / "data", at_work=False) as opened:
        yield opened


def exhaust(disk: SmallDisk, store: JobStore) -> None:
    """Fill the disk, and what the reserve has given back."""
    while store.room.lend():
        pass
    disk.fill()


async def test_a_painting_goes_on_and_is_kept_when_there_is_room(disk: SmallDisk, working: Atelier) -> None:
    job, late = record("ann"), record("bob")
    await working.admit(job)
    await working.is_handed_out(job)
    painting = result(b"painting")
    painting.leave(working.store.files.outbox(job.id, 1))
    exhaust(disk, working.store)
    working.worker.say(progress(0.5), Waiting(), painting)

    async def is_full() -> bool:
        return working.store.room.is_full

    await settle(is_full)
    assert await code_of(working.jobs.admit(late, FILES)) is ErrorCode.STORAGE_FULL
    assert (await working.jobs.view(job.id)).state is JobState.RUNNING
    disk.clear()
    await working.reaches(job, JobState.FINISHED)
    assert await working.painting(job) == b"painting"
    working.store.room.look()
    working.worker.say(result())
    await working.admit(late)
    await working.reaches(late, JobState.FINISHED)


async def test_a_job_waits_to_be_begun(disk: SmallDisk, idle: Atelier) -> None:
    job = record()
    await idle.admit(job)
    exhaust(disk, idle.store)
    idle.worker.say(result())
    idle.dispatcher.start()

    async def is_full() -> bool:
        return idle.store.room.is_full

    await settle(is_full)
    disk.clear()
    await idle.reaches(job, JobState.FINISHED)


async def test_the_reserve_lets_members_leave(disk: SmallDisk, idle: Atelier) -> None:
    waiting, running, deadly = record("ann"), record("bob"), record("cid")
    for job in (deadly, running, waiting):
        await idle.admit(job)
    claimed = [await idle.jobs.claim(idle.worker) for _ in range(2)]
    disk.fill()
    for job in (waiting, running):
        assert (await idle.jobs.cancel(job.id)).state is JobState.CANCELLED
    await idle.jobs.stopped(claimed[1])
    await idle.jobs.lost(claimed[0])
    await idle.jobs.drain()
    assert idle.store.files.jobs() == [deadly.id]


async def test_the_reserve_lets_what_is_old_go(disk: SmallDisk, idle: Atelier) -> None:
    old = [record(state=JobState.CANCELLED, ended=1.0) for _ in range(20)]
    for job in old:
        await idle.store.insert(job)
    await idle.store.insert(record(state=JobState.CANCELLED, ended=time.time()))
    disk.fill()
    await Retention(idle.store, 3600.0, 10**9).make_room()
    assert await idle.store.ended_before(time.time() - 3600) == []


async def test_an_engine_starts_on_a_full_disk(disk: SmallDisk) -> None:
    running, old = record("ann"), record(state=JobState.CANCELLED, ended=1.0)
    async with atelier(disk.path / "data", at_work=False) as before:
        await before.admit(running)
        await before.store.insert(old)
        before.store.files.write(old.id, {"result.png": bytes(2**20)})
        await before.jobs.claim(before.worker)
        disk.fill()
    async with atelier(disk.path / "data", at_work=False) as engine:
        assert engine.store.starts == 2
        assert (await engine.jobs.view(running.id)).state is JobState.QUEUED


async def test_one_without_a_reserve_starts_too_and_makes_room(disk: SmallDisk) -> None:
    old, folder = record(state=JobState.FINISHED, ended=1.0), disk.path / "data"
    async with atelier(folder, at_work=False) as before:
        await before.store.insert(old)
        await before.store.insert(record(state=JobState.CANCELLED, ended=time.time()))
        before.store.files.write(old.id, {"result.png": bytes(2**21)})
    (folder / RESERVE).unlink()
    disk.fill()
    for _ in range(2):
        store = await open_store(folder)
        assert (store.room.is_full, store.starts) == (True, 2)
        await store.close()
    store = await open_store(folder)
    await Retention(store, 3600.0, 10**9).make_room()
    assert store.files.jobs() == []
    assert not store.room.look()
    await store.close()
    store = await open_store(folder)
    assert store.starts == 3
    await store.close()


async def test_a_first_start_waits_for_room(disk: SmallDisk) -> None:
    disk.fill()
    opening = asyncio.create_task(open_store(disk.path / "data"))
    await asyncio.sleep(0.1)
    assert not opening.done()
    disk.clear()
    store = await opening
    assert store.starts == 1
    await store.close()


@pytest.mark.integration
async def test_a_real_engine_says_it_and_goes_on_by_itself(tmp_path: Path, upload: dict[str, bytes]) -> None:
    with small_disk(tmp_path / "data", 16) as disk:  # its log is on another
        engine = EngineProcess(
            disk.path, program="tests.engine.sketch", environment={PAUSE_VARIABLE: "0.02"}, batch=1
        )
        with engine:
            async with talk(engine.ready()) as client:
                painted = await client.submit(request(evaluations=100), upload)
                waiting = await client.submit(request("bob"), upload)
                async for envelope in client.events(painted.id):
                    if isinstance(envelope.event, Preview):
                        break
                disk.fill()

                async def status(path: str, expected: int) -> bytes:
                    async with asyncio.timeout(60):
                        while True:
                            found, _, body = await client.fetch(path)
                            if found == expected:
                                return body
                            await asyncio.sleep(0.2)

                assert b"storage_full" in await status("/readyz", 507)
                assert b"atelier_storage_full 1.0" in await status("/metrics", 200)
                told, error = await client.refused(request("cid"), upload)
                assert (told, error.code) == (507, ErrorCode.STORAGE_FULL)
                assert (await client.order(waiting.id, "cancel")).state is JobState.CANCELLED
                async with asyncio.timeout(60):
                    while not engine.events("a painting waits for room on the disk"):  # noqa: ASYNC110 - a log
                        await asyncio.sleep(0.2)
                disk.clear()
                view = await client.painted(painted.id)
                assert (await client.fetch(f"/v1/jobs/{view.id}/result"))[0] == 200
                await status("/readyz", 200)
            assert engine.stop() == 0, engine.output()


def test_all_this_in_a_namespace_where_nobody_may_mount(tmp_path: Path) -> None:
    try:
        with small_disk(tmp_path / "disk"):
            return  # the others have run
    except pytest.skip.Exception:
        pass
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-rm", "true"], check=False).returncode:
        pytest.skip("NOT TESTED, as there are no namespaces here: what a full disk does")
    ran = subprocess.run(
        [unshare, "-rm", sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__],
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout.decode()

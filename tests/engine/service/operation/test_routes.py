"""What an operator asks and says over HTTP, on an engine in the test's own process."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from engine.protocol import (
    REQUEST_HEADER,
    Condition,
    ErrorBody,
    ErrorCode,
    Flow,
    FlowView,
    History,
    JobState,
    Overview,
    Refusal,
)
from engine.service.operation.history import POINTS, STRETCH_SECONDS, Counts, Recorder
from engine.service.operation.overview import Overviews
from engine.service.operation.routes import OVERVIEWS
from engine.service.routes import DISPATCHER, JOBS
from engine.storage.jobs import JobRecord
from engine.workers.ipc import Stopped
from tests.engine.engine_process import TOKEN
from tests.engine.scripted import FILES, progress, record, result, settle
from tests.engine.service.operation.operated import Operated, job, operated


@asynccontextmanager
async def asking(engine: Operated) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(engine.url, headers={"Authorization": f"Bearer {TOKEN}"}) as session:
        yield session


async def steer(session: aiohttp.ClientSession, how: str) -> Flow:
    async with session.post(f"/v1/{how}") as answer:
        return FlowView.model_validate_json(await answer.read()).flow


async def overview(session: aiohttp.ClientSession) -> Overview:
    async with session.get("/v1/overview") as answer:
        assert answer.headers["Cache-Control"] == "no-store"
        return Overview.model_validate_json(await answer.read())


async def said(session: aiohttp.ClientSession, path: str) -> Any:
    async with session.get(path) as answer:
        assert answer.status == 200
        return await answer.json()


async def test_nothing_begins_while_it_is_paused_over_a_restart_too(tmp_path: Path) -> None:
    async with operated(tmp_path, workers=1) as engine, asking(engine) as session:
        assert await steer(session, "pause") is Flow.PAUSED
        (name,) = await engine.admit(job("great_wave", 1))
        for path in ("/healthz", "/readyz"):
            assert (await said(session, path))["flow"] == "paused"
        async with session.get("/metrics") as answer:
            text = await answer.text()
        assert 'atelier_flow{flow="paused"} 1.0' in text
        assert 'atelier_flow{flow="open"} 0.0' in text
    async with operated(tmp_path, workers=1) as engine, asking(engine) as session:
        assert engine.app[JOBS].flow.flow is Flow.PAUSED
        found = await overview(session)
        assert (await engine.app[JOBS].view(name)).eta_seconds is None
        assert [told.condition for told in found.conditions] == [Condition.PAUSED]
        assert [each.id for each in found.waiting] == [name]
        assert engine.workers[0].batches == []
        assert await steer(session, "resume") is Flow.OPEN
        (await engine.painter_of(name)).say(result())


async def test_a_worker_that_is_lost_is_told_however_young_the_engine_is(tmp_path: Path) -> None:
    async with operated(tmp_path, workers=2) as engine, asking(engine) as session:
        lost = engine.workers[0]
        seen: list[Condition] = []

        async def is_told() -> bool:
            seen[:] = [told.condition for told in (await overview(session)).conditions]
            return bool(seen)

        lost.holds = asyncio.Event()
        lost.die()
        await settle(is_told)
        assert seen == [Condition.WORKER_DOWN]


async def test_what_runs_goes_on_and_nothing_goes_beside_it(tmp_path: Path) -> None:
    """A worker that paints side by side takes no second job of a batch once it is paused."""
    async with operated(tmp_path, workers=1) as engine:
        jobs, worker = engine.app[JOBS], engine.workers[0]
        worker.batch = 4
        (first,) = await engine.admit(record())
        await engine.painter_of(first)
        await jobs.steer(Flow.PAUSED)
        await engine.admit(record(user="bob"))
        running = (jobs.open.get(first), worker)
        assert running[0] is not None
        assert await jobs.claim_beside(running[0].record, worker) == []
        worker.say(progress(), result())
        await engine.over(first)
        assert worker.batches == [[first]]


async def test_drained_it_takes_nothing_new_and_paints_what_there_is(tmp_path: Path) -> None:
    async with operated(tmp_path, workers=1) as engine, asking(engine) as session:
        first, second = await engine.admit(record(), record(user="bob"))
        assert await steer(session, "drain") is Flow.DRAINING
        with pytest.raises(Refusal) as refused:
            await engine.app[JOBS].admit(record(user="eve"), FILES)
        assert refused.value.code is ErrorCode.DRAINING
        async with session.get("/v1/queue") as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "60")
            assert ErrorBody.model_validate_json(await answer.read()).code is ErrorCode.DRAINING
        assert (await said(session, "/readyz"))["flow"] == "draining"  # its results are fetched from it
        for name in (first, second):
            (await engine.painter_of(name)).say(result())
            await engine.over(name)
        assert [told.condition for told in (await overview(session)).conditions] == [Condition.DRAINED]
    async with operated(tmp_path, workers=1) as engine:  # it was emptied to be stopped
        assert engine.app[JOBS].flow.flow is Flow.OPEN


async def test_a_drain_outlives_an_engine_that_is_killed(tmp_path: Path) -> None:
    async with operated(tmp_path, workers=1) as engine:
        await engine.app[JOBS].steer(Flow.DRAINING)
        vars(engine.app[JOBS])["_flow"] = FlowView(flow=Flow.OPEN)  # so that its end is no orderly one
    async with operated(tmp_path, workers=1) as engine:
        assert engine.app[JOBS].flow.flow is Flow.DRAINING


async def test_a_watcher_hears_of_each_change_and_is_let_go(tmp_path: Path) -> None:
    heard: list[Overview] = []
    async with operated(tmp_path) as engine, asking(engine) as session:

        async def watch() -> None:
            async with session.get("/v1/overview/events") as answer:
                async for line in answer.content:
                    if line.startswith(b"data: "):
                        heard.append(Overview.model_validate(json.loads(line[6:]), strict=False))

        watching = asyncio.create_task(watch())
        (name,) = await engine.admit(job("udnie", 2))
        worker = await engine.painter_of(name)
        worker.say(progress(0.5))
        await engine.until(
            lambda: bool(heard) and bool(heard[-1].running) and heard[-1].running[0].progress == 0.5
        )
        running = heard[-1].running[0]
        assert (running.styles, running.preview, running.worker) == (
            ("udnie",),
            10001,
            engine.workers.index(worker),
        )
        await engine.app[JOBS].cancel(name)
        worker.say(Stopped())
        await engine.until(lambda: not heard[-1].running)
        engine.app[OVERVIEWS].dismiss_readers()
        await asyncio.wait_for(watching, 30)


async def test_what_is_over_is_read_again_only_after_a_change(tmp_path: Path) -> None:
    async with operated(tmp_path) as engine:
        await engine.paint("great_wave", 1, 10)
        await engine.fail("udnie", 2, ErrorCode.OUT_OF_MEMORY)
        store, reads = engine.store, list[JobState]()
        newest = store.newest

        async def counted(state: JobState, most: int) -> list[JobRecord]:
            reads.append(state)
            return await newest(state, most)

        vars(store)["newest"] = counted
        jobs, dispatcher = engine.app[JOBS], engine.app[DISPATCHER]
        overviews = Overviews(jobs, store, dispatcher, ("cpu", "cpu"), 100)
        for _ in range(5):
            found = await overviews.take()
        assert len(reads) == 2
        assert [past.styles for past in found.finished] == [("great_wave",)]
        (failed,) = found.failed
        assert failed.error is not None
        assert failed.error.message == "The picture needs more memory than there is: try a smaller size."
        await jobs.delete(found.finished[0].id)
        assert (await overviews.take()).finished == ()  # what is deleted is seen no more


async def test_trouble_is_said_first(tmp_path: Path) -> None:
    async with operated(tmp_path) as engine:
        for number in range(3):
            await engine.fail("udnie", number, ErrorCode.OUT_OF_MEMORY)
        await engine.app[JOBS].steer(Flow.PAUSED)
        engine.store.room.note_full()
        found = await engine.app[OVERVIEWS].take()
        assert [told.condition for told in found.conditions] == [
            Condition.STORAGE_FULL,
            Condition.MANY_FAILURES,
            Condition.PAUSED,
        ]
        assert found.conditions[1].message == "3 of the last 3 pictures failed: the reasons are below."


def test_hours_are_a_few_points_and_nothing_of_them_is_lost() -> None:
    now, counts = [0.0], [Counts(0, 0, 0, 0)]
    recorder = Recorder(lambda: counts[0], lambda: 0.5, clock=lambda: 1e9 + now[0], monotonic=lambda: now[0])
    assert recorder.history() == History(seconds=6 * 3600.0, samples=())
    stretches = round(8 * 3600 / STRETCH_SECONDS)
    for number in range(stretches):
        now[0] += STRETCH_SECONDS
        counts[0] = Counts(3 * (number + 1), number + 1, 0, queued=number % 7)
        recorder.look()
    samples = recorder.history().samples
    assert len(samples) <= POINTS
    assert sum(sample.seconds for sample in samples) == 6 * 3600
    assert sum(sample.finished for sample in samples) == 6 * 3600 / STRETCH_SECONDS
    assert {sample.busy for sample in samples} == {0.5}
    assert max(sample.queued for sample in samples) == 6


async def test_an_id_that_could_not_be_one_of_ours_is_not_taken(tmp_path: Path) -> None:
    async with operated(tmp_path) as engine, asking(engine) as session:
        for sent, taken in (
            ("8f0c-1d_2E", "8f0c-1d_2E"),
            ("a" * 65, None),
            ("a b", None),
            ("é", None),
            ("{x}", None),
        ):
            async with session.get("/v1/overview", headers={REQUEST_HEADER: sent}) as answer:
                assert answer.headers.get(REQUEST_HEADER) == taken

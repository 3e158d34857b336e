"""The life of an engine without HTTP, in a process of its own: jobs come, and end in every way that there is.

Store, queue and dispatcher are the engine's; the worker does what the seed of a job says. What somebody was told is
noted in a file, so that a test can end the process anywhere and compare.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from enum import IntEnum
from functools import partial
from pathlib import Path

from engine.painting import timelapse
from engine.protocol import CrashPoint, ErrorCode, Flow, JobState, Problem, crash_points
from engine.service.config import EngineConfig
from engine.service.dispatcher import Dispatcher
from engine.service.jobs import Jobs
from engine.service.metrics import Metrics
from engine.service.paintings import Paintings
from engine.service.retention import Retention
from engine.storage.jobs import open_store
from engine.workers.interface import WorkerLost
from engine.workers.ipc import Began, Failure, Report, Run, Stopped, Work
from tests.engine.scripted import FILES, ScriptedWorker, progress, record, result, settle


class Fate(IntEnum):
    """What becomes of a job; its seed."""

    PAINTED = 1
    FAILED = 2
    LOST_ONCE = 3
    CANCELLED = 4
    DELETED = 5
    DRAINED = 6


ENDS = dict.fromkeys(set(Fate) - {Fate.DELETED}, JobState.FINISHED) | {
    Fate.FAILED: JobState.FAILED,
    Fate.CANCELLED: JobState.CANCELLED,
}


class FatedWorker(ScriptedWorker):
    """Lets each job have its fate; what is to be drained it paints in a last life only."""

    def __init__(self, *, is_last: bool) -> None:
        super().__init__()
        self._is_last = is_last

    async def run(self, batch: Sequence[Work]) -> AsyncGenerator[tuple[Work, Report], None]:
        """One at a time."""
        (work,) = batch
        assert isinstance(work, Run)
        yield work, Began(compiling=(0.0,))
        yield work, progress()
        match Fate(work.settings.seed or 0):
            case Fate.FAILED:
                yield work, Failure(error=Problem(code=ErrorCode.OUT_OF_MEMORY))
                return
            case Fate.LOST_ONCE if work.attempt == 1:
                raise WorkerLost("it was its fate")
            case Fate.CANCELLED:
                while not any(order.job == work.job for order in self.stops):  # noqa: ASYNC110 - as a worker looks
                    await asyncio.sleep(0.001)
                yield work, Stopped()
                return
            case Fate.DRAINED if not self._is_last:
                await asyncio.Event().wait()
        painting = result(moments=1)
        painting.leave(Path(work.outbox))
        yield work, painting


def live(folder: str, point: CrashPoint | None, *, is_last: bool = False) -> None:
    """Live until the point, or to the end; the last life waits until all is over, and writes what came of it."""
    crash_points._chosen = point
    vars(timelapse).update(timelapse_of=lambda _stills: b"film")  # of snapshots that are no pictures
    asyncio.run(_live(Path(folder), is_last=is_last))


async def _live(folder: Path, *, is_last: bool) -> None:
    store = await open_store(folder / "data")
    jobs, worker = Jobs(store, EngineConfig(), Metrics()), FatedWorker(is_last=is_last)
    await jobs.restore()
    for flow in (Flow.PAUSED, Flow.OPEN):
        await jobs.steer(flow)
    retention = Retention(store, 3600.0, 10**9)
    await retention.tidy()
    dispatcher = Dispatcher([worker], jobs, store.files, Metrics())
    dispatcher.start()
    if not is_last:
        old = record(state=JobState.FINISHED, ended=1.0)
        await store.insert(old)
        store.files.write(old.id, {"result.png": b"old"})

    async def is_over(fate: Fate) -> bool:
        found = await store.by_key(fate.name)
        return found is not None and found.state.is_final

    for fate in Fate:
        job = record(user=fate.name, key=fate.name)
        job = job.but(request=job.request.model_copy(update={"seed": fate.value}))
        view = await jobs.admit(job, FILES)
        _note(folder, fate)
        if fate is Fate.CANCELLED:
            await jobs.cancel(view.id)
        if fate is not Fate.DRAINED or is_last:
            await settle(partial(is_over, fate))
        if fate is Fate.PAINTED:
            await Paintings(store).timelapse(view.id)
        if fate is Fate.DELETED:
            await jobs.delete(view.id)
    await retention.make_room()
    if is_last:
        rows = [*(await store.outlines())]
        kept = sorted(row.id for row in rows if row.state is JobState.FINISHED)
        states = {fate.name: found.state for fate in Fate if (found := await store.by_key(fate.name))}
        facts = {"rows": len(rows), "kept": kept, "states": states}
        (folder / "facts.json").write_text(json.dumps(facts))
    await jobs.drain()
    await dispatcher.close()
    await store.close()


def _note(folder: Path, fate: Fate) -> None:
    with (folder / "acknowledged").open("a") as file:
        file.write(f"{fate.name}\n")

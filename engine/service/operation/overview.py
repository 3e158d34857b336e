"""An engine as it stands, put together for an operator.

Rule: it is read and never changed here, and costs the same however many jobs wait. What is over is read from the database
again only if something was stored since.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import version

from engine.protocol import (
    Condition,
    Flow,
    JobState,
    OpenJob,
    Overview,
    PastJob,
    Severity,
    Told,
    WorkerState,
    WorkerView,
)
from engine.service.dispatcher import Dispatcher
from engine.service.job import Job
from engine.service.jobs import Jobs
from engine.storage.jobs import JobRecord, JobStore
from engine.words import body_of, condition_sentence
from engine.workers.interface import Worker

NEWEST = 12  # of what is over, of each kind
SENT = "image"  # what a style is called that was sent along
RECENT_SECONDS = 3600.0  # for which failures are worth a warning
FEW = 3  # failures that may be anybody's bad luck
STARTING_SECONDS = 300.0  # after the start, in which a worker that is not ready is none that is down


class Overviews:
    """Those of one engine.

    devices: of the workers, in their order. most: open jobs that are taken in.
    """

    def __init__(
        self, jobs: Jobs, store: JobStore, dispatcher: Dispatcher, devices: Sequence[str], most: int
    ) -> None:
        self._jobs, self._store, self._dispatcher = jobs, store, dispatcher
        self._devices, self._most = devices, most
        self._started, self._since = time.time(), time.monotonic()
        self._over = asyncio.Event()
        self._read_at = -1  # changes of the store that what is over was read after
        self._finished: tuple[PastJob, ...] = ()
        self._failed: tuple[PastJob, ...] = ()

    async def take(self) -> Overview:
        """How it stands now."""
        if not self._store.is_damaged:
            await self._read_past()
        workers, running = self._workers(), self._running()
        waiting = tuple(
            _open_job(job, position=forecast.position, eta_seconds=_rounded(forecast.eta_seconds))
            for job, forecast in self._jobs.open.front()
        )
        return Overview(
            version=version("atelier"),
            now=time.time(),
            started=self._started,
            flow=self._jobs.flow,
            conditions=tuple(self._conditions(workers)),
            workers=workers,
            running=running,
            waiting=waiting,
            queued=len(self._jobs.open) - len(running),
            most=self._most,
            finished=self._finished,
            failed=self._failed,
        )

    def dismiss_readers(self) -> None:
        """End all streams; their readers come back to the next engine."""
        self._over.set()

    async def is_over(self, seconds: float) -> bool:
        """Wait so long, or until readers are dismissed; whether they are."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._over.wait()
        return self._over.is_set()

    @property
    def busy_share(self) -> float:
        """How many of the workers paint."""
        painting = {id(job.attempt.worker) for job in self._jobs.open.running_jobs() if job.attempt}
        return min(len(painting) / len(self._dispatcher.workers), 1.0)

    def count_workers(self, state: WorkerState) -> int:
        """How many are at this."""
        return sum(worker.state is state for worker in self._workers())

    async def _read_past(self) -> None:
        changes = self._store.changes
        if changes == self._read_at:
            return
        finished = await self._store.newest(JobState.FINISHED, NEWEST)
        failed = await self._store.newest(JobState.FAILED, NEWEST)
        self._finished = tuple(map(_past_job, finished))
        self._failed = tuple(map(_past_job, failed))
        self._read_at = changes

    def _workers(self) -> tuple[WorkerView, ...]:
        painted: dict[int, list[str]] = {}
        for job in self._jobs.open.running_jobs():
            if job.attempt:
                painted.setdefault(id(job.attempt.worker), []).append(job.record.id)
        able = dict(self._jobs.crew)
        views = []
        for number, worker in enumerate(self._dispatcher.workers):
            jobs, abilities = painted.get(id(worker), []), able.get(worker)
            idle = WorkerState.IDLE if abilities else WorkerState.STARTING
            views.append(
                WorkerView(
                    number=number,
                    device=self._devices[number] if number < len(self._devices) else "",
                    state=WorkerState.PAINTING if jobs else idle,
                    jobs=tuple(jobs),
                    called=abilities.device if abilities else None,
                    precision=abilities.speed.precision if abilities else None,
                    seconds_per_megapixel=abilities.speed.at(1.0) if abilities else None,
                )
            )
        return tuple(views)

    def _running(self) -> tuple[OpenJob, ...]:
        numbers = {id(worker): number for number, worker in enumerate(self._dispatcher.workers)}
        found = []
        for job in self._jobs.open.running_jobs():
            if attempt := job.attempt:
                found.append(
                    _open_job(
                        job,
                        eta_seconds=_rounded(attempt.seconds_left()),
                        progress=attempt.latest.progress if attempt.latest else 0.0,
                        preview=max(attempt.previews, default=None),
                        worker=numbers.get(id(attempt.worker)),
                    )
                )
        return tuple(found)

    # --- what an operator should know ---------------------------------------------------------------------

    def _conditions(self, workers: Sequence[WorkerView]) -> list[Told]:
        """All that there is to know, the worst first."""
        told = [*self._of_storage(), *self._of_workers(workers), *self._of_jobs(), *self._of_flow()]
        return sorted(told, key=lambda each: [*Severity].index(each.severity), reverse=True)

    def _of_storage(self) -> list[Told]:
        if self._store.is_damaged:
            return [_told(Condition.STORAGE_DAMAGED, Severity.TROUBLE)]
        if self._store.room.is_full:
            return [_told(Condition.STORAGE_FULL, Severity.TROUBLE)]
        return []

    def _of_workers(self, workers: Sequence[WorkerView]) -> list[Told]:
        down = sum(worker.state is WorkerState.STARTING for worker in workers)
        if not down:
            return []
        is_young = time.monotonic() - self._since < STARTING_SECONDS
        if is_young and not any(map(self._jobs.crew.was_warm, self._down())):
            return [_told(Condition.STARTING, Severity.NOTICE)]
        if down == len(workers):
            return [_told(Condition.NO_WORKER, Severity.TROUBLE)]
        return [_told(Condition.WORKER_DOWN, Severity.WARNING, down=down, workers=len(workers))]

    def _down(self) -> list[Worker]:
        alive = dict(self._jobs.crew)
        return [worker for worker in self._dispatcher.workers if worker not in alive]

    def _of_jobs(self) -> list[Told]:
        """Of the newest of both kinds together, how many failed, if that is many and not long ago."""
        told = []
        newest = sorted((*self._finished, *self._failed), key=lambda job: job.ended, reverse=True)[:NEWEST]
        recent = [job for job in newest if job.ended > time.time() - RECENT_SECONDS]
        failed = sum(job.state is JobState.FAILED for job in recent)
        if failed >= FEW and failed * 2 >= len(recent):
            told.append(_told(Condition.MANY_FAILURES, Severity.WARNING, failed=failed, ended=len(recent)))
        if len(self._jobs.open) >= self._most:
            told.append(_told(Condition.QUEUE_FULL, Severity.WARNING, open=len(self._jobs.open)))
        return told

    def _of_flow(self) -> list[Told]:
        left = len(self._jobs.open)
        match self._jobs.flow.flow:
            case Flow.PAUSED:
                return [_told(Condition.PAUSED, Severity.NOTICE)]
            case Flow.DRAINING if left:
                return [_told(Condition.DRAINING, Severity.NOTICE, open=left)]
            case Flow.DRAINING:
                return [_told(Condition.DRAINED, Severity.NOTICE)]
        return []


def _told(condition: Condition, severity: Severity, **facts: int) -> Told:
    return Told(condition=condition, severity=severity, message=condition_sentence(condition, **facts))


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


def _open_job(job: Job, **live: object) -> OpenJob:
    record, plan = job.record, job.record.plan
    width, height = plan.result_size
    facts = {
        "id": record.id,
        "state": record.state,
        "owner": record.request.owner,
        "recipe": plan.recipe,
        "styles": _styles(record),
        "width": width,
        "height": height,
        "attempt": record.attempt,
        "created": record.created,
        "tiles": plan.audition.tiles if plan.audition else 0,
        "request_id": record.request_id,
    }
    return OpenJob.model_validate(facts | live)


def _past_job(record: JobRecord) -> PastJob:
    planned = record.plan.result_size
    return PastJob(
        id=record.id,
        state=record.state,
        owner=record.request.owner,
        recipe=record.plan.recipe,
        styles=_styles(record),
        width=record.outcome.width or planned[0],
        height=record.outcome.height or planned[1],
        created=record.created,
        ended=record.ended or record.created,
        seconds=record.outcome.seconds,
        error=body_of(record.error) if record.error else None,
        request_id=record.request_id,
    )


def _styles(record: JobRecord) -> tuple[str, ...]:
    return tuple(style.name or SENT for style in record.request.styles)

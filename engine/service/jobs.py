"""The jobs: the only owner of their state.

    queued -> running -> finished | failed | cancelled        running -> queued when an attempt is lost

Rule: a change is on the disk before anybody hears of it, all changes come one after the other, and a final
state is final. What a worker says counts only for the attempt that is running. No job disappears: it is
retried when its worker dies, at most MAX_ATTEMPTS times, and continued when the engine comes back.
"""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError

from engine.painting import timelapse
from engine.protocol import (
    ErrorCode,
    JobState,
    JobView,
    Problem,
    Queued,
    Refusal,
    Started,
)
from engine.service.config import EngineConfig
from engine.service.event_stream import Feed
from engine.service.job import Job, end_of, files_of, view_of
from engine.service.metrics import Metrics
from engine.service.scheduler import Place, Turns, companions, etas, fair_order
from engine.storage.files import TIMELAPSE, moment_file, painted_files, result_file
from engine.storage.jobs import JobRecord, Store
from engine.workers.interface import Worker, WorkerLost
from engine.workers.ipc import Progress, Result, Stop

log = structlog.get_logger()

MAX_ATTEMPTS = 3
EVENTS_PER_START = 10**9  # ids start anew above this many, so that none is used twice over restarts


class Jobs:
    """All jobs of one store; call `restore` before anything else."""

    def __init__(self, store: Store, config: EngineConfig, metrics: Metrics) -> None:
        self._store = store
        self._config = config
        self._metrics = metrics
        self._open: dict[str, Job] = {}  # by arrival
        self._turns = Turns()
        self._changes = asyncio.Condition()  # held by whoever changes something
        self._filming = asyncio.Lock()  # one time-lapse at a time: the workers need the processors
        self._draining = False

    # --- coming and going ---------------------------------------------------------------------------------

    async def restore(self) -> None:
        """Take up where the last run of the engine ended: the queue as it was, running jobs once more."""
        for record in await self._store.served_jobs():
            owner = record.request.owner
            self._turns.record(owner.group, owner.user, record.turn)
        for record in await self._store.open_jobs():
            self._open[record.id] = Job(record, self._new_feed())
        async with self._changes:
            for job in list(self._open.values()):
                if job.record.state is JobState.RUNNING:
                    await self._retry(job)
            self._announce()
        await self._sweep()

    async def drain(self) -> None:
        """Put running jobs back, at no charge, and let all readers go; the workers are to be closed next."""
        async with self._changes:
            self._draining = True
            for job in self._open.values():
                if job.record.state is JobState.RUNNING:
                    await self._save(job, state=JobState.QUEUED)
        self.dismiss_readers()

    def dismiss_readers(self) -> None:
        """End all event streams; their readers come back to the next engine."""
        for job in self._open.values():
            job.feed.close()

    async def expire(self) -> None:
        """Remove jobs that were over `keep_hours` ago, and their images."""
        for job in await self._store.ended_before(time.time() - self._config.keep_hours * 3600):
            # Files first: on a full disk only that makes the room in which the row can be removed.
            await asyncio.to_thread(self._store.pictures.keep_only, job, ())
            await self._store.forget(job)

    # --- for members --------------------------------------------------------------------------------------

    async def earlier(self, key: str, digest: str) -> JobView | None:
        """Return the job that was sent with this key, if any. Raises Refusal KEY_REUSED."""
        record = await self._store.by_key(key)
        if record is None:
            return None
        if record.digest not in ("", digest):
            raise Refusal(ErrorCode.KEY_REUSED)
        return await self.view(record.id)

    def check_caps(self, group: str, user: str) -> None:
        """Refuse one more job if the user, the group or the whole queue has enough of them."""
        owners = [job.record.request.owner for job in self._open.values()]
        of_user = sum(owner.user == user for owner in owners)
        of_group = sum(owner.group == group for owner in owners)
        if of_user >= self._config.jobs_per_user:
            raise Refusal(ErrorCode.USER_QUEUE_FULL, waiting=of_user)
        if of_group >= self._config.jobs_per_group:
            raise Refusal(ErrorCode.GROUP_QUEUE_FULL, waiting=of_group)
        if len(owners) >= self._config.jobs_total:
            raise Refusal(ErrorCode.QUEUE_FULL, waiting=len(owners), minutes=self._minutes_to_room())

    async def admit(self, record: JobRecord, files: Mapping[str, bytes]) -> JobView:
        """Take a job in; with its return the job is safe. The same key twice is the same job. Raises Refusal."""
        try:
            await asyncio.to_thread(self._store.pictures.write, record.id, files)
            async with self._changes:
                if view := await self.earlier(record.key, record.digest):
                    await self._discard(record.id)
                    return view
                self.check_caps(record.request.owner.group, record.request.owner.user)
                await self._store.insert(record)
                self._open[record.id] = Job(record, self._new_feed())
                self._announce()
        except Refusal:
            await self._discard(record.id)
            raise
        log.info("job admitted", job=record.id, seconds=record.plan.seconds)
        return await self.view(record.id)

    async def view(self, job_id: str) -> JobView:
        """Return the job as it stands. Raises Refusal NOT_FOUND."""
        job = self._open.get(job_id)
        record = job.record if job else await self._record(job_id)
        view = view_of(record)
        return view.model_copy(update=self._standing(job)) if job else view

    async def feed(self, job_id: str) -> Feed:
        """Return the job's events; those of a job that is over tell only its end. Raises Refusal NOT_FOUND."""
        if job := self._open.get(job_id):
            return job.feed
        record = await self._record(job_id)
        feed = self._new_feed(past=True)
        feed.publish(end_of(record))
        return feed

    def frame(self, job_id: str, number: int) -> bytes:
        """Return a recent frame of a running job as JPEG. Raises Refusal NOT_FOUND."""
        job = self._open.get(job_id)
        if job is None or number not in job.frames:
            raise Refusal(ErrorCode.NOT_FOUND)
        return job.frames[number]

    async def result(self, job_id: str) -> Path:
        """Return the file of a painting. Raises Refusal NOT_FOUND and NOT_PAINTED_YET."""
        record = await self._painted(job_id)
        return self._store.pictures.path(job_id, result_file(record.format))

    async def timelapse(self, job_id: str) -> Path:
        """Return the file of a painting's time-lapse, which is made when it is asked for the first time.

        Raises Refusal NOT_FOUND, NOT_PAINTED_YET and STORAGE_FULL.
        """
        pictures, moments = self._store.pictures, (await self._painted(job_id)).moments
        if not moments:
            raise Refusal(ErrorCode.NOT_FOUND)
        path = pictures.path(job_id, TIMELAPSE)
        async with self._filming:
            if not await asyncio.to_thread(path.exists):
                files = [pictures.path(job_id, moment_file(number + 1)) for number in range(moments)]
                try:
                    data = await asyncio.to_thread(timelapse.timelapse_of, files)
                except FileNotFoundError as error:  # its time was over just now
                    raise Refusal(ErrorCode.NOT_FOUND) from error
                await asyncio.to_thread(pictures.write, job_id, {TIMELAPSE: data})
        return path

    async def moment(self, job_id: str, number: int) -> Path:
        """Return the file of a moment, counted from 1. Raises Refusal NOT_FOUND and NOT_PAINTED_YET."""
        if not 1 <= number <= (await self._painted(job_id)).moments:
            raise Refusal(ErrorCode.NOT_FOUND)
        return self._store.pictures.path(job_id, moment_file(number))

    async def cancel(self, job_id: str) -> JobView:
        """Stop a job and drop it, unless it is over already. Raises Refusal NOT_FOUND."""
        async with self._changes:
            if job := self._open.get(job_id):
                await self._end(job, state=JobState.CANCELLED)
                self._stop(job, keep=False)
        return await self.view(job_id)

    async def finish(self, job_id: str) -> JobView:
        """Stop a running job and keep what there is; one that has not begun is cancelled. Raises Refusal NOT_FOUND.

        One that waits to be painted anew has something to keep, which its lost attempt took along: it is painted.
        """
        job = self._open.get(job_id)
        if job and job.record.state is JobState.QUEUED and job.record.attempt == 0:
            return await self.cancel(job_id)
        if job:
            self._stop(job, keep=True)
        return await self.view(job_id)

    # --- for workers --------------------------------------------------------------------------------------

    async def claim(self, worker: Worker) -> JobRecord:
        """Wait for the next job and begin it. Raises WorkerLost if the worker dies before there is one."""
        async with self._changes:
            while worker.is_alive and (self._draining or not self._order()):
                await self._changes.wait()
            if not worker.is_alive:
                raise WorkerLost("it died while it waited")
            job = self._open[self._order()[0].id]
            await self._begin(job, worker)
            self._announce()
            return job.record

    async def claim_beside(self, first: JobRecord, worker: Worker) -> list[JobRecord]:
        """Begin further jobs, which the worker can paint side by side with one that it has just claimed.

        Where that cannot be stored, they wait their turn.
        """
        begun: list[JobRecord] = []
        async with self._changes:
            waiting = [self._open[place.id].record for place in self._order()]
            with suppress(Refusal, SQLAlchemyError, OSError):
                for record in [] if self._draining else companions(first, waiting, worker.batch):
                    job = self._open[record.id]
                    await self._begin(job, worker)
                    begun.append(job.record)
            self._announce()
        return begun

    async def wake(self) -> None:
        """Let all workers that wait in `claim` look again."""
        async with self._changes:
            self._changes.notify_all()

    def progressed(self, record: JobRecord, report: Progress) -> None:
        """Take in a frame."""
        job = self._running(record)
        if job is None:
            return
        job.feed.publish(job.take(report))
        self._metrics.evaluations.inc(job.count(report.evaluation))

    async def finished(self, record: JobRecord, result: Result) -> None:
        """Put the painting, which the worker has left in the attempt's outbox, on the disk for good."""
        async with self._changes:
            job = self._running(record)
            if job is None:
                return
            names = painted_files(result.format, result.moments)
            try:
                await asyncio.to_thread(self._store.pictures.adopt, record.id, record.attempt, names)
            except Refusal as refusal:
                await self._fail(job, refusal)
                return
            except FileNotFoundError:
                log.exception("a worker's files are missing", job=record.id)
                await self._fail(job, Refusal(ErrorCode.INTERNAL))
                return
            self._metrics.evaluations.inc(job.count(result.evaluation))
            await self._end(
                job,
                state=JobState.FINISHED,
                seconds=result.seconds,
                width=result.width,
                height=result.height,
                stopped_early=result.stopped_early,
                losses=result.losses,
                format=result.format,
                moments=result.moments,
                likeness=result.likeness,
                notes=result.notes,
            )

    async def failed(self, record: JobRecord, error: Problem) -> None:
        """Give a job up because of what it is."""
        async with self._changes:
            if job := self._running(record):
                await self._end(job, state=JobState.FAILED, error=error)

    async def lost(self, record: JobRecord) -> None:
        """Try a job once more, or give it up, because its worker died."""
        async with self._changes:
            if job := self._running(record):
                await self._retry(job)
                self._announce()

    # --- within -------------------------------------------------------------------------------------------

    def _running(self, record: JobRecord) -> Job | None:
        job = self._open.get(record.id)
        if job is None or (job.record.state, job.record.attempt) != (JobState.RUNNING, record.attempt):
            return None
        return job

    async def _begin(self, job: Job, worker: Worker) -> None:
        owner, turn = job.record.request.owner, job.record.turn or self._turns.latest + 1
        await self._save(job, state=JobState.RUNNING, attempt=job.record.attempt + 1, turn=turn)
        self._turns.record(owner.group, owner.user, turn)
        job.begin(worker)
        job.feed.publish(Started(attempt=job.record.attempt, eta_seconds=job.remaining()))

    async def _save(self, job: Job, **changes: object) -> None:
        record = job.record.but(**changes)
        await self._store.save(record)
        job.record = record

    async def _end(self, job: Job, **changes: object) -> None:
        record = job.record.but(ended=time.time(), **changes)
        await self._store.save(record)
        # Before anybody hears of the end: of what is over nothing is left that was sent.
        await asyncio.to_thread(self._store.pictures.keep_only, record.id, files_of(record))
        job.record = record
        del self._open[job.record.id]
        self._metrics.ended.labels(job.record.state).inc()
        self._metrics.painting.inc(job.record.seconds or 0)
        job.feed.publish(end_of(job.record))
        log.info("job is over", job=job.record.id, state=job.record.state, attempt=job.record.attempt)
        self._announce()

    async def _fail(self, job: Job, refusal: Refusal) -> None:
        await self._end(job, state=JobState.FAILED, error=Problem.of(refusal))

    async def _retry(self, job: Job) -> None:
        lost = job.record.lost + 1
        self._metrics.lost.inc()
        job.reset()
        if lost >= MAX_ATTEMPTS:
            await self._fail(job, Refusal(ErrorCode.WORKER_LOST, attempts=lost))
        else:
            await self._save(job, state=JobState.QUEUED, lost=lost)

    def _stop(self, job: Job, *, keep: bool) -> None:
        if job.worker is not None:
            job.worker.stop(Stop(job=job.record.id, attempt=job.record.attempt, keep=keep))

    def _order(self) -> list[Place]:
        waiting = [job.place() for job in self._open.values() if job.record.state is JobState.QUEUED]
        return fair_order(waiting, self._turns)

    def _forecast(self) -> dict[str, tuple[int, float]]:
        """Position and seconds to go of every waiting job."""
        order = self._order()
        seconds = etas(order, self._remaining(), len(self._config.devices))
        return {
            place.id: (index + 1, eta) for index, (place, eta) in enumerate(zip(order, seconds, strict=True))
        }

    def _remaining(self) -> list[float]:
        """Seconds until each busy worker is free."""
        seconds: dict[int, float] = {}
        for job in self._open.values():
            if job.record.state is JobState.RUNNING:
                worker = id(job.worker)
                seconds[worker] = max(seconds.get(worker, 0.0), job.remaining())
        return list(seconds.values())

    def _minutes_to_room(self) -> int:
        return max(round(min(self._remaining(), default=0) / 60), 1)

    def _standing(self, job: Job) -> dict[str, object]:
        if job.record.state is JobState.QUEUED:
            position, eta = self._forecast()[job.record.id]
            return {"position": position, "eta_seconds": eta}
        told = {"progress": job.progress.progress, "losses": job.progress.losses} if job.progress else {}
        return {"eta_seconds": job.remaining(), **told}

    def _announce(self) -> None:
        """Tell waiting jobs that moved, wake a worker, and count; to be called with `_changes` held."""
        forecast = self._forecast()
        for job_id, (position, eta) in forecast.items():
            job = self._open[job_id]
            if job.told != position:
                job.told = position
                job.feed.publish(Queued(position=position, eta_seconds=eta))
        self._metrics.count_open(len(forecast), len(self._open) - len(forecast))
        self._changes.notify_all()

    def _new_feed(self, *, past: bool = False) -> Feed:
        # A job that ended in this run told its readers so with an id below the one that a past feed begins at.
        return Feed(self._store.starts * EVENTS_PER_START + (EVENTS_PER_START // 2 if past else 0))

    async def _record(self, job_id: str) -> JobRecord:
        record = await self._store.by_id(job_id)
        if record is None:
            raise Refusal(ErrorCode.NOT_FOUND)
        return record

    async def _painted(self, job_id: str) -> JobRecord:
        job = self._open.get(job_id)
        record = job.record if job else await self._record(job_id)
        if not record.state.is_final:
            raise Refusal(ErrorCode.NOT_PAINTED_YET)
        if record.state is not JobState.FINISHED:
            raise Refusal(ErrorCode.NOT_FOUND)
        return record

    async def _discard(self, job_id: str) -> None:
        await asyncio.to_thread(self._store.pictures.keep_only, job_id, ())

    async def _sweep(self) -> None:
        """Remove image files that a crash left behind."""
        for job_id in await asyncio.to_thread(self._store.pictures.jobs):
            record = await self._store.by_id(job_id)
            kept = files_of(record) if record else ()
            await asyncio.to_thread(self._store.pictures.keep_only, job_id, kept)

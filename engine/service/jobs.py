"""The jobs: the only owner of their state.

    queued -> running -> finished | failed | cancelled        running -> queued when an attempt is lost

Rule: a change is on the disk before anybody hears of it, all changes come one after the other, and a final
state is final. When it is told, the files are as they will stay; only what a worker is still at is removed after the
worker's last word, or it would come back. What a worker says counts only for the
attempt that is running. No job disappears: it is retried when its worker dies, as often as `engine.service.losses`
says, and continued when the engine comes back.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from itertools import count, islice
from typing import NoReturn

import structlog
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from engine.planning.abilities import Abilities
from engine.planning.shrinking import shrunk
from engine.protocol import (
    CrashPoint,
    ErrorCode,
    Flow,
    FlowView,
    JobState,
    JobView,
    Owner,
    Plan,
    Problem,
    QueueView,
    Refusal,
    reach,
)
from engine.service.config import EngineConfig
from engine.service.crew import Crew, Fit
from engine.service.event_stream import EventStream
from engine.service.job import Job, end_of, files_of, settings_of, view_of
from engine.service.losses import after_loss, got_further, is_given_up
from engine.service.metrics import Metrics
from engine.service.open_jobs import OpenJobs
from engine.service.placement import Needs, Placement
from engine.service.scheduler import LOOK_AHEAD, rest_of_batch
from engine.storage.files import painted_files
from engine.storage.jobs import JobRecord, JobStore
from engine.workers.interface import Worker, WorkerLost
from engine.workers.ipc import Began, Progress, Result, Stop

log = structlog.get_logger()

TELLING_SECONDS = 0.5
# How many of the next jobs are told that they moved, every how many times of these seconds.
TOLD = {64: 1, 1024: 10, 1_000_000: 120}
STOPPING_SECONDS = (
    15.0  # for a worker to stop, or to be replaced, before whoever deletes is told to come again
)
UNWANTED = 10_000  # keys of deleted jobs that are known, so that nothing comes in late under one of them
EVENTS_PER_START = 10**9  # ids start anew above this many, so that none is used twice over restarts
ANEW = {"reached": 0, "lost": 0, "interrupted": 0}  # of a job whose plan is another one
_ENDED = {
    JobState.FINISHED: CrashPoint.RESULT_STORED,
    JobState.FAILED: CrashPoint.FAILURE_STORED,
    JobState.CANCELLED: CrashPoint.CANCEL_STORED,
}


class Jobs:
    """All jobs of one store; call `restore` before anything else."""

    def __init__(self, store: JobStore, config: EngineConfig, metrics: Metrics) -> None:
        self._store = store
        self._metrics = metrics
        self.crew = Crew()
        self._open = OpenJobs(config, self.crew)
        self._changes = asyncio.Condition()  # held by whoever changes something
        self._is_closing = False
        self._flow = FlowView(flow=Flow.OPEN)  # as the operator wants it
        self._leaving: set[str] = set()  # cancelled, but its worker has not said its last word of it
        self._unwanted: dict[str, None] = {}  # keys, the newest last
        self._placement = Placement[Worker]()
        self._idle: dict[Worker, asyncio.Future[None]] = {}  # who waits for a job, the longest first
        self._called: set[Worker] = set()  # those of them that are to look

    # --- coming and going ---------------------------------------------------------------------------------

    async def restore(self) -> None:
        """Take up where the last run of the engine ended: the queue as it was, running jobs once more.

        What was running waits again. That is stored with the next change of it, because to a next start it is the same.
        """
        for group, user, turn in await self._store.last_turns():
            self._open.queue.record_turn(group, user, turn)
        self._let_flow(await self._store.flow())
        for record in await self._store.open_jobs():
            self._open.add(Job(record.but(state=JobState.QUEUED), self._new_stream()))
        async with self._changes:
            self._announce()

    async def drain(self) -> None:
        """Put running jobs back, at no charge, and let all readers go; the workers are to be closed next.

        Where that cannot be stored the next start does it.
        """
        async with self._changes:
            self._is_closing = True
            try:
                for job in self._open:
                    if job.record.state is JobState.RUNNING:
                        reached = job.attempt.reached if job.attempt else 0
                        await self._put_back(job, **got_further(job.record, reached))
                if self._flow.flow is Flow.DRAINING:  # it was emptied to be stopped, and is started to work
                    await self._store_flow(Flow.OPEN)
            except (Refusal, SQLAlchemyError, OSError) as error:
                log.error("running jobs cannot be put back", why=str(error))
            reach(CrashPoint.DRAINED)
        self.dismiss_readers()

    async def keep_telling(self) -> NoReturn:
        """Tell those who wait now and then that they moved, which a change itself does not; who is far back, seldom."""
        for number in count(1):
            await asyncio.sleep(TELLING_SECONDS)
            for most in (most for most, times in TOLD.items() if number % times == 0):
                for _ in self._open.announce(most):
                    await asyncio.sleep(0)
        raise AssertionError("counting never ends")

    def dismiss_readers(self) -> None:
        """End all event streams; their readers come back to the next engine."""
        for job in self._open:
            job.events.close()

    # --- for members --------------------------------------------------------------------------------------

    async def earlier(self, key: str, digest: str) -> JobView | None:
        """Return the job that was sent with this key, if any. Raises Refusal KEY_REUSED."""
        record = await self._store.by_key(key)
        return None if record is None else await self._again(record, digest)

    async def arrived(self, key: str, digest: str) -> JobView | None:
        """The same without a look at those that are over, for a key that was none of theirs a moment ago."""
        job = self._open.by_key(key)
        return None if job is None else await self._again(job.record, digest)

    async def _again(self, record: JobRecord, digest: str) -> JobView:
        if record.digest not in ("", digest):
            raise Refusal(ErrorCode.KEY_REUSED)
        return await self.view(record.id)

    async def knows(self, key: str) -> bool:
        """Whether a job was sent with this key."""
        return await self._store.by_key(key) is not None

    def check_store(self) -> None:
        """Refuse everything if nothing can be stored. Raises Refusal STORAGE_DAMAGED and STORAGE_FULL."""
        if self._store.is_damaged:
            raise Refusal(ErrorCode.STORAGE_DAMAGED)
        if self._store.room.is_full:
            raise Refusal(ErrorCode.STORAGE_FULL)

    def check_caps(self, owner: Owner | None) -> None:
        """Refuse one more job if its owner, where it is known, or the whole queue has enough of them, or none is taken in."""
        self._check_flow()
        self._open.check_caps(owner)

    def left(self, owner: Owner | None) -> QueueView:
        """What is left of the caps. Raises Refusal if no job is taken in."""
        self._check_flow()
        return self._open.left(owner)

    async def admit(self, record: JobRecord, files: Mapping[str, bytes]) -> JobView:
        """Take a job in; with its return it is safe. The same key twice is the same job. Raises Refusal."""
        self._check_flow()
        try:
            await asyncio.to_thread(self._store.files.write, record.id, files)
            reach(CrashPoint.JOB_FILES_WRITTEN)
            async with self._changes:
                if record.key in self._unwanted:  # it was on its way when it was deleted
                    raise Refusal(ErrorCode.NOT_FOUND)
                view = await self.arrived(record.key, record.digest)
                if view is None:
                    self.check_caps(record.request.owner)
                    view = await self._insert(record)
                if view is not None:
                    await self._discard(record.id)
                    return view
                reach(CrashPoint.JOB_STORED)
                self._open.add(Job(record, self._new_stream()))
                self._announce()
        except Refusal:
            await self._discard(record.id)
            raise
        log.info("job admitted", **record.named, seconds=record.plan.seconds)
        return await self.view(record.id)

    async def view(self, job_id: str) -> JobView:
        """Return the job as it stands. Raises Refusal NOT_FOUND."""
        if job := self._open.get(job_id):
            return self._open.view(job)
        return view_of(await self._record(job_id))

    async def events(self, job_id: str) -> EventStream:
        """Return the job's events; of a job that is over, only its end. Raises Refusal NOT_FOUND."""
        if job := self._open.get(job_id):
            self._open.announce_one(job)
            return job.events
        record = await self._record(job_id)
        stream = self._new_stream(past=True)
        stream.publish(end_of(record))
        return stream

    def preview(self, job_id: str, number: int) -> bytes:
        """Return a recent preview of a running job as JPEG. Raises Refusal NOT_FOUND."""
        job = self._open.get(job_id)
        if job is None or job.attempt is None or number not in job.attempt.previews:
            raise Refusal(ErrorCode.NOT_FOUND)
        return job.attempt.previews[number]

    async def cancel(self, job_id: str) -> JobView:
        """Stop a job and drop it, unless it is over already. Raises Refusal NOT_FOUND."""
        async with self._changes:
            await self._cancel(job_id)
        return await self.view(job_id)

    async def delete(self, job_id: str) -> None:
        """Remove a job with all that is kept of it, whatever its state; harmless if there is none.

        An open one is cancelled first, and one that is being painted goes when its worker has stopped. Raises Refusal
        BUSY if that takes too long, and may be called again.
        """
        async with self._changes:
            await self._cancel(job_id)
            try:
                async with asyncio.timeout(STOPPING_SECONDS):
                    await self._changes.wait_for(lambda: job_id not in self._leaving)
            except TimeoutError:
                raise Refusal(ErrorCode.BUSY, seconds=round(STOPPING_SECONDS)) from None
            # Files first, as in `retention`: a row without files is removed at the next call, files without a row are kept.
            await self._discard(job_id)
            reach(CrashPoint.DELETED_FILES_REMOVED)
            await self._store.forget(job_id)
            reach(CrashPoint.DELETED)
        log.info("job deleted", job=job_id)

    async def delete_sent(self, key: str) -> None:
        """Remove the job that was sent with this key, even if it is only about to arrive. Raises Refusal as `delete`."""
        self._unwanted[key] = None
        while len(self._unwanted) > UNWANTED:
            del self._unwanted[next(iter(self._unwanted))]
        async with self._changes:  # what is being stored is found, and nothing comes after it
            record = await self._store.by_key(key)
        if record is not None:
            await self.delete(record.id)

    async def finish(self, job_id: str) -> JobView:
        """Stop a running job and keep what there is. Raises Refusal NOT_FOUND.

        One that has not begun is cancelled. One that waits to be painted anew has something to keep, which its
        lost attempt took along: it is painted.
        """
        job = self._open.get(job_id)
        if job and job.record.state is JobState.QUEUED and job.record.attempt == 0:
            return await self.cancel(job_id)
        if job:
            self._stop(job, keep=True)
        return await self.view(job_id)

    # --- for operators ------------------------------------------------------------------------------------

    @property
    def flow(self) -> FlowView:
        """What the operator lets the engine do."""
        return self._flow

    async def steer(self, flow: Flow) -> FlowView:
        """Let the engine do this from now on, over restarts too. Raises Refusal."""
        async with self._changes:
            if flow is not self._flow.flow:
                await self._store_flow(flow)
                log.info("an operator has said how jobs flow", flow=flow)
            self._announce()
            return self._flow

    @property
    def open(self) -> OpenJobs:
        """The jobs that are not over, to be looked at."""
        return self._open

    # --- for workers --------------------------------------------------------------------------------------

    async def claim(self, worker: Worker) -> JobRecord:
        """Wait for the next job and begin it. Raises WorkerLost if the worker dies before there is one."""
        while True:
            async with self._changes:
                self._called.discard(worker)
                if not worker.is_alive:
                    self._call_workers()
                    raise WorkerLost("it died while it waited")
                self._placement.note(worker, worker.at_hand)
                if (job := self._next_for(worker)) is not None:
                    open_jobs = self._open
                    self._placement.take(job.record.id, open_jobs.equals(), open_jobs.queue.groups)
                    await self._begin(job, worker, **self._fitted(job, worker))
                    self._announce()
                    return job.record
                call = self._idle[worker] = asyncio.get_running_loop().create_future()
            try:
                await call
            finally:
                self._idle.pop(worker, None)

    async def claim_beside(self, first: JobRecord, worker: Worker) -> list[JobRecord]:
        """Begin further jobs, which the worker can paint side by side with one that it has just claimed.

        Where that cannot be stored, they wait their turn.
        """
        begun: list[JobRecord] = []
        async with self._changes:
            waiting = (job.record for job in self._open.waiting())
            rest = rest_of_batch(first, waiting, self.crew.abilities(worker).batch) if self._may_begin else []
            with suppress(Refusal, SQLAlchemyError, OSError):
                for record in rest:
                    job = self._open[record.id]
                    if self.crew.fit(worker, self.crew.taken(worker) + job.needed) is not Fit.HERE:
                        break
                    await self._begin(job, worker)
                    begun.append(job.record)
            self._announce()
        return begun

    @asynccontextmanager
    async def at_rest(self) -> AsyncIterator[None]:
        """Let nothing change meanwhile."""
        async with self._changes:
            yield

    def wake(self, worker: Worker) -> None:
        """Let a worker that waits in `claim` look again."""
        if (call := self._idle.get(worker)) and not call.done():
            call.set_result(None)

    async def joins(self, worker: Worker, abilities: Abilities) -> None:
        """A worker can do this from now on; whose picture is done sooner by it hears of it."""
        async with self._changes:
            self.crew.join(worker, abilities)
            self._open.note_crew()
            self._announce()

    async def rests(self, worker: Worker) -> None:
        """A worker has given back the memory of what it painted: others may have waited for that."""
        async with self._changes:
            self.crew.give_back(worker)
            self._call_workers()

    @property
    def memory(self) -> int | None:
        """Bytes that a painting which comes now may take, see `Crew.memory`."""
        return self.crew.memory(self._open.promised)

    async def leaves(self, worker: Worker) -> None:
        """A worker is gone; whose picture is done later for it hears of it."""
        async with self._changes:
            self.crew.leave(worker)
            self._placement.forget(worker)
            self._open.note_crew()
            self._announce()

    def began(self, record: JobRecord, report: Began) -> None:
        """Tell that a worker is at it, now that it knows how long it will take."""
        if (job := self._open.running(record)) and job.attempt:
            job.events.publish(job.attempt.begin(report))
            self._open.look_anew()
            self._metrics.count_levels(report.compiling)

    def progressed(self, record: JobRecord, report: Progress) -> None:
        """Take in a preview and how far the painting is."""
        if (job := self._open.running(record)) and job.attempt:
            job.events.publish(job.attempt.take(report))
            self._metrics.evaluations.inc(job.attempt.count(report.evaluation))

    def waits(self, record: JobRecord) -> None:
        """A worker has painted it and finds no room on the disk for the files."""
        self._store.room.note_full()
        log.warning("a painting waits for room on the disk", **record.named)

    async def finished(self, record: JobRecord, result: Result) -> None:
        """Put the painting, which the worker has left in the attempt's outbox, on the disk for good.

        Raises Refusal STORAGE_FULL, and may be called again.
        """
        async with self._last_word(record) as job:
            if job:
                try:
                    await self._adopt(record, result)
                except FileNotFoundError:
                    log.exception("a worker's files are missing", **record.named)
                    await self._fail(job, Refusal(ErrorCode.INTERNAL))
                else:
                    await self._finish(job, result)

    async def failed(self, record: JobRecord, error: Problem) -> None:
        """Give a job up because of what it is; one for which there was too little memory is tried smaller first, once."""
        async with self._last_word(record) as job:
            if job and error.code is ErrorCode.OUT_OF_MEMORY and (smaller := self._shrunk_after_all(job)):
                log.warning("too little memory: painting it smaller", job=record.id, size=smaller.result_size)
                await self._put_back(job, plan=smaller, **ANEW)
                self._announce()
            elif job:
                await self._end(job, state=JobState.FAILED, error=error)

    async def stopped(self, record: JobRecord) -> None:
        """A worker has stopped as it was asked to, for a job that was over already; one that nobody stopped is tried again."""
        await self.lost(record)

    async def lost(self, record: JobRecord, *, to_blame: bool = False) -> None:
        """Try a job once more, or give it up, because its worker died; of this job alone, if it is `to_blame`."""
        async with self._last_word(record) as job:
            if job:
                await self._retry(job, to_blame=to_blame)
                self._announce()

    # --- within -------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _last_word(self, record: JobRecord) -> AsyncIterator[Job | None]:
        """Hear what became of an attempt: of its job, if it is running; of one that was over, the files go now."""
        async with self._changes:
            if job := self._open.running(record):
                yield job
            else:
                yield None
                await self._remove_left_over(record)
                self._leaving.discard(record.id)
                self._changes.notify_all()

    async def _cancel(self, job_id: str) -> None:
        """End an open job; with `_changes` held."""
        if job := self._open.get(job_id):
            await self._end(job, state=JobState.CANCELLED)
            if job.attempt:
                self._leaving.add(job_id)
            self._stop(job, keep=False)

    def _call_workers(self) -> None:
        """Let as many idle workers look as there are jobs for: for each of the next the one that suits it best."""
        free = [worker for worker in self._idle if worker not in self._called]
        if not free or not self._may_begin or self._store.is_damaged:
            return
        called = len(self._called)
        for job in islice(self._open.waiting(), called, called + len(free)):
            ranked = self._placement.ranked(free, Needs.of(job.record), partial(self._seconds_on, job))
            worker = next((each for each in ranked if self._has_room(each, job)), None)
            if worker is not None:
                free.remove(worker)
                self._called.add(worker)
                self.wake(worker)

    def _seconds_on(self, job: Job, worker: Worker, has_shape: bool) -> float:
        speed = self.crew.abilities(worker).speed
        return job.seconds_on(speed) + (0.0 if has_shape else speed.compiling)

    def _check_flow(self) -> None:
        self.check_store()
        if self._flow.flow is Flow.DRAINING:
            raise Refusal(ErrorCode.DRAINING)

    async def _store_flow(self, flow: Flow) -> None:
        view = FlowView(flow=flow, since=time.time())
        await self._store.set_flow(view)
        reach(CrashPoint.FLOW_STORED)
        self._let_flow(view)

    def _let_flow(self, view: FlowView) -> None:
        self._flow = view
        self._open.pause(view.flow is Flow.PAUSED)
        self._metrics.show_flow(view.flow)

    @property
    def _may_begin(self) -> bool:
        return not self._is_closing and self._flow.flow is not Flow.PAUSED

    def _next_for(self, worker: Worker) -> Job | None:
        """The next job, if there is memory for it; what only others have memory for is theirs.

        Of those that are equals in turn, the one that this worker has most at hand for.
        """
        if not self._may_begin or self._store.is_damaged:
            return None
        first = next(self._fitting(worker, self._open.waiting()), None)
        equals = self._open.equals()
        if first is None or equals[0].id != first.record.id:
            return first
        groups, needs = self._open.queue.groups, self._open.needs
        chosen = self._open[self._placement.choose(worker, equals, groups, needs).id]
        return chosen if chosen is first or self._has_room(worker, chosen) else first

    def _fitting(self, worker: Worker, waiting: Iterator[Job]) -> Iterator[Job]:
        """Those of the next jobs that a worker has memory for; nothing overtakes one that waits for it, or its turn would never come."""
        for job in islice(waiting, LOOK_AHEAD):
            match self.crew.fit(worker, job.needed):
                case Fit.LATER:
                    return
                case Fit.HERE | Fit.NOWHERE:
                    yield job

    def _has_room(self, worker: Worker, job: Job) -> bool:
        return self.crew.fit(worker, job.needed) in (Fit.HERE, Fit.NOWHERE)

    def _fitted(self, job: Job, worker: Worker) -> dict[str, object]:
        """What of a job's record is changed as this worker begins it: its plan, where no worker has memory for that any more."""
        if self.crew.fit(worker, job.needed) is Fit.HERE:
            return {}
        smaller = self._shrunk(job, self.crew.room(worker) or 0)
        return {} if smaller is None else {"plan": smaller, **ANEW}

    def _shrunk_after_all(self, job: Job) -> Plan | None:
        """The plan of a job that found too little memory, made for half of what it needed."""
        if job.attempt:
            self.crew.note_exhausted(job.attempt.worker, job.needed)
        return self._shrunk(job, job.needed // 2)

    def _shrunk(self, job: Job, memory: int) -> Plan | None:
        speed = self.crew.speed
        return (
            None if speed is None else shrunk(job.record.plan, settings_of(job.record.request), speed, memory)
        )

    async def _begin(self, job: Job, worker: Worker, **changes: object) -> None:
        owner, turn = job.record.request.owner, job.record.turn or self._open.queue.latest_turn + 1
        await self._save(job, state=JobState.RUNNING, attempt=job.record.attempt + 1, turn=turn, **changes)
        self.crew.take(worker, job.needed)
        reach(CrashPoint.JOB_CLAIMED)
        if job.record.attempt == 1:
            self._metrics.waited.observe(max(time.time() - job.record.created, 0.0))
        self._open.queue.record_turn(owner.group, owner.user, turn)
        self._metrics.count_styles(job.record.sources, worker.at_hand.styles)
        self._placement.settle(job.record.id)
        job.begin(worker, self.crew.abilities(worker).speed)
        log.info("job begun", **job.record.named, attempt=job.record.attempt)

    async def _save(self, job: Job, **changes: object) -> None:
        record = job.record.but(**changes)
        await self._store.save(record)
        job.record = record
        self._open.place(job)

    async def _end(self, job: Job, **changes: object) -> None:
        """Make a state final: it is stored, then files that are not needed any more go, then it is told.

        Whoever cancels a painting does not wait until its worker has stopped; the files go after that.
        """
        record = job.record.but(ended=time.time(), **changes)
        await self._store.save(record)
        reach(_ENDED[record.state])
        try:
            if record.state is not JobState.CANCELLED or job.attempt is None:
                await self._remove_surplus(record)
                reach(CrashPoint.SURPLUS_REMOVED)
        finally:  # what is stored is told, whatever comes in between
            job.record = record
            self._tell_end(job)

    def _tell_end(self, job: Job) -> None:
        record = job.record
        self._open.remove(job)
        self._placement.settle(record.id)
        self._count_end(record)
        job.events.publish(end_of(record))
        log.info("job is over", **record.named, state=record.state, attempt=record.attempt)
        self._announce()

    def _count_end(self, record: JobRecord) -> None:
        self._metrics.ended.labels(record.state).inc()
        if record.error is not None:
            self._metrics.failures.labels(record.error.code).inc()
        if record.state is JobState.FINISHED and record.outcome.seconds is not None:
            size = record.plan.result_size
            self._metrics.count_painting(record.plan.recipe, *size, record.outcome.seconds)

    async def _remove_surplus(self, record: JobRecord) -> None:
        """Remove what a job in this state does not need; where that fails, the next start does it."""
        try:
            await asyncio.to_thread(self._store.files.keep_only, record.id, files_of(record))
        except OSError:
            log.exception("files cannot be removed", **record.named)

    async def _remove_left_over(self, record: JobRecord) -> None:
        """Remove what a worker wrote of a job after that was over."""
        if record.id not in self._open and (stored := await self._store.by_id(record.id)):
            await self._remove_surplus(stored)

    async def _adopt(self, record: JobRecord, result: Result) -> None:
        """Take the files of a painting over from its worker. Raises FileNotFoundError and Refusal STORAGE_FULL."""
        names = painted_files(result.format, result.moments)
        await asyncio.to_thread(self._store.files.adopt, record.id, record.attempt, names)
        reach(CrashPoint.RESULT_ADOPTED)

    async def _finish(self, job: Job, result: Result) -> None:
        if job.attempt:
            self._metrics.evaluations.inc(job.attempt.count(result.evaluation))
        await self._end(job, state=JobState.FINISHED, outcome=result.as_outcome)

    async def _fail(self, job: Job, refusal: Refusal) -> None:
        await self._end(job, state=JobState.FAILED, error=Problem.of(refusal))

    async def _retry(self, job: Job, *, to_blame: bool) -> None:
        """Put a job back whose attempt has died, or give it up."""
        reached, is_on_easel = (job.attempt.reached, job.attempt.is_on_easel) if job.attempt else (0, False)
        changes = after_loss(job.record, reached, to_blame=to_blame and is_on_easel)
        after = job.record.but(**changes)
        if is_given_up(after):
            refusal = Refusal(ErrorCode.WORKER_LOST, attempts=max(after.lost, after.interrupted))
            await self._end(job, state=JobState.FAILED, error=Problem.of(refusal), **changes)
        else:
            await self._put_back(job, **changes)
            await self._remove_surplus(job.record)
        self._metrics.lost.inc()

    async def _put_back(self, job: Job, **changes: object) -> None:
        await self._save(job, state=JobState.QUEUED, **changes)
        reach(CrashPoint.JOB_PUT_BACK)
        log.info("job waits again", **job.record.named, attempt=job.record.attempt)
        job.attempt = None

    def _stop(self, job: Job, *, keep: bool) -> None:
        if job.attempt:
            job.attempt.worker.stop(Stop(job=job.record.id, attempt=job.attempt.number, keep=keep))

    def _announce(self) -> None:
        """Let idle workers know, and whoever waits for a change, and count; with `_changes` held."""
        self._call_workers()
        self._metrics.count_open(*self._open.counts)
        self._changes.notify_all()

    def _new_stream(self, *, past: bool = False) -> EventStream:
        # A job that ended in this run told its readers so with an id below those of a past stream.
        return EventStream(self._store.starts * EVENTS_PER_START + (EVENTS_PER_START // 2 if past else 0))

    async def _record(self, job_id: str) -> JobRecord:
        record = await self._store.by_id(job_id)
        if record is None:
            raise Refusal(ErrorCode.NOT_FOUND)
        return record

    async def _insert(self, record: JobRecord) -> JobView | None:
        """Store a job; or the one that was sent with the same key, and is over, since it was looked for. Raises Refusal."""
        try:
            await self._store.insert(record)
        except IntegrityError:
            if (view := await self.earlier(record.key, record.digest)) is None:
                raise
            return view
        return None

    async def _discard(self, job_id: str) -> None:
        await asyncio.to_thread(self._store.files.keep_only, job_id, ())

"""Keeps the workers busy: warms them, hands them jobs, passes on what they say, and brings back the dead.

Rule: what became of a job is told to `engine.service.jobs` until it could be stored; a worker takes no other
job before that.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from engine.painting.preprocess import provenance_of
from engine.planning.abilities import Abilities
from engine.planning.cost_model import Speed
from engine.protocol import ErrorCode, Problem, Provenance, Refusal, Start
from engine.service.job import PREVIOUS_PART, settings_of, style_file
from engine.service.jobs import Jobs
from engine.service.metrics import Metrics
from engine.storage.files import CHECKPOINT, CONTENT, JobFiles, tile_file
from engine.storage.jobs import JobRecord
from engine.styles import catalogue
from engine.workers.interface import Worker, WorkerLost
from engine.workers.ipc import (
    Audition,
    Began,
    Failure,
    Progress,
    Result,
    Run,
    Stopped,
    Waiting,
    WeightedStyle,
    Work,
)

log = structlog.get_logger()

STORE_PAUSE = 5.0  # seconds before a disk that refused is asked again
WARM_UP_PAUSES = (1.0, 2.0, 5.0, 15.0, 60.0)  # seconds after the first, second, ... failure in a row

T = TypeVar("T")


class Dispatcher:
    """The workers of one engine, each with a task of its own."""

    def __init__(self, workers: Sequence[Worker], jobs: Jobs, files: JobFiles, metrics: Metrics) -> None:
        self._workers = workers
        self._jobs = jobs
        self._files = files
        self._metrics = metrics
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to warm up and to work."""
        self._tasks = [
            asyncio.create_task(self._keep_busy(number, worker), name=f"worker-{number}")
            for number, worker in enumerate(self._workers)
        ]

    @property
    def speed(self) -> Speed | None:
        """What plans are made with, see `Crew`; None before the first worker is warm."""
        return self._jobs.crew.speed

    @property
    def memory(self) -> int | None:
        """Bytes that a painting which comes now may take; None if nothing is known of it."""
        return self._jobs.memory

    @property
    def is_ready(self) -> bool:
        """Whether any worker is warm and alive."""
        return len(self._jobs.crew) > 0

    @property
    def workers(self) -> Sequence[Worker]:
        """All of them, in the order of the configuration, warm or not."""
        return self._workers

    async def close(self) -> None:
        """End all workers and their tasks, whatever they are doing."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(worker.close() for worker in self._workers))

    async def _keep_busy(self, number: int, worker: Worker) -> None:
        while True:
            await self._join(worker, told := await self._warm_up(worker))
            watching = asyncio.create_task(self._watch(worker), name=f"watch-{number}")
            try:
                while not worker.is_spent:
                    await self._paint_next(worker)
                    if worker.abilities != told:
                        await self._join(worker, told := worker.abilities)
                log.info("replacing a worker that has grown", worker=number)
            except WorkerLost:
                log.warning("restarting the worker", worker=number)
            except Exception:
                log.exception("the worker's task failed", worker=number)
            finally:
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)
            await self._jobs.leaves(worker)
            self._metrics.workers.set(len(self._jobs.crew))

    async def _join(self, worker: Worker, abilities: Abilities) -> None:
        await self._jobs.joins(worker, abilities)
        self._metrics.workers.set(len(self._jobs.crew))

    async def _watch(self, worker: Worker) -> None:
        """See to it that one that dies while it waits for work does not go on waiting."""
        await worker.ended()
        self._jobs.wake(worker)

    async def _warm_up(self, worker: Worker) -> Abilities:
        failures = 0
        while True:
            try:
                return await worker.start()
            except (WorkerLost, OSError) as error:
                pause = WARM_UP_PAUSES[min(failures, len(WARM_UP_PAUSES) - 1)]
                failures += 1
                log.error("a worker does not start", why=str(error), failures=failures, pause=pause)
                await asyncio.sleep(pause)

    async def _paint_next(self, worker: Worker) -> None:
        first = await _stored(partial(self._jobs.claim, worker))
        records, batch = [first], list[Work]()
        try:
            records += await self._jobs.claim_beside(first, worker)
            batch = [run for record in records if (run := await self._run_or_fail(record))]
            if batch:
                await self._paint(worker, {record.id: record for record in records}, batch)
        except Exception as error:
            # Of several none can be told to be the one; each is tried by itself next.
            to_blame = isinstance(error, WorkerLost) and error.of_its_work and len(batch) == 1
            for record in records:
                await _stored(partial(self._jobs.lost, record, to_blame=to_blame))
            raise
        finally:
            await self._jobs.rests(worker)

    async def _run_or_fail(self, record: JobRecord) -> Work | None:
        """What is to be painted; a job whose images or bundled style are gone fails by itself."""
        try:
            return await asyncio.to_thread(self._work_of, record)
        except Refusal as refused:  # it waited while the engine was replaced by one without the style
            log.warning("a job is refused", **record.named, code=refused.code, facts=refused.facts)
            error = Problem.of(refused)
        except FileNotFoundError as gone:
            log.error("a job's images are gone", **record.named, first=Path(gone.filename).name)
            error = Problem.of(Refusal(ErrorCode.IMAGES_GONE))
        except OSError:
            log.exception("a job's images cannot be found", **record.named)
            error = Problem.of(Refusal(ErrorCode.INTERNAL))
        await _stored(partial(self._jobs.failed, record, error))
        return None

    async def _paint(self, worker: Worker, records: Mapping[str, JobRecord], batch: Sequence[Work]) -> None:
        async with aclosing(worker.run(batch)) as reports:
            async for run, report in reports:
                record = records[run.job]
                match report:
                    case Began():
                        self._jobs.began(record, report)
                    case Progress():
                        self._jobs.progressed(record, report)
                    case Waiting():
                        self._jobs.waits(record)
                    case Result():
                        await _stored(partial(self._jobs.finished, record, report))
                    case Failure(error=error):
                        await _stored(partial(self._jobs.failed, record, error))
                    case Stopped():
                        await _stored(partial(self._jobs.stopped, record))

    def _work_of(self, record: JobRecord) -> Work:
        """Say what is to be painted, in paths.

        Raises FileNotFoundError for an image that is gone, and Refusal UNKNOWN_STYLE.
        """
        audition = record.plan.audition
        if audition is None:
            return self._run_of(record)
        styles = zip(record.request.styles, record.sources, strict=True)
        each = [
            record.but(
                request=record.request.model_copy(update={"styles": (style,)}),
                sources=(source,),
                plan=audition.finished,
            )
            for style, source in styles
        ]
        return Audition(
            job=record.id,
            attempt=record.attempt,
            plan=record.plan,
            outbox=str(self._files.outbox(record.id, record.attempt)),
            request_id=record.request_id,
            tiles=tuple(self._run_of(tile, tile_file(number)) for number, tile in enumerate(each, 1)),
        )

    def _run_of(self, record: JobRecord, checkpoint: str = CHECKPOINT) -> Run:
        request = record.request
        styles = tuple(
            WeightedStyle(
                image=self._file(record, style_file(style.part))
                if style.part
                else str(catalogue.image_path(style.name or "")),
                weight=style.weight,
                mask=self._file(record, style_file(style.mask)) if style.mask else None,
            )
            for style in request.styles
        )
        goes_on = request.start is Start.PREVIOUS
        return Run(
            job=record.id,
            attempt=record.attempt,
            content=self._file(record, CONTENT),
            styles=styles,
            previous=self._file(record, style_file(PREVIOUS_PART)) if goes_on else None,
            settings=settings_of(record.request),
            plan=record.plan,
            outbox=str(self._files.outbox(record.id, record.attempt)),
            checkpoint=str(self._files.path(record.id, checkpoint)),
            provenance=_provenance(record),
            request_id=record.request_id,
        )

    def _file(self, record: JobRecord, name: str) -> str:
        return str(self._files.path(record.id, name).resolve(strict=True))


def _provenance(record: JobRecord) -> Provenance:
    """Return all that is needed to repeat a painting, of which nothing is done yet; whose it is stays out."""
    return provenance_of(
        content=record.content,
        styles=record.sources,
        weights=[style.weight for style in record.request.styles],
        masks=record.masks,
        previous=record.previous,
        settings=settings_of(record.request),
        plan=record.plan,
    )


async def _stored(change: Callable[[], Awaitable[T]]) -> T:
    """Make a change; while the disk refuses it, the job waits rather than being lost.

    Raises Refusal STORAGE_DAMAGED: only a restart helps.
    """
    while True:
        try:
            return await change()
        except (Refusal, SQLAlchemyError, OSError) as error:
            if isinstance(error, Refusal) and error.code is ErrorCode.STORAGE_DAMAGED:
                raise
            log.error("a change cannot be stored", why=str(error), pause=STORE_PAUSE)
            await asyncio.sleep(STORE_PAUSE)

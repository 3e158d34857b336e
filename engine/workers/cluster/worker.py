"""A worker in a cluster: what `LocalWorker` is on this machine, by way of a booth.

Rule: a result is told when its files are in the job's outbox, for good; until there is room for them, they stay where they
were painted.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import structlog

from engine.planning.abilities import Abilities
from engine.protocol import CrashPoint, ErrorCode, Problem, Refusal, reach
from engine.storage.files import full_disk_refused, painted_files
from engine.workers.cluster.office import Office
from engine.workers.cluster.painter import Painter
from engine.workers.cluster.parcel import Parcel
from engine.workers.cluster.wire import Clear, Post
from engine.workers.interface import WorkerLost
from engine.workers.ipc import (
    AtHand,
    Audition,
    Batch,
    End,
    Failure,
    Idle,
    Ready,
    Report,
    Result,
    RunReport,
    Stop,
    Stopped,
    Waiting,
    Work,
)

log = structlog.get_logger()

ROOM_SECONDS = 5.0  # before a disk that was full is asked again
_LOOK_SECONDS = 0.2  # between two looks for orders meanwhile


class RayWorker:
    """The worker of one number; post: what it is to be."""

    def __init__(self, office: Office, number: int, post: Post) -> None:
        self._office = office
        self._number = number
        self._post = post
        self._painter: Painter | None = None
        self._ready: Ready | None = None
        self._idle = Idle()
        self._left: set[int] = set()  # of the batch, those that are not over
        self._dropped: set[tuple[str, int]] = set()  # attempts that are to be stopped with nothing kept

    @property
    def pid(self) -> int | None:
        """Of the painter, on its machine, if there is one."""
        return None if self._painter is None else self._painter.pid

    @property
    def is_alive(self) -> bool:
        """See `Worker.is_alive`."""
        return self._painter is not None and self._painter.is_alive

    async def ended(self) -> None:
        """See `Worker.ended`."""
        if self._painter is not None:
            await self._painter.ended()

    @property
    def is_spent(self) -> bool:
        """See `Worker.is_spent`."""
        return not self._left and self._idle.grown > self._post.grown_bytes

    @property
    def abilities(self) -> Abilities:
        """See `Worker.abilities`."""
        if self._ready is None:
            raise RuntimeError("a worker that has not started says nothing of itself")
        return self._ready.abilities

    @property
    def at_hand(self) -> AtHand:
        """See `Worker.at_hand`."""
        return self._idle.at_hand if self.is_alive else AtHand()

    async def start(self) -> Abilities:
        """See `Worker.start`: a painter that is found there, and warm, is taken as it is, unless it is spent."""
        fresh = self.is_spent
        if self._painter is not None:
            await self._painter.leave()
        self._painter = painter = Painter()
        await painter.hire(self._office, self._number, self._post, fresh=fresh)
        ready = await painter.next()
        if not isinstance(ready, Ready):
            raise await painter.end(f"said {ready.type} instead of ready")
        self._ready, self._idle = ready, Idle(at_hand=ready.at_hand)
        log.info(
            "worker is warm",
            pid=painter.pid,
            machine=painter.machine,
            worker=self._number,
            **ready.facts,
        )
        return ready.abilities

    async def run(self, batch: Sequence[Work]) -> AsyncGenerator[tuple[Work, Report], None]:
        """See `Worker.run`."""
        if (painter := self._painter) is None:
            raise WorkerLost("the worker is closed", of_its_work=False)
        self._left = set(range(len(batch)))
        try:
            await self._hand_over(painter, batch)
            while self._left:
                message = await painter.next()
                if not isinstance(message, RunReport) or message.number not in self._left:
                    raise await painter.end("said what does not belong to its work")
                run = batch[message.number]
                if isinstance(run, Audition):
                    await painter.settle()
                if isinstance(message.report, Result):
                    async for report in self._bring(painter, message.number, run, message.report):
                        yield run, report
                else:
                    yield run, message.report
                if isinstance(message.report, End):
                    self._left.discard(message.number)
            idle = await painter.next()
            if not isinstance(idle, Idle):
                raise await painter.end("said more than its work was")
            self._ready, self._idle = self._ready and self._ready.after(idle), idle
            await painter.settle()
            await painter.ask(Clear())
        except LookupError as error:
            raise await painter.end(f"the booth could not: {error}") from error
        finally:
            self._left = set()
            self._dropped.clear()

    def stop(self, order: Stop) -> None:
        """See `Worker.stop`."""
        if self._painter is not None:
            self._painter.tell(order)
            if not order.keep:
                self._dropped.add((order.job, order.attempt))

    async def close(self) -> None:
        """See `Worker.close`."""
        painter, self._painter = self._painter, None
        if painter is not None:
            await painter.close()

    # --- within -------------------------------------------------------------------------------------------

    async def _hand_over(self, painter: Painter, batch: Sequence[Work]) -> None:
        """Give the painter its work, with the files that it needs. Raises OSError for one that cannot be read."""
        painter.parcel = parcel = await asyncio.to_thread(Parcel.of, batch)
        for name, path in parcel.sent.items():
            await painter.send(name, path)
        await painter.ask(Batch(runs=tuple(parcel.works)))
        reach(CrashPoint.BATCH_HANDED_OVER)

    async def _bring(
        self, painter: Painter, number: int, work: Work, result: Result
    ) -> AsyncGenerator[Report, None]:
        """Fetch the files of a result and tell it; while there is no room for them, that it waits."""
        while True:
            try:
                await self._fetch(painter, number, result)
            except Refusal:
                yield Waiting()
            except OSError:
                log.exception("a result cannot be brought", job=work.job, attempt=work.attempt)
                yield Failure(error=Problem.of(Refusal(ErrorCode.INTERNAL)))
                return
            else:
                reach(CrashPoint.RESULT_BROUGHT)
                yield result
                return
            for _ in range(round(ROOM_SECONDS / _LOOK_SECONDS)):
                if (work.job, work.attempt) in self._dropped:
                    yield Stopped()
                    return
                await asyncio.sleep(_LOOK_SECONDS)

    async def _fetch(self, painter: Painter, number: int, result: Result) -> None:
        """Raises Refusal STORAGE_FULL, OSError, WorkerLost and LookupError."""
        name, outbox = painter.parcel.outboxes[number]
        with full_disk_refused():
            await asyncio.to_thread(outbox.mkdir, exist_ok=True)
            for file in painted_files(result.format, result.moments):
                path: Path = outbox / file
                if not await asyncio.to_thread(path.exists):
                    await painter.bring(f"{name}/{file}", path, for_good=True)

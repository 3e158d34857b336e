"""A worker that does as the test says: the seam between the queue and whoever paints."""

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from typing import Any

from engine.nst.speed import Speed
from engine.protocol import JobRequest, Level, Owner, Plan, RecipeName, StyleChoice
from engine.store import JobRecord
from engine.workers import Failure, Progress, Result, Run, Stop, Stopped, WorkerLost

Outcome = Progress | Result | Stopped | Failure | type[WorkerLost]


def progress(done: float = 0.5, evaluation: int = 5) -> Progress:
    return Progress(
        frame=b"jpeg %d" % evaluation,
        progress=done,
        evaluation=evaluation,
        evaluations=10,
        width=8,
        height=8,
        losses={"total": 1.0},
    )


def result(image: bytes = b"png", *, stopped_early: bool = False) -> Result:
    return Result(
        image=image,
        width=8,
        height=8,
        seconds=2.0,
        evaluation=10,
        stopped_early=stopped_early,
        losses={"total": 0.5},
    )


def record(user: str = "ann", guild: str = "oaks", key: str | None = None, **changes: Any) -> JobRecord:
    name = uuid.uuid4().hex
    return JobRecord(
        id=name,
        key=key or name,
        digest="digest",
        request=JobRequest(owner=Owner(guild=guild, user=user), styles=(StyleChoice(part="style-1"),)),
        sources=("sha256:0",),
        plan=Plan(recipe=RecipeName.DRAFT, levels=(Level(width=8, height=8, evaluations=10),), seconds=10.0),
        created=time.time(),
    ).but(**changes)


FILES = {"content.png": b"content", "style-1.png": b"style"}


class ScriptedWorker:
    """Says what it is given by `say`, and until then seems to paint; an exception in there is raised."""

    def __init__(self) -> None:
        self.starts = 0
        self.runs: list[Run] = []
        self.stops: list[Stop] = []
        self._says: asyncio.Queue[Outcome] = asyncio.Queue()

    def say(self, *outcomes: Outcome) -> None:
        for outcome in outcomes:
            self._says.put_nowait(outcome)

    async def start(self) -> Speed:
        self.starts += 1
        return Speed(0.01, 1.0)

    async def run(self, work: Run) -> AsyncGenerator[Progress | Result | Stopped | Failure, None]:
        self.runs.append(work)
        while True:
            said = await self._says.get()
            if isinstance(said, type):
                raise said("as the script says")
            yield said
            if not isinstance(said, Progress):
                return

    def stop(self, order: Stop) -> None:
        self.stops.append(order)

    async def close(self) -> None:
        pass


async def settle(condition: Callable[[], Awaitable[bool]], seconds: float = 30.0) -> None:
    """Let the tasks run until the condition holds."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.005)


def ids(records: Iterable[JobRecord]) -> list[str]:
    return [record.id for record in records]

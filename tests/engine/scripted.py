"""A worker that does as the test says: the seam between the queue and whoever paints."""

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.planning.abilities import Abilities
from engine.planning.cost_model import Speed
from engine.protocol import (
    ImageFormat,
    JobRequest,
    Level,
    Likeness,
    Owner,
    Plan,
    Provenance,
    RecipeName,
    Settings,
    StyleChoice,
)
from engine.storage.files import painted_files, result_file
from engine.storage.jobs import JobRecord
from engine.workers.interface import WorkerLost
from engine.workers.ipc import AtHand, Began, Progress, Report, Result, Run, Stop, Waiting, Work

Word = Report | type[WorkerLost]


def progress(done: float = 0.5, evaluation: int = 5, taken_over: int = 0) -> Progress:
    return Progress(
        preview=b"jpeg %d" % evaluation,
        progress=done,
        evaluation=evaluation,
        evaluations=10,
        taken_over=taken_over,
        width=8,
        height=8,
        losses={"total": 1.0},
    )


def provenance(plan: Plan, settings: Settings) -> Provenance:
    """One of which only the plan and the settings matter."""
    return Provenance(
        engine="0",
        content="",
        styles=("",),
        weights=(1.0,),
        settings=settings,
        plan=plan,
        evaluations_done=0,
    )


class Painting(Result):
    """A result and the painting that a scripted worker leaves in its outbox."""

    image: bytes

    def leave(self, outbox: Path) -> None:
        """Put the files where a worker puts them; each snapshot is its file's name."""
        outbox.mkdir(exist_ok=True)
        for name in painted_files(self.format, self.moments):
            (outbox / name).write_bytes(name.encode())
        (outbox / result_file(self.format)).write_bytes(self.image)


def result(image: bytes = b"png", *, stopped_early: bool = False, **facts: Any) -> Painting:
    defaults: dict[str, Any] = {"format": ImageFormat.PNG, "moments": 0, "width": 8, "height": 8}
    return Painting(
        **(defaults | facts),
        image=image,
        likeness=Likeness(style_reached=80, content_kept=60),
        seconds=2.0,
        evaluation=10,
        stopped_early=stopped_early,
        losses={"total": 0.5},
    )


def record(user: str = "ann", group: str = "oaks", key: str | None = None, **changes: Any) -> JobRecord:
    name = uuid.uuid4().hex
    return JobRecord(
        id=name,
        key=key or name,
        digest="digest",
        request=JobRequest(owner=Owner(group=group, user=user), styles=(StyleChoice(part="style-1"),)),
        content="sha256:1",
        sources=("sha256:0",),
        plan=Plan(recipe=RecipeName.DRAFT, levels=(Level(width=8, height=8, evaluations=10),), seconds=10.0),
        created=time.time(),
    ).but(**changes)


FILES = {"content.png": b"content", "style-1.png": b"style"}


class ScriptedWorker:
    """Says what it is given by `say`, and until then seems to paint; an exception in there is raised."""

    def __init__(self) -> None:
        self.starts = 0
        self.batch = 1
        self.speed = Speed(0.01, 1.0)
        self.memory: int | None = None  # of its device alone
        self.is_spent = False
        self.at_hand = AtHand()
        self.compiling = 0.0  # seconds for each level, of which none is compiled
        self.batches: list[list[str]] = []  # the jobs of each
        self.runs: list[Run] = []
        self.stops: list[Stop] = []
        self.holds: asyncio.Event | None = None  # until this is set, it does not get warm
        self._dead = asyncio.Event()
        self._says: asyncio.Queue[Word] = asyncio.Queue()

    def say(self, *words: Word) -> None:
        for word in words:
            self._says.put_nowait(word)

    def die(self) -> None:
        """Go while there is nothing to do."""
        self._dead.set()

    @property
    def is_alive(self) -> bool:
        return not self._dead.is_set()

    async def ended(self) -> None:
        await self._dead.wait()

    @property
    def abilities(self) -> Abilities:
        return Abilities(replace(self.speed, compiling=self.compiling), self.batch, memory=self.memory)

    async def start(self) -> Abilities:
        self.starts += 1
        self.is_spent = False
        if self.holds is not None:
            await self.holds.wait()
        self._dead.clear()
        return self.abilities

    async def run(self, batch: Sequence[Work]) -> AsyncGenerator[tuple[Work, Report], None]:
        """What it says is of the first run until that is over, then of the next."""
        self.batches.append([run.job for run in batch])
        for work in batch:
            if isinstance(work, Run):
                self.runs.append(work)
            yield work, Began(compiling=(self.compiling,) * len(work.plan.levels))
            while True:
                said = await self._says.get()
                if isinstance(said, type):
                    raise said("as the script says")
                if isinstance(said, Painting):
                    said.leave(Path(work.outbox))
                yield work, said
                if not isinstance(said, Progress | Waiting):
                    break

    def stop(self, order: Stop) -> None:
        self.stops.append(order)

    async def close(self) -> None:
        pass


async def settle(condition: Callable[[], Awaitable[bool]], seconds: float = 120.0) -> None:
    """Let the tasks run until the condition holds."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.005)


def ids(records: Iterable[JobRecord]) -> list[str]:
    return [record.id for record in records]

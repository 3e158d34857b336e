"""Workers that sketch in moods, as a process of this machine or in a cluster of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from engine.painting.pulse import Activity
from engine.protocol import Level, Plan, RecipeName, Settings
from engine.workers.cluster.office import Office
from engine.workers.cluster.wire import DriverSettings, Post
from engine.workers.cluster.worker import RayWorker
from engine.workers.interface import WorkerLost
from engine.workers.ipc import Equipment, Report, Run, WeightedStyle, Work
from engine.workers.subprocess import LocalWorker
from engine.workers.vigil import Patience
from tests.engine.scripted import provenance
from tests.engine.sketch.moods import PAUSE, PAUSES, Mood

PROGRAM = "tests.engine.sketch.moods"
EQUIPMENT = Equipment(weights="packaged", device="cpu", batch=2)
LONG = 600.0  # nothing that is expected takes so long
SHORT = 1.2  # seconds of silence; a sketch gives many signs meanwhile
PATIENCE = Patience(
    {activity: SHORT if activity is Activity.PAINTING else LONG for activity in Activity},
    cancel=0.5,
    tick=0.05,
)
assert SHORT < PAUSE * PAUSES / 2
ENDLESS = 1_000_000
SIDE = 32

Hand = LocalWorker | RayWorker  # which have a process whose id can be told


class MoodyWorker(LocalWorker):
    """A worker in a process that does as the seeds say."""

    program = PROGRAM

    def __init__(self, patience: Patience = PATIENCE, **options: Any) -> None:
        super().__init__(EQUIPMENT, patience, **options)


@dataclass(frozen=True)
class Hands:
    """Where workers are had from; one with options is another than the one without."""

    take: Callable[..., Hand]


@asynccontextmanager
async def hands_of(address: str | None) -> AsyncIterator[Hands]:
    """Of the cluster there, or of this machine alone."""
    if address is None:
        yield Hands(MoodyWorker)
        return
    office = office_of(address)
    yield Hands(lambda **options: RayWorker(office, len(options), post(**options)))
    await office.close()


def office_of(address: str, holder: str = "tests") -> Office:
    """One of an engine's; its booths are those of any other with this holder."""
    return Office(DriverSettings(address=address, namespace="tests", holder=holder, num_cpus=2))


def post(**options: Any) -> Post:
    """The place of a worker that sketches."""
    usual = Post(version="0", equipment=EQUIPMENT, program=PROGRAM, patience=PATIENCE)
    return usual.model_copy(update=options)


@dataclass(frozen=True)
class Jobs:
    """Work on two images, for jobs of their own."""

    folder: Path

    def run(self, mood: Mood = Mood.WELL, name: str = "job", evaluations: int = 10, **changes: Any) -> Run:
        """By a worker in this mood."""
        (self.folder / name).mkdir(exist_ok=True)
        settings = Settings(seed=mood)
        level = Level(width=SIDE, height=SIDE, evaluations=evaluations)
        plan = Plan(recipe=RecipeName.DRAFT, levels=(level,), seconds=1.0, width=SIDE, height=SIDE)
        run = Run(
            job=name,
            attempt=1,
            content=str(self.folder / "content"),
            styles=(WeightedStyle(image=str(self.folder / "style-1"), weight=1.0),),
            settings=settings,
            plan=plan,
            outbox=str(self.folder / name / "attempt-1"),
            checkpoint=str(self.folder / name / "checkpoint.npz"),
            provenance=provenance(plan, settings),
        )
        return run.model_copy(update=changes)


async def reports_of(worker: Hand, *batch: Work) -> list[Report]:
    async with asyncio.timeout(LONG):
        return [report async for _, report in worker.run(batch)]


async def loss_in(reports: AsyncIterator[tuple[Work, Report]]) -> WorkerLost:
    """The loss that the reports end with."""
    said = list[Report]()
    try:
        async with asyncio.timeout(LONG):
            async for _, report in reports:
                said.append(report)
    except WorkerLost as loss:
        return loss
    pytest.fail(f"it was not lost, but said {said[-3:]}")


async def lost(worker: Hand, *batch: Work) -> WorkerLost:
    return await loss_in(worker.run(batch))

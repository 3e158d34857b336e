"""A GPU that is scripted (its memory, its speed, how it fails) beside real queue, plans and measuring, in time that only it passes.

Rule: what a worker says of itself it has found by the engine's own measuring and learning, of a device that it can only
watch. What is waited for in real time is only that all who have something to do at this moment have done it.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count, pairwise
from pathlib import Path
from typing import NoReturn

from engine.painting.progress import ProgressTracker, Step
from engine.planning.abilities import Abilities
from engine.planning.measuring import TURNS, Sample, measure_device
from engine.planning.planner import PYRAMIDS, SECONDS_AROUND, make_plan, needed_bytes, tiled_cost
from engine.protocol import (
    ErrorCode,
    JobRequest,
    Level,
    Owner,
    Plan,
    Precision,
    Problem,
    RecipeName,
    Refusal,
    Settings,
    StyleChoice,
)
from engine.service.config import EngineConfig
from engine.service.dispatcher import Dispatcher
from engine.service.jobs import Jobs
from engine.service.metrics import Metrics
from engine.storage.jobs import JobRecord, JobStore, open_store
from engine.workers.interface import Worker, WorkerLost
from engine.workers.ipc import AtHand, Began, Failure, Progress, Report, Run, Stop, Work
from engine.workers.skills import Skills
from tests.engine.scripted import FILES, record, result

GB = 10**9
CALLS = 5  # in which a level's evaluations are made
NETWORK = GB // 2  # bytes, and what CUDA takes


class SimulatedTime:
    """Stands still until somebody lets the next who sleep wake."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, int, object, asyncio.Future[None]]] = []
        self._numbers = count()

    def monotonic(self) -> float:
        """In place of the clock of that name."""
        return self.now

    async def sleep(self, seconds: float, who: object) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heappush(self._sleepers, (self.now + seconds, next(self._numbers), who, woken))
        await woken

    def sleeps(self, who: object) -> bool:
        """Whether it does, and was not woken."""
        return any(sleeper is who for _, _, sleeper, _ in self._sleepers)

    def wake_next(self) -> None:
        """Let the time pass until the first of them wakes. Raises IndexError if nobody sleeps."""
        self.now, _, _, woken = heappop(self._sleepers)
        if not woken.done():
            woken.set_result(None)


@dataclass
class SimulatedGpu:
    """A device as it is.

    launch: seconds that any evaluation takes; per_megapixel: what it takes if that is more. memory: bytes. appetite: for each
    that `needed_bytes` says. missing: bytes that are not there when something is painted, whatever was measured. slower: times
    once it has been busy for `warm_after` seconds. dies_after: calls that it paints before it is lost, once.
    """

    launch: float = 0.03
    per_megapixel: float = 0.2
    memory: int = 16 * GB
    appetite: float = 1.5
    precision: Precision = Precision.FLOAT32
    compiling: float = 2.0
    missing: int = 0
    slower: float = 1.0
    warm_after: float = 0.0
    dies_after: int | None = None
    busy: float = 0.0  # seconds so far
    highest: int = 0  # bytes that the last painting took
    sampled: list[int] = field(default_factory=list)  # sides that were measured

    def seconds(self, recipe: RecipeName, width: int, height: int) -> float:
        """What an evaluation takes now."""
        megapixels = width * height / 1e6
        small = max(self.launch, self.per_megapixel * megapixels)
        warm = self.slower if self.busy >= self.warm_after else 1.0
        return small * warm * PYRAMIDS[recipe].cost_of(width, height) * tiled_cost(width, height)

    def bytes_for(self, width: int, height: int) -> int:
        return round(self.appetite * needed_bytes(width, height))

    def sample(self, side: int) -> Sample | None:
        """Measured, as `benchmark` does it with a network."""
        taken = self.bytes_for(side, side)
        if NETWORK + taken > self.memory:
            return None
        self.sampled.append(side)
        seconds = self.seconds(RecipeName.STANDARD, side, side)
        self.busy += self.compiling + (1 + TURNS) * seconds
        return Sample(self.compiling + seconds, seconds, taken)

    # As its `Gauge`.

    def reset(self) -> None:
        self.highest = 0

    def peak(self) -> int:
        return self.highest

    def left(self) -> int | None:
        return self.memory - NETWORK


class SimulatedWorker:
    """A worker on such a device; `starts` counts its lives."""

    def __init__(self, gpu: SimulatedGpu, time: SimulatedTime) -> None:
        self.gpu = gpu
        self.starts = 0
        self.runs: list[Run] = []
        self.at_hand = AtHand()
        self.is_spent = False
        self.holds: asyncio.Event | None = None  # until this is set, it does not get warm
        self.is_held = False
        self._time = time
        self._skills: Skills | None = None
        self._compiled: set[tuple[int, int]] = set()
        self._dead = asyncio.Event()

    @property
    def abilities(self) -> Abilities:
        assert self._skills is not None
        return self._skills.abilities

    @property
    def is_alive(self) -> bool:
        return not self._dead.is_set()

    async def ended(self) -> None:
        await self._dead.wait()

    async def start(self) -> Abilities:
        self.starts += 1
        self._compiled.clear()
        if self.holds is not None:
            self.is_held = not self.holds.is_set()
            await self.holds.wait()
            self.is_held = False
        measured = measure_device(self.gpu.sample, self.gpu.precision, waits=True, memory=self.gpu.left())
        self._skills = Skills(
            measured, lambda _: None, batch=1, label="simulated", gauge=self.gpu, clock=lambda: self.gpu.busy
        )
        self._dead.clear()
        return self.abilities

    async def run(self, batch: Sequence[Work]) -> AsyncGenerator[tuple[Work, Report], None]:
        (work,) = batch
        assert isinstance(work, Run)
        assert self._skills is not None
        self.runs.append(work)
        new = [(level.width, level.height) not in self._compiled for level in work.plan.levels]
        yield work, Began(compiling=tuple(self.gpu.compiling * each for each in new))
        await self._pass(SECONDS_AROUND)
        with self._skills.practising(work.plan) as stopwatch:
            before = self.gpu.busy
            for step in stopwatch.timed(self._steps(work)):
                await self._pass(self.gpu.busy - before)
                before = self.gpu.busy
                if not self.is_alive or self._is_dying():
                    self._dead.set()
                    raise WorkerLost("it fell off the bus")
                yield work, _progress(step)
            if not stopwatch.times:  # it found no memory
                yield work, Failure(error=Problem.of(Refusal(ErrorCode.OUT_OF_MEMORY)))
                return
        painting = result().model_copy(update={"evaluation": work.plan.evaluations})
        painting.leave(Path(work.outbox))
        yield work, painting

    def stop(self, order: Stop) -> None:
        raise AssertionError(f"nobody stops anything here, and {order.job} was")

    def die(self) -> None:
        """Whatever it is at."""
        self._dead.set()

    async def close(self) -> None:
        pass

    async def _pass(self, seconds: float) -> None:
        await self._time.sleep(seconds, self)

    def _is_dying(self) -> bool:
        if self.gpu.dies_after is None:
            return False
        self.gpu.dies_after -= 1
        if self.gpu.dies_after > 0:
            return False
        self.gpu.dies_after = None
        return True

    def _steps(self, run: Run) -> Generator[Step, None, None]:
        plan = run.plan
        finest = plan.levels[-1]
        self.gpu.highest = self.gpu.bytes_for(finest.width, finest.height)
        if NETWORK + self.gpu.highest + self.gpu.missing > self.gpu.memory:
            return
        tracker = ProgressTracker([plan.levels])
        for number, level in enumerate(plan.levels):
            if (level.width, level.height) not in self._compiled:
                self._compiled.add((level.width, level.height))
                self.gpu.busy += self.gpu.compiling
            calls = min(CALLS, level.evaluations)
            ends = [level.evaluations * call // calls for call in range(1, calls + 1)]
            for begin, end in pairwise([0, *ends]):
                self.gpu.busy += (end - begin) * self.gpu.seconds(plan.recipe, level.width, level.height)
                yield tracker.step(
                    0, number, end, losses={}, picture=_nothing, likeness=_nothing, checkpoint=_nothing
                )


class WatchedJobs(Jobs):
    """The engine's own, and who waits in `claim`."""

    def __init__(self, store: JobStore, config: EngineConfig) -> None:
        super().__init__(store, config, Metrics())
        self.claiming: set[Worker] = set()

    async def claim(self, worker: Worker) -> JobRecord:
        self.claiming.add(worker)
        try:
            return await super().claim(worker)
        finally:
            self.claiming.discard(worker)

    def finds_nothing(self, worker: Worker) -> bool:
        """Whether it waits for work, and there is none for it."""
        return worker in self.claiming and not self._changes.locked() and self._next_for(worker) is None


@dataclass
class Simulation:
    """An engine with such workers."""

    time: SimulatedTime
    jobs: WatchedJobs
    dispatcher: Dispatcher
    workers: list[SimulatedWorker]
    ended: dict[str, float] = field(default_factory=dict)  # when each job was over

    async def at_rest(self) -> None:
        """Wait until nobody has anything to do before time passes."""
        async with asyncio.timeout(60):
            while not all(self._waits(worker) for worker in self.workers):  # noqa: ASYNC110 - as in `settle`
                await asyncio.sleep(0)

    async def admit(self, *wishes: Settings, group: str = "oaks") -> list[str]:
        """Plan pictures as they come in, and take them in; their ids."""
        await self.at_rest()
        return [(await self.jobs.admit(self._planned(wish, group), FILES)).id for wish in wishes]

    async def etas(self, jobs: Iterable[str]) -> list[float]:
        """Seconds until each is done, as members are told."""
        await self.at_rest()
        return [(await self.jobs.view(job)).eta_seconds or 0.0 for job in jobs]

    async def pass_until(self, is_reached: Callable[[], bool]) -> None:
        """Let time pass."""
        await self._look()
        while not is_reached():
            self.time.wake_next()
            await self._look()

    async def finish(self) -> None:
        """Until all are over."""
        await self.pass_until(lambda: not self._open)

    _open: list[str] = field(default_factory=list)

    async def _look(self) -> None:
        await self.at_rest()
        for job in [each for each in self._open if each not in self.jobs._open]:
            self._open.remove(job)
            self.ended[job] = self.time.now

    def _planned(self, wish: Settings, group: str) -> JobRecord:
        speed = self.dispatcher.speed
        assert speed is not None
        owner = Owner(group=group, user=group)
        request = JobRequest(owner=owner, styles=(StyleChoice(part="style-1"),), **wish.model_dump())
        plan = make_plan(wish, 1200, 900, speed, memory=self.dispatcher.memory)
        planned = record(request=request, plan=plan)
        self._open.append(planned.id)
        return planned

    def _waits(self, worker: SimulatedWorker) -> bool:
        is_held = worker.is_held and worker.holds is not None and not worker.holds.is_set()
        return self.time.sleeps(worker) or is_held or self.jobs.finds_nothing(worker)


@asynccontextmanager
async def simulation(data_dir: Path, time: SimulatedTime, *gpus: SimulatedGpu) -> AsyncIterator[Simulation]:
    """Workers on these devices, warm."""
    store = await open_store(data_dir)
    jobs = WatchedJobs(store, EngineConfig(jobs_per_user=100, jobs_per_group=100))
    await jobs.restore()
    workers = [SimulatedWorker(gpu, time) for gpu in gpus]
    dispatcher = Dispatcher(workers, jobs, store.files, Metrics())
    dispatcher.start()
    try:
        yield Simulation(time, jobs, dispatcher, workers)
    finally:
        await dispatcher.close()
        await store.close()


def seconds_of(gpu: SimulatedGpu, plan: Plan) -> float:
    """What a plan's evaluations really take."""
    return sum(_level_seconds(gpu, plan.recipe, level) for level in plan.levels)


def _level_seconds(gpu: SimulatedGpu, recipe: RecipeName, level: Level) -> float:
    return level.evaluations * gpu.seconds(recipe, level.width, level.height)


def _progress(step: Step) -> Progress:
    return Progress(
        preview=b"",
        progress=step.progress,
        evaluation=step.evaluation,
        evaluations=step.evaluations,
        width=step.width,
        height=step.height,
        losses={},
    )


def _nothing() -> NoReturn:
    raise AssertionError("nobody looks at a picture here")

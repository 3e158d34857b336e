"""When jobs will be done, as far as one can tell.

Rule: pure functions; seconds and what a worker has reported come in, nobody looks at a clock here.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heapreplace
from operator import attrgetter
from typing import TypeVar

from engine.planning.cost_model import Speed
from engine.protocol import Plan
from engine.service.scheduler import QueuedJob
from engine.workers.ipc import Progress

Seconds = Callable[[QueuedJob, Speed | None], float]
Key = TypeVar("Key")

LEAST_SECONDS = 1.0  # whatever the plan said, a job that is not done yet takes a while
TYPICAL_MEGAPIXELS = 0.2  # at which workers are compared: 512 x 384 pixels


@dataclass(frozen=True)
class Free:
    """A worker that will be free in so many seconds, and how fast it is, if that is known."""

    seconds: float
    speed: Speed | None = None

    @property
    def pace(self) -> float:
        """Seconds of a typical evaluation, to compare it by."""
        return self.speed.at(TYPICAL_MEGAPIXELS) if self.speed else 0.0


@dataclass(frozen=True)
class Forecast:
    """Where a waiting job stands, 1 being the next, and the seconds until it is finished; None: nobody knows."""

    position: int
    eta_seconds: float | None


def forecasts(
    order: Iterable[QueuedJob], free: Iterable[Free], on: Seconds
) -> Iterator[tuple[str, Forecast]]:
    """The forecast of each waiting job with its id: the next in `order` goes to whoever is `free` first.

    on: what a job takes at a speed. Of several who are free at once the fastest is taken.
    """
    workers = [(each.seconds, each.pace, number, each.speed) for number, each in enumerate(free)]
    heapify(workers)
    for position, job in enumerate(order, 1):
        until, pace, number, speed = workers[0]
        end = until + on(job, speed)
        yield job.id, Forecast(position, end)
        heapreplace(workers, (end, pace, number, speed))


def rough_forecast(
    position: int,
    job: QueuedJob,
    waiting: int,
    seconds: float,
    free: Sequence[Free],
    on: Seconds,
) -> Forecast:
    """The same of one job alone, as if all `waiting` jobs, of so many planned seconds together, were alike.

    on: as of `forecasts`.
    """
    # How many times as fast as planned each is, and all together.
    paces = [(job.seconds / on(job, each.speed), each.seconds) for each in free]
    pace = sum(worth for worth, _ in paces)
    before = sum(worth * busy for worth, busy in paces) + seconds / waiting * (position - 1)
    return Forecast(position, before / pace + job.seconds * len(paces) / pace)


def busy_seconds(running: Iterable[tuple[Key, float]]) -> dict[Key, float]:
    """Seconds until each busy worker is free, from what each running job's worker still needs for it."""
    seconds: dict[Key, float] = {}
    for worker, left in running:
        seconds[worker] = max(seconds.get(worker, 0.0), left)
    return seconds


def minutes_until_free(busy: Iterable[float]) -> int:
    """Minutes until the first worker is free, 1 at least."""
    return max(round(min(busy, default=0) / 60), 1)


def seconds_left(
    plan: Plan,
    planned: float,
    compiling: Sequence[float],
    elapsed: float,
    first: Progress | None,
    latest: Progress | None,
    share: Callable[[Progress], float] = attrgetter("progress"),
) -> float:
    """Seconds until an attempt is done that was begun `elapsed` seconds ago.

    planned: what the whole takes where it is painted. share: how much of the time a report tells to be done, 0 to 1. compiling: seconds that each level takes longer, as it has to be compiled. first, latest: what the worker
    has reported of this attempt, which may go on from an earlier one; None before that.
    """
    if first is None or latest is None:
        return max(planned + sum(compiling) - elapsed, LEAST_SECONDS)
    done = share(latest)
    done_here = done - (share(first) if first.taken_over else 0)
    # The coarse levels, which are first, take as long to compile as the others and count for little.
    begun = len(plan.levels) if _is_repeating(plan, latest) else _level(plan, latest) + 1
    compiled, to_compile = sum(compiling[_level(plan, first) : begun]), sum(compiling[begun:])
    # What the whole takes: as the pace tells for the part that is done, as planned for the rest.
    whole = elapsed - compiled + planned * (1 - done_here)
    return max(whole * (1 - done) + to_compile, LEAST_SECONDS)


def _is_repeating(plan: Plan, report: Progress) -> bool:
    """Whether it has gone over all levels once, as an audition does in its first tile."""
    return plan.audition is not None and report.evaluation - report.taken_over >= plan.tile.evaluations


def _level(plan: Plan, report: Progress) -> int:
    """Which of the plan's levels a report is of."""
    size = report.width, report.height
    return next((n for n, level in enumerate(plan.levels) if (level.width, level.height) == size), 0)

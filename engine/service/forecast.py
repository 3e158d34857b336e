"""When jobs will be done, as far as one can tell.

Rule: pure functions; seconds and what a worker has reported come in, nobody looks at a clock here.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from engine.protocol import Plan
from engine.service.scheduler import QueuedJob
from engine.workers.ipc import Progress

LEAST_SECONDS = 1.0  # whatever the plan said, a job that is not done yet takes a while


@dataclass(frozen=True)
class Forecast:
    """Where a waiting job stands, 1 being the next, and the seconds until it is finished."""

    position: int
    eta_seconds: float


def forecasts(order: Iterable[QueuedJob], busy: Sequence[float], workers: int) -> dict[str, Forecast]:
    """The forecast of each waiting job by its id; `busy` are the seconds until each busy worker is free."""
    before = sum(busy)
    found = {}
    for position, job in enumerate(order, 1):
        found[job.id] = Forecast(position, before / workers + job.seconds)
        before += job.seconds
    return found


def rough_forecast(
    position: int, job: QueuedJob, waiting: int, seconds: float, busy: Sequence[float], workers: int
) -> Forecast:
    """The same of one job alone, as if all `waiting` jobs, of so many seconds together, took equally long."""
    before = sum(busy) + seconds / waiting * (position - 1)
    return Forecast(position, before / workers + job.seconds)


def busy_seconds(running: Iterable[tuple[Hashable, float]]) -> list[float]:
    """Seconds until each busy worker is free, from what each running job's worker still needs for it."""
    seconds: dict[Hashable, float] = {}
    for worker, left in running:
        seconds[worker] = max(seconds.get(worker, 0.0), left)
    return list(seconds.values())


def minutes_until_free(busy: Iterable[float]) -> int:
    """Minutes until the first worker is free, 1 at least."""
    return max(round(min(busy, default=0) / 60), 1)


def seconds_left(
    plan: Plan, compiling: Sequence[float], elapsed: float, first: Progress | None, latest: Progress | None
) -> float:
    """Seconds until an attempt is done that was begun `elapsed` seconds ago.

    compiling: seconds that each level takes longer, as it has to be compiled. first, latest: what the worker
    has reported of this attempt, which may go on from an earlier one; None before that.
    """
    if first is None or latest is None:
        return max(plan.seconds + sum(compiling) - elapsed, LEAST_SECONDS)
    done_here = latest.progress - (first.progress if first.taken_over else 0)
    # The coarse levels, which are first, take as long to compile as the others and count for little.
    begun = len(plan.levels) if _is_repeating(plan, latest) else _level(plan, latest) + 1
    compiled, to_compile = sum(compiling[_level(plan, first) : begun]), sum(compiling[begun:])
    # What the whole takes: as the pace tells for the part that is done, as planned for the rest.
    whole = elapsed - compiled + plan.seconds * (1 - done_here)
    return max(whole * (1 - latest.progress) + to_compile, LEAST_SECONDS)


def _is_repeating(plan: Plan, report: Progress) -> bool:
    """Whether it has gone over all levels once, as an audition does in its first tile."""
    return plan.audition is not None and report.evaluation - report.taken_over >= plan.tile.evaluations


def _level(plan: Plan, report: Progress) -> int:
    """Which of the plan's levels a report is of."""
    size = report.width, report.height
    return next((n for n, level in enumerate(plan.levels) if (level.width, level.height) == size), 0)

"""How long a plan takes on a worker that it was not made for.

Rule: whoever shows a time shows what it takes where it is painted; what a plan says of its seconds is what it takes on the
slowest.
"""

from engine.planning.auditions import SECONDS_AROUND_TILE
from engine.planning.cost_model import Speed
from engine.planning.planner import SECONDS_AROUND, seconds_of
from engine.protocol import Plan


def share_done(plan: Plan, speed: Speed, evaluation: int) -> float:
    """How much of the time of all evaluations the first so many take, over all levels, frames and tiles; 0 to 1."""
    tile = plan.tile.evaluations if plan.audition else plan.evaluations
    tiles, within = divmod(evaluation, tile)
    done = whole = 0.0
    later = plan.levels[-1].model_copy(update={"evaluations": (plan.frames - 1) * plan.frame_evaluations})
    for level in (*plan.levels, later):
        seconds = seconds_of(plan.recipe, level, speed)
        whole += seconds
        done += seconds * min(within / level.evaluations, 1.0) if level.evaluations else 0.0
        within = max(within - level.evaluations, 0)
    count = plan.audition.tiles if plan.audition else 1
    return min((tiles + done / whole) / count, 1.0) if whole else 1.0


def seconds_on(plan: Plan, speed: Speed) -> float:
    """All of it, less what has to be compiled."""
    levels = sum(seconds_of(plan.recipe, level, speed) for level in plan.levels)
    if plan.audition is not None:
        return SECONDS_AROUND + plan.audition.tiles * (SECONDS_AROUND_TILE + levels)
    later = plan.levels[-1].model_copy(update={"evaluations": plan.frame_evaluations})
    return SECONDS_AROUND + levels + (plan.frames - 1) * seconds_of(plan.recipe, later, speed)

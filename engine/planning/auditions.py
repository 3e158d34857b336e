"""How an audition is planned: for each style the first levels of the plan of the whole picture, in a few seconds.

Rule: a tile is the beginning of its finished picture, so its levels and their evaluations are the plan's own. It has as
many of them as there is time for, and one at least: of 64 pixels is enough to tell style and subject by, as what is painted
is laid over the content.
"""

from itertools import accumulate

from engine.planning.bounds import Limits
from engine.planning.cost_model import Speed
from engine.planning.planner import SECONDS_AROUND, seconds_of
from engine.protocol import Audition, ErrorCode, Level, Plan, Refusal

TILE_SECONDS = 3.0  # of evaluations: ten styles in less than 45 s, with what is around them
FIRST_SECONDS = 4.4  # the same with a level to compile: the first is there within 5 s
LARGEST_TILE = 256  # pixels of a level's long side: a sheet shows no more
SHOWN_SIDE = 512  # pixels of a tile's long side as it is kept, which is more than is painted
SECONDS_AROUND_TILE = 0.6  # the style's statistics, its first look at the content, the tile's files


def plan_audition(finished: Plan, tiles: int, speed: Speed, limits: Limits | None = None) -> Plan:
    """The plan of an audition of so many styles, each of whose tiles can be finished by `finished`.

    Raises Refusal AUDITION_TOO_LONG for more than the `limits` allow a job of its recipe.
    """
    levels = tile_levels(finished, speed)
    width, height = finished.result_size
    scale = min(SHOWN_SIDE / max(width, height), 1.0)
    each = SECONDS_AROUND_TILE + sum(seconds_of(finished.recipe, level, speed) for level in levels)
    plan = finished.model_copy(
        update={
            "levels": levels,
            "seconds": round(SECONDS_AROUND + tiles * each, 1),
            "width": max(round(width * scale), 1),
            "height": max(round(height * scale), 1),
            "frames": 1,
            "frame_evaluations": 0,
            "notes": (),
            "audition": Audition(tiles=tiles, finished=finished),
        }
    )
    if limits is not None:
        _check(plan, tiles, limits[finished.recipe].max_seconds)
    return plan


def tile_levels(finished: Plan, speed: Speed) -> tuple[Level, ...]:
    """Those of the plan's levels that a tile is painted over."""
    # The levels of a tile have one loop, which is compiled for the first.
    most = min(TILE_SECONDS, FIRST_SECONDS - speed.compiling)
    seconds = accumulate(seconds_of(finished.recipe, level, speed) for level in finished.levels)
    fitting = [
        level
        for level, until in zip(finished.levels, seconds, strict=True)
        if until <= most and max(level.width, level.height) <= LARGEST_TILE
    ]
    return finished.levels[: max(len(fitting), 1)]


def _check(plan: Plan, tiles: int, most: float) -> None:
    if plan.seconds > most:
        each = (plan.seconds - SECONDS_AROUND) / tiles
        styles = max(int((most - SECONDS_AROUND) / each), 1)
        raise Refusal(ErrorCode.AUDITION_TOO_LONG, seconds=plan.seconds, limit=most, styles=styles)

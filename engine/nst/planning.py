"""Which levels, and how many evaluations on each: a recipe's budget of seconds turned into a plan.

Pure arithmetic, free of TensorFlow: the gateway plans a job when it admits it, from the speed that the
workers measured at warm-up; the plan is stored with the job and replayed exactly.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.nst.speed import Speed
from engine.protocol import JobRequest, Level, Plan, RecipeName


@dataclass(frozen=True)
class Pyramid:
    """How a recipe spends its time.

    budget: seconds. coarsest: no level's long side is smaller, unless the picture's own is. growth: how many
    times more evaluations each coarser level (half the size, a quarter of the cost) gets. At the full size
    there are `fewest` to `most` evaluations; of `sizes`, the largest that allows `enough` is taken. grid: a
    level's sides are multiples of it, so that pooling loses no more than a strip that only block 5 would see.
    """

    budget: float
    coarsest: int
    growth: float
    fewest: int
    enough: int
    most: int
    sizes: tuple[int, ...]
    grid: int = 8


SIZES = (192, 256, 320, 384, 448, 512, 640, 768, 896, 1024)
PYRAMIDS: dict[RecipeName, Pyramid] = {
    RecipeName.DRAFT: Pyramid(10, coarsest=96, growth=2.0, fewest=3, enough=6, most=10, sizes=SIZES),
    RecipeName.STANDARD: Pyramid(60, coarsest=96, growth=1.5, fewest=4, enough=16, most=30, sizes=SIZES),
    # One level at 512 pixels, rounded as the notebook rounds, and always its 1000 steps.
    RecipeName.TUTORIAL: Pyramid(
        3600, coarsest=2**16, growth=1.0, fewest=1000, enough=1000, most=1000, sizes=(512,), grid=1
    ),
}
SHORTEST = 16  # pixels of a side, of which block 5 sees one; a narrower picture is stretched to it
SECONDS_AROUND = 2.0  # reading, the styles' statistics, encoding


def fit(width: int, height: int, long_side: int, grid: int) -> tuple[int, int]:
    """The (width, height) of a picture scaled to a long side, up or down, in whole multiples of `grid`, at least SHORTEST."""
    scale = long_side / max(width, height)
    return (
        max(SHORTEST, round(width * scale / grid) * grid),
        max(SHORTEST, round(height * scale / grid) * grid),
    )


def make_plan(request: JobRequest, width: int, height: int, speed: Speed) -> Plan:
    """The plan for a picture of width x height pixels. It always exists: too small a budget is overrun."""
    pyramid = PYRAMIDS[request.recipe]
    budget = (request.budget or pyramid.budget) - SECONDS_AROUND
    affordable = {
        size: budget / _cost(_sides(pyramid, width, height, size), pyramid, speed)
        for size in ((request.size,) if request.size else pyramid.sizes)
    }
    size = max((s for s in affordable if affordable[s] >= pyramid.enough), default=min(affordable))
    finest = min(
        max(int(affordable[size]), pyramid.fewest), pyramid.most, request.evaluations or pyramid.most
    )
    levels = tuple(
        Level(width=w, height=h, evaluations=round(finest * pyramid.growth**octave))
        for octave, (w, h) in reversed(list(enumerate(_sides(pyramid, width, height, size))))
    )
    seconds = sum(level.evaluations * speed.seconds(level.width, level.height) for level in levels)
    return Plan(recipe=request.recipe, levels=levels, seconds=round(seconds + SECONDS_AROUND, 1))


def equivalent_evaluations(levels: Sequence[Level]) -> float:
    """Evaluations of all levels, each weighted by its level's share of the pixels of the last, the full size."""
    full = levels[-1].width * levels[-1].height
    return sum(level.evaluations * level.width * level.height for level in levels) / full


def _sides(pyramid: Pyramid, width: int, height: int, size: int) -> list[tuple[int, int]]:
    """(width, height) of each level, the finest first."""
    sizes = [size]
    while sizes[-1] // 2 >= pyramid.coarsest:
        sizes.append(sizes[-1] // 2)
    return [fit(width, height, long_side, pyramid.grid) for long_side in sizes]


def _cost(sides: list[tuple[int, int]], pyramid: Pyramid, speed: Speed) -> float:
    """Seconds that one evaluation at the full size costs, with its share of those at the coarser levels."""
    return sum(pyramid.growth**octave * speed.seconds(w, h) for octave, (w, h) in enumerate(sides))

"""What real paintings tell of a device's speed, which was measured in a minute and on an idle machine.

Pure, free of TensorFlow and of clocks. Rule: one painting moves what is known by little, whatever it says: a machine may have
been busy with something else meanwhile. Only what is painted in the precision that was measured counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import median

from engine.planning.cost_model import Knot, Speed
from engine.planning.planner import seconds_of
from engine.protocol import Plan

STEP = 0.3  # of the way to what a painting took
MOST = 2.0  # times that it may have been slower or faster than known, to be believed
FEWEST_CALLS = 3  # of a level that are timed, or it tells nothing
LARGE = 10**9  # bytes that a painting needs, or what does not depend on its size tells more than what does
NEAR = 1.4  # times as many pixels are the same size
_OF_A_LINE = (0.004, 0.04, 0.25, 1.0)  # megapixels at which one is held fast, before it is moved anywhere

Times = Mapping[
    int, Sequence[float]
]  # seconds of an evaluation, of each call that was timed, by the level's number


def corrected(speed: Speed, plan: Plan, times: Times) -> Speed:
    """The speed as it is known after a painting of this plan."""
    if plan.precision is not speed.precision or all(len(each) < FEWEST_CALLS for each in times.values()):
        return speed
    known = [size for size, _ in speed.knots] or list(_OF_A_LINE)
    moved: dict[float, float] = {}
    for number, seconds in sorted(times.items()):
        if len(seconds) < FEWEST_CALLS:
            continue
        level = plan.levels[number].model_copy(update={"evaluations": 1})
        megapixels = level.width * level.height / 1e6
        factor = median(seconds) / seconds_of(plan.recipe, level, speed)
        factor = min(max(factor, 1 / MOST), MOST) ** STEP
        near = [size for size in known if 1 / NEAR <= size / megapixels <= NEAR]
        # What is about as large moves with it, and what is larger, as long as nothing larger is painted.
        beyond = [size for size in known if size > megapixels * NEAR]
        moved |= dict.fromkeys([*(near or [megapixels]), *beyond], factor)
    sizes = sorted({*known, *moved})
    return replace(speed, knots=tuple(Knot(size, speed.at(size) * moved.get(size, 1.0)) for size in sizes))


def corrected_appetite(appetite: float, needed: int, taken: int, *, shares: bool) -> float:
    """Bytes that a painting takes for each that it is said to need, after one that needed and took so many.

    What takes more than was known is believed at once, as it may end the process; what takes less, bit by bit. shares: of
    what shares a machine, whose libraries keep what they have had, nothing is believed that is less than `bench.large` found.
    """
    if needed < LARGE:
        return appetite
    found = min(taken / needed, appetite * MOST)
    if found < appetite:
        found = appetite * (found / appetite) ** (STEP / 3) if found > 0 else appetite
    return max(found, 1.0) if shares else found

"""A device is measured until one size is foreseen where it is busy, and what paintings take corrects it bit by bit."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.planning.corrections import LARGE, MOST, STEP, corrected, corrected_appetite
from engine.planning.cost_model import Speed
from engine.planning.measuring import FEWEST, FORESEEN, MOST_SECONDS, SIDES, Measured, Sample, measure_device
from engine.planning.planner import make_plan
from engine.planning.planner import seconds_of as planned
from engine.protocol import Level, Plan, Precision, RecipeName, Settings
from tests.engine.simulated import GB, SimulatedGpu, seconds_of

PLAN = make_plan(Settings(size=512), 512, 512, Speed(0.01, 0.1))
TO_FORESEE = (96, 128, 256, 320, 448, 512, 768, 960, 1024)


def measured(gpu: SimulatedGpu, *, waits: bool = True) -> Measured:
    return measure_device(gpu.sample, gpu.precision, waits=waits, memory=gpu.left())


def of(side: int) -> Plan:
    return Plan(
        recipe=RecipeName.STANDARD, levels=(Level(width=side, height=side, evaluations=1),), seconds=0
    )


@given(st.floats(1e-3, 0.2), st.floats(0.01, 20.0))
def test_what_a_device_takes_is_foreseen_at_each_size(launch: float, per_megapixel: float) -> None:
    """Launch-bound up to any size: a line through the two smallest would be wrong by up to hundreds of times."""
    gpu = SimulatedGpu(launch, per_megapixel, compiling=1.0)
    speed = measured(gpu).speed
    for side in TO_FORESEE:
        told = seconds_of(SimulatedGpu(launch, per_megapixel), of(side))
        kink = math.sqrt(launch / per_megapixel) * 1000
        # Where it begins to be busy lies between two sizes that were measured, and a line between them is above the bend.
        near = any(low < kink < high and low < side < high for low, high in pairwise(SIDES))
        found = side_seconds(speed, side)
        assert found >= told * (1 - FORESEEN)
        assert near or found <= told * (1 + FORESEEN)


def side_seconds(speed: Speed, side: int) -> float:
    return planned(RecipeName.STANDARD, of(side).levels[0], speed)


def test_a_line_through_two_small_sizes_would_be_wrong_by_far() -> None:
    gpu = SimulatedGpu(launch=0.03, per_megapixel=0.5)
    drawn = measured(SimulatedGpu(0.03, 0.5), waits=False).speed
    assert seconds_of(gpu, of(1024)) > 10 * side_seconds(drawn, 1024)
    assert seconds_of(gpu, of(1024)) == pytest.approx(side_seconds(measured(gpu).speed, 1024), rel=FORESEEN)


def test_a_processor_is_busy_at_any_size_and_measured_at_two() -> None:
    gpu = SimulatedGpu(launch=0.0, per_megapixel=4.0)
    found = measured(gpu, waits=False)
    assert gpu.sampled == [*SIDES[:FEWEST]]
    assert side_seconds(found.speed, 1024) == pytest.approx(seconds_of(gpu, of(1024)))
    assert found.speed.compiling == pytest.approx(gpu.compiling)


def test_a_slow_device_is_not_measured_for_ever() -> None:
    gpu = SimulatedGpu(launch=10.0, per_megapixel=0.1)
    measured(gpu)
    assert len(gpu.sampled) == FEWEST + 2
    assert gpu.busy < MOST_SECONDS + sum(10 * 5 + gpu.compiling for _ in range(FEWEST + 1))


def test_a_small_device_is_measured_as_far_as_it_reaches_and_what_it_takes_is_known() -> None:
    gpu = SimulatedGpu(memory=2 * GB, appetite=2.0)
    found = measured(gpu)
    assert max(gpu.sampled) < 640
    assert found.appetite == pytest.approx(2.0)
    assert found.base == 0
    assert measured(SimulatedGpu(appetite=0.75)).appetite == pytest.approx(0.75)
    with pytest.raises(MemoryError):
        measured(SimulatedGpu(memory=GB // 2 + 10**8))


def test_what_is_taken_whatever_the_size_is_told_apart() -> None:
    gpu = SimulatedGpu(appetite=2.0)

    def sample(side: int) -> Sample | None:
        found = gpu.sample(side)
        return None if found is None else found._replace(peak=(found.peak or 0) + GB)

    found = measure_device(sample, gpu.precision, waits=True, memory=gpu.left())
    assert found.appetite == pytest.approx(2.0)
    assert found.base == GB


def times(speed: Speed, factor: float) -> dict[int, list[float]]:
    one = [level.model_copy(update={"evaluations": 1}) for level in PLAN.levels]
    return {n: [factor * planned(PLAN.recipe, level, speed)] * 4 for n, level in enumerate(one)}


@pytest.mark.parametrize("factor", [0.4, 0.6, 1.5, 3.0])
def test_paintings_correct_the_speed_within_some_pictures(factor: float) -> None:
    true = Speed(0.02, 2.0)
    speed = Speed(0.02 / factor, 2.0 / factor)
    for _ in range(12):
        before = speed
        speed = corrected(speed, PLAN, times(true, 1.0))
        for level in PLAN.levels:
            moved = speed.seconds(level.width, level.height) / before.seconds(level.width, level.height)
            assert MOST**-STEP * 0.999 <= moved <= MOST**STEP * 1.001
    for side in (64, 128, 256, 384, 512, 1024):
        assert speed.seconds(side, side) == pytest.approx(true.seconds(side, side), rel=FORESEEN)
    assert len(speed.knots) < 8


def test_what_tells_nothing_changes_nothing() -> None:
    speed = Speed(0.02, 2.0)
    assert corrected(speed, PLAN, {}) is speed
    assert corrected(speed, PLAN, {0: [9.0, 9.0]}) is speed  # too few
    other = Speed(0.02, 2.0, Precision.BFLOAT16)
    assert corrected(other, PLAN, times(speed, 9.0)) is other
    odd = corrected(speed, PLAN, {0: [0.03, 0.03, 9.0, 0.03]})  # one call of them waited for something
    first = PLAN.levels[0]
    assert odd.seconds(first.width, first.height) < speed.seconds(first.width, first.height) * 1.4


def test_a_painting_that_takes_more_memory_is_believed_at_once_and_one_that_takes_less_is_not() -> None:
    assert corrected_appetite(1.0, LARGE - 1, 5 * LARGE, shares=True) == 1.0
    assert corrected_appetite(1.0, LARGE, round(1.5 * LARGE), shares=True) == 1.5
    assert corrected_appetite(1.0, LARGE, 9 * LARGE, shares=True) == MOST
    less = corrected_appetite(1.5, LARGE, LARGE, shares=False)
    assert 1.4 < less < 1.5
    assert corrected_appetite(1.0, LARGE, LARGE // 2, shares=True) == 1.0
    assert corrected_appetite(1.0, LARGE, 0, shares=False) == 1.0

"""Plans: rules that hold for every picture, machine and request."""

from hypothesis import given
from hypothesis import strategies as st

from engine.nst.planning import PYRAMIDS, SECONDS_AROUND, SHORTEST, equivalent_evaluations, make_plan
from engine.nst.speed import Speed
from engine.protocol import KNOBS, JobRequest, Owner, Plan, RecipeName, StyleChoice

SLOW_CPU = Speed(overhead=0.02, per_megapixel=13.5)  # two AVX2 cores: 2.7 s at 384 x 512
FAST_CPU = Speed(overhead=0.01, per_megapixel=3.7)
GPU = Speed(overhead=0.004, per_megapixel=0.15)


def plan(speed: Speed, width: int = 640, height: int = 427, **knobs: object) -> Plan:
    fields = {"owner": Owner(guild="1", user="2"), "styles": (StyleChoice(name="x"),), **knobs}
    return make_plan(JobRequest.model_validate(fields), width, height, speed)


def sizes(a_plan: Plan) -> list[tuple[int, int]]:
    return [(level.width, level.height) for level in a_plan.levels]


@given(
    width=st.integers(32, 8000),
    height=st.integers(32, 8000),
    per_megapixel=st.floats(0.01, 200),
    recipe=st.sampled_from(RecipeName),
    size=st.none() | st.integers(KNOBS["size"].minimum, KNOBS["size"].maximum),
    budget=st.none() | st.floats(1, 3600),
    evaluations=st.none() | st.integers(1, 5000),
)
def test_every_request_gets_a_plan(
    width: int,
    height: int,
    per_megapixel: float,
    recipe: RecipeName,
    size: int | None,
    budget: float | None,
    evaluations: int | None,
) -> None:
    made = plan(
        Speed(0.01, per_megapixel),
        width,
        height,
        recipe=recipe,
        size=size,
        budget=budget,
        evaluations=evaluations,
    )
    pyramid = PYRAMIDS[recipe]
    long_sides = [max(level.width, level.height) for level in made.levels]
    assert long_sides == sorted(long_sides)
    assert all(level.evaluations >= 1 for level in made.levels)
    assert all(min(level.width, level.height) >= SHORTEST for level in made.levels)
    assert all(level.width % pyramid.grid == 0 == level.height % pyramid.grid for level in made.levels)
    assert made.levels[-1].evaluations <= min(pyramid.most, evaluations or pyramid.most)
    if size is not None:
        assert abs(long_sides[-1] - size) <= pyramid.grid
    seconds = sum(e.evaluations * (0.01 + per_megapixel * e.width * e.height / 1e6) for e in made.levels)
    assert abs(made.seconds - SECONDS_AROUND - seconds) < 0.1


def test_a_slow_machine_paints_384_pixels_in_about_a_minute() -> None:
    made = plan(SLOW_CPU, size=384)
    assert sizes(made)[-1] == (384, 256)
    assert made.levels[-1].evaluations > PYRAMIDS[RecipeName.STANDARD].enough
    assert 40 < made.seconds <= 62
    assert 384 <= sizes(plan(SLOW_CPU))[-1][0] <= 512


def test_a_faster_machine_paints_larger_and_better() -> None:
    assert sizes(plan(FAST_CPU))[-1][0] > 384
    assert sizes(plan(GPU))[-1][0] == 1024
    assert plan(GPU).levels[-1].evaluations == PYRAMIDS[RecipeName.STANDARD].most
    assert plan(GPU).seconds < plan(SLOW_CPU).seconds


def test_a_draft_takes_about_ten_seconds() -> None:
    for speed in (SLOW_CPU, FAST_CPU):
        assert 4 < plan(speed, recipe=RecipeName.DRAFT).seconds <= 11


def test_a_size_that_is_asked_for_is_kept_whatever_it_costs() -> None:
    made = plan(SLOW_CPU, size=1024)
    assert sizes(made)[-1] == (1024, 680)
    assert made.levels[-1].evaluations == PYRAMIDS[RecipeName.STANDARD].fewest
    assert made.seconds > PYRAMIDS[RecipeName.STANDARD].budget


def test_more_budget_buys_more_evaluations() -> None:
    few, many = plan(SLOW_CPU, size=384, budget=30), plan(SLOW_CPU, size=384, budget=60)
    assert few.levels[-1].evaluations < many.levels[-1].evaluations


def test_coarser_levels_get_more_evaluations_and_cost_less() -> None:
    made = plan(GPU, size=512)
    counts = [level.evaluations for level in made.levels]
    assert counts == sorted(counts, reverse=True)
    assert equivalent_evaluations(made.levels) < 2 * counts[-1]

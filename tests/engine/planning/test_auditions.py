"""An audition is the beginning of ten pictures, and no longer than people wait for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.planning.auditions import (
    LARGEST_TILE,
    SECONDS_AROUND_TILE,
    SHOWN_SIDE,
    TILE_SECONDS,
    plan_audition,
)
from engine.planning.bounds import Limits
from engine.planning.cost_model import Speed
from engine.planning.planner import make_plan, seconds_of
from engine.protocol import (
    MAX_AUDITION,
    ErrorCode,
    Plan,
    RecipeLimits,
    RecipeName,
    Refusal,
    Settings,
)
from engine.words import sentence

TWO_CORES = Speed(overhead=0.01, per_megapixel=3.7, compiling=2.5)

speeds = st.builds(Speed, overhead=st.floats(0, 0.1), per_megapixel=st.floats(0.01, 200))
requests = st.builds(
    Settings,
    recipe=st.sampled_from([RecipeName.DRAFT, RecipeName.STANDARD, RecipeName.FINE]),
    size=st.none() | st.integers(64, 4096),
)


def finished(recipe: RecipeName = RecipeName.STANDARD, speed: Speed = TWO_CORES) -> Plan:
    return make_plan(Settings(recipe=recipe), 451, 300, speed)


@given(requests, speeds, st.integers(32, 4096), st.integers(32, 4096), st.integers(1, MAX_AUDITION))
def test_a_tile_is_the_beginning_of_the_whole_picture(
    request: Settings, speed: Speed, width: int, height: int, tiles: int
) -> None:
    whole = make_plan(request, width, height, speed)
    plan = plan_audition(whole, tiles, speed)
    assert plan.audition is not None
    assert (plan.audition.finished, plan.audition.tiles) == (whole, tiles)
    first = plan.levels
    assert first == whole.levels[: len(first)]
    assert len(first) == 1 or sum(seconds_of(plan.recipe, level, speed) for level in first) <= TILE_SECONDS
    assert len(first) == 1 or max(first[-1].width, first[-1].height) <= LARGEST_TILE
    assert max(plan.result_size) <= SHOWN_SIDE
    assert plan.evaluations == tiles * plan.tile.evaluations


@pytest.mark.parametrize("recipe", [RecipeName.DRAFT, RecipeName.STANDARD])
def test_ten_styles_are_tried_out_in_45_seconds_on_two_cores(recipe: RecipeName) -> None:
    plan = plan_audition(finished(recipe), 10, TWO_CORES)
    assert plan.seconds <= 45
    first = sum(seconds_of(recipe, level, TWO_CORES) for level in plan.levels)
    assert first + SECONDS_AROUND_TILE + TWO_CORES.compiling <= 5
    assert max(plan.levels[-1].width, plan.levels[-1].height) >= 96


def test_an_animation_is_tried_out_on_its_first_frame() -> None:
    whole = make_plan(Settings(), 400, 300, TWO_CORES, frames=5)
    plan = plan_audition(whole, 3, TWO_CORES)
    assert (plan.frames, plan.frame_evaluations) == (1, 0)
    assert plan.audition is not None
    assert plan.audition.finished.frames == 5


def test_what_takes_too_long_is_refused_with_how_many_would_do() -> None:
    limits: Limits = dict.fromkeys(RecipeName, RecipeLimits(max_seconds=30, max_size=4096))
    with pytest.raises(Refusal) as refusal:
        plan_audition(finished(), 20, TWO_CORES, limits)
    assert refusal.value.code is ErrorCode.AUDITION_TOO_LONG
    styles = int(refusal.value.facts["styles"])
    assert f"choose {styles} of them" in sentence(refusal.value)
    assert plan_audition(finished(), styles, TWO_CORES, limits).seconds <= 30
    with pytest.raises(Refusal):
        plan_audition(finished(), styles + 1, TWO_CORES, limits)

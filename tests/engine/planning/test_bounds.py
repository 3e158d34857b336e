"""No job is more work than its recipe is allowed, and a refusal proposes what would be taken."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.images import Animation, Picture
from engine.painting import preprocess
from engine.planning.bounds import Limits, Planner, plan_within, usual_seconds
from engine.planning.cost_model import Speed
from engine.planning.planner import PYRAMIDS, SECONDS_AROUND, SHORT_OF_MEMORY, make_plan, tiled_cost
from engine.protocol import (
    KNOBS,
    MAX_PAINTED_FRAMES,
    ErrorCode,
    Plan,
    Preset,
    RecipeLimits,
    RecipeName,
    Refusal,
    Settings,
    Start,
)
from engine.service.config import RECIPE_LIMITS
from engine.words import sentence

SLOW_CPU = Speed(overhead=0.02, per_megapixel=13.5)
FAST_CPU = Speed(overhead=0.01, per_megapixel=3.7)

speeds = st.builds(Speed, overhead=st.floats(0, 0.1), per_megapixel=st.floats(0.01, 200))
requests = st.builds(
    Settings,
    recipe=st.sampled_from(RecipeName),
    size=st.none() | st.integers(KNOBS["size"].minimum, KNOBS["size"].maximum),
    budget=st.none() | st.floats(1, 3600),
    evaluations=st.none() | st.integers(1, 5000),
    start=st.sampled_from(Start),
    preset=st.none() | st.sampled_from(Preset),
)
limits_of_all = st.fixed_dictionaries(
    {
        name: st.builds(RecipeLimits, max_seconds=st.floats(1, 10_000), max_size=st.integers(64, 4096))
        for name in RecipeName
    }
)


def plan_or_refusal(request: Settings, make: Planner, limits: Limits) -> Plan | Refusal:
    try:
        return plan_within(request, make, limits)
    except Refusal as refusal:
        return refusal


def is_allowed(plan: Plan, preset: Preset | None, limits: RecipeLimits) -> bool:
    return plan.seconds <= limits.max_seconds and (
        preset is not None or max(plan.result_size) <= limits.max_size
    )


@given(
    requests,
    st.integers(32, 8000),
    st.integers(32, 8000),
    speeds,
    st.just(1) | st.integers(1, MAX_PAINTED_FRAMES),
    limits_of_all,
)
def test_whatever_is_asked_for_is_allowed_or_something_that_is_allowed_is_proposed(
    request: Settings, width: int, height: int, speed: Speed, frames: int, limits: Limits
) -> None:
    def make(settings: Settings) -> Plan:
        return make_plan(settings, width, height, speed, frames=frames)

    found = plan_or_refusal(request, make, limits)
    allowed, wanted = limits[request.recipe], make(request)
    if isinstance(found, Plan):
        assert is_allowed(found, request.preset, allowed)
        assert found == wanted or (request.size, request.preset) == (None, None)
        return
    assert not is_allowed(wanted, request.preset, allowed)
    assert (wanted.seconds > allowed.max_seconds) or found.code is ErrorCode.TOO_LARGE
    match found.facts:
        case {"size": int(size)}:
            smaller = request.model_copy(update={"size": size})
            assert request.size is not None
            assert max(make(smaller).result_size) < max(wanted.result_size)
            assert plan_within(smaller, make, limits)
        case {"other": str(other)}:
            assert plan_within(request.model_copy(update={"recipe": RecipeName(other)}), make, limits)
        case _:
            assert found.code is ErrorCode.ENGINE_TOO_SLOW


@given(requests, speeds, st.integers(1, MAX_PAINTED_FRAMES))
def test_a_plans_seconds_are_those_of_all_that_is_painted(
    request: Settings, speed: Speed, frames: int
) -> None:
    """Every level of the first frame, and the last level again for each other frame."""
    plan = make_plan(request, 640, 427, speed, frames=frames)
    further = [plan.levels[-1].model_copy(update={"evaluations": plan.frame_evaluations})] * (frames - 1)
    seconds = SECONDS_AROUND + sum(
        level.evaluations
        * PYRAMIDS[plan.recipe].cost_of(level.width, level.height)
        * speed.seconds(level.width, level.height)
        * tiled_cost(level.width, level.height)
        for level in (*plan.levels, *further)
    )
    assert plan.seconds == pytest.approx(seconds, abs=0.1)


def still(width: int = 640, height: int = 427, frames: int = 1) -> Animation:
    return Animation((Picture(np.zeros((height, width, 3), np.uint8)),) * frames, (50,) * frames, frames)


@pytest.mark.parametrize("speed", [SLOW_CPU, FAST_CPU])
def test_a_tutorial_at_full_size_is_not_days_of_work(speed: Speed) -> None:
    wish = Settings(recipe=RecipeName.TUTORIAL, size=4096)
    assert preprocess.make_plan(wish, still(), speed, None).seconds > 86_400
    with pytest.raises(Refusal) as refused:
        preprocess.make_plan(wish, still(), speed, None, RECIPE_LIMITS)
    assert refused.value.code is ErrorCode.TAKES_TOO_LONG
    assert "days, and 2 hours are allowed: choose a size of at most" in sentence(refused.value)


@pytest.mark.parametrize("recipe", RecipeName)
@pytest.mark.parametrize("frames", [1, MAX_PAINTED_FRAMES])
@pytest.mark.parametrize("speed", [SLOW_CPU, FAST_CPU])
def test_what_is_left_to_the_engine_is_always_taken(recipe: RecipeName, frames: int, speed: Speed) -> None:
    plan = preprocess.make_plan(Settings(recipe=recipe), still(frames=frames), speed, None, RECIPE_LIMITS)
    assert plan.seconds <= RECIPE_LIMITS[recipe].max_seconds
    assert plan.frames == frames
    smallest = min(*SHORT_OF_MEMORY)
    assert max(plan.result_size) > smallest


def test_all_frames_of_an_animation_count() -> None:
    limits = RECIPE_LIMITS | {RecipeName.STANDARD: RecipeLimits(max_seconds=120, max_size=4096)}
    plan = partial(preprocess.make_plan, Settings(size=384), speed=SLOW_CPU, memory=None, limits=limits)
    assert plan(still()).frames == 1
    with pytest.raises(Refusal, match="takes_too_long"):
        plan(still(frames=MAX_PAINTED_FRAMES))


def test_a_size_beyond_the_animations_own_is_no_reason_to_refuse_one() -> None:
    limits = {name: RecipeLimits(max_seconds=7200, max_size=512) for name in RecipeName}
    plan = preprocess.make_plan(Settings(size=4096), still(frames=3), FAST_CPU, None, limits)
    assert max(plan.result_size) == 512


def test_a_purpose_is_painted_by_a_recipe_that_is_fast_enough() -> None:
    wish = Settings(recipe=RecipeName.TUTORIAL, preset=Preset.BANNER)
    with pytest.raises(Refusal) as refused:
        preprocess.make_plan(wish, still(960, 540), SLOW_CPU, None, RECIPE_LIMITS)
    assert refused.value.code is ErrorCode.RECIPE_TOO_SLOW
    assert sentence(refused.value).endswith("choose the recipe fine.")
    never = {name: RecipeLimits(max_seconds=1, max_size=64) for name in RecipeName}
    with pytest.raises(Refusal, match="engine_too_slow"):
        preprocess.make_plan(wish, still(960, 540), SLOW_CPU, None, never)


def test_more_pixels_than_a_recipe_is_allowed_are_refused_though_there_is_time() -> None:
    limits = {name: RecipeLimits(max_seconds=7200, max_size=600) for name in RecipeName}
    with pytest.raises(Refusal) as refused:
        preprocess.make_plan(Settings(size=700), still(), FAST_CPU, None, limits)
    assert refused.value.facts == {"recipe": "standard", "wanted": 700, "size": 600}
    assert max(preprocess.make_plan(Settings(), still(), FAST_CPU, None, limits).result_size) <= 600


@pytest.mark.parametrize("speed", [SLOW_CPU, FAST_CPU])
def test_how_long_a_photo_usually_takes_is_what_its_plan_says(speed: Speed) -> None:
    usual = usual_seconds(RECIPE_LIMITS, speed, None)
    for recipe in (RecipeName.DRAFT, RecipeName.STANDARD, RecipeName.FINE):
        assert 0.5 < usual[recipe] / PYRAMIDS[recipe].budget < 1.5
    short = {**RECIPE_LIMITS, RecipeName.TUTORIAL: RecipeLimits(max_seconds=1.0, max_size=512)}
    assert RecipeName.TUTORIAL not in usual_seconds(short, speed, None), "it is refused there"

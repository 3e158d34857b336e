"""Plans: rules that hold for every picture, machine and request."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.planning.cost_model import Speed
from engine.planning.planner import (
    ASKED_SIZES,
    GRID,
    LARGE_SIDE,
    PYRAMIDS,
    SECONDS_AROUND,
    SHORTEST,
    SIZES,
    TILE_PIXELS,
    TILED_COST,
    equivalent_evaluations,
    make_plan,
    needed_bytes,
)
from engine.protocol import (
    KNOBS,
    MAX_PAINTED_FRAMES,
    PRESETS,
    NoteCode,
    Plan,
    Precision,
    Preset,
    RecipeName,
    Settings,
    Start,
)

SLOW_CPU = Speed(overhead=0.02, per_megapixel=13.5)  # two AVX2 cores: 2.7 s at 384 x 512
FAST_CPU = Speed(overhead=0.01, per_megapixel=3.7)
GPU = Speed(overhead=0.004, per_megapixel=0.15)

sides = st.integers(32, 8000)
speeds = st.builds(Speed, overhead=st.floats(0, 0.1), per_megapixel=st.floats(0.01, 200))
settings = st.builds(
    Settings,
    recipe=st.sampled_from(RecipeName),
    size=st.none() | st.integers(KNOBS["size"].minimum, KNOBS["size"].maximum),
    budget=st.none() | st.floats(1, 3600),
    evaluations=st.none() | st.integers(1, 5000),
    start=st.sampled_from(Start),
    preset=st.none() | st.sampled_from(Preset),
)
frame_counts = st.just(1) | st.integers(1, MAX_PAINTED_FRAMES)
memories = st.none() | st.integers(0, 2 * 10**10)


def plan(
    speed: Speed,
    width: int = 640,
    height: int = 427,
    *,
    frames: int = 1,
    memory: int | None = None,
    **knobs: object,
) -> Plan:
    return make_plan(Settings.model_validate(knobs), width, height, speed, frames=frames, memory=memory)


def sizes(a_plan: Plan) -> list[tuple[int, int]]:
    return [(level.width, level.height) for level in a_plan.levels]


def seconds(speed: Speed, width: int, height: int) -> float:
    """Of one evaluation, which costs more in tiles."""
    return speed.seconds(width, height) * (TILED_COST if width * height > TILE_PIXELS else 1)


def finest(a_plan: Plan) -> int:
    return max(sizes(a_plan)[-1])


def work(a_plan: Plan) -> float:
    """Pixels that are evaluated, all in all."""
    last = a_plan.levels[-1]
    further = (a_plan.frames - 1) * a_plan.frame_evaluations * last.width * last.height
    return further + sum(level.evaluations * level.width * level.height for level in a_plan.levels)


@given(settings, sides, sides, speeds, frame_counts, memories)
def test_every_request_gets_a_plan(
    settings: Settings, width: int, height: int, speed: Speed, frames: int, memory: int | None
) -> None:
    made = make_plan(settings, width, height, speed, frames=frames, memory=memory)
    pyramid = PYRAMIDS[settings.recipe]
    long_sides = [max(size) for size in sizes(made)]
    assert long_sides == sorted(long_sides)
    assert all(min(size) >= SHORTEST for size in sizes(made))
    assert all(w % pyramid.grid == 0 == h % pyramid.grid for w, h in sizes(made))
    assert all(level.evaluations >= 1 for level in made.levels)
    assert made.levels[-1].evaluations <= (settings.evaluations or pyramid.most)
    assert (made.recipe, made.precision, made.frames) == (settings.recipe, speed.precision, frames)

    def of_one(width: int, height: int) -> float:
        return pyramid.cost_of(width, height) * seconds(speed, width, height)

    evaluations = sum(e.evaluations * of_one(e.width, e.height) for e in made.levels)
    wanted = evaluations + (frames - 1) * made.frame_evaluations * of_one(*sizes(made)[-1])
    assert made.seconds - SECONDS_AROUND == pytest.approx(wanted, abs=0.1, rel=1e-6)


@given(settings, sides, sides, speeds, memories)
def test_the_result_has_the_pictures_shape_and_is_never_larger_than_asked(
    settings: Settings, width: int, height: int, speed: Speed, memory: int | None
) -> None:
    made = make_plan(settings, width, height, speed, memory=memory)
    result = made.result_size
    box = PRESETS.get(settings.preset) if settings.preset else None
    if box is not None:
        assert result[0] <= box.width
        assert result[1] <= box.height
        assert result[0] == box.width or result[1] == box.height
        width, height = (box.width, box.height) if box.cropped else (width, height)
    else:
        asked = settings.size or max(PYRAMIDS[settings.recipe].sizes)
        assert max(result) <= asked
        assert max(result) == asked or settings.size is None or made.notes
        assert abs(finest(made) - max(result)) <= GRID / 2
    scale = max(result) / max(width, height)
    for side, original in zip(result, (width, height), strict=True):
        assert side == max(1, round(original * scale))


@given(settings, sides, sides, speeds, frame_counts)
def test_a_plan_fits_the_budget_when_it_can(
    settings: Settings, width: int, height: int, speed: Speed, frames: int
) -> None:
    """Over it, the plan is the least that the recipe allows."""
    made = make_plan(settings, width, height, speed, frames=frames)
    pyramid = PYRAMIDS[settings.recipe]
    budget = settings.budget or pyramid.budget * (5 if frames > 1 else 1)
    if made.seconds > budget + 0.1 and settings.start is not Start.PREVIOUS:
        *_, base = [e for e in made.levels if max(e.width, e.height) <= LARGE_SIDE] or [made.levels[0]]
        fewest = pyramid.fewest if base is made.levels[-1] else pyramid.enough
        fewest = min(fewest, settings.evaluations or fewest)
        least_frames = frames > 1 and made.frame_evaluations <= pyramid.frame_fewest
        assert base.evaluations == fewest or least_frames
        if settings.size is None and settings.preset is None:
            assert max(made.result_size) == min(pyramid.sizes)


@given(settings, sides, sides, speeds, frame_counts, st.floats(1, 100))
def test_a_larger_budget_never_paints_less(
    settings: Settings, width: int, height: int, speed: Speed, frames: int, times: float
) -> None:
    budget = settings.budget or 60.0
    less, more = (
        make_plan(settings.model_copy(update={"budget": seconds}), width, height, speed, frames=frames)
        for seconds in (budget, budget * times)
    )
    assert max(less.result_size) <= max(more.result_size)
    if less.result_size == more.result_size:
        assert work(less) <= work(more)


@given(settings, sides, sides, speeds, frame_counts, st.integers(0, 10**10), st.integers(0, 10**10))
def test_memory_is_respected_and_what_that_costs_is_said(
    settings: Settings, width: int, height: int, speed: Speed, frames: int, some: int, extra: int
) -> None:
    free, less, more = (
        make_plan(settings, width, height, speed, frames=frames, memory=memory)
        for memory in (None, some, some + extra)
    )
    assert finest(less) <= finest(more) <= finest(free)
    smallest = min(finest(free), 64)
    assert needed_bytes(*sizes(less)[-1]) <= some or finest(less) == smallest
    assert bool(less.notes) == (finest(less) < finest(free))
    assert free.notes == ()
    if settings.preset is not None:
        assert less.result_size == free.result_size


def test_the_note_says_both_sizes() -> None:
    made = plan(SLOW_CPU, size=4096, memory=3 * 10**9)
    (note,) = made.notes
    assert note.code is NoteCode.SMALLER_FOR_MEMORY
    assert max(made.result_size) in SIZES
    assert note.facts == {"wanted": 4096, "size": max(made.result_size)}


def test_more_pixels_never_need_less_memory() -> None:
    needs = [needed_bytes(side, side) for side in (*SIZES, *ASKED_SIZES)]
    assert needs == sorted(needs)
    assert needed_bytes(4096, 2736) < 4096 * 2736 * 1000  # tiled


@pytest.mark.parametrize("speed", [SLOW_CPU, FAST_CPU, GPU])
def test_many_pictures_go_over_the_same_levels(speed: Speed) -> None:
    """Of 2000 pictures of any shape from 1:2 to 2:1, each of which would otherwise have shapes of its own."""
    widths = np.random.default_rng(0).integers(500, 2000, 2000)
    shapes = {size for width in widths for size in sizes(plan(speed, int(width), 1000))}
    assert len(shapes) <= 130


def test_a_slow_machine_paints_384_pixels_in_about_a_minute() -> None:
    made = plan(SLOW_CPU, size=384)
    assert sizes(made)[-1] == (384, 256)
    assert made.levels[-1].evaluations > PYRAMIDS[RecipeName.STANDARD].enough
    assert 40 < made.seconds <= 60
    assert 384 <= finest(plan(SLOW_CPU)) <= 512


def test_a_faster_machine_paints_larger_and_better() -> None:
    assert finest(plan(FAST_CPU)) > 384
    assert finest(plan(GPU)) == 1024
    assert plan(GPU).levels[-1].evaluations == PYRAMIDS[RecipeName.STANDARD].most
    assert plan(GPU).seconds < plan(SLOW_CPU).seconds


def test_a_draft_takes_about_ten_seconds() -> None:
    for speed in (SLOW_CPU, FAST_CPU):
        assert 4 < plan(speed, recipe="draft").seconds <= 10


def test_fine_takes_more_time_than_standard_and_uses_it() -> None:
    for speed in (SLOW_CPU, FAST_CPU, GPU):
        assert work(plan(speed, recipe="fine")) > 2 * work(plan(speed))


def test_a_size_that_is_asked_for_is_kept_whatever_it_costs() -> None:
    made = plan(Speed(0.02, 20), size=1000)
    assert made.result_size == (1000, 667)
    assert sizes(made)[-1] == (992, 672)
    assert made.levels[-1].evaluations == PYRAMIDS[RecipeName.STANDARD].fewest
    assert made.seconds > PYRAMIDS[RecipeName.STANDARD].budget


def test_large_pictures_are_painted_smaller_and_refined() -> None:
    made = plan(GPU, size=4096)
    large = [level for level in made.levels if max(level.width, level.height) > LARGE_SIDE]
    assert made.result_size == (4096, 2733)
    assert [max(level.width, level.height) for level in large] == [2048, 4096]
    assert all(level.evaluations == PYRAMIDS[RecipeName.STANDARD].large for level in large)
    assert made.levels[: -len(large)] == plan(GPU, size=1024).levels
    assert finest(plan(Speed(0.0, 1e-6))) == LARGE_SIDE  # never chosen, however fast


def test_whoever_asks_for_more_evaluations_gets_what_the_budget_allows() -> None:
    assert plan(GPU, size=256, evaluations=500).levels[-1].evaluations == 500
    assert plan(SLOW_CPU, size=256, evaluations=500).seconds <= PYRAMIDS[RecipeName.STANDARD].budget


def test_coarser_levels_get_more_evaluations_and_cost_less() -> None:
    made = plan(GPU, size=512)
    counts = [level.evaluations for level in made.levels]
    assert counts == sorted(counts, reverse=True)
    assert equivalent_evaluations(made.levels) < 2 * counts[-1]


@pytest.mark.parametrize("recipe", RecipeName)
@pytest.mark.parametrize("speed", [SLOW_CPU, FAST_CPU, GPU])
def test_going_on_from_an_earlier_result_takes_half_at_the_same_sizes(
    recipe: RecipeName, speed: Speed
) -> None:
    full = plan(speed, recipe=recipe)
    more = plan(speed, recipe=recipe, start="previous")
    assert more.result_size == full.result_size
    assert sizes(more) == sizes(full)
    for level, whole in zip(more.levels, full.levels, strict=True):
        assert level.evaluations == max(round(whole.evaluations / 2), 1)


@pytest.mark.parametrize("recipe", [RecipeName.DRAFT, RecipeName.STANDARD, RecipeName.FINE])
@pytest.mark.parametrize("speed", [FAST_CPU, GPU])
def test_an_animation_may_take_five_budgets_and_is_smaller_the_longer_it_is(
    recipe: RecipeName, speed: Speed
) -> None:
    plans = [plan(speed, recipe=recipe, frames=frames) for frames in range(2, MAX_PAINTED_FRAMES + 1)]
    long_sides = [finest(made) for made in plans]
    assert long_sides == sorted(long_sides, reverse=True)
    for made in plans:
        assert made.seconds <= 5 * PYRAMIDS[recipe].budget
        assert made.levels[-1].evaluations >= made.frame_evaluations >= 3
    assert finest(plan(SLOW_CPU, frames=48)) < finest(plan(SLOW_CPU, frames=2))


def test_a_budget_that_is_asked_for_is_for_all_frames() -> None:
    made = plan(FAST_CPU, frames=10, budget=60)
    assert made.seconds <= 60
    assert made.frame_evaluations >= 3
    assert plan(FAST_CPU, frames=10, evaluations=2).frame_evaluations == 2


@pytest.mark.parametrize("frames", [0, MAX_PAINTED_FRAMES + 1])
def test_impossible_numbers_of_frames_are_a_mistake(frames: int) -> None:
    with pytest.raises(ValueError, match="cannot be planned"):
        plan(GPU, frames=frames)


@pytest.mark.parametrize(
    ("preset", "result"),
    [
        (Preset.EMOJI, (128, 85)),
        (Preset.STICKER, (320, 214)),
        (Preset.AVATAR, (512, 512)),
        (Preset.BANNER, (960, 540)),
    ],
)
def test_a_preset_decides_the_size(preset: Preset, result: tuple[int, int]) -> None:
    for speed in (SLOW_CPU, GPU):
        assert plan(speed, preset=preset).result_size == result
    assert plan(GPU, preset=preset, size=300).result_size == result


def test_a_plan_says_in_which_numbers_the_speed_was_measured() -> None:
    assert plan(Speed(0.01, 3.0, Precision.BFLOAT16)).precision is Precision.BFLOAT16

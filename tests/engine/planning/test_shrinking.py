"""A plan for which there is too little memory is made smaller once, keeps the picture's shape, and says so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.planning.abilities import needed_by
from engine.planning.auditions import plan_audition
from engine.planning.cost_model import Speed
from engine.planning.planner import make_plan
from engine.planning.shrinking import is_shrunk, shrunk
from engine.protocol import Note, NoteCode, Precision, Preset, RecipeName, Settings, Start

SPEED = Speed(0.004, 0.15, Precision.BFLOAT16)
settings = st.builds(
    Settings,
    recipe=st.sampled_from(RecipeName),
    size=st.none() | st.integers(64, 4096),
    preset=st.none() | st.sampled_from(Preset),
    start=st.sampled_from(Start),
)
sides = st.integers(64, 5000)


@given(settings, sides, sides, st.integers(1, 12))
def test_it_needs_half_and_has_the_same_shape(wish: Settings, width: int, height: int, frames: int) -> None:
    plan = make_plan(wish, width, height, SPEED, frames=frames)
    smaller = shrunk(plan, wish, SPEED, needed_by(plan) // 2)
    if smaller is None:
        assert min(side for level in plan.levels[-1:] for side in (level.width, level.height)) <= 64
        return
    assert needed_by(smaller) < needed_by(plan)
    assert smaller.frames == plan.frames
    assert is_shrunk(smaller)
    assert shrunk(smaller, wish, SPEED, 0) is None
    was, now = plan.result_size, smaller.result_size
    if wish.preset is not None:
        assert now == was
    else:
        assert now[0] / now[1] == pytest.approx(was[0] / was[1], rel=1.5 / min(now))


def test_a_member_is_told_of_the_size_that_was_wished_for_and_of_the_one_that_there_is() -> None:
    wish = Settings(size=2048)
    plan = make_plan(wish, 3000, 2000, SPEED, memory=4 * 10**9)
    assert [note.code for note in plan.notes] == [NoteCode.SMALLER_FOR_MEMORY]
    odd = Note.of(NoteCode.FIRST_FRAME, frames=3)
    smaller = shrunk(plan.model_copy(update={"notes": (*plan.notes, odd)}), wish, SPEED, needed_by(plan) // 2)
    assert smaller is not None
    told, other = smaller.notes
    assert (told.code, other) == (NoteCode.SHRUNK_FOR_MEMORY, odd)
    assert told.facts == {"wanted": 2048, "size": max(smaller.result_size)}
    assert needed_by(smaller) <= needed_by(plan) // 2


def test_another_workers_precision_is_kept() -> None:
    plan = make_plan(Settings(size=1024), 1024, 1024, SPEED)
    smaller = shrunk(plan, Settings(size=1024), Speed(1.0, 1.0), 10**9)
    assert smaller is not None
    assert smaller.precision is Precision.BFLOAT16


def test_an_audition_is_small_as_it_is() -> None:
    plan = plan_audition(make_plan(Settings(), 640, 480, SPEED), 4, SPEED)
    assert shrunk(plan, Settings(), SPEED, 0) is None

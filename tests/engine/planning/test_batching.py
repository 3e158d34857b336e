"""Which paintings share a batch: those who queue and those who paint ask the same question."""

import pytest

from engine.planning.batching import can_be_batched
from engine.protocol import Level, Plan, RecipeName, Settings, Start

PLAN = Plan(recipe=RecipeName.STANDARD, levels=(Level(width=32, height=32, evaluations=1),), seconds=1)


@pytest.mark.parametrize(
    ("start", "frames", "is_guided", "expected"),
    [
        (Start.CONTENT, 1, False, True),
        (Start.CONTENT, 1, True, False),
        (Start.CONTENT, 2, False, False),
        (Start.NOISE, 1, False, False),
        (Start.PREVIOUS, 1, False, False),
    ],
)
def test_a_whole_still_picture_that_starts_from_itself(
    start: Start, frames: int, is_guided: bool, expected: bool
) -> None:
    plan = PLAN.model_copy(update={"frames": frames})
    assert can_be_batched(Settings(start=start), plan, is_guided=is_guided) is expected


def test_plans_share_a_batch_key_whatever_the_size_of_their_results() -> None:
    assert PLAN.batch_key == PLAN.model_copy(update={"width": 30, "seconds": 9}).batch_key
    longer = PLAN.levels[0].model_copy(update={"evaluations": 2})
    assert PLAN.batch_key != PLAN.model_copy(update={"levels": (longer,)}).batch_key

"""What is kept of styles between the jobs of one session, which changes none of them."""

import numpy as np
import pytest

from engine.images import Picture
from engine.painting.scene import Scene, Style
from engine.painting.session import Session
from engine.protocol import Level, Plan, Precision, RecipeName, Settings

pytestmark = pytest.mark.integration

SIDE = 32


@pytest.fixture
def plan() -> Plan:
    levels = (Level(width=SIDE, height=SIDE, evaluations=1),)
    return Plan(recipe=RecipeName.STANDARD, levels=levels, seconds=1)


def noisy(seed: int) -> Picture:
    return Picture(np.random.default_rng(seed).integers(0, 256, (SIDE, SIDE, 3), np.uint8))


def test_an_opaque_picture_can_be_painted_after_a_transparent_one_in_the_same_style(plan: Plan) -> None:
    """Of both the style's moments are the same numbers, in one region or in none."""
    session, style, opaque = Session(precision=Precision.FLOAT32), Style(noisy(1)), noisy(2)
    alpha = np.full((SIDE, SIDE), 255, np.uint8)
    alpha[: SIDE // 2] = 0
    for content in (Picture(opaque.rgb, alpha), opaque):
        *_, last = session.paint(Scene(content, [style]), plan, Settings())
        assert not np.array_equal(last.picture().rgb, opaque.rgb)

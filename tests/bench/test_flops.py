"""What planning assumes of an evaluation is what its operations are."""

import pytest

from bench import flops
from engine.nst import vgg
from engine.nst.recipes import RECIPES
from engine.planning.planner import PYRAMIDS
from engine.protocol import RecipeName

pytestmark = pytest.mark.network


def test_what_an_evaluation_costs_follows_from_its_operations() -> None:
    """At each size, as against a small one."""
    network = vgg.load()
    standard, pyramid = RECIPES[RecipeName.STANDARD], PYRAMIDS[RecipeName.STANDARD]
    small = flops.of_evaluation(network, standard, 128, 128) / 128**2
    for width, height in (*((side, side) for side in (256, 512, 768, 1024)), (1024, 32), (16, 1024)):
        found = flops.of_evaluation(network, standard, width, height) / (width * height)
        assert pyramid.cost_of(width, height) == pytest.approx(found / small, rel=0.03)


@pytest.mark.parametrize("recipe", RecipeName)
def test_a_plan_knows_what_a_recipe_looks_at(recipe: RecipeName) -> None:
    assert PYRAMIDS[recipe].view == RECIPES[recipe].view

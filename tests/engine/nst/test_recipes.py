"""What a recipe is at each size."""

import pytest

from engine.nst import vgg
from engine.nst.parameterisation import Shape
from engine.nst.recipes import LEAST_SIDE, RECIPES, STANDARD, STUDY


@pytest.mark.parametrize(
    ("shape", "shrink"),
    [((256, 256), 1), ((511, 384), 1), ((336, 512), 2), ((768, 512), 3), ((2736, 4096), 16)],
)
def test_a_level_beyond_the_view_is_looked_at_from_afar(shape: Shape, shrink: int) -> None:
    recipe = STANDARD.at(shape)
    assert recipe.content_octave.shrink == shrink
    assert recipe.is_beyond_view is (shrink > 1)


def test_no_recipe_looks_beyond_what_tells_a_network_from_others() -> None:
    names = vgg.layer_names()
    for recipe in (*RECIPES.values(), STUDY):
        layers = {name for octave in recipe.octaves for name in octave.style_layers}
        layers |= {recipe.content_layer, *(layer for layer, _ in recipe.structure)}
        assert max(map(names.index, layers)) <= names.index(vgg.DEEPEST)


@pytest.mark.parametrize("shape", [(16, 1024), (32, 1024), (1024, 48), (112, 4096)])
def test_from_afar_the_deepest_block_still_sees_a_very_narrow_picture(shape: Shape) -> None:
    assert min(shape) // STANDARD.at(shape).content_octave.shrink >= LEAST_SIDE

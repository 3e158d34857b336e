"""What decides how the styles of a picture are seen."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from engine.images import Picture
from engine.nst.recipes import RECIPES
from engine.painting.scene import LARGEST_STYLE, Scene, Style
from engine.protocol import Colours, RecipeName, Settings

SMALL = Picture(np.random.default_rng(0).integers(0, 256, (60, 90, 3), np.uint8))
OPAQUE = Picture(np.zeros((30, 45, 3), np.uint8))


def test_who_reads_a_job_does_not_load_tensorflow() -> None:
    """A worker reads it before it has chosen a device."""
    script = (
        "import sys, engine.painting.scene, engine.painting.progress; assert 'tensorflow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize("recipe", [RecipeName.STANDARD, RecipeName.TUTORIAL])
def test_a_small_style_is_enlarged_only_where_the_recipe_says_so(recipe: RecipeName) -> None:
    (transfer,) = Scene(OPAQUE, [Style(SMALL)]).transfers(Settings())
    side = transfer.style_side(RECIPES[recipe], 256, SMALL)
    assert side == (256 if RECIPES[recipe].enlarges_style else 90)


def test_no_style_is_seen_larger_than_it_can_be_measured() -> None:
    (transfer,) = Scene(OPAQUE, [Style(SMALL)]).transfers(Settings(style_scale=2))
    recipe = replace(RECIPES[RecipeName.STANDARD], enlarges_style=True)
    assert transfer.style_side(recipe, 4096, SMALL) == LARGEST_STYLE


@pytest.mark.parametrize(("width", "height"), [(300, 200), (200, 200), (300, 225), (320, 180), (180, 320)])
def test_a_style_is_seen_as_long_as_a_picture_of_a_usual_shape(width: int, height: int) -> None:
    assert side_for(width, height) == 256


@pytest.mark.parametrize(("width", "height"), [(2000, 250), (250, 2000), (900, 300)])
def test_a_style_is_as_large_for_a_panorama_as_for_a_usual_picture_of_its_area(
    width: int, height: int
) -> None:
    short = 256 * min(width, height) / max(width, height)
    side = side_for(width, height)
    assert side * side * 9 / 16 == pytest.approx(256 * short, rel=0.01)


def test_a_panorama_sees_one_of_its_own_shape_as_it_is() -> None:
    assert side_for(1900, 1000, style=(950, 500)) == 256
    assert side_for(1000, 1900, style=(950, 500)) == 256


def side_for(width: int, height: int, style: tuple[int, int] = (900, 600)) -> int:
    """Of a style of this size, for a picture of this shape that is 256 pixels long."""
    large = Picture(np.zeros((style[1], style[0], 3), np.uint8))
    (transfer,) = Scene(Picture(np.zeros((height, width, 3), np.uint8)), [Style(large)]).transfers(Settings())
    return transfer.style_side(RECIPES[RecipeName.STANDARD], 256, large)


def test_a_mask_or_transparency_guides() -> None:
    mask = np.full((3, 3), 255, np.uint8)
    clear = Picture(OPAQUE.rgb, np.zeros((30, 45), np.uint8))
    assert not Scene(OPAQUE, [Style(SMALL)]).is_guided
    assert Scene(OPAQUE, [Style(SMALL), Style(SMALL, mask=mask)]).is_guided
    assert Scene(clear, [Style(SMALL)]).is_guided


def test_hidden_colours_are_not_matched() -> None:
    """What is transparent may hold any colours."""
    alpha = np.zeros((30, 45), np.uint8)
    alpha[:, :20] = 255
    matched = []
    for hidden in (0, 200):
        rgb = np.random.default_rng(1).integers(0, 256, (30, 45, 3), np.uint8)
        rgb[:, 20:] = hidden
        (transfer,) = Scene(Picture(rgb, alpha), [Style(SMALL)]).transfers(Settings(colours=Colours.MATCHED))
        matched.append(transfer.recoloured[0].rgb)
    first, second = matched
    np.testing.assert_array_equal(first, second)

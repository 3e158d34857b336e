"""A picture in tiles: the same losses and gradients as in one piece, and no seams."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from engine.nst import vgg
from engine.nst.lbfgs import LbfgsSettings
from engine.nst.level import LevelImages, WholeLevel, structure_of
from engine.nst.recipes import RECIPES, Recipe
from engine.nst.tiled_level import ALIGNMENT, HALO, PAIRS, TiledLevel, windows
from engine.protocol import RecipeName
from tests.engine.nst.targets import targets_of

RECIPE = replace(
    RECIPES[RecipeName.STANDARD],
    border=0.0,
    view=64,
    laplacian_depth=1,
    optimiser=LbfgsSettings(pairs=PAIRS),
)
SHAPE = (96, 320)  # H, W: beside each other are several tiles, above each other is one
TILE = 192
SIDES = st.integers(1, 40).map(lambda n: n * ALIGNMENT)
SHIFTS = st.integers(0, 40).map(lambda n: n * ALIGNMENT)


@given(height=SIDES, width=SIDES, tile=st.integers(5, 24), down=SHIFTS, across=SHIFTS)
def test_tiles_cover_a_picture_exactly_once(
    height: int, width: int, tile: int, down: int, across: int
) -> None:
    side = tile * ALIGNMENT
    count = np.zeros((height, width), int)
    extent = min(side, height), min(side, width)
    for window in windows((height, width), extent, (down, across)):
        (top, bottom), (left, right) = window.rows, window.columns
        count[top:bottom, left:right] += 1
        assert 0 <= window.top <= top < bottom <= window.top + extent[0] <= height
        assert 0 <= window.left <= left < right <= window.left + extent[1] <= width
        for begin, end, start, length, whole in (
            (top, bottom, window.top, extent[0], height),
            (left, right, window.left, extent[1], width),
        ):
            assert start % ALIGNMENT == 0
            assert start == 0 or begin - start >= HALO  # it sees its surroundings
            assert start + length == whole or start + length - end >= HALO
    assert count.min() == count.max() == 1


@pytest.fixture(scope="module")
def images() -> tuple[tf.Tensor, tf.Tensor]:
    """A smooth content and a rougher style, (1, H, W, 3)."""
    noise = tf.random.stateless_normal([1, 6, 20, 3], (1, 2)) * 60
    return tf.image.resize(noise, SHAPE, "bicubic"), tf.image.resize(noise[:, ::-1], (48, 160))


Levels = Callable[[Recipe], tuple[WholeLevel, TiledLevel, list[None]]]


@pytest.fixture(scope="module")
def levels(network: vgg.Network) -> Levels:
    """By recipe: a level in one piece, the same in tiles, and the signs of life that this one has given; the last is kept."""

    @lru_cache(maxsize=1)
    def made(recipe: Recipe) -> tuple[WholeLevel, TiledLevel, list[None]]:
        seen: list[None] = []
        tiled = TiledLevel(network, recipe, SHAPE, tile=TILE, beat=lambda: seen.append(None))
        return WholeLevel(network, structure_of(recipe, SHAPE)), tiled, seen

    return made


@pytest.mark.integration
@pytest.mark.parametrize(
    ("recipe", "direction"),
    [(RECIPES[RecipeName.TUTORIAL], "_first"), (RECIPE, "_gradient")],
    ids=["tutorial", "ours"],
)
def test_an_evaluation_in_tiles_is_that_in_one_piece(
    levels: Levels, images: tuple[tf.Tensor, tf.Tensor], recipe: Recipe, direction: str
) -> None:
    """But for what the deepest layers would see beyond a tile's halo."""
    content, style = images
    whole, tiled, seen = levels(recipe)
    change = tf.image.resize(tf.random.stateless_normal([1, 12, 40, 3], (3, 4)) * 20, SHAPE)
    targets = targets_of(whole, content, style)
    _, expected, _ = next(whole.run(LevelImages(content, targets, 1), change))
    in_tiles = targets._replace(content=tiled.content_targets(content))
    seen.clear()
    _, found, _ = next(tiled.run(LevelImages(content, in_tiles, 1), change))
    assert len(seen) >= 4  # a sign of life for each tile, on the way there and back
    np.testing.assert_allclose(found, expected, rtol=5e-3)
    gradients = [level.optimiser.state[direction].numpy()[0] for level in (whole, tiled)]
    assert np.dot(*gradients) / np.prod([np.linalg.norm(each) for each in gradients]) > 0.999


def test_content_features_are_put_together_from_tiles(
    network: vgg.Network, images: tuple[tf.Tensor, tf.Tensor]
) -> None:
    """Exactly, as a halo is wider than what the content layer sees of a location's surroundings."""
    content, _ = images
    recipe = replace(RECIPE, view=None)
    whole = WholeLevel(network, structure_of(recipe, SHAPE)).content_targets(content)
    seen: list[None] = []
    tiles = TiledLevel(network, recipe, SHAPE, tile=TILE, beat=lambda: seen.append(None))
    tiled = tiles.content_targets(content)
    assert len(seen) == len(windows(SHAPE, (SHAPE[0], TILE), (0, 0)))
    np.testing.assert_allclose(tiled.features, whole.features, rtol=1e-3, atol=1e-2)


@pytest.mark.integration
def test_no_seam_shows(levels: Levels, images: tuple[tf.Tensor, tf.Tensor]) -> None:
    """Steps between neighbouring pixels are no larger along any line than elsewhere, as in one piece."""
    content, style = images
    whole, tiled, _ = levels(RECIPE)
    targets = targets_of(whole, content, style)
    steepest = []
    for level in (whole, tiled):
        targets = targets._replace(content=level.content_targets(content))
        *_, (_, _, best) = level.run(LevelImages(content, targets, 4), tf.zeros_like(content))
        across = np.abs(np.diff((best - content).numpy()[0], axis=1)).mean((0, 2))
        steepest.append(across.max() / np.median(across))
    assert steepest[1] < 1.15 * steepest[0]

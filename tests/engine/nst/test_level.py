"""A level in one piece, driven by itself."""

import numpy as np
import tensorflow as tf

from engine.nst import vgg
from engine.nst.level import LevelImages, WholeLevel, structure_of
from engine.nst.recipes import RECIPES
from engine.protocol import RecipeName
from tests.engine.nst.targets import targets_of


def test_nothing_of_an_earlier_job_shows_when_no_loss_is_a_number(network: vgg.Network) -> None:
    """The loop's variables are used again by the next job of the same shape, which may be somebody else's."""
    level = WholeLevel(network, structure_of(RECIPES[RecipeName.STANDARD], (32, 32)))
    earlier, later = tf.fill([1, 32, 32, 3], 90.0), tf.fill([1, 32, 32, 3], -90.0)
    targets = targets_of(level, earlier, earlier)
    list(level.run(LevelImages(earlier, targets, 2), tf.zeros_like(earlier)))
    nothing = tf.fill(targets.content.features.shape, np.nan)
    unusable = targets._replace(content=targets.content._replace(features=nothing))
    *_, (_, _, best) = level.run(LevelImages(later, unusable, 2), tf.ones_like(later))
    np.testing.assert_allclose(best - later, 1.0, atol=1e-4)
    # Of a level that is done only what the next goes on from is in memory.
    long = {name for name, each in level.state.items() if tf.size(each) >= tf.size(best)}
    assert long == set(level.settled)

"""One network for all tests of the maths: loading it is what takes time."""

import tensorflow as tf

from engine.nst import losses, vgg
from engine.nst.losses import StyleStatistics
from engine.nst.stylize import Level, Targets
from tests.engine.network import forgotten, loaded_once, network, studio

__all__ = ["forgotten", "loaded_once", "network", "studio"]


def targets_of(level: Level, content: tf.Tensor, style: tf.Tensor, strength: float = 50) -> Targets:
    """What an image (1, H, W, 3) is compared with, for one style image of any size, everywhere."""
    statistics = [
        layer for octave in level.recipe.octaves for layer in level.objective.style_of(style, octave)
    ]
    stacked = [StyleStatistics(moments[None], spread[None]) for moments, spread in statistics]
    return level.objective.targets(
        stacked, level.content_targets(content), tf.constant([strength], tf.float32)
    )


def seen_of(features: tf.Tensor) -> vgg.Seen:
    """What `engine.nst.vgg` gives beside features (B, h, w, C)."""
    return vgg.Seen(features, tf.reduce_sum(tf.cast(features, tf.float32), [1, 2]))


def moments(features: tf.Tensor) -> tf.Tensor:
    """See `losses.Located`."""
    return losses.located(seen_of(features), cells=False, border=False).moments

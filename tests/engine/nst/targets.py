"""What an image is compared with in tests of the levels."""

import tensorflow as tf

from engine.nst.level import WholeLevel
from engine.nst.objective import Targets


def targets_of(level: WholeLevel, content: tf.Tensor, style: tf.Tensor, strength: float = 50) -> Targets:
    """What an image (1, H, W, 3) is compared with, for one style image of any size, everywhere."""
    moments = [
        layer[None] for octave in level.recipe.octaves for layer in level.objective.style_of(style, octave)
    ]
    return level.objective.targets(
        moments, level.content_targets(content), tf.constant([strength], tf.float32)
    )

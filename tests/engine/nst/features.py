"""Features for tests of what is measured of them."""

import numpy as np
import tensorflow as tf

from engine.nst import losses, vgg


def features(height: int, width: int, channels: int = 4, seed: int = 0) -> tf.Tensor:
    """Random ones (1, height, width, channels)."""
    sample = np.random.default_rng(seed).normal(size=(1, height, width, channels))
    return tf.constant(sample, tf.float32)


def layer_features(features: tf.Tensor) -> vgg.LayerFeatures:
    """What `engine.nst.vgg` gives beside features (B, h, w, C)."""
    return vgg.LayerFeatures(features, tf.reduce_sum(tf.cast(features, tf.float32), [1, 2]))


def moments(features: tf.Tensor) -> tf.Tensor:
    """See `losses.LayerStatistics`."""
    return losses.layer_statistics(layer_features(features)).moments

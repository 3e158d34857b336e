"""Bytes and the network's range: float32 images (B, H, W, 3), BGR, 0-255 with MEAN subtracted.

That is VGG's native "Caffe" range, as in `keras.applications.vgg19.preprocess_input`.
"""

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

MEAN = np.array([103.939, 116.779, 123.68], np.float32)  # BGR, of ImageNet


def to_tensor(rgb: NDArray[np.uint8]) -> tf.Tensor:
    """(H, W, 3) RGB bytes -> (1, H, W, 3) in the network's range."""
    return tf.constant(rgb[None, ..., ::-1].astype(np.float32) - MEAN)


def changed(rgb: NDArray[np.uint8], change: NDArray[np.float32]) -> NDArray[np.uint8]:
    """RGB bytes (H, W, 3) with a change (H, W, 3) in the network's range added, rounded and clipped."""
    sums = change[..., ::-1] + rgb
    np.rint(sums, out=sums)  # in place: new memory takes longer than the arithmetic
    np.clip(sums, 0, 255, out=sums)
    return sums.astype(np.uint8)


def clip(image: tf.Tensor, margin: float = 0.0) -> tf.Tensor:
    """Keep each colour of images (B, H, W, 3) within what a byte can hold, less `margin` grey levels at both
    ends.
    """
    # Bounds for a whole row of pixels: to broadcast those of one pixel takes three times as long.
    shape = tf.shape(image)
    low, high = (tf.tile(bounds, shape[2:3]) for bounds in (margin - MEAN, 255 - margin - MEAN))
    rows = tf.reshape(image, [-1, tf.size(low)])
    return tf.reshape(tf.minimum(tf.maximum(rows, low), high), shape)

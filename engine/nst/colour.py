"""Keeping a picture's own colours while its brightness is painted (Gatys et al., arXiv:1606.05897, luminance only)."""

import tensorflow as tf

LUMA = (0.114, 0.587, 0.299)  # of BGR, ITU-R BT.601


def luma(image: tf.Tensor) -> tf.Tensor:
    """(1, H, W, 3) BGR -> (1, H, W, 1)."""
    return tf.reduce_sum(image * LUMA, -1, keepdims=True)


def with_colours_of(painted: tf.Tensor, content: tf.Tensor) -> tf.Tensor:
    """The painted luma with the content's chroma: adding the same to B, G and R changes neither Cb nor Cr.

    Both (1, H, W, 3), BGR in any one offset; the result may leave the range of a byte.
    """
    return content + luma(painted) - luma(content)

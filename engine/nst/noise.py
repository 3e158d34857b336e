"""Seeded noise: what a picture starts from, and the grain that each level starts with.

Rule: a seed and a shape give one sample, so that the same request gives the same picture.
"""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from engine.nst.colour import LUMA
from engine.nst.parameterisation import Shape

AMPLITUDE = 15.0  # grey levels, of a picture that starts from noise
LAPLACIAN_GAIN = 4**2 + 4  # how much larger the discrete Laplacian makes the variance of white noise


def noise(shape: Shape, amplitude: float, seed: int, *, colours: int = 3) -> tf.Tensor:
    """Gaussian noise (1, H, W, colours) in grey levels: what makes one seed's picture differ from another's."""
    sample: NDArray[np.float64] = np.random.default_rng(seed).normal(0.0, 1.0, (1, *shape, colours))
    return tf.constant(sample * amplitude, tf.float32)


def roughness(images: tf.Tensor, where: NDArray[np.float32] | None = None) -> tf.Tensor:
    """(B, H, W, 3) in BGR -> (B,): the grey levels of white noise that has as much of the finest detail.

    That is measured as the root mean square of the luma's discrete Laplacian.
    where: (H, W), how much each place counts, if not all count the same.
    """
    # Through the host, where it takes a fifth of the time of the operations one by one.
    luma = np.pad(np.asarray(images) @ LUMA[::-1], ((0, 0), (1, 1), (1, 1)), "symmetric")
    around = luma[:, :-2, 1:-1] + luma[:, 2:, 1:-1] + luma[:, 1:-1, :-2] + luma[:, 1:-1, 2:]
    laplacian = around - 4 * luma[:, 1:-1, 1:-1]
    weights = None if where is None else np.broadcast_to(where, laplacian.shape)
    power = np.average(np.square(laplacian), axis=(1, 2), weights=weights)
    return tf.constant(np.sqrt(power / LAPLACIAN_GAIN), tf.float32)


def grain(images: tf.Tensor, wanted: tf.Tensor, seeds: Sequence[int]) -> tf.Tensor:
    """Noise (B, H, W, 1), the same in all colours, that makes images (B, H, W, 3) as rough as `wanted` (B,)."""
    missing = tf.sqrt(tf.nn.relu(tf.square(wanted) - tf.square(roughness(images))))
    height, width = images.shape[1:3]
    samples = tf.concat([noise((height, width), 1.0, seed, colours=1) for seed in seeds], 0)
    return samples * missing[:, None, None, None]

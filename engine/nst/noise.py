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
QUARTER_OF_NORMAL = 0.3186  # of the standard normal distribution: a quarter of it is nearer to 0
# Of 22 paintings and studies, at 64 to 512 pixels, the most uneven is 4.7 times as rough as its flattest quarter.
MOST_UNEVEN = 5.0


def noise(shape: Shape, amplitude: float, seed: int, *, colours: int = 3) -> tf.Tensor:
    """Gaussian noise (1, H, W, colours) in grey levels: what makes one seed's picture differ from another's."""
    sample: NDArray[np.float64] = np.random.default_rng(seed).normal(0.0, 1.0, (1, *shape, colours))
    return tf.constant(sample * amplitude, tf.float32)


def roughness(images: tf.Tensor) -> tf.Tensor:
    """(B, H, W, 3) in BGR -> (B,): the grey levels of white noise that has as much of the finest detail.

    That is measured as the root mean square of the luma's discrete Laplacian.
    """
    return tf.constant(np.sqrt(np.square(_laplacian(images)).mean((1, 2))), tf.float32)


def texture(image: tf.Tensor, where: NDArray[np.float32] | None = None) -> float:
    """The `roughness` of an image (1, H, W, 3) that is all over it, as of a canvas; next to none of a flat graphic.

    Edges between flat areas are as rough as strokes, so it is at most MOST_UNEVEN times that of the flattest
    quarter. where: (H, W), 0 to 1, which part of the image counts; all if None, or if hardly anything does.
    """
    (found,) = np.abs(_laplacian(image))
    if where is not None and (where > 0.5).any():
        found = found[where > 0.5]
    rough, smooth = np.sqrt(np.square(found).mean()), np.quantile(found, 0.25) / QUARTER_OF_NORMAL
    return float(min(rough, MOST_UNEVEN * smooth))


def _laplacian(images: tf.Tensor) -> NDArray[np.float32]:
    """(B, H, W, 3) in BGR -> (B, H, W): of the luma, as large as white noise itself is."""
    # Through the host, where it takes a fifth of the time of the operations one by one.
    luma = np.pad(np.asarray(images) @ LUMA[::-1], ((0, 0), (1, 1), (1, 1)), "symmetric")
    around = luma[:, :-2, 1:-1] + luma[:, 2:, 1:-1] + luma[:, 1:-1, :-2] + luma[:, 1:-1, 2:]
    laplacian: NDArray[np.float32] = (around - 4 * luma[:, 1:-1, 1:-1]) / np.float32(np.sqrt(LAPLACIAN_GAIN))
    return laplacian


def grain(images: tf.Tensor, wanted: tf.Tensor, seeds: Sequence[int]) -> tf.Tensor:
    """Noise (B, H, W, 1), the same in all colours, that makes images (B, H, W, 3) as rough as `wanted` (B,)."""
    missing = tf.sqrt(tf.nn.relu(tf.square(wanted) - tf.square(roughness(images))))
    height, width = images.shape[1:3]
    samples = tf.concat([noise((height, width), 1.0, seed, colours=1) for seed in seeds], 0)
    return samples * missing[:, None, None, None]

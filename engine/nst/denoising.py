"""Noise of a photo, told from its texture and smoothed away: the network takes grit for content, and keeps it.

Rule: what is not surely noise stays, to the byte. Noise is everywhere, in the smoothest places too, and is as strong
at twice the size as at the finest; what is drawn or photographed is neither.
"""

from itertools import product

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]  # (height, width, 3)
Plane = NDArray[np.float32]  # (height, width, ...)

LEAST = 6.0  # grey levels (standard deviation) of noise that is seen in a painting
BLOCK = 8  # Haar coefficients of a block's side
SMOOTHEST = 0.1  # share of the blocks in which there is nothing but noise, if there is noise
BY_CHANCE = 0.885  # what noise of deviation 1 has at most in that share of the blocks
# Of noise the next larger details are as strong as the finest; of textures they are twice as strong, or more.
WHITENESS = 1.5
REACH = 4  # pixels: how far away patches are looked for that are alike
PATCH = 5  # pixels of a patch's side
MOST_SHARE = 0.5  # of a picture's variance: what is more of it is no noise, but what the picture is of
TOLERANCE = 0.5  # the bandwidth, in standard deviations of the noise


def noise_level(image: Rgb) -> float:
    """Standard deviation of the noise in an image (h, w, 3), in grey levels; 0 if it is texture or too small.

    From the diagonal Haar details (Donoho and Johnstone 1994) of the smoothest blocks.
    """
    channels = np.moveaxis(image.astype(np.float32), -1, 0)
    finest = float(np.mean([_smoothest(_diagonal(each)) for each in channels]))
    larger = float(np.mean([_smoothest(_diagonal(_halved(each))) for each in channels]))
    is_white = 0 < larger < WHITENESS * finest
    return finest if is_white and finest**2 < MOST_SHARE * channels.var((1, 2)).mean() else 0.0


def denoised(image: Rgb) -> Rgb:
    """The image (h, w, 3) with its noise smoothed; the same one if there is hardly any."""
    sigma = noise_level(image)
    return image if sigma < LEAST else _non_local_means(image, sigma)


def _non_local_means(image: Rgb, sigma: float) -> Rgb:
    """Each pixel the mean of those around it whose patches are alike (Buades, Coll and Morel 2005)."""
    height, width = image.shape[:2]
    # Channels first, in memory too: a sum over three neighbours takes several times as long.
    channels = np.moveaxis(image, -1, 0).astype(np.float32, order="C")
    padded = np.pad(channels, ((0, 0), (REACH, REACH), (REACH, REACH)), "symmetric")
    total, weights = np.zeros_like(channels), np.zeros((height, width), np.float32)
    for down, across in product(range(2 * REACH + 1), repeat=2):
        other = padded[:, down : down + height, across : across + width]
        difference = np.square(channels - other).mean(0)[None, ..., None]
        distance = np.asarray(tf.nn.avg_pool2d(difference, PATCH, 1, "SAME"))[0, ..., 0]
        # Of two noisy patches of one thing the mean squared difference is twice the noise's variance.
        beyond = np.maximum(distance / sigma**2 - 2, 0)
        weight = np.exp(-beyond / TOLERANCE**2)
        total += weight * other
        weights += weight
    smoothed: Rgb = np.moveaxis(np.clip(np.rint(total / weights), 0, 255).astype(np.uint8), 0, -1)
    return np.ascontiguousarray(smoothed)


def _quads(plane: Plane) -> tuple[Plane, Plane, Plane, Plane]:
    """The four corners of each 2 x 2 pixels."""
    height, width = (side // 2 * 2 for side in plane.shape)
    plane = plane[:height, :width]
    return plane[::2, ::2], plane[::2, 1::2], plane[1::2, ::2], plane[1::2, 1::2]


def _diagonal(plane: Plane) -> Plane:
    """Diagonal Haar details (h / 2, w / 2), orthonormal: of white noise as strong as that."""
    a, b, c, d = _quads(plane)
    return np.asarray((a - b - c + d) / 2, np.float32)


def _halved(plane: Plane) -> Plane:
    """The next approximation, orthonormal."""
    a, b, c, d = _quads(plane)
    return np.asarray((a + b + c + d) / 2, np.float32)


def _smoothest(details: Plane) -> float:
    """Standard deviation in the blocks that have least; 0 if there are no blocks."""
    height, width = (side // BLOCK for side in details.shape)
    if height * width == 0:
        return 0.0
    blocks = details[: height * BLOCK, : width * BLOCK].reshape(height, BLOCK, width, BLOCK)
    return float(np.sqrt(np.quantile(np.square(blocks).mean((1, 3)), SMOOTHEST))) / BY_CHANCE

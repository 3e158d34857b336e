"""What keeps a subject recognisable whatever its colours: what is where, what is light or dark, what differs from what.

Style and content losses let a cat become a wallpaper of waves: features of block 4 can be near the content's in sum while
nothing is where it was. So the deepest features are compared place by place, each channel less its mean and at unit
deviation, which leaves a style its colours and contrasts; and so are the lights and darks of a thumbnail, and how far
apart its colours are from each other (the self-distances of Kolkin et al.'s STROTSS, arXiv:1904.12785).

Rule: all of it is small, whatever the size of the picture, and what is transparent counts for nothing.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from engine.nst.colour import LUMA
from engine.nst.exact import working
from engine.nst.losses import locations

BLOCKS = 32  # along the long side of a picture's thumbnail
FLAT = 4.0  # grey levels (standard deviation) between blocks that hardly anybody sees
QUIET = 0.05  # of the channels' mean variance, that is added to each one's: one with hardly any counts less
ALIKE = 4.0  # squared difference of colours that is added to all, as a root has no gradient at 0


class SubjectTargets(NamedTuple):
    """What pictures are compared with; all of it has a row a picture.

    structure: what `normalised` makes of the content's features (B, h, w, C), layer by layer. tones, distances: of the
    content's `thumbnail`. seen: how much of each location of the structure's layers (B, h, w, 1) can be seen, and
    seen_blocks: of each block (B, n); None where nothing is transparent. blocks: what the thumbnail is made by.
    """

    structure: tuple[tf.Tensor, ...]
    tones: tf.Tensor
    distances: tf.Tensor
    seen: tuple[tf.Tensor | None, ...]
    seen_blocks: tf.Tensor | None
    blocks: "Blocks"


class Blocks(NamedTuple):
    """What makes the means of square blocks of images (B, H, W, C), BLOCKS of them along the long side.

    down: (h, H) and across: (w, W), the share that each row and each column has in each block's.
    """

    down: tf.Tensor
    across: tf.Tensor


def subject_targets(
    image: tf.Tensor, features: Sequence[tf.Tensor], visible: tf.Tensor | None = None
) -> SubjectTargets:
    """Of contents (B, H, W, 3) with these features of the structure's layers.

    visible: (B, H, W), 0 to 1; None where nothing is transparent.
    """
    blocks = blocks_of(*image.shape[1:3])
    seen: tuple[tf.Tensor | None, ...] = (None,) * len(features)
    seen_blocks: tf.Tensor | None = None
    if visible is not None:
        seen = tuple(tf.image.resize(visible[..., None], each.shape[1:3], "area") for each in features)
        seen_blocks = locations(thumbnail(visible[..., None], blocks))[..., 0]
    colours = locations(thumbnail(image, blocks))
    return SubjectTargets(
        tuple(normalised(*pair) for pair in zip(features, seen, strict=True)),
        tones(colours, seen_blocks),
        distances(colours, seen_blocks),
        seen,
        seen_blocks,
        blocks,
    )


def unlike_structure(features: Sequence[tf.Tensor], targets: SubjectTargets) -> list[tf.Tensor]:
    """(B,) of each layer's features (B, h, w, C): 1 less the correlation with the content's, over all channels."""
    return [
        tf.reduce_mean(_mean(tf.math.squared_difference(normalised(each, seen), target), seen), -1) / 2
        for each, target, seen in zip(features, targets.structure, targets.seen, strict=True)
    ]


def unlike_tones(colours: tf.Tensor, targets: SubjectTargets) -> tf.Tensor:
    """(B,), of colours (B, n, 3): 1 less the correlation of lights and darks with the content's."""
    return 1 - tf.reduce_sum(tones(colours, targets.seen_blocks) * targets.tones, 1)


def unlike_layout(colours: tf.Tensor, targets: SubjectTargets) -> tf.Tensor:
    """(B,), of colours (B, n, 3): mean squared difference of their `distances` from the content's."""
    pairs = tf.math.squared_difference(distances(colours, targets.seen_blocks), targets.distances)
    return _mean_of_pairs(pairs, targets.seen_blocks)[:, 0, 0]


def blocks_of(height: int, width: int) -> Blocks:
    """Of images of this shape; blocks at the border may be narrower."""
    side = max(1, max(height, width) // BLOCKS)
    return Blocks(*(_shares(length, side) for length in (height, width)))


def _shares(length: int, side: int) -> tf.Tensor:
    count = -(-length // side)
    block = (np.arange(length) + (count * side - length) // 2) // side
    belongs = (block == np.arange(count)[:, None]).astype(np.float32)
    return tf.constant(belongs / belongs.sum(1, keepdims=True))


def thumbnail(image: tf.Tensor, blocks: Blocks | None = None) -> tf.Tensor:
    """(B, H, W, C) -> (B, h, w, C); without blocks, those of the image's own shape, which a graph may not know."""
    blocks = blocks or blocks_of(*image.shape[1:3])
    batch, _, _, channels = image.shape
    down, across = (working(each) for each in blocks)
    rows = tf.reshape(working(image), [batch, tf.shape(down)[1], -1])
    columns = tf.reshape(tf.matmul(down, rows), [batch, -1, tf.shape(across)[1], channels])
    return tf.cast(tf.matmul(across, columns), tf.float32)


def normalised(features: tf.Tensor, seen: tf.Tensor | None = None) -> tf.Tensor:
    """(B, h, w, C): each channel less its mean, over its deviation; seen: (B, h, w, 1)."""
    features -= _mean(features, seen)[:, None, None]
    variance = _mean(tf.square(features), seen)[:, None, None]
    usual = tf.reduce_mean(variance, -1, keepdims=True)
    return features * tf.math.rsqrt(variance + QUIET * usual + 1e-6)


def tones(colours: tf.Tensor, seen: tf.Tensor | None = None) -> tf.Tensor:
    """(B, n, 3) -> (B, n): how light each block is, less the mean, at unit length; seen: (B, n).

    A picture that is nearly flat has less: nobody misses what was light or dark in it.
    """
    light = tf.linalg.matvec(colours, LUMA[::-1])
    weights = tf.ones_like(light) if seen is None else seen
    count = tf.reduce_sum(weights, 1, keepdims=True)
    light -= tf.math.divide_no_nan(tf.reduce_sum(weights * light, 1, keepdims=True), count)
    light *= tf.sqrt(weights)
    # A little more, as nothing at all may be seen.
    return light / tf.sqrt(tf.reduce_sum(tf.square(light), 1, keepdims=True) + count * FLAT**2 + 1e-6)


def distances(colours: tf.Tensor, seen: tf.Tensor | None = None) -> tf.Tensor:
    """(B, n, 3) -> (B, n, n): how far apart the colours of blocks are, over the mean of that; seen: (B, n)."""
    exact = working(colours)
    squares = tf.reduce_sum(tf.square(exact), -1)
    products = tf.matmul(exact, exact, transpose_b=True)
    apart = squares[:, :, None] + squares[:, None] - 2 * products
    apart = tf.sqrt(tf.nn.relu(tf.cast(apart, tf.float32)) + ALIKE)
    return tf.math.divide_no_nan(apart, _mean_of_pairs(apart, seen))


def _mean(features: tf.Tensor, seen: tf.Tensor | None) -> tf.Tensor:
    """(B, h, w, C) and (B, h, w, 1) -> (B, C)."""
    if seen is None:
        return tf.reduce_mean(features, [1, 2])
    return tf.math.divide_no_nan(tf.reduce_sum(features * seen, [1, 2]), tf.reduce_sum(seen, [1, 2]))


def _mean_of_pairs(pairs: tf.Tensor, seen: tf.Tensor | None) -> tf.Tensor:
    """(B, n, n) and (B, n) -> (B, 1, 1)."""
    if seen is None:
        return tf.reduce_mean(pairs, [1, 2], keepdims=True)
    weights = seen[:, :, None] * seen[:, None]
    total = tf.reduce_sum(weights, [1, 2], keepdims=True)
    return tf.math.divide_no_nan(tf.reduce_sum(pairs * weights, [1, 2], keepdims=True), total)

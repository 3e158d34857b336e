"""Content and style losses of Gatys, Ecker and Bethge (arXiv:1508.06576), plain or normalised.

Plain, as in the 2018 tutorial: mean squared differences of features and of Gram matrices, weighted by
1e3 and 1e-2. Normalised: each error is divided by the mean square of its target, so that a weight means the
same for every picture, style and layer.

Everything is measured of several pictures side by side, a number each. Rule: a Gram matrix or a content error
is a sum over locations, so that a picture too large for one piece can be measured tile by tile.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import tensorflow as tf

TRANSPORT_FLOOR = 1e-7  # of the squared trace; float32 tells no smaller eigenvalues apart
GRID = 4  # cells on each side of a picture, for `cell_grams`


class StyleStatistics(NamedTuple):
    """What one style layer of a style image is: its Gram matrix (C, C), and how its own cells differ from that.

    spread: the cells' mean normalised error against the whole, a scalar.
    """

    gram: tf.Tensor
    spread: tf.Tensor


def locations(features: tf.Tensor) -> tf.Tensor:
    """(B, h, w, C) -> (B, h * w, C)."""
    batch, height, width, channels = features.shape
    return tf.reshape(features, [batch, height * width, channels])


def gram(features: tf.Tensor) -> tf.Tensor:
    """(B, h, w, C) -> (B, C, C): the channels' second moments, averaged over the h * w locations."""
    return _second_moments(locations(features))


def guided_gram(features: tf.Tensor, guides: tf.Tensor) -> tf.Tensor:
    """(B, h, w, C) and (B, R, h, w) -> (B, R, C, C): second moments within each of R regions.

    A guide says how much each location counts for its region, and sums to 1 over the whole picture
    (Gatys et al. 2017, arXiv:1611.07865, section 4).
    """
    rows = locations(features)[:, None]
    batch, regions, height, width = guides.shape
    weights = tf.reshape(guides, [batch, regions, height * width, 1])
    return tf.matmul(rows * weights, rows, transpose_a=True)


def cell_grams(features: tf.Tensor) -> tf.Tensor:
    """(B, h, w, C) -> (B, GRID * GRID, C, C): of each cell of a grid; what does not fill a cell is left out."""
    batch, height, width, channels = features.shape
    h, w = height // GRID, width // GRID
    inside = features
    if not _fills_cells(features):
        top, left = (height - GRID * h) // 2, (width - GRID * w) // 2
        inside = features[:, top : top + GRID * h, left : left + GRID * w]
    split = tf.transpose(tf.reshape(inside, [batch, GRID, h, GRID, w, channels]), [0, 1, 3, 2, 4, 5])
    return _second_moments(tf.reshape(split, [batch, GRID * GRID, h * w, channels]))


def gram_and_cells(features: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """`gram` and `cell_grams` together, which for most shapes is no more work than the latter."""
    cells = cell_grams(features)
    return tf.reduce_mean(cells, axis=1) if _fills_cells(features) else gram(features), cells


def _fills_cells(features: tf.Tensor) -> bool:
    return not (features.shape[1] % GRID or features.shape[2] % GRID)


@tf.custom_gradient  # type: ignore[untyped-decorator]
def _second_moments(rows: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], tf.Tensor]]:
    """(..., n, C) -> (..., C, C). Derived automatically, the gradient would be two large products and their sum."""
    count = float(rows.shape[-2])

    def gradient(upstream: tf.Tensor) -> tf.Tensor:
        both = (upstream + tf.linalg.matrix_transpose(upstream)) / count
        return tf.matmul(rows, both)

    return tf.matmul(rows, rows, transpose_a=True) / count, gradient


def blend(styles: Sequence[Sequence[StyleStatistics]], weights: Sequence[float]) -> list[StyleStatistics]:
    """Several styles' statistics, averaged layer by layer with weights that are made to sum to 1."""
    total = sum(weights)
    shares = [weight / total for weight in weights]
    return [
        StyleStatistics(
            tf.add_n([layer.gram * share for layer, share in zip(layers, shares, strict=True)]),
            tf.add_n([layer.spread * share for layer, share in zip(layers, shares, strict=True)]),
        )
        for layers in zip(*styles, strict=True)
    ]


def error(value: tf.Tensor, target: tf.Tensor, *, normalised: bool) -> tf.Tensor:
    """Mean over the last two axes of the squared difference; over the target's mean square if `normalised`."""
    mean = tf.reduce_mean(tf.math.squared_difference(value, target), axis=[-2, -1])
    return mean / tf.reduce_mean(tf.square(target), axis=[-2, -1]) if normalised else mean


def root(gram: tf.Tensor) -> tf.Tensor:
    """(..., C, C) -> (..., C, C): the symmetric square root, as `transport` wants it of its target."""
    values, vectors = tf.linalg.eigh(gram)
    return tf.matmul(vectors * tf.sqrt(tf.nn.relu(values))[..., None, :], vectors, transpose_b=True)


@tf.custom_gradient  # type: ignore[untyped-decorator]
def transport(
    value: tf.Tensor, target: tf.Tensor, target_root: tf.Tensor
) -> tuple[tf.Tensor, Callable[[tf.Tensor], tuple[tf.Tensor, None, None]]]:
    """How far features have to be moved to have the target's Gram matrix, (..., C, C) three times -> (...).

    The squared Wasserstein-2 distance of centred Gaussians with these second moments (Bures): the features' deviation
    itself and not that of their squares, so every direction counts by its own size, and not the strongest ones
    alone. It is divided by the target's trace, and multiplied by 4: with one channel, a small deviation counts as in
    the normalised `error`.
    """
    size = tf.linalg.trace(target)
    values, vectors = tf.linalg.eigh(tf.matmul(tf.matmul(target_root, value), target_root))
    turned = tf.matmul(target_root, vectors)

    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, None, None]:
        # Directions with nearly nothing in them would pull without bound.
        roots = tf.sqrt(tf.nn.relu(values) + TRANSPORT_FLOOR * tf.square(size)[..., None])
        plan = tf.matmul(turned / roots[..., None, :], turned, transpose_b=True)
        return (4 * upstream / size)[..., None, None] * (tf.eye(value.shape[-1]) - plan), None, None

    shared = tf.reduce_sum(tf.sqrt(tf.nn.relu(values)), -1)
    return 4 * (tf.linalg.trace(value) + size - 2 * shared) / size, gradient


def excess(cells: tf.Tensor, gram: tf.Tensor, allowed: tf.Tensor) -> tf.Tensor:
    """(B, cells, C, C), (B, C, C), (B,) -> (B,): how much cells differ more from the style than is allowed.

    The global Gram matrix is blind to where a style is: a street may stay a photo in a painted town. Each cell
    may differ from the style as a whole as much as the style's own cells do, and what is beyond that counts.
    """
    errors = error(cells, gram[:, None], normalised=True)
    return tf.reduce_mean(tf.nn.relu(errors - allowed[:, None]), axis=1)

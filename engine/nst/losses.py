"""Content and style losses of Gatys, Ecker and Bethge (arXiv:1508.06576), plain or normalised.

Plain, as in the 2018 tutorial: mean squared differences of features and of Gram matrices, weighted by
1e3 and 1e-2. Normalised: each error is divided by the mean square of its target, so that a weight means the
same for every picture, style and layer.

Everything is measured of several pictures side by side, a number each. Rule: a Gram matrix, means or a content
error are sums over locations, so that a picture too large for one piece can be measured tile by tile.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

DIRECTIONS = 128  # that `transport` tells apart
TRANSPORT_FLOOR = 1e-7  # of the squared trace; float32 tells no smaller eigenvalues apart
LEAST_UNRELATED = 0.1  # where content and style are both flat, nothing can be unrelated
# Depths of two strips along the border; at depth 0 a location sees what is not there.
OUTER, INNER = (1, 4), (5, 8)
GRID = 4  # cells on each side of a picture, for `cell_grams`


class StyleStatistics(NamedTuple):
    """What one layer of a style image is: its moments (C, C + 1), and how its own cells differ from that.

    spread: the cells' mean normalised error against the whole, a scalar.
    """

    moments: tf.Tensor
    spread: tf.Tensor


def locations(features: tf.Tensor) -> tf.Tensor:
    """(B, h, w, C) -> (B, h * w, C)."""
    batch, height, width, channels = features.shape
    return tf.reshape(features, [batch, height * width, channels])


def moments(features: tf.Tensor) -> tf.Tensor:
    """(B, h, w, C) -> (B, C, C + 1): the channels' second moments, which is the Gram matrix, then their means.

    Averaged over the h * w locations.
    """
    return _beside(*_moments(locations(features)))


def guided_moments(features: tf.Tensor, guides: tf.Tensor) -> tf.Tensor:
    """(B, h, w, C) and (B, R, h, w) -> (B, R, C, C + 1): `moments` within each of R regions.

    A guide says how much each location counts for its region, and sums to 1 over the whole picture
    (Gatys et al. 2017, arXiv:1611.07865, section 4).
    """
    rows = locations(features)[:, None]
    batch, regions, height, width = guides.shape
    weighted = rows * tf.reshape(guides, [batch, regions, height * width, 1])
    return _beside(tf.matmul(weighted, rows, transpose_a=True), tf.reduce_sum(weighted, -2))


def _beside(gram: tf.Tensor, means: tf.Tensor) -> tf.Tensor:
    return tf.concat([gram, means[..., None]], -1)


def gram_of(moments: tf.Tensor) -> tf.Tensor:
    """(..., C, C + 1) -> (..., C, C)."""
    return moments[..., :-1]


def means_of(moments: tf.Tensor) -> tf.Tensor:
    """(..., C, C + 1) -> (..., C)."""
    return moments[..., -1]


def _covariance(moments: tf.Tensor) -> tf.Tensor:
    means = means_of(moments)
    return gram_of(moments) - means[..., :, None] * means[..., None, :]


def cell_grams(features: tf.Tensor) -> tf.Tensor:
    """(B, h, w, C) -> (B, GRID * GRID, C, C): of each cell of a grid; what does not fill a cell is left out."""
    return _moments(_cells(features))[0]


def moments_and_cells(features: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """`moments` and `cell_grams` together, which for most shapes is no more work than the latter."""
    cells, means = _moments(_cells(features))
    if not _fills_cells(features):
        return moments(features), cells
    return _beside(tf.reduce_mean(cells, axis=1), tf.reduce_mean(means, axis=1)), cells


def _cells(features: tf.Tensor) -> tf.Tensor:
    """(B, h, w, C) -> (B, GRID * GRID, n, C)."""
    batch, height, width, channels = features.shape
    h, w = height // GRID, width // GRID
    if not _fills_cells(features):
        top, left = (height - GRID * h) // 2, (width - GRID * w) // 2
        features = features[:, top : top + GRID * h, left : left + GRID * w]
    split = tf.transpose(tf.reshape(features, [batch, GRID, h, GRID, w, channels]), [0, 1, 3, 2, 4, 5])
    return tf.reshape(split, [batch, GRID * GRID, h * w, channels])


def _fills_cells(features: tf.Tensor) -> bool:
    return not (features.shape[1] % GRID or features.shape[2] % GRID)


@tf.custom_gradient  # type: ignore[untyped-decorator]
def _moments(
    rows: tf.Tensor,
) -> tuple[tuple[tf.Tensor, tf.Tensor], Callable[[tf.Tensor, tf.Tensor], tf.Tensor]]:
    """(..., n, C) -> second moments (..., C, C) and means (..., C).

    Derived automatically, the gradient would be several passes over large tensors.
    """
    count = float(rows.shape[-2])

    def gradient(grams: tf.Tensor, means: tf.Tensor) -> tf.Tensor:
        both = (grams + tf.linalg.matrix_transpose(grams)) / count
        return tf.matmul(rows, both) + means[..., None, :] / count

    return (tf.matmul(rows, rows, transpose_a=True) / count, tf.reduce_mean(rows, -2)), gradient


def blend(styles: Sequence[Sequence[StyleStatistics]], weights: Sequence[float]) -> list[StyleStatistics]:
    """Several styles' statistics, averaged layer by layer with weights that are made to sum to 1."""
    total = sum(weights)
    shares = [weight / total for weight in weights]
    return [
        StyleStatistics(
            tf.add_n([layer.moments * share for layer, share in zip(layers, shares, strict=True)]),
            tf.add_n([layer.spread * share for layer, share in zip(layers, shares, strict=True)]),
        )
        for layers in zip(*styles, strict=True)
    ]


def error(value: tf.Tensor, target: tf.Tensor, *, normalised: bool) -> tf.Tensor:
    """Mean over the last two axes of the squared difference; over the target's mean square if `normalised`."""
    mean = tf.reduce_mean(tf.math.squared_difference(value, target), axis=[-2, -1])
    return mean / tf.reduce_mean(tf.square(target), axis=[-2, -1]) if normalised else mean


def deviations(target: tf.Tensor) -> tf.Tensor:
    """Moments (..., C, C + 1) -> (..., C, k): along what features differ most from their means, as `transport` wants it.

    Principal directions, at most `DIRECTIONS`, each as long as the standard deviation along it.
    """
    values, vectors = tf.linalg.eigh(_covariance(target))
    count = min(DIRECTIONS, int(vectors.shape[-1]))
    return vectors[..., -count:] * tf.sqrt(tf.nn.relu(values[..., -count:]))[..., None, :]


def transport(value: tf.Tensor, target: tf.Tensor, target_deviations: tf.Tensor) -> tf.Tensor:
    """How far features have to be moved to have the target's moments, (..., C, C + 1) twice -> (...).

    The squared Wasserstein-2 distance of Gaussians with these moments (Dowson and Landau 1982): the features'
    deviation itself and not that of their squares, so every direction counts by its own size, and not the
    strongest ones alone. Beyond the target's `deviations` only the variance in all directions together is
    compared. It is divided by the target's mean square, and multiplied by 4: with one channel, a small deviation
    counts as in the normalised `error`.
    """
    ours, square = _covariance(value), tf.linalg.trace(gram_of(target))
    wanted = square - tf.reduce_sum(tf.square(means_of(target)), -1)
    beyond = wanted - tf.reduce_sum(tf.square(target_deviations), [-2, -1])
    means = tf.reduce_sum(tf.math.squared_difference(means_of(value), means_of(target)), -1)
    spreads = tf.linalg.trace(ours) + wanted - 2 * _overlap(ours, target_deviations, beyond)
    return 4 * (means + spreads) / square


@tf.custom_gradient  # type: ignore[untyped-decorator]
def _overlap(
    covariance: tf.Tensor, target: tf.Tensor, beyond: tf.Tensor
) -> tuple[tf.Tensor, Callable[[tf.Tensor], tuple[tf.Tensor, None, None]]]:
    """(..., C, C), (..., C, k), (...) -> (...): the trace of (T^1/2 V T^1/2)^1/2 for covariances V and T.

    T is given by its deviations, and the variance that it has beyond them.
    """
    along = tf.matmul(target, tf.matmul(covariance, target), transpose_a=True)
    values, vectors = tf.linalg.eigh(along)
    lengths = tf.norm(target, axis=-2, keepdims=True)
    units = tf.math.divide_no_nan(target, lengths)
    within = tf.reduce_sum(units * tf.matmul(covariance, units), [-2, -1])
    product = tf.nn.relu(tf.linalg.trace(covariance) - within) * tf.nn.relu(beyond)

    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, None, None]:
        # Directions with nearly nothing in them would pull without bound; a style of one location has nothing at all.
        variance = tf.reduce_sum(tf.square(lengths), [-2, -1]) + beyond
        floor = TRANSPORT_FLOOR * tf.square(variance) + 1e-30
        turned = tf.matmul(target, vectors)
        roots = tf.sqrt(tf.nn.relu(values) + floor[..., None])
        plan = tf.matmul(turned / roots[..., None, :], turned, transpose_b=True)
        stretch = tf.nn.relu(beyond) / tf.sqrt(product + floor)
        rest = tf.eye(covariance.shape[-1]) - tf.matmul(units, units, transpose_b=True)
        return upstream[..., None, None] / 2 * (plan + stretch[..., None, None] * rest), None, None

    return tf.reduce_sum(tf.sqrt(tf.nn.relu(values)), -1) + tf.sqrt(product), gradient


def unrelated(content: tf.Tensor, style: tf.Tensor) -> tf.Tensor:
    """The content distance that a picture of the style would have if it had nothing to do with the content.

    (B, h, w, C) and the style's moments (B, C, C + 1) -> (B,): the expected value of the normalised `error` between
    features that do not depend on each other.
    """
    # On the host, as of a picture in tiles they are, where a square of it all would be large.
    rows = [np.asarray(each) for each in content]
    own = np.array([float(np.vdot(each, each)) / (each.size / each.shape[-1]) for each in rows], np.float32)
    shared = tf.reduce_sum(means_of(style) * np.stack([each.mean((0, 1)) for each in rows]), -1)
    distance = 1 + tf.math.divide_no_nan(tf.linalg.trace(gram_of(style)) - 2 * shared, own)
    return tf.maximum(distance, LEAST_UNRELATED)


def excess(cells: tf.Tensor, gram: tf.Tensor, allowed: tf.Tensor) -> tf.Tensor:
    """(B, cells, C, C), (B, C, C), (B,) -> (B,): how much cells differ more from the style than is allowed.

    The global Gram matrix is blind to where a style is: a street may stay a photo in a painted town. Each cell
    may differ from the style as a whole as much as the style's own cells do, and what is beyond that counts: its
    root mean square over the cells, so that the worst ones count most.
    """
    errors = error(cells, gram[:, None], normalised=True)
    beyond = tf.square(tf.nn.relu(errors - allowed[:, None]))
    return tf.sqrt(tf.reduce_mean(beyond, axis=1) + 1e-8)  # the root of nothing has no gradient


def border(features: tf.Tensor) -> tf.Tensor | None:
    """(B, h, w, C) -> (B,): the normalised error of the `OUTER` strip's Gram matrix against the `INNER` one's.

    Fewer features look at the border than at any other place, so what is there would be painted worse. None if a
    picture has no inside.
    """
    if min(features.shape[1:3]) <= 2 * INNER[1]:
        return None
    outer, inner = (_moments(_strip(features, *depths))[0] for depths in (OUTER, INNER))
    return error(outer, inner, normalised=True)


def _strip(features: tf.Tensor, begin: int, end: int) -> tf.Tensor:
    """(B, h, w, C) -> (B, n, C): all locations from `begin` to `end` (exclusive) away from the nearest side."""
    batch, height, width, channels = features.shape
    down, across = np.indices((height, width))
    depth = np.minimum(np.minimum(down, height - 1 - down), np.minimum(across, width - 1 - across))
    inside = np.broadcast_to((begin <= depth) & (depth < end), (batch, height, width))
    # Its gradient is one pass, that of slices would be one for each side.
    return tf.reshape(tf.gather_nd(features, np.argwhere(inside)), [batch, -1, channels])

"""Content and style losses of Gatys, Ecker and Bethge (arXiv:1508.06576), plain or normalised.

Plain, as in the 2018 tutorial: mean squared differences of features and of Gram matrices, weighted by 1e3 and
1e-2. Normalised: each error is divided by the mean square of its target, so that a weight means the same for
every picture, style and layer.

Everything is measured of several pictures side by side, a number each. Rule: a Gram matrix, means or a
content error are sums over locations, so that a picture too large for one piece can be measured tile by tile.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from engine.nst.vgg import LayerFeatures

LEAST_INDEPENDENT_ERROR = 0.1  # content and style may both be flat
# Depths of two strips along the border; at depth 0 a location sees what is not there.
OUTER, INNER = (1, 4), (5, 8)


def locations(features: tf.Tensor) -> tf.Tensor:
    """(B, h, w, C) -> (B, h * w, C)."""
    batch, _, _, channels = features.shape
    return tf.reshape(features, [batch, -1, channels])


def guided_moments(features: tf.Tensor, guides: tf.Tensor) -> tf.Tensor:
    """(B, h, w, C) and (B, R, h, w) -> (B, R, C, C + 1): the `LayerStatistics.moments` of each of R regions.

    A guide says how much each location counts for its region, and sums to 1 over the whole picture
    (Gatys et al. 2017, arXiv:1611.07865, section 4).
    """
    rows = locations(features)[:, None]
    weighted = rows * tf.reshape(guides, [guides.shape[0], tf.shape(guides)[1], -1, 1])
    gram, means = tf.matmul(weighted, rows, transpose_a=True), tf.reduce_sum(weighted, -2)
    return tf.concat([gram, means[..., None]], -1)


def gram_of(moments: tf.Tensor) -> tf.Tensor:
    """(..., C, C + 1) -> (..., C, C)."""
    return split_moments(moments)[0]


def means_of(moments: tf.Tensor) -> tf.Tensor:
    """(..., C, C + 1) -> (..., C)."""
    return split_moments(moments)[1]


def split_moments(moments: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Moments (..., C, C + 1) -> Gram matrix (..., C, C) and means (..., C)."""
    # Split: the gradient of slices would be several passes.
    gram, means = tf.split(moments, [moments.shape[-2], 1], -1)
    return gram, means[..., 0]


@tf.custom_gradient  # type: ignore[untyped-decorator]
def _gram(rows: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], tf.Tensor]]:
    """(..., n, C) -> (..., C, C), averaged over the n locations; its gradient is one pass and not two."""
    count = tf.cast(tf.shape(rows)[-2], tf.float32)
    # No loss tells a Gram matrix from its transpose, so its gradient is symmetric.
    return tf.matmul(rows, rows, transpose_a=True) / count, lambda upstream: tf.matmul(
        rows, 2 / count * upstream
    )


class BorderStrips(NamedTuple):
    """Where features (B, h, w, C) are near the border.

    indices: (n, 3), first of all places from `OUTER`'s depths, then of those from `INNER`'s; counts: (2,), of both.
    """

    indices: tf.Tensor
    counts: tf.Tensor


class LayerStatistics(NamedTuple):
    """Statistics of a layer's features (B, h, w, C).

    moments: (B, C, C + 1), the channels' second moments, which is the Gram matrix, then their means, all
    averaged over the h * w locations. border_error: (B,), see `layer_statistics`.
    """

    moments: tf.Tensor
    border_error: tf.Tensor | None = None


def layer_statistics(layer: LayerFeatures, strips: BorderStrips | None = None) -> LayerStatistics:
    """In as few passes over features (B, h, w, C) as there can be; what is not wanted is None.

    border_error: the normalised error of the `OUTER` strip's Gram matrix against the `INNER` one's. Fewer
    features look at the border than at any other place, so what is there would be painted worse.
    """
    gram, rows = _gram_and_strips(layer.features, None if strips is None else strips.indices)
    _, height, width, _ = tf.unstack(tf.shape(layer.features))
    moments = tf.concat([gram, (layer.sums / tf.cast(height * width, tf.float32))[..., None]], -1)
    error = None if strips is None else _border_error(rows, strips, layer.features.shape[0])
    return LayerStatistics(moments, error)


def has_inside(height: int, width: int) -> bool:
    """Whether there is anything deeper than the `INNER` strip of features of this shape."""
    return min(height, width) > 2 * INNER[1]


def border_strips(batch: int, height: int, width: int) -> BorderStrips | None:
    """Of features (B, h, w, C); None without an inside."""
    if not has_inside(height, width):
        return None
    down, across = np.indices((height, width))
    depth = np.minimum(np.minimum(down, height - 1 - down), np.minimum(across, width - 1 - across))
    strips = [_places(batch, (begin <= depth) & (depth < end)) for begin, end in (OUTER, INNER)]
    return BorderStrips(tf.constant(np.concatenate(strips)), tf.constant([len(strip) for strip in strips]))


def _places(batch: int, chosen: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Indices (n, 3) of what is chosen (h, w) in each of a batch."""
    return np.argwhere(np.broadcast_to(chosen, (batch, *chosen.shape))).astype(np.int32)


def _border_error(rows: tf.Tensor, strips: BorderStrips, batch: int) -> tf.Tensor:
    """(B,), of features (n, C) at both strips."""
    parts = tf.split(rows, strips.counts, num=2)
    outer, inner = (_gram(tf.reshape(part, [batch, -1, rows.shape[1]])) for part in parts)
    return error(outer, inner, normalised=True)


def _gram_and_strips(features: tf.Tensor, indices: tf.Tensor | None) -> tuple[tf.Tensor, tf.Tensor]:
    """Gram matrix (B, C, C), and what is at these indices (n, 3) of the features (n, C), both in float32."""

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def measure(features: tf.Tensor) -> tuple[tuple[tf.Tensor, ...], Callable[..., tf.Tensor]]:
        rows = tf.cast(locations(features), tf.float32)  # exactly what they are
        count = tf.cast(tf.shape(rows)[1], tf.float32)
        gram = tf.matmul(rows, rows, transpose_a=True) / count
        empty = tf.zeros([0, features.shape[3]])
        at_strips = empty if indices is None else tf.cast(tf.gather_nd(features, indices), tf.float32)

        def gradient(by_gram: tf.Tensor, by_strips: tf.Tensor) -> tf.Tensor:
            # As all of the network's gradients, in its numbers.
            by_rows = tf.matmul(locations(features), tf.cast(2 / count * by_gram, features.dtype))
            by_features = tf.reshape(by_rows, tf.shape(features))
            if indices is None:
                return by_features
            # Into these: a gradient of its own would be as large as the features, and one more to be added.
            return tf.tensor_scatter_nd_add(by_features, indices, tf.cast(by_strips, features.dtype))

        return (gram, at_strips), gradient

    found: tuple[tf.Tensor, tf.Tensor] = measure(features)
    return found


def blend(styles: Sequence[Sequence[tf.Tensor]], weights: Sequence[float]) -> list[tf.Tensor]:
    """Several styles' moments, averaged layer by layer with weights that are made to sum to 1."""
    total = sum(weights)
    shares = [weight / total for weight in weights]
    return [
        tf.add_n([moments * share for moments, share in zip(layers, shares, strict=True)])
        for layers in zip(*styles, strict=True)
    ]


def error(value: tf.Tensor, target: tf.Tensor, *, normalised: bool) -> tf.Tensor:
    """Mean squared difference over the last two axes; over the target's mean square if `normalised`."""
    mean = tf.reduce_mean(tf.math.squared_difference(value, target), axis=[-2, -1])
    return mean / tf.reduce_mean(tf.square(target), axis=[-2, -1]) if normalised else mean


def independent_error(content: tf.Tensor, style: tf.Tensor) -> tf.Tensor:
    """The content error to be expected of a picture of the style that is independent of the content.

    (B, h, w, C) and the style's moments (B, C, C + 1) -> (B,): the expected value of the normalised `error`
    between features that do not depend on each other.
    """
    # On the host, as of a picture in tiles they are, where a square of it all would be large.
    rows = [np.asarray(each) for each in content]
    own = np.array([float(np.vdot(each, each)) / (each.size / each.shape[-1]) for each in rows], np.float32)
    shared = tf.reduce_sum(means_of(style) * np.stack([each.mean((0, 1)) for each in rows]), -1)
    distance = 1 + tf.math.divide_no_nan(tf.linalg.trace(gram_of(style)) - 2 * shared, own)
    return tf.maximum(distance, LEAST_INDEPENDENT_ERROR)

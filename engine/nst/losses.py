"""Content and style losses of Gatys, Ecker and Bethge (arXiv:1508.06576), plain or normalised.

Plain, as in the 2018 tutorial: mean squared differences of features and of Gram matrices, weighted by 1e3 and
1e-2. Normalised: each error is divided by the mean square of its target, so that a weight means the same for
every picture, style and layer.

Everything is measured of several pictures side by side, a number each. Rule: a Gram matrix, means or a
content error are sums over locations, so that a picture too large for one piece can be measured tile by tile.
"""

from collections.abc import Callable, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from engine.nst.colour import LUMA
from engine.nst.vgg import LayerFeatures

LEAST_INDEPENDENT_ERROR = 0.1  # content and style may both be flat
# Depths of two strips along the border; at depth 0 a location sees what is not there.
OUTER, INNER = (1, 4), (5, 8)
BLOCKS = 32  # along the long side of a picture, for `tones`
FLAT = 4.0  # grey levels (standard deviation) between blocks that hardly anybody sees
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


def guided_moments(features: tf.Tensor, guides: tf.Tensor) -> tf.Tensor:
    """(B, h, w, C) and (B, R, h, w) -> (B, R, C, C + 1): the `LayerStatistics.moments` of each of R regions.

    A guide says how much each location counts for its region, and sums to 1 over the whole picture
    (Gatys et al. 2017, arXiv:1611.07865, section 4).
    """
    rows = locations(features)[:, None]
    batch, regions, height, width = guides.shape
    weighted = rows * tf.reshape(guides, [batch, regions, height * width, 1])
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
    count = float(rows.shape[-2])
    # No loss tells a Gram matrix from its transpose, so its gradient is symmetric.
    return tf.matmul(rows, rows, transpose_a=True) / count, lambda upstream: tf.matmul(
        rows, 2 / count * upstream
    )


def cell_grams(features: tf.Tensor) -> tf.Tensor:
    """(B, h, w, C) -> (B, GRID * GRID, C, C): of each cell; what does not fill a cell is left out."""
    height, width = (side // GRID * GRID for side in features.shape[1:3])
    top, left = (
        (whole - part) // 2 for whole, part in zip(features.shape[1:3], (height, width), strict=True)
    )
    return _grams_and_strips(features[:, top : top + height, left : left + width], GRID, ())[1]


class LayerStatistics(NamedTuple):
    """Statistics of a layer's features (B, h, w, C).

    moments: (B, C, C + 1), the channels' second moments, which is the Gram matrix, then their means, all
    averaged over the h * w locations. cell_grams: see the function. border_error: (B,), see
    `layer_statistics`.
    """

    moments: tf.Tensor
    cell_grams: tf.Tensor | None = None
    border_error: tf.Tensor | None = None


def layer_statistics(layer: LayerFeatures, *, cells: bool, border: bool) -> LayerStatistics:
    """In as few passes over features (B, h, w, C) as there can be; what is not wanted is None.

    border_error: the normalised error of the `OUTER` strip's Gram matrix against the `INNER` one's. Fewer
    features look at the border than at any other place, so what is there would be painted worse. None if
    there is no inside.
    """
    features = layer.features
    _, height, width, _ = features.shape
    in_one = cells and not (height % GRID or width % GRID)
    strips = _border_strips(features.shape) if border else ()
    gram, grams, rows = _grams_and_strips(features, GRID if in_one else 1, strips)
    means = layer.sums / float(height * width)
    found = LayerStatistics(tf.concat([gram, means[..., None]], -1))
    if cells:
        found = found._replace(cell_grams=grams if in_one else cell_grams(features))
    if strips:
        found = found._replace(border_error=_border_error(rows, strips, features.shape[0]))
    return found


def _border_strips(shape: tf.TensorShape) -> tuple[NDArray[np.int64], ...]:
    """Indices of the `OUTER` strip and the `INNER` one; none without an inside."""
    has_inside = min(shape[1:3]) > 2 * INNER[1]
    return tuple(_strip(shape, *depths) for depths in (OUTER, INNER)) if has_inside else ()


def _border_error(rows: tf.Tensor, strips: Sequence[NDArray[np.int64]], batch: int) -> tf.Tensor:
    """(B,), of features (n, C) at both strips."""
    parts = tf.split(rows, [len(strip) for strip in strips])
    outer, inner = (_gram(tf.reshape(part, [batch, -1, rows.shape[1]])) for part in parts)
    return error(outer, inner, normalised=True)


def _strip(shape: tf.TensorShape, begin: int, end: int) -> NDArray[np.int64]:
    """Indices (n, 3) of features (B, h, w, C) from `begin` to before `end` away from the nearest side."""
    batch, height, width, _ = shape
    down, across = np.indices((height, width))
    depth = np.minimum(np.minimum(down, height - 1 - down), np.minimum(across, width - 1 - across))
    return np.argwhere(np.broadcast_to((begin <= depth) & (depth < end), (batch, height, width)))


def _grams_and_strips(
    features: tf.Tensor, grid: int, strips: Sequence[NDArray[np.int64]]
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Gram matrix (B, C, C), those of the cells (B, grid * grid, C, C), and what is at the strips (n, C)."""
    indices = np.concatenate(strips) if strips else None

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def measure(features: tf.Tensor) -> tuple[tuple[tf.Tensor, ...], Callable[..., tf.Tensor]]:
        cells = _grams_in_grid(features, grid)
        empty = tf.zeros([0, features.shape[3]])
        at_strips = empty if indices is None else tf.gather_nd(features, indices)

        def gradient(by_gram: tf.Tensor, by_cells: tf.Tensor, by_strips: tf.Tensor) -> tf.Tensor:
            by_features = _gradient_of_grams(features, grid, by_gram, by_cells)
            if indices is None:
                return by_features
            # Into these: a gradient of its own would be as large as the features, and one more to be added.
            return tf.tensor_scatter_nd_add(by_features, indices, tf.cast(by_strips, features.dtype))

        return (tf.reduce_mean(cells, 1), cells, tf.cast(at_strips, tf.float32)), gradient

    found: tuple[tf.Tensor, tf.Tensor, tf.Tensor] = measure(features)
    return found


def _grams_in_grid(features: tf.Tensor, grid: int) -> tf.Tensor:
    """(B, h, w, C) -> (B, grid * grid, C, C) in float32."""
    h, w = features.shape[1] // grid, features.shape[2] // grid
    grams = []
    for row, column in product(range(grid), repeat=2):
        cell = features[:, row * h : (row + 1) * h, column * w : (column + 1) * w]
        cell = tf.cast(locations(cell), tf.float32)  # exactly what they are
        grams.append(tf.matmul(cell, cell, transpose_a=True) / float(h * w))
    return tf.stack(grams, 1)


def _gradient_of_grams(features: tf.Tensor, grid: int, by_gram: tf.Tensor, by_cells: tf.Tensor) -> tf.Tensor:
    """By features (B, h, w, C), from those by their Gram matrix and by the cells' (see above)."""
    batch, height, width, channels = features.shape
    h, w = height // grid, width // grid
    split = [batch, grid, h, grid, w, channels] if grid > 1 else [batch, 1, 1, 1, h * w, channels]
    by_sums = 2 / float(h * w) * by_cells + (2 / float(height * width)) * by_gram[:, None]
    by_sums = tf.reshape(by_sums, [batch, grid, 1, grid, channels, channels])
    # As all of the network's gradients, in its numbers.
    product_of_cells = tf.matmul(tf.reshape(features, split), tf.cast(by_sums, features.dtype))
    return tf.reshape(product_of_cells, features.shape)


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


def tones(image: tf.Tensor) -> tf.Tensor:
    """Images (B, H, W, 3) -> (B, blocks): how light each block is, less the mean, at unit length.

    A picture that is nearly flat has less: nobody misses what was light or dark in it.
    """
    side = max(1, max(image.shape[1:3]) // BLOCKS)
    colours = tf.nn.avg_pool2d(image, side, side, "SAME")
    light = tf.reshape(tf.matmul(colours, LUMA[::-1, None]), [image.shape[0], -1])
    light -= tf.reduce_mean(light, 1, keepdims=True)
    count = float(light.shape[1])
    return light / tf.sqrt(tf.reduce_sum(tf.square(light), 1, keepdims=True) + count * FLAT**2)


def excess(cells: tf.Tensor, gram: tf.Tensor, allowed: tf.Tensor) -> tf.Tensor:
    """(B, cells, C, C), (B, C, C), (B,) -> (B,): how much cells differ more from the style than is allowed.

    The global Gram matrix is blind to where a style is: a street may stay a photo in a painted town. Each
    cell may differ from the style as a whole as much as the style's own cells do, and what is beyond that
    counts: its root mean square over the cells, so that the worst ones count most.
    """
    batch, number, channels, _ = cells.shape
    wanted = tf.reshape(gram, [batch, 1, channels * channels])
    size = tf.reduce_sum(tf.square(wanted), -1)

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def measure(cells: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], tf.Tensor]]:
        difference = tf.reshape(cells, [batch, number, channels * channels]) - wanted
        beyond = tf.nn.relu(tf.reduce_sum(tf.square(difference), -1) / size - allowed[:, None])
        value = tf.sqrt(tf.reduce_mean(tf.square(beyond), 1) + 1e-8)  # the root has no gradient at 0

        def gradient(upstream: tf.Tensor) -> tf.Tensor:
            by_error = (upstream / (number * value))[:, None] * beyond
            return tf.reshape((2 * by_error / size)[..., None] * difference, cells.shape)

        return value, gradient

    return measure(cells)

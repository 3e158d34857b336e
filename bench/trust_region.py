"""L-BFGS within a trust region: of the steps that are no longer than is allowed, the one that its model likes
best.

The step is -(B + k)^-1 g, where B is the inverse of H, the inverse Hessian's estimate, and k makes the step
as long as is allowed (Moré and Sorensen 1983): of a step that is too long the uncertain directions, in which
it goes furthest, are shortened most. It reads the pairs once more than `engine.nst.lbfgs`, which paints
without.

Rule: k is computed from products of the pairs alone, in float64, and never from the long vectors themselves
(Burdakov, Gong, Zikrin and Yuan 2017).
"""

from dataclasses import dataclass

import tensorflow as tf

from engine.nst.lbfgs import Lbfgs, LbfgsSettings, Pair, symmetric, with_column
from engine.nst.rows import dots, lengths

# Of the largest eigenvalue of the pairs' scaled products: smaller ones are rounding errors.
DEPENDENT = 1e-7
SMALLEST = 1e-9  # of gamma, of an eigenvalue of H: rounding may leave even less
ITERATIONS = 20  # of Newton's method


@dataclass(frozen=True)
class TrustRegionSettings(LbfgsSettings):
    """L-BFGS with steps of bounded length.

    longest: root mean square of a step at most, in grey levels. guesses: of how many pairs, the newest, the
    curvature's guess is the median.
    """

    longest: float = 1.0
    guesses: int = 1

    def build(self, pictures: int) -> "TrustRegion":
        """An optimiser for `pictures` points."""
        return TrustRegion(self, pictures)


class TrustRegion(Lbfgs):
    """See the module."""

    settings: TrustRegionSettings

    def __init__(self, settings: TrustRegionSettings, pictures: int) -> None:
        super().__init__(settings, pictures)
        m = settings.pairs
        # S S^T and Y S^T where the rows are not newer.
        self._with_steps = [
            tf.Variable(tf.zeros([pictures, m, m]), name=f"{rows}_steps") for rows in ("steps", "changes")
        ]

    def _store(self, pair: Pair, gradient: tf.Tensor, useful: tf.Tensor, fell: tf.Tensor) -> None:
        super()._store(pair, gradient, useful, fell)
        for rows, products in zip((self._steps, self._changes), self._with_steps, strict=True):
            old, column = products.read_value(), dots(rows, pair.step)
            products.assign(tf.where(useful[:, None, None], with_column(old, column), old))

    def _coefficients(self, length: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        form = self._compact(length)
        cross = tf.linalg.diag(form.diagonal)
        used = tf.cast(form.diagonal != 0, tf.float32)
        both = used[:, :, None] * used[:, None, :]
        steps_steps, changes_steps = (
            tf.linalg.band_part(both * products, 0, -1) for products in self._with_steps
        )
        crossed = form.triangle - tf.linalg.diag(1 - used) + tf.linalg.matrix_transpose(changes_steps - cross)
        products = _blocks(
            symmetric(steps_steps), crossed, tf.linalg.matrix_transpose(crossed), form.changes_changes
        )
        identity = tf.eye(self.settings.pairs, batch_shape=[form.gamma.shape[0]])
        inverse = tf.linalg.triangular_solve(form.triangle, identity, lower=False)
        across = tf.linalg.matrix_transpose(inverse)
        gamma = form.gamma[:, None, None]
        middle = tf.matmul(across, tf.matmul(cross + gamma * form.changes_changes, inverse))
        # H is gamma + F^T M F with the rows F of S and Y.
        middle = _blocks(middle, -gamma * across, -gamma * inverse, tf.zeros_like(middle))
        along = tf.concat([form.along_steps, form.along_changes], 1)
        longest = self.settings.longest * tf.sqrt(tf.cast(lengths(self.point.read_value()), tf.float64))
        weights, scale = shortened(form.gamma, middle, products, along, length, longest)
        by_steps, by_changes = tf.split(weights, 2, 1)
        return -by_changes / scale[:, None], by_steps, scale

    def _initial_scale(self, diagonal: tf.Tensor, squares: tf.Tensor) -> tf.Tensor:
        """The median over the newest pairs."""
        guesses = min(self.settings.guesses, self.settings.pairs)
        each = tf.math.divide_no_nan(diagonal, squares)[:, -guesses:]
        number = tf.minimum(self._held.read_value(), guesses)
        # Rows that are not in use are zero, and come first.
        middle = guesses - 1 - tf.maximum(number - 1, 0) // 2
        return tf.gather(tf.sort(each, 1), middle, axis=1, batch_dims=1)


def shortened(
    gamma: tf.Tensor,
    middle: tf.Tensor,
    products: tf.Tensor,
    along: tf.Tensor,
    square: tf.Tensor,
    longest: float | tf.Tensor,
) -> tuple[tf.Tensor, tf.Tensor]:
    """The step -(H^-1 + k)^-1 g with the least k >= 0 that makes it no longer than `longest`.

    H is gamma (B,) + F^T M F with `middle` M (B, k, k) and rows F that are known by their products F F^T (B,
    k, k), theirs with the gradient F g, `along` (B, k), and the gradient's `square` (B,) length. Returns
    weights w (B, k) and a scale c (B,) such that the step is -c g - F^T w (Moré and Sorensen 1983).
    """
    gamma, middle, products, along, square = (
        tf.cast(each, tf.float64) for each in (gamma, middle, products, along, square)
    )
    lengths = tf.sqrt(tf.linalg.diag_part(products))
    units = tf.math.divide_no_nan(tf.ones_like(lengths), lengths)
    values, vectors = tf.linalg.eigh(units[:, :, None] * products * units[:, None, :])
    kept = values > DEPENDENT * values[:, -1:]
    roots = tf.sqrt(tf.where(kept, values, 0.0))
    inverse_roots = tf.math.divide_no_nan(tf.cast(kept, tf.float64), roots)
    # With orthonormal rows Q, F is `there` Q, and Q is `back` F.
    there = lengths[:, :, None] * vectors * roots[:, None, :]
    back = inverse_roots[:, :, None] * tf.linalg.matrix_transpose(vectors) * units[:, None, :]
    within = tf.matmul(there, tf.matmul(middle, there), transpose_a=True)
    turned, rotation = tf.linalg.eigh((within + tf.linalg.matrix_transpose(within)) / 2)
    inverse_curvature = tf.maximum(gamma[:, None] + turned, SMALLEST * gamma[:, None])
    back = tf.matmul(rotation, back, transpose_a=True)
    inside = tf.linalg.matvec(back, along)
    beyond = tf.nn.relu(square - tf.reduce_sum(tf.square(inside), 1))
    # What no pair knows of is one more direction.
    inverse_curvature = tf.concat([inverse_curvature, gamma[:, None]], 1)
    squares = tf.concat([tf.square(inside), beyond[:, None]], 1)

    k = tf.zeros_like(gamma)
    for _ in range(ITERATIONS):
        stretched = inverse_curvature / (1 + k[:, None] * inverse_curvature)
        parts = squares * tf.square(stretched)
        length = tf.sqrt(tf.reduce_sum(parts, 1))
        slope = tf.math.divide_no_nan(tf.reduce_sum(parts * stretched, 1), tf.square(length))
        # Of one over the length, which is nearly linear; from below it never goes too far.
        k += tf.nn.relu(tf.math.divide_no_nan(length / longest - 1, slope))
    stretched = inverse_curvature / (1 + k[:, None] * inverse_curvature)
    scale = stretched[:, -1]
    weights = tf.linalg.matvec(back, (stretched[:, :-1] - scale[:, None]) * inside, transpose_a=True)
    return tf.cast(weights, tf.float32), tf.cast(scale, tf.float32)


def _blocks(a: tf.Tensor, b: tf.Tensor, c: tf.Tensor, d: tf.Tensor) -> tf.Tensor:
    """Four blocks (pictures, m, m) in one."""
    return tf.concat([tf.concat([a, b], 2), tf.concat([c, d], 2)], 1)

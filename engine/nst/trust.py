"""A trust region for L-BFGS: of the steps that are no longer than is allowed, the one that its model likes best.

Rule: it is computed from products of the pairs alone, in float64, and never from the long vectors themselves (Burdakov,
Gong, Zikrin and Yuan 2017).
"""

import tensorflow as tf

# Of the largest eigenvalue of the pairs' scaled products: smaller ones are what rounding has left of nothing.
DEPENDENT = 1e-7
SMALLEST = 1e-9  # of gamma, of an eigenvalue of H: rounding may leave even less
ITERATIONS = 20  # of Newton's method


def shortened(
    gamma: tf.Tensor,
    middle: tf.Tensor,
    products: tf.Tensor,
    along: tf.Tensor,
    square: tf.Tensor,
    longest: float,
) -> tuple[tf.Tensor, tf.Tensor]:
    """The step -(H^-1 + k)^-1 g with the least k >= 0 that makes it no longer than `longest`.

    H is gamma (B,) + F^T M F with `middle` M (B, k, k) and rows F that are known by their products F F^T (B, k, k),
    theirs with the gradient F g, `along` (B, k), and the gradient's `square` (B,) length. Returns weights w (B, k) and a
    scale c (B,) such that the step is -c g - F^T w (Moré and Sorensen 1983).
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
    pulls = tf.concat([tf.square(inside), beyond[:, None]], 1)

    k = tf.zeros_like(gamma)
    for _ in range(ITERATIONS):
        stretched = inverse_curvature / (1 + k[:, None] * inverse_curvature)
        parts = pulls * tf.square(stretched)
        length = tf.sqrt(tf.reduce_sum(parts, 1))
        slope = tf.math.divide_no_nan(tf.reduce_sum(parts * stretched, 1), tf.square(length))
        # Of one over the length, which is nearly linear; from below it never goes too far.
        k += tf.nn.relu(tf.math.divide_no_nan(length / longest - 1, slope))
    stretched = inverse_curvature / (1 + k[:, None] * inverse_curvature)
    scale = stretched[:, -1]
    weights = tf.linalg.matvec(back, (stretched[:, :-1] - scale[:, None]) * inside, transpose_a=True)
    return tf.cast(weights, tf.float32), tf.cast(scale, tf.float32)

"""The Wasserstein-2 distance between the features of two pictures, taken as Gaussians with their moments.

It compares the features' deviation itself and not that of their squares, as Gram matrices do, so every
principal direction counts by its own size and not the strongest ones alone.
"""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from engine.nst.exact import eigenvalues, working
from engine.nst.losses import split_moments

DIRECTIONS = 128  # principal ones that `distance` tells apart
EIGENVALUE_FLOOR = 1e-7  # of the squared trace; float32 tells no smaller eigenvalues apart


class PrincipalComponents(NamedTuple):
    """Principal directions (..., C, k) of features, and the standard deviations (..., k) along them."""

    directions: tf.Tensor
    deviations: tf.Tensor


def principal_components(moments: tf.Tensor) -> PrincipalComponents:
    """Of the covariance that moments (..., C, C + 1) have: the `DIRECTIONS` of largest variance, or all."""
    gram, means = split_moments(moments)
    values, vectors = eigenvalues(_covariance(gram, means))
    count = min(DIRECTIONS, int(vectors.shape[-1]))
    return PrincipalComponents(vectors[..., -count:], tf.sqrt(tf.nn.relu(values[..., -count:])))


def distance(value: tf.Tensor, target: tf.Tensor, components: PrincipalComponents) -> tf.Tensor:
    """The squared Wasserstein-2 distance of Gaussians with these moments, (..., C, C + 1) twice -> (...).

    |m1 - m2|^2 + tr(V + T - 2 (T^1/2 V T^1/2)^1/2) for means m and covariances V and T (Dowson and Landau
    1982), from the eigendecomposition of T, `principal_components`. Beyond these components only the variance
    in all directions together is compared. It is divided by the target's mean square, and multiplied by 4:
    with one channel, a small deviation counts as in the normalised `error`.
    """
    directions, deviations = (working(each) for each in components)
    target_gram, target_means = split_moments(working(target))
    square = tf.linalg.trace(target_gram)
    wanted = square - tf.reduce_sum(tf.square(target_means), -1)
    beyond = tf.nn.relu(wanted - tf.reduce_sum(tf.square(deviations), -1))

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def measure(value: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], tf.Tensor]]:
        gram, means = split_moments(working(value))
        ours = _covariance(gram, means)
        turned = tf.matmul(ours, directions)
        along = tf.matmul(directions, turned, transpose_a=True)
        values, vectors = eigenvalues(deviations[..., :, None] * along * deviations[..., None, :])
        variance = tf.linalg.trace(ours)
        product = tf.nn.relu(variance - tf.linalg.trace(along)) * beyond
        # The trace of (T^1/2 V T^1/2)^1/2.
        overlap = tf.reduce_sum(tf.sqrt(tf.nn.relu(values)), -1) + tf.sqrt(product)
        moved = tf.reduce_sum(tf.math.squared_difference(means, target_means), -1)

        def gradient(upstream: tf.Tensor) -> tf.Tensor:
            # Unbounded in directions of nearly no variance; a style of one location has none at all.
            floor = EIGENVALUE_FLOOR * tf.square(wanted) + 1e-30
            roots = tf.sqrt(tf.nn.relu(values) + floor[..., None])
            stretch = (beyond / tf.sqrt(product + floor))[..., None, None]
            scaled = deviations[..., :, None] * vectors
            plan = tf.matmul(scaled / roots[..., None, :], scaled, transpose_b=True)
            plan -= stretch * tf.eye(plan.shape[-1], dtype=plan.dtype)
            plan = tf.matmul(tf.matmul(directions, plan), directions, transpose_b=True)
            by_gram = (1 - stretch) * tf.eye(plan.shape[-1], dtype=plan.dtype) - plan
            by_means = 2 * (means - target_means - tf.linalg.matvec(by_gram, means))
            scale = (4 * working(upstream) / square)[..., None, None]
            return tf.cast(scale * tf.concat([by_gram, by_means[..., None]], -1), tf.float32)

        return tf.cast(4 * (moved + variance + wanted - 2 * overlap) / square, tf.float32), gradient

    return measure(value)


def _covariance(gram: tf.Tensor, means: tf.Tensor) -> tf.Tensor:
    return gram - means[..., :, None] * means[..., None, :]

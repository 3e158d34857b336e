"""The Wasserstein-2 distance between the features of two pictures, taken as Gaussians with their moments.

It compares the features' deviation itself and not that of their squares, as Gram matrices do, so every principal
direction counts by its own size and not the strongest ones alone.
"""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from engine.nst.losses import split_moments

DIRECTIONS = 128  # that `transport` tells apart
TRANSPORT_FLOOR = 1e-7  # of the squared trace; float32 tells no smaller eigenvalues apart


class Deviations(NamedTuple):
    """The principal directions (..., C, k) of features around their means, and the standard deviations (..., k) there."""

    directions: tf.Tensor
    lengths: tf.Tensor


def deviations(target: tf.Tensor) -> Deviations:
    """Of moments (..., C, C + 1), at most `DIRECTIONS`: those along which features differ most."""
    gram, means = split_moments(target)
    values, vectors = tf.linalg.eigh(_covariance(gram, means))
    count = min(DIRECTIONS, int(vectors.shape[-1]))
    return Deviations(vectors[..., -count:], tf.sqrt(tf.nn.relu(values[..., -count:])))


def transport(value: tf.Tensor, target: tf.Tensor, target_deviations: Deviations) -> tf.Tensor:
    """How far features have to be moved to have the target's moments, (..., C, C + 1) twice -> (...).

    The squared Wasserstein-2 distance of Gaussians with these moments (Dowson and Landau 1982): the features'
    deviation itself and not that of their squares, so every direction counts by its own size, and not the
    strongest ones alone. Beyond the target's `deviations` only the variance in all directions together is
    compared. It is divided by the target's mean square, and multiplied by 4: with one channel, a small deviation
    counts as in the normalised `error`.
    """
    directions, lengths = target_deviations
    target_gram, target_means = split_moments(target)
    square = tf.linalg.trace(target_gram)
    wanted = square - tf.reduce_sum(tf.square(target_means), -1)
    beyond = tf.nn.relu(wanted - tf.reduce_sum(tf.square(lengths), -1))

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def distance(value: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], tf.Tensor]]:
        gram, means = split_moments(value)
        ours = _covariance(gram, means)
        turned = tf.matmul(ours, directions)
        along = tf.matmul(directions, turned, transpose_a=True)
        values, vectors = tf.linalg.eigh(lengths[..., :, None] * along * lengths[..., None, :])
        variance = tf.linalg.trace(ours)
        product = tf.nn.relu(variance - tf.linalg.trace(along)) * beyond
        # The trace of (T^1/2 V T^1/2)^1/2 for covariances V and T.
        overlap = tf.reduce_sum(tf.sqrt(tf.nn.relu(values)), -1) + tf.sqrt(product)
        moved = tf.reduce_sum(tf.math.squared_difference(means, target_means), -1)

        def gradient(upstream: tf.Tensor) -> tf.Tensor:
            # Directions with nearly nothing in them would pull without bound; a style of one location has nothing at all.
            floor = TRANSPORT_FLOOR * tf.square(wanted) + 1e-30
            roots = tf.sqrt(tf.nn.relu(values) + floor[..., None])
            stretch = (beyond / tf.sqrt(product + floor))[..., None, None]
            scaled = lengths[..., :, None] * vectors
            plan = tf.matmul(scaled / roots[..., None, :], scaled, transpose_b=True)
            plan -= stretch * tf.eye(plan.shape[-1])
            plan = tf.matmul(tf.matmul(directions, plan), directions, transpose_b=True)
            by_gram = (1 - stretch) * tf.eye(plan.shape[-1]) - plan
            by_means = 2 * (means - target_means - tf.linalg.matvec(by_gram, means))
            scale = (4 * upstream / square)[..., None, None]
            return scale * tf.concat([by_gram, by_means[..., None]], -1)

        return 4 * (moved + variance + wanted - 2 * overlap) / square, gradient

    return distance(value)


def _covariance(gram: tf.Tensor, means: tf.Tensor) -> tf.Tensor:
    return gram - means[..., :, None] * means[..., None, :]

"""Content and style losses of Gatys, Ecker and Bethge (arXiv:1508.06576), plain or normalised.

Plain, as in the 2018 tutorial: mean squared differences of features and of Gram matrices, weighted by
1e3 and 1e-2. Normalised: each error is divided by the mean square of its target, so that a weight means the
same for every picture, style and layer.
"""

from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf


class Targets(NamedTuple):
    """What a picture is compared with: one Gram matrix (C, C) a style layer, features (1, h, w, C) of content."""

    grams: tuple[tf.Tensor, ...]
    content: tf.Tensor


class Weights(NamedTuple):
    """Scalars that the losses are multiplied with before they are added up."""

    style: float | tf.Tensor
    content: float | tf.Tensor


def gram(features: tf.Tensor) -> tf.Tensor:
    """(1, h, w, C) -> (C, C): the channels' second moments, averaged over the h * w locations."""
    locations = tf.reshape(features, [-1, features.shape[-1]])
    return tf.matmul(locations, locations, transpose_a=True) / tf.cast(tf.shape(locations)[0], tf.float32)


def blend(grams: Sequence[tuple[tf.Tensor, ...]], weights: Sequence[float]) -> tuple[tf.Tensor, ...]:
    """Several styles' Gram matrices, averaged layer by layer with weights that are made to sum to 1."""
    total = sum(weights)
    return tuple(
        tf.add_n([layer * (weight / total) for layer, weight in zip(layers, weights, strict=True)])
        for layers in zip(*grams, strict=True)
    )


def mean_square_error(value: tf.Tensor, target: tf.Tensor, *, normalised: bool) -> tf.Tensor:
    """Mean over all elements of the squared difference; divided by the target's mean square if `normalised`."""
    error = tf.reduce_mean(tf.math.squared_difference(value, target))
    return error / tf.reduce_mean(tf.square(target)) if normalised else error


def style_losses(
    features: Sequence[tf.Tensor], grams: Sequence[tf.Tensor], *, normalised: bool
) -> list[tf.Tensor]:
    """The Gram error of each layer, unweighted."""
    return [
        mean_square_error(gram(feature), target, normalised=normalised)
        for feature, target in zip(features, grams, strict=True)
    ]

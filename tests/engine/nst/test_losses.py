"""The normalised losses and the blending of styles."""

import numpy as np
import pytest
import tensorflow as tf

from engine.nst import losses


def test_normalised_error_does_not_depend_on_scale() -> None:
    value, target = tf.constant([2.0, 5.0]), tf.constant([1.0, 3.0])
    plain = losses.mean_square_error(value, target, normalised=True).numpy()
    scaled = losses.mean_square_error(100 * value, 100 * target, normalised=True).numpy()
    assert plain == pytest.approx(0.5)  # (1 + 4) / (1 + 9)
    assert scaled == pytest.approx(plain)


def test_blend_weighs_styles_and_keeps_layers_apart() -> None:
    first = (tf.constant([[1.0]]), tf.constant([[10.0]]))
    second = (tf.constant([[5.0]]), tf.constant([[50.0]]))
    blended = losses.blend([first, second], [3.0, 1.0])
    assert [float(layer[0, 0]) for layer in blended] == [2.0, 20.0]


def test_gram_of_a_shuffled_image_is_the_same() -> None:
    features = np.random.default_rng(0).normal(size=(1, 6, 5, 4)).astype(np.float32)
    shuffled = np.random.default_rng(1).permutation(features.reshape(30, 4)).reshape(1, 5, 6, 4)
    np.testing.assert_allclose(
        losses.gram(tf.constant(features)), losses.gram(tf.constant(shuffled)), atol=1e-5
    )

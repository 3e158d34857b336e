"""The normalised losses, the blending of styles, and Gram matrices of a picture and its border."""

import numpy as np
import pytest
import tensorflow as tf

from engine.nst import losses
from tests.engine.nst.features import features, layer_features, moments


def gram(features: tf.Tensor) -> tf.Tensor:
    return losses.gram_of(moments(features))


def test_normalised_error_does_not_depend_on_scale() -> None:
    value, target = tf.constant([[2.0, 5.0]]), tf.constant([[1.0, 3.0]])
    plain = losses.error(value, target, normalised=True).numpy()
    scaled = losses.error(100 * value, 100 * target, normalised=True).numpy()
    assert plain == pytest.approx(0.5)  # (1 + 4) / (1 + 9)
    assert scaled == pytest.approx(plain)


def test_unrelated_is_the_distance_of_the_content_to_its_own_places_shuffled() -> None:
    content = 1 + features(40, 50)
    shuffled = np.random.default_rng(1).permutation(content.numpy().reshape(-1, 4)).reshape(content.shape)
    expected = losses.error(losses.locations(shuffled), losses.locations(content), normalised=True)
    np.testing.assert_allclose(losses.independent_error(content, moments(content)), expected, rtol=0.05)
    louder = moments(3 * content)
    assert float(losses.independent_error(content, louder)[0]) > float(expected[0])


def test_blend_weighs_styles_and_keeps_layers_apart() -> None:
    first, second = ([tf.constant([[layer * value]]) for layer in (1.0, 10.0)] for value in (1.0, 5.0))
    blended = losses.blend([first, second], [3.0, 1.0])
    assert [float(moments[0, 0]) for moments in blended] == [2.0, 20.0]


def test_gram_of_a_shuffled_image_is_the_same() -> None:
    before = features(6, 5)
    shuffled = np.random.default_rng(1).permutation(before.numpy().reshape(30, 4)).reshape(1, 5, 6, 4)
    np.testing.assert_allclose(gram(before), gram(tf.constant(shuffled)), atol=1e-5)


def test_guided_moments_see_their_region_only() -> None:
    seen = features(6, 8)
    guides = np.zeros((1, 2, 6, 8), np.float32)
    guides[0, 0, :, :3] = 1 / 18
    guides[0, 1, :, 3:] = 1 / 30
    left, right = losses.guided_moments(seen, tf.constant(guides))[0]
    np.testing.assert_allclose(left, moments(seen[:, :, :3])[0], atol=1e-5)
    np.testing.assert_allclose(right, moments(seen[:, :, 3:])[0], atol=1e-5)


def test_what_is_measured_together_is_what_each_is_alone() -> None:
    """Its values and its gradient, for which everything is asked to count."""
    seen = features(20, 33)
    weights = moments(features(6, 5, seed=2))
    gradients, values = [], []
    for measure in (together, one_by_one):
        with tf.GradientTape() as tape:
            tape.watch(seen)
            whole, border = measure(seen)
            value = tf.reduce_sum(weights * whole) + border[0]
        gradients.append(tape.gradient(value, seen))
        values.append([whole, border])
    for one, other in zip(*values, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    ours, plain = gradients
    np.testing.assert_allclose(ours, plain, atol=1e-6)


def test_coarse_features_have_exact_moments_and_a_coarse_gradient() -> None:
    """Of the same values in bfloat16 and float32."""
    coarse = tf.cast(tf.nn.relu(features(16, 16)), tf.bfloat16)
    found, gradients = [], []
    for each in (coarse, tf.cast(coarse, tf.float32)):
        with tf.GradientTape() as tape:
            tape.watch(each)
            seen = losses.layer_statistics(layer_features(each)).moments
            value = tf.reduce_sum(tf.square(seen))
        found.append(seen)
        gradients.append(tape.gradient(value, each))
    np.testing.assert_allclose(found[0], found[1], rtol=1e-6)
    assert gradients[0].dtype == tf.bfloat16
    difference = tf.norm(tf.cast(gradients[0], tf.float32) - gradients[1]) / tf.norm(gradients[1])
    assert 0 < difference < 0.01


def together(features: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    whole, border = losses.layer_statistics(
        layer_features(features), losses.border_strips(*features.shape[:3])
    )
    assert border is not None
    return whole, border


def one_by_one(features: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """As plainly as can be."""
    whole = tf.concat([plain_gram(features), tf.reduce_mean(features, [1, 2])[..., None]], -1)
    down, across = np.indices(features.shape[1:3])
    depth = np.minimum(np.minimum(down, down[::-1]), np.minimum(across, across[:, ::-1]))
    outer, inner = (
        plain_gram(tf.boolean_mask(features, (begin <= depth) & (depth < end), axis=1)[:, None])
        for begin, end in (losses.OUTER, losses.INNER)
    )
    return whole, losses.error(outer, inner, normalised=True)


def test_the_gradient_of_a_gram_matrix_is_the_derivative() -> None:
    seen, weights = features(3, 4), gram(features(4, 4, seed=1))
    gradients = []
    for function in (gram, plain_gram):
        with tf.GradientTape() as tape:
            tape.watch(seen)
            value = tf.reduce_sum(weights * function(seen))
        gradients.append(tape.gradient(value, seen))
    np.testing.assert_allclose(gradients[0], gradients[1], atol=1e-5)


def plain_gram(features: tf.Tensor) -> tf.Tensor:
    return tf.einsum("bijc,bijd->bcd", features, features) / (features.shape[1] * features.shape[2])


def test_border_compares_two_strips_and_nothing_else() -> None:
    depths = np.minimum.outer(*(np.minimum(range(size), range(size)[::-1]) for size in (24, 30)))
    values = np.full(depths.shape, 9.0)
    for (begin, end), value in ((losses.OUTER, 2.0), (losses.INNER, 1.0)):
        values[(depths >= begin) & (depths < end)] = value
    seen = tf.constant(np.repeat(values[None, :, :, None], 4, -1), tf.float32)
    differing, alike = (
        losses.layer_statistics(layer_features(each), losses.border_strips(*each.shape[:3])).border_error
        for each in (seen, tf.ones_like(seen))
    )
    assert differing is not None
    assert alike is not None
    np.testing.assert_allclose(differing, [(4 - 1) ** 2], rtol=1e-5)
    np.testing.assert_allclose(alike, [0.0], atol=1e-6)


def test_a_picture_without_an_inside_has_no_border() -> None:
    assert losses.border_strips(1, 2 * losses.INNER[1], 40) is None
    assert losses.layer_statistics(layer_features(features(16, 40))).border_error is None

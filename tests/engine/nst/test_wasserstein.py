"""The distance of Gaussians: what it is between covariances that are known, and its gradient."""

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from engine.nst import losses, wasserstein
from tests.engine.nst.features import features, moments

FloatArray = NDArray[np.float64]


def moments_of(covariance: FloatArray, means: FloatArray) -> tf.Tensor:
    gram = covariance + np.outer(means, means)
    return tf.constant(np.concatenate([gram, means[:, None]], 1), tf.float32)[None]


def transported(value: tf.Tensor, target: tf.Tensor) -> FloatArray:
    distance: FloatArray = wasserstein.distance(
        value, target, wasserstein.principal_components(target)
    ).numpy()
    return distance


def test_transport_measures_by_how_much_features_have_to_be_moved() -> None:
    ours, wanted = np.array([4.0, 1.0, 0.0, 9.0]), np.array([1.0, 1.0, 4.0, 10.0])
    here, there = np.array([1.0, 2.0, 0.0, 0.0]), np.array([1.0, 0.0, 1.0, 0.0])
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(4, 4)))[0]
    value, target = moments_of(turn * ours @ turn.T, here), moments_of(turn * wanted @ turn.T, there)
    # With the same principal directions, that is the difference of the deviations along each, and of the means.
    moved = np.sum((np.sqrt(ours) - np.sqrt(wanted)) ** 2) + np.sum((here - there) ** 2)
    np.testing.assert_allclose(transported(value, target), [4 * moved / (wanted.sum() + 2)], rtol=0.01)
    np.testing.assert_allclose(transported(target, target), [0.0], atol=1e-3)


def test_beyond_the_targets_directions_only_the_variance_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wasserstein, "DIRECTIONS", 2)
    means = np.zeros(4)
    target = moments_of(np.diag([9.0, 4.0, 1.0, 0.5]), means)
    swapped = moments_of(np.diag([9.0, 4.0, 0.5, 1.0]), means)
    np.testing.assert_allclose(transported(swapped, target), [0.0], atol=1e-5)
    rougher = moments_of(np.diag([9.0, 4.0, 4.0, 2.0]), means)
    np.testing.assert_allclose(
        transported(rougher, target), [4 * (np.sqrt(6) - np.sqrt(1.5)) ** 2 / 14.5], rtol=0.01
    )


def test_small_deviations_count_as_in_the_normalised_error() -> None:
    value, target = (moments_of(np.array([[each]]), np.zeros(1)) for each in (1.02, 1.0))
    expected = losses.error(losses.gram_of(value), losses.gram_of(target), normalised=True)
    np.testing.assert_allclose(transported(value, target), expected, rtol=0.02)


def test_a_style_of_one_location_gives_no_infinite_gradient() -> None:
    """It has no variance at all, as has the deepest layer of the smallest images."""
    target = moments(tf.random.stateless_uniform([1, 1, 1, 6], (1, 2)))
    value = tf.Variable(moments(tf.random.stateless_uniform([1, 4, 4, 6], (3, 4))))
    with tf.GradientTape() as tape:
        distance = wasserstein.distance(value, target, wasserstein.principal_components(target))
    assert np.isfinite(distance.numpy()).all()
    assert np.isfinite(tape.gradient(distance, value).numpy()).all()


@pytest.mark.parametrize("directions", [128, 2])
def test_the_gradient_of_transport_tells_what_a_small_change_brings(
    directions: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wasserstein, "DIRECTIONS", directions)
    value, target = (moments(features(6, 5, seed=seed)) for seed in (1, 2))
    change = moments(features(6, 5, seed=3))
    components = wasserstein.principal_components(target)
    with tf.GradientTape() as tape:
        tape.watch(value)
        distance = wasserstein.distance(value, target, components)
    gradient = tape.gradient(distance, value)
    step = 0.01
    after, before = (
        wasserstein.distance(value + sign * step * change, target, components) for sign in (1, -1)
    )
    np.testing.assert_allclose(
        tf.reduce_sum(gradient * change), (after[0] - before[0]) / (2 * step), rtol=0.01
    )

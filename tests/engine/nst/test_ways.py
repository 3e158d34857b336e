"""What is done for a processor and what is done for a GPU give the same, on a processor, but for rounding."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pytest
import tensorflow as tf

from engine.devices.ways import OF_GPUS, OF_PROCESSORS, taking
from engine.nst import subject, vgg, wasserstein
from engine.nst.lbfgs import LbfgsSettings
from tests.engine.nst.features import features, moments
from tests.engine.nst.minimisation import minimise, rosenbrock
from tests.engine.nst.test_vgg import gradient_of

PRODUCTS = {"MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3", "Einsum", "Conv2D"}


@pytest.mark.parametrize("pictures", [1, 2])
def test_the_gradient_to_the_image_is_the_same(network: vgg.Network, pictures: int) -> None:
    """To a thousandth, and a ten-thousandth of the largest."""
    wanted = ["block1_conv1", "block1_conv2", "block2_conv1"]
    image = tf.random.stateless_normal([pictures, 24, 40, 3], (1, 2)) * 60
    usual = tf.function(gradient_of)(vgg.Features(network, wanted, reduced=True), image)
    with taking(OF_GPUS):
        theirs = tf.function(gradient_of)(vgg.Features(network, wanted, reduced=True), image)
    np.testing.assert_allclose(theirs, usual, rtol=1e-3, atol=1e-4 * np.abs(usual).max())


def transport(value: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
    return wasserstein.distance(value, target, wasserstein.principal_components(target))


def layout(colours: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
    squares = tf.math.squared_difference(subject.distances(colours), subject.distances(target))
    return tf.reduce_mean(squares, [1, 2])


def value_and_gradient(
    loss: Callable[[tf.Tensor, tf.Tensor], tf.Tensor], value: tf.Tensor, target: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    with tf.GradientTape() as tape:
        tape.watch(value)
        found = loss(value, target)
    return found, tape.gradient(found, value)


def pairs() -> Iterator[tuple[Callable[[tf.Tensor, tf.Tensor], tf.Tensor], tf.Tensor, tf.Tensor]]:
    yield transport, *(moments(features(24, 24, 160, seed)) for seed in (1, 2))
    yield layout, *(100 * features(1, 60, 3, seed)[0] for seed in (1, 2))


@pytest.mark.parametrize("number", [0, 1])
def test_losses_and_their_gradients_are_the_same(number: int) -> None:
    """To a thousandth: more is lost in float32 of differences that nearly cancel."""
    loss, value, target = list(pairs())[number]
    usual = tf.function(partial(value_and_gradient, loss))(value, target)
    with taking(OF_GPUS):
        theirs = tf.function(partial(value_and_gradient, loss))(value, target)
    for one, another in zip(theirs, usual, strict=True):
        assert one.dtype == tf.float32
        assert np.linalg.norm(one - another) <= 1e-3 * np.linalg.norm(another)


def test_the_optimiser_goes_the_same_way() -> None:
    settings, starts = LbfgsSettings(pairs=3, first_step=0.5), [[-1.2, 1, -1.2, 1], [3.0, -2, 1, 0.5]]
    usual = minimise(settings.build(2), rosenbrock, starts, 15)
    with taking(OF_GPUS):
        theirs = minimise(settings.build(2), rosenbrock, starts, 15)
    np.testing.assert_allclose(theirs, usual, rtol=1e-3)


def operations(function: Callable[..., object], *specs: tf.TensorSpec) -> list[tf.Operation]:
    """Of a graph, and of all functions within it."""
    graph = tf.function(function, autograph=False).get_concrete_function(*specs).graph
    within = [each.graph for each in graph._functions.values() if hasattr(each, "graph")]
    return [operation for each in (graph, *within) for operation in each.get_operations()]


def test_tensorfloat32_rounds_neither_eigenvalues_nor_self_distances_nor_the_optimiser() -> None:
    """It would, of any product of float32, wherever the process allows it for the network."""
    with taking(OF_GPUS):
        steps = LbfgsSettings().build(2)
        found = operations(steps.advance, tf.TensorSpec([2]), tf.TensorSpec([2, 40]))
        for loss, value, target in pairs():
            found += operations(
                partial(value_and_gradient, loss), tf.TensorSpec(value.shape), tf.TensorSpec(target.shape)
            )
    products = [each for each in found if each.type in PRODUCTS]
    assert {each.inputs[0].dtype for each in products} == {tf.float64}
    eigenvalues = [each for each in found if each.type == "SelfAdjointEigV2"]
    assert eigenvalues
    assert all("CPU:0" in each.device for each in eigenvalues)
    with taking(OF_PROCESSORS):
        found = operations(LbfgsSettings().build(2).advance, tf.TensorSpec([2]), tf.TensorSpec([2, 40]))
    assert tf.float32 in {each.inputs[0].dtype for each in found if each.type in PRODUCTS}

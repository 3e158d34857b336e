"""The packaged weights are in place, and a wrong file is named."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from engine.nst import vgg
from engine.protocol import ErrorCode, Precision, Refusal
from tests.engine.network import in_keras


def test_packaged_weights_reach_block5_conv2(network: vgg.Network) -> None:
    for name in vgg.layer_names()[:-2]:
        kernel, bias = network.layers[name]
        assert len(np.unique(kernel)) <= 256, f"{name} does not come from a codebook"
        assert np.ptp(bias) > 0, name


def test_the_first_layer_sees_edges(network: vgg.Network) -> None:
    """A flat image excites none of the pure edge filters, a step excites some strongly."""
    first = vgg.Features(network, ["block1_conv1"])
    flat = tf.zeros([1, 16, 16, 3])
    step = tf.concat([tf.fill([1, 16, 8, 3], -100.0), tf.fill([1, 16, 8, 3], 100.0)], 2)
    quiet, loud = first(flat)[0].features.numpy()[0, 8, 8], first(step)[0].features.numpy()[0, 8, 7:9].max(0)
    assert loud.max() > 10 * max(quiet.max(), 1)


def test_features_are_those_of_the_keras_model(network: vgg.Network) -> None:
    """Layer by layer, in the order that was asked for, for one size after the other."""
    wanted = ["block3_conv1", "block1_conv1", "block5_conv1"]
    model = tf.function(in_keras(network, wanted))
    features = vgg.Features(network, wanted)
    for shape in ([2, 32, 48, 3], [1, 64, 16, 3], [2, 32, 48, 3]):
        image = tf.random.stateless_normal(shape, (1, 2)) * 60
        for ours, theirs in zip(features(image), model(image), strict=True):
            np.testing.assert_allclose(ours.features, theirs, rtol=1e-3, atol=1e-2)
            np.testing.assert_allclose(ours.sums, tf.reduce_sum(theirs, [1, 2]), rtol=1e-3)


@pytest.mark.parametrize("pictures", [1, 2])
@pytest.mark.parametrize("wanted", [["block1_conv1", "block1_conv2", "block3_conv1"], ["block2_conv1"]])
def test_the_gradient_to_the_image_is_that_of_the_keras_model(
    network: vgg.Network, wanted: list[str], pictures: int
) -> None:
    """Ours goes other ways: by turned kernels, by the first one's in parts, and pooling before the
    rectifier.
    """
    model = in_keras(network, wanted)
    image = tf.random.stateless_normal([pictures, 24, 40, 3], (1, 2)) * 60
    ours, theirs = (tf.function(gradient_of)(each, image) for each in (vgg.Features(network, wanted), model))
    np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4 * np.abs(theirs).max())


def gradient_of(features: Callable[[tf.Tensor], tf.Tensor], image: tf.Tensor) -> tf.Tensor:
    """Of each layer's mean square, and of the squares of its channels' means."""
    with tf.GradientTape() as tape:
        tape.watch(image)
        found = features(image)
        value = tf.zeros([])
        for each in found if isinstance(found, list) else [found]:
            seen = (
                each
                if isinstance(each, vgg.LayerFeatures)
                else vgg.LayerFeatures(each, tf.reduce_sum(each, [1, 2]))
            )
            locations = float(np.prod(seen.features.shape[1:3]))
            value += tf.reduce_mean(tf.square(seen.features))
            value += 10 * tf.reduce_mean(tf.square(seen.sums / locations))
    return tape.gradient(value, image)


def test_features_within_a_compiled_function_are_the_same(network: vgg.Network) -> None:
    features = vgg.Features(network, ["block2_conv1", "block4_conv1"])
    image = tf.random.stateless_normal([1, 48, 32, 3], (1, 2)) * 60
    for inside, outside in zip(tf.function(features)(image), features(image), strict=True):
        np.testing.assert_allclose(inside.features, outside.features, rtol=1e-4, atol=1e-3)


def test_features_in_bfloat16_are_near(network: vgg.Network) -> None:
    """The relative error of the deepest layer's features, after nine roundings to 8 bits."""
    image = tf.random.stateless_normal([1, 64, 64, 3], (1, 2)) * 60
    exact, coarse = (
        vgg.Features(network, ["block4_conv1"], precision)(image)[0].exact.numpy()
        for precision in (Precision.FLOAT32, Precision.BFLOAT16)
    )
    assert 0 < np.linalg.norm(coarse - exact) / np.linalg.norm(exact) < 0.02


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.weights.h5"
    broken.write_bytes(b"not weights")
    with pytest.raises(Refusal) as refusal:
        vgg.load(str(broken))
    assert refusal.value.code is ErrorCode.BAD_WEIGHTS
    assert refusal.value.facts["path"] == str(broken)


def test_what_is_evaluated_of_one_network_shares_its_weights(network: vgg.Network) -> None:
    """However deep, 80 MB each would be."""
    shallow, deep = (
        vgg.Features(network, [layer], Precision.BFLOAT16) for layer in ("block1_conv2", "block2_conv1")
    )
    for one, other in zip(shallow._layers, deep._layers, strict=False):
        assert one.convolutions is other.convolutions
        assert one.bias is other.bias
    other_numbers = vgg.Features(network, ["block1_conv1"])
    assert other_numbers._layers[0].bias.dtype == tf.float32

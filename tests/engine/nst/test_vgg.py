"""The packaged weights are in place, and a wrong file is named."""

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from engine.nst import vgg


def test_packaged_weights_reach_block5_conv2(network: keras.Model) -> None:
    for name in vgg.layer_names()[:-2]:
        kernel, bias = network.get_layer(name).get_weights()
        assert len(np.unique(kernel)) <= 256, f"{name} does not come from a codebook"
        assert np.ptp(bias) > 0, name


def test_the_first_layer_sees_edges(network: keras.Model) -> None:
    """A flat image excites none of the pure edge filters, a step excites some strongly."""
    first = vgg.features(network, ["block1_conv1"])
    flat = tf.zeros([1, 16, 16, 3])
    step = tf.concat([tf.fill([1, 16, 8, 3], -100.0), tf.fill([1, 16, 8, 3], 100.0)], 2)
    quiet, loud = first(flat).numpy()[0, 8, 8], first(step).numpy()[0, 8, 7:9].max(0)
    assert loud.max() > 10 * max(quiet.max(), 1)


def test_features_end_at_the_deepest_layer_asked_for(network: keras.Model) -> None:
    part = vgg.features(network, ["block1_conv1", "block3_conv1"])
    assert "block3_conv2" not in {layer.name for layer in part.layers}
    shapes = [tuple(output.shape) for output in part(tf.zeros([1, 32, 48, 3]))]
    assert shapes == [(1, 32, 48, 64), (1, 8, 12, 256)]


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.weights.h5"
    broken.write_bytes(b"not weights")
    with pytest.raises(vgg.WeightsError, match=r"broken\.weights\.h5: not readable as VGG-19 weights"):
        vgg.load(str(broken))


def test_bytes_survive_the_round_trip() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)
    np.testing.assert_array_equal(vgg.to_rgb(vgg.to_tensor(rgb)), rgb)

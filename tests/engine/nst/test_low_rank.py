"""The reduced network sees nearly what the whole one sees, for less; no other network is reduced."""

from pathlib import Path

import pytest
import tensorflow as tf

from engine.images import decode, resize
from engine.nst import low_rank, pixels, vgg
from engine.nst.recipes import RECIPES
from engine.protocol import RecipeName

LAYERS = ("block1_conv1", "block2_conv1", "block3_conv1", "block4_conv1", "block4_conv2", "block5_conv1")
PHOTO = Path(__file__).parents[3] / "demo" / "photos" / "coffee.png"  # the directions were not fitted to it


def test_features_of_a_photo_are_near(network: vgg.Network) -> None:
    photo = resize(decode(PHOTO.read_bytes(), "content"), 128, 96)
    image = pixels.to_tensor(photo.rgb)
    whole, reduced = (
        [seen.features for seen in vgg.Features(network, LAYERS, reduced=each)(image)]
        for each in (False, True)
    )
    errors = [float(tf.norm(a - b) / tf.norm(b)) for a, b in zip(reduced, whole, strict=True)]
    assert errors[0] == 0
    assert all(0 < error < 0.4 for error in errors[1:])
    assert all(error < 0.12 for error in errors[1:3])


def test_standard_is_reduced_and_the_tutorial_is_not() -> None:
    assert RECIPES[RecipeName.STANDARD].reduced
    assert not RECIPES[RecipeName.TUTORIAL].reduced


def test_all_directions_belong_to_a_layer_and_have_its_shape(network: vgg.Network) -> None:
    directions = low_rank.packaged()
    names = {key.split("/")[0] for key in directions}
    assert names
    for name in names:
        kernel, bias = network.layers[name]
        narrow, wide = directions[f"{name}/narrow"], directions[f"{name}/wide"]
        assert narrow.shape == wide.shape[::-1]
        assert wide.shape[1] == kernel.shape[3]
        assert directions[f"{name}/bias"].shape == bias.shape


@pytest.mark.parametrize(("scale", "is_reduced"), [(1.0, True), (1.005, True), (1.1, False)])
def test_only_the_kernels_that_were_fitted_are_reduced(
    network: vgg.Network, scale: float, is_reduced: bool
) -> None:
    """Those of full precision, which differ by less than a hundredth, are; a network with others is left
    whole.
    """
    weights = vgg.weights_of(network, ["block2_conv2"], reduced=False)
    kernel, bias = weights["block2_conv1"]
    scaled = {**weights, "block2_conv1": [scale * kernel, bias]}
    reduced = low_rank.reduce(scaled, low_rank.packaged())
    assert (len(reduced["block1_conv2"]) == 3) is is_reduced

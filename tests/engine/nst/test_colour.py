"""Luma of one picture, chroma of another."""

import numpy as np
import tensorflow as tf
from PIL import Image

from engine.nst import colour, vgg


def test_luma_is_painted_and_chroma_is_kept() -> None:
    random = np.random.default_rng(0)
    content, painted = (random.integers(90, 166, (8, 9, 3), np.uint8) for _ in range(2))
    mixed = vgg.to_rgb(colour.with_colours_of(vgg.to_tensor(painted), vgg.to_tensor(content)))
    bands = {name: np.asarray(Image.fromarray(rgb).convert("YCbCr"), int) for name, rgb in
             (("content", content), ("painted", painted), ("mixed", mixed))}  # fmt: skip
    assert np.abs(bands["mixed"][..., 0] - bands["painted"][..., 0]).max() <= 1
    assert np.abs(bands["mixed"][..., 1:] - bands["content"][..., 1:]).max() <= 1


def test_the_same_picture_stays_the_same() -> None:
    image = tf.random.stateless_normal([1, 4, 5, 3], (1, 2)) * 40
    np.testing.assert_allclose(colour.with_colours_of(image, image), image, atol=1e-4)

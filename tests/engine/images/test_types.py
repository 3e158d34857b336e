"""Large pictures are scaled with less memory, and to the same pixels."""

import numpy as np
import pytest
from PIL import Image

from engine import images
from engine.images import Picture, types


@pytest.mark.parametrize("has_alpha", [False, True])
@pytest.mark.parametrize("cover", [(50, 60), (120, 30), (60, 150)])
def test_in_bands_a_picture_is_scaled_as_in_one(
    has_alpha: bool, cover: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(0)
    rgb, alpha = (random.integers(0, 256, shape, np.uint8) for shape in ((211, 173, 3), (211, 173)))
    picture = Picture(rgb, alpha if has_alpha else None)
    changes = (lambda: images.resize(picture, *cover), lambda: images.crop(picture, *cover))
    whole = [types.to_image(change()) for change in changes]
    monkeypatch.setattr(types, "_BAND_PIXELS", 3000)
    for change, expected in zip(changes, whole, strict=True):
        np.testing.assert_array_equal(np.asarray(types.to_image(change())), np.asarray(expected))


def test_resampling_is_pillows(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = Picture(np.random.default_rng(1).integers(0, 256, (80, 90, 3), np.uint8))
    monkeypatch.setattr(types, "_BAND_PIXELS", 1000)
    expected = Image.fromarray(picture.rgb).resize((33, 21), Image.Resampling.LANCZOS)
    np.testing.assert_array_equal(images.resize(picture, 33, 21).rgb, np.asarray(expected))

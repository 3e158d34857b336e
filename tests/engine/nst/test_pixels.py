"""Bytes to the network's range and back."""

import numpy as np

from engine.nst import pixels


def test_the_change_between_two_pictures_makes_one_of_the_other() -> None:
    before, after = np.random.default_rng(0).integers(0, 256, (2, 5, 7, 3), np.uint8)
    change = (pixels.to_tensor(after) - pixels.to_tensor(before)).numpy()[0]
    np.testing.assert_array_equal(pixels.changed(before, change), after)
    assert set(np.unique(pixels.changed(before, 1000 * np.sign(change + 0.5)))) == {0, 255}

"""Transparent pixels get the colours around them."""

import numpy as np
import pytest

from engine.images import Picture, bleed

SHAPE = 37, 50


def half_hidden(hidden: int) -> Picture:
    rgb = np.random.default_rng(0).integers(100, 140, (*SHAPE, 3), np.uint8)
    alpha = np.full(SHAPE, 255, np.uint8)
    alpha[:, 20:] = 0
    rgb[:, 20:] = hidden
    return Picture(rgb, alpha)


def test_what_is_visible_stays_and_what_is_hidden_has_no_say() -> None:
    first, second = half_hidden(0), half_hidden(255)

    np.testing.assert_array_equal(bleed(first), bleed(second))
    np.testing.assert_array_equal(bleed(first)[:, :20], first.rgb[:, :20])


def test_the_rest_goes_on_smoothly() -> None:
    filled = bleed(half_hidden(0))[:, 20:].astype(int)

    assert filled.min() > 105
    assert filled.max() < 135
    assert np.abs(np.diff(filled, axis=1)).max() < 12


def test_a_picture_that_is_half_transparent_all_over_keeps_its_colours() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (*SHAPE, 3), np.uint8)

    np.testing.assert_array_equal(bleed(Picture(rgb, np.full(SHAPE, 128, np.uint8))), rgb)


@pytest.mark.parametrize("alpha", [0, 1])
def test_an_invisible_picture_has_colours_too(alpha: int) -> None:
    rgb = np.full((*SHAPE, 3), 7, np.uint8)

    assert bleed(Picture(rgb, np.full(SHAPE, alpha, np.uint8))).shape == rgb.shape

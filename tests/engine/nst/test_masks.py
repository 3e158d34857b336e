"""Masks and transparency made into regions."""

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.nst import masks

SHAPE = (16, 24)
LEFT = np.zeros((8, 8), np.uint8)
LEFT[:, :4] = 255


def where(
    given: list[NDArray[np.uint8] | None], alpha: NDArray[np.uint8] | None = None
) -> list[masks.Region]:
    return masks.regions(given, alpha, SHAPE)


def test_nothing_to_guide_is_no_region() -> None:
    assert where([None, None]) == []


def test_transparency_makes_one_region_of_all_styles() -> None:
    (region,) = where([None, None], LEFT)
    assert region.styles == (0, 1)
    assert region.where[:, :12].min() == pytest.approx(1)
    assert region.where[:, 12:].max() == 0


def test_styles_without_a_mask_share_the_rest() -> None:
    masked, rest = where([None, LEFT, None])
    assert (masked.styles, rest.styles) == ((1,), (0, 2))
    np.testing.assert_allclose(masked.where + rest.where, 1, rtol=1e-5)


def test_transparency_is_taken_off_each_region() -> None:
    masked, rest = where([LEFT, None], 255 - LEFT)
    assert masked.where.max() == 0
    assert rest.where[:, 12:].min() == pytest.approx(1)


@pytest.mark.parametrize("size", [1, 2, 8])
def test_guides_of_a_layer_sum_to_one_and_keep_their_place(size: int) -> None:
    regions = np.stack([part.where for part in where([LEFT, None])])
    layer = masks.layer_guides(regions, size).numpy()
    assert layer.shape == (1, 2, 16 // size, 24 // size)
    np.testing.assert_allclose(layer.sum((2, 3)), 1, rtol=1e-5)
    assert layer[0, 0, :, -1].max() == 0


def test_an_empty_region_guides_nothing_and_is_no_number_by_accident() -> None:
    assert masks.layer_guides(np.zeros((1, *SHAPE), np.float32), 4).numpy().sum() == 0

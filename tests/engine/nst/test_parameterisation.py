"""Points and images: shapes, starting points, and what a correction at each resolution can reach."""

import numpy as np
import pytest
import tensorflow as tf

from engine.nst.parameterisation import Laplacian, Shape, parameterise


@pytest.mark.parametrize(
    ("shape", "depth", "size"), [((24, 40), 0, 24 * 40), ((24, 40), 5, 1260), ((17, 23), 3, 529)]
)
def test_start_gives_base_plus_change(shape: Shape, depth: int, size: int) -> None:
    parameterisation = parameterise(shape, depth)
    base = tf.random.stateless_normal([2, *shape, 3], (1, 2))
    change = tf.random.stateless_normal([2, *shape, 3], (3, 4))
    point = parameterisation.start(base, change)
    assert point.shape == (2, 3 * size)
    np.testing.assert_allclose(parameterisation.image(point, base), base + change, rtol=1e-5, atol=1e-5)


def test_no_correction_is_smaller_than_four_pixels() -> None:
    assert parameterise((16, 64), 5) == Laplacian(3)
    assert Laplacian(3).shapes((16, 64)) == [(4, 16), (8, 32), (16, 64)]
    assert parameterise((3, 64), 5) == Laplacian(0)


def test_a_coarse_correction_moves_everything() -> None:
    laplacian = Laplacian(3)
    coarsest, others = 3 * 8 * 8, 3 * (16 * 16 + 32 * 32)
    point = tf.concat([tf.ones([1, coarsest]), tf.zeros([1, others])], 1)
    np.testing.assert_allclose(laplacian.image(point, tf.zeros([1, 32, 32, 3])), 1.0, rtol=1e-6)
